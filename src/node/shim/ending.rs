//! Ending a tree of processes: ask, wait, then end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::node::attempt::{Abandoned, Reason, Spec};
use crate::node::process;

/// How often the tree is looked at while it is being ended.
const LOOK: Duration = Duration::from_millis(50);

/// The end of an attempt under way.
pub struct Ending {
    reason: Reason,
    run_guid: String,
    attempt: u32,
    /// When asking turns into killing.
    deadline: Instant,
    /// Processes that are left because they are another user's (started through sudo, say).
    abandoned: BTreeSet<u32>,
}

impl Ending {
    /// Asks every process of the tree to end (SIGTERM). `alone` as in [`Ending::advance`].
    pub fn begin(reason: Reason, grace: Duration, spec: &Spec, alone: bool) -> Self {
        let deadline = Instant::now() + grace;
        let ending = Self {
            reason,
            run_guid: spec.run_guid.clone(),
            attempt: spec.attempt,
            deadline,
            abandoned: BTreeSet::new(),
        };
        for pid in ending.left(alone) {
            process::signal(pid, Signal::TERM);
            // A stopped process must run to hear it.
            process::signal(pid, Signal::CONT);
        }
        ending
    }

    /// Why it ends.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// How long to wait before looking again.
    pub fn patience(&self) -> Duration {
        LOOK.min(self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)))
    }

    /// Whether a process goes on, for it is another user's.
    pub fn abandons(&self, pid: u32) -> bool {
        self.abandoned.contains(&pid)
    }

    /// What could not be ended, with the names of the programs.
    pub fn abandoned(&self) -> Vec<Abandoned> {
        self.abandoned.iter().map(|pid| Abandoned { pid: *pid, command: process::name(*pid) }).collect()
    }

    /// Goes on with the ending; true when nothing of the tree is left that this user may end. `alone` is the
    /// kernel's word that this process has no descendants, which saves the search.
    pub fn advance(&mut self, alone: bool) -> bool {
        let left = self.left(alone);
        self.abandoned = if left.is_empty() || Instant::now() < self.deadline {
            BTreeSet::new()
        } else {
            process::kill_all(|| self.left(false))
        };
        // What the kill has hit is looked at again until it is gone; nothing can be done about the others.
        left == self.abandoned
    }

    /// The processes of the tree: descendants, and those that bear the attempt's ids.
    fn left(&self, alone: bool) -> BTreeSet<u32> {
        let mut left = if alone { BTreeSet::new() } else { process::descendants(std::process::id()) };
        // The scan of every environment is dear; descendants suffice unless somebody else is the reaper.
        if left.is_empty() && self.reason != Reason::Exited {
            left = process::of_attempt(&self.run_guid, self.attempt);
        }
        left
    }
}
