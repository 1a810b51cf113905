//! How far a task is, and whether it is to go on.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use tokio::sync::Notify;

use super::super::app::{Msg, TaskId};

/// The least time between two news of a task.
const PAUSE: Duration = Duration::from_millis(100);

const WAITS: u8 = 0;
const BEGUN: u8 = 1;
const STOPPED: u8 = 2;

/// Where a task stands, for who does it and who wants to stop it.
#[derive(Default)]
pub struct Switch {
    state: AtomicU8,
    stopped: Notify,
}

impl Switch {
    /// The task's turn has come; false if it was stopped before.
    pub fn begin(&self) -> bool {
        self.state.compare_exchange(WAITS, BEGUN, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Stops the task; true if it had not begun, and now never will.
    pub fn stop(&self) -> bool {
        let waited = self.state.swap(STOPPED, Ordering::SeqCst) == WAITS;
        self.stopped.notify_one();
        waited
    }

    /// Waits until it is stopped.
    pub async fn stopped(&self) {
        self.stopped.notified().await;
    }

    fn is_stopped(&self) -> bool {
        self.state.load(Ordering::SeqCst) == STOPPED
    }
}

/// The switches of the tasks that have not ended.
#[derive(Default)]
pub struct Switches(Vec<(TaskId, Weak<Switch>)>);

impl Switches {
    /// A switch for a task.
    pub fn add(&mut self, task: TaskId) -> Arc<Switch> {
        let switch = Arc::new(Switch::default());
        self.0.retain(|(_, switch)| switch.strong_count() > 0);
        self.0.push((task, Arc::downgrade(&switch)));
        switch
    }

    /// The switch of a task that has not ended.
    pub fn of(&self, task: TaskId) -> Option<Arc<Switch>> {
        self.0.iter().find(|(known, _)| *known == task).and_then(|(_, switch)| switch.upgrade())
    }
}

/// What a verb tells while it works.
pub struct Progress {
    task: TaskId,
    switch: Arc<Switch>,
    control: Sender<Msg>,
    told: Instant,
}

impl Progress {
    /// For a task that begins now.
    pub fn new(task: TaskId, switch: Arc<Switch>, control: Sender<Msg>) -> Self {
        Self { task, switch, control, told: Instant::now() }
    }

    /// So much of all is done; whether to go on.
    pub fn step(&mut self, done: u64, all: u64) -> bool {
        if self.told.elapsed() >= PAUSE {
            self.told = Instant::now();
            // Where the screen cannot keep up, the next one will tell.
            let _ = self.control.try_send(Msg::TaskProgress { task: self.task, done, all });
        }
        !self.switch.is_stopped()
    }
}

#[cfg(test)]
mod tests {
    // Proves C1 (tasks can be cancelled: what waits for good, what works when it looks).
    use super::*;

    #[test]
    fn what_waits_never_begins_and_what_has_begun_is_asked_to_end() {
        let mut switches = Switches::default();
        let waits = switches.add(TaskId(1));
        assert!(switches.of(TaskId(1)).unwrap().stop());
        assert!(!waits.begin());
        let begun = switches.add(TaskId(2));
        assert!(begun.begin());
        let (control, _news) = crossbeam_channel::bounded(1);
        let mut progress = Progress::new(TaskId(2), Arc::clone(&begun), control);
        assert!(progress.step(1, 2));
        assert!(!switches.of(TaskId(2)).unwrap().stop());
        assert!(!progress.step(2, 2));
        drop((waits, begun, progress));
        assert!(switches.of(TaskId(2)).is_none());
    }
}
