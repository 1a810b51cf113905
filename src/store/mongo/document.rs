//! Runs, jobs and events as documents and back: fields of others are kept, and what is missing has a sensible value.

use mongodb::bson::{Bson, Document, doc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::escape::{to_document, to_map};
use super::names::{CALLS, HISTORY, LOG, OURS, PAST, REV};
use crate::model::{Event, Job, JobName, Run, RunName, Status};
use crate::store::{Result, StoreError};

/// How many tokens of past writes a document keeps.
const MEMORY: i32 = 16;

/// A token that no other write has.
pub fn token() -> String {
    uuid::Uuid::new_v4().simple().to_string().split_off(16)
}

/// The token of a write that is to take place once whoever repeats it: by what it writes.
pub fn token_of(record: &Document) -> String {
    // Another version of the program must come to the same.
    blake3::hash(record.to_string().as_bytes()).to_hex()[..16].to_owned()
}

/// What lists leave out of a run's document: what only grows.
pub fn without_growth() -> Document {
    doc! { LOG: 0, HISTORY: 0 }
}

/// A record as a document, without `_id`.
pub fn to_fields<T: Serialize>(name: &str, record: &T) -> Result<Document> {
    match serde_json::to_value(record) {
        Ok(Value::Object(map)) => Ok(to_document(&map)),
        Ok(_) => Err(corrupt(name, "it is no document")),
        Err(error) => Err(corrupt(name, &error.to_string())),
    }
}

fn corrupt(name: &str, detail: &str) -> StoreError {
    StoreError::Corrupt { name: name.to_owned(), detail: detail.to_owned() }
}

/// The fields of a record: without ours, and without `XTLib`'s nulls, for what is not there has a default.
fn fields(document: &Document) -> Map<String, Value> {
    let mut fields = to_map(document);
    fields.retain(|name, value| !value.is_null() && name != "_id" && name != LOG && !name.starts_with(OURS));
    fields
}

fn read<T: DeserializeOwned>(name: &str, fields: Map<String, Value>) -> Result<T> {
    serde_json::from_value(Value::Object(fields)).map_err(|error| corrupt(name, &error.to_string()))
}

/// The name of a document, for messages.
fn id(document: &Document) -> String {
    document.get_str("_id").unwrap_or("?").to_owned()
}

/// The run of a document.
pub fn run(ws: &str, document: &Document) -> Result<Run> {
    let mut fields = fields(document);
    if let Some(Value::Object(metrics)) = fields.get_mut("metrics") {
        // What XTLib's client notes down for itself.
        metrics.retain(|name, _| !name.starts_with("__"));
    }
    if let Some(Value::Array(names)) = fields.get_mut("metric_names") {
        names.retain(|name| name.as_str().is_none_or(|name| !name.starts_with("__")));
    }
    let mut run: Run = read(&format!("{ws}/{}", id(document)), fields)?;
    ws.clone_into(&mut run.ws);
    run.run_name = id(document)
        .parse()
        .map_err(|_| corrupt(&format!("{ws}/{}", id(document)), "it has no name of a run"))?;
    run.run_num = run.run_name.run_num();
    if run.metric_names.is_empty() {
        run.metric_names = run.metrics.keys().cloned().collect();
    }
    Ok(run)
}

/// The run of a document, or what can be told of it: one that cannot be read must not hide the others of a list.
pub fn run_or_rest(ws: &str, document: &Document) -> Run {
    let error = match run(ws, document) {
        Ok(run) => return run,
        Err(error) => error,
    };
    let why = match error {
        StoreError::Corrupt { detail, .. } => detail,
        other => other.to_string(),
    };
    let text = |field: &str| document.get_str(field).unwrap_or_default().to_owned();
    let flag = |field: &str| document.get_bool(field).unwrap_or_default();
    let run_name: RunName = id(document).parse().unwrap_or_default();
    Run {
        ws: ws.to_owned(),
        run_name,
        run_num: run_name.run_num(),
        job_id: text("job_id").parse().unwrap_or_default(),
        exper_name: text("exper_name"),
        is_parent: flag("is_parent"),
        leads: flag("leads"),
        is_child: run_name.child > 0,
        is_outer: run_name.child == 0,
        username: text("username"),
        box_name: document.get_str("box_name").ok().map(str::to_owned),
        create_time: text("create_time").parse().unwrap_or_default(),
        status: status(document, "status"),
        end_reason: Some(format!("its record cannot be read ({why}): run `xt check store`")),
        unreadable: true,
        ..Run::default()
    }
}

/// A status in a document.
pub fn status(document: &Document, field: &str) -> Status {
    document.get_str(field).ok().and_then(|word| word.parse().ok()).unwrap_or(Status::Unknown)
}

/// The job of a document.
pub fn job(document: &Document) -> Result<Job> {
    let mut job: Job = read(&id(document), fields(document))?;
    job.job_id = id(document).parse().map_err(|_| corrupt(&id(document), "it has no name of a job"))?;
    job.job_num = job.job_id.0;
    Ok(job)
}

/// The job of a document, or what can be told of it.
pub fn job_or_rest(document: &Document) -> Job {
    let error = match job(document) {
        Ok(job) => return job,
        Err(error) => error,
    };
    let why = match error {
        StoreError::Corrupt { detail, .. } => detail,
        other => other.to_string(),
    };
    let job_id: JobName = id(document).parse().unwrap_or_default();
    let text = |field: &str| document.get_str(field).unwrap_or_default().to_owned();
    Job {
        job_id,
        job_num: job_id.0,
        ws_name: text("ws_name"),
        exper_name: text("exper_name"),
        job_status: status(document, "job_status"),
        description: Some(format!("its record cannot be read ({why}): run `xt check store`")),
        ..Job::default()
    }
}

/// A further document of a record: what has changed from one to the other, as an update's `$set` and `$unset`.
///
/// Maps that were there before are changed name by name, so that what somebody else has added to them stays.
pub fn difference(before: &Document, after: &Document) -> (Document, Document) {
    let (mut set, mut unset) = (Document::new(), Document::new());
    for (name, value) in after {
        match (before.get(name), value) {
            (Some(old), new) if old == new => {}
            (Some(Bson::Document(old)), Bson::Document(new)) if !old.is_empty() => {
                for (key, value) in new {
                    if old.get(key) != Some(value) {
                        set.insert(format!("{name}.{key}"), value.clone());
                    }
                }
                for key in old.keys().filter(|key| !new.contains_key(key.as_str())) {
                    unset.insert(format!("{name}.{key}"), "");
                }
            }
            _ => {
                set.insert(name.clone(), value.clone());
            }
        }
    }
    (set, unset)
}

/// An update of a document that changes with its revision, and the filter that meets what its writer has seen.
pub fn revised(
    seen: &Document,
    mut set: Document,
    unset: Document,
    token: &str,
    push: Document,
) -> (Document, Document) {
    set.insert(REV, token);
    let mut pushed = push;
    pushed.insert(PAST, doc! { "$each": [token], "$slice": -MEMORY });
    let mut update = doc! { "$set": set, "$push": pushed };
    if !unset.is_empty() {
        update.insert("$unset", unset);
    }
    (as_seen(seen), update)
}

/// The filter that meets a document only as it was seen. One of `XTLib`'s has no revision.
pub fn as_seen(seen: &Document) -> Document {
    doc! { "_id": seen.get("_id").cloned(), REV: seen.get(REV).cloned().unwrap_or(Bson::Null) }
}

/// Whether a write took place, by its token.
pub fn remembers(document: &Document, token: &str) -> bool {
    let past = document.get_array(PAST).map(Vec::as_slice).unwrap_or_default();
    past.iter().any(|known| known.as_str() == Some(token))
}

/// The size of a document on a server, in bytes.
pub fn size(document: &Document) -> usize {
    document.to_vec().map_or(usize::MAX, |bytes| bytes.len())
}

/// An event as it stands in `log_records`.
pub fn event_document(event: &Event) -> Document {
    doc! { "time": event.time.to_string(), "event": event.event.as_str(), "data": to_document(&event.data) }
}

/// The event of such a document. `XTLib` writes some without data.
pub fn event(document: &Document) -> Option<Event> {
    let data = document.get_document("data").map(to_map).unwrap_or_default();
    Some(Event {
        time: document.get_str("time").ok().and_then(|time| time.parse().ok()).unwrap_or_default(),
        event: document.get_str("event").ok()?.to_owned(),
        data,
    })
}

/// A whole number of a document, however it was written.
pub fn number(document: &Document, field: &str) -> u64 {
    let number = match document.get(field) {
        Some(Bson::Int32(number)) => i64::from(*number),
        Some(Bson::Int64(number)) => *number,
        #[allow(clippy::cast_possible_truncation, reason = "counters of XTLib are small")]
        Some(Bson::Double(number)) => *number as i64,
        _ => 0,
    };
    u64::try_from(number).unwrap_or_default()
}

/// A number for a document.
pub const fn bson_number(number: u64) -> Bson {
    Bson::Int64(number.cast_signed())
}

/// The words of statuses, for a filter.
pub fn words(statuses: impl IntoIterator<Item = Status>) -> Bson {
    Bson::Array(statuses.into_iter().map(|status| Bson::from(status.word())).collect())
}

/// The document of a new run, without its stamp.
pub fn new_run(run: &Run, events: &[Event], owner: &str) -> Result<Document> {
    let mut document = doc! { "_id": run.run_name.to_string() };
    document.extend(to_fields(&run.path().to_string(), run)?);
    document.insert(LOG, events.iter().map(event_document).collect::<Vec<_>>());
    document.insert(CALLS, 0_i64);
    document.insert(super::names::OWNER, owner);
    document.insert(REV, token());
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P11 (stores of XTLib open as they are): its documents are read, whatever they lack.
    #[test]
    fn documents_of_xtlib_are_read() {
        let document = doc! {
            "_id": "run4", "ws": "ws1", "run_name": "run4", "run_num": 4_000_000, "exper_name": "exper1", "job_id": "job5",
            "node_index": null, "is_outer": true, "is_parent": false, "is_child": false, "username": "me", "script": null,
            "path": null, "repeat": null, "compute": null, "from_ip": "192.0.2.2", "sku": null,
            "create_time": "2026-11-24T22:26:17.036238+00:00", "status": "completed", "duration": 0, "exit_code": 0,
            "hparams": { "lr": 0.3 }, "end_id": 1, "queue_duration": 4.164_784,
            "metrics": { "step": 2, "test-acc": 0.6, "__index__": 3, "__step_name__": "__index__" },
            "log_records": [ { "time": "2026-11-24T22:22:12.577827+00:00", "event": "queued" } ],
        };
        let run = run("ws1", &document).unwrap();
        assert_eq!(
            (run.path().to_string().as_str(), run.status, run.exit_code),
            ("ws1/run4", Status::Completed, Some(0))
        );
        assert_eq!(run.metrics.keys().collect::<Vec<_>>(), ["step", "test-acc"]);
        assert_eq!((run.job_id, run.node_index, run.script.as_str()), (JobName(5), 0, ""));
        assert_eq!(run.extra.get("from_ip"), Some(&Value::from("192.0.2.2")));
        assert!(!run.extra.contains_key("sku") && !run.extra.contains_key("log_records"));
    }

    // Proves P11: what a document has that xt does not know stays, and so does what others have added meanwhile.
    #[test]
    fn only_what_changed_is_written() {
        let before = doc! { "status": "queued", "tags": { "a": 1, "b": 2 }, "hparams": {}, "theirs": [1] };
        let after =
            doc! { "status": "running", "tags": { "a": 1, "c": 3 }, "hparams": { "lr": 1 }, "theirs": [1] };
        let (set, unset) = difference(&before, &after);
        assert_eq!(set, doc! { "status": "running", "tags.c": 3, "hparams": { "lr": 1 } });
        assert_eq!(unset, doc! { "tags.b": "" });
    }
}
