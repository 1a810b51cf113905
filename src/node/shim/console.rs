//! The console log: every byte the script wrote, in the order it came, and beside it when and from where.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use crate::log::sidecar::{Record, Stream};
use crate::model::Time;
use crate::node::attempt::Attempt;

/// How long to wait before a full disk is tried again.
pub const RETRY: Duration = Duration::from_millis(500);

/// The console log of an attempt.
///
/// When the disk is full nothing is dropped: the piece that could not be written is kept, the script's
/// output is not read any further (so the script waits in its next `write`), and it is tried again.
pub struct Console {
    attempt: Attempt,
    /// The log and its sidecar, once there is something to write.
    files: Option<(File, File)>,
    length: u64,
    /// What could not be written yet, and its stream and time.
    waiting: Option<(Vec<u8>, Record)>,
    retry: Instant,
}

impl Console {
    /// The console of an attempt; a script that says nothing leaves no files.
    pub fn new(attempt: &Attempt) -> Self {
        Self { attempt: attempt.clone(), files: None, length: 0, waiting: None, retry: Instant::now() }
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

    /// Whether there is room for more.
    pub const fn is_flowing(&self) -> bool {
        self.waiting.is_none()
    }

    /// Writes a piece of output.
    pub fn write(&mut self, stream: Stream, bytes: &[u8]) {
        let record = Record { offset: self.length, time_micros: Time::now().micros(), stream };
        match self.put(bytes) {
            0 => self.note(record),
            left => {
                self.waiting = Some((bytes[bytes.len() - left..].to_vec(), record));
                self.retry = Instant::now() + RETRY;
            }
        }
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
            match self.put(&bytes) {
                0 => self.note(record),
                left => {
                    self.waiting = Some((bytes[bytes.len() - left..].to_vec(), record));
                    self.retry = Instant::now() + RETRY;
                }
            }
        }
    }

    /// Appends bytes, and answers how many of them found no room.
    fn put(&mut self, mut bytes: &[u8]) -> usize {
        while !bytes.is_empty() {
            match self.files().and_then(|(log, _)| log.write(bytes)) {
                Ok(0) => break,
                Ok(count) => {
                    self.length += count as u64;
                    bytes = &bytes[count..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        bytes.len()
    }

    /// The sidecar is written after the bytes it tells of. A record that finds no room is left out: the
    /// piece then counts to the one before it, and no byte of the log is lost.
    fn note(&mut self, record: Record) {
        let _ = self.files().and_then(|(_, sidecar)| sidecar.write_all(&record.to_bytes()));
    }
}
