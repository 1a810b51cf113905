//! The jobs pane.

use std::collections::HashMap;

use indexmap::IndexSet;

use crate::model::{Job, JobName};
use crate::tui::app::list::Cursor;

/// How many jobs are read at first, and how many more when one comes near the last of them.
const STEP: usize = 500;

/// The jobs pane.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    /// The jobs, the latest first.
    pub list: Vec<Job>,
    /// Their names.
    pub keys: Vec<JobName>,
    /// The selection.
    pub cursor: Cursor<JobName>,
    /// The marked jobs.
    pub marks: IndexSet<JobName>,
    /// There are older ones, which have not been read.
    pub more: bool,
    /// So many are read beyond the first.
    further: usize,
    /// Those that changed while the list was being read: what is read may be older.
    meanwhile: HashMap<JobName, Job>,
    /// The workspace they are of, once they have arrived.
    pub ws: Option<String>,
}

impl Jobs {
    /// Takes a list that was read with one more than the limit.
    pub fn set(&mut self, ws: Option<String>, mut list: Vec<Job>) {
        let limit = self.limit();
        self.more = list.len() > limit;
        list.truncate(limit);
        for job in &mut list {
            if let Some(newer) = self.meanwhile.remove(&job.job_id) {
                *job = newer;
            }
        }
        self.meanwhile.clear();
        self.keys = list.iter().map(|job| job.job_id).collect();
        (self.list, self.ws) = (list, ws);
        self.marks.retain(|job| self.keys.contains(job));
        self.cursor.refresh(&self.keys);
    }

    /// The list is read from now on.
    pub fn begin(&mut self) {
        self.meanwhile.clear();
    }

    /// Begins with another list.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many are listed at the most.
    pub const fn limit(&self) -> usize {
        STEP + self.further
    }

    /// Whether older ones have to be read for a pane of so many rows: the selection is near the last one.
    pub fn wants_more(&mut self, rows: usize) -> bool {
        let near = self.more && self.cursor.row() + rows >= self.list.len();
        let wants = near && self.list.len() == self.limit();
        if wants {
            self.further += STEP;
        }
        wants
    }

    /// Takes a job that has changed, `reads` while the list is being read. Answers whether it may be missing in it.
    pub fn take_change(&mut self, job: Job, reads: bool) -> bool {
        let known = self.keys.iter().position(|name| *name == job.job_id);
        let older = self.more && self.keys.last().is_some_and(|last| job.job_id < *last);
        if reads {
            self.meanwhile.insert(job.job_id, job.clone());
        }
        match known.and_then(|at| self.list.get_mut(at)) {
            Some(old) => *old = job,
            None => return !older,
        }
        false
    }

    /// Marks the selected job, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        if let Some(job) = self.selected().map(|job| job.job_id)
            && !self.marks.shift_remove(&job)
        {
            self.marks.insert(job);
        }
    }

    /// The selected job.
    pub fn selected(&self) -> Option<&Job> {
        self.list.get(self.cursor.row())
    }
}
