//! Ends that are to be told: documents of their own from the step that settles a job until somebody has been told.

use mongodb::bson::{Bson, Document, doc};

use super::connection::Connection;
use super::document::{bson_number, number, status};
use super::names::{ENDINGS, OWNER};
use super::runs;
use super::stamps::Stamps;
use crate::model::{Event, JobName, RunPath};
use crate::store::domain::endings::Told;
use crate::store::{Ending, Result};

/// The document of an end, under a key that the same end has again.
pub fn document(key: &str, id: u64, job: JobName, told: &Told<RunPath>, owner: &str) -> Document {
    doc! {
        "_id": key,
        "number": bson_number(id),
        "job_id": job.to_string(),
        "ws": told.run.as_ref().map(|run| run.ws.clone()),
        "run_name": told.run.as_ref().map(|run| run.run.to_string()),
        "whole": told.whole,
        "status": told.status.word(),
        OWNER: owner,
    }
}

/// What is to be told by the controller of a home, the oldest first.
pub fn pending(connection: &Connection, owner: &str, limit: usize) -> Result<Vec<Ending>> {
    let found =
        connection.find(ENDINGS, doc! { OWNER: owner }, doc! {}, doc! { "number": 1 }, Some(limit))?;
    Ok(found.iter().map(ending).collect())
}

fn ending(document: &Document) -> Ending {
    let text = |field: &str| document.get_str(field).ok();
    let run = text("ws").zip(text("run_name").and_then(|name| name.parse().ok()));
    Ending {
        id: number(document, "number").cast_signed(),
        job: text("job_id").and_then(|name| name.parse().ok()).unwrap_or_default(),
        run: run.map(|(ws, name)| RunPath::new(ws, name)),
        whole: document.get_bool("whole").unwrap_or_default(),
        status: status(document, "status"),
    }
}

/// Whether anything is to be told.
pub fn any(connection: &Connection, owner: &str) -> Result<bool> {
    Ok(connection.find_one(ENDINGS, doc! { OWNER: owner }, doc! { "_id": 1 })?.is_some())
}

/// Says in the events of runs what has been told, and forgets it.
pub fn told(connection: &Connection, endings: &[i64], events: &[(RunPath, Event)]) -> Result<()> {
    if !events.is_empty() {
        let mut stamps = Stamps::take(connection)?;
        for (path, event) in events {
            runs::append(connection, path, event, &mut stamps)?;
        }
    }
    let numbers: Vec<_> = endings.iter().map(|id| Bson::Int64(*id)).collect();
    connection.delete(ENDINGS, doc! { "number": { "$in": numbers } })
}
