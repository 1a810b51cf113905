//! What of untrusted text may reach a screen.
//!
//! A log line, a run's name or a server's message may hold characters that a terminal obeys instead of showing, or that
//! make text look like other text. Each is shown by a visible notation, as `less` does: `^G` for a control character,
//! `<U+202E>` for an invisible format character.

use std::borrow::Cow;
use std::fmt::Write;

/// What is to be done with a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is harmless.
    Show,
    /// It only chooses between two looks of its neighbour, and terminals disagree about its width: leave it out.
    Drop,
    /// Show its notation in its stead.
    Note,
}

/// What is to be done with `ch`. The invisible ones are those of Unicode's `Default_Ignorable_Code_Point` and `Cf`
/// (format), and the line separators.
pub(super) fn fate(ch: char) -> Fate {
    match ch {
        '\u{200D}' | '\u{FE00}'..='\u{FE0F}' => Fate::Drop,
        '\0'..='\u{1F}'
        | '\u{7F}'..='\u{9F}'
        | '\u{AD}'
        | '\u{34F}'
        | '\u{600}'..='\u{605}'
        | '\u{61C}'
        | '\u{6DD}'
        | '\u{70F}'
        | '\u{890}'..='\u{891}'
        | '\u{8E2}'
        | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{110BD}'
        | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => Fate::Note,
        _ => Fate::Show,
    }
}

/// Appends the visible notation of `ch`.
pub(super) fn push_notation(text: &mut String, ch: char) {
    match u8::try_from(ch) {
        Ok(byte) if byte.is_ascii() => {
            text.push('^');
            text.push(char::from(byte ^ 0x40));
        }
        // Writing to a string cannot fail.
        _ => drop(write!(text, "<U+{:04X}>", u32::from(ch))),
    }
}

/// Untrusted text for one line of a screen: nothing in it is obeyed, breaks the line or hides. Newlines are shown as `⏎`,
/// tabs as a space, other control and invisible characters by their notation (`^[`, `<U+202E>`).
pub fn sanitize(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(|ch| fate(ch) != Fate::Show) else {
        return Cow::Borrowed(text);
    };
    let mut clean = text[..first].to_owned();
    for ch in text[first..].chars() {
        match (fate(ch), ch) {
            (Fate::Show, _) => clean.push(ch),
            (Fate::Drop, _) => {}
            (Fate::Note, '\n') => clean.push('⏎'),
            (Fate::Note, '\t') => clean.push(' '),
            (Fate::Note, _) => push_notation(&mut clean, ch),
        }
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    // Proves A11 and P9 of the targets (terminal escapes in names do no harm).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("run41.3 – grün 日本 👍", "run41.3 – grün 日本 👍")]
    #[case("a\nb\tc\r", "a⏎b c^M")]
    #[case("\x1b]0;title\x07", "^[]0;title^G")]
    #[case("\x7f\0", "^?^@")]
    #[case("\u{9b}31m", "<U+009B>31m")]
    #[case("abc\u{202e}fdp.exe", "abc<U+202E>fdp.exe")]
    #[case("a\u{200b}b", "a<U+200B>b")]
    #[case("tag\u{e0041}", "tag<U+E0041>")]
    #[case("⚠\u{fe0f} 👩\u{200d}💻", "⚠ 👩💻")]
    fn a_name_on_one_line(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(sanitize(text), expected);
    }

    #[test]
    fn harmless_text_is_not_copied() {
        assert!(matches!(sanitize("a harmless name, naïve"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_is_left_that_a_terminal_obeys(text in any::<String>()) {
            let clean = sanitize(&text);
            prop_assert!(clean.chars().all(|ch| fate(ch) == Fate::Show && !ch.is_control()));
            prop_assert_eq!(sanitize(&clean), clean.as_ref());
        }
    }
}
