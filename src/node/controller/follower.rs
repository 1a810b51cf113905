//! Takes in what runs say while they run, and what is left of it when they have ended.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::faults::{Faults, Key};
use super::finisher::Remains;
use crate::model::{Event, RunPath};
use crate::node::attempt::Attempt;
use crate::node::events::{LONGEST_LINE, batch, unreadable};
use crate::node::process;
use crate::store::{MetricBatch, Records, Result, RunChange, RunPatch, StoreError};

/// How often the files of active runs are looked at.
const TICK: Duration = Duration::from_millis(250);

/// How much of a file is taken in at a time.
const PIECE: u64 = 4 << 20;

/// Whose files to follow.
#[derive(Clone, Debug)]
pub struct Source {
    /// The run's unique id.
    pub run_guid: String,
    /// The run.
    pub run: RunPath,
    /// The attempt that speaks.
    pub directory: Attempt,
}

impl Source {
    /// Attempts write files of the same names: the records tell them apart by the attempt's folder.
    fn key(&self, name: &str) -> Key {
        let attempt = self.directory.folder().file_name().unwrap_or_default().to_string_lossy();
        Key { run_guid: self.run_guid.clone(), file: format!("{attempt}/{name}") }
    }

    /// The names of the files in which its processes speak, in order.
    fn files(&self) -> Result<Vec<String>> {
        let folder = self.directory.events();
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(StoreError::io("read", &folder))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(StoreError::io("read", &folder))?;
            // Nothing but files: reading a pipe that a script made would wait for ever.
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && entry.path().extension().is_some_and(|end| end == "jsonl") {
                names.extend(entry.file_name().into_string());
            }
        }
        names.sort();
        Ok(names)
    }
}

/// What the follower is told.
pub enum Order {
    /// Follow an attempt.
    Follow(Source),
    /// It has ended: take in the rest, and pass it on.
    Finish(Box<Remains>),
}

/// Starts the follower; what has ended goes on to `finished`.
pub fn start(records: Arc<dyn Records>, finished: Sender<Remains>) -> Sender<Order> {
    let (orders, receiver) = unbounded();
    std::thread::spawn(move || {
        let mut follower = Follower {
            records,
            finished,
            sources: HashMap::new(),
            offsets: HashMap::new(),
            ending: Vec::new(),
            faults: Faults::default(),
        };
        follower.run(&receiver);
    });
    orders
}

struct Follower {
    records: Arc<dyn Records>,
    finished: Sender<Remains>,
    sources: HashMap<String, Source>,
    /// How far each run's files are taken in, as the records say.
    offsets: HashMap<String, HashMap<String, u64>>,
    /// Runs that have ended and whose words the records have not taken yet.
    ending: Vec<Remains>,
    faults: Faults,
}

impl Follower {
    fn run(&mut self, orders: &Receiver<Order>) {
        let mut next = Instant::now();
        loop {
            let order = if self.sources.is_empty() && self.ending.is_empty() {
                orders.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                orders.recv_timeout(next.saturating_duration_since(Instant::now()))
            };
            match order {
                Ok(Order::Follow(source)) => {
                    self.sources.insert(source.run_guid.clone(), source);
                    continue;
                }
                Ok(Order::Finish(remains)) => {
                    self.sources.remove(&remains.source.run_guid);
                    if !remains.supervised {
                        // It ends before it is read to the end, or it would go on speaking after that.
                        process::kill_all(|| process::of_attempt(&remains.source.run_guid, remains.attempt));
                    }
                    self.ending.push(*remains);
                }
                Err(RecvTimeoutError::Timeout) => {
                    next = Instant::now() + TICK;
                    for source in self.sources.values().cloned().collect::<Vec<_>>() {
                        self.take_in(&source, false);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
            for remains in std::mem::take(&mut self.ending) {
                if !self.take_in(&remains.source, true) {
                    self.ending.push(remains);
                    next = next.max(Instant::now() + TICK);
                } else if self.finished.send(remains).is_err() {
                    return;
                }
            }
        }
    }

    /// Takes in what is new of a run; at its end the unfinished last lines too. False when some of it could not be
    /// read or recorded: then that has not moved on, and it is tried again.
    fn take_in(&mut self, source: &Source, to_the_end: bool) -> bool {
        let all = source.key("");
        let complete = match self.prepare(source) {
            _ if self.faults.is_left(&all) => true,
            Err(error) => self.failed(source, &all, &error),
            Ok(names) => {
                self.faults.mended(&all);
                // One that fails keeps none of the others.
                let failed = names.iter().filter(|name| !self.take_in_file(source, name, to_the_end)).count();
                failed == 0
            }
        };
        if to_the_end && complete {
            self.offsets.remove(&source.run_guid);
            self.faults.forget(&source.run_guid);
        }
        complete
    }

    /// The files of a run, once it is known how far they are taken in.
    fn prepare(&mut self, source: &Source) -> Result<Vec<String>> {
        let names = source.files()?;
        if !names.is_empty() && !self.offsets.contains_key(&source.run_guid) {
            let offsets = self.records.ingested(&source.run)?;
            self.offsets.insert(source.run_guid.clone(), offsets.into_iter().collect());
        }
        Ok(names)
    }

    fn take_in_file(&mut self, source: &Source, name: &str, to_the_end: bool) -> bool {
        let key = source.key(name);
        if self.faults.is_left(&key) {
            return true;
        }
        if self.faults.waits(&key) {
            return false;
        }
        match self.read_on(source, name, &key, to_the_end) {
            Ok(()) => {
                self.faults.mended(&key);
                true
            }
            Err(error) => self.failed(source, &key, &error),
        }
    }

    fn read_on(&mut self, source: &Source, name: &str, key: &Key, to_the_end: bool) -> Result<()> {
        let path = source.directory.events().join(name);
        loop {
            let known = self.offsets.get(&source.run_guid).and_then(|offsets| offsets.get(&key.file));
            let from = known.copied().unwrap_or(0);
            let bytes = match read_piece(&path, from) {
                // Its script has removed it again.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                bytes => bytes.map_err(StoreError::io("read", &path))?,
            };
            let Some(batch) = next_batch(source, &key.file, from, &bytes, to_the_end) else { return Ok(()) };
            let to = batch.to;
            if let Err(error) = self.records.ingest(&[batch]) {
                // What was taken in all the same is known to the records alone: they are asked again.
                self.offsets.remove(&source.run_guid);
                return Err(error);
            }
            self.offsets.entry(source.run_guid.clone()).or_default().insert(key.file.clone(), to);
        }
    }

    /// What could not be taken in is tried again, or told once and left: true when it is left.
    fn failed(&mut self, source: &Source, key: &Key, error: &StoreError) -> bool {
        if self.faults.is_tried_again(key, error.outlook()) {
            return false;
        }
        tracing::error!(run = %source.run, file = key.file, %error, "what it said cannot be taken in");
        let data = [("file", key.file.clone().into()), ("reason", error.to_string().into())];
        let change = RunChange {
            run: source.run.clone(),
            expect: Vec::new(),
            expect_attempt: None,
            patch: RunPatch::default(),
            events: vec![Event::now("not-taken-in", data)],
        };
        match self.records.change_runs(&[change]) {
            Err(error) if error.is_passing() => return false,
            Err(error) => tracing::error!(run = %source.run, %error, "nor can that be told"),
            Ok(_) => {}
        }
        self.faults.leave(key);
        true
    }
}

/// Reads on in a file.
fn read_piece(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.by_ref().take(PIECE).read_to_end(&mut bytes)?;
    // A line longer than a piece is read on until its end, or until it is too long.
    while !bytes.contains(&b'\n') && bytes.len() <= LONGEST_LINE {
        let before = bytes.len();
        file.by_ref().take(PIECE).read_to_end(&mut bytes)?;
        if bytes.len() == before {
            break;
        }
    }
    Ok(bytes)
}

/// The batch of the complete lines of a piece; at the end of a run the last line counts as complete.
fn next_batch(source: &Source, key: &str, from: u64, bytes: &[u8], to_the_end: bool) -> Option<MetricBatch> {
    if let Some(end) = memchr::memrchr(b'\n', bytes) {
        return Some(batch(&source.run, key, from, &bytes[..=end]));
    }
    if bytes.len() > LONGEST_LINE {
        let mut skipped = batch(&source.run, key, from, &[]);
        skipped.to = from + bytes.len() as u64;
        let start = String::from_utf8_lossy(&bytes[..200]);
        skipped.events.push(unreadable(&start, "it is longer than 16 MiB"));
        return Some(skipped);
    }
    (to_the_end && !bytes.is_empty()).then(|| batch(&source.run, key, from, bytes))
}
