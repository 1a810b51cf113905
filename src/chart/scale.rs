//! From values to places on an axis and back.

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// Equal distances for equal differences.
    #[default]
    Linear,
    /// Equal distances for equal ratios; only values above zero have a place.
    Log,
}

/// One axis: the values at its two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    spread: Spread,
    low: f64,
    high: f64,
}

/// Far enough for any metric, and near enough that a difference is still a number.
const LIMIT: f64 = 1e300;
/// Ends nearer to each other than this share of their size are drawn apart.
const RESOLUTION: f64 = 1e-12;
/// The same of a logarithmic axis.
const LOG_RESOLUTION: f64 = 1e-9;
/// Places this far outside the axis are as good as any further out.
const FAR: f64 = 1e9;

impl Scale {
    /// An axis between two values. Ends that make no axis are mended: exchanged, limited to ±1e300, moved
    /// above zero on a logarithmic axis, and moved apart if they are one.
    pub fn new(spread: Spread, low: f64, high: f64) -> Self {
        let limit = |value: f64| if value.is_nan() { 0.0 } else { value.clamp(-LIMIT, LIMIT) };
        let (a, b) = (limit(low), limit(high));
        let (low, high) = (a.min(b), a.max(b));
        let (low, high) = match spread {
            Spread::Linear => {
                let size = low.abs().max(high.abs());
                if high - low > size * RESOLUTION {
                    (low, high)
                } else if size > 1.0 / LIMIT {
                    (low - size * 0.1, high + size * 0.1)
                } else {
                    (-1.0, 1.0)
                }
            }
            Spread::Log => {
                let high = if high > 0.0 { high.max(1.0 / LIMIT) } else { 1.0 };
                let low = if low > 0.0 { low.max(1.0 / LIMIT) } else { high / 1000.0 };
                if high / low > 1.0 + LOG_RESOLUTION { (low, high) } else { (low / 2.0, high * 2.0) }
            }
        };
        Self { spread, low, high }
    }

    /// How values are spread.
    pub const fn spread(&self) -> Spread {
        self.spread
    }

    /// The value at the beginning.
    pub const fn low(&self) -> f64 {
        self.low
    }

    /// The value at the end.
    pub const fn high(&self) -> f64 {
        self.high
    }

    /// The place of a value: 0 at the beginning, 1 at the end, beyond outside; `None` where it has none.
    pub fn place(&self, value: f64) -> Option<f64> {
        let place = match self.spread {
            Spread::Linear => (value - self.low) / (self.high - self.low),
            Spread::Log if value > 0.0 => {
                (value.log10() - self.low.log10()) / (self.high.log10() - self.low.log10())
            }
            Spread::Log => return None,
        };
        (!place.is_nan()).then_some(place.clamp(-FAR, FAR))
    }

    /// The value at a place.
    pub fn value(&self, place: f64) -> f64 {
        match self.spread {
            Spread::Linear => self.low + (self.high - self.low) * place,
            Spread::Log => self.low * 10_f64.powf((self.high.log10() - self.low.log10()) * place),
        }
    }

    /// The same axis, `factor` times as long (0.5 zooms in), with the value at a place held fast.
    #[must_use]
    pub fn zoomed(&self, factor: f64, place: f64) -> Self {
        let factor = factor.clamp(1e-6, 1e6);
        let ends = (self.value(place - place * factor), self.value(place + (1.0 - place) * factor));
        Self::new(self.spread, ends.0, ends.1)
    }

    /// The same axis, moved by a share of its length.
    #[must_use]
    pub fn moved(&self, share: f64) -> Self {
        Self::new(self.spread, self.value(share), self.value(1.0 + share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spread() -> impl Strategy<Value = Spread> {
        prop_oneof![Just(Spread::Linear), Just(Spread::Log)]
    }

    // Proves A8, C7 (axes for any values).
    proptest! {
        #[test]
        fn any_two_numbers_make_an_axis(spread in spread(), a in any::<f64>(), b in any::<f64>(), value in any::<f64>()) {
            let scale = Scale::new(spread, a, b);
            prop_assert!(scale.low() < scale.high() && scale.high() - scale.low() < f64::INFINITY);
            prop_assert_eq!(scale.place(scale.low()), Some(0.0));
            prop_assert!((scale.place(scale.high()).unwrap() - 1.0).abs() < 1e-9);
            prop_assert!(scale.place(value).is_none_or(f64::is_finite));
            let again = scale.zoomed(0.5, 0.3).moved(-0.2).zoomed(4.0, 1.0);
            prop_assert!(again.low() < again.high());
        }

        #[test]
        fn places_lead_back_to_values(spread in spread(), low in 1e-6..1e6, length in 1e-3..1e6, place in 0.0..1.0) {
            let scale = Scale::new(spread, low, low + length);
            let back = scale.place(scale.value(place)).unwrap();
            prop_assert!((back - place).abs() < 1e-3, "{} came back as {}", place, back);
        }
    }

    #[test]
    fn zooming_holds_a_value_fast() {
        let scale = Scale::new(Spread::Linear, 0.0, 100.0).zoomed(0.5, 0.25);
        assert_eq!((scale.low(), scale.high()), (12.5, 62.5));
        assert_eq!(scale.moved(1.0), Scale::new(Spread::Linear, 62.5, 112.5));
        let log = Scale::new(Spread::Log, 1.0, 10_000.0).zoomed(0.5, 0.0);
        assert!((log.high() - 100.0).abs() < 1e-9);
    }
}
