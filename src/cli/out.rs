//! Standard output and standard error: results, notes, questions.
//!
//! Results go to standard output, everything else to standard error. A reader that has seen enough (`| head`)
//! is no error: what is written after that goes nowhere, and the verb ends as it would have ended.

use std::io::{self, BufRead as _, BufWriter, IsTerminal as _, Write};

use serde::Serialize;

use super::grammar::Globals;
use crate::model::names::visible;
use crate::ops::{OpsError, Recorded, Result};
use crate::report::{Paint, Role, Table, is_unicode};

/// Where a verb writes.
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Out {
    stdout: Box<dyn Write>,
    /// The reader of standard output is gone.
    closed: bool,
    /// Standard output is a terminal.
    terminal: bool,
    json: bool,
    quiet: bool,
    yes: bool,
    paint: Paint,
    notes: Paint,
}

impl Out {
    /// The standard streams, as the options and the environment want them.
    pub fn standard(globals: &Globals) -> Self {
        let paint = |choice| {
            if choice == anstream::ColorChoice::Never { Paint::plain() } else { Paint::colour() }
        };
        Self {
            stdout: Box::new(BufWriter::with_capacity(64 << 10, io::stdout())),
            closed: false,
            terminal: io::stdout().is_terminal(),
            json: globals.json,
            quiet: globals.quiet,
            yes: globals.yes,
            paint: paint(anstream::AutoStream::choice(&io::stdout())),
            notes: paint(anstream::AutoStream::choice(&io::stderr())),
        }
    }

    /// Whether the answer is to be one JSON document.
    pub const fn json(&self) -> bool {
        self.json
    }

    /// Whether a person reads standard output on a terminal.
    pub const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether the reader of standard output understands Unicode.
    pub fn is_unicode(&self) -> bool {
        is_unicode(|name| std::env::var(name).ok())
    }

    /// Whether nobody reads standard output any more.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether somebody may want to see the progress of long work on standard error.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// The colours of standard output.
    pub const fn paint(&self) -> Paint {
        self.paint
    }

    /// The columns of the terminal; none in a pipe.
    pub fn width(&self) -> Option<usize> {
        self.terminal.then(|| window().map_or(80, |(columns, _)| usize::from(columns)))
    }

    /// Writes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        let written = self.stdout.write_all(bytes);
        self.settle(written)
    }

    /// Writes what is waiting: whoever follows something wants to see it now.
    pub fn flush(&mut self) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        let written = self.stdout.flush();
        self.settle(written)
    }

    fn settle(&mut self, written: io::Result<()>) -> Result<()> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other.map_err(OpsError::io("write to", "standard output")),
        }
    }

    /// The end of a verb that succeeded.
    pub fn finish(&mut self) -> Result<()> {
        self.flush()
    }

    /// A text that may have several lines.
    pub fn text(&mut self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes())
    }

    /// One line.
    pub fn line(&mut self, line: &str) -> Result<()> {
        self.text(line)?;
        self.text("\n")
    }

    /// A document: on one line for programs, indented for a person.
    pub fn document<T: Serialize + ?Sized>(&mut self, document: &T) -> Result<()> {
        let text = self.json_text(document)?;
        self.line(&text)
    }

    fn json_text<T: Serialize + ?Sized>(&self, document: &T) -> Result<String> {
        let text = if self.terminal {
            serde_json::to_string_pretty(document)
        } else {
            serde_json::to_string(document)
        };
        text.map_err(|error| OpsError::Refused(format!("cannot write this as JSON: {error}")))
    }

    /// An array of documents that are written one after the other, however many there are.
    pub fn documents<T: Serialize>(
        &mut self,
        all: impl FnOnce(&mut dyn FnMut(&T) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        let mut before = "[";
        all(&mut |document| {
            self.text(before)?;
            before = ",";
            let text = self.json_text(document)?;
            // Line ends within texts are escaped: these are the document's own.
            if self.terminal {
                self.text(&format!("\n  {}", text.replace('\n', "\n  ")))
            } else {
                self.text(&text)
            }
        })?;
        self.line(match before {
            "[" => "[]",
            _ if self.terminal => "\n]",
            _ => "]",
        })
    }

    /// A table: fitted to a terminal, aligned text in a pipe.
    pub fn table(&mut self, table: &Table) -> Result<()> {
        let text = table.render(self.paint, self.width());
        self.text(&text)
    }

    /// A hint or a remark, for persons.
    pub fn note(&mut self, note: &str) {
        if !self.quiet && !self.json {
            self.tell(Role::Muted, note);
        }
    }

    /// Something a person should know before trusting the result; programs see it too.
    pub fn warn(&mut self, warning: &str) {
        if !self.quiet {
            self.tell(Role::Plain, &format!("xt: {warning}"));
        }
    }

    /// The answer of a verb; a warning tells of what may keep the rest from being done.
    pub fn recorded<T>(&mut self, recorded: Recorded<T>) -> T {
        if let Some(warning) = &recorded.warning {
            self.warn(warning);
        }
        recorded.answer
    }

    /// What went wrong, and what to do.
    pub fn error(&mut self, error: &OpsError) {
        self.tell(Role::Plain, &format!("xt: {error}"));
    }

    fn tell(&mut self, role: Role, text: &str) {
        // What was said before on standard output comes before on a terminal too.
        let _ = self.flush();
        let mut line = String::new();
        for (number, one) in text.lines().enumerate() {
            line.push_str(if number > 0 { "\n" } else { "" });
            self.notes.write(&mut line, role, &visible(one));
        }
        line.push('\n');
        // Nobody is left to be told that standard error is closed.
        let _ = io::stderr().write_all(line.as_bytes());
    }

    /// Asks before something that cannot be undone. Without a terminal nobody can answer: `--yes` is needed.
    pub fn confirm(&mut self, question: &str) -> Result<bool> {
        if self.yes {
            return Ok(true);
        }
        if !io::stdin().is_terminal() {
            return Err(OpsError::Refused(format!("{question} Say --yes where nobody can be asked")));
        }
        self.flush()?;
        let mut stderr = io::stderr();
        let asked = write!(stderr, "{} [y/N] ", visible(question)).and_then(|()| stderr.flush());
        asked.map_err(OpsError::io("write to", "standard error"))?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map_err(OpsError::io("read", "standard input"))?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }
}

/// Columns and rows of the terminal.
pub fn window() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0).then_some((size.ws_col, size.ws_row))
}
