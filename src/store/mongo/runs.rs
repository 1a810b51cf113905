//! One run at a time: read, and changed only as it was seen. What could be changed twice is changed by tokens.

use mongodb::bson::{Document, doc};

use super::connection::Connection;
use super::counters;
use super::document::{
    self, difference, event_document, remembers, revised, to_fields, token_of, without_growth,
};
use super::names::{LOG, STAMP, UNTOLD};
use super::stamps::Stamps;
use crate::model::{Event, Run, RunPath};
use crate::store::domain::{leader, patch};
use crate::store::{Result, RunChange, StoreError};

/// The document of a run, without what only grows.
pub fn document(connection: &Connection, path: &RunPath) -> Result<Document> {
    found(connection, path, without_growth())
}

/// Some fields of the document of a run.
pub fn found(connection: &Connection, path: &RunPath, fields: Document) -> Result<Document> {
    if let Some(document) = connection.find_one(&path.ws, doc! { "_id": path.run.to_string() }, fields)? {
        return Ok(document);
    }
    counters::require(connection, &path.ws)?;
    Err(StoreError::Missing { what: "run", name: path.to_string(), nearest: None })
}

/// A run.
pub fn run(connection: &Connection, path: &RunPath) -> Result<Run> {
    document::run(&path.ws, &document(connection, path)?)
}

/// Where a run comes from, and where it has got to.
pub enum Written {
    /// Its conditions held.
    Changed,
    /// They did not.
    Refused,
    /// It is not there any more.
    Gone,
}

/// Applies a change whose conditions hold to a run that was seen, under a token.
pub fn change(
    connection: &Connection,
    change: &RunChange,
    seen: Document,
    stamps: &mut Stamps,
    token: &str,
) -> Result<Written> {
    let ws = &change.run.ws;
    let mut end_id = None;
    write(connection, &change.run, seen, token, &without_growth(), |seen, run| {
        let held = (change.expect.is_empty() || change.expect.contains(&run.status))
            && change.expect_attempt.is_none_or(|attempt| attempt == run.attempt);
        if !held {
            return Ok(None);
        }
        let was_final = run.status.is_final();
        let patch = leader::change(run, &change.patch);
        patch::apply(run, &patch);
        if patch::wants_end_id(run) {
            let number = end_id.map_or_else(|| counters::next_end(connection, ws), Ok)?;
            end_id = Some(number);
            run.end_id = Some(number);
        }
        let mut ours = doc! { STAMP: stamps.of(ws, seen)? };
        if run.status.is_final() && !was_final && !run.is_parent {
            ours.insert(UNTOLD, true);
        }
        Ok(Some((ours, change.events.iter().map(event_document).collect())))
    })
}

/// What a writer makes of a run that it has seen: fields of ours, and records for its log; nothing when it leaves it as it is.
type Made = Option<(Document, Vec<Document>)>;

/// Writes what somebody makes of a run, once, however often others write in between.
pub fn write(
    connection: &Connection,
    path: &RunPath,
    mut seen: Document,
    token: &str,
    fields: &Document,
    mut make: impl FnMut(&Document, &mut Run) -> Result<Made>,
) -> Result<Written> {
    loop {
        if remembers(&seen, token) {
            return Ok(Written::Changed);
        }
        let mut run = document::run(&path.ws, &seen)?;
        let before = to_fields(&path.to_string(), &run)?;
        let Some((ours, records)) = make(&seen, &mut run)? else { return Ok(Written::Refused) };
        let (mut set, unset) = difference(&before, &to_fields(&path.to_string(), &run)?);
        set.extend(ours);
        let mut push = Document::new();
        if !records.is_empty() {
            push.insert(LOG, doc! { "$each": records });
        }
        let (filter, update) = revised(&seen, set, unset, token, push);
        if connection.update(&path.ws, filter, update)? {
            return Ok(Written::Changed);
        }
        match connection.find_one(&path.ws, doc! { "_id": path.run.to_string() }, fields.clone())? {
            Some(document) => seen = document,
            None => return Ok(Written::Gone),
        }
    }
}

/// Appends an event to a run, once, unless the run is gone.
pub fn append(connection: &Connection, path: &RunPath, event: &Event, stamps: &mut Stamps) -> Result<()> {
    let Some(seen) = connection.find_one(&path.ws, doc! { "_id": path.run.to_string() }, without_growth())?
    else {
        return Ok(());
    };
    let record = event_document(event);
    let token = token_of(&record);
    let make = |seen: &Document, _: &mut Run| {
        Ok(Some((doc! { STAMP: stamps.of(&path.ws, seen)? }, vec![record.clone()])))
    };
    write(connection, path, seen, &token, &without_growth(), make).map(|_| ())
}
