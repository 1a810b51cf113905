//! Files that cannot be taken in: how long each is tried again, and which are left.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::node::patience::Patience;
use crate::store::error::Outlook;

/// The longest wait before a file is tried again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A file of a run, or with a bare folder's name all of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The run's unique id.
    pub run_guid: String,
    /// The attempt and the file's name, as the records know it.
    pub file: String,
}

/// The files that failed when they were last looked at.
#[derive(Debug, Default)]
pub struct Faults(HashMap<Key, Fault>);

#[derive(Debug)]
struct Fault {
    patience: Patience,
    due: Instant,
    /// It has been told, and is not looked at again.
    is_left: bool,
}

impl Faults {
    /// Whether a file is not looked at any more.
    pub fn is_left(&self, key: &Key) -> bool {
        self.0.get(key).is_some_and(|fault| fault.is_left)
    }

    /// Whether a file is not looked at yet.
    pub fn waits(&self, key: &Key) -> bool {
        self.0.get(key).is_some_and(|fault| Instant::now() < fault.due)
    }

    /// Notes a failure; false when there is no point in another try.
    pub fn is_tried_again(&mut self, key: &Key, outlook: Outlook) -> bool {
        let now = Instant::now();
        let fault = self.0.entry(key.clone()).or_insert_with(|| Fault {
            patience: Patience::new(LONGEST_WAIT),
            due: now,
            is_left: false,
        });
        let wait = fault.patience.after(outlook, now);
        fault.due = now + wait.unwrap_or(LONGEST_WAIT);
        wait.is_some()
    }

    /// A file is left as it is.
    pub fn leave(&mut self, key: &Key) {
        if let Some(fault) = self.0.get_mut(key) {
            fault.is_left = true;
        }
    }

    /// A file was taken in.
    pub fn mended(&mut self, key: &Key) {
        self.0.remove(key);
    }

    /// A run has ended.
    pub fn forget(&mut self, run_guid: &str) {
        self.0.retain(|key, _| key.run_guid != run_guid);
    }
}
