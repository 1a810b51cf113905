//! Values as short texts that fit a column.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::log::sanitize;
use crate::model::{Run, Scalar, Status};

/// Seconds as people say them: `7s`, `2m10s`, `3h05m`, `2d04h`.
pub fn duration(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
    let whole = seconds as u64;
    let (minutes, hours, days) = (whole / 60, whole / 3600, whole / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{whole}s"),
        (0, 0, _) => format!("{minutes}m{:02}s", whole % 60),
        (0, _, _) => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}d{:02}h", hours % 24),
    }
}

/// A logged value in a few columns: four digits that say something.
pub fn value(value: &Scalar) -> String {
    match value {
        Scalar::Float(number) => number_text(*number),
        Scalar::Null => String::new(),
        other => sanitize(&other.to_string()).into_owned(),
    }
}

fn number_text(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        return Scalar::Float(number).to_string().replace("Infinity", "inf");
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e6).contains(&size) {
        return format!("{number:.2e}");
    }
    let digits = if size >= 1000.0 { 1 } else if size >= 100.0 { 2 } else if size >= 1.0 { 3 } else { 4 };
    let text = format!("{number:.digits$}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    trimmed.to_owned()
}

/// A count with commas: `12,402`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How a run ended, in a few words: `exit code 1`, `signal 9 (KILL)`, `lost`.
pub fn ending(run: &Run) -> String {
    match (run.signal, run.exit_code, run.status) {
        (_, _, Status::Lost) => "lost: how it ended is not known".to_owned(),
        (Some(signal), _, _) => match signal_name(signal) {
            Some(name) => format!("signal {signal} ({name})"),
            None => format!("signal {signal}"),
        },
        (None, Some(code), _) => format!("exit code {code}"),
        (None, None, Status::Error) => "could not be started".to_owned(),
        (None, None, status) => status.to_string(),
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "HUP",
        2 => "INT",
        3 => "QUIT",
        4 => "ILL",
        6 => "ABRT",
        7 => "BUS",
        8 => "FPE",
        9 => "KILL",
        11 => "SEGV",
        13 => "PIPE",
        15 => "TERM",
        24 => "XCPU",
        _ => return None,
    })
}

/// The status of a run in a few words: with its exit code, what is being done to it, silence of its machine.
pub fn status(run: &Run, pending: Option<&'static str>, lost_contact: bool) -> Cow<'static, str> {
    if let Some(pending) = pending {
        return format!("{pending}…").into();
    }
    match run.status {
        status if !status.is_final() && run.cancel_time.is_some() => "cancelling…".into(),
        Status::Running | Status::Spawning if lost_contact => "lost contact".into(),
        Status::Spawning => "starting".into(),
        Status::Queued if run.not_before.is_some() => "retry waits".into(),
        Status::Error => match (run.signal, run.exit_code) {
            (Some(signal), _) => match signal_name(signal) {
                Some(name) => format!("error {name}").into(),
                None => format!("error signal {signal}").into(),
            },
            (None, Some(code)) => format!("error {code}").into(),
            (None, None) => "error".into(),
        },
        other => other.word().into(),
    }
}

/// A text in exactly `width` columns: cut with a sign, or filled with blanks. Wide characters count twice.
pub fn fit(text: &str, width: usize, more: &str) -> String {
    let mut out = cut(text, width, more);
    let missing = width.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The same with the text at the right.
pub fn fit_right(text: &str, width: usize, more: &str) -> String {
    let out = cut(text, width, more);
    let missing = width.saturating_sub(out.width());
    format!("{}{out}", " ".repeat(missing))
}

/// A text in at most `width` columns; the sign tells that something was cut off.
pub fn cut(text: &str, width: usize, more: &str) -> String {
    let text = sanitize(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let room = width.saturating_sub(more.width());
    let mut used = 0;
    let mut out = String::new();
    for char in text.chars() {
        let columns = char.width().unwrap_or(0);
        if used + columns > room {
            break;
        }
        used += columns;
        out.push(char);
    }
    if width >= more.width() {
        out.push_str(more);
    }
    out
}

#[cfg(test)]
mod tests {
    // Proves C1 (aligned, sanitised values), C5.
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.4, "0s")]
    #[case(59.9, "59s")]
    #[case(130.0, "2m10s")]
    #[case(11_100.0, "3h05m")]
    #[case(187_200.0, "2d04h")]
    #[case(f64::NAN, "0s")]
    #[case(-3.0, "0s")]
    fn durations(#[case] seconds: f64, #[case] text: &str) {
        assert_eq!(duration(seconds), text);
    }

    #[rstest]
    #[case("0.41324", "0.4132")]
    #[case("0.1", "0.1")]
    #[case("0.00003", "3.00e-5")]
    #[case("1234567.8", "1.23e6")]
    #[case("12.34567", "12.346")]
    #[case("100.0", "100")]
    #[case("NaN", "NaN")]
    #[case("-Infinity", "-inf")]
    #[case("adam", "adam")]
    #[case("none", "")]
    fn values(#[case] word: &str, #[case] text: &str) {
        assert_eq!(value(&Scalar::from_word(word)), text);
    }

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(12_402, "12,402")]
    #[case(1_234_567, "1,234,567")]
    fn counts(#[case] number: u64, #[case] text: &str) {
        assert_eq!(count(number), text);
    }

    #[rstest]
    #[case(Run { status: Status::Error, exit_code: Some(3), ..Run::default() }, "error 3", "exit code 3")]
    #[case(Run { status: Status::Error, signal: Some(9), ..Run::default() }, "error KILL", "signal 9 (KILL)")]
    #[case(Run { status: Status::Error, ..Run::default() }, "error", "could not be started")]
    #[case(Run { status: Status::Aborted, ..Run::default() }, "aborted", "aborted")]
    fn endings(#[case] run: Run, #[case] short: &str, #[case] long: &str) {
        assert_eq!((status(&run, None, false).as_ref(), ending(&run).as_str()), (short, long));
    }

    #[test]
    fn honest_states() {
        let mut run = Run { status: Status::Running, ..Run::default() };
        assert_eq!(status(&run, None, true), "lost contact");
        assert_eq!(status(&run, Some("cancelling"), true), "cancelling…");
        run.cancel_time = Some(crate::model::Time::default());
        assert_eq!(status(&run, None, false), "cancelling…");
        run.status = Status::Cancelled;
        assert_eq!(status(&run, None, false), "cancelled");
    }

    proptest! {
        #[test]
        fn a_fitted_text_is_as_wide_as_asked(text in any::<String>(), width in 0usize..40) {
            prop_assert_eq!(fit(&text, width, "…").width(), width);
            prop_assert_eq!(fit_right(&text, width, "…").width(), width);
        }
    }
}
