//! Numbers, durations, sizes and texts as people read them.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::model::Time;

/// A number rounded to some significant digits, without trailing zeros: `0.4132`, `120`, `3e-5`.
///
/// Digits before the point are never rounded away below a thousand million; beyond that, and below 0.0001,
/// the number is written with an exponent. What is no number is `NaN`, `inf` or `-inf`.
pub fn significant(number: f64, digits: usize) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let digits = digits.clamp(1, 17);
    // Rounding first: 9.9999 has to be treated as 10.
    let scientific = format!("{number:.*e}", digits - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i64 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..9).contains(&exponent) {
        return format!("{}e{exponent}", trim_zeros(mantissa));
    }
    let places = i64::try_from(digits).unwrap_or(17) - 1 - exponent;
    let fixed = format!("{number:.*}", usize::try_from(places).unwrap_or(0));
    let trimmed = trim_zeros(&fixed);
    if trimmed == "-0" { "0" } else { trimmed }.to_owned()
}

/// A number without the zeros that end its fraction.
pub(super) fn trim_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// So many of something: `1 run`, `4,096 runs`.
pub fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A duration: `0m03s`, `2m10s`, `1h02m`, `3d04h`. Negative durations count as none.
pub fn duration(seconds: f64) -> String {
    if seconds.is_nan() {
        return "NaN".to_owned();
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, as is meant"
    )]
    let seconds = seconds.max(0.0) as u64;
    match seconds {
        0..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// In how many seconds the text of [`duration`] will be another one, when it grows.
pub fn until_longer(seconds: f64) -> u64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, as is meant"
    )]
    let seconds = seconds.max(0.0) as u64;
    let step = match seconds {
        0..3600 => 1,
        3600..86_400 => 60,
        _ => 3600,
    };
    step - seconds % step
}

/// How long ago a moment was: `now`, `12s`, `5m`, `3h`, `4d`, `2y`. Moments to come are `now`.
pub fn age(moment: Time, now: Time) -> String {
    let seconds = now.since(moment).as_secs();
    match seconds {
        0 => "now".to_owned(),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        86_400..31_536_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / 31_536_000),
    }
}

/// A number of bytes: `512 B`, `1.5 KiB`, `23.4 GiB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in UNITS {
        size /= 1024.0;
        unit = larger;
        // 1023.96 would be shown as 1024.0.
        if size < 1023.95 {
            break;
        }
    }
    format!("{size:.1} {unit}")
}

/// A command as one types it in a shell: words are quoted where they must be.
pub fn command(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    let word = |word: &String| {
        let is_plain = !word.is_empty() && word.chars().all(plain);
        if is_plain { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A count with its thousands set apart: `12,402`.
pub fn count(number: u64) -> String {
    set_apart(&number.to_string(), ',')
}

/// Digits in threes from the right.
pub(super) fn set_apart(digits: &str, separator: char) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// How many columns of a terminal a text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { widths(text).sum() }
}

/// The text, cut so that it takes at most `max` columns; what is cut ends in `…`.
pub fn cut(text: &str, max: usize) -> Cow<'_, str> {
    cut_with(text, max, "…")
}

/// The same with another sign at the end, of narrow characters.
pub fn cut_with<'a>(text: &'a str, max: usize, sign: &str) -> Cow<'a, str> {
    let signs = sign.chars().count();
    // Marks that take no room could make a short text endless.
    let most_chars = max.saturating_mul(4).saturating_add(16);
    let mut fits = 0;
    let mut total = 0;
    for ((at, _), wide) in text.char_indices().zip(widths(text)).take(most_chars) {
        if total + signs <= max {
            fits = at;
        }
        total += wide;
        if total > max {
            return Cow::Owned(signed(&text[..fits], max, sign));
        }
    }
    if text.char_indices().nth(most_chars).is_some() {
        return Cow::Owned(signed(&text[..fits], max, sign));
    }
    Cow::Borrowed(text)
}

fn signed(text: &str, max: usize, sign: &str) -> String {
    if sign.chars().count() > max { String::new() } else { format!("{text}{sign}") }
}

/// The columns each character adds.
fn widths(text: &str) -> impl Iterator<Item = usize> {
    let mut before = 0;
    text.chars().map(move |c| {
        // The emoji selector makes the narrow character before it a wide one.
        let wide = if c == '\u{fe0f}' && before == 1 { 1 } else { c.width().unwrap_or(0) };
        before = wide;
        wide
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    // Proves A11 (a command can be pasted into a shell).
    #[test]
    fn commands_are_quoted_where_a_shell_needs_it() {
        let words = ["python3", "--lr=.03", "a b", "", "it's", "*", "a\nb"].map(str::to_owned);
        let line = command(&words);
        assert_eq!(line, "python3 --lr=.03 'a b' '' 'it'\\''s' '*' 'a\nb'");
        assert_eq!(shell_words::split(&line).unwrap(), words);
    }

    // Proves A7 (formats of reports).
    #[rstest]
    #[case(0.03, 4, "0.03")]
    #[case(0.41324, 4, "0.4132")]
    #[case(0.41326, 4, "0.4133")]
    #[case(1.0, 4, "1")]
    #[case(0.0, 4, "0")]
    #[case(-0.0, 4, "0")]
    #[case(-1.5, 4, "-1.5")]
    #[case(9.99996, 4, "10")]
    #[case(99999.6, 4, "100000")]
    #[case(1_234_567.8, 4, "1234568")]
    #[case(1_234_567_890.0, 4, "1.235e9")]
    #[case(0.000_12, 4, "0.00012")]
    #[case(0.000_012, 4, "1.2e-5")]
    #[case(0.000_099_999_9, 4, "0.0001")]
    #[case(1e300, 4, "1e300")]
    #[case(0.5, 0, "0.5")]
    #[case(0.1, 400, "0.10000000000000001")]
    #[case(f64::NAN, 4, "NaN")]
    #[case(f64::INFINITY, 4, "inf")]
    #[case(f64::NEG_INFINITY, 4, "-inf")]
    fn significant_digits(#[case] number: f64, #[case] digits: usize, #[case] expected: &str) {
        assert_eq!(significant(number, digits), expected);
    }

    #[rstest]
    #[case(0.0, "0m00s")]
    #[case(3.9, "0m03s")]
    #[case(130.0, "2m10s")]
    #[case(3599.9, "59m59s")]
    #[case(3600.0, "1h00m")]
    #[case(3725.0, "1h02m")]
    #[case(86_399.0, "23h59m")]
    #[case(273_600.0, "3d04h")]
    #[case(-5.0, "0m00s")]
    #[case(f64::NAN, "NaN")]
    fn durations(#[case] seconds: f64, #[case] expected: &str) {
        assert_eq!(duration(seconds), expected);
    }

    #[rstest]
    #[case(0, "now")]
    #[case(-9, "now")]
    #[case(59, "59s")]
    #[case(60, "1m")]
    #[case(7199, "1h")]
    #[case(86_400, "1d")]
    #[case(31_536_000, "1y")]
    fn ages(#[case] seconds: i64, #[case] expected: &str) {
        assert_eq!(age(Time::from_micros(0), Time::from_micros(seconds * 1_000_000)), expected);
    }

    #[rstest]
    #[case(0, "0 B")]
    #[case(1023, "1023 B")]
    #[case(1024, "1.0 KiB")]
    #[case(1_048_575, "1.0 MiB")]
    #[case(25_125_000_000, "23.4 GiB")]
    #[case(u64::MAX, "16.0 EiB")]
    fn sizes(#[case] size: u64, #[case] expected: &str) {
        assert_eq!(bytes(size), expected);
    }

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(1000, "1,000")]
    #[case(12_402, "12,402")]
    #[case(u64::MAX, "18,446,744,073,709,551,615")]
    fn counts(#[case] number: u64, #[case] expected: &str) {
        assert_eq!(count(number), expected);
    }

    #[rstest]
    #[case("abc", 3, "abc")]
    #[case("abcd", 3, "ab…")]
    #[case("abcd", 1, "…")]
    #[case("abcd", 0, "")]
    #[case("日本語", 6, "日本語")]
    #[case("日本語", 5, "日本…")]
    #[case("日本語", 4, "日…")]
    #[case("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…")]
    #[case("❤\u{fe0f}a", 3, "❤\u{fe0f}a")]
    #[case("❤\u{fe0f}a", 2, "❤…")]
    #[case("❤\u{fe0f}a", 1, "…")]
    fn texts_are_cut_by_width(#[case] text: &str, #[case] max: usize, #[case] expected: &str) {
        assert_eq!(cut(text, max), expected);
    }

    #[test]
    fn marks_without_width_do_not_make_a_text_endless() {
        assert!(cut(&"e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".repeat(100_000), 30).len() < 1000);
    }

    proptest! {
        #[test]
        fn what_is_cut_fits(text in any::<String>(), max in 0_usize..20) {
            prop_assert!(width(&cut(&text, max)) <= max);
        }

        #[test]
        fn what_fits_is_not_cut(text in "[a-zé日]{0,10}") {
            prop_assert_eq!(cut(&text, width(&text)), text.as_str());
        }

        #[test]
        fn rounding_is_close(number in -1e12_f64..1e12, digits in 4_usize..15) {
            let shown: f64 = significant(number, digits).parse().unwrap();
            prop_assert!((shown - number).abs() <= number.abs() * 1e-3);
        }
    }
}
