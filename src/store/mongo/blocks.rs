//! Blocks of `store::segment` as documents that never change, and the record of a run, which names those that count: of
//! metrics, and of what was measured. Blocks are written first and then the record: those that no record names are
//! nobody's points.

use std::collections::HashMap;

use indexmap::IndexMap;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};

use super::connection::Connection;
use super::document::{bson_number, number, token};
use super::escape::{escape, unescape};
use super::names::{BLOCKS, HISTORY};
use crate::model::RunPath;
use crate::model::metric::Point;
use crate::store::Result;
use crate::store::domain::blocks;
use crate::store::segment::{self, CAPACITY};

/// Blocks that are fetched at a time.
const PAGE: usize = 200;

/// A block as a record names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The document's name.
    pub id: String,
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
pub fn fetch(connection: &Connection, ids: &[String]) -> Result<HashMap<String, Vec<u8>>> {
    let mut found = HashMap::new();
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

/// The blocks in which the points after so many lie, and how many of the first one come before them.
pub fn after(blocks: Vec<Block>, seen: u64) -> (Vec<Block>, usize) {
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
