//! Where a run stands, in the words of a list: more than its status where that is not the whole story.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::model::{Job, JobName, Run, Status, Time};
use crate::ops::{Context, Result};
use crate::report::shape;
use crate::store::StoreError;

/// What is known around some runs: their jobs, and which machines are silent.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The jobs of runs that wait.
    pub jobs: HashMap<JobName, Job>,
    /// Jobs others wait for that have not completed.
    pub unfinished: HashSet<JobName>,
    /// Machines whose controllers have been silent for too long.
    pub silent: HashSet<String>,
}

impl Surroundings {
    /// Looks around some runs.
    pub fn of(ctx: &Context, runs: &[Run], now: Time) -> Result<Self> {
        let mut around = Self::default();
        for run in runs.iter().filter(|run| run.status.is_waiting()) {
            if !around.jobs.contains_key(&run.job_id)
                && let Some(job) = job(ctx, run.job_id)?
            {
                around.jobs.insert(run.job_id, job);
            }
        }
        let awaited: HashSet<_> = around.jobs.values().flat_map(|job| job.after.iter().copied()).collect();
        for name in awaited {
            if job(ctx, name)?.is_some_and(|job| job.job_status != Status::Completed) {
                around.unfinished.insert(name);
            }
        }
        if runs.iter().any(|run| run.status.is_active()) {
            let silent =
                ctx.records.heartbeats()?.into_iter().filter(|heartbeat| heartbeat.lost_contact(now));
            around.silent.extend(silent.map(|heartbeat| heartbeat.box_name));
        }
        Ok(around)
    }

    /// Where a run stands: `error 1`, `lost contact`, `queued (retry in 3s)`, `held`, `after job3`,
    /// `cancelling`, or just its status. The first word is the status wherever it can be.
    pub fn of_run(&self, run: &Run, now: Time) -> String {
        let word = run.status.word();
        match run.status {
            Status::Error => match (run.exit_code, run.signal) {
                (_, Some(signal)) => format!("{word} (signal {signal})"),
                (Some(code), None) => format!("{word} {code}"),
                (None, None) => word.to_owned(),
            },
            status if status.is_active() => {
                if run.box_name.as_ref().is_some_and(|name| self.silent.contains(name)) {
                    "lost contact".to_owned()
                } else if run.cancel_time.is_some() {
                    "cancelling".to_owned()
                } else {
                    word.to_owned()
                }
            }
            status if status.is_waiting() => self.of_waiting(run, now).unwrap_or_else(|| word.to_owned()),
            _ => word.to_owned(),
        }
    }

    fn of_waiting(&self, run: &Run, now: Time) -> Option<String> {
        let job = self.jobs.get(&run.job_id)?;
        if job.hold {
            return Some("held".to_owned());
        }
        if job.parent_script.is_some()
            && run.status == Status::Created
            && let Some(parent) = run.run_name.parent()
        {
            return Some(format!("after {parent}"));
        }
        if let Some(name) = job.after.iter().find(|name| self.unfinished.contains(name)) {
            return Some(format!("after {name}"));
        }
        let due = run.not_before.filter(|due| *due > now)?;
        // Rounded up: `retry in 0s` would be a promise.
        let due = due.plus(Duration::from_micros(999_999));
        Some(format!("{} (retry in {})", run.status, shape::age(now, due)))
    }
}

fn job(ctx: &Context, name: JobName) -> Result<Option<Job>> {
    match ctx.records.job(name) {
        Ok(job) => Ok(Some(job)),
        // A run is listed with what is known of its job, and be it nothing.
        Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RunName;

    fn around(job: Job) -> Surroundings {
        Surroundings {
            jobs: HashMap::from([(JobName(1), job)]),
            unfinished: HashSet::from([JobName(3)]),
            silent: HashSet::from(["far".to_owned()]),
        }
    }

    // Proves A7 (status cells that tell the story), B31 (lost contact).
    #[test]
    fn a_cell_tells_more_than_the_status_where_there_is_more() {
        let now = Time::from_micros(1_000_000_000);
        let soon = now.plus(Duration::from_secs(3));
        let run = |status| Run { status, job_id: JobName(1), ..Run::default() };
        let told = |run: Run, job: Job| around(job).of_run(&run, now);
        let job = Job::default;
        assert_eq!(told(run(Status::Queued), job()), "queued");
        assert_eq!(told(run(Status::Queued), Job { hold: true, ..job() }), "held");
        assert_eq!(
            told(run(Status::Queued), Job { after: vec![JobName(2), JobName(3)], ..job() }),
            "after job3"
        );
        assert_eq!(told(run(Status::Queued), Job { after: vec![JobName(2)], ..job() }), "queued");
        let led = Run { run_name: RunName::top(7).child(2), ..run(Status::Created) };
        assert_eq!(told(led, Job { parent_script: Some("prepare.sh".into()), ..job() }), "after run7");
        let retry = Run { not_before: Some(soon), ..run(Status::Queued) };
        assert_eq!(told(retry.clone(), job()), "queued (retry in 3s)");
        let at_once = Run { not_before: Some(now.plus(Duration::from_millis(1))), ..retry.clone() };
        assert_eq!(told(at_once, job()), "queued (retry in 1s)");
        assert_eq!(around(job()).of_run(&retry, soon), "queued");
        assert_eq!(told(Run { exit_code: Some(1), ..run(Status::Error) }, job()), "error 1");
        assert_eq!(told(Run { signal: Some(11), ..run(Status::Error) }, job()), "error (signal 11)");
        let far = Run { box_name: Some("far".into()), ..run(Status::Running) };
        assert_eq!(told(far, job()), "lost contact");
        assert_eq!(told(Run { cancel_time: Some(now), ..run(Status::Running) }, job()), "cancelling");
        assert_eq!(told(Run { cancel_time: Some(now), ..run(Status::Cancelled) }, job()), "cancelled");
    }
}
