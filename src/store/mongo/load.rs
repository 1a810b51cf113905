//! What was measured of runs and their machines: in the same blocks as metrics, under a record of its own, so that a
//! sample is no change of the run.

use indexmap::IndexMap;
use mongodb::bson::{Bson, Document, doc};

use super::blocks::{append, from_call};
use super::connection::Connection;
use super::document::{bson_number, number, remembers, revised, token};
use super::escape::unescape;
use super::names::{BLOCKS, CALLS, HISTORY, LOAD, PAST, REV};
use super::runs;
use crate::model::RunPath;
use crate::model::metric::Point;
use crate::store::{LoadSample, Result, StoreError, segment};

/// Keeps samples, run by run. A sample that meets another writer's is left out: it is never tried again.
pub fn keep(connection: &Connection, samples: &[LoadSample]) -> Result<()> {
    let mut by_run = IndexMap::<&RunPath, Vec<&LoadSample>>::new();
    for sample in samples {
        by_run.entry(&sample.run).or_default().push(sample);
    }
    for (path, samples) in by_run {
        let filter = doc! { "_id": path.run.to_string() };
        if connection.find_one(&path.ws, filter, doc! { "_id": 1 })?.is_some() {
            keep_of_run(connection, path, &samples)?;
        }
    }
    Ok(())
}

fn keep_of_run(connection: &Connection, path: &RunPath, samples: &[&LoadSample]) -> Result<()> {
    let key = path.to_string();
    let seen = if let Some(ledger) = connection.find_one(LOAD, doc! { "_id": &key }, doc! {})? {
        ledger
    } else {
        let new = doc! { "_id": &key, CALLS: 0_i64, HISTORY: {}, REV: token() };
        connection.insert_new(LOAD, &new)?;
        new
    };
    let calls = number(&seen, CALLS);
    let mut series = IndexMap::<&str, Vec<Point>>::new();
    for (sample, index) in samples.iter().zip(calls..) {
        for (name, value) in &sample.values {
            let point = Point { index, step: None, value: value.clone(), time: sample.time };
            series.entry(name).or_default().push(point);
        }
    }
    let appended = append(connection, &key, &seen, series)?;
    connection.insert_missing(BLOCKS, &appended.new)?;
    let mut set = appended.set;
    set.insert(CALLS, bson_number(calls + samples.len() as u64));
    let token = token();
    let (filter, update) = revised(&seen, set, Document::new(), &token, Document::new());
    let is_kept = connection.update(LOAD, filter, update)? || was_kept(connection, &key, &token)?;
    let unwanted = if is_kept {
        appended.old.into_iter().map(Bson::from).collect::<Vec<_>>()
    } else {
        appended.new.iter().filter_map(|block| block.get("_id").cloned()).collect()
    };
    if unwanted.is_empty() { Ok(()) } else { connection.delete(BLOCKS, doc! { "_id": { "$in": unwanted } }) }
}

/// Whether a write took place whose answer was lost.
fn was_kept(connection: &Connection, key: &str, token: &str) -> Result<bool> {
    let ledger = connection.find_one(LOAD, doc! { "_id": key }, doc! { PAST: 1 })?;
    Ok(ledger.is_some_and(|ledger| remembers(&ledger, token)))
}

/// Reads what was kept of a run, from a sample on.
pub fn read(
    connection: &Connection,
    path: &RunPath,
    from: u64,
    take: &mut dyn FnMut(&str, Vec<Point>),
) -> Result<()> {
    runs::found(connection, path, doc! { "_id": 1 })?;
    let Some(mut ledger) = find(connection, path)? else { return Ok(()) };
    let names: Vec<String> =
        ledger.get_document(HISTORY).map(|history| history.keys().cloned().collect()).unwrap_or_default();
    for escaped in names {
        let mut blocks = from_call(connection, &ledger, &escaped, from)?;
        if blocks.is_none() {
            // They were joined to others meanwhile.
            ledger = find(connection, path)?.unwrap_or(ledger);
            blocks = from_call(connection, &ledger, &escaped, from)?;
        }
        for bytes in blocks.ok_or_else(|| StoreError::from(segment::missing()))? {
            let mut points = segment::decode(&bytes)?;
            points.retain(|point| point.index >= from);
            if !points.is_empty() {
                take(&unescape(&escaped), points);
            }
        }
    }
    Ok(())
}

fn find(connection: &Connection, path: &RunPath) -> Result<Option<Document>> {
    connection.find_one(LOAD, doc! { "_id": path.to_string() }, doc! {})
}
