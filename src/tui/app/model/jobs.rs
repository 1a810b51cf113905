//! The jobs pane.

use indexmap::IndexSet;

use crate::model::{Job, JobName};
use crate::tui::app::list::Cursor;

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
    /// They are being read.
    pub asked: bool,
    /// The workspace they are of, once they have arrived.
    pub ws: Option<String>,
}

impl Jobs {
    /// Takes a new list.
    pub fn set(&mut self, ws: Option<String>, list: Vec<Job>) {
        self.keys = list.iter().map(|job| job.job_id).collect();
        (self.list, self.ws, self.asked) = (list, ws, false);
        self.marks.retain(|job| self.keys.contains(job));
        self.cursor.refresh(&self.keys);
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
