//! Reading single things and short lists.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::row::{
    self, Answer, JOB_COLUMNS, RUN_COLUMNS, job_of_row, parse, require_workspace, run_id, run_of_row,
    unsigned,
};
use crate::model::{Event, Experiment, Job, JobName, Run, RunPath, Status, Time, Workspace};

/// How the runs of a group stand.
#[derive(Clone, Copy, Default)]
struct Tally {
    runs: u64,
    running: u64,
    failed: u64,
    /// The stamp of the latest change of any of them.
    stamp: i64,
}

impl Tally {
    fn add(&mut self, status: Status, count: u64) {
        self.runs += count;
        if status.is_active() {
            self.running += count;
        }
        if status.is_failure() {
            self.failed += count;
        }
    }
}

/// Read in the order of the index: nothing is sorted. (The `+` keeps SQLite from taking the column out of the order because
/// it is always the same.)
const TALLIES: &str = "SELECT ws, exper, status, COUNT(*), MAX(stamp) FROM runs
    WHERE (?1 IS NULL OR ws = ?1) AND +trashed IS NULL AND family NOT IN ('parent', 'leader')
    GROUP BY ws, trashed, family, exper, status";

/// The tallies of all experiments, from the index alone.
fn tallies(db: &Connection, ws: Option<&str>) -> Answer<BTreeMap<(String, String), Tally>> {
    let mut select = db.prepare_cached(TALLIES)?;
    let mut rows = select.query([ws])?;
    let mut tallies = BTreeMap::<_, Tally>::new();
    while let Some(row) = rows.next()? {
        let status = row.get::<_, String>(2)?.parse().unwrap_or(Status::Unknown);
        let tally = tallies.entry((row.get(0)?, row.get(1)?)).or_default();
        tally.add(status, unsigned(row.get(3)?));
        tally.stamp = tally.stamp.max(row.get(4)?);
    }
    Ok(tallies)
}

/// All workspaces, by name.
pub fn workspaces(db: &Connection) -> Answer<Vec<Workspace>> {
    let mut of_workspace = BTreeMap::<String, Tally>::new();
    for ((ws, _), tally) in tallies(db, None)? {
        let sum = of_workspace.entry(ws).or_default();
        sum.runs += tally.runs;
        sum.running += tally.running;
        sum.failed += tally.failed;
        sum.stamp = sum.stamp.max(tally.stamp);
    }
    let mut select = db.prepare_cached("SELECT name, doc FROM workspaces ORDER BY name")?;
    let mut rows = select.query([])?;
    let mut workspaces = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, doc): (String, String) = (row.get(0)?, row.get(1)?);
        // Its runs are listed by its name, whatever has become of its own record.
        let mut workspace = serde_json::from_str(&doc)
            .unwrap_or_else(|_| Workspace { ws: name.clone(), ..Workspace::default() });
        let tally = of_workspace.get(&name).copied().unwrap_or_default();
        workspace.run_count = tally.runs;
        workspace.running = tally.running;
        workspace.failed = tally.failed;
        workspace.last_time = last_time(db, &name, tally.stamp)?;
        workspaces.push(workspace);
    }
    Ok(workspaces)
}

/// When a run of a workspace changed that bears a stamp; nothing for a workspace without runs.
fn last_time(db: &Connection, ws: &str, stamp: i64) -> Answer<Option<Time>> {
    // What shares a stamp was changed in one step, so the first will do.
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs INDEXED BY runs_stamp LEFT JOIN run_docs ON run_docs.id = runs.id
         WHERE runs.stamp = ?1 AND ws = ?2 AND trashed IS NULL LIMIT 1"
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query(params![stamp, ws])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let run = run_of_row(row)?.1;
    Ok(Some(run.last_time.max(run.create_time)))
}

/// The experiments of a workspace, or of all.
pub fn experiments(db: &Connection, ws: Option<&str>) -> Answer<Vec<Experiment>> {
    if let Some(ws) = ws {
        require_workspace(db, ws)?;
    }
    tallies(db, ws)?
        .into_iter()
        .map(|((ws, exper_name), tally)| {
            let Tally { runs, running, failed, stamp } = tally;
            let last_time = last_time(db, &ws, stamp)?;
            Ok(Experiment { ws, exper_name, run_count: runs, running, failed, last_time })
        })
        .collect()
}

/// A job.
pub fn job(db: &Connection, name: JobName) -> Answer<Job> {
    row::job(db, name)
}

/// The condition that a job's workspace exists: those of a deleted one are kept for the runs in the trash.
pub const JOB_IS_SEEN: &str = "ws IN (SELECT name COLLATE BINARY FROM workspaces)";

/// Jobs, the latest first.
pub fn jobs(db: &Connection, ws: Option<&str>, limit: Option<usize>) -> Answer<Vec<Job>> {
    if let Some(ws) = ws {
        require_workspace(db, ws)?;
    }
    let limit = limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(-1);
    let condition = if ws.is_some() { "ws = ?1" } else { JOB_IS_SEEN };
    let sql = format!(
        "SELECT {JOB_COLUMNS} FROM jobs WHERE {condition} AND (?1 IS NULL OR ws = ?1) ORDER BY num DESC LIMIT ?2"
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query(params![ws, limit])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        jobs.push(job_of_row(row)?);
    }
    Ok(jobs)
}

/// A run.
pub fn run(db: &Connection, path: &RunPath) -> Answer<Run> {
    let id = run_id(db, path)?;
    row::run(db, id)
}

/// The events of a run, in the order they were recorded.
pub fn events(db: &Connection, path: &RunPath) -> Answer<Vec<Event>> {
    let id = run_id(db, path)?;
    let mut select = db.prepare_cached("SELECT time, event, data FROM events WHERE run = ?1 ORDER BY id")?;
    let mut rows = select.query([id])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let (time, event, data): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let data = parse(|| format!("an event of {path}"), data.as_bytes())?;
        events.push(Event { time: Time::from_micros(time), event, data });
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::super::select::tests::{database, plan};

    // Proves S1, S6 of the targets: counting sorts nothing.
    #[test]
    fn tallies_are_counted_in_the_order_of_an_index() {
        let plan = plan(&database(), super::TALLIES);
        assert!(plan.contains("COVERING INDEX runs_count") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
