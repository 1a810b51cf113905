//! Which keymap a person wants, and reading it.

use std::path::{Path, PathBuf};

use super::{Facts, KeyContext, Keymap, Place, SHIPPED, file};
use crate::config::{Diagnostic, Severity};
use crate::tui::command::{Command, OverCommand};
use crate::tui::reader;

/// The user's own keymap in the configuration folder.
const FILE: &str = "keymap.toml";

/// Where a keymap comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One that comes with xt.
    Shipped(&'static str),
    /// A file; if it does not exist, the default.
    File(PathBuf),
    /// A file that somebody named: it must exist.
    Named(PathBuf),
}

/// A keymap and what was found wrong with its file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The keymap; the default if the file cannot be used.
    pub keymap: Keymap,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

impl Loaded {
    /// A keymap out of a text, with warnings about what can be understood but is hardly meant.
    pub fn of_text(text: &str, path: &Path) -> Self {
        let (keymap, mut findings) = file::read(text, path);
        if !findings.is_empty() {
            return Self { keymap: Keymap::default(), findings };
        }
        for (keys, choice) in keymap.dangerous() {
            let message = format!("`{keys}` moves in one place and runs `{}` in another", choice.run);
            findings.push(reader::about(path, Severity::Warning, message));
        }
        for command in [Command::Quit, Command::Prompt] {
            if !keymap.runs(command) {
                let message = format!("no key runs `{}`", command.entry().map_or("", |entry| entry.name));
                findings.push(reader::about(path, Severity::Warning, message));
            }
        }
        for context in [KeyContext::Popup, KeyContext::Form, KeyContext::Prompt] {
            let place = Place { context, facts: Facts::default(), readonly: false };
            for command in [Command::Back, Command::Over(OverCommand::Accept)] {
                let Some(entry) = command.entry().filter(|entry| entry.scope.includes(context)) else {
                    continue;
                };
                if keymap.keys(command, place).next().is_none() {
                    let message = format!("no key runs `{}` in [{}]", entry.name, context.name());
                    findings.push(reader::about(path, Severity::Warning, message));
                }
            }
        }
        Self { keymap, findings }
    }

    /// Whether the file cannot be used.
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

impl Source {
    /// The names of those that come with xt.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// What a word of the command line means: a name, else a file. Without one it is the user's own file.
    pub fn of(word: Option<&str>, config: &Path) -> Self {
        match word {
            None => Self::File(config.join(FILE)),
            Some(word) => SHIPPED
                .iter()
                .find(|(name, _)| *name == word)
                .map_or_else(|| Self::Named(PathBuf::from(word)), |(name, _)| Self::Shipped(name)),
        }
    }

    /// The file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Shipped(_) => None,
            Self::File(path) | Self::Named(path) => Some(path),
        }
    }

    /// Reads it.
    pub fn load(&self) -> Loaded {
        let (path, text) = match self {
            Self::Shipped(name) => {
                let keymap = Keymap::shipped(name).unwrap_or_default();
                return Loaded { keymap, findings: Vec::new() };
            }
            Self::File(path) | Self::Named(path) => (path, reader::text_of(path)),
        };
        match text {
            Ok(Some(text)) => Loaded::of_text(&text, path),
            Ok(None) if matches!(self, Self::File(_)) => {
                Loaded { keymap: Keymap::default(), findings: Vec::new() }
            }
            Ok(None) => {
                let names = SHIPPED.map(|(name, _)| name).join(", ");
                let message = format!("there is no such file, and no keymap of that name ({names})");
                broken(reader::about(path, Severity::Error, message))
            }
            Err(finding) => broken(finding),
        }
    }
}

fn broken(finding: Diagnostic) -> Loaded {
    Loaded { keymap: Keymap::default(), findings: vec![finding] }
}
