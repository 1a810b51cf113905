//! What a controller asks: who may start, who is active, who is to be ended; and its sign of life. It is answered for the
//! runs of its own home alone: what colleagues have submitted is their controllers' business.

use std::collections::BTreeMap;
use std::time::Duration;

use mongodb::bson::{Bson, Document, doc};

use super::connection::Connection;
use super::counters::job_id;
use super::document::{self, to_fields, without_growth, words};
use super::escape::to_map;
use super::names::{JOBS, LIVE, NODES, OPEN, OWNER, SUBMITS, WAITING};
use super::select::unfinished;
use super::{Mongo, endings, settle};
use crate::model::node::Heartbeat;
use crate::model::{JobName, Run, Status, Time};
use crate::store::Result;

/// Jobs of a home that have not ended, by workspace.
fn live(mongo: &Mongo) -> Result<BTreeMap<String, Vec<Bson>>> {
    let filter = doc! { OWNER: mongo.owner.as_str(), LIVE: true };
    let mut by_workspace = BTreeMap::<String, Vec<Bson>>::new();
    for job in
        mongo.connection.find(JOBS, filter, doc! { super::names::SPREAD: 1, "ws_name": 1 }, doc! {}, None)?
    {
        for ws in settle::spread(&job) {
            by_workspace.entry(ws).or_default().extend(job.get("_id").cloned());
        }
    }
    Ok(by_workspace)
}

/// What runs meet that something executes.
fn executes() -> Document {
    doc! { "$or": [ { "is_parent": { "$ne": true } }, { "leads": true } ] }
}

/// The runs of live jobs that meet a condition. What cannot be read cannot be looked after either.
fn runs(mongo: &Mongo, condition: &Document, limit: Option<usize>) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for (ws, jobs) in live(mongo)? {
        let filter = doc! { "$and": [ { "job_id": { "$in": jobs } }, { OWNER: mongo.owner.as_str() }, executes(), condition.clone() ] };
        let found = mongo.connection.find(&ws, filter, without_growth(), doc! { "run_num": 1 }, None)?;
        runs.extend(found.iter().filter_map(|document| document::run(&ws, document).ok()));
        if limit.is_some_and(|limit| runs.len() >= limit) {
            break;
        }
    }
    Ok(runs)
}

/// Jobs whose runs may start.
fn ready(owner: &str) -> Document {
    doc! {
        OWNER: owner, LIVE: true, WAITING: { "$ne": true }, "hold": { "$ne": true }, "queued_runs": { "$gt": 0 },
    }
}

/// Jobs whose runs may start, by priority and age.
pub fn startable_jobs(mongo: &Mongo, without: &[JobName], limit: usize) -> Result<Vec<JobName>> {
    let mut filter = ready(&mongo.owner);
    if !without.is_empty() {
        filter.insert("_id", doc! { "$nin": without.iter().map(|job| job_id(*job)).collect::<Vec<_>>() });
    }
    let order = doc! { "priority": -1, "job_num": 1 };
    let found = mongo.connection.find(JOBS, filter, doc! { "_id": 1 }, order, Some(limit))?;
    Ok(found.iter().filter_map(|job| job.get_str("_id").ok()?.parse().ok()).collect())
}

/// Runs of a job that may start now.
pub fn startable_runs(
    mongo: &Mongo,
    job: JobName,
    now: Time,
    longest: Duration,
    limit: usize,
) -> Result<Vec<Run>> {
    let record = settle::find(&mongo.connection, job)?;
    let due = doc! { "$or": [
        { "not_before": null },
        { "not_before": { "$lte": now.to_string() } },
        { "not_before": { "$gt": now.plus(longest).to_string() } },
    ] };
    let mut runs = Vec::new();
    for ws in settle::spread(&record) {
        let filter = doc! { "$and": [
            { "job_id": job_id(job), "status": Status::Queued.word(), "cancel_time": null, OWNER: mongo.owner.as_str() },
            executes(),
            due.clone(),
        ] };
        let found = mongo.connection.find(&ws, filter, without_growth(), doc! { "run_num": 1 }, None)?;
        runs.extend(
            found.iter().filter_map(|document| document::run(&ws, document).ok()).take(limit - runs.len()),
        );
    }
    Ok(runs)
}

/// The earliest moment after another one at which a waiting run's retry is due.
pub fn next_due(mongo: &Mongo, after: Time) -> Result<Option<Time>> {
    let mut earliest = None;
    for (ws, jobs) in live(mongo)? {
        let filter = doc! {
            "job_id": { "$in": jobs }, OWNER: mongo.owner.as_str(), "status": Status::Queued.word(),
            "not_before": { "$gt": after.to_string() },
        };
        let order = doc! { "not_before": 1 };
        let found = mongo.connection.find(&ws, filter, doc! { "not_before": 1 }, order, Some(1))?;
        let due = found.first().and_then(|run| run.get_str("not_before").ok()?.parse::<Time>().ok());
        earliest = earliest.into_iter().chain(due).min();
    }
    Ok(earliest)
}

/// What a run meets that a machine has claimed and that has not ended.
fn active() -> Document {
    doc! { "box_name": { "$ne": null }, "status": { "$in": words([Status::Spawning, Status::Running]) } }
}

/// Runs that a machine has claimed and that have not ended.
pub fn active_runs(mongo: &Mongo) -> Result<Vec<Run>> {
    runs(mongo, &active(), None)
}

/// What a run meets that somebody asked to cancel and that has not ended.
fn cancelled() -> Document {
    doc! { "cancel_time": { "$ne": null }, "status": { "$in": unfinished() } }
}

/// Runs somebody asked to cancel that have not ended.
pub fn cancelled_runs(mongo: &Mongo) -> Result<Vec<Run>> {
    runs(mongo, &cancelled(), None)
}

/// Whether a controller is needed: something may start, is due later, is active, has ended and is to be told, or was
/// cut off and is to be finished.
pub fn has_work(mongo: &Mongo) -> Result<bool> {
    let connection = &mongo.connection;
    let mine = doc! { OWNER: mongo.owner.as_str() };
    let is_there = |collection: &str, mut condition: Document| -> Result<bool> {
        condition.extend(mine.clone());
        Ok(connection.find_one(collection, condition, doc! { "_id": 1 })?.is_some())
    };
    if endings::any(connection, &mongo.owner)?
        || is_there(SUBMITS, doc! { "done": false })?
        || is_there(JOBS, doc! { LIVE: true, format!("{OPEN}.0"): { "$exists": true } })?
    {
        return Ok(true);
    }
    let condition = doc! { "$or": [ active(), cancelled() ] };
    if !runs(mongo, &condition, Some(1))?.is_empty() {
        return Ok(true);
    }
    for job in
        connection.find(JOBS, ready(&mongo.owner), doc! {}, doc! { "priority": -1, "job_num": 1 }, None)?
    {
        let Ok(record) = document::job(&job) else { continue };
        for ws in settle::spread(&job) {
            let filter = doc! { "$and": [ { "job_id": job_id(record.job_id), "status": Status::Queued.word() }, executes() ] };
            let found = connection.find(&ws, filter, without_growth(), doc! { "run_num": 1 }, Some(64))?;
            if found.iter().any(|run| document::run(&ws, run).is_ok()) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Writes a sign of life.
pub fn beat(mongo: &Mongo, heartbeat: &Heartbeat) -> Result<()> {
    let mut node =
        doc! { "_id": format!("{} {}", heartbeat.box_name, mongo.owner), OWNER: mongo.owner.as_str() };
    node.extend(to_fields(&format!("node {}", heartbeat.box_name), heartbeat)?);
    mongo.connection.put(NODES, &node)
}

/// All signs of life, one a machine: one's own where there is one, else the last. One that cannot be read is none.
pub fn heartbeats(mongo: &Mongo) -> Result<Vec<Heartbeat>> {
    let mut by_box = BTreeMap::<String, (bool, Heartbeat)>::new();
    for node in read_nodes(&mongo.connection)? {
        let mine = node.get_str(OWNER).is_ok_and(|owner| owner == mongo.owner);
        let Ok(heartbeat) = serde_json::from_value::<Heartbeat>(to_map(&node).into()) else { continue };
        let known = by_box.get(&heartbeat.box_name);
        if known.is_none_or(|(own, known)| (mine, heartbeat.time) > (*own, known.time)) {
            by_box.insert(heartbeat.box_name.clone(), (mine, heartbeat));
        }
    }
    Ok(by_box.into_values().map(|(_, heartbeat)| heartbeat).collect())
}

fn read_nodes(connection: &Connection) -> Result<Vec<Document>> {
    connection.find(NODES, doc! {}, doc! {}, doc! { "_id": 1 }, None)
}
