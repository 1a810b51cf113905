//! Metric history: blocks of `store::segment` as documents that never change, and the record of a run, which names
//! those that count. A batch writes its blocks first and then the record, in one step with how far its file was read:
//! blocks that no record names are nobody's points.

use indexmap::IndexMap;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};

use super::connection::Connection;
use super::document::{bson_number, event_document, number, token};
use super::escape::{escape, unescape};
use super::names::{BESIDE, BLOCKS, CALLS, EVENTS, HISTORY, LOG, MIRRORED, SOURCES, STAMP};
use super::runs;
use super::stamps::Stamps;
use crate::model::metric::{Numbers, Point};
use crate::model::{Event, RunPath, Scalar};
use crate::store::domain::{blocks, said};
use crate::store::segment::{self, CAPACITY};
use crate::store::{Histories, MetricBatch, NewPoint, Result, Seen};

/// So many metric events of a run are mirrored for `XTLib`'s readers.
const MOST_MIRRORED: u64 = 1000;
/// So many events of a script stand in its run's document; the others lie beside it.
const MOST_LOGGED: u64 = 2000;
/// How many events of its own a script has logged.
const LOGGED: &str = "_xt_logged";
/// Marks a metric event that is in the history too.
const MIRROR: &str = "_xt_mirror";
/// Blocks that are fetched at a time.
const PAGE: usize = 200;
/// A block that a record names may have been replaced while somebody went to fetch it; so often he looks again.
const TRIES: usize = 20;

/// A block as a record names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    id: String,
    points: u64,
    /// The log call of its first point.
    first: u64,
}

/// The blocks of one series, in order.
pub fn series(ledger: &Document, escaped: &str) -> Vec<Block> {
    let history = ledger.get_document(HISTORY).ok();
    let blocks = history.and_then(|history| history.get_array(escaped).ok());
    let block = |document: &Document| Block {
        id: document.get_str("id").unwrap_or_default().to_owned(),
        points: number(document, "points"),
        first: number(document, "first"),
    };
    blocks.into_iter().flatten().filter_map(Bson::as_document).map(block).collect()
}

/// What appending to series comes to.
#[derive(Default)]
pub struct Appended {
    /// The blocks of each series as they are then, for the record.
    pub set: Document,
    /// Blocks to be written before the record.
    pub new: Vec<Document>,
    /// Blocks that the record names no more.
    pub old: Vec<String>,
}

/// Works out what appending points to series of a record comes to.
pub fn append(
    connection: &Connection,
    run: &str,
    ledger: &Document,
    points: IndexMap<&str, Vec<Point>>,
) -> Result<Appended> {
    let mut appended = Appended::default();
    let mut plans = Vec::new();
    for (name, coming) in points {
        let escaped = escape(name);
        let mut known = series(ledger, &escaped);
        let full = known.iter().take_while(|block| block.points >= CAPACITY as u64).count();
        let counts: Vec<_> =
            known[full..].iter().map(|block| usize::try_from(block.points).unwrap_or(CAPACITY)).collect();
        let anew = known.split_off(known.len() - blocks::anew(&counts, coming.len()));
        appended.old.extend(anew.iter().map(|block| block.id.clone()));
        plans.push((escaped, known, anew, coming));
    }
    let mut data = fetch(connection, &appended.old)?;
    for (escaped, mut known, anew, coming) in plans {
        let mut points = Vec::new();
        for block in &anew {
            let bytes = data.remove(&block.id).ok_or(segment::missing())?;
            points.extend(segment::decode(&bytes)?);
        }
        points.extend(coming);
        for chunk in points.chunks(CAPACITY) {
            let block = Block {
                id: token(),
                points: chunk.len() as u64,
                first: chunk.first().map_or(0, |point| point.index),
            };
            appended.new.push(block_document(&block.id, run, segment::encode(chunk)?));
            known.push(block);
        }
        let named: Vec<_> = known.iter().map(name).collect();
        appended.set.insert(format!("{HISTORY}.{escaped}"), named);
    }
    Ok(appended)
}

fn name(block: &Block) -> Document {
    doc! { "id": block.id.as_str(), "points": bson_number(block.points), "first": bson_number(block.first) }
}

fn block_document(id: &str, run: &str, bytes: Vec<u8>) -> Document {
    doc! { "_id": id, "run": run, "data": Binary { subtype: BinarySubtype::Generic, bytes } }
}

/// The contents of blocks, of those that are there.
fn fetch(connection: &Connection, ids: &[String]) -> Result<std::collections::HashMap<String, Vec<u8>>> {
    let mut found = std::collections::HashMap::new();
    for page in ids.chunks(PAGE) {
        for block in
            connection.find(BLOCKS, doc! { "_id": { "$in": page } }, doc! { "data": 1 }, doc! {}, None)?
        {
            if let (Ok(id), Ok(data)) = (block.get_str("_id"), block.get_binary_generic("data")) {
                found.insert(id.to_owned(), data.clone());
            }
        }
    }
    Ok(found)
}

/// Takes in a batch, unless a batch of the same bytes was taken in before.
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
        let mut set = doc! { format!("{SOURCES}.{source}"): bson_number(batch.to) };
        let mut records = Vec::new();
        if has_values {
            said::take(run, batch);
        }
        if let Some(last) = batch.points.last() {
            let calls = number(seen, CALLS);
            let appended = append(connection, &key, seen, said::by_metric(&batch.points, calls))?;
            connection.insert_missing(BLOCKS, &appended.new)?;
            // Those of a try before this one, which somebody else was faster than, are nobody's.
            old.append(&mut written);
            written
                .extend(appended.new.iter().filter_map(|block| block.get_str("_id").ok().map(str::to_owned)));
            old.extend(appended.old);
            set.extend(appended.set);
            set.insert(CALLS, bson_number(calls + last.call + 1));
            let room = MOST_MIRRORED.saturating_sub(number(seen, MIRRORED));
            let mirrored = mirror(&batch.points, usize::try_from(room).unwrap_or(0));
            set.insert(MIRRORED, bson_number(number(seen, MIRRORED) + mirrored.len() as u64));
            records.extend(mirrored);
        }
        records.extend(put_aside(connection, &key, batch, seen, &mut set)?);
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

/// The events of a batch that its run's document has room for. The others are written beside it, under numbers that
/// count from when the document says so.
fn put_aside(
    connection: &Connection,
    key: &str,
    batch: &MetricBatch,
    seen: &Document,
    set: &mut Document,
) -> Result<Vec<Document>> {
    if batch.events.is_empty() {
        return Ok(Vec::new());
    }
    let (logged, beside) = (number(seen, LOGGED), number(seen, BESIDE));
    let room = usize::try_from(MOST_LOGGED.saturating_sub(logged)).unwrap_or(0).min(batch.events.len());
    let (within, others) = batch.events.split_at(room);
    for (event, place) in others.iter().zip(beside..) {
        let mut document = event_document(event);
        document.insert("_id", format!("{key} {place}"));
        document.insert("run", key);
        document.insert("place", bson_number(place));
        connection.put(EVENTS, &document)?;
    }
    set.insert(LOGGED, bson_number(logged + within.len() as u64));
    set.insert(BESIDE, bson_number(beside + others.len() as u64));
    Ok(within.iter().map(event_document).collect())
}

/// The first log calls among points, as `XTLib` writes them down.
fn mirror(points: &[NewPoint], most: usize) -> Vec<Document> {
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

/// The events of a run, in the order they were recorded.
pub fn events(connection: &Connection, path: &RunPath) -> Result<Vec<Event>> {
    let document = runs::found(connection, path, doc! { LOG: 1, BESIDE: 1 })?;
    let log = document.get_array(LOG).map(Vec::as_slice).unwrap_or_default();
    let beside = beside(connection, path, &document)?;
    let all = log.iter().filter_map(Bson::as_document).chain(&beside);
    Ok(all.filter(|record| !record.contains_key(MIRROR)).filter_map(super::document::event).collect())
}

/// The documents of events that lie beside a run's.
pub fn beside(connection: &Connection, path: &RunPath, document: &Document) -> Result<Vec<Document>> {
    let count = number(document, BESIDE);
    if count == 0 {
        return Ok(Vec::new());
    }
    let filter = doc! { "run": path.to_string(), "place": { "$lt": bson_number(count) } };
    let fields = doc! { "_id": 0, "run": 0, "place": 0 };
    connection.find(EVENTS, filter, fields, doc! { "place": 1 }, None)
}

/// How far the files of a run were taken in.
pub fn ingested(connection: &Connection, path: &RunPath) -> Result<Vec<(String, u64)>> {
    let document = runs::found(connection, path, doc! { SOURCES: 1 })?;
    let Ok(sources) = document.get_document(SOURCES) else { return Ok(Vec::new()) };
    Ok(sources.keys().map(|source| (unescape(source), number(sources, source))).collect())
}

/// What the record of a run says of its history.
fn ledger(connection: &Connection, path: &RunPath, fields: Document) -> Result<Document> {
    let ledger = runs::found(connection, path, fields)?;
    if number(&ledger, CALLS) > 0 {
        return Ok(ledger);
    }
    runs::found(connection, path, doc! { LOG: 1 })
}

/// Which metrics of a run have a history.
pub fn histories(connection: &Connection, path: &RunPath) -> Result<Histories> {
    let ledger = ledger(connection, path, doc! { HISTORY: 1, CALLS: 1, "metric_names": 1 })?;
    let calls = number(&ledger, CALLS);
    if calls == 0 {
        let logged = Logged::of(&ledger);
        return Ok(Histories { calls: logged.calls, names: logged.series.into_keys().collect() });
    }
    let history = ledger.get_document(HISTORY).cloned().unwrap_or_default();
    // The server may have put the fields into an order of its own.
    let order = ledger.get_array("metric_names").cloned().unwrap_or_default();
    let mut names: Vec<_> = history.keys().map(|name| unescape(name)).collect();
    let places: IndexMap<&str, ()> = order.iter().filter_map(Bson::as_str).map(|name| (name, ())).collect();
    names.sort_by_key(|name| places.get_index_of(name.as_str()).unwrap_or(usize::MAX));
    Ok(Histories { calls, names })
}

/// What `XTLib`'s client wrote down of the metrics of a run, which has no other history.
struct Logged {
    calls: u64,
    series: IndexMap<String, Vec<Point>>,
}

impl Logged {
    fn of(document: &Document) -> Self {
        let mut logged = Self { calls: 0, series: IndexMap::new() };
        let log = document.get_array(LOG).map(Vec::as_slice).unwrap_or_default();
        for record in log.iter().filter_map(Bson::as_document) {
            let Some(Event { time, event, data }) = super::document::event(record) else { continue };
            if event != "metrics" {
                continue;
            }
            let step = data.get("step").and_then(serde_json::Value::as_f64);
            for (name, value) in
                data.into_iter().filter(|(name, _)| name != "step" && !name.starts_with("__"))
            {
                let point = Point { index: logged.calls, step, value: Scalar::from(value), time };
                logged.series.entry(name).or_default().push(point);
            }
            logged.calls += 1;
        }
        logged
    }
}

/// What follows the first `seen` points of a metric's history, up to the end of a block; nothing at its end.
pub fn block(connection: &Connection, path: &RunPath, metric: &str, seen: u64) -> Result<Vec<Point>> {
    let escaped = escape(metric);
    for _ in 0..TRIES {
        let ledger = ledger(connection, path, doc! { format!("{HISTORY}.{escaped}"): 1, CALLS: 1 })?;
        if number(&ledger, CALLS) == 0 {
            let mut points = Logged::of(&ledger).series.swap_remove(metric).unwrap_or_default();
            points.drain(..usize::try_from(seen).unwrap_or(usize::MAX).min(points.len()));
            points.truncate(CAPACITY);
            return Ok(points);
        }
        let (blocks, skipped) = after(series(&ledger, &escaped), seen);
        let Some(block) = blocks.first() else { return Ok(Vec::new()) };
        if let Some(data) = fetch(connection, std::slice::from_ref(&block.id))?.remove(&block.id) {
            let mut points = segment::decode(&data)?;
            points.drain(..skipped.min(points.len()));
            return Ok(points);
        }
    }
    Err(segment::missing().into())
}

/// The blocks in which the points after so many lie, and how many of the first one come before them.
fn after(blocks: Vec<Block>, seen: u64) -> (Vec<Block>, usize) {
    let mut left = seen;
    let rest: Vec<_> = blocks
        .into_iter()
        .skip_while(|block| {
            let passed = left >= block.points;
            left -= if passed { block.points } else { 0 };
            passed
        })
        .collect();
    (rest, usize::try_from(left).unwrap_or(usize::MAX))
}

/// The history of some metrics of a run, or of all, as columns of numbers, without the first `seen` points of each.
pub fn numbers(
    connection: &Connection,
    path: &RunPath,
    names: &[String],
    seen: &Seen,
) -> Result<Vec<Numbers>> {
    let logged = if names.is_empty() { histories(connection, path)?.names } else { names.to_vec() };
    let mut fields: Document =
        logged.iter().map(|name| (format!("{HISTORY}.{}", escape(name)), Bson::Int32(1))).collect();
    fields.insert(CALLS, 1);
    for _ in 0..TRIES {
        let ledger = ledger(connection, path, fields.clone())?;
        if let Some(numbers) = read_numbers(connection, &ledger, &logged, seen)? {
            return Ok(numbers);
        }
    }
    Err(segment::missing().into())
}

/// Reads columns by a record; nothing if a block was replaced meanwhile.
fn read_numbers(
    connection: &Connection,
    ledger: &Document,
    names: &[String],
    seen: &Seen,
) -> Result<Option<Vec<Numbers>>> {
    let mut logged = (number(ledger, CALLS) == 0).then(|| Logged::of(ledger));
    let mut reader = segment::NumberReader::new()?;
    let mut all = Vec::new();
    for name in names {
        let known = seen.get(name).copied().unwrap_or(0);
        let mut numbers = Numbers { name: name.clone(), ..Numbers::default() };
        let skipped = if let Some(logged) = &mut logged {
            for chunk in logged.series.swap_remove(name).unwrap_or_default().chunks(CAPACITY) {
                reader.read(&segment::encode(chunk)?, &mut numbers)?;
            }
            usize::try_from(known).unwrap_or(usize::MAX)
        } else {
            let (blocks, skipped) = after(series(ledger, &escape(name)), known);
            let ids: Vec<_> = blocks.into_iter().map(|block| block.id).collect();
            let data = fetch(connection, &ids)?;
            for id in &ids {
                let Some(bytes) = data.get(id) else { return Ok(None) };
                reader.read(bytes, &mut numbers)?;
            }
            skipped
        };
        numbers.forget_before(skipped);
        if !numbers.is_empty() {
            all.push(numbers);
        }
    }
    Ok(Some(all))
}

/// Copies of the blocks that a record names, for another run; the record names them from then on.
pub fn copied(connection: &Connection, ledger: &mut Document, run: &str) -> Result<Vec<Document>> {
    let Ok(history) = ledger.get_document(HISTORY).cloned() else { return Ok(Vec::new()) };
    let (mut copies, mut named) = (Vec::new(), Document::new());
    for escaped in history.keys() {
        let mut blocks = series(ledger, escaped);
        let ids: Vec<_> = blocks.iter().map(|block| block.id.clone()).collect();
        let mut data = fetch(connection, &ids)?;
        for block in &mut blocks {
            let bytes = data.remove(&block.id).ok_or(segment::missing())?;
            block.id = token();
            copies.push(block_document(&block.id, run, bytes));
        }
        named.insert(escaped.clone(), blocks.iter().map(name).collect::<Vec<_>>());
    }
    ledger.insert(HISTORY, named);
    Ok(copies)
}

/// The blocks of a series from the one on in which a log call lies.
pub fn from_call(
    connection: &Connection,
    ledger: &Document,
    escaped: &str,
    call: u64,
) -> Result<Option<Vec<Vec<u8>>>> {
    let mut blocks = series(ledger, escaped);
    let first = blocks.iter().rposition(|block| block.first <= call).unwrap_or(0);
    let ids: Vec<_> = blocks.drain(first..).map(|block| block.id).collect();
    let mut data = fetch(connection, &ids)?;
    Ok(ids.iter().map(|id| data.remove(id)).collect())
}

/// What is wrong with the blocks of a run, a line each.
pub fn check(connection: &Connection, path: &RunPath, ledger: &Document) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let Ok(history) = ledger.get_document(HISTORY) else { return Ok(findings) };
    for escaped in history.keys() {
        let blocks = series(ledger, escaped);
        let ids: Vec<_> = blocks.iter().map(|block| block.id.clone()).collect();
        let data = fetch(connection, &ids)?;
        for block in blocks {
            let name = format!("{path} {}", unescape(escaped));
            match data.get(&block.id).map(|bytes| segment::decode(bytes)) {
                None => findings.push(format!("{name}: a block of its history is missing")),
                Some(Err(error)) => findings.push(format!("{name}: {error}")),
                Some(Ok(points)) if points.len() as u64 != block.points => {
                    let (has, should) = (points.len(), block.points);
                    findings.push(format!("{name}: a block has {has} points and should have {should}"));
                }
                Some(Ok(_)) => {}
            }
        }
    }
    Ok(findings)
}
