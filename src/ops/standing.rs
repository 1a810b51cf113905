//! Where a run stands, in the words of a list: more than its status where that is not the whole story.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::model::job::Gpus;
use crate::model::node::{Heartbeat, Place, Shortage};
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
    /// What runs wait for on this machine that others have.
    pub shortages: Vec<Shortage>,
    /// How many GPUs this machine has.
    pub gpus: u32,
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
        if runs.iter().any(|run| !run.status.is_final()) {
            let (silent, heard): (Vec<_>, Vec<_>) =
                ctx.records.heartbeats()?.into_iter().partition(|heartbeat| heartbeat.lost_contact(now));
            around.silent.extend(silent.into_iter().map(|heartbeat| heartbeat.box_name));
            let own = heard.into_iter().find(|heartbeat| heartbeat.box_name == ctx.box_name);
            let Heartbeat { shortages, gpus, .. } = own.unwrap_or_default();
            (around.shortages, around.gpus) = (shortages, gpus);
        }
        Ok(around)
    }

    /// What a run waits for that others on the machine have.
    pub fn awaited(&self, run: &Run, now: Time) -> Option<&Shortage> {
        let job = self.jobs.get(&run.job_id).filter(|_| run.status.is_waiting())?;
        if self.told_by_job(job, run, now).is_some() {
            return None;
        }
        let takes_gpus = match job.launch.gpus {
            Gpus::Auto => self.gpus > 0,
            Gpus::Count(count) => count > 0,
            Gpus::Shared => false,
        };
        let of = |place| self.shortages.iter().find(|shortage| shortage.place == place);
        of(Place::Slot).or_else(|| of(Place::Gpu).filter(|_| takes_gpus))
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
        let told = self.told_by_job(self.jobs.get(&run.job_id)?, run, now);
        told.or_else(|| {
            let place = self.awaited(run, now)?.place;
            Some(format!("{} (waits for {})", run.status, place.title()))
        })
    }

    fn told_by_job(&self, job: &Job, run: &Run, now: Time) -> Option<String> {
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

/// A job, if there is one and it can be read.
pub fn job(ctx: &Context, name: JobName) -> Result<Option<Job>> {
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
            ..Surroundings::default()
        }
    }

    // Proves C10: a run that waits for others says for what, unless it waits for something else first.
    #[test]
    fn a_run_tells_what_it_waits_for() {
        let now = Time::from_micros(1_000_000_000);
        let shortage = |place| Shortage { place, wanted: 1, others: Some(2), all: 2, trouble: None };
        let run = Run { status: Status::Queued, job_id: JobName(1), ..Run::default() };
        let told = |gpus, hold, shortages: &[Place], of_machine| {
            let mut job = Job { hold, ..Job::default() };
            job.launch.gpus = gpus;
            let shortages = shortages.iter().map(|place| shortage(*place)).collect();
            Surroundings { shortages, gpus: of_machine, ..around(job) }.of_run(&run, now)
        };
        let (gpu, both) = (&[Place::Gpu][..], &[Place::Slot, Place::Gpu][..]);
        assert_eq!(told(Gpus::Auto, false, gpu, 2), "queued (waits for GPU)");
        assert_eq!(told(Gpus::Count(1), false, gpu, 2), "queued (waits for GPU)");
        assert_eq!(told(Gpus::Shared, false, gpu, 2), "queued");
        assert_eq!(told(Gpus::Auto, false, gpu, 0), "queued");
        assert_eq!(told(Gpus::Auto, false, both, 2), "queued (waits for slot)");
        assert_eq!(told(Gpus::Auto, true, both, 2), "held");
        assert_eq!(told(Gpus::Auto, false, &[], 2), "queued");
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
