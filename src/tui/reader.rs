//! Reading the files that people write for the UI (keymaps, themes): TOML with the place of every mistake.

use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use crate::config::{Diagnostic, Origin, Severity};
use crate::model::names::visible;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// A file that is being read, and what was found wrong with it.
pub struct Reader<'a> {
    text: &'a str,
    path: Arc<Path>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// Begins to read a text that came from a file.
    pub fn new(text: &'a str, path: &Path) -> Self {
        Self { text, path: path.into(), findings: Vec::new() }
    }

    /// The text as TOML; none, and findings, if it is not.
    pub fn table(&mut self) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let message = visible(&error.message().replace('\n', "; "));
            self.error(error.span().unwrap_or(0..0), &message, None);
        }
        errors.is_empty().then_some(table)
    }

    /// Something is wrong here.
    pub fn error(&mut self, span: Range<usize>, message: &str, suggestion: Option<&str>) {
        let origin = self.origin(span.start);
        self.findings.push(Diagnostic {
            severity: Severity::Error,
            origin,
            message: message.to_owned(),
            suggestion: suggestion.map(str::to_owned),
        });
    }

    fn origin(&self, byte: usize) -> Origin {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        Origin::File {
            path: Arc::clone(&self.path),
            line: before.matches('\n').count() + 1,
            column: before[begin..].chars().count() + 1,
        }
    }
}

/// A finding about a file as a whole.
pub fn about(path: &Path, severity: Severity, message: String) -> Diagnostic {
    let origin = Origin::File { path: path.into(), line: 0, column: 0 };
    Diagnostic { severity, origin, message, suggestion: None }
}

/// A file's text; none if there is no such file.
pub fn text_of(path: &Path) -> Result<Option<String>, Diagnostic> {
    let failed = |why: String| about(path, Severity::Error, why);
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(format!("cannot be read: {error}"))),
    };
    let mut bytes = Vec::new();
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| failed(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(format!("larger than {} KiB", LARGEST / 1024)));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| failed("not UTF-8".to_owned()))
}
