//! Where a person wants to go in a log: `42`, `14:30`, `14:30:05`, `2026-11-25 14:30`, `-10m`, `+90s`.

use super::clock::Clock;
use crate::tui::app::effect::JumpTo;

/// A place as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// A line's number, from 1.
    Line(u64),
    /// A time of the day.
    TimeOfDay(i8, i8, i8),
    /// A date and a time.
    Moment(jiff::civil::DateTime),
    /// So many microseconds later than where one is.
    Later(i64),
}

impl Jump {
    /// Reads a place.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(line) = number(text) {
            return Some(Self::Line(line));
        }
        let signed =
            text.strip_prefix('-').map(|rest| (rest, -1)).or(text.strip_prefix('+').map(|rest| (rest, 1)));
        if let Some((length, sign)) = signed {
            return span(length).map(|micros| Self::Later(sign * micros));
        }
        if let Some(time) = time_of_day(text) {
            let (hour, minute, second) = time;
            return Some(Self::TimeOfDay(hour, minute, second));
        }
        let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "0:00"));
        let date: jiff::civil::Date = date.parse().ok()?;
        let (hour, minute, second) = time_of_day(time.trim())?;
        Some(Self::Moment(date.at(hour, minute, second, 0)))
    }

    /// The place, as seen from a line that was written at `here`.
    pub fn resolve(self, clock: &Clock, here: Option<i64>) -> Result<JumpTo, String> {
        let known = || here.ok_or("when the lines of this log were written is not known".to_owned());
        let moment = match self {
            Self::Line(line) => return Ok(JumpTo::Line(line)),
            Self::TimeOfDay(hour, minute, second) => clock.nearest(hour, minute, second, known()?),
            Self::Moment(time) => clock.micros(time),
            Self::Later(micros) => Some(known()?.saturating_add(micros)),
        };
        moment.map(JumpTo::Time).ok_or_else(|| "there is no such time".to_owned())
    }
}

/// A number, also with `,` or `_` between its digits.
fn number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|ch| !matches!(ch, ',' | '_')).collect();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

fn time_of_day(text: &str) -> Option<(i8, i8, i8)> {
    let parts: Vec<&str> = text.split(':').collect();
    let part = |at: usize, below: i8| match parts.get(at) {
        Some(text) if text.len() <= 2 => text.parse().ok().filter(|value| (0..below).contains(value)),
        Some(_) => None,
        None => Some(0),
    };
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    Some((part(0, 24)?, part(1, 60)?, part(2, 60)?))
}

/// A length of time in microseconds: `10m`, `90s`, `1h30m`.
fn span(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut micros: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let amount: i64 = rest.get(..digits)?.parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        micros = micros.checked_add(amount.checked_mul(seconds)?.checked_mul(1_000_000)?)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    (!text.is_empty()).then_some(micros)
}

#[cfg(test)]
mod tests {
    // Proves A11 (jump by time, go to a line).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const DAY: i64 = 86_400_000_000;
    const HOUR: i64 = 3_600_000_000;

    #[rstest]
    #[case("42", Some(JumpTo::Line(42)))]
    #[case(" 1,234,567 ", Some(JumpTo::Line(1_234_567)))]
    #[case("99999999999999999999999", Some(JumpTo::Line(u64::MAX)))]
    #[case("13:30", Some(JumpTo::Time(10 * DAY + 13 * HOUR + HOUR / 2)))]
    #[case("14:30", Some(JumpTo::Time(9 * DAY + 14 * HOUR + HOUR / 2)))]
    #[case("23:50:10", Some(JumpTo::Time(9 * DAY + 24 * HOUR - 590_000_000)))]
    #[case("-10m", Some(JumpTo::Time(10 * DAY + 2 * HOUR - 600_000_000)))]
    #[case("+1h30m", Some(JumpTo::Time(10 * DAY + 3 * HOUR + HOUR / 2)))]
    #[case("1970-01-03 1:00", Some(JumpTo::Time(2 * DAY + HOUR)))]
    #[case("1970-01-03", Some(JumpTo::Time(2 * DAY)))]
    #[case("1970-01-03T01:00:01", Some(JumpTo::Time(2 * DAY + HOUR + 1_000_000)))]
    #[case("25:00", None)]
    #[case("14:3a", None)]
    #[case("14:30:00:00", None)]
    #[case("-10", None)]
    #[case("-", None)]
    #[case("+99999999999999d", None)]
    #[case("1970-13-03", None)]
    #[case("yesterday", None)]
    #[case("", None)]
    fn places(#[case] text: &str, #[case] expected: Option<JumpTo>) {
        let here = 10 * DAY + 2 * HOUR;
        let to = Jump::parse(text).and_then(|jump| jump.resolve(&Clock::default(), Some(here)).ok());
        assert_eq!(to, expected);
    }

    #[test]
    fn without_times_only_lines_can_be_gone_to() {
        let resolve = |text: &str| Jump::parse(text).unwrap().resolve(&Clock::default(), None);
        assert_eq!(resolve("7"), Ok(JumpTo::Line(7)));
        assert!(resolve("14:30").unwrap_err().contains("not known"));
    }

    proptest! {
        #[test]
        fn anything_typed_is_harmless(text in ".{0,30}", here: i64) {
            let _ = Jump::parse(&text).map(|jump| jump.resolve(&Clock::default(), Some(here)));
        }
    }
}
