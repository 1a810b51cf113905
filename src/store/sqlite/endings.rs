//! Ends that are to be told: kept from the transaction that records the end until somebody has been told.

use rusqlite::{Connection, params};

use super::row::{Answer, append_events, next_stamp, run_id, signed, unless_lost, unsigned};
use crate::model::{Event, Job, JobName, RunPath, Status};
use crate::store::Ending;
use crate::store::domain::endings::{self, Told};

/// Puts the ends of a job's runs down that are to be told, and its own when it ends with them.
pub fn record(db: &Connection, job: &Job, runs: &[(i64, Status)], job_ends: bool) -> Answer<()> {
    if runs.is_empty() && !job_ends {
        return Ok(());
    }
    let sql = "INSERT INTO endings (job, run, whole, status) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = db.prepare_cached(sql)?;
    for Told { run, whole, status } in endings::of(job, runs, job_ends) {
        insert.execute(params![signed(job.job_id.0), run, whole, status.word()])?;
    }
    Ok(())
}

/// What is to be told, the oldest first.
pub fn pending(db: &Connection, limit: usize) -> Answer<Vec<Ending>> {
    let sql = "SELECT endings.id, endings.job, endings.whole, endings.status, runs.ws, runs.name
               FROM endings LEFT JOIN runs ON runs.id = endings.run ORDER BY endings.id LIMIT ?1";
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut endings = Vec::new();
    while let Some(row) = rows.next()? {
        let (ws, name): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
        let name = name.and_then(|name| name.parse().ok());
        endings.push(Ending {
            id: row.get(0)?,
            job: JobName(unsigned(row.get(1)?)),
            run: ws.zip(name).map(|(ws, name)| RunPath::new(ws, name)),
            whole: row.get(2)?,
            status: row.get::<_, String>(3)?.parse().unwrap_or(Status::Unknown),
        });
    }
    Ok(endings)
}

/// Whether anything is to be told.
pub fn any(db: &Connection) -> Answer<bool> {
    Ok(db.prepare_cached("SELECT EXISTS (SELECT 1 FROM endings)")?.query_row([], |row| row.get(0))?)
}

/// Forgets what has been told.
pub fn told(db: &Connection, endings: &[i64], events: &[(RunPath, Event)]) -> Answer<()> {
    let mut delete = db.prepare_cached("DELETE FROM endings WHERE id = ?1")?;
    for id in endings {
        delete.execute([id])?;
    }
    if events.is_empty() {
        return Ok(());
    }
    let stamp = next_stamp(db)?;
    for (path, event) in events {
        // One that was deleted meanwhile has no events any more.
        if let Some(id) = unless_lost(run_id(db, path))? {
            append_events(db, id, std::slice::from_ref(event))?;
            db.prepare_cached("UPDATE runs SET stamp = ?2 WHERE id = ?1")?.execute([id, stamp])?;
        }
    }
    Ok(())
}
