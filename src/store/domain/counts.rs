//! How the runs of a job stand, in numbers.

use crate::model::{Job, Status};

/// Counts of a job's runs, or differences of such counts.
#[derive(Default)]
pub struct Counts {
    all: i64,
    queued: i64,
    running: i64,
    completed: i64,
    error: i64,
    cancelled: i64,
}

impl Counts {
    fn of(&mut self, status: Status) -> Option<&mut i64> {
        match status {
            status if status.is_waiting() => Some(&mut self.queued),
            status if status.is_active() => Some(&mut self.running),
            Status::Completed => Some(&mut self.completed),
            Status::Cancelled => Some(&mut self.cancelled),
            status if status.is_failure() => Some(&mut self.error),
            _ => None,
        }
    }

    /// Adds so many runs of a status.
    pub fn count(&mut self, status: Status, runs: i64) {
        self.all += runs;
        self.add(status, runs);
    }

    /// Moves a run from one status to another.
    pub fn moved(&mut self, before: Status, after: Status) {
        self.add(before, -1);
        self.add(after, 1);
    }

    fn add(&mut self, status: Status, by: i64) {
        if let Some(count) = self.of(status) {
            *count += by;
        }
    }

    /// Changes the counts of a job by these.
    pub fn write(&self, job: &mut Job) {
        for (count, by) in [
            (&mut job.run_count, self.all),
            (&mut job.queued_runs, self.queued),
            (&mut job.running_runs, self.running),
            (&mut job.completed_runs, self.completed),
            (&mut job.error_runs, self.error),
            (&mut job.cancelled_runs, self.cancelled),
        ] {
            *count = count.saturating_add_signed(by);
        }
    }

    /// Puts these in place of the counts of a job.
    pub fn replace(&self, job: &mut Job) {
        for count in [
            &mut job.run_count,
            &mut job.queued_runs,
            &mut job.running_runs,
            &mut job.completed_runs,
            &mut job.error_runs,
            &mut job.cancelled_runs,
        ] {
            *count = 0;
        }
        self.write(job);
    }
}
