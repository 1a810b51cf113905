//! Values as short texts that fit a column.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::log::sanitize;
use crate::model::{Run, Scalar, Status};
use crate::report::shape;

pub use crate::report::shape::{count, duration, width};

/// The digits of a number that say something in a narrow column.
const DIGITS: usize = 4;

/// A logged value in a few columns.
pub fn value(value: &Scalar) -> String {
    match value {
        Scalar::Float(number) => shape::significant(*number, DIGITS),
        Scalar::Null => String::new(),
        other => sanitize(&other.to_string()).into_owned(),
    }
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
    signal_hook::low_level::signal_name(signal).map(|name| name.trim_start_matches("SIG"))
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
    shape::cut_with(&sanitize(text), width, more).into_owned()
}

/// Numbers with what they count, without those that are 0: `3 running, 1 queued`.
pub fn counts(counts: &[(u64, &str)]) -> String {
    let some = counts.iter().filter(|(number, _)| *number > 0);
    let some: Vec<String> = some.map(|(number, what)| format!("{} {what}", count(*number))).collect();
    some.join(", ")
}

/// A text in rows of at most so many columns, at least one row, broken between words where that is possible.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width).word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&sanitize(text), options).into_iter().map(Cow::into_owned).collect()
}

#[cfg(test)]
mod tests {
    // Proves C1 (aligned, sanitised values), C5.
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[test]
    fn a_selected_emoji_is_as_wide_as_it_is_shown() {
        for columns in 0..12 {
            let cut = cut(&"❤\u{fe0f}".repeat(8), columns, "…");
            assert!(cut.width() <= columns, "{cut:?} in {columns}");
        }
    }

    #[rstest]
    #[case("0.41324", "0.4132")]
    #[case("0.1", "0.1")]
    #[case("0.00003", "3e-5")]
    #[case("12.34567", "12.35")]
    #[case("100.0", "100")]
    #[case("NaN", "NaN")]
    #[case("-Infinity", "-inf")]
    #[case("adam", "adam")]
    #[case("none", "")]
    fn values(#[case] word: &str, #[case] text: &str) {
        assert_eq!(value(&Scalar::from_word(word)), text);
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
