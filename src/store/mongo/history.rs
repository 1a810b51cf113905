//! What was taken in of runs, read again: events, and the history of metrics.

use indexmap::IndexMap;
use mongodb::bson::{Bson, Document, doc};

use super::blocks::{after, fetch, series};
use super::connection::Connection;
use super::document::{bson_number, number};
use super::escape::{escape, unescape};
use super::names::{BESIDE, CALLS, EVENTS, HISTORY, LOG, MIRROR};
use super::runs;
use crate::model::metric::{Numbers, Point};
use crate::model::{Event, RunPath, Scalar};
use crate::store::segment::{self, CAPACITY};
use crate::store::{Histories, Result, Seen};

/// A block that a record names may have been replaced while somebody went to fetch it; so often he looks again.
const TRIES: usize = 20;

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
