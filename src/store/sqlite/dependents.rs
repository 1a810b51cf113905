//! Jobs that come after others: each has a row in `dependencies` for each job it waits for. Whoever records an end
//! looks at these jobs and no others, and at what falls with them, in one loop however long the chain is.

use std::collections::VecDeque;

use rusqlite::{Connection, OptionalExtension};

use super::change::change;
use super::row::{Answer, RUN_COLUMNS, job, next_stamp, readable_run, signed, unless_lost, unsigned};
use crate::model::{Job, JobName, Status, Time};
use crate::store::domain::dependents::{self, Standing, standing};

/// Notes down what a job that is submitted waits for.
pub fn wait(db: &Connection, job: &Job) -> Answer<()> {
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO dependencies VALUES (?1, ?2)")?;
    for needed in &job.after {
        insert.execute([signed(needed.0), signed(job.job_num)])?;
    }
    Ok(())
}

/// Lets jobs start for which the ended ones were all that was open, and aborts those that can never start, and in turn
/// what comes after these.
pub fn settle(db: &Connection, ended: Vec<JobName>) -> Answer<()> {
    let mut ended = VecDeque::from(ended);
    while let Some(needed) = ended.pop_front() {
        let dependents = db
            .prepare_cached("SELECT job FROM dependencies WHERE needed = ?1 ORDER BY job")?
            .query_map([signed(needed.0)], |row| Ok(JobName(unsigned(row.get(0)?))))?
            .collect::<Result<Vec<_>, _>>()?;
        for name in dependents {
            // One that cannot be read must not keep others from being recorded.
            let Some(dependent) = unless_lost(job(db, name))? else { continue };
            match standing(&dependent, |needed| job_status(db, needed))? {
                Standing::Open => {}
                Standing::Met => stop_waiting(db, name, next_stamp(db)?)?,
                Standing::Failed(reason) => {
                    stop_waiting(db, name, next_stamp(db)?)?;
                    ended.extend(abort_waiting(db, name, &reason)?);
                }
            }
        }
    }
    Ok(())
}

/// Where a job stands, whether its document can be read or not.
fn job_status(db: &Connection, job: JobName) -> Answer<Option<Status>> {
    let sql = "SELECT status FROM jobs WHERE num = ?1";
    let word =
        db.prepare_cached(sql)?.query_row([signed(job.0)], |row| row.get::<_, String>(0)).optional()?;
    Ok(word.map(|word| word.parse().unwrap_or(Status::Unknown)))
}

/// A job waits for no other any more.
pub fn stop_waiting(db: &Connection, job: JobName, stamp: i64) -> Answer<()> {
    let sql = "UPDATE jobs SET waiting = 0, stamp = ?2 WHERE num = ?1 AND waiting = 1";
    db.prepare_cached(sql)?.execute([signed(job.0), stamp])?;
    db.prepare_cached("DELETE FROM dependencies WHERE job = ?1")?.execute([signed(job.0)])?;
    Ok(())
}

/// Ends the waiting runs of a job that will never start; answers the jobs that have ended with it.
pub fn abort_waiting(db: &Connection, job: JobName, reason: &str) -> Answer<Vec<JobName>> {
    // One that cannot be read stays as it is, and must not keep the others.
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs JOIN run_docs ON run_docs.id = runs.id
         WHERE job = ?1 AND status IN ('created', 'queued') AND family <> 'parent' AND trashed IS NULL"
    );
    let waiting =
        db.prepare_cached(&sql)?.query_map([signed(job.0)], readable_run)?.collect::<Result<Vec<_>, _>>()?;
    let now = Time::now();
    let changes: Vec<_> = waiting.iter().flatten().map(|run| dependents::abort(run, reason, now)).collect();
    Ok(change(db, &changes)?.1)
}
