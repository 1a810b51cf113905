//! Scheduling: which of the waiting runs start now.
//!
//! Jobs come by priority and then by age. A job that has to wait for GPUs keeps later jobs from taking them,
//! or many small runs would keep a large one waiting for ever; runs without GPUs pass it by.

use std::collections::HashMap;
use std::time::Duration;

use super::Controller;
use super::machine::Lack;
use super::outcome::Outcome;
use crate::model::{Job, JobName, Run, Status, Time};
use crate::node::Result;
use crate::store::{RunChange, RunPatch};

/// How many jobs are looked at in one round.
const ROUND: usize = 64;

/// Runs to be claimed, with the GPUs each gets.
type Claims = Vec<(Run, Vec<u32>)>;

impl Controller {
    /// Claims as many runs as there is room for; false when that has to wait for what the records do not take now.
    pub(super) fn claim(&mut self) -> Result<bool> {
        self.flush();
        self.machine.begin();
        let done = if self.outbox.is_empty() { self.claim_all().map(|()| true) } else { Ok(false) };
        self.machine.end();
        self.tell_shortages();
        done
    }

    fn claim_all(&mut self) -> Result<()> {
        let mut passed_over = Vec::new();
        let mut gpus_awaited = false;
        while self.machine.has_room() {
            let jobs = self.records.startable_jobs(&passed_over, ROUND)?;
            if jobs.is_empty() {
                break;
            }
            let mut active = HashMap::<JobName, usize>::new();
            for run in self.active.values() {
                *active.entry(run.job).or_default() += 1;
            }
            // What is claimed in one round is one transaction.
            let mut claims = Claims::new();
            for name in jobs {
                if !self.machine.has_room() {
                    break;
                }
                let job = match self.records.job(name) {
                    Ok(job) => job,
                    Err(error) if error.is_passing() => {
                        return self.record_claims(claims).and(Err(error.into()));
                    }
                    // One that cannot be read must not keep the others waiting.
                    Err(error) => {
                        self.trouble(&error.into());
                        passed_over.push(name);
                        continue;
                    }
                };
                let own = active.get(&name).copied().unwrap_or(0);
                match self.claim_of(&job, own, &mut gpus_awaited, &mut claims) {
                    Ok(true) => {}
                    Ok(false) => passed_over.push(name),
                    // What has been given places is claimed all the same.
                    Err(error) => return self.record_claims(claims).and(Err(error)),
                }
            }
            self.record_claims(claims)?;
        }
        Ok(())
    }

    /// Claims runs of one job; false when no more of it can start in this pass.
    fn claim_of(
        &mut self,
        job: &Job,
        active: usize,
        gpus_awaited: &mut bool,
        claims: &mut Claims,
    ) -> Result<bool> {
        let wanted = self.machine.gpus_for(job.launch.gpus);
        let most = job.concurrent.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let room = self.machine.free_slots().min(most.saturating_sub(active));
        if room == 0 || (wanted > 0 && *gpus_awaited) {
            return Ok(false);
        }
        let longest = Duration::try_from_secs_f64(job.launch.retry_delay_max).unwrap_or(Duration::MAX);
        let runs = self.records.startable_runs(job.job_id, Time::now(), longest, room)?;
        let complete = runs.len() < room || active + room >= most;
        if wanted > self.machine.gpus() {
            let why = format!("it asks for {wanted} GPUs, and this machine has {}", self.machine.gpus());
            self.outbox.extend(runs.iter().map(|run| Outcome::never_starts(run, &why)));
            // While they are not recorded the same ones would come again, and again.
            return Ok(self.flush() && !complete);
        }
        for run in runs {
            match self.machine.take(&run.run_guid, job.launch.gpus) {
                Ok(gpus) => claims.push((run, gpus)),
                Err(lack) => {
                    *gpus_awaited |= lack == Lack::Gpus;
                    return Ok(false);
                }
            }
        }
        Ok(!complete)
    }

    fn record_claims(&mut self, claims: Claims) -> Result<()> {
        let change = |(run, gpus): &(Run, Vec<u32>)| RunChange {
            run: run.path(),
            expect: vec![Status::Queued, Status::Created],
            expect_attempt: Some(run.attempt),
            patch: RunPatch {
                status: Some(Status::Spawning),
                attempt: Some(run.attempt + 1),
                box_name: Some(self.settings.box_name.clone()),
                not_before: Some(None),
                gpu_ids: Some(gpus.clone()),
                ..RunPatch::default()
            },
            events: Vec::new(),
        };
        let applied = match self.records.change_runs(&claims.iter().map(change).collect::<Vec<_>>()) {
            Ok(applied) => applied,
            Err(error) => {
                for (run, _) in &claims {
                    self.machine.release(&run.run_guid);
                }
                self.claims_in_doubt = true;
                return Err(error.into());
            }
        };
        for ((mut run, gpus), applied) in claims.into_iter().zip(applied) {
            if !applied {
                self.machine.release(&run.run_guid);
                continue;
            }
            run.attempt += 1;
            run.status = Status::Spawning;
            run.gpu_ids = gpus;
            run.box_name = Some(self.settings.box_name.clone());
            self.enter(&run);
        }
        Ok(())
    }
}
