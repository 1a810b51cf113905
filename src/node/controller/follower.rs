//! Takes in what runs say while they run, and what is left of it when they have ended.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::finisher::Remains;
use crate::model::RunPath;
use crate::node::attempt::Attempt;
use crate::node::events::{LONGEST_LINE, batch, unreadable};
use crate::node::process;
use crate::store::{MetricBatch, Records};

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
        Follower { records, finished, sources: HashMap::new(), offsets: HashMap::new(), ending: Vec::new() }
            .run(&receiver);
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

    /// Takes in what is new of a run; at its end the unfinished last lines too. False when the records did
    /// not take it: then nothing has moved on, and it is tried again.
    fn take_in(&mut self, source: &Source, to_the_end: bool) -> bool {
        let guid = &source.run_guid;
        let Ok(files) = std::fs::read_dir(source.directory.events()) else { return true };
        // Nothing but files: reading a pipe that a script made would wait for ever.
        let files = files.flatten().filter(|file| file.file_type().is_ok_and(|kind| kind.is_file()));
        let mut names: Vec<_> = files.filter_map(|file| file.file_name().into_string().ok()).collect();
        if names.is_empty() {
            return true;
        }
        if !self.offsets.contains_key(guid) {
            match self.records.ingested(&source.run) {
                Ok(offsets) => drop(self.offsets.insert(guid.clone(), offsets.into_iter().collect())),
                Err(error) => return !error.is_passing(),
            }
        }
        names.sort();
        let mut complete = true;
        for name in names.iter().filter(|name| Path::new(name).extension().is_some_and(|end| end == "jsonl"))
        {
            complete &= self.take_in_file(source, name, to_the_end);
        }
        if to_the_end && complete {
            self.offsets.remove(guid);
        }
        complete
    }

    fn take_in_file(&mut self, source: &Source, name: &str, to_the_end: bool) -> bool {
        // Attempts write files of the same names: the records tell them apart by the attempt's folder.
        let attempt = source.directory.folder().file_name().unwrap_or_default().to_string_lossy();
        let key = format!("{attempt}/{name}");
        let path = source.directory.events().join(name);
        loop {
            let from = self
                .offsets
                .get(&source.run_guid)
                .and_then(|offsets| offsets.get(&key))
                .copied()
                .unwrap_or(0);
            let next =
                read_piece(&path, from).map(|bytes| next_batch(source, &key, from, &bytes, to_the_end));
            let Ok(Some(batch)) = next else { return true };
            let to = batch.to;
            if let Err(error) = self.records.ingest(&[batch]) {
                // What was taken in all the same is known to the records alone: they are asked again.
                self.offsets.remove(&source.run_guid);
                if error.is_passing() {
                    return false;
                }
                tracing::error!(run = %source.run, %error, "what it said cannot be recorded");
                return true;
            }
            self.offsets.entry(source.run_guid.clone()).or_default().insert(key.clone(), to);
        }
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
