//! Smoothing, as TensorBoard does it.

/// An exponential moving average without the bias towards its beginning at zero.
///
/// TensorBoard's: `last = w * last + (1 - w) * value`, shown divided by `1 - w^n` (the correction of Adam's
/// moments, Kingma & Ba 2015). What is not a finite number passes through and leaves no trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smoother {
    weight: f64,
    last: f64,
    /// What all weights so far add up to: `1 - w^n`.
    total: f64,
}

impl Smoother {
    /// The weight of the past, from 0 (no smoothing) to just below 1; others are brought into that range.
    pub const fn new(weight: f64) -> Self {
        let weight = if weight.is_nan() { 0.0 } else { weight.clamp(0.0, 0.9999) };
        Self { weight, last: 0.0, total: 0.0 }
    }

    /// The weight of the past.
    pub const fn weight(&self) -> f64 {
        self.weight
    }

    /// The smoothed value in the place of the next one.
    pub fn next(&mut self, value: f64) -> f64 {
        if !value.is_finite() {
            return value;
        }
        self.last = self.last * self.weight + value * (1.0 - self.weight);
        self.total = self.total * self.weight + (1.0 - self.weight);
        self.last / self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Proves A8 (smoothing).
    #[test]
    fn the_average_is_tensorboards() {
        let mut smoother = Smoother::new(0.6);
        let smoothed: Vec<_> = [1.0, 2.0, f64::NAN, 4.0].map(|value| smoother.next(value)).into();
        // By hand: 0.4 / 0.4; (0.24 + 0.8) / 0.64; the gap; (0.624 + 1.6) / 0.784.
        for (got, expected) in [(smoothed[0], 1.0), (smoothed[1], 1.625), (smoothed[3], 2.224 / 0.784)] {
            assert!((got - expected).abs() < 1e-12, "{got} is not {expected}");
        }
        assert!(smoothed[2].is_nan());
    }

    proptest! {
        #[test]
        fn a_curve_that_does_not_move_stays(value in -1e300..1e300, weight in 0.0..2.0) {
            let mut smoother = Smoother::new(weight);
            for _ in 0..50 {
                prop_assert!((smoother.next(value) - value).abs() <= value.abs() * 1e-9);
            }
        }

        #[test]
        fn no_smoothing_changes_nothing(values in prop::collection::vec(-1e300..1e300, 0..50)) {
            let mut smoother = Smoother::new(0.0);
            prop_assert!(values.iter().all(|&value| (smoother.next(value) - value).abs() <= 0.0));
        }
    }
}
