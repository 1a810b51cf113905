//! New things: workspaces, jobs with their runs, copies of runs.

use rusqlite::{Connection, OptionalExtension, params};

use super::change::Groups;
use super::row::{Answer, append_events, count, insert_run, job, next_stamp, run, run_id, signed, text};
use crate::model::names::check_workspace;
use crate::model::{Event, Job, JobName, RunName, RunPath, Status, Workspace};
use crate::store::domain::{birth, dependents};
use crate::store::{NewRun, StoreError, Submission, Submitted};

/// Creates a workspace.
pub fn create_workspace(db: &Connection, workspace: &Workspace) -> Answer<()> {
    check_workspace(&workspace.ws).map_err(StoreError::from)?;
    if let Some(name) = similar(db, &workspace.ws)? {
        return Err(StoreError::similar_workspace(&name, &workspace.ws).into());
    }
    insert_workspace(db, workspace)
}

/// A workspace of that name, in whatever case.
fn similar(db: &Connection, ws: &str) -> Answer<Option<String>> {
    let sql = "SELECT name FROM workspaces WHERE name = ?1";
    Ok(db.prepare_cached(sql)?.query_row([ws], |row| row.get(0)).optional()?)
}

fn insert_workspace(db: &Connection, workspace: &Workspace) -> Answer<()> {
    // One that was deleted and is there again is not gone for those who watch.
    db.prepare_cached("DELETE FROM tombstones WHERE kind = 'workspace' AND ws = ?1")?
        .execute([&workspace.ws])?;
    let doc = text(|| workspace.ws.clone(), workspace)?;
    let sql = "INSERT INTO workspaces (name, stamp, doc) VALUES (?1, ?2, ?3)";
    db.prepare_cached(sql)?.execute(params![workspace.ws, next_stamp(db)?, doc])?;
    Ok(())
}

/// Makes sure of the workspace that runs go to.
pub fn ensure_workspace(db: &Connection, ws: &str, username: &str) -> Answer<()> {
    match similar(db, ws)? {
        Some(name) if name == ws => Ok(()),
        Some(name) => Err(StoreError::similar_workspace(&name, ws).into()),
        None => {
            check_workspace(ws).map_err(StoreError::from)?;
            insert_workspace(db, &birth::workspace(ws, username))
        }
    }
}

/// Records a job and its runs. A token that was submitted before answers what it got then.
pub fn submit(db: &Connection, submission: &Submission) -> Answer<Submitted> {
    if let Some(submitted) = submitted_before(db, &submission.token)? {
        return Ok(submitted);
    }
    let job = &submission.job;
    ensure_workspace(db, &job.ws_name, &job.username)?;
    let waiting = dependencies_open(db, job)?;
    let stamp = next_stamp(db)?;
    let job = birth::job(submission, count(db, "next_job")?);
    let sql = "INSERT INTO jobs (num, ws, exper, status, hold, waiting, queued, priority, token, stamp, doc)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    db.prepare_cached(sql)?.execute(params![
        signed(job.job_num),
        job.ws_name,
        job.exper_name,
        job.job_status.word(),
        job.hold,
        waiting,
        signed(job.queued_runs),
        job.priority,
        submission.token,
        stamp,
        text(|| job.job_id.to_string(), &job)?,
    ])?;
    if waiting {
        super::dependents::wait(db, &job)?;
    }

    let parent = match &submission.parent {
        Some(parent) => Some(insert(db, &job, parent, next_run(db, &job.ws_name)?, Status::Queued, stamp)?),
        None => None,
    };
    let status = birth::status(submission);
    let mut runs = Vec::with_capacity(submission.runs.len());
    for (new, place) in submission.runs.iter().zip(1_u64..) {
        let name = match parent {
            Some(parent) => parent.child(place),
            None => next_run(db, &job.ws_name)?,
        };
        runs.push(insert(db, &job, new, name, status, stamp)?);
    }
    Ok(Submitted { job: job.job_id, parent, runs })
}

fn submitted_before(db: &Connection, token: &str) -> Answer<Option<Submitted>> {
    let sql = "SELECT num FROM jobs WHERE token = ?1";
    let Some(num) = db.prepare_cached(sql)?.query_row([token], |row| row.get::<_, i64>(0)).optional()? else {
        return Ok(None);
    };
    let mut submitted = Submitted { job: JobName(num.cast_unsigned()), parent: None, runs: Vec::new() };
    let mut select = db.prepare_cached("SELECT name, family FROM runs WHERE job = ?1 ORDER BY num")?;
    let mut rows = select.query([num])?;
    while let Some(row) = rows.next()? {
        let (name, family): (String, String) = (row.get(0)?, row.get(1)?);
        let name = name.parse().map_err(StoreError::from)?;
        if matches!(family.as_str(), "parent" | "leader") {
            submitted.parent = Some(name);
        } else {
            submitted.runs.push(name);
        }
    }
    Ok(Some(submitted))
}

/// Whether any job it comes after has not completed yet; unknown ones and failed ones are errors.
fn dependencies_open(db: &Connection, new: &Job) -> Answer<bool> {
    let mut open = false;
    for name in &new.after {
        open |= dependents::waits(*name, job(db, *name)?.job_status)?;
    }
    Ok(open)
}

fn next_run(db: &Connection, ws: &str) -> Answer<RunName> {
    count(db, &format!("next_run/{ws}")).map(RunName::top)
}

/// Gives a run its name and place, and writes it.
fn insert(
    db: &Connection,
    job: &Job,
    new: &NewRun,
    name: RunName,
    status: Status,
    stamp: i64,
) -> Answer<RunName> {
    let run = birth::run(job, new, name, status);
    insert_run(db, &run, &new.events, stamp)?;
    Ok(name)
}

/// Copies a run with its events and metric history to another workspace, under a new name there; the job it
/// belongs to has one run more.
pub fn copy_run(db: &Connection, from: &RunPath, to_ws: &str) -> Answer<RunName> {
    let id = run_id(db, from)?;
    super::row::require_workspace(db, to_ws)?;
    let name = next_run(db, to_ws)?;
    let copy = birth::copy(run(db, id)?, to_ws, name);
    let stamp = next_stamp(db)?;
    let copied = insert_run(db, &copy, &[], stamp)?;
    db.execute(
        "INSERT INTO events (run, time, event, data) SELECT ?2, time, event, data FROM events WHERE run = ?1 ORDER BY id",
        [id, copied],
    )?;
    db.execute(
        "INSERT INTO segments (run, name, count, data) SELECT ?2, name, count, data FROM segments WHERE run = ?1 ORDER BY id",
        [id, copied],
    )?;
    db.execute("UPDATE runs SET calls = (SELECT calls FROM runs WHERE id = ?1) WHERE id = ?2", [id, copied])?;
    let mut groups = Groups::default();
    groups.joined(&copy, 1);
    groups.settle(db, stamp)?;
    let source = serde_json::Value::String(from.to_string());
    append_events(db, copied, &[Event::now("copied", [("from", source)])])?;
    Ok(name)
}
