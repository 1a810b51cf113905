//! What runs say, taken in once: the blocks of a batch first, and then the record of the run, in one step with how far
//! its file was read.
//!
//! A server bounds what a document holds (16 MB). The events of a script stand within the run's up to a size and beside
//! it from then on; what would make the record itself too large is not taken in, and an event says so.

use indexmap::IndexMap;
use mongodb::bson::{Document, doc};

use super::blocks::append;
use super::connection::Connection;
use super::document::{bson_number, event_document, number, size, to_fields, token};
use super::escape::{escape, unescape};
use super::names::{BESIDE, BLOCKS, CALLS, EVENTS, LOG, MIRROR, SOURCES, STAMP};
use super::runs;
use super::stamps::Stamps;
use crate::model::{Event, RunPath, Scalar, Values};
use crate::store::domain::said;
use crate::store::{MetricBatch, NewPoint, Result};

/// So many metric events of a run are mirrored for `XTLib`'s readers, and so many bytes of them.
const MOST_MIRRORED: u64 = 1000;
const MIRRORED_BYTES: usize = 2 << 20;
/// So many events of a script stand in its run's document, and so many bytes of them; the others lie beside it.
const MOST_LOGGED: u64 = 2000;
const LOGGED_BYTES: usize = 2 << 20;
/// The largest event that is kept.
const LARGEST_EVENT: usize = 8 << 20;
/// As large as this the record of a run may become by what it says, without its log.
const LARGEST_RECORD: usize = 8 << 20;
/// The largest block.
const LARGEST_BLOCK: usize = 12 << 20;

/// How many of its metric events were mirrored, and how large they are together.
const MIRRORED: &str = "_xt_mirrored";
const MIRRORED_SIZE: &str = "_xt_mirrored_size";
/// How many events of its own a script has logged within its run's document, and how large they are together.
const LOGGED: &str = "_xt_logged";
const LOGGED_SIZE: &str = "_xt_logged_size";
/// What it said last was more than its record holds.
const FULL: &str = "_xt_full";

/// Takes in a batch, unless it was taken in before.
pub fn ingest(connection: &Connection, batch: &MetricBatch) -> Result<()> {
    let fields = doc! { LOG: 0 };
    let seen = runs::found(connection, &batch.run, fields.clone())?;
    let has_values = !(batch.points.is_empty() && batch.hparams.is_empty() && batch.tags.is_empty());
    let mut stamps = if has_values { Some(Stamps::take(connection)?) } else { None };
    let (key, source) = (batch.run.to_string(), escape(&batch.source));
    let (mut written, mut old, mut refused) = (Vec::new(), Vec::new(), None);
    let done = runs::write(connection, &batch.run, seen, &token(), &fields, |seen, run| {
        let at = seen.get_document(SOURCES).map_or(0, |sources| number(sources, &source));
        match said::is_new(batch, at) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => {
                refused = Some(error);
                return Ok(None);
            }
        }
        // The blocks of a try before this one, which somebody else was faster than, are nobody's.
        old.append(&mut written);
        let mut set = doc! { format!("{SOURCES}.{source}"): bson_number(batch.to) };
        let mut events: Vec<_> = batch.events.iter().map(|event| kept(event, &batch.source)).collect();
        let mut records = Vec::new();
        if has_values {
            let calls = number(seen, CALLS);
            let appended = append(connection, &key, seen, said::by_metric(&batch.points, calls))?;
            let is_full = !fits(seen, batch)? || appended.new.iter().any(|block| size(block) > LARGEST_BLOCK);
            set.insert(FULL, is_full);
            if !is_full {
                said::take(run, batch);
                connection.insert_missing(BLOCKS, &appended.new)?;
                let ids =
                    appended.new.iter().filter_map(|block| block.get_str("_id").ok().map(str::to_owned));
                written.extend(ids);
                old.extend(appended.old);
                set.extend(appended.set);
                set.insert(CALLS, bson_number(calls + batch.points.last().map_or(0, |last| last.call + 1)));
                records.extend(mirror(&batch.points, seen, &mut set));
            } else if !seen.get_bool(FULL).unwrap_or_default() {
                events.push(not_kept(&batch.source, "what it logs is more than the record of a run holds"));
            }
        }
        records.extend(put_aside(connection, &key, events, seen, &mut set)?);
        if let Some(stamps) = &mut stamps {
            set.insert(STAMP, stamps.of(&batch.run.ws, seen)?);
        }
        Ok(Some((set, records)))
    })?;
    if !matches!(done, runs::Written::Changed) {
        old.append(&mut written);
    }
    old.retain(|id| !written.contains(id));
    if !old.is_empty() {
        connection.delete(BLOCKS, doc! { "_id": { "$in": old } })?;
    }
    refused.map_or(Ok(()), Err)
}

/// Whether the record of a run holds the values of a batch besides what it has.
fn fits(seen: &Document, batch: &MetricBatch) -> Result<bool> {
    let latest = said::latest(&batch.points);
    let latest: Values =
        latest.into_iter().map(|(name, point)| (name.to_owned(), point.value.clone())).collect();
    // The name of a metric that is new stands three times in it: with its value, its place and its blocks.
    let mut grows = 3 * size(&to_fields("metrics", &latest)?) + 100 * latest.len();
    for values in [&batch.hparams, &batch.tags] {
        grows += size(&to_fields("values", values)?);
    }
    Ok(size(seen).saturating_add(grows) <= LARGEST_RECORD)
}

/// The document of an event; one that is too large is told instead.
fn kept(event: &Event, file: &str) -> Document {
    let document = event_document(event);
    if size(&document) <= LARGEST_EVENT {
        return document;
    }
    let name: String = event.event.chars().take(200).collect();
    not_kept(file, &format!("its event `{name}` is larger than {} MiB", LARGEST_EVENT >> 20))
}

fn not_kept(file: &str, reason: &str) -> Document {
    event_document(&Event::now("not-taken-in", [("file", file.into()), ("reason", reason.into())]))
}

/// The events that a run's document has room for. The others are written beside it, under numbers that count from when
/// the document says so.
fn put_aside(
    connection: &Connection,
    key: &str,
    mut events: Vec<Document>,
    seen: &Document,
    set: &mut Document,
) -> Result<Vec<Document>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let (logged, beside) = (number(seen, LOGGED), number(seen, BESIDE));
    let most = if beside == 0 { MOST_LOGGED.saturating_sub(logged) } else { 0 };
    let room = Room { most, bytes: LOGGED_BYTES, taken: number(seen, LOGGED_SIZE) };
    let (within, bytes) = room.take(&events);
    let others = events.split_off(within);
    put_beside(connection, key, &others, beside)?;
    set.insert(LOGGED, bson_number(logged + events.len() as u64));
    set.insert(LOGGED_SIZE, bson_number(bytes));
    set.insert(BESIDE, bson_number(beside + others.len() as u64));
    Ok(events)
}

/// Writes events beside a run's document, from a place on.
pub fn put_beside(connection: &Connection, key: &str, events: &[Document], from: u64) -> Result<()> {
    for (event, place) in events.iter().zip(from..) {
        let mut document = event.clone();
        document.insert("_id", format!("{key} {place}"));
        document.insert("run", key);
        document.insert("place", bson_number(place));
        connection.put(EVENTS, &document)?;
    }
    Ok(())
}

/// The room that a document has for records of a kind.
struct Room {
    most: u64,
    bytes: usize,
    taken: u64,
}

impl Room {
    /// How many of some records it holds, from the first on, and how many bytes are taken then.
    fn take(&self, records: &[Document]) -> (usize, u64) {
        let (mut count, mut taken) = (0, self.taken);
        for record in records.iter().take(usize::try_from(self.most).unwrap_or(usize::MAX)) {
            let with = taken.saturating_add(size(record) as u64);
            if with > self.bytes as u64 {
                break;
            }
            (count, taken) = (count + 1, with);
        }
        (count, taken)
    }
}

/// The first log calls of a run, as `XTLib` writes them down: those among points that come before there are too many.
fn mirror(points: &[NewPoint], seen: &Document, set: &mut Document) -> Vec<Document> {
    let mirrored = number(seen, MIRRORED);
    let most = MOST_MIRRORED.saturating_sub(mirrored);
    let mut records = calls(points, usize::try_from(most).unwrap_or(0));
    let room = Room { most, bytes: MIRRORED_BYTES, taken: number(seen, MIRRORED_SIZE) };
    let (count, bytes) = room.take(&records);
    // None follows one that was left out.
    let all = if count < records.len() { MOST_MIRRORED } else { mirrored + count as u64 };
    records.truncate(count);
    set.insert(MIRRORED, bson_number(all));
    set.insert(MIRRORED_SIZE, bson_number(bytes));
    records
}

/// The first log calls among points.
fn calls(points: &[NewPoint], most: usize) -> Vec<Document> {
    let mut calls = IndexMap::<u64, Event>::new();
    for point in points {
        if calls.len() == most && !calls.contains_key(&point.call) {
            break;
        }
        let event = calls.entry(point.call).or_insert_with(|| Event::at(point.time, "metrics", []));
        if let Some(step) = point.step {
            event.data.entry("step").or_insert_with(|| serde_json::Value::from(&Scalar::Float(step)));
        }
        event.data.insert(point.name.clone(), serde_json::Value::from(&point.value));
    }
    let marked = |event: &Event| {
        let mut record = event_document(event);
        record.insert(MIRROR, true);
        record
    };
    calls.values().map(marked).collect()
}

/// How far the files of a run were taken in.
pub fn ingested(connection: &Connection, path: &RunPath) -> Result<Vec<(String, u64)>> {
    let document = runs::found(connection, path, doc! { SOURCES: 1 })?;
    let Ok(sources) = document.get_document(SOURCES) else { return Ok(Vec::new()) };
    Ok(sources.keys().map(|source| (unescape(source), number(sources, source))).collect())
}
