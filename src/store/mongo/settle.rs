//! What jobs, parents and leaders are, derived from their runs: repeated or cut off, it comes to the same.

use std::collections::{BTreeSet, VecDeque};

use mongodb::bson::{Bson, Document, doc};

use super::connection::Connection;
use super::counters::{self, job_id};
use super::document::{
    self, bson_number, difference, number, remembers, revised, status, to_fields, token, without_growth,
    words,
};
use super::names::{ENDED, ENDINGS, JOBS, LIVE, OPEN, OWNER, SPREAD, STAMP, UNTOLD};
use super::runs::{self, Written};
use super::stamps::Stamps;
use super::{Mongo, dependents, endings};
use crate::model::{Job, JobName, Run, RunName, RunPath, Status, Time};
use crate::store::domain::counts::Counts;
use crate::store::domain::parent::{self, Lead};
use crate::store::domain::{leader, patch};
use crate::store::{Result, StoreError};

/// So many runs of a job stand so.
struct Group {
    ws: String,
    status: Status,
    is_parent: bool,
    leads: bool,
    is_child: bool,
    runs: u64,
}

/// Settles jobs whose runs have changed, and what follows from it for the jobs that come after them; takes the mark off
/// them by which they are open.
pub fn jobs(mongo: &Mongo, jobs: BTreeSet<JobName>, stamps: &mut Stamps) -> Result<()> {
    let connection = &mongo.connection;
    let mut open_jobs = VecDeque::from_iter(jobs);
    while let Some(name) = open_jobs.pop_front() {
        let Some(job) = job(connection, name, stamps)? else { continue };
        if job.job_status.is_final() {
            open_jobs.extend(dependents::released(connection, name, stamps)?);
        }
        close(connection, name, stamps.mark())?;
    }
    Ok(())
}

/// Takes the mark off a job. It is nobody's business any more when it has ended and bears no other.
pub fn close(connection: &Connection, job: JobName, mark: i64) -> Result<()> {
    connection.update(JOBS, doc! { "_id": job_id(job) }, doc! { "$pull": { OPEN: mark } })?;
    let ended = words(Status::ALL.into_iter().filter(|status| status.is_final()));
    let filter = doc! { "_id": job_id(job), OPEN: doc! { "$size": 0 }, "job_status": doc! { "$in": ended } };
    connection.update(JOBS, filter, doc! { "$set": { LIVE: false } })?;
    Ok(())
}

fn groups(connection: &Connection, name: JobName, spread: &[String]) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    for ws in spread {
        let by = doc! { "status": "$status", "is_parent": "$is_parent", "leads": "$leads", "is_child": "$is_child" };
        let stages = vec![
            doc! { "$match": { "job_id": job_id(name) } },
            doc! { "$group": { "_id": by, "runs": { "$sum": 1 } } },
        ];
        for found in connection.aggregate(ws, stages)? {
            let Ok(id) = found.get_document("_id") else { continue };
            let flag = |field: &str| id.get_bool(field).unwrap_or_default();
            groups.push(Group {
                ws: ws.clone(),
                status: status(id, "status"),
                is_parent: flag("is_parent"),
                leads: flag("leads"),
                is_child: flag("is_child"),
                runs: number(&found, "runs"),
            });
        }
    }
    Ok(groups)
}

/// The workspaces in which a job has runs.
pub fn spread(job: &Document) -> Vec<String> {
    let known = job.get_array(SPREAD).map(Vec::as_slice).unwrap_or_default();
    let mut spread: Vec<_> = known.iter().filter_map(Bson::as_str).map(str::to_owned).collect();
    if spread.is_empty() {
        spread.extend(job.get_str("ws_name").ok().filter(|ws| !ws.is_empty()).map(str::to_owned));
    }
    spread
}

/// Counts of a job by its groups. Parents are not counted.
fn counts(groups: &[Group]) -> Counts {
    let mut counts = Counts::default();
    for group in groups.iter().filter(|group| !group.is_parent) {
        counts.count(group.status, group.runs.cast_signed());
    }
    counts
}

/// A job's counts and status, from its runs.
pub fn derive(connection: &Connection, document: &Document, job: &mut Job) -> Result<()> {
    let groups = groups(connection, job.job_id, &spread(document))?;
    stand(job, &groups);
    Ok(())
}

fn stand(job: &mut Job, groups: &[Group]) {
    counts(groups).replace(job);
    let statuses: Vec<_> =
        groups.iter().filter(|group| !group.is_parent || group.leads).map(|group| group.status).collect();
    // With its last run deleted a job stays what it was: jobs that come after it can tell.
    if !statuses.is_empty() {
        job.job_status = Status::of_group(statuses);
    }
    let is_over = job.job_status.is_final();
    job.end_time = is_over.then(|| job.end_time.unwrap_or_else(Time::now));
}

/// Derives a job from its runs, and its parents; answers it unless it is not there or cannot be read.
fn job(connection: &Connection, name: JobName, stamps: &mut Stamps) -> Result<Option<Job>> {
    let token = token();
    loop {
        // Read before the runs are counted: whoever counts later writes later, or counts again.
        let Some(seen) = connection.find_one(JOBS, doc! { "_id": job_id(name) }, doc! {})? else {
            return Ok(None);
        };
        let Ok(mut job) = document::job(&seen) else { return Ok(None) };
        let spread = spread(&seen);
        let mut groups = groups(connection, name, &spread)?;
        if groups.iter().any(|group| group.is_parent) && parents(connection, name, &groups, stamps)? {
            groups = self::groups(connection, name, &spread)?;
        }
        let (before, was_over) = (to_fields(&name.to_string(), &job)?, job.job_status.is_final());
        stand(&mut job, &groups);
        let (mut set, unset) = difference(&before, &to_fields(&name.to_string(), &job)?);
        if !set.is_empty() || !unset.is_empty() {
            set.insert(STAMP, stamps.later(&seen)?);
            if job.job_status.is_final() && !was_over {
                set.insert(ENDED, token.as_str());
            }
            let (filter, update) = revised(&seen, set, unset, &token, doc! {});
            let written = connection.update(JOBS, filter, update)?;
            if !written && !self::written(connection, name, &token)? {
                continue;
            }
        }
        tell(connection, name, &spread)?;
        return Ok(Some(job));
    }
}

fn written(connection: &Connection, name: JobName, token: &str) -> Result<bool> {
    let job = connection.find_one(JOBS, doc! { "_id": job_id(name) }, doc! { super::names::PAST: 1 })?;
    Ok(job.is_some_and(|job| remembers(&job, token)))
}

/// Puts down which ends are to be told, and takes the notes about it off.
fn tell(connection: &Connection, name: JobName, spread: &[String]) -> Result<()> {
    let mut ended = Vec::new();
    for ws in spread {
        let filter = doc! { "job_id": job_id(name), UNTOLD: true };
        let fields = doc! { "status": 1, "end_id": 1, "run_num": 1 };
        for run in connection.find(ws, filter, fields, doc! { "run_num": 1 }, None)? {
            let Some(run_name) = run.get_str("_id").ok().and_then(|name| name.parse::<RunName>().ok()) else {
                continue;
            };
            ended.push((RunPath::new(ws.as_str(), run_name), status(&run, "status")));
        }
    }
    let Some(seen) = connection.find_one(JOBS, doc! { "_id": job_id(name) }, doc! {})? else { return Ok(()) };
    let whole = seen.get_str(ENDED).ok();
    if ended.is_empty() && whole.is_none() {
        return Ok(());
    }
    if let Ok(job) = document::job(&seen) {
        for told in crate::store::domain::endings::of(&job, &ended, whole.is_some()) {
            let key = match (&told.run, told.whole) {
                (_, true) => format!("{name} {}", whole.unwrap_or_default()),
                (Some(run), false) => format!("{name} {run} {}", told.status),
                (None, false) => continue,
            };
            if connection.find_one(ENDINGS, doc! { "_id": &key }, doc! { "_id": 1 })?.is_none() {
                let id = counters::next_ending(connection)?;
                let ending =
                    endings::document(&key, id, name, &told, seen.get_str(OWNER).unwrap_or_default());
                connection.insert_new(ENDINGS, &ending)?;
            }
        }
    }
    for (path, status) in ended {
        let filter = doc! { "_id": path.run.to_string(), "status": status.word() };
        connection.update(&path.ws, filter, doc! { "$unset": { UNTOLD: "" } })?;
    }
    if let Some(whole) = whole {
        connection.update(
            JOBS,
            doc! { "_id": job_id(name), ENDED: whole },
            doc! { "$unset": { ENDED: "" } },
        )?;
    }
    Ok(())
}

/// Settles the parents of a job, and the children of leaders; answers whether anything has changed.
fn parents(connection: &Connection, name: JobName, groups: &[Group], stamps: &mut Stamps) -> Result<bool> {
    let mut changed = false;
    let workspaces: BTreeSet<_> =
        groups.iter().filter(|group| group.is_parent).map(|group| group.ws.as_str()).collect();
    for ws in workspaces {
        let filter = doc! { "job_id": job_id(name), "is_parent": true };
        for seen in connection.find(ws, filter, without_growth(), doc! {}, None)? {
            let mut children: Vec<_> = groups
                .iter()
                .filter(|group| group.ws == ws && group.is_child)
                .map(|group| group.status)
                .collect();
            let Ok(run) = document::run(ws, &seen) else {
                changed |= rest(connection, ws, &seen, &children, stamps)?;
                continue;
            };
            if children.contains(&Status::Created) && (!run.leads || run.status.is_final()) {
                follow(connection, &run, stamps)?;
                changed = true;
                children = self::children(connection, &run)?;
            }
            changed |= settle_parent(connection, &run, seen, &children, stamps)?;
        }
    }
    Ok(changed)
}

/// What its children do must be recorded of a parent that cannot be read, too. One that leads is what its own script is.
fn rest(
    connection: &Connection,
    ws: &str,
    seen: &Document,
    children: &[Status],
    stamps: &mut Stamps,
) -> Result<bool> {
    let rest = document::run_or_rest(ws, seen);
    let status = parent::status(&rest, children.iter().copied());
    if children.is_empty() || rest.leads || rest.status == status {
        return Ok(false);
    }
    let set = doc! { "$set": { "status": status.word(), STAMP: stamps.of(ws, seen)? } };
    connection.update(ws, document::as_seen(seen), set)
}

/// The statuses of a parent's children.
fn children(connection: &Connection, parent: &Run) -> Result<Vec<Status>> {
    let found = connection.find(&parent.ws, below(parent), doc! { "status": 1 }, doc! {}, None)?;
    Ok(found.iter().map(|child| status(child, "status")).collect())
}

/// The filter that meets the children of a parent.
fn below(parent: &Run) -> Document {
    let after = RunName::top(parent.run_name.number + 1).run_num();
    doc! { "run_num": { "$gt": bson_number(parent.run_num), "$lt": bson_number(after) } }
}

/// Lets the children of a leader start, or ends them.
fn follow(connection: &Connection, leader: &Run, stamps: &mut Stamps) -> Result<()> {
    let mut waiting = below(leader);
    waiting.insert("status", Status::Created.word());
    let now = Time::now();
    for child in connection.find(&leader.ws, waiting, without_growth(), doc! { "run_num": 1 }, None)? {
        if let Ok(run) = document::run(&leader.ws, &child) {
            runs::change(connection, &leader::follow(leader, &run, now), child, stamps, &token())?;
        }
    }
    Ok(())
}

fn settle_parent(
    connection: &Connection,
    run: &Run,
    seen: Document,
    children: &[Status],
    stamps: &mut Stamps,
) -> Result<bool> {
    if children.is_empty() {
        return Ok(false);
    }
    let mut end_id = None;
    let written = runs::write(connection, &run.path(), seen, &token(), &without_growth(), |seen, run| {
        let now = Time::now();
        let status = parent::status(run, children.iter().copied());
        let event = if run.leads {
            match parent::lead(run, status) {
                Lead::Keeps => return Ok(None),
                Lead::IsCancelled => Some(parent::cancel(run, now)),
                Lead::GivesWay => parent::settle(run, status, now),
            }
        } else {
            parent::settle(run, status, now)
        };
        let Some(event) = event else { return Ok(None) };
        if patch::wants_end_id(run) {
            let number = end_id.map_or_else(|| counters::next_end(connection, &run.ws), Ok)?;
            end_id = Some(number);
            run.end_id = Some(number);
        }
        Ok(Some((doc! { STAMP: stamps.of(&run.ws, seen)? }, vec![document::event_document(&event)])))
    })?;
    Ok(matches!(written, Written::Changed))
}

/// A job by its name.
pub fn find(connection: &Connection, name: JobName) -> Result<Document> {
    connection.find_one(JOBS, doc! { "_id": job_id(name) }, doc! {})?.ok_or_else(|| StoreError::Missing {
        what: "job",
        name: name.to_string(),
        nearest: None,
    })
}

/// Changes a job's document in one step.
pub fn change_job(
    connection: &Connection,
    name: JobName,
    change: &mut dyn FnMut(&mut Job) -> bool,
) -> Result<Job> {
    let token = token();
    let mut stamps = Stamps::take(connection)?;
    loop {
        let seen = find(connection, name)?;
        let mut job = document::job(&seen)?;
        if remembers(&seen, &token) {
            return Ok(job);
        }
        let before = to_fields(&name.to_string(), &job)?;
        if !change(&mut job) {
            return Ok(job);
        }
        let (mut set, unset) = difference(&before, &to_fields(&name.to_string(), &job)?);
        set.insert(STAMP, stamps.later(&seen)?);
        let (filter, update) = revised(&seen, set, unset, &token, doc! {});
        if connection.update(JOBS, filter, update)? {
            return Ok(job);
        }
    }
}
