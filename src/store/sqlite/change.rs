//! Changes of runs and jobs: a run's new status is counted in its job and its parent in the same step.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use super::row::{
    Answer, JOB_COLUMNS, ValueWriter, append_events, count, job, job_of_row, next_stamp, run, run_id,
    run_or_rest, signed, unless_lost, update_job, update_run,
};
use super::{dependents, endings, leader};
use crate::model::{Job, JobName, Run, RunName, RunPath, Status, Time};
use crate::store::domain::counts::Counts;
use crate::store::domain::{self, parent, patch};
use crate::store::{RunChange, RunPatch};

/// Applies changes whose conditions hold, and tells which did.
pub fn change_runs(db: &Connection, changes: &[RunChange]) -> Answer<Vec<bool>> {
    let (applied, ended) = change(db, changes)?;
    dependents::settle(db, ended)?;
    Ok(applied)
}

/// The same, but jobs that wait for others are left; answers besides the jobs that have ended.
pub fn change(db: &Connection, changes: &[RunChange]) -> Answer<(Vec<bool>, Vec<JobName>)> {
    if changes.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let stamp = next_stamp(db)?;
    let mut groups = Groups::default();
    let mut applied = Vec::with_capacity(changes.len());
    for change in changes {
        let id = run_id(db, &change.run)?;
        let mut run = run(db, id)?;
        let held = (change.expect.is_empty() || change.expect.contains(&run.status))
            && change.expect_attempt.is_none_or(|attempt| attempt == run.attempt);
        applied.push(held);
        if !held {
            continue;
        }
        let (before, led) = (run.status, run.leads);
        let patch = domain::leader::change(&mut run, &change.patch);
        apply(db, &mut run, &patch)?;
        update_run(db, id, &run, stamp)?;
        write_values(db, id, &change.patch)?;
        append_events(db, id, &change.events)?;
        if led {
            groups.led(&run);
        } else {
            groups.moved(id, &run, before);
        }
    }
    Ok((applied, groups.write(db, stamp)?))
}

/// Changes the run in memory, and counts it among those that have ended.
fn apply(db: &Connection, run: &mut Run, patch: &RunPatch) -> Answer<()> {
    patch::apply(run, patch);
    give_end_id(db, run)
}

/// Gives a run that has ended its place in the order of ends.
fn give_end_id(db: &Connection, run: &mut Run) -> Answer<()> {
    if patch::wants_end_id(run) {
        run.end_id = Some(count(db, &format!("next_end/{}", run.ws))?);
    }
    Ok(())
}

fn write_values(db: &Connection, id: i64, patch: &RunPatch) -> Answer<()> {
    if patch.hparams.is_empty() && patch.tags.is_empty() && patch.clear_tags.is_empty() {
        return Ok(());
    }
    let mut values = ValueWriter::new(db)?;
    for (name, value) in &patch.hparams {
        values.put(id, &format!("hparams.{name}"), value)?;
    }
    for (name, value) in &patch.tags {
        values.put(id, &format!("tags.{name}"), value)?;
    }
    for name in &patch.clear_tags {
        values.remove(id, &format!("tags.{name}"))?;
    }
    Ok(())
}

/// What the changes of a transaction mean for jobs and parents.
#[derive(Default)]
pub struct Groups {
    jobs: BTreeMap<JobName, Moves>,
    parents: BTreeSet<RunPath>,
    /// Those whose scripts have ended.
    leaders: BTreeSet<RunPath>,
}

/// What the changes of a job's runs come to.
#[derive(Default)]
struct Moves {
    counts: Counts,
    /// The runs that have ended.
    ended: Vec<(i64, Status)>,
}

impl Groups {
    /// A run that was at `before` is now as it is.
    fn moved(&mut self, id: i64, run: &Run, before: Status) {
        if before == run.status || run.is_parent {
            return;
        }
        let moves = self.jobs.entry(run.job_id).or_default();
        moves.counts.moved(before, run.status);
        if run.status.is_final() {
            moves.ended.push((id, run.status));
        }
        self.touch_parent(run);
    }

    /// A leader has changed. It is not counted, but its job is under way with it.
    pub fn led(&mut self, leader: &Run) {
        self.jobs.entry(leader.job_id).or_default();
        if !leader.leads || leader.status.is_final() {
            self.leaders.insert(leader.path());
            self.parents.insert(leader.path());
        }
    }

    /// A run left its job (`by` is -1) or came back to it (1).
    pub fn joined(&mut self, run: &Run, by: i64) {
        if run.is_parent {
            return;
        }
        self.jobs.entry(run.job_id).or_default().counts.count(run.status, by);
        self.touch_parent(run);
    }

    fn touch_parent(&mut self, run: &Run) {
        if let Some(parent) = run.run_name.parent() {
            self.parents.insert(RunPath::new(run.ws.clone(), parent));
        }
    }

    /// Writes what the moves mean, and starts or aborts the jobs that waited for a job that has ended.
    pub fn settle(self, db: &Connection, stamp: i64) -> Answer<()> {
        let ended = self.write(db, stamp)?;
        dependents::settle(db, ended)
    }

    /// Writes what the moves mean for parents and jobs, and answers the jobs that have ended.
    fn write(self, db: &Connection, stamp: i64) -> Answer<Vec<JobName>> {
        let mut ended = Vec::new();
        for path in &self.leaders {
            ended.extend(change(db, &leader::follow(db, path)?)?.1);
        }
        for path in &self.parents {
            settle_parent(db, path, stamp)?;
        }
        for (name, moves) in &self.jobs {
            // A run of an imported store may belong to a job that is not there.
            let Some(mut job) = unless_lost(job(db, *name))? else { continue };
            moves.counts.write(&mut job);
            let before = job.job_status;
            let statuses = job_statuses(db, *name)?;
            // With its last run deleted a job stays what it was: jobs that come after it can tell.
            if !statuses.is_empty() {
                job.job_status = Status::of_group(statuses);
            }
            let is_over = job.job_status.is_final();
            job.end_time = is_over.then(|| job.end_time.unwrap_or_else(Time::now));
            update_job(db, &job, stamp)?;
            endings::record(db, &job, &moves.ended, is_over && !before.is_final())?;
            if is_over {
                ended.push(*name);
            }
        }
        Ok(ended)
    }
}

/// Writes the record of a job anew that could not be read: its counts from its runs. How its runs are started
/// is lost, so those that wait end here. False when the record can be read.
pub fn rebuild_job(db: &Connection, name: JobName) -> Answer<bool> {
    if unless_lost(job(db, name))?.is_some() {
        return Ok(false);
    }
    let sql = format!("SELECT {JOB_COLUMNS}, priority FROM jobs WHERE num = ?1");
    let rest = |row: &rusqlite::Row<'_>| Ok(Job { priority: row.get("priority")?, ..job_of_row(row)? });
    let mut job = db.prepare_cached(&sql)?.query_row([signed(name.0)], rest)?;
    job.job_guid = uuid::Uuid::new_v4().to_string();
    job.description = Some("its record could not be read and was written anew".to_owned());
    let sql = "SELECT status, COUNT(*), MIN(create_time), MIN(username) FROM runs
               WHERE job = ?1 AND family NOT IN ('parent', 'leader') AND trashed IS NULL GROUP BY status";
    let mut counts = Counts::default();
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query([signed(name.0)])?;
    let mut started = None;
    while let Some(row) = rows.next()? {
        let runs: i64 = row.get(1)?;
        counts.count(row.get::<_, String>(0)?.parse().unwrap_or(Status::Unknown), runs);
        let first = Time::from_micros(row.get(2)?);
        started = Some(started.map_or(first, |before: Time| before.min(first)));
        job.username = row.get(3)?;
    }
    job.started = started.unwrap_or_default();
    counts.write(&mut job);
    let statuses = job_statuses(db, name)?;
    if !statuses.is_empty() {
        job.job_status = Status::of_group(statuses);
    }
    job.end_time = job.job_status.is_final().then(Time::now);
    let stamp = next_stamp(db)?;
    update_job(db, &job, stamp)?;
    dependents::stop_waiting(db, name, stamp)?;
    let reason = "the record of its job could not be read, and with it how the run is started";
    let mut ended = dependents::abort_waiting(db, name, reason)?;
    if job.job_status.is_final() {
        ended.push(name);
    }
    dependents::settle(db, ended)?;
    Ok(true)
}

/// The statuses that occur among a job's runs. One look into the index for each word, however many runs.
fn job_statuses(db: &Connection, job: JobName) -> Answer<Vec<Status>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE job = ?1 AND status = ?2 AND family <> 'parent' AND trashed IS NULL)";
    let mut exists = db.prepare_cached(sql)?;
    let mut statuses = Vec::new();
    for status in Status::ALL {
        if exists.query_row(params![signed(job.0), status.word()], |row| row.get(0))? {
            statuses.push(status);
        }
    }
    Ok(statuses)
}

/// A parent is what its children are.
fn settle_parent(db: &Connection, path: &RunPath, stamp: i64) -> Answer<()> {
    let Some(id) = unless_lost(run_id(db, path))? else { return Ok(()) };
    let sql = "SELECT DISTINCT status FROM runs WHERE ws = ?1 AND num > ?2 AND num < ?3 AND trashed IS NULL";
    let first = path.run.run_num();
    let after = RunName::top(path.run.number + 1).run_num();
    let statuses = db
        .prepare_cached(sql)?
        .query_map(params![path.ws, signed(first), signed(after)], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    if statuses.is_empty() {
        return Ok(());
    }
    let mut record = run_or_rest(db, id)?;
    let children = statuses.iter().map(|word| word.parse().unwrap_or(Status::Unknown));
    let status = parent::status(&record, children);
    if record.unreadable {
        // What its children do must be recorded all the same. One that leads is what its own script is.
        let sql =
            "UPDATE runs SET status = ?2, stamp = ?3 WHERE id = ?1 AND status <> ?2 AND family <> 'leader'";
        db.execute(sql, params![id, status.word(), stamp])?;
        return Ok(());
    }
    if record.leads && !leader::gives_way(db, id, &mut record, status, stamp)? {
        return Ok(());
    }
    let Some(event) = parent::settle(&mut record, status, Time::now()) else { return Ok(()) };
    give_end_id(db, &mut record)?;
    update_run(db, id, &record, stamp)?;
    append_events(db, id, &[event])
}

/// Changes a job's document.
pub fn change_job(db: &Connection, name: JobName, change: &mut dyn FnMut(&mut Job) -> bool) -> Answer<Job> {
    let mut job = job(db, name)?;
    if change(&mut job) {
        update_job(db, &job, next_stamp(db)?)?;
    }
    Ok(job)
}
