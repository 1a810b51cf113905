//! A command with its argument, as a person types it and a keymap says it: `cancel run run41.*`.

use std::fmt;

use super::{Argument, Entry, entries};
use crate::model::names::{nearest, visible};

/// A command with its argument.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The command.
    pub entry: &'static Entry,
    /// What follows its words; may be empty.
    pub argument: String,
}

impl PartialEq for Invocation {
    fn eq(&self, other: &Self) -> bool {
        self.entry.command == other.entry.command && self.argument == other.argument
    }
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry.name)?;
        if self.argument.is_empty() { Ok(()) } else { write!(f, " {}", self.argument) }
    }
}

/// Why a line is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// No command begins like this.
    #[error("there is no command `{line}`")]
    Unknown {
        /// The line, safe to show.
        line: String,
        /// The command that was probably meant.
        nearest: Option<&'static str>,
    },
    /// Something follows a command that takes nothing.
    #[error("`{name}` takes nothing after it, but `{argument}` follows")]
    Argument {
        /// The command.
        name: &'static str,
        /// What follows, safe to show.
        argument: String,
    },
}

impl Invocation {
    /// Reads a line; the longest name wins.
    pub fn parse(line: &str) -> Result<Self, LineError> {
        let line = line.trim();
        let found = entries()
            .filter_map(|entry| {
                let rest = line.strip_prefix(entry.name)?;
                (rest.is_empty() || rest.starts_with(' ')).then_some((entry, rest.trim()))
            })
            .max_by_key(|(entry, _)| entry.name.len());
        match found {
            Some((entry, argument)) if entry.argument == Argument::None && !argument.is_empty() => {
                Err(LineError::Argument { name: entry.name, argument: short(argument) })
            }
            Some((entry, argument)) => Ok(Self { entry, argument: argument.to_owned() }),
            None => Err(LineError::Unknown {
                line: short(line),
                nearest: nearest(&short(line), entries().map(|entry| entry.name)),
            }),
        }
    }
}

/// A text as messages show it.
fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", visible(&text[..cut])),
        None => visible(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves C1 (the words of the command line).
    #[rstest]
    #[case("cancel run run41.*", Ok("cancel run run41.*"))]
    #[case("  sort reverse ", Ok("sort reverse"))]
    #[case("sort  loss", Ok("sort loss"))]
    #[case("quit now", Err("`quit` takes nothing after it, but `now` follows"))]
    #[case("gotoo jobs", Err("there is no command `gotoo jobs`"))]
    #[case("", Err("there is no command ``"))]
    fn lines(#[case] line: &str, #[case] expected: Result<&str, &str>) {
        let found = Invocation::parse(line).map(|line| line.to_string()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn a_mistake_names_what_was_probably_meant() {
        let Err(LineError::Unknown { nearest, .. }) = Invocation::parse("gotoo jobs") else { panic!() };
        assert_eq!(nearest, Some("goto jobs"));
    }
}
