//! Copies of runs: with all they said, under a new name in another workspace.

use mongodb::bson::{Bson, Document, doc};

use super::counters::{self, job_id};
use super::document::{self, to_fields, token};
use super::names::{BESIDE, BLOCKS, CALLS, HISTORY, JOBS, LOG, OWNER, REV, SPREAD, STAMP};
use super::stamps::Stamps;
use super::{Mongo, blocks, change, history, ingest, runs, settle};
use crate::model::{Event, JobName, RunName, RunPath};
use crate::store::Result;
use crate::store::domain::birth;

/// Copies a run with its events and metric history to another workspace, under a new name there; the job it
/// belongs to has one run more.
pub fn copy_run(mongo: &Mongo, from: &RunPath, to_ws: &str) -> Result<RunName> {
    let connection = &mongo.connection;
    let mut document = runs::found(connection, from, doc! {})?;
    counters::require(connection, to_ws)?;
    counters::ensure(connection, to_ws, "")?;
    let original = document::run(&from.ws, &document)?;
    let name = RunName::top(counters::next_runs(connection, to_ws, 1)?);
    let job: JobName = original.job_id;
    let copy = birth::copy(original, to_ws, name);
    let key = copy.path().to_string();

    let copies = blocks::copied(connection, &mut document, &key)?;
    connection.insert_missing(BLOCKS, &copies)?;
    let mut new = doc! { "_id": name.to_string() };
    new.extend(to_fields(&key, &copy)?);
    for field in [CALLS, HISTORY, OWNER] {
        new.extend(document.get(field).map(|value| (field.to_owned(), value.clone())));
    }
    let mut log = document.get_array(LOG).cloned().unwrap_or_default();
    let mut beside = history::beside(connection, from, &document)?;
    let copied = document::event_document(&Event::now(
        "copied",
        [("from", serde_json::Value::String(from.to_string()))],
    ));
    if beside.is_empty() {
        log.push(Bson::Document(copied));
    } else {
        beside.push(copied);
        ingest::put_beside(connection, &key, &beside, 0)?;
    }
    let mut stamps = Stamps::take(connection)?;
    new.extend(doc! {
        LOG: log, BESIDE: document::bson_number(beside.len() as u64), STAMP: stamps.of(to_ws, &Document::new())?,
        REV: token(),
    });
    change::open(connection, &[job].into(), stamps.mark())?;
    spread(mongo, job, to_ws)?;
    connection.insert_new(to_ws, &new)?;
    settle::jobs(mongo, [job].into(), &mut stamps)?;
    Ok(name)
}

/// Notes that a job has runs in one workspace more: besides those that it had, which a job of `XTLib`'s does not list.
fn spread(mongo: &Mongo, job: JobName, to_ws: &str) -> Result<()> {
    let connection = &mongo.connection;
    let filter = doc! { "_id": job_id(job) };
    let Some(known) = connection.find_one(JOBS, filter.clone(), doc! { SPREAD: 1, "ws_name": 1 })? else {
        return Ok(());
    };
    let mut all = settle::spread(&known);
    all.push(to_ws.to_owned());
    connection.update(JOBS, filter, doc! { "$addToSet": { SPREAD: { "$each": all } } }).map(|_| ())
}
