//! Care of the store: documents that cannot be read, and counts that do not agree.

use std::collections::{BTreeSet, HashSet};

use mongodb::bson::{Document, doc};

use super::connection::Connection;
use super::counters::{self, job_id};
use super::document::{self, revised, to_fields, token, without_growth};
use super::escape::to_map;
use super::names::{JOBS, LOG, OPEN, STAMP};
use super::stamps::Stamps;
use super::{Mongo, blocks, change, dependents, settle};
use crate::model::{Job, JobName};
use crate::store::collect::hashes_in;
use crate::store::{Result, Unreadable};

/// What to do about a record that cannot be read.
const CURE: &str = "`xt check store --repair` puts it away";

/// Looks for records that cannot be read, counts that do not agree, blocks that are missing or damaged.
pub fn check(mongo: &Mongo) -> Result<Vec<String>> {
    let connection = &mongo.connection;
    let mut findings = Vec::new();
    for ws in counters::names(connection)? {
        for found in connection.find(&ws, doc! {}, doc! { LOG: 0 }, doc! { "run_num": 1 }, None)? {
            match document::run(&ws, &found) {
                Ok(run) => findings.extend(blocks::check(connection, &run.path(), &found)?),
                Err(error) => findings.push(format!("{error}; {CURE}")),
            }
        }
    }
    for found in connection.find(JOBS, doc! {}, doc! {}, doc! { "job_num": 1 }, None)? {
        match document::job(&found) {
            Err(error) => findings.push(format!("{error}; {CURE}")),
            // Those of XTLib count in their own way, and those under way will be counted.
            Ok(_)
                if !found.contains_key(STAMP)
                    || !found.contains_key(super::names::OWNER)
                    || is_open(&found) => {}
            Ok(job) => {
                let mut counted = job.clone();
                settle::derive(connection, &found, &mut counted)?;
                let told = |job: &Job| {
                    format!(
                        "{} runs: {} queued, {} running, {} completed, {} failed, {} cancelled",
                        job.run_count,
                        job.queued_runs,
                        job.running_runs,
                        job.completed_runs,
                        job.error_runs,
                        job.cancelled_runs,
                    )
                };
                if told(&job) != told(&counted) {
                    findings.push(format!(
                        "{}: it counts {}, and has {}",
                        job.job_id,
                        told(&job),
                        told(&counted)
                    ));
                }
            }
        }
    }
    Ok(findings)
}

fn is_open(job: &Document) -> bool {
    job.get_array(OPEN).is_ok_and(|marks| !marks.is_empty())
}

/// Runs and jobs whose documents cannot be read.
pub fn unreadable(connection: &Connection) -> Result<Unreadable> {
    let mut found = Unreadable::default();
    for ws in counters::names(connection)? {
        for document in connection.find(&ws, doc! {}, without_growth(), doc! { "run_num": 1 }, None)? {
            found.runs.extend(Some(document::run_or_rest(&ws, &document)).filter(|run| run.unreadable));
        }
    }
    for document in connection.find(JOBS, doc! {}, doc! {}, doc! { "job_num": 1 }, None)? {
        if document::job(&document).is_err() {
            let text = serde_json::Value::Object(to_map(&document)).to_string();
            found.jobs.push((document::job_or_rest(&document).job_id, text.into_bytes()));
        }
    }
    Ok(found)
}

/// Writes the record of a job anew that could not be read: its counts from its runs. How its runs are started is lost,
/// so those that wait end here. False when the record can be read.
pub fn rebuild_job(mongo: &Mongo, name: JobName) -> Result<bool> {
    let connection = &mongo.connection;
    let seen = settle::find(connection, name)?;
    if document::job(&seen).is_ok() {
        return Ok(false);
    }
    let mut stamps = Stamps::take(connection)?;
    change::open(connection, &BTreeSet::from([name]), stamps.mark())?;
    let mut job = Job {
        job_guid: uuid::Uuid::new_v4().to_string(),
        priority: seen.get_i64("priority").unwrap_or_default(),
        description: Some("its record could not be read and was written anew".to_owned()),
        ..document::job_or_rest(&seen)
    };
    let mut places = settle::spread(&seen);
    if places.is_empty() {
        // It does not even say where its runs are.
        places = counters::names(connection)?;
    }
    for ws in places {
        let filter = doc! { "job_id": job_id(name) };
        let first = doc! { "create_time": 1 };
        let runs = connection.find(&ws, filter, without_growth(), first, Some(1))?;
        if let Some(run) = runs.first().map(|run| document::run_or_rest(&ws, run)) {
            (job.started, job.username) = (run.create_time, run.username);
            if job.ws_name.is_empty() {
                job.ws_name = ws;
            }
            break;
        }
    }
    let mut set = to_fields(&name.to_string(), &job)?;
    set.insert(STAMP, stamps.later(&seen)?);
    let (_, update) = revised(&seen, set, Document::new(), &token(), Document::new());
    connection.update(JOBS, doc! { "_id": job_id(name) }, update)?;
    dependents::stop_waiting(connection, name)?;
    let reason = "the record of its job could not be read, and with it how the run is started";
    dependents::abort_waiting(connection, &job, reason, &mut stamps)?;
    settle::jobs(mongo, BTreeSet::from([name]), &mut stamps)?;
    Ok(true)
}

/// The hashes in the documents of all jobs, whatever state the documents are in.
pub fn hashes(connection: &Connection, without: &BTreeSet<JobName>) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    // Submits come first: one that is finished meanwhile is a job by then.
    for submit in
        connection.find(super::names::SUBMITS, doc! { "done": false }, doc! { "job": 1 }, doc! {}, None)?
    {
        found.extend(hashes_in(serde_json::Value::Object(to_map(&submit)).to_string().as_bytes()));
    }
    for document in connection.find(JOBS, doc! {}, doc! {}, doc! {}, None)? {
        if !without.contains(&document::job_or_rest(&document).job_id) {
            found.extend(hashes_in(serde_json::Value::Object(to_map(&document)).to_string().as_bytes()));
        }
    }
    Ok(found)
}
