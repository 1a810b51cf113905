//! Keys pressed one after the other: `g j`.

use std::fmt;

use crossterm::event::KeyCode;

use super::Key;

/// The most keys in a row.
const LONGEST: usize = 4;

/// One key, or several one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sequence(Vec<Key>);

/// Why a text is no sequence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SequenceError {
    /// It is blank.
    #[error("no key is named; the space bar is `space`")]
    Empty,
    /// It has too many keys.
    #[error("more than {LONGEST} keys in a row")]
    Long,
    /// A word is no key.
    #[error("there is no key `{0}`; keys are written like x, G, ctrl-x, alt-x, shift-tab, f5, space, pgup")]
    NoKey(String),
    /// Esc is not the first key.
    #[error("esc leaves a sequence that was begun and cannot be a part of one")]
    Esc,
}

impl Sequence {
    /// Reads keys with blanks between them.
    pub fn parse(text: &str) -> Result<Self, SequenceError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() > LONGEST {
            return Err(SequenceError::Long);
        }
        let key = |word: &&str| {
            Key::parse(word).ok_or_else(|| SequenceError::NoKey(crate::model::names::visible(word)))
        };
        let keys = words.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        match keys.as_slice() {
            [] => Err(SequenceError::Empty),
            [_, rest @ ..] if rest.iter().any(|key| key.code == KeyCode::Esc) => Err(SequenceError::Esc),
            _ => Ok(Self(keys)),
        }
    }

    /// The keys.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// A short form for the hints: arrows as arrows.
    pub fn short(&self) -> String {
        self.0.iter().map(|key| key.short()).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.0.iter().enumerate() {
            write!(f, "{}{key}", if at > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves C1 (sequences of keys).
    #[rstest]
    #[case("x", Ok("x"))]
    #[case("  g   j ", Ok("g j"))]
    #[case("esc", Ok("esc"))]
    #[case("", Err(SequenceError::Empty))]
    #[case("a b c d e", Err(SequenceError::Long))]
    #[case("g esc", Err(SequenceError::Esc))]
    #[case("g strg-c", Err(SequenceError::NoKey("strg-c".into())))]
    fn sequences(#[case] text: &str, #[case] expected: Result<&str, SequenceError>) {
        assert_eq!(Sequence::parse(text).map(|keys| keys.to_string()), expected.map(str::to_owned));
    }
}
