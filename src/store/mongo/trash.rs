//! Deleting: first into the trash, a collection of its own, then for good. A run on its way says where it goes, and
//! whoever sees it there brings it to its end.

use std::collections::BTreeSet;

use mongodb::bson::{Bson, Document, doc};

use super::connection::Connection;
use super::counters::{self, job_id};
use super::document::{self, token};
use super::names::{BLOCKS, ENDINGS, EVENTS, JOBS, LOAD, REV, STAMP, TRASH};
use super::stamps::Stamps;
use super::{Mongo, change, dependents, feed, mending, runs, settle};
use crate::model::{JobName, Run, RunName, RunPath, Time};
use crate::store::{Emptied, Result, StoreError};

/// When it was deleted.
const TRASHED: &str = "_xt_trashed";
/// Where it is on its way to: [`IN`], [`OUT`] or [`AWAY`].
const MOVING: &str = "_xt_moving";
const IN: &str = "in";
const OUT: &str = "out";
/// It is deleted for good, and cannot be restored any more.
const AWAY: &str = "away";
/// Since when it is on its way.
const MOVED: &str = "_xt_moved";
/// Its name in its workspace.
const NAME: &str = "_xt_name";
/// Its workspace.
const FROM: &str = "_xt_from";

/// Moves runs to the trash.
pub fn trash(mongo: &Mongo, paths: &[RunPath]) -> Result<()> {
    let connection = &mongo.connection;
    let mut found = Vec::new();
    for path in paths {
        found.push((path, change::job_of(&runs::found(connection, path, doc! { "job_id": 1 })?)));
    }
    change::in_portions(
        mongo,
        &found,
        |(_, job)| *job,
        |(path, _), stamps| {
            let trashed = entry(path, runs::found(connection, path, doc! {})?, Time::now());
            connection.put(TRASH, &trashed)?;
            move_in(connection, path, trashed, stamps)
        },
    )
}

/// What stands in the trash of a run on its way into it.
fn entry(path: &RunPath, mut run: Document, now: Time) -> Document {
    run.extend(doc! {
        "_id": path.to_string(), NAME: path.run.to_string(), FROM: path.ws.as_str(), TRASHED: now.micros(), MOVING: IN,
        MOVED: now.micros(),
    });
    run
}

/// The filter that meets what is on its way in the trash only as long as nobody has brought it to its end.
fn on_its_way(trashed: &Document) -> Document {
    let same = |field: &str| trashed.get(field).cloned();
    doc! { "_id": same("_id"), TRASHED: same(TRASHED), MOVING: same(MOVING), MOVED: same(MOVED) }
}

/// Takes a run out of its workspace that stands in the trash. What was written to it since goes with it; if it was
/// brought to its end and back by others meanwhile, it is theirs.
fn move_in(
    connection: &Connection,
    path: &RunPath,
    mut trashed: Document,
    stamps: &mut Stamps,
) -> Result<()> {
    let run = doc! { "_id": path.run.to_string() };
    loop {
        let mut as_seen = run.clone();
        as_seen.insert(REV, trashed.get(REV).cloned().unwrap_or(Bson::Null));
        connection.delete(&path.ws, as_seen)?;
        let Some(changed) = connection.find_one(&path.ws, run.clone(), doc! {})? else { break };
        let way = on_its_way(&trashed);
        let time = Time::from_micros(trashed.get_i64(TRASHED).unwrap_or_default());
        trashed = entry(path, changed, time);
        if !connection.replace(TRASH, way, &trashed)? {
            return Ok(());
        }
    }
    feed::bury(connection, "run", &path.ws, path.run.run_num(), stamps.now()?)?;
    let is_ours =
        connection.update(TRASH, on_its_way(&trashed), doc! { "$unset": { MOVING: "", MOVED: "" } })?;
    if !is_ours && connection.find_one(&path.ws, run, doc! { "_id": 1 })?.is_some() {
        feed::unbury(connection, "run", &path.ws, path.run.run_num())?;
    }
    Ok(())
}

/// Puts a run back that stands in the trash as on its way out of it.
fn move_out(connection: &Connection, trashed: &Document, path: &RunPath, stamps: &mut Stamps) -> Result<()> {
    counters::ensure(connection, &path.ws, trashed.get_str("username").unwrap_or_default())?;
    feed::unbury(connection, "run", &path.ws, path.run.run_num())?;
    let mut run = trashed.clone();
    for field in [TRASHED, MOVING, MOVED, NAME, FROM] {
        run.remove(field);
    }
    run.extend(doc! { "_id": path.run.to_string(), REV: token() });
    if document::run(&path.ws, &run).is_ok() {
        run.insert("last_time", Time::now().to_string());
    }
    run.insert(STAMP, stamps.of(&path.ws, trashed)?);
    if connection.find_one(TRASH, on_its_way(trashed), doc! { "_id": 1 })?.is_some() {
        connection.insert_new(&path.ws, &run)?;
    }
    connection.delete(TRASH, on_its_way(trashed))
}

fn path_of(trashed: &Document) -> Option<RunPath> {
    let name: RunName = trashed.get_str(NAME).ok()?.parse().ok()?;
    Some(RunPath::new(trashed.get_str(FROM).ok()?, name))
}

/// The run of a document in the trash.
fn run_of(trashed: &Document, path: &RunPath) -> Run {
    let mut run = trashed.clone();
    run.insert("_id", path.run.to_string());
    document::run_or_rest(&path.ws, &run)
}

fn is_going_in(trashed: &Document) -> bool {
    trashed.get_str(MOVING).is_ok_and(|way| way == IN)
}

/// Brings runs to their end that have been on their way for so long that whoever moved them was cut off.
fn complete(mongo: &Mongo) -> Result<()> {
    let connection = &mongo.connection;
    let age = i64::try_from(mending::AGE.as_micros()).unwrap_or(i64::MAX);
    let old =
        doc! { MOVING: { "$in": [IN, OUT] }, MOVED: { "$lt": Time::now().micros().saturating_sub(age) } };
    for trashed in connection.find(TRASH, old, doc! {}, doc! {}, None)? {
        let Some(path) = path_of(&trashed) else { continue };
        change::in_portions(mongo, &[trashed], change::job_of, |trashed, stamps| {
            if is_going_in(trashed) {
                move_in(connection, &path, trashed.clone(), stamps)
            } else {
                move_out(connection, trashed, &path, stamps)
            }
        })?;
    }
    Ok(())
}

/// What is in the trash, the latest first.
pub fn list(mongo: &Mongo) -> Result<Vec<(Time, Run)>> {
    complete(mongo)?;
    let order = doc! { TRASHED: -1, "run_num": 1 };
    let filter = doc! { MOVING: { "$ne": AWAY } };
    let found = mongo.connection.find(TRASH, filter, document::without_growth(), order, None)?;
    let entry = |trashed: &Document| {
        let path = path_of(trashed)?;
        Some((Time::from_micros(trashed.get_i64(TRASHED).unwrap_or_default()), run_of(trashed, &path)))
    };
    Ok(found.iter().filter_map(entry).collect())
}

/// What stands in the trash of a run that can be restored.
fn in_trash(connection: &Connection, path: &RunPath) -> Result<Document> {
    let there = doc! { "_id": path.to_string(), MOVING: { "$ne": AWAY } };
    connection.find_one(TRASH, there, doc! {})?.ok_or_else(|| missing(path))
}

fn missing(path: &RunPath) -> StoreError {
    StoreError::Missing { what: "run in the trash", name: path.to_string(), nearest: None }
}

/// Brings runs back, and a workspace that was deleted meanwhile with them.
pub fn restore(mongo: &Mongo, paths: &[RunPath]) -> Result<()> {
    let connection = &mongo.connection;
    complete(mongo)?;
    let mut found = Vec::new();
    for path in paths {
        found.push((path, in_trash(connection, path)?));
    }
    let job = |(_, trashed): &(&RunPath, Document)| change::job_of(trashed);
    change::in_portions(mongo, &found, job, |(path, trashed), stamps| {
        let mut trashed = trashed.clone();
        if is_going_in(&trashed) {
            move_in(connection, path, trashed, stamps)?;
            trashed = in_trash(connection, path)?;
        }
        let out = doc! { MOVING: OUT, MOVED: Time::now().micros() };
        let seen = on_its_way(&trashed);
        trashed.extend(out.clone());
        let is_out = connection.update(TRASH, seen, doc! { "$set": out })?
            // The answer was lost.
            || connection.find_one(TRASH, on_its_way(&trashed), doc! { "_id": 1 })?.is_some();
        if !is_out {
            return Err(missing(path));
        }
        move_out(connection, &trashed, path, stamps)
    })?;
    let mut stamps = Stamps::take(connection)?;
    for job in found.iter().filter_map(job).collect::<BTreeSet<_>>() {
        feed::unbury(connection, "job", "", job.0)?;
        let stamp = doc! { "$max": { STAMP: stamps.now()? } };
        connection.update(JOBS, doc! { "_id": job_id(job) }, stamp)?;
    }
    Ok(())
}

/// Forgets what was deleted before a moment, and jobs that then have no run left.
pub fn empty(mongo: &Mongo, before: Time) -> Result<Emptied> {
    let connection = &mongo.connection;
    complete(mongo)?;
    let filter = doc! { TRASHED: { "$lt": before.micros() } };
    let old = connection.find(
        TRASH,
        filter,
        document::without_growth(),
        doc! { TRASHED: 1, "run_num": 1 },
        None,
    )?;
    let (mut emptied, mut jobs) = (Emptied::default(), BTreeSet::new());
    for trashed in old {
        let Some(path) = path_of(&trashed) else { continue };
        let key = path.to_string();
        let seen = doc! { "_id": &key, TRASHED: trashed.get(TRASHED).cloned(), MOVING: { "$in": [Bson::Null, AWAY] } };
        if !connection.update(TRASH, seen, doc! { "$set": { MOVING: AWAY } })? {
            // Somebody restores it.
            continue;
        }
        connection.delete(BLOCKS, doc! { "run": &key })?;
        connection.delete(EVENTS, doc! { "run": &key })?;
        connection.delete(LOAD, doc! { "_id": &key })?;
        connection.delete(ENDINGS, doc! { "ws": &path.ws, "run_name": path.run.to_string() })?;
        connection.delete(TRASH, doc! { "_id": &key })?;
        jobs.extend(change::job_of(&trashed));
        emptied.runs.push(run_of(&trashed, &path));
    }
    for name in jobs {
        let Some(job) = connection.find_one(JOBS, doc! { "_id": job_id(name) }, doc! {})? else { continue };
        if !has_runs(connection, name, &job)? {
            forget(mongo, name)?;
            emptied.jobs.push(document::job_or_rest(&job));
        }
    }
    Ok(emptied)
}

fn has_runs(connection: &Connection, name: JobName, job: &Document) -> Result<bool> {
    for collection in settle::spread(job).iter().map(String::as_str).chain([TRASH]) {
        if connection.find_one(collection, doc! { "job_id": job_id(name) }, doc! { "_id": 1 })?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Forgets a job, and lets those start that waited for nothing else.
fn forget(mongo: &Mongo, name: JobName) -> Result<()> {
    let connection = &mongo.connection;
    let mut stamps = Stamps::take(connection)?;
    feed::bury(connection, "job", "", name.0, stamps.now()?)?;
    connection.delete(JOBS, doc! { "_id": job_id(name) })?;
    dependents::after(mongo, name, &mut stamps)
}

/// Deletes a workspace. Its runs must have been moved to the trash; they stay there until it is emptied, and
/// so do its jobs, which are listed nowhere meanwhile.
pub fn delete_workspace(mongo: &Mongo, ws: &str) -> Result<()> {
    let connection = &mongo.connection;
    counters::require(connection, ws)?;
    if connection.find_one(ws, doc! {}, doc! { "_id": 1 })?.is_some() {
        let hint = " with runs in it: delete them first".to_owned();
        return Err(StoreError::Exists { what: "workspace", name: ws.to_owned(), hint });
    }
    let mut stamps = Stamps::take(connection)?;
    counters::delete(connection, ws)?;
    feed::bury(connection, "workspace", ws, 0, stamps.now()?)?;
    for job in connection.find(JOBS, doc! { "ws_name": ws }, doc! { "_id": 1 }, doc! {}, None)? {
        let name = job.get("_id").and_then(Bson::as_str).and_then(|name| name.parse::<JobName>().ok());
        if let Some(name) = name {
            feed::bury(connection, "job", "", name.0, stamps.now()?)?;
        }
    }
    // A run that was submitted meanwhile brings it back.
    if connection.find_one(ws, doc! {}, doc! { "username": 1 })?.is_some() {
        counters::ensure(connection, ws, "")?;
    }
    Ok(())
}
