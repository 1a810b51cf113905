//! Formats of columns: Python's, and XTLib's own that begin with `$`.

use super::ReportError;
use super::shape::{self, set_apart, trim_zeros};
use crate::model::names::visible;
use crate::model::{Scalar, Time};

/// How a column shows its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Python's format specification.
    Python(Python),
    /// `$bz`: nothing instead of zero.
    BlankZero,
    /// `$do`: the date of a time.
    DateOnly,
    /// `$to`: the time of day of a time.
    TimeOnly,
    /// `$rt.N`: the last N characters.
    RightTrim(usize),
    /// `$age`: how long ago a time was.
    Age,
    /// `$dur`: seconds as a duration.
    Duration,
    /// `$bytes`: a number of bytes.
    Bytes,
}

/// Python's format specification: `[[fill]align][sign][0][width][grouping][.precision][type]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Python {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// No column is wider, and no number has more places.
const MOST: usize = 200;

impl Format {
    /// Reads a format.
    pub fn parse(text: &str) -> Result<Self, ReportError> {
        let read = match text {
            "$bz" => Some(Self::BlankZero),
            "$do" => Some(Self::DateOnly),
            "$to" => Some(Self::TimeOnly),
            "$age" => Some(Self::Age),
            "$dur" => Some(Self::Duration),
            "$bytes" => Some(Self::Bytes),
            _ => match text.strip_prefix("$rt.") {
                Some(digits) => digits.parse().ok().map(Self::RightTrim),
                None => Python::parse(text).map(Self::Python),
            },
        };
        read.ok_or_else(|| ReportError::Format { format: visible(text) })
    }

    /// A value in this format; `None` where the format means nothing for such a value.
    pub(super) fn apply(&self, value: &Scalar, zone: &jiff::tz::TimeZone, now: Time) -> Option<String> {
        let time = || match value {
            Scalar::Text(text) => text.parse::<Time>().ok(),
            _ => None,
        };
        match self {
            Self::Python(format) => format.apply(value),
            Self::BlankZero => (value.as_f64() == Some(0.0)).then(String::new),
            Self::DateOnly => local(time()?, zone, "%Y-%m-%d"),
            Self::TimeOnly => local(time()?, zone, "%H:%M:%S"),
            Self::RightTrim(length) => {
                let text = value.to_string();
                let skipped = text.chars().count().saturating_sub(*length);
                Some(text.chars().skip(skipped).collect())
            }
            Self::Age => time().map(|time| shape::age(time, now)),
            Self::Duration => value.as_f64().map(shape::duration),
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
            Self::Bytes => value.as_f64().map(|number| shape::bytes(number as u64)),
        }
    }
}

/// A moment on the clock of a time zone.
pub(super) fn local(time: Time, zone: &jiff::tz::TimeZone, format: &str) -> Option<String> {
    let stamp = jiff::Timestamp::from_microsecond(time.micros()).ok()?;
    Some(zone.to_datetime(stamp).strftime(format).to_string())
}

impl Python {
    fn parse(text: &str) -> Option<Self> {
        let mut format = Self::default();
        let chars: Vec<char> = text.chars().collect();
        let mut rest = chars.as_slice();
        let is_align = |c: &char| matches!(c, '<' | '>' | '^' | '=');
        match rest {
            [fill, align, after @ ..] if is_align(align) => {
                (format.fill, format.align, rest) = (Some(*fill), Some(*align), after);
            }
            [align, after @ ..] if is_align(align) => (format.align, rest) = (Some(*align), after),
            _ => {}
        }
        if let [sign @ ('+' | '-' | ' '), after @ ..] = rest {
            (format.sign, rest) = (Some(*sign), after);
        }
        if let ['0', after @ ..] = rest {
            format.fill.get_or_insert('0');
            format.align.get_or_insert('=');
            rest = after;
        }
        let (width, after) = number(rest)?;
        format.width = width.unwrap_or(0);
        rest = after;
        if let [grouping @ (',' | '_'), after @ ..] = rest {
            (format.grouping, rest) = (Some(*grouping), after);
        }
        if let ['.', after @ ..] = rest {
            let (precision, after) = number(after)?;
            format.precision = Some(precision?);
            rest = after;
        }
        match rest {
            [] => {}
            [kind @ ('d' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%' | 's' | 'x' | 'X' | 'o' | 'b')] => {
                format.kind = Some(*kind);
            }
            _ => return None,
        }
        (!text.is_empty()).then_some(format)
    }

    fn apply(&self, value: &Scalar) -> Option<String> {
        let (negative, digits) = match (self.kind, value) {
            (Some('s') | None, Scalar::Text(text) | Scalar::Json(text)) => {
                let text =
                    self.precision.map_or_else(|| text.clone(), |most| text.chars().take(most).collect());
                return Some(self.pad("", &text, '<'));
            }
            (Some('s'), value) => return Some(self.pad("", &value.to_string(), '<')),
            (_, Scalar::Null | Scalar::Text(_) | Scalar::Json(_))
            | (Some('x' | 'X' | 'o' | 'b'), Scalar::Float(_)) => return None,
            (None, Scalar::Bool(b)) => return Some(self.pad("", &b.to_string(), '<')),
            (Some('x' | 'X' | 'o' | 'b' | 'd' | 'n') | None, Scalar::Bool(_) | Scalar::Int(_)) => {
                let int = match value {
                    Scalar::Int(int) => *int,
                    _ => i64::from(*value == Scalar::Bool(true)),
                };
                (int < 0, self.whole(int.unsigned_abs()))
            }
            (_, value) => {
                let number = value.as_f64()?;
                (number.is_sign_negative() && !number.is_nan(), self.real(number.abs()))
            }
        };
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            (false, _) => "",
        };
        let whole_part = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let digits = match self.grouping {
            Some(separator) => {
                format!("{}{}", set_apart(&digits[..whole_part], separator), &digits[whole_part..])
            }
            None => digits,
        };
        Some(self.pad(sign, &digits, '>'))
    }

    fn whole(&self, int: u64) -> String {
        match self.kind {
            Some('x') => format!("{int:x}"),
            Some('X') => format!("{int:X}"),
            Some('o') => format!("{int:o}"),
            Some('b') => format!("{int:b}"),
            _ => int.to_string(),
        }
    }

    /// A number that is not negative.
    fn real(&self, number: f64) -> String {
        if !number.is_finite() {
            return if number.is_nan() { "nan" } else { "inf" }.to_owned();
        }
        let precision = self.precision.unwrap_or(6);
        match self.kind {
            Some('f' | 'F') => format!("{number:.precision$}"),
            Some('%') => format!("{:.precision$}%", number * 100.0),
            Some('e') => exponential(number, precision),
            Some('E') => exponential(number, precision).to_uppercase(),
            Some('G') => general(number, precision).to_uppercase(),
            // Python refuses to show 3.5 as `d`; a whole number is shown for it.
            Some('d') => format!("{number:.0}"),
            None if self.precision.is_none() => number.to_string(),
            _ => general(number, precision),
        }
    }

    fn pad(&self, sign: &str, text: &str, default_align: char) -> String {
        let fill = self.fill.unwrap_or(' ');
        let missing = self.width.saturating_sub(shape::width(sign) + shape::width(text));
        let filling = |n: usize| std::iter::repeat_n(fill, n).collect::<String>();
        match self.align.unwrap_or(default_align) {
            '<' => format!("{sign}{text}{}", filling(missing)),
            '^' => format!("{}{sign}{text}{}", filling(missing / 2), filling(missing - missing / 2)),
            '=' => format!("{sign}{}{text}", filling(missing)),
            _ => format!("{}{sign}{text}", filling(missing)),
        }
    }
}

/// The number at the beginning, if there is one; `None` when it is too large.
fn number(text: &[char]) -> Option<(Option<usize>, &[char])> {
    let digits = text.iter().take_while(|c| c.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    if number.is_empty() {
        return Some((None, rest));
    }
    let number: usize = number.iter().collect::<String>().parse().ok()?;
    (number <= MOST).then_some((Some(number), rest))
}

/// Python's `e`: an exponent with its sign and at least two digits.
fn exponential(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}

/// Python's `g`: so many significant digits, with an exponent where that is shorter.
fn general(number: f64, precision: usize) -> String {
    let precision = precision.max(1);
    let scientific = exponential(number, precision - 1);
    let exponent: i64 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let precision = i64::try_from(precision).unwrap_or(6);
    if (-4..precision).contains(&exponent) {
        let fixed = format!("{number:.*}", usize::try_from(precision - 1 - exponent).unwrap_or(0));
        return trim_zeros(&fixed).to_owned();
    }
    match scientific.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trim_zeros(mantissa)),
        None => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use rstest::rstest;

    fn shown(format: &str, word: &str) -> Option<String> {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now = "2026-11-24T23:22:12+00:00".parse().unwrap();
        Format::parse(format).unwrap().apply(&Scalar::from_word(word), &zone, now)
    }

    // Proves A7 (column formats); the expected texts are what Python 3 prints.
    #[rstest]
    #[case(".2f", "3.14159", "3.14")]
    #[case(".2f", "3", "3.00")]
    #[case(".0f", "2.5", "2")]
    #[case("f", "-0.5", "-0.500000")]
    #[case("8.2f", "3.14159", "    3.14")]
    #[case("<8.2f", "3.14159", "3.14    ")]
    #[case("^8.2f", "3.14159", "  3.14  ")]
    #[case("*>8.2f", "-3.14159", "***-3.14")]
    #[case("08.2f", "-3.14159", "-0003.14")]
    #[case("+.1f", "3.14", "+3.1")]
    #[case(" d", "3", " 3")]
    #[case(",", "1234567", "1,234,567")]
    #[case(",.2f", "-1234567.891", "-1,234,567.89")]
    #[case("_d", "1234567", "1_234_567")]
    #[case("d", "42", "42")]
    #[case("5d", "42", "   42")]
    #[case("05d", "-42", "-0042")]
    #[case("x", "255", "ff")]
    #[case("X", "255", "FF")]
    #[case("o", "8", "10")]
    #[case("b", "5", "101")]
    #[case(".1%", "0.8712", "87.1%")]
    #[case(".2e", "0.00012345", "1.23e-04")]
    #[case(".2E", "12345", "1.23E+04")]
    #[case(".3g", "0.00012345", "0.000123")]
    #[case(".3g", "0.000012345", "1.23e-05")]
    #[case(".3g", "123456", "1.23e+05")]
    #[case("g", "0.5", "0.5")]
    #[case(".3", "3.14159", "3.14")]
    #[case(".2f", "NaN", "nan")]
    #[case(".2f", "-inf", "-inf")]
    #[case("s", "adam", "adam")]
    #[case("8s", "adam", "adam    ")]
    #[case(">8", "adam", "    adam")]
    #[case(".2", "adam", "ad")]
    #[case("$bz", "0", "")]
    #[case("$bz", "0.0", "")]
    #[case("$do", "2026-11-24T22:22:12.576512+00:00", "2026-11-25")]
    #[case("$to", "2026-11-24T22:22:12.576512+00:00", "00:22:12")]
    #[case("$age", "2026-11-24T22:22:12.000000+00:00", "1h")]
    #[case("$dur", "130", "2m10s")]
    #[case("$bytes", "1536", "1.5 KiB")]
    #[case("$rt.3", "resnet50", "t50")]
    #[case("$rt.30", "日本", "日本")]
    fn formats(#[case] format: &str, #[case] word: &str, #[case] expected: &str) {
        assert_eq!(shown(format, word).as_deref(), Some(expected));
    }

    #[rstest]
    #[case(".2f", "adam")]
    #[case("x", "0.5")]
    #[case("$bz", "3")]
    #[case("$do", "adam")]
    #[case("$dur", "adam")]
    fn a_format_that_means_nothing_for_a_value_leaves_it_alone(#[case] format: &str, #[case] word: &str) {
        assert_eq!(shown(format, word), None);
    }

    #[rstest]
    #[case("")]
    #[case("z")]
    #[case(".f")]
    #[case(".2q")]
    #[case("$xx")]
    #[case("$rt.")]
    #[case("999999999999999999999d")]
    #[case(".99999f")]
    #[case("\u{1b}[31m")]
    fn what_is_no_format_is_refused(#[case] format: &str) {
        let error = Format::parse(format).unwrap_err();
        assert!(!error.to_string().contains('\u{1b}'));
    }
}
