//! Has what attempts leave behind collected, one after the other; what cannot be done now keeps no other waiting.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::Message;
use super::collect::{Notes, collect};
use super::follower::Source;
use crate::model::job::Launch;
use crate::node::Layout;
use crate::node::patience::Patience;

/// The longest wait before a full disk is tried again.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// An attempt that has ended.
#[derive(Clone, Debug)]
pub struct Remains {
    /// Whose it is.
    pub source: Source,
    /// The attempt's number.
    pub attempt: u32,
    /// No further attempt follows.
    pub is_last: bool,
    /// The run completed, so that nobody will want to look into its directory.
    pub completed: bool,
    /// The shim saw its end; otherwise something of it may still run.
    pub supervised: bool,
    /// What its job wants kept.
    pub launch: Launch,
}

/// Starts the finisher.
pub fn start(layout: Layout, sender: Sender<Message>) -> Sender<Remains> {
    let (remains, receiver) = unbounded();
    std::thread::spawn(move || work(&layout, &receiver, &sender));
    remains
}

/// The collection of one attempt.
struct Task {
    remains: Remains,
    notes: Notes,
    patience: Patience,
    due: Instant,
}

fn work(layout: &Layout, remains: &Receiver<Remains>, sender: &Sender<Message>) {
    let mut tasks = Vec::<Task>::new();
    loop {
        let received = match tasks.iter().map(|task| task.due).min() {
            Some(due) => remains.recv_deadline(due),
            None => remains.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let now = Instant::now();
        match received {
            Ok(remains) => tasks.push(Task {
                remains,
                notes: Notes::default(),
                patience: Patience::new(LONGEST_WAIT),
                due: now,
            }),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let due: Vec<_> = tasks.extract_if(.., |task| task.due <= now).collect();
        for mut task in due {
            if !task.is_done(layout) {
                tasks.push(task);
                continue;
            }
            let folder = task.remains.source.directory.folder();
            let events = task.notes.events(task.remains.attempt, folder);
            if sender.send(Message::Finished(task.remains.source.run_guid, events)).is_err() {
                return;
            }
        }
    }
}

impl Task {
    /// Collects what there is; false when that is to be tried again.
    fn is_done(&mut self, layout: &Layout) -> bool {
        let Err(error) = collect(layout, &self.remains, &mut self.notes) else { return true };
        let now = Instant::now();
        if let Some(wait) = self.patience.after(error.outlook(), now) {
            self.due = now + wait;
            return false;
        }
        tracing::error!(run = %self.remains.source.run, %error, "its files are not all collected");
        self.notes.miss(error.to_string());
        true
    }
}
