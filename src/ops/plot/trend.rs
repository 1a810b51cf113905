//! The history of a metric in a few values, for a curve in a cell of a table.

use super::history::histories;
use crate::model::RunPath;
use crate::ops::{Context, Result};
use crate::store::Seen;

/// The most values that are kept: more than a cell has columns.
const MOST: usize = 64;

/// A metric's history, thinned as it is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// Means of equally many points each, but for the last.
    pub values: Vec<f64>,
    /// How many points make a value.
    stride: u64,
    /// How many the last value has.
    filled: u64,
    /// How many points have been read.
    seen: u64,
    /// The history cannot be read.
    pub damaged: bool,
}

impl Trend {
    /// The trend with what has been logged since; an empty one where the history is damaged.
    pub fn read_on(&self, ctx: &Context, run: &RunPath, metric: &str) -> Result<Self> {
        let mut trend = Self { damaged: false, ..self.clone() };
        let seen = Seen::from([(metric.to_owned(), trend.seen)]);
        match histories(ctx, run, &[metric.to_owned()], &seen)?.remove(metric) {
            Some(Ok(numbers)) => trend.extend(&numbers.values),
            Some(Err(_)) => return Ok(Self { damaged: true, ..Self::default() }),
            None => {}
        }
        Ok(trend)
    }

    /// Takes in values that follow; those that are no numbers leave no trace.
    pub fn extend(&mut self, values: &[f64]) {
        self.seen += values.len() as u64;
        values.iter().copied().filter(|value| value.is_finite()).for_each(|value| self.push(value));
    }

    fn push(&mut self, value: f64) {
        if let Some(mean) = self.values.last_mut().filter(|_| self.filled < self.stride) {
            self.filled += 1;
            #[allow(clippy::cast_precision_loss, reason = "a count of points")]
            let share = 1.0 / self.filled as f64;
            // Each of them small enough to be added: the difference of two large numbers is no number.
            *mean = *mean * (1.0 - share) + value * share;
            return;
        }
        if self.values.len() == MOST {
            self.values = self.values.chunks(2).map(|pair| pair[0].midpoint(pair[pair.len() - 1])).collect();
            self.stride *= 2;
        }
        self.stride = self.stride.max(1);
        self.values.push(value);
        self.filled = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Proves C7 (curves in the table cost a cell, not the history).
    #[test]
    fn a_long_history_keeps_its_shape() {
        let mut trend = Trend::default();
        let values: Vec<_> = (0..100_000).map(f64::from).collect();
        trend.extend(&values);
        assert!(trend.values.len() > MOST / 2 && trend.values.len() <= MOST);
        assert!(trend.values.is_sorted());
        assert!(trend.values[0] < 2048.0 && trend.values[trend.values.len() - 1] > 97_000.0);
    }

    proptest! {
        #[test]
        fn batches_make_the_same_trend(values in prop::collection::vec(any::<f64>(), 0..500), batch in 1_usize..50) {
            let (mut whole, mut batched) = (Trend::default(), Trend::default());
            whole.extend(&values);
            values.chunks(batch).for_each(|values| batched.extend(values));
            prop_assert_eq!(&whole, &batched);
            prop_assert!(whole.values.iter().all(|value| value.is_finite()) && whole.values.len() <= MOST);
        }
    }
}
