//! The level of a log line, guessed from its text.
//!
//! There is no standard, so this knows the customs: Python's logging, tracebacks and warnings, glog, JSON and logfmt
//! records, compilers and shells. It looks at the first part of the line only, once, without a regular expression, and
//! takes the first sign of a level that it meets. Training logs are full of words that look like one and are names of
//! numbers (`error: 0.12`, `train_error=3`, `errors=0`); those are none.

use std::borrow::Cow;

use memchr::memchr;

/// How serious a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Of use when following every step.
    Trace,
    /// Of use when looking for a mistake.
    Debug,
    /// The normal course of things.
    Info,
    /// Something that may become a problem.
    Warning,
    /// Something failed.
    Error,
}

/// How much of a line is looked at: time, host, logger and place come before the level, and messages behind it.
const LOOKED_AT: usize = 256;

/// The level of a line (its raw bytes; escape sequences do no harm), if it shows one.
pub fn level_of(line: &[u8]) -> Option<Level> {
    let line = uncoloured(&line[..line.len().min(LOOKED_AT)]);
    let line = line.trim_ascii();
    if let Some(level) = glog(line) {
        return Some(level);
    }
    if line.first() == Some(&b'{') {
        return field(line);
    }
    let mut at = 0;
    while let Some(start) = line[at..].iter().position(u8::is_ascii_alphabetic).map(|skip| at + skip) {
        let end = line[start..].iter().position(|&byte| !in_name(byte)).map_or(line.len(), |len| start + len);
        let before = start.checked_sub(1).map(|index| line[index]);
        if !before.is_some_and(in_name)
            && let Some(level) = word(before, &line[start..end], &line[end..])
        {
            return Some(level);
        }
        at = end;
    }
    None
}

/// The line without its CSI sequences (`ESC [ … letter`), which stand within words' reach.
fn uncoloured(line: &[u8]) -> Cow<'_, [u8]> {
    if memchr(0x1B, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut text = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(escape) = memchr(0x1B, rest) {
        text.extend_from_slice(&rest[..escape]);
        rest = &rest[escape + 1..];
        if let Some(sequence) = rest.strip_prefix(b"[") {
            let end = sequence.iter().position(|byte| matches!(byte, 0x40..=0x7E));
            rest = end.map_or(&[][..], |end| &sequence[end + 1..]);
        }
    }
    text.extend_from_slice(rest);
    Cow::Owned(text)
}

/// Whether a byte can be part of a name, so that `train_error`, `no-error` and `error.py` are words of their own.
fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/') || !byte.is_ascii()
}

/// `E1124 10:22:33.123456 …`: a letter, month and day, a time.
fn glog(line: &[u8]) -> Option<Level> {
    let (&letter, rest) = line.split_first()?;
    let (date, rest) = rest.split_at_checked(4)?;
    let (time, _) = rest.strip_prefix(b" ")?.split_first_chunk::<3>()?;
    let is_glog = date.iter().chain(&time[..2]).all(u8::is_ascii_digit) && time[2] == b':';
    match letter {
        _ if !is_glog => None,
        b'I' => Some(Level::Info),
        b'W' => Some(Level::Warning),
        b'E' | b'F' => Some(Level::Error),
        _ => None,
    }
}

/// The level that a word names, in any case.
fn named(word: &[u8]) -> Option<Level> {
    const NAMES: [(&str, Level); 16] = [
        ("error", Level::Error),
        ("err", Level::Error),
        ("fatal", Level::Error),
        ("critical", Level::Error),
        ("crit", Level::Error),
        ("severe", Level::Error),
        ("panic", Level::Error),
        ("emerg", Level::Error),
        ("alert", Level::Error),
        ("warning", Level::Warning),
        ("warn", Level::Warning),
        ("info", Level::Info),
        ("notice", Level::Info),
        ("debug", Level::Debug),
        ("trace", Level::Trace),
        ("verbose", Level::Debug),
    ];
    NAMES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes())).map(|&(_, level)| level)
}

/// The level that a word shows where it stands.
fn word(before: Option<u8>, word: &[u8], after: &[u8]) -> Option<Level> {
    if let Some(level) = named(word) {
        let is_capital = word.iter().all(u8::is_ascii_uppercase);
        let is_bracketed = matches!(
            (before, after.first()),
            (Some(b'['), Some(b']'))
                | (Some(b'<'), Some(b'>'))
                | (Some(b'('), Some(b')'))
                | (Some(b'|'), Some(b'|'))
        );
        // `error:`, and a compiler's `error[E0308]:`.
        let is_announced = after.starts_with(b":") || (level == Level::Error && after.starts_with(b"[E"));
        let is_sign = is_bracketed || ((is_capital || is_announced) && !names_a_number(after, true));
        return is_sign.then_some(level);
    }
    match word {
        b"level" | b"lvl" | b"severity" | b"levelname" => after.strip_prefix(b"=").and_then(value),
        b"Traceback" if after.starts_with(b" (most recent call last)") => Some(Level::Error),
        b"panicked" if after.starts_with(b" at ") => Some(Level::Error),
        b"Segmentation" if after.starts_with(b" fault") => Some(Level::Error),
        _ => exception(word, after),
    }
}

/// `ValueError: …`, `torch.cuda.OutOfMemoryError: …`, `UserWarning: …`, `KeyboardInterrupt`: the name of an exception in
/// front of its message or at the end of the line.
fn exception(word: &[u8], after: &[u8]) -> Option<Level> {
    let name = word.rsplit(|&byte| byte == b'.').next().unwrap_or(word);
    let is_class =
        name.first().is_some_and(u8::is_ascii_uppercase) && name.iter().all(u8::is_ascii_alphanumeric);
    let is_told = after.is_empty() || (after.starts_with(b":") && !names_a_number(after, false));
    if !is_class || !is_told {
        return None;
    }
    let ends_in = |ending: &[u8]| name.len() > ending.len() && name.ends_with(ending);
    if ends_in(b"Error") || ends_in(b"Exception") || matches!(name, b"KeyboardInterrupt" | b"SystemExit") {
        Some(Level::Error)
    } else {
        ends_in(b"Warning").then_some(Level::Warning)
    }
}

/// Whether what follows a word makes it the name of a number: `=`, or a number, after `:`, `(` or spaces. A message may
/// begin with a whole number (`KeyError: 3`) unless `whole` ones count too.
fn names_a_number(after: &[u8], whole: bool) -> bool {
    let rest = after.trim_ascii_start();
    if rest.starts_with(b"=") {
        return true;
    }
    let is_lead = |byte: &u8| matches!(byte, b':' | b' ' | b'\t' | b'[' | b'(' | b'+' | b'-' | b'~');
    let number = &rest[rest.iter().take_while(|&byte| is_lead(byte)).count()..];
    let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (_, behind) = number.split_at(digits);
    if digits > 0 {
        let is_time_or_name = matches!(behind.first(), Some(b':' | b'-' | b'/' | b'_'));
        let is_real =
            matches!(behind, [b'.' | b'e', next, ..] if next.is_ascii_digit() || matches!(next, b'-' | b'+'));
        return is_real || (whole && !is_time_or_name);
    }
    let word = number.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
    [&b"nan"[..], b"inf", b"infinity", b"none"].iter().any(|special| word.eq_ignore_ascii_case(special))
}

/// The level in a JSON record: `"level": "error"`.
fn field(line: &[u8]) -> Option<Level> {
    const KEYS: [&[u8]; 5] = [b"level", b"lvl", b"severity", b"levelname", b"log.level"];
    let mut parts = line.split(|&byte| byte == b'"');
    parts.next();
    while let Some(key) = parts.next() {
        let separator = parts.next()?;
        if separator.trim_ascii() == b":" && KEYS.iter().any(|known| key.eq_ignore_ascii_case(known)) {
            return parts.next().and_then(named);
        }
    }
    None
}

/// The level in a logfmt value: `error` or `"error"`.
fn value(text: &[u8]) -> Option<Level> {
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    named(text.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    // Proves A11 (levels coloured in the log pane, next and previous error).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::logging("ERROR:root:it failed", Some(Level::Error))]
    #[case::logging("WARNING:root:careful", Some(Level::Warning))]
    #[case::logging("2024-05-01 10:22:33,123 - train - INFO - epoch 3", Some(Level::Info))]
    #[case::logging("2024-05-01 10:22:33 DEBUG    loader.py:12 batch", Some(Level::Debug))]
    #[case::logging("CRITICAL: disk full", Some(Level::Error))]
    #[case::logging("ERROR 2024-05-01 10:00:00 no such file", Some(Level::Error))]
    #[case::uvicorn("INFO:     Started server process [1]", Some(Level::Info))]
    #[case::coloured("\x1b[31mERROR\x1b[0m it failed", Some(Level::Error))]
    #[case::coloured("\x1b[1;33mwarning\x1b[0m: unused", Some(Level::Warning))]
    #[case::coloured("\x1b[33mWARN\x1b[m x", Some(Level::Warning))]
    #[case::first_sign("INFO the last ERROR is gone", Some(Level::Info))]
    #[case::bracketed("[error] it failed", Some(Level::Error))]
    #[case::bracketed("10:22:33 [warn] slow", Some(Level::Warning))]
    #[case::bracketed("[2024-05-01 10:22:33][trace] step", Some(Level::Trace))]
    #[case::bracketed("<info> 3", Some(Level::Info))]
    #[case::traceback("Traceback (most recent call last):", Some(Level::Error))]
    #[case::traceback("  File \"train.py\", line 3, in <module>", None)]
    #[case::exception("ValueError: bad shape", Some(Level::Error))]
    #[case::exception("KeyError: 3", Some(Level::Error))]
    #[case::exception("AssertionError", Some(Level::Error))]
    #[case::exception("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried", Some(Level::Error))]
    #[case::exception("KeyboardInterrupt", Some(Level::Error))]
    #[case::exception("json.decoder.JSONDecodeError: Expecting value: line 1", Some(Level::Error))]
    #[case::exception("/a/b.py:12: UserWarning: the scheduler", Some(Level::Warning))]
    #[case::exception("raised a ValueError in the loop", None)]
    #[case::lower("error: no such file", Some(Level::Error))]
    #[case::lower("main.c:3:5: error: expected ';'", Some(Level::Error))]
    #[case::lower("fatal: not a git repository", Some(Level::Error))]
    #[case::lower("warning: unused variable", Some(Level::Warning))]
    #[case::lower("error[E0308]: mismatched types", Some(Level::Error))]
    #[case::lower("no error was found", None)]
    #[case::panic("thread 'main' panicked at src/main.rs:3:5:", Some(Level::Error))]
    #[case::segfault("train.sh: line 3:  71 Segmentation fault", Some(Level::Error))]
    #[case::glog("E1124 10:22:33.123456 123 main.cc:3] failed", Some(Level::Error))]
    #[case::glog("W0000 00:00:1234.5 cuda.cc:1] hm", Some(Level::Warning))]
    #[case::glog("W0101 00:00:12.5 1 cuda.cc:1] hm", Some(Level::Warning))]
    #[case::glog("I0101 00:00:12.5 1 x.cc:1] ERROR", Some(Level::Info))]
    #[case::glog("E1124 units were sold", None)]
    #[case::json(r#"{"time":"now","level":"error","msg":"x"}"#, Some(Level::Error))]
    #[case::json(r#"{"severity": "WARNING", "message": "error: x"}"#, Some(Level::Warning))]
    #[case::json(r#"{"msg":"error: level","lr":0.1}"#, None)]
    #[case::json(r#"{"error": 0.1}"#, None)]
    #[case::logfmt("ts=12 level=error msg=\"x\"", Some(Level::Error))]
    #[case::logfmt("level=\"warn\" msg=x", Some(Level::Warning))]
    #[case::metric("errors=0", None)]
    #[case::metric("error=0.1", None)]
    #[case::metric("error 0.12", None)]
    #[case::metric("error: 0.123", None)]
    #[case::metric("epoch 3 error: 1e-3 loss: 0.2", None)]
    #[case::metric("error: nan", None)]
    #[case::metric("error: [0.1, 0.2]", None)]
    #[case::metric("ERROR: 0", None)]
    #[case::metric("ERROR = 0.5", None)]
    #[case::metric("train_error: it grows", None)]
    #[case::metric("train-error: it grows", None)]
    #[case::metric("MeanSquaredError: 0.123", None)]
    #[case::metric("val/error: high", None)]
    #[case::nothing("", None)]
    #[case::nothing("epoch 1/10 loss 0.3", None)]
    #[case::nothing("information: none", None)]
    fn the_level_of_a_line(#[case] line: &str, #[case] expected: Option<Level>) {
        assert_eq!(level_of(line.as_bytes()), expected);
    }

    #[test]
    fn what_stands_far_behind_is_not_looked_at() {
        let line = format!("{} ERROR", "x ".repeat(LOOKED_AT));
        assert_eq!(level_of(line.as_bytes()), None);
    }

    #[test]
    fn levels_are_ordered() {
        assert!(Level::Error > Level::Warning && Level::Warning > Level::Info && Level::Debug > Level::Trace);
    }

    proptest! {
        #[test]
        fn any_bytes_are_harmless(line in prop::collection::vec(any::<u8>(), 0..300)) {
            level_of(&line);
        }

        #[test]
        fn a_metric_is_no_level(name in "(error|warning|info|fatal)s?", sign in "[:=] ?|: ", value in -1e6f64..1e6) {
            let line = format!("step 3 {name}{sign}{value:.4}");
            prop_assert_eq!(level_of(line.as_bytes()), None);
        }
    }
}
