//! Round values along an axis, and their labels.

use std::fmt::Write as _;

use super::scale::{Scale, Spread};

/// What the numbers of an axis are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Numbers.
    #[default]
    Number,
    /// Seconds, told as `30s`, `5m`, `1h30m`, `2d`.
    Seconds,
    /// Percent: `50%`.
    Percent,
    /// Bytes, in powers of 1024: `512 MiB`.
    Bytes,
}

impl Unit {
    /// A value by itself, to four digits.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Number => number(value),
            Self::Seconds => seconds(value, if value.abs() < 60.0 { 0.1 } else { 1.0 }),
            Self::Percent => number(value) + "%",
            Self::Bytes => bytes(value),
        }
    }
}

/// The names of powers of 1024.
const BINARY: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A number of bytes: `512 B`, `1.5 GiB`.
fn bytes(value: f64) -> String {
    let mut size = value;
    let mut units = BINARY.iter();
    let mut unit = "B";
    for larger in units.by_ref().skip(1) {
        // 1023.96 would be shown as 1024.0.
        if size.abs() < 1023.95 {
            break;
        }
        (size, unit) = (size / 1024.0, larger);
    }
    if !size.is_finite() || size.abs() >= 1e6 {
        return number(value) + " B";
    }
    let text = format!("{size:.1}");
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// A marked value of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The value.
    pub value: f64,
    /// Its label.
    pub label: String,
}

/// Steps of time that people count in, in seconds.
const TIMES: [f64; 25] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1800.0,
    3600.0,
    7200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    432_000.0,
    864_000.0,
    1_728_000.0,
    4_320_000.0,
    8_640_000.0,
    17_280_000.0,
];

/// About `most` round values within an axis, at most one more, rising.
pub fn ticks(scale: &Scale, unit: Unit, most: usize) -> Vec<Tick> {
    let most = most.max(2);
    let (low, high) = (scale.low(), scale.high());
    if scale.spread() == Spread::Log {
        let values = log_values(low, high, most);
        if values.len() >= 2 {
            let label = |value| match unit {
                Unit::Seconds => seconds(value, value),
                Unit::Percent | Unit::Bytes => unit.text(value),
                Unit::Number if (1e-4..1e6).contains(&value) => number(value),
                Unit::Number => scientific(value, 3),
            };
            return values.into_iter().map(|value| Tick { value, label: label(value) }).collect();
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "a count of labels on an axis")]
    let least = (high - low) / most as f64;
    let step = match unit {
        Unit::Seconds if least > 0.5 => {
            TIMES.into_iter().find(|step| *step >= least).unwrap_or_else(|| round_up(least))
        }
        Unit::Bytes if least > 0.5 => least.log2().ceil().exp2(),
        _ => round_up(least),
    };
    let (step, mut values) = match multiples(low, high, step, most) {
        // Round values too far apart for this place of the axis.
        few if few.len() < 2 => {
            let finer = below(step, unit);
            let values = multiples(low, high, finer, most);
            // On a short axis too many are worse than one.
            if most > 3 || values.len() <= most + 1 { (finer, values) } else { (step, few) }
        }
        enough => (step, enough),
    };
    if scale.spread() == Spread::Log {
        // Powers of ten were too far apart; zero has no place here.
        values.retain(|value| *value > 0.0);
    }
    let size = values.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
    let label = |value| match unit {
        Unit::Number => stepped(value, step, size),
        Unit::Percent => stepped(value, step, size) + "%",
        Unit::Bytes if value == 0.0 => "0".to_owned(),
        Unit::Bytes => bytes(value),
        Unit::Seconds if step >= 1.0 => seconds(value, step),
        Unit::Seconds if value == 0.0 => "0".to_owned(),
        Unit::Seconds => stepped(value, step, size) + "s",
    };
    values.into_iter().map(|value| Tick { value, label: label(value) }).collect()
}

/// 1, 2 or 5 times a power of ten, not below `least`.
fn round_up(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    // What a power of ten lacks to the last digit must not lead to a step of twice the size.
    [1.0, 2.0, 5.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// The next smaller step.
fn below(step: f64, unit: Unit) -> f64 {
    let times = TIMES.into_iter().rev().find(|other| *other < step);
    if let Some(other) = times.filter(|_| unit == Unit::Seconds) {
        return other;
    }
    if unit == Unit::Bytes {
        return step / 2.0;
    }
    let digit = step / 10_f64.powf((step * (1.0 + 1e-9)).log10().floor());
    if digit > 4.0 { step / 2.5 } else { step / 2.0 }
}

/// The multiples of a step from `low` to `high`.
fn multiples(low: f64, high: f64, step: f64, most: usize) -> Vec<f64> {
    // The ends count, though they be a rounding error away.
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    #[allow(clippy::cast_precision_loss, reason = "a count of labels on an axis")]
    let value = |i: usize| (first + i as f64) * step;
    let mut values: Vec<_> = (0..=most + 1)
        .map(value)
        .take_while(|value| *value / step <= last + 0.5)
        // An axis so far from zero that its steps are lost in rounding.
        .filter(|value| value.is_finite())
        .map(|value| value + 0.0)
        .collect();
    values.dedup();
    values
}

/// Powers of ten, with twice and five times them where there is room.
fn log_values(low: f64, high: f64, most: usize) -> Vec<f64> {
    #[allow(clippy::cast_possible_truncation, reason = "an exponent of a double")]
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let inside = |digits: &[f64], every: i32| -> Vec<f64> {
        let powers = (first..=last).filter(|power| power.rem_euclid(every) == 0);
        let values = powers.flat_map(|power| digits.iter().map(move |digit| decimal(*digit, power)));
        values.filter(|value| *value >= low * (1.0 - 1e-9) && *value <= high * (1.0 + 1e-9)).collect()
    };
    let digits: [&[f64]; 4] = [&[1.0, 2.0, 3.0, 5.0, 7.0], &[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
    let fine = digits.into_iter().map(|digits| inside(digits, 1)).find(|values| values.len() <= most);
    fine.or_else(|| (2..700).map(|every| inside(&[1.0], every)).find(|values| values.len() <= most))
        .unwrap_or_default()
}

/// A digit times a power of ten, to the last bit as it would be read from text.
fn decimal(digit: f64, power: i32) -> f64 {
    format!("{digit}e{power}").parse().unwrap_or(f64::NAN)
}

/// A value of an axis whose values are `step` apart and up to `size`: all of them get as many digits.
fn stepped(value: f64, step: f64, size: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the exponent of a double")]
    let digits = |step: f64| (-(step * (1.0 + 1e-9)).log10().floor()).max(0.0) as usize;
    if !(1e-4..1e15).contains(&size) {
        return scientific(value, digits(step / value.abs()));
    }
    for (unit, letter) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        // 1000 is as short as 1.0k.
        let short = letter == "k" && size < 1e4 && step < unit;
        if size >= unit && step >= unit / 100.0 && !short {
            return format!("{:.*}{letter}", digits(step / unit), value / unit);
        }
    }
    format!("{value:.*}", digits(step))
}

/// `1e-5`, `2.5e-7`.
fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.*e}", digits.min(17));
    match text.split_once('e') {
        Some((number, power)) if number.contains('.') => {
            format!("{}e{power}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// A value by itself, to four digits: `0.4132`, `12.5k`, `1e-5`.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return if value.is_nan() { "NaN".to_owned() } else { format!("{value}") };
    }
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&size) {
        return scientific(value, 3);
    }
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")];
    let (unit, letter) = units.into_iter().find(|(unit, _)| size >= *unit).unwrap_or((1.0, ""));
    let unit = if letter == "k" { 1e3 } else { unit };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just above")]
    let digits = (3.0 - (size / unit).log10().floor()).max(0.0) as usize;
    let text = format!("{:.digits$}", value / unit);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{letter}")
}

/// A time in seconds, as exact as the step of its axis asks for.
pub fn seconds(value: f64, step: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let total = value.abs().round();
    if total >= 1e15 {
        return number(value) + "s";
    }
    if value.abs() < 60.0 && step < 1.0 {
        return number(value) + "s";
    }
    let parts = [(86_400.0, "d"), (3600.0, "h"), (60.0, "m"), (1.0, "s")];
    let mut rest = total;
    let mut text = String::new();
    for (unit, letter) in parts {
        let count = (rest / unit).floor();
        rest -= count * unit;
        if count > 0.0 {
            let _ = write!(text, "{count}{letter}");
        }
    }
    if text.is_empty() { "0".to_owned() } else { format!("{sign}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    // Proves A8, C7 (axes that people can read).
    #[rstest]
    #[case(0.0, 1.0, "0 0.2 0.4 0.6 0.8 1.0")]
    #[case(-1.0, 1.0, "-1.0 -0.5 0 0.5 1.0")]
    #[case(0.0, 40.0, "0 10 20 30 40")]
    #[case(0.0, 1000.0, "0 200 400 600 800 1000")]
    #[case(0.0, 5000.0, "0 1k 2k 3k 4k 5k")]
    #[case(0.0, 2_600_000.0, "0 0.5M 1.0M 1.5M 2.0M 2.5M")]
    #[case(1000.0, 1010.0, "1000 1002 1004 1006 1008 1010")]
    #[case(0.0021, 0.0044, "0.0025 0.0030 0.0035 0.0040")]
    #[case(0.0, 3e-5, "0 5e-6 1e-5 1.5e-5 2e-5 2.5e-5 3e-5")]
    #[case(0.1, 0.3, "0.10 0.15 0.20 0.25 0.30")]
    #[case(1e20, 3e20, "1e20 1.5e20 2e20 2.5e20 3e20")]
    fn linear_axes(#[case] low: f64, #[case] high: f64, #[case] expected: &str) {
        assert_eq!(labels(&Scale::new(Spread::Linear, low, high), Unit::Number, 6), expected);
    }

    #[rstest]
    #[case(1e-5, 1.0, "1e-5 0.0001 0.001 0.01 0.1 1")]
    #[case(0.5, 20.0, "0.5 1 2 5 10 20")]
    #[case(1e-30, 1e30, "1e-24 1e-16 1e-8 1 1e8 1e16 1e24")]
    #[case(3.1, 4.4, "3.2 3.4 3.6 3.8 4.0 4.2 4.4")]
    fn logarithmic_axes(#[case] low: f64, #[case] high: f64, #[case] expected: &str) {
        assert_eq!(labels(&Scale::new(Spread::Log, low, high), Unit::Number, 7), expected);
    }

    #[test]
    fn the_longest_logarithmic_axis_has_no_zero() {
        let scale = Scale::new(Spread::Log, 1e-309, 1e302);
        assert!(ticks(&scale, Unit::Number, 2).iter().all(|tick| scale.place(tick.value).is_some()));
    }

    #[rstest]
    #[case(0.0, 3.0, "0 0.5s 1.0s 1.5s 2.0s 2.5s 3.0s")]
    #[case(0.0, 70.0, "0 10s 20s 30s 40s 50s 1m 1m10s")]
    #[case(0.0, 400.0, "0 1m 2m 3m 4m 5m 6m")]
    #[case(0.0, 9000.0, "0 30m 1h 1h30m 2h 2h30m")]
    #[case(0.0, 1e6, "0 2d 4d 6d 8d 10d")]
    fn axes_of_time(#[case] low: f64, #[case] high: f64, #[case] expected: &str) {
        assert_eq!(labels(&Scale::new(Spread::Linear, low, high), Unit::Seconds, 7), expected);
    }

    #[rstest]
    #[case(0.0, 100.0, Unit::Percent, "0% 20% 40% 60% 80% 100%")]
    #[case(0.0, 3e10, Unit::Bytes, "0 8 GiB 16 GiB 24 GiB")]
    #[case(0.0, 1e9, Unit::Bytes, "0 256 MiB 512 MiB 768 MiB")]
    #[case(0.0, 100.0, Unit::Bytes, "0 32 B 64 B 96 B")]
    fn axes_of_load(#[case] low: f64, #[case] high: f64, #[case] unit: Unit, #[case] expected: &str) {
        assert_eq!(labels(&Scale::new(Spread::Linear, low, high), unit, 5), expected);
    }

    #[rstest]
    #[case(1023.96, "1 KiB")]
    #[case(1536.0, "1.5 KiB")]
    #[case(2.1e10, "19.6 GiB")]
    #[case(-2048.0, "-2 KiB")]
    #[case(1e300, "1e300 B")]
    fn single_sizes(#[case] value: f64, #[case] expected: &str) {
        assert_eq!(Unit::Bytes.text(value), expected);
    }

    fn labels(scale: &Scale, unit: Unit, most: usize) -> String {
        ticks(scale, unit, most).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[rstest]
    #[case(0.41321, "0.4132")]
    #[case(12_512.0, "12.51k")]
    #[case(1024.0, "1024")]
    #[case(-3e-7, "-3e-7")]
    #[case(1e-5, "1e-5")]
    #[case(0.0, "0")]
    #[case(3.0, "3")]
    #[case(f64::NAN, "NaN")]
    #[case(f64::NEG_INFINITY, "-inf")]
    fn single_values(#[case] value: f64, #[case] expected: &str) {
        assert_eq!(number(value), expected);
    }

    proptest! {
        #[test]
        fn any_axis_gets_few_rising_labels(
            log in any::<bool>(), low in any::<f64>(), high in any::<f64>(), most in 0_usize..20,
            unit in prop::sample::select(vec![Unit::Number, Unit::Seconds, Unit::Percent, Unit::Bytes]),
        ) {
            let scale = Scale::new(if log { Spread::Log } else { Spread::Linear }, low, high);
            let ticks = ticks(&scale, unit, most);
            prop_assert!(ticks.len() <= most.max(2) + 1, "{} ticks", ticks.len());
            prop_assert!(ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
            for tick in &ticks {
                let place = scale.place(tick.value).unwrap();
                prop_assert!((-1e-3..=1.001).contains(&place), "{:?} at {}", tick, place);
                prop_assert!(tick.label.len() < 30, "{:?}", tick);
            }
        }

        #[test]
        fn usual_axes_get_at_least_two(low in -1e6..1e6, length in 1e-3..1e6, most in 4_usize..12) {
            let scale = Scale::new(Spread::Linear, low, low + length);
            prop_assert!(ticks(&scale, Unit::Number, most).len() >= 2);
        }
    }
}
