//! Deleting: first into the trash, then for good.

use rusqlite::{Connection, OptionalExtension, params};

use super::change::Groups;
use super::row::{Answer, RUN_COLUMNS, next_stamp, require_workspace, run, run_id, run_of_row, signed};
use crate::model::{Run, RunPath, Time};
use crate::store::StoreError;

/// Moves runs to the trash; a parent takes its children along.
pub fn trash(db: &Connection, paths: &[RunPath]) -> Answer<()> {
    let stamp = next_stamp(db)?;
    let now = Time::now();
    let mut groups = Groups::default();
    for path in paths {
        let id = run_id(db, path)?;
        let run = run(db, id)?;
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
        "SELECT {RUN_COLUMNS}, trashed FROM runs JOIN run_docs ON run_docs.id = runs.id
         WHERE trashed IS NOT NULL ORDER BY trashed DESC, runs.id"
    );
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map([], |row| Ok((Time::from_micros(row.get(5)?), run_of_row(row)?.1)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Brings runs back.
pub fn restore(db: &Connection, paths: &[RunPath]) -> Answer<()> {
    let stamp = next_stamp(db)?;
    let mut groups = Groups::default();
    for path in paths {
        require_workspace(db, &path.ws)?;
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
        groups.joined(&run(db, id)?, 1);
    }
    groups.settle(db, stamp)
}

/// Forgets what was deleted before a moment.
pub fn empty(db: &Connection, before: Time) -> Answer<Vec<RunPath>> {
    let mut select = db.prepare_cached("SELECT id, ws, name FROM runs WHERE trashed < ?1")?;
    let rows = select.query_map([before.micros()], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    let mut paths = Vec::new();
    for row in rows {
        let (id, ws, name) = row?;
        for sql in [
            "DELETE FROM events WHERE run = ?1",
            "DELETE FROM segments WHERE run = ?1",
            "DELETE FROM sources WHERE run = ?1",
            "DELETE FROM run_values WHERE run = ?1",
            "DELETE FROM run_docs WHERE id = ?1",
            "DELETE FROM runs WHERE id = ?1",
        ] {
            db.prepare_cached(sql)?.execute([id])?;
        }
        paths.push(RunPath::new(ws, name.parse().map_err(StoreError::from)?));
    }
    Ok(paths)
}

/// Deletes a workspace. Its runs must have been moved to the trash; they stay there until it is emptied.
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
        .prepare_cached("DELETE FROM jobs WHERE ws = ?1 RETURNING num")?
        .query_map([ws], |row| row.get::<_, i64>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    jobs.into_iter().try_for_each(|num| bury(db, "job", ws, num, stamp))
}
