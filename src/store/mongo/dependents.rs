//! Jobs that come after others: who records the end of one looks at those that wait for it, and at what falls with them.

use std::collections::BTreeSet;

use mongodb::bson::{Document, doc};

use super::change::open;
use super::connection::Connection;
use super::counters::{self, job_id};
use super::document::{self, status, token, without_growth, words};
use super::names::{JOBS, STAMP, WAITING};
use super::stamps::Stamps;
use super::{Mongo, runs, settle};
use crate::model::{Job, JobName, Status, Time};
use crate::store::Result;
use crate::store::domain::dependents::{Standing, abort, standing};

/// Settles the jobs that come after one that is no more.
pub fn after(mongo: &Mongo, name: JobName, stamps: &mut Stamps) -> Result<()> {
    let fallen = released(&mongo.connection, name, stamps)?;
    settle::jobs(mongo, fallen.into_iter().collect(), stamps)
}

/// Lets jobs start for which one was all that was open; answers those that can never start, whose runs were ended.
pub fn released(connection: &Connection, name: JobName, stamps: &mut Stamps) -> Result<Vec<JobName>> {
    let mut fallen = Vec::new();
    for dependent in dependents_of(connection, name)? {
        // One that cannot be read must not keep others from being settled.
        let Ok(after) = document::job(&dependent) else { continue };
        if release(connection, &after, stamps)? {
            fallen.push(after.job_id);
        }
    }
    Ok(fallen)
}

/// The jobs that wait for one.
fn dependents_of(connection: &Connection, name: JobName) -> Result<Vec<Document>> {
    let filter = doc! { "after": job_id(name), WAITING: true };
    connection.find(JOBS, filter, doc! {}, doc! { "job_num": 1 }, None)
}

/// Lets a job start if all it comes after has completed, or ends its runs if that will never be; answers whether runs
/// of it were ended. It is left open then.
pub fn release(connection: &Connection, job: &Job, stamps: &mut Stamps) -> Result<bool> {
    let status = |name| -> Result<Option<Status>> {
        let needed = connection.find_one(JOBS, doc! { "_id": job_id(name) }, doc! { "job_status": 1 })?;
        Ok(needed.map(|needed| status(&needed, "job_status")))
    };
    let reason = match standing(job, status)? {
        Standing::Open => return Ok(false),
        Standing::Met => None,
        Standing::Failed(reason) => Some(reason),
    };
    if let Some(reason) = &reason {
        open(connection, &BTreeSet::from([job.job_id]), stamps.mark())?;
        abort_waiting(connection, job, reason, stamps)?;
    }
    stop_waiting(connection, job.job_id)?;
    Ok(reason.is_some())
}

/// A job waits for no other any more.
pub fn stop_waiting(connection: &Connection, job: JobName) -> Result<()> {
    let waits = doc! { "_id": job_id(job), WAITING: true };
    let released = doc! { "$set": { WAITING: false }, "$max": { STAMP: counters::next_stamp(connection)? } };
    connection.update(JOBS, waits, released).map(|_| ())
}

/// Ends the waiting runs of a job that will never start.
pub fn abort_waiting(connection: &Connection, job: &Job, reason: &str, stamps: &mut Stamps) -> Result<()> {
    let filter = doc! {
        "job_id": job_id(job.job_id),
        "status": { "$in": words([Status::Created, Status::Queued]) },
        "$or": [ { "is_parent": { "$ne": true } }, { "leads": true } ],
    };
    let now = Time::now();
    for seen in connection.find(&job.ws_name, filter, without_growth(), doc! { "run_num": 1 }, None)? {
        // One that cannot be read stays as it is, and must not keep the others.
        if let Ok(run) = document::run(&job.ws_name, &seen) {
            let mut change = abort(&run, reason, now);
            change.expect = vec![Status::Created, Status::Queued];
            runs::change(connection, &change, seen, stamps, &token())?;
        }
    }
    Ok(())
}
