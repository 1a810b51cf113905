//! What a controller asks: who may start, who is active, who is to be ended; and its sign of life.

use std::time::Duration;

use rusqlite::{Connection, Rows, params};

use super::row::{Answer, RUN_COLUMNS, bytes, readable_run, signed, text, unsigned};
use crate::model::node::Heartbeat;
use crate::model::{Job, JobName, Run, Time};

/// Jobs whose runs may start, by priority and age.
pub fn startable_jobs(db: &Connection, without: &[JobName], limit: usize) -> Answer<Vec<JobName>> {
    // Read lazily: the index is walked only as far as needed, however many jobs wait behind.
    let sql =
        "SELECT num FROM jobs WHERE hold = 0 AND waiting = 0 AND queued > 0 ORDER BY priority DESC, num";
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query([])?;
    let mut jobs = Vec::new();
    while jobs.len() < limit
        && let Some(row) = rows.next()?
    {
        let job = JobName(unsigned(row.get(0)?));
        if !without.contains(&job) {
            jobs.push(job);
        }
    }
    Ok(jobs)
}

/// Runs of a job that may start now.
pub fn startable_runs(
    db: &Connection,
    job: JobName,
    now: Time,
    longest: Duration,
    limit: usize,
) -> Answer<Vec<Run>> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs JOIN run_docs ON run_docs.id = runs.id
         WHERE job = ?1 AND status = 'queued' AND family <> 'parent' AND cancelled = 0 AND trashed IS NULL
           AND (not_before IS NULL OR not_before <= ?2 OR not_before > ?3)
         ORDER BY num"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query(params![signed(job.0), now.micros(), now.plus(longest).micros()])?;
    readable(rows, limit)
}

/// The runs of some rows; what cannot be read cannot be started or looked after either, and must not keep the
/// others from it. Rows are read as far as needed.
fn readable(mut rows: Rows<'_>, limit: usize) -> Answer<Vec<Run>> {
    let mut runs = Vec::new();
    while runs.len() < limit
        && let Some(row) = rows.next()?
    {
        runs.extend(readable_run(row)?);
    }
    Ok(runs)
}

/// The earliest moment after another one at which a waiting run's retry is due.
pub fn next_due(db: &Connection, after: Time) -> Answer<Option<Time>> {
    let sql = "SELECT MIN(not_before) FROM runs WHERE not_before > ?1 AND status = 'queued'";
    let due: Option<i64> = db.prepare_cached(sql)?.query_row([after.micros()], |row| row.get(0))?;
    Ok(due.map(Time::from_micros))
}

/// What a run meets that a machine has claimed and that has not ended.
const ACTIVE: &str = "box IS NOT NULL AND status IN ('spawning', 'running')";

/// Runs that a machine has claimed and that have not ended.
pub fn active_runs(db: &Connection) -> Answer<Vec<Run>> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs JOIN run_docs ON run_docs.id = runs.id
         WHERE {ACTIVE} AND family <> 'parent' AND trashed IS NULL ORDER BY runs.id"
    );
    let mut select = db.prepare_cached(&sql)?;
    readable(select.query([])?, usize::MAX)
}

/// Runs somebody asked to cancel that have not ended.
pub fn cancelled_runs(db: &Connection) -> Answer<Vec<Run>> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs JOIN run_docs ON run_docs.id = runs.id
         WHERE cancelled = 1 AND status IN ('created', 'allocating', 'queued', 'spawning', 'running')
           AND family <> 'parent' AND trashed IS NULL ORDER BY runs.id"
    );
    let mut select = db.prepare_cached(&sql)?;
    readable(select.query([])?, usize::MAX)
}

/// Whether a controller is needed: something may start, is due later, is active, or has ended and is to be told.
///
/// Held jobs, and jobs that wait for other jobs, need nobody: whoever releases them starts a controller, and
/// the jobs they wait for have one. Nor does what cannot be read: nobody could do anything about it.
pub fn has_work(db: &Connection) -> Answer<bool> {
    if super::endings::any(db)? {
        return Ok(true);
    }
    let cancelled = "cancelled = 1 AND status IN ('created', 'allocating', 'queued', 'spawning', 'running')";
    for condition in [ACTIVE, cancelled] {
        if any_readable(db, condition, [])? {
            return Ok(true);
        }
    }
    let sql =
        "SELECT num, doc FROM jobs WHERE hold = 0 AND waiting = 0 AND queued > 0 ORDER BY priority DESC, num";
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let is_readable = serde_json::from_slice::<Job>(bytes(row, 1)?).is_ok();
        let job: i64 = row.get(0)?;
        if is_readable && any_readable(db, "job = ?1 AND status = 'queued'", [job])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether there is a run that meets a condition and can be read; the first one nearly always can.
fn any_readable(db: &Connection, condition: &str, values: impl rusqlite::Params) -> Answer<bool> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs JOIN run_docs ON run_docs.id = runs.id
         WHERE {condition} AND family <> 'parent' AND trashed IS NULL"
    );
    let mut select = db.prepare_cached(&sql)?;
    Ok(!readable(select.query(values)?, 1)?.is_empty())
}

/// Writes a sign of life.
pub fn beat(db: &Connection, heartbeat: &Heartbeat) -> Answer<()> {
    let doc = text(|| format!("node {}", heartbeat.box_name), heartbeat)?;
    let sql = "INSERT INTO heartbeats VALUES (?1, ?2) ON CONFLICT DO UPDATE SET doc = excluded.doc";
    db.prepare_cached(sql)?.execute(params![heartbeat.box_name, doc])?;
    Ok(())
}

/// All signs of life. One that cannot be read is none; its machine's next one replaces it.
pub fn heartbeats(db: &Connection) -> Answer<Vec<Heartbeat>> {
    let mut select = db.prepare_cached("SELECT doc FROM heartbeats ORDER BY box")?;
    let docs = select.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(docs.iter().filter_map(|doc| serde_json::from_str(doc).ok()).collect())
}
