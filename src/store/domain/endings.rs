//! Which ends are to be told.

use crate::model::{Job, Status};

/// An end to be told of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<R> {
    /// The run; of a whole job, its run if it has only one.
    pub run: Option<R>,
    /// The whole job has ended.
    pub whole: bool,
    /// How.
    pub status: Status,
}

/// The ends of a job's runs that are to be told, and its own when it ends with them. Of a job with one run the run's
/// end is the job's.
pub fn of<R: Clone>(job: &Job, runs: &[(R, Status)], job_ends: bool) -> Vec<Told<R>> {
    let alone = job.run_count == 1;
    let single = runs.iter().filter(|(_, status)| !alone && job.notify.tells_run(*status));
    let mut told: Vec<_> =
        single.map(|(run, status)| Told { run: Some(run.clone()), whole: false, status: *status }).collect();
    if job_ends && job.notify.tells_jobs() {
        let run = runs.last().filter(|_| alone).map(|(run, _)| run.clone());
        told.push(Told { run, whole: true, status: job.job_status });
    }
    told
}
