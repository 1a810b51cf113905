//! Deleting: first into the trash, then for good.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::change::Groups;
use super::dependents;
use super::row::{
    Answer, JOB_COLUMNS, RUN_COLUMNS, job_of_row, next_stamp, require_workspace, run_id, run_of_row,
    run_or_rest, signed, unsigned, update_run,
};
use super::submit::ensure_workspace;
use crate::model::{JobName, Run, RunPath, Time};
use crate::store::{Emptied, StoreError};

/// Moves runs to the trash.
pub fn trash(db: &Connection, paths: &[RunPath]) -> Answer<()> {
    let stamp = next_stamp(db)?;
    let now = Time::now();
    let mut groups = Groups::default();
    for path in paths {
        let id = run_id(db, path)?;
        let run = run_or_rest(db, id)?;
        db.prepare_cached("UPDATE runs SET trashed = ?2, stamp = ?3 WHERE id = ?1")?.execute(params![
            id,
            now.micros(),
            stamp
        ])?;
        bury(db, "run", &path.ws, signed(path.run.run_num()), stamp)?;
        groups.joined(&run, -1);
    }
    groups.settle(db, stamp)
}

fn bury(db: &Connection, kind: &str, ws: &str, num: i64, stamp: i64) -> Answer<()> {
    let sql = "INSERT INTO tombstones VALUES (?1, ?2, ?3, ?4)";
    db.prepare_cached(sql)?.execute(params![stamp, kind, ws, num])?;
    Ok(())
}

/// What is in the trash, the latest first.
pub fn list(db: &Connection) -> Answer<Vec<(Time, Run)>> {
    let sql = format!(
        "SELECT {RUN_COLUMNS}, trashed FROM runs LEFT JOIN run_docs ON run_docs.id = runs.id
         WHERE trashed IS NOT NULL ORDER BY trashed DESC, runs.id"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows =
        select.query_map([], |row| Ok((Time::from_micros(row.get("trashed")?), run_of_row(row)?.1)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Brings runs back, and a workspace that was deleted meanwhile with them.
pub fn restore(db: &Connection, paths: &[RunPath]) -> Answer<()> {
    let stamp = next_stamp(db)?;
    let mut groups = Groups::default();
    for path in paths {
        let sql = "UPDATE runs SET trashed = NULL, stamp = ?3 WHERE ws = ?1 AND num = ?2 AND trashed IS NOT NULL RETURNING id";
        let id = db
            .prepare_cached(sql)?
            .query_row(params![path.ws, signed(path.run.run_num()), stamp], |row| row.get(0))
            .optional()?;
        let Some(id) = id else {
            return Err(StoreError::Missing {
                what: "run in the trash",
                name: path.to_string(),
                nearest: None,
            }
            .into());
        };
        db.execute(
            "DELETE FROM tombstones WHERE kind = 'run' AND ws = ?1 AND num = ?2",
            params![path.ws, signed(path.run.run_num())],
        )?;
        let mut run = run_or_rest(db, id)?;
        if !run.unreadable {
            run.last_time = Time::now();
            update_run(db, id, &run, stamp)?;
        }
        ensure_workspace(db, &run.ws, &run.username)?;
        db.prepare_cached("DELETE FROM tombstones WHERE kind = 'job' AND num = ?1")?
            .execute([signed(run.job_id.0)])?;
        groups.joined(&run, 1);
    }
    groups.settle(db, stamp)
}

/// Forgets what was deleted before a moment, and jobs that then have no run left.
pub fn empty(db: &Connection, before: Time) -> Answer<Emptied> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs LEFT JOIN run_docs ON run_docs.id = runs.id WHERE trashed < ?1"
    );
    let old = db
        .prepare_cached(&sql)?
        .query_map([before.micros()], |row| Ok((run_of_row(row)?, row.get::<_, i64>("job")?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut emptied = Emptied::default();
    let mut jobs = BTreeSet::new();
    for ((id, run), job) in old {
        for sql in [
            "DELETE FROM events WHERE run = ?1",
            "DELETE FROM segments WHERE run = ?1",
            "DELETE FROM sources WHERE run = ?1",
            "DELETE FROM endings WHERE run = ?1",
            "DELETE FROM run_values WHERE run = ?1",
            "DELETE FROM run_docs WHERE id = ?1",
            "DELETE FROM runs WHERE id = ?1",
        ] {
            db.prepare_cached(sql)?.execute([id])?;
        }
        emptied.runs.push(run);
        jobs.insert(job);
    }
    let stamp = next_stamp(db)?;
    let mut forgotten = Vec::new();
    let sql = format!(
        "DELETE FROM jobs WHERE num = ?1 AND NOT EXISTS (SELECT 1 FROM runs WHERE job = ?1) RETURNING {JOB_COLUMNS}"
    );
    for num in jobs {
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>("ws")?, job_of_row(row)?));
        let Some((ws, job)) = db.prepare_cached(&sql)?.query_row([num], row).optional()? else { continue };
        emptied.jobs.push(job);
        bury(db, "job", &ws, num, stamp)?;
        forgotten.push(JobName(unsigned(num)));
        dependents::stop_waiting(db, JobName(unsigned(num)), stamp)?;
    }
    dependents::settle(db, forgotten)?;
    Ok(emptied)
}

/// Deletes a workspace. Its runs must have been moved to the trash; they stay there until it is emptied, and
/// so do its jobs, which are listed nowhere meanwhile.
pub fn delete_workspace(db: &Connection, ws: &str) -> Answer<()> {
    require_workspace(db, ws)?;
    let sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE ws = ?1 AND trashed IS NULL)";
    if db.prepare_cached(sql)?.query_row([ws], |row| row.get(0))? {
        let hint = " with runs in it: delete them first".to_owned();
        return Err(StoreError::Exists { what: "workspace", name: ws.to_owned(), hint }.into());
    }
    let stamp = next_stamp(db)?;
    db.execute("DELETE FROM workspaces WHERE name = ?1", [ws])?;
    bury(db, "workspace", ws, 0, stamp)?;
    let jobs = db
        .prepare_cached("SELECT num FROM jobs WHERE ws = ?1")?
        .query_map([ws], |row| row.get::<_, i64>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    jobs.into_iter().try_for_each(|num| bury(db, "job", ws, num, stamp))
}
