//! A key as people write it: `x`, `ctrl-c`, `shift-tab`, `pgup`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Shift is part of the character (`G`); besides there are `shift-tab`, `shift-up` and
/// `shift-down`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// Control and Alt; Shift with the arrows up and down.
    pub modifiers: KeyModifiers,
}

/// Names of keys that are no characters; the first name of a key is the one that is shown.
const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

/// The named key that was probably meant.
pub fn nearest(word: &str) -> Option<&'static str> {
    crate::model::names::nearest(word, NAMED.iter().map(|(name, _)| *name))
}

impl Key {
    /// Reads a key as people write it.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Some(Self { code: *code, modifiers: KeyModifiers::NONE });
        }
        if let Some(rest) = text.strip_prefix("ctrl-").filter(|rest| !rest.is_empty()) {
            let key = Self::parse(rest)?;
            return Some(Self { modifiers: key.modifiers | KeyModifiers::CONTROL, ..key });
        }
        if let Some(rest) = text.strip_prefix("alt-").filter(|rest| !rest.is_empty()) {
            let key = Self::parse(rest)?;
            return Some(Self { modifiers: key.modifiers | KeyModifiers::ALT, ..key });
        }
        if let Some(rest @ ("up" | "down")) = text.strip_prefix("shift-") {
            return Some(Self { modifiers: KeyModifiers::SHIFT, ..Self::parse(rest)? });
        }
        if let Some(number) = text.strip_prefix('f').and_then(|number| number.parse().ok()) {
            let known = (1..=12).contains(&number) && !text.contains('+');
            return known.then_some(Self { code: KeyCode::F(number), modifiers: KeyModifiers::NONE });
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) if !char.is_control() => {
                Some(Self { code: KeyCode::Char(char), modifiers: KeyModifiers::NONE })
            }
            _ => None,
        }
    }

    /// Whether it is a character, to be typed into a text.
    pub const fn is_text(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }

    /// A short form for the hints: arrows as arrows.
    pub fn short(self) -> String {
        let text = match self.code {
            _ if self.modifiers.contains(KeyModifiers::SHIFT) => return self.to_string(),
            KeyCode::Up => "↑",
            KeyCode::Down => "↓",
            KeyCode::Left => "←",
            KeyCode::Right => "→",
            _ => return self.to_string(),
        };
        text.to_owned()
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let mut kept = KeyModifiers::CONTROL | KeyModifiers::ALT;
        if matches!(event.code, KeyCode::Up | KeyCode::Down) {
            kept |= KeyModifiers::SHIFT;
        }
        let modifiers = event.modifiers & kept;
        let code = match event.code {
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            // Some terminals send the small letter and the shift apart.
            KeyCode::Char(char) if event.modifiers.contains(KeyModifiers::SHIFT) => {
                let mut upper = char.to_uppercase();
                match (upper.next(), upper.next()) {
                    (Some(upper), None) => KeyCode::Char(upper),
                    _ => KeyCode::Char(char),
                }
            }
            code => code,
        };
        Self { code, modifiers }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("alt-")?;
        }
        if self.modifiers.contains(KeyModifiers::SHIFT) {
            f.write_str("shift-")?;
        }
        match NAMED.iter().find(|(_, code)| *code == self.code) {
            Some((name, _)) => f.write_str(name),
            None => match self.code {
                KeyCode::Char(char) => write!(f, "{char}"),
                KeyCode::F(number) => write!(f, "f{number}"),
                other => write!(f, "{other:?}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("x")]
    #[case("G")]
    #[case("ctrl-c")]
    #[case("alt-x")]
    #[case("shift-tab")]
    #[case("pgdn")]
    #[case("-")]
    #[case("space")]
    #[case("f12")]
    #[case("f")]
    #[case("ctrl-f5")]
    fn keys_are_written_as_they_are_read(#[case] text: &str) {
        assert_eq!(Key::parse(text).unwrap().to_string(), text);
    }

    #[rstest]
    #[case("")]
    #[case("ctrl-")]
    #[case("xx")]
    #[case("f13")]
    #[case("f+1")]
    #[case("\u{1}")]
    fn what_is_no_key(#[case] text: &str) {
        assert_eq!(Key::parse(text), None);
    }

    #[rstest]
    #[case(KeyCode::Char('g'), KeyModifiers::SHIFT, "G")]
    #[case(KeyCode::Char('G'), KeyModifiers::SHIFT, "G")]
    #[case(KeyCode::Tab, KeyModifiers::SHIFT, "shift-tab")]
    #[case(KeyCode::Char('c'), KeyModifiers::CONTROL, "ctrl-c")]
    fn terminals_differ_about_shift(
        #[case] code: KeyCode,
        #[case] modifiers: KeyModifiers,
        #[case] text: &str,
    ) {
        assert_eq!(Key::from(KeyEvent::new(code, modifiers)), Key::parse(text).unwrap());
    }
}
