//! What is wrong with a configuration, and where.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::model::names::visible;

/// Where a value, or a mistake, was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built into xt.
    Default,
    /// A place in a file.
    File {
        /// The file as it was named.
        path: Arc<Path>,
        /// Line, counted from 1; 0 for the file as a whole.
        line: usize,
        /// Column in characters, counted from 1.
        column: usize,
    },
    /// An environment variable, by name.
    Env(Arc<str>),
    /// An option of the command line.
    Option,
}

impl fmt::Display for Origin {
    /// `default`, `file:line`, `env NAME` or `option`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: 0, .. } => f.write_str(&visible(&path.to_string_lossy())),
            Self::File { path, line, .. } => write!(f, "{}:{line}", visible(&path.to_string_lossy())),
            Self::Env(name) => write!(f, "env {}", visible(name)),
            Self::Option => f.write_str("option"),
        }
    }
}

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong, but it has no effect; only told when asked.
    Note,
    /// Worth knowing; the value is in force.
    Warning,
    /// Wrong; the value is not in force.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One finding about the configuration; its text is safe to print on a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the value is still in force.
    pub severity: Severity,
    /// Where it was written.
    pub origin: Origin,
    /// What is wrong, with what, and what to do.
    pub message: String,
    /// The word that was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for Diagnostic {
    /// `file:line:column: error: message; did you mean …?`, the form editors and compilers understand.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.origin)?;
        if let Origin::File { line: 1.., column, .. } = &self.origin {
            write!(f, ":{column}")?;
        }
        write!(f, ": {}: {}", self.severity, self.message)?;
        match &self.suggestion {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

/// A name out of a file as messages show it: one short visible line in backticks.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 60;
    match name.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("`{}…`", visible(&name[..cut])),
        None => format!("`{}`", visible(name)),
    }
}

/// The known word nearest to a mistyped one. Absurdly long words are not worth comparing.
pub(super) fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let word = word.replace('_', "-");
    crate::model::names::nearest(&word, known).map(str::to_owned)
}
