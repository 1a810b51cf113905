//! What runs along x.

use std::fmt;
use std::str::FromStr;

use crate::chart::Unit;
use crate::model::Time;
use crate::model::metric::Numbers;

/// What runs along x.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum X {
    /// The step the script gave; where it gave none, the number of the log call.
    #[default]
    Step,
    /// Seconds since the run started.
    Time,
    /// The number of the log call.
    Call,
    /// Another metric: the value it had when a point was logged.
    Metric(String),
}

impl FromStr for X {
    type Err = std::convert::Infallible;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(match word {
            "step" => Self::Step,
            "time" => Self::Time,
            "call" => Self::Call,
            name => Self::Metric(name.to_owned()),
        })
    }
}

impl fmt::Display for X {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Step => "step",
            Self::Time => "time",
            Self::Call => "call",
            Self::Metric(name) => name,
        })
    }
}

impl X {
    /// What its numbers are.
    pub const fn unit(&self) -> Unit {
        match self {
            Self::Time => Unit::Seconds,
            Self::Step | Self::Call | Self::Metric(_) => Unit::Number,
        }
    }
}

/// The points of a metric over x, for [`crate::chart::Curve::extend`]. `started` is where time begins, `others`
/// the history of the metric that runs along x: of its values the last one up to the same log call counts,
/// and a point before the first of them has no place (`NaN`).
pub fn points<'a>(
    numbers: &'a Numbers,
    x: &'a X,
    started: Time,
    others: Option<&'a Numbers>,
) -> impl Iterator<Item = (f64, f64)> + 'a {
    let mut next = 0;
    let mut latest = f64::NAN;
    (0..numbers.len()).map(move |i| {
        let place = match x {
            X::Step if !numbers.steps[i].is_nan() => numbers.steps[i],
            X::Step | X::Call => call(numbers.calls[i]),
            X::Time => seconds(numbers.times[i], started),
            X::Metric(_) => {
                if let Some(others) = others {
                    while others.calls.get(next).is_some_and(|call| *call <= numbers.calls[i]) {
                        latest = others.values[next];
                        next += 1;
                    }
                }
                latest
            }
        };
        (place, numbers.values[i])
    })
}

#[allow(clippy::cast_precision_loss, reason = "a number of log calls")]
const fn call(call: u64) -> f64 {
    call as f64
}

#[allow(clippy::cast_precision_loss, reason = "microseconds within some years are exact")]
fn seconds(time: Time, started: Time) -> f64 {
    time.micros().saturating_sub(started.micros()) as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(calls: &[u64], steps: &[f64], values: &[f64]) -> Numbers {
        Numbers {
            name: "loss".into(),
            calls: calls.to_vec(),
            steps: steps.to_vec(),
            times: calls
                .iter()
                .map(|call| Time::from_micros(1_500_000 * i64::try_from(*call).unwrap()))
                .collect(),
            values: values.to_vec(),
        }
    }

    // Proves A8 (what runs along x).
    #[test]
    fn points_are_placed_by_step_call_time_and_metric() {
        let loss = numbers(&[0, 2, 3, 5], &[f64::NAN, 20.0, 30.0, 50.0], &[1.0, 2.0, 3.0, 4.0]);
        let epoch = numbers(&[1, 3], &[f64::NAN; 2], &[7.0, 8.0]);
        let places = |x: &str| {
            let x: X = x.parse().unwrap();
            points(&loss, &x, Time::from_micros(1_000_000), Some(&epoch)).map(|(x, _)| x).collect::<Vec<_>>()
        };
        assert_eq!(places("step"), [0.0, 20.0, 30.0, 50.0]);
        assert_eq!(places("call"), [0.0, 2.0, 3.0, 5.0]);
        assert_eq!(places("time"), [-1.0, 2.0, 3.5, 6.5]);
        let by_epoch = places("epoch");
        assert!(by_epoch[0].is_nan());
        assert_eq!(by_epoch[1..], [7.0, 8.0, 8.0]);
    }
}
