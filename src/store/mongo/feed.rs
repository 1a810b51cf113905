//! What changed since a stamp.
//!
//! A stamp is taken before the change that bears it is written, so a later one may be seen earlier. Whoever asks what
//! changed is therefore told again from a stamp on that was there a while ago, without what he has been told: the
//! number he asks with names what that was. A workspace bears the stamp of its runs before they do; only those that
//! bear a later one are looked into.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use mongodb::bson::{Document, doc};

use super::connection::Connection;
use super::document::{self, bson_number, number, without_growth};
use super::names::{GONE, JOBS, STAMP, WORKSPACES};
use super::settled::settled;
use super::{Mongo, counters};
use crate::model::{JobName, RunName, RunPath};
use crate::store::{Changes, Gone, Result};

/// A change is written within this time after its stamp was taken.
pub const OVERLAP: Duration = Duration::from_secs(30);
/// The number somebody asks with is a stamp and, in so many bits, which of those was asked for there.
const BITS: u32 = 12;
/// So many readers' memories are kept.
const MOST_READERS: usize = 64;

/// Of a workspace: the stamp under which it was created.
pub const CREATED: &str = "_xt_created";

/// What a reader has been told beyond the stamp he goes on from: documents and the stamps they bore.
type Told = HashMap<String, i64>;

/// What this process knows of those who read on from stamps.
#[derive(Default)]
pub struct Readers {
    /// The last number that was handed out.
    serial: i64,
    memories: VecDeque<(i64, Told)>,
}

impl Readers {
    fn told(&self, since: i64) -> Told {
        self.memories
            .iter()
            .find(|(number, _)| *number == since)
            .map(|(_, told)| told.clone())
            .unwrap_or_default()
    }

    /// The number under which what a reader has been told is found again.
    fn hand_out(&mut self, stamp: i64, told: Told) -> i64 {
        self.serial = (self.serial + 1) % (1 << BITS);
        let number = (stamp << BITS) | self.serial;
        self.memories.push_back((number, told));
        if self.memories.len() > MOST_READERS {
            self.memories.pop_front();
        }
        number
    }
}

/// Where somebody goes on from who looks at everything now.
pub fn stamp(mongo: &Mongo) -> Result<i64> {
    Ok(settled(mongo)? << BITS)
}

/// Something that was told, with its stamp.
enum News {
    Run(Box<crate::model::Run>),
    Job(Box<crate::model::Job>),
    Gone(Gone),
    Workspace,
}

/// What changed since a stamp.
pub fn changes(mongo: &Mongo, since: i64, limit: usize) -> Result<Changes> {
    let connection = &mongo.connection;
    let settled = settled(mongo)?;
    let (from, mut told) = (since >> BITS, mongo.shared().readers.told(since));
    let mut news: Vec<(i64, String, News)> = Vec::new();
    // A list that was cut tells nothing of what comes after its last stamp.
    let mut complete_to = i64::MAX;
    let most = limit.saturating_add(told.len());
    let later = doc! { STAMP: { "$gt": from } };
    for space in counters::spaces(connection, later.clone())? {
        let found = piece(connection, &space.name, later.clone(), without_growth(), most)?;
        complete_to = complete_to.min(found.complete_to);
        for document in found.documents {
            let run = document::run_or_rest(&space.name, &document);
            news.push((stamp_of(&document), run.path().to_string(), News::Run(Box::new(run))));
        }
    }
    // Jobs of workspaces that were deleted are listed nowhere.
    let mut seen = later.clone();
    seen.insert("ws_name", doc! { "$in": counters::names(connection)? });
    let found = piece(connection, JOBS, seen, doc! {}, most)?;
    complete_to = complete_to.min(found.complete_to);
    for document in found.documents {
        let job = document::job_or_rest(&document);
        news.push((stamp_of(&document), job.job_id.to_string(), News::Job(Box::new(job))));
    }
    for document in connection.find(GONE, later, doc! {}, doc! {}, None)? {
        let key = format!("gone {}", document.get_str("_id").unwrap_or_default());
        news.extend(gone(&document).map(|gone| (stamp_of(&document), key, News::Gone(gone))));
    }
    let created = doc! { CREATED: { "$gt": from } };
    for document in connection.find(WORKSPACES, created, doc! { CREATED: 1 }, doc! {}, None)? {
        let key = format!("workspace {}", document.get_str("_id").unwrap_or_default());
        news.push((document.get_i64(CREATED).unwrap_or_default(), key, News::Workspace));
    }
    news.retain(|(stamp, key, _)| *stamp <= complete_to && told.get(key) != Some(stamp));
    news.sort_by_key(|(stamp, ..)| *stamp);
    // What shares a stamp is told together.
    let end = news.get(limit).map(|(stamp, ..)| *stamp);
    let more = end.is_some() || complete_to != i64::MAX;
    if let Some(end) = end.filter(|end| news.first().is_some_and(|(first, ..)| first < end)) {
        news.retain(|(stamp, ..)| *stamp < end);
        complete_to = complete_to.min(end - 1);
    }
    if news.is_empty() && !more && settled <= from {
        return Ok(Changes { stamp: since, ..Changes::default() });
    }
    let base = settled.min(complete_to).max(from);
    told.extend(news.iter().map(|(stamp, key, _)| (key.clone(), *stamp)));
    told.retain(|_, stamp| *stamp > base);
    let mut changes = Changes { more, ..Changes::default() };
    for (_, _, news) in news {
        match news {
            News::Run(run) => changes.runs.push(*run),
            News::Job(job) => changes.jobs.push(*job),
            News::Gone(gone) => {
                changes.workspaces |= matches!(gone, Gone::Workspace(_));
                changes.gone.push(gone);
            }
            News::Workspace => changes.workspaces = true,
        }
    }
    changes.stamp = mongo.shared().readers.hand_out(base, told);
    Ok(changes)
}

/// Documents up to a stamp.
struct Piece {
    documents: Vec<Document>,
    /// Up to this stamp none is missing.
    complete_to: i64,
}

/// The first documents that meet a filter, by their stamps: more than so many if there are, for what shares the last of
/// the stamps comes together, however much it is.
fn piece(
    connection: &Connection,
    collection: &str,
    filter: Document,
    fields: Document,
    most: usize,
) -> Result<Piece> {
    let order = doc! { STAMP: 1 };
    let mut documents =
        connection.find(collection, filter.clone(), fields.clone(), order, Some(most.saturating_add(1)))?;
    let Some(last) = documents.get(most).map(stamp_of) else {
        return Ok(Piece { documents, complete_to: i64::MAX });
    };
    documents.retain(|document| stamp_of(document) < last);
    let sharing = doc! { "$and": [filter, { STAMP: last }] };
    documents.extend(connection.find(collection, sharing, fields, doc! {}, None)?);
    Ok(Piece { documents, complete_to: last })
}

fn stamp_of(document: &Document) -> i64 {
    number(document, STAMP).cast_signed()
}

fn gone(document: &Document) -> Option<Gone> {
    let (ws, num) = (document.get_str("ws").ok()?.to_owned(), number(document, "num"));
    Some(match document.get_str("kind").ok()? {
        "run" => Gone::Run(RunPath::new(ws, RunName { number: num / 1_000_000, child: num % 1_000_000 })),
        "job" => Gone::Job(JobName(num)),
        _ => Gone::Workspace(ws),
    })
}

/// Tells those who watch that something is no more.
pub fn bury(connection: &Connection, kind: &str, ws: &str, num: u64, stamp: i64) -> Result<()> {
    let id = format!("{kind} {ws} {num}");
    connection.put(GONE, &doc! { "_id": id, "kind": kind, "ws": ws, "num": bson_number(num), STAMP: stamp })
}

/// It is there again.
pub fn unbury(connection: &Connection, kind: &str, ws: &str, num: u64) -> Result<()> {
    connection.delete(GONE, doc! { "_id": format!("{kind} {ws} {num}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves R2: each reader has a memory of his own.
    #[test]
    fn readers_are_told_apart() {
        let mut readers = Readers::default();
        let told = |stamp| Told::from([("ws1/run1".to_owned(), stamp)]);
        let (first, second) = (readers.hand_out(7, told(8)), readers.hand_out(7, told(9)));
        assert_eq!((first >> BITS, second >> BITS), (7, 7));
        assert_eq!((readers.told(first), readers.told(second)), (told(8), told(9)));
        assert_eq!(readers.told(7 << BITS), Told::new());
    }
}
