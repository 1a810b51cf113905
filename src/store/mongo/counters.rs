//! Numbers that are given out once, stamps, and the workspaces that both belong to.

use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReturnDocument;

use super::connection::Connection;
use super::document::{number, to_fields};
use super::escape::to_map;
use super::names::{COUNTERS, JOBS, STAMP, WORKSPACES, is_reserved};
use crate::model::names::{check_workspace, nearest};
use crate::model::{JobName, Workspace};
use crate::store::domain::birth;
use crate::store::{Result, StoreError};

/// What is known of a workspace besides its numbers.
const ABOUT: &str = "_xt_about";
/// It was deleted. Its numbers are kept, so that no name is given twice.
const DELETED: &str = "_xt_deleted";
/// Which indexes its runs have.
const INDEXED: &str = "_xt_indexed";
/// The present set of indexes.
const INDEXES: i32 = 1;

/// Takes so many numbers; answers the first. A number whose answer was lost is given to nobody.
fn take(connection: &Connection, collection: &str, id: &str, field: &str, many: u64) -> Result<u64> {
    let counters = connection.collection(collection);
    let many = many.cast_signed();
    loop {
        let filter = doc! { "_id": id, field: { "$exists": true } };
        let next = connection.ask(|| {
            counters
                .find_one_and_update(filter.clone(), doc! { "$inc": { field: many } })
                .return_document(ReturnDocument::After)
                .projection(doc! { field: 1 })
                .run()
        })?;
        if let Some(next) = next {
            return Ok(number(&next, field).saturating_sub(many.cast_unsigned()));
        }
        connection.insert_new(collection, &doc! { "_id": id, field: 1_i64 })?;
        connection.update(
            collection,
            doc! { "_id": id, field: { "$exists": false } },
            doc! { "$set": { field: 1_i64 } },
        )?;
    }
}

/// The number of a new job.
pub fn next_job(connection: &Connection) -> Result<u64> {
    take(connection, WORKSPACES, JOBS, "next_job", 1)
}

/// The numbers of new runs of a workspace; answers the first.
pub fn next_runs(connection: &Connection, ws: &str, many: u64) -> Result<u64> {
    take(connection, WORKSPACES, ws, "next_run", many)
}

/// The place of a run in the order in which the runs of its workspace ended.
pub fn next_end(connection: &Connection, ws: &str) -> Result<u64> {
    take(connection, WORKSPACES, ws, "next_end", 1)
}

/// The number of an end that is to be told.
pub fn next_ending(connection: &Connection) -> Result<u64> {
    take(connection, COUNTERS, "endings", "value", 1)
}

/// A stamp that no change bears yet.
pub fn next_stamp(connection: &Connection) -> Result<i64> {
    Ok(take(connection, COUNTERS, "stamp", "value", 1)?.cast_signed())
}

/// Marks a workspace as changed under a stamp.
pub fn touch(connection: &Connection, ws: &str, stamp: i64) -> Result<()> {
    connection.update(WORKSPACES, doc! { "_id": ws }, doc! { "$max": { STAMP: stamp } }).map(|_| ())
}

/// Tells those who wait that something has been written. Nobody misses anything when that fails, for they look again
/// [a while after each stamp](super::feed::OVERLAP).
pub fn ring(connection: &Connection) {
    let counters = connection.collection(COUNTERS);
    let _ =
        counters.update_one(doc! { "_id": "bell" }, doc! { "$inc": { "value": 1_i64 } }).upsert(true).run();
}

/// The last stamp that was taken, and how often the bell was rung.
pub fn signs(connection: &Connection) -> Result<(i64, u64)> {
    let filter = doc! { "_id": { "$in": ["stamp", "bell"] } };
    let mut signs = (0, 0);
    for counter in connection.find(COUNTERS, filter, doc! {}, doc! {}, None)? {
        match counter.get_str("_id") {
            Ok("bell") => signs.1 = number(&counter, "value"),
            _ => signs.0 = number(&counter, "value").cast_signed() - 1,
        }
    }
    Ok(signs)
}

/// The last stamp that was taken.
pub fn stamp(connection: &Connection) -> Result<i64> {
    let counter = connection.find_one(COUNTERS, doc! { "_id": "stamp" }, doc! {})?;
    Ok(counter.map_or(0, |counter| number(&counter, "value").cast_signed() - 1))
}

/// A workspace as the store keeps it.
#[derive(Clone, Debug)]
pub struct Space {
    /// Its name.
    pub name: String,
    /// The last stamp of any of its runs.
    pub stamp: i64,
    /// What is known of it.
    pub about: Workspace,
}

/// The workspaces that meet a filter, by name.
pub fn spaces(connection: &Connection, filter: Document) -> Result<Vec<Space>> {
    let mut all = filter;
    all.insert(DELETED, doc! { "$ne": true });
    let found = connection.find(WORKSPACES, all, doc! {}, doc! { "_id": 1 }, None)?;
    Ok(found.iter().filter_map(space).collect())
}

fn space(document: &Document) -> Option<Space> {
    let name = document.get_str("_id").ok().filter(|name| !is_reserved(name))?.to_owned();
    let about = document.get_document(ABOUT).ok();
    let about = about.and_then(|about| serde_json::from_value(to_map(about).into()).ok());
    let about = Workspace { ws: name.clone(), ..about.unwrap_or_default() };
    Some(Space { name, stamp: number(document, STAMP).cast_signed(), about })
}

/// The names of all workspaces, in order.
pub fn names(connection: &Connection) -> Result<Vec<String>> {
    Ok(spaces(connection, doc! {})?.into_iter().map(|space| space.name).collect())
}

/// Answers an error with the nearest name when there is no such workspace.
pub fn require(connection: &Connection, ws: &str) -> Result<()> {
    if !spaces(connection, doc! { "_id": ws })?.is_empty() {
        return Ok(());
    }
    let names = names(connection)?;
    let nearest = nearest(ws, names.iter().map(String::as_str)).map(str::to_owned);
    Err(StoreError::Missing { what: "workspace", name: ws.to_owned(), nearest })
}

/// Makes sure of the workspace that runs go to.
pub fn ensure(connection: &Connection, ws: &str, username: &str) -> Result<()> {
    if connection.find_one(WORKSPACES, known(ws), doc! { "_id": 1 })?.is_some() {
        return Ok(());
    }
    match similar(connection, ws)? {
        Some(name) if name != ws => Err(StoreError::similar_workspace(&name, ws)),
        _ => write(connection, &birth::workspace(ws, username), false),
    }
}

/// A workspace that is there and has its indexes.
fn known(ws: &str) -> Document {
    doc! { "_id": ws, INDEXED: INDEXES, DELETED: { "$ne": true } }
}

/// Creates a workspace.
pub fn create(connection: &Connection, workspace: &Workspace) -> Result<()> {
    match similar(connection, &workspace.ws)? {
        Some(name) => Err(StoreError::similar_workspace(&name, &workspace.ws)),
        None => write(connection, workspace, true),
    }
}

/// A workspace of that name, in whatever case.
fn similar(connection: &Connection, ws: &str) -> Result<Option<String>> {
    check_workspace(ws)?;
    if is_reserved(ws) {
        let hint = ", which the store keeps something else under: use another name".to_owned();
        return Err(StoreError::Exists { what: "collection", name: ws.to_owned(), hint });
    }
    let mut names =
        names(connection)?.into_iter().filter(|name| name.eq_ignore_ascii_case(ws)).collect::<Vec<_>>();
    names.sort_by_key(|name| name != ws);
    Ok(names.into_iter().next())
}

/// Writes what is known of a workspace, and makes the indexes of its runs. One of `XTLib`'s keeps its numbers.
fn write(connection: &Connection, workspace: &Workspace, anew: bool) -> Result<()> {
    let ws = workspace.ws.as_str();
    index(connection, ws)?;
    let counters = doc! { "_id": ws, "next_run": 1_i64, "next_end": 1_i64, "next_child": {} };
    connection.insert_new(WORKSPACES, &counters)?;
    let about = to_fields(ws, workspace)?;
    let absent = doc! { "_id": ws, "$or": [ { ABOUT: null }, { DELETED: true } ] };
    let filter = if anew {
        doc! { "_id": ws }
    } else {
        absent
    };
    let set = doc! { "$set": { ABOUT: about }, "$unset": { DELETED: "" } };
    connection.update(WORKSPACES, filter, set)?;
    // It is seen as new by those who watch, and no more as gone.
    super::feed::unbury(connection, "workspace", ws, 0)?;
    let stamp = next_stamp(connection)?;
    let created =
        doc! { "$set": { INDEXED: INDEXES, super::feed::CREATED: stamp }, "$max": { STAMP: stamp } };
    connection.update(WORKSPACES, doc! { "_id": ws }, created)?;
    Ok(())
}

/// Marks a workspace as deleted.
pub fn delete(connection: &Connection, ws: &str) -> Result<()> {
    connection.update(WORKSPACES, doc! { "_id": ws }, doc! { "$set": { DELETED: true } }).map(|_| ())
}

/// Makes the indexes of a workspace's runs.
pub fn index(connection: &Connection, ws: &str) -> Result<()> {
    let keys = [
        doc! { "run_num": 1 },
        doc! { STAMP: 1 },
        doc! { "job_id": 1, "status": 1 },
        doc! { "exper_name": 1, "status": 1 },
    ];
    connection.index(ws, keys)
}

/// The name of a job in documents.
pub fn job_id(job: JobName) -> Bson {
    Bson::String(job.to_string())
}
