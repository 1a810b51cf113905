//! Waiting for changes: whoever has written something rings a bell, which is a counter. Where the server has change
//! streams it tells of it, and else it is read once a second. Files of this machine wake through the kernel.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::change_stream::event::ChangeStreamEvent;
use mongodb::sync::ChangeStream;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::connection::Connection;
use super::names::COUNTERS;
use super::{counters, feed};
use crate::store::{Result, StoreError, Watch, wakes};

/// How often the counter is read where the server tells nothing.
const LOOK: Duration = Duration::from_secs(1);
/// How long the server may keep a question open.
const OPEN: Duration = Duration::from_secs(2);

/// Waits for changes of the records, and of files.
pub struct ServerWatch {
    wakes: Receiver<()>,
    wake: SyncSender<()>,
    files: Option<RecommendedWatcher>,
    ended: Arc<AtomicBool>,
}

impl ServerWatch {
    /// Watches from now on.
    pub fn new(connection: &Connection) -> Result<Self> {
        // One waiting wake-up stands for any number of changes.
        let (wake, wakes) = sync_channel(1);
        let ended = Arc::new(AtomicBool::new(false));
        let last = counters::signs(connection)?;
        let mut sentry = Sentry {
            connection: connection.clone(),
            wake: wake.clone(),
            ended: Arc::clone(&ended),
            last,
            again: None,
        };
        std::thread::Builder::new()
            .name("xt-server-watch".into())
            .spawn(move || sentry.watch())
            .map_err(StoreError::io("start a thread for", "the watch of the store"))?;
        Ok(Self { wakes, wake, files: None, ended })
    }
}

impl Drop for ServerWatch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

impl Watch for ServerWatch {
    fn wait(&mut self, timeout: Option<Duration>) -> Result<bool> {
        wakes::wait(&self.wakes, timeout).map_err(StoreError::io("watch", "the store"))
    }

    fn also(&mut self, file: &Path) -> Result<()> {
        let failed = |error| StoreError::io("watch", file)(std::io::Error::other::<notify::Error>(error));
        if self.files.is_none() {
            let wake = self.wake.clone();
            let told = move |event: notify::Result<notify::Event>| {
                if event.is_ok_and(|event| event.kind.is_modify() || event.kind.is_create()) {
                    let _ = wake.try_send(());
                }
            };
            self.files = Some(notify::recommended_watcher(told).map_err(failed)?);
        }
        match &mut self.files {
            Some(files) => files.watch(file, RecursiveMode::NonRecursive).map_err(failed),
            None => Ok(()),
        }
    }
}

/// The thread behind a watch. It ends with it, at the latest when its question is answered.
struct Sentry {
    connection: Connection,
    wake: SyncSender<()>,
    ended: Arc<AtomicBool>,
    /// The stamp and the bell as they were.
    last: (i64, u64),
    /// When to wake without the bell: who took a stamp may have written, and been cut off before he rang.
    again: Option<Instant>,
}

impl Sentry {
    fn watch(&mut self) {
        let mut stream = self.stream();
        while !self.ended.load(Ordering::Relaxed) {
            match stream.as_mut().map(ChangeStream::next_if_any) {
                Some(Ok(_)) => {}
                Some(Err(_)) => {
                    stream = None;
                    std::thread::sleep(LOOK);
                }
                None => std::thread::sleep(LOOK),
            }
            self.look();
        }
    }

    /// What the server tells of the counter, if it can.
    fn stream(&self) -> Option<ChangeStream<ChangeStreamEvent<Document>>> {
        let counters = self.connection.collection(COUNTERS);
        let stages = [doc! { "$match": { "documentKey._id": "bell" } }];
        counters.watch().pipeline(stages).max_await_time(OPEN).run().ok()
    }

    /// Wakes whoever waits, if something may have changed.
    fn look(&mut self) {
        // A server that does not answer is told of by whoever asks it something.
        let Ok((stamp, bell)) = counters::signs(&self.connection) else { return };
        let now = Instant::now();
        let (known, rung) = std::mem::replace(&mut self.last, (stamp, bell));
        let is_due = self.again.is_some_and(|again| again <= now);
        if stamp != known {
            self.again = Some(now + feed::OVERLAP);
        } else if is_due {
            self.again = None;
        }
        if bell != rung || is_due {
            let _ = self.wake.try_send(());
        }
    }
}
