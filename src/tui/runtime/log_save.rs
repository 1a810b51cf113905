//! Writes a log, or the lines of it that a filter shows, to a file of the person's.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::super::app::message::Saved;
use super::log_origin::Origin;
use crate::log::FilteredLines;

/// Bytes that are copied in one step.
const STEP: usize = 4 << 20;

/// Lines that are copied in one step.
const LINES: usize = 4096;

/// A copy under way. It gets its name when it is whole.
pub struct Save {
    out: NamedTempFile,
    path: PathBuf,
    overwrite: bool,
    at: u64,
    end: u64,
}

impl Save {
    /// Begins to save the first `end` bytes.
    pub fn begin(path: &str, overwrite: bool, end: u64) -> Result<Self, Saved> {
        let path = expanded(path);
        if !overwrite && path.symlink_metadata().is_ok() {
            return Err(Saved::Exists(path.display().to_string()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        let out = builder.permissions(Permissions::from_mode(0o666)).tempfile_in(folder);
        Ok(Self { out: out.map_err(|error| failed(&path, &error))?, path, overwrite, at: 0, end })
    }

    /// Copies some more: itself while there is more to do, or what came of it.
    pub fn step(mut self, origin: &Origin, filter: Option<&FilteredLines>) -> Result<Self, Saved> {
        match self.copy(origin, filter) {
            Ok(true) => Ok(self),
            Ok(false) => Err(self.name()),
            Err(error) => Err(failed(&self.path, &error)),
        }
    }

    /// Answers whether there is more.
    fn copy(&mut self, origin: &Origin, filter: Option<&FilteredLines>) -> io::Result<bool> {
        let source = origin.source();
        if self.at >= self.end {
            return Ok(false);
        }
        if filter.is_none() && origin.runs().is_empty() {
            let wanted = usize::try_from(self.end - self.at).unwrap_or(STEP).min(STEP);
            let mut bytes = vec![0; wanted];
            let read = source.read_full_at(self.at, &mut bytes)?;
            self.out.write_all(&bytes[..read])?;
            self.at += read as u64;
            return Ok(read == wanted);
        }
        let lines = match filter {
            Some(filter) => filter.lines_after(source, self.at, LINES)?,
            None => crate::log::lines_after(source, self.at, LINES)?,
        };
        let runs = origin.runs();
        let mut out = Vec::new();
        for line in lines.iter().take_while(|line| line.start < self.end) {
            // Without the run's name a line of a merged log says nothing.
            let run = origin.run_at(line.start).and_then(|run| runs.get(run)).filter(|_| !line.continued);
            if let Some(run) = run {
                out.extend_from_slice(run.as_bytes());
                out.push(b'\t');
            }
            out.extend_from_slice(&line.text);
            let is_whole = line.end > line.start + line.text.len() as u64 || line.end == self.end;
            out.extend(is_whole.then_some(b'\n'));
            self.at = line.end;
        }
        self.out.write_all(&out)?;
        Ok(lines.len() == LINES && self.at < self.end)
    }

    /// What is told when it is given up; nothing is left of it.
    pub fn stopped(self, why: &str) -> Saved {
        Saved::Failed(format!("the log is not saved as {}: {why}", self.path.display()))
    }

    /// Gives the file its name.
    fn name(self) -> Saved {
        let path = self.path;
        let placed = if self.overwrite { self.out.persist(&path) } else { self.out.persist_noclobber(&path) };
        match placed.map_err(|error| error.error) {
            Ok(_) => Saved::Done(path.display().to_string()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Saved::Exists(path.display().to_string())
            }
            Err(error) => failed(&path, &error),
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> Saved {
    Saved::Failed(format!("cannot save the log as {}: {error}", path.display()))
}

/// `~` is the person's home, as in a shell.
fn expanded(path: &str) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
