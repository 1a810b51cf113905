//! The console log: every byte the script wrote, in the order it came, and beside it when and from where.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use crate::log::sidecar::{Record, Stream};
use crate::model::Time;
use crate::node::attempt::{Attempt, Gap};
use crate::node::patience::Patience;
use crate::store::error::Outlook;

/// The longest wait before a full disk is tried again: a script waits all the while.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// The console log of an attempt.
///
/// When the disk is full nothing is dropped: the piece that could not be written is kept, the script's output is not
/// read any further (so the script waits in its next `write`), and it is tried again. What can never be written is
/// dropped and counted: a script that waits for ever is worse than a gap in its log.
pub struct Console {
    attempt: Attempt,
    /// The log and its sidecar, once there is something to write.
    files: Option<(File, File)>,
    length: u64,
    /// What could not be written yet, and its stream and time.
    waiting: Option<(Vec<u8>, Record)>,
    retry: Instant,
    patience: Patience,
    gap: Option<Gap>,
}

impl Console {
    /// The console of an attempt; a script that says nothing leaves no files.
    pub fn new(attempt: &Attempt) -> Self {
        Self {
            attempt: attempt.clone(),
            files: None,
            length: 0,
            waiting: None,
            retry: Instant::now(),
            patience: Patience::new(LONGEST_WAIT),
            gap: None,
        }
    }

    fn files(&mut self) -> io::Result<&mut (File, File)> {
        if self.files.is_none() {
            let mut options = OpenOptions::new();
            options.append(true).create(true).mode(0o600);
            self.files = Some((options.open(self.attempt.console())?, options.open(self.attempt.sidecar())?));
        }
        self.files.as_mut().ok_or_else(|| io::Error::from(ErrorKind::NotFound))
    }

    /// The bytes written so far.
    pub const fn len(&self) -> u64 {
        self.length
    }

    /// What is missing in it.
    pub fn gap(&self) -> Option<Gap> {
        self.gap.clone()
    }

    /// Whether there is room for more.
    pub const fn is_flowing(&self) -> bool {
        self.waiting.is_none()
    }

    /// How long to wait until what could not be written is tried again.
    pub fn wait(&self) -> Duration {
        self.retry.saturating_duration_since(Instant::now())
    }

    /// Writes a piece of output.
    pub fn write(&mut self, stream: Stream, bytes: &[u8]) {
        let record = Record { offset: self.length, time_micros: Time::now().micros(), stream };
        self.put(bytes, record);
    }

    /// Writes a line of xt's own.
    pub fn say(&mut self, line: &str) {
        self.write(Stream::Stderr, line.as_bytes());
    }

    /// Tries again what could not be written.
    pub fn flush(&mut self) {
        if Instant::now() < self.retry {
            return;
        }
        if let Some((bytes, record)) = self.waiting.take() {
            self.put(&bytes, record);
        }
    }

    fn put(&mut self, bytes: &[u8], record: Record) {
        let before = self.length;
        let Err(error) = self.append(bytes) else {
            self.patience = Patience::new(LONGEST_WAIT);
            return self.note(record);
        };
        let written = usize::try_from(self.length - before).unwrap_or(bytes.len());
        let rest = &bytes[written..];
        let now = Instant::now();
        if let Some(wait) = self.patience.after(Outlook::of(&error), now) {
            self.waiting = Some((rest.to_vec(), record));
            self.retry = now + wait;
            return;
        }
        let lost = self.gap.as_ref().map_or(0, |gap| gap.bytes) + rest.len() as u64;
        self.gap = Some(Gap { bytes: lost, reason: error.to_string() });
        // The next piece may find files that can be written.
        self.files = None;
        if written > 0 {
            self.note(record);
        }
    }

    /// Appends bytes, as many as there is room for.
    fn append(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.files().and_then(|(log, _)| log.write(bytes)) {
                Ok(0) => return Err(io::Error::from(ErrorKind::StorageFull)),
                Ok(count) => {
                    self.length += count as u64;
                    bytes = &bytes[count..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The sidecar is written after the bytes it tells of. A record that finds no room is left out: the
    /// piece then counts to the one before it, and no byte of the log is lost.
    fn note(&mut self, record: Record) {
        let _ = self.files().and_then(|(_, sidecar)| sidecar.write_all(&record.to_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P2: a script goes on when its log can never be written, and what is missing is known.
    #[test]
    fn what_can_never_be_written_is_dropped_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let attempt = Attempt::at(folder.path().join("1"));
        let mut console = Console::new(&attempt);
        console.write(Stream::Stdout, b"into the void");
        assert!(console.is_flowing(), "the script does not wait for what never comes");
        console.write(Stream::Stdout, b"!");
        let gap = console.gap().unwrap();
        assert_eq!((gap.bytes, console.len()), (14, 0));
        assert!(gap.reason.contains("No such file"), "{gap:?}");
        attempt.create().unwrap();
        console.write(Stream::Stdout, b"here");
        assert_eq!((console.gap().unwrap().bytes, console.len()), (14, 4));
        assert_eq!(std::fs::read(attempt.console()).unwrap(), b"here");
    }
}
