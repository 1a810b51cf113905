//! What runs say: metric history, hyperparameters, tags, events; taken in exactly once.

use rusqlite::{Connection, OptionalExtension, params};

use super::blocks;
use super::row::{
    Answer, Names, ValueWriter, append_events, next_stamp, run, run_id, signed, unsigned, update_run,
};
use crate::model::RunPath;
use crate::model::metric::{Numbers, Point};
use crate::store::domain::said;
use crate::store::segment;
use crate::store::{Histories, MetricBatch, NewPoint, Seen};

/// Takes in a batch, unless a batch of the same bytes was taken in before.
pub fn ingest(db: &Connection, batch: &MetricBatch) -> Answer<()> {
    let id = run_id(db, &batch.run)?;
    let sql = "SELECT offset FROM sources WHERE run = ?1 AND source = ?2";
    let at: Option<i64> =
        db.prepare_cached(sql)?.query_row(params![id, batch.source], |row| row.get(0)).optional()?;
    if !said::is_new(batch, unsigned(at.unwrap_or(0)))? {
        return Ok(());
    }
    let sql = "INSERT INTO sources VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET offset = excluded.offset";
    db.prepare_cached(sql)?.execute(params![id, batch.source, signed(batch.to)])?;
    append_events(db, id, &batch.events)?;
    if batch.points.is_empty() && batch.hparams.is_empty() && batch.tags.is_empty() {
        return Ok(());
    }
    append_points(db, id, &batch.points)?;

    let mut run = run(db, id)?;
    let mut values = ValueWriter::new(db)?;
    for (name, value) in &batch.hparams {
        values.put(id, &format!("hparams.{name}"), value)?;
    }
    for (name, value) in &batch.tags {
        values.put(id, &format!("tags.{name}"), value)?;
    }
    for (name, point) in said::latest(&batch.points) {
        values.put(id, &format!("metrics.{name}"), &point.value)?;
    }
    said::take(&mut run, batch);
    update_run(db, id, &run, next_stamp(db)?)
}

/// Appends points to the open blocks of their metrics.
fn append_points(db: &Connection, id: i64, points: &[NewPoint]) -> Answer<()> {
    let Some(last) = points.last() else { return Ok(()) };
    let sql = "UPDATE runs SET calls = calls + ?2 WHERE id = ?1 RETURNING calls - ?2";
    let first: i64 =
        db.prepare_cached(sql)?.query_row(params![id, signed(last.call + 1)], |row| row.get(0))?;
    let mut names = Names::new(db)?;
    for (name, points) in said::by_metric(points, unsigned(first)) {
        blocks::append(db, id, names.id(&format!("metrics.{name}"))?, points)?;
    }
    Ok(())
}

/// How far the files of a run were taken in.
pub fn ingested(db: &Connection, path: &RunPath) -> Answer<Vec<(String, u64)>> {
    let id = run_id(db, path)?;
    let mut select = db.prepare_cached("SELECT source, offset FROM sources WHERE run = ?1")?;
    let rows = select.query_map([id], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Which metrics of a run have a history.
pub fn histories(db: &Connection, path: &RunPath) -> Answer<Histories> {
    let id = run_id(db, path)?;
    let calls =
        db.prepare_cached("SELECT calls FROM runs WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    let sql = "SELECT names.name FROM segments JOIN names ON names.id = segments.name
               WHERE run = ?1 AND names.name GLOB 'metrics.*' GROUP BY segments.name ORDER BY MIN(segments.id)";
    let mut select = db.prepare_cached(sql)?;
    let names = select.query_map([id], |row| Ok(bare(row.get(0)?)))?.collect::<Result<_, _>>()?;
    Ok(Histories { calls: unsigned(calls), names })
}

/// What follows the first `seen` points of a metric's history, up to the end of a block; nothing at its end.
pub fn block(db: &Connection, path: &RunPath, metric: &str, seen: u64) -> Answer<Vec<Point>> {
    let id = run_id(db, path)?;
    let Some(key) = metric_id(db, metric)? else { return Ok(Vec::new()) };
    let (first, mut skipped) = blocks::place(seen);
    let mut select = db.prepare_cached(blocks::FROM)?;
    let mut rows = select.query(params![id, key, first])?;
    while let Some(row) = rows.next()? {
        let mut points = segment::decode(row.get_ref(0)?.as_blob().unwrap_or_default())?;
        if points.len() > skipped {
            points.drain(..skipped);
            return Ok(points);
        }
        skipped -= points.len();
    }
    Ok(Vec::new())
}

fn metric_id(db: &Connection, metric: &str) -> Answer<Option<i64>> {
    let mut select = db.prepare_cached("SELECT id FROM names WHERE name = ?1")?;
    Ok(select.query_row([format!("metrics.{metric}")], |row| row.get(0)).optional()?)
}

fn bare(name: String) -> String {
    name.strip_prefix("metrics.").map(str::to_owned).unwrap_or(name)
}

/// The history of some metrics of a run, or of all, as columns of numbers, without the first `seen` points of each:
/// whole blocks of them are passed over in the index.
pub fn numbers(db: &Connection, path: &RunPath, names: &[String], seen: &Seen) -> Answer<Vec<Numbers>> {
    let id = run_id(db, path)?;
    let logged = if names.is_empty() { histories(db, path)?.names } else { Vec::new() };
    let names = if names.is_empty() { &logged } else { names };
    let mut select = db.prepare_cached(blocks::FROM)?;
    let mut reader = segment::NumberReader::new()?;
    let mut all = Vec::new();
    for name in names {
        let Some(key) = metric_id(db, name)? else { continue };
        let (first, skipped) = blocks::place(seen.get(name).copied().unwrap_or(0));
        let mut numbers = Numbers { name: name.clone(), ..Numbers::default() };
        let mut rows = select.query(params![id, key, first])?;
        while let Some(row) = rows.next()? {
            reader.read(row.get_ref(0)?.as_blob().unwrap_or_default(), &mut numbers)?;
        }
        numbers.forget_before(skipped);
        if !numbers.is_empty() {
            all.push(numbers);
        }
    }
    Ok(all)
}
