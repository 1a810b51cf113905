//! Submits: first everything that will be written is put down in one document under the client's token, with the
//! names that were given; that is the moment it is recorded. Then runs and job are written from it, which may be
//! repeated: whoever finds a submit that was cut off finishes it ([`super::mending`]).

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};

use super::connection::Connection;
use super::counters;
use super::document::{self, bson_number, number, to_fields, token};
use super::names::{JOBS, LIVE, OPEN, OWNER, REV, SPREAD, STAMP, SUBMITS, WAITING};
use super::stamps::Stamps;
use super::{Mongo, dependents, settle};
use crate::model::{Job, RunName};
use crate::store::domain::birth;
use crate::store::domain::dependents::waits;
use crate::store::{Result, StoreError, Submission, Submitted};

/// What a submit's document may hold, compressed; servers take 16 MB.
const MOST_BYTES: usize = 15 << 20;

/// Runs that are written at a time.
const PAGE: usize = 500;

/// Records a job and its runs. A token that was submitted before answers what it got then.
///
/// It is recorded when it is put down. What fails after that is no failure of the submit, for whoever finds it unfinished
/// writes the rest.
pub fn submit(mongo: &Mongo, submission: &Submission) -> Result<Submitted> {
    let connection = &mongo.connection;
    let put_down = match known(connection, &submission.token)? {
        Some(known) => known,
        None => put_down(mongo, submission)?,
    };
    if let Err(error) = finish(mongo, &put_down) {
        tracing::warn!(job = put_down.get_str("job_id").unwrap_or_default(), %error, "a submit is put down and not yet written");
    }
    Ok(submitted(&put_down))
}

/// Puts down all that a submit will write.
pub fn put_down(mongo: &Mongo, submission: &Submission) -> Result<Document> {
    let connection = &mongo.connection;
    let ws = submission.job.ws_name.as_str();
    counters::ensure(connection, ws, &submission.job.username)?;
    let mut waiting = false;
    for name in &submission.job.after {
        waiting |= waits(*name, document::job(&settle::find(connection, *name)?)?.job_status)?;
    }
    let job = birth::job(submission, counters::next_job(connection)?);
    let tops = if submission.parent.is_some() { 1 } else { submission.runs.len() as u64 };
    let first = counters::next_runs(connection, ws, tops)?;
    let planned = plan(mongo, submission, &job, first, waiting)?;
    let is_new = connection.insert_new(SUBMITS, &planned).map_err(|error| match error {
        StoreError::Unreachable { .. } => {
            StoreError::Unsure { what: "the job", look: "xt list jobs", source: Box::new(error) }
        }
        other => other,
    })?;
    if is_new {
        return Ok(planned);
    }
    // This very submit, whose answer was lost, or another process with the same token.
    let missing = || StoreError::Missing { what: "submit", name: submission.token.clone(), nearest: None };
    known(connection, &submission.token)?.ok_or_else(missing)
}

fn known(connection: &Connection, token: &str) -> Result<Option<Document>> {
    connection.find_one(SUBMITS, doc! { "_id": token }, doc! {})
}

/// All that a submit will write, in one document; the stamps are those of whoever writes it.
fn plan(mongo: &Mongo, submission: &Submission, job: &Job, first: u64, waiting: bool) -> Result<Document> {
    let status = birth::status(submission);
    let parent =
        submission.parent.as_ref().map(|new| (RunName::top(first), new, crate::model::Status::Queued));
    let children = submission.runs.iter().zip(0_u64..).map(|(new, place)| {
        let name = match parent {
            Some((parent, ..)) => parent.child(place + 1),
            None => RunName::top(first + place),
        };
        (name, new, status)
    });
    let mut all = Vec::with_capacity(submission.runs.len() + 1);
    for (name, new, status) in parent.into_iter().chain(children) {
        let run = birth::run(job, new, name, status);
        all.push(document::new_run(&run, &new.events, &mongo.owner)?);
    }
    let mut record = doc! { "_id": job.job_id.to_string() };
    record.extend(to_fields(&job.job_id.to_string(), job)?);
    record.extend(doc! {
        OWNER: mongo.owner.as_str(), LIVE: true, OPEN: [], WAITING: waiting, SPREAD: [job.ws_name.as_str()], REV: token(),
    });
    Ok(doc! {
        "_id": submission.token.as_str(),
        "job_id": job.job_id.to_string(),
        "ws": job.ws_name.as_str(),
        "first": bson_number(first),
        "runs": bson_number(submission.runs.len() as u64),
        "parent": submission.parent.is_some(),
        "done": false,
        "job": record,
        "data": packed(&doc! { "runs": all })?,
        OWNER: mongo.owner.as_str(),
    })
}

fn packed(document: &Document) -> Result<Binary> {
    let failed = |detail: String| StoreError::Corrupt { name: "a submit".to_owned(), detail };
    let raw = document.to_vec().map_err(|error| failed(error.to_string()))?;
    let bytes = zstd::bulk::compress(&raw, 3).map_err(|error| failed(error.to_string()))?;
    if bytes.len() > MOST_BYTES {
        return Err(failed("it has more runs than fit into one document: submit them in parts".to_owned()));
    }
    Ok(Binary { subtype: BinarySubtype::Generic, bytes })
}

fn unpacked(submit: &Document) -> Result<Vec<Document>> {
    let failed = |detail: String| StoreError::Corrupt { name: "a submit".to_owned(), detail };
    let bytes = submit.get_binary_generic("data").map_err(|error| failed(error.to_string()))?;
    let raw = zstd::stream::decode_all(bytes.as_slice()).map_err(|error| failed(error.to_string()))?;
    let document = Document::from_reader(raw.as_slice()).map_err(|error| failed(error.to_string()))?;
    let runs = document.get_array("runs").map(Vec::as_slice).unwrap_or_default();
    Ok(runs.iter().filter_map(Bson::as_document).cloned().collect())
}

/// Writes what a submit put down, as far as it is not there.
pub fn finish(mongo: &Mongo, submit: &Document) -> Result<()> {
    let connection = &mongo.connection;
    if submit.get_bool("done").unwrap_or_default() {
        return Ok(());
    }
    let ws = submit.get_str("ws").unwrap_or_default();
    let mut stamps = Stamps::take(connection)?;
    let mut runs = unpacked(submit)?;
    for page in runs.chunks_mut(PAGE) {
        let stamp = stamps.of(ws, &Document::new())?;
        for run in &mut *page {
            run.insert(STAMP, stamp);
        }
        connection.insert_missing(ws, page)?;
    }
    // The job comes last: nobody starts any of its runs before all are there.
    if let Ok(job) = submit.get_document("job") {
        let mut job = job.clone();
        job.insert(STAMP, stamps.now()?);
        connection.insert_new(JOBS, &job)?;
        if job.get_bool(WAITING).unwrap_or_default() {
            after(mongo, &job, &mut stamps)?;
        }
    }
    let done = doc! { "$set": { "done": true }, "$unset": { "data": "", "job": "" } };
    connection.update(SUBMITS, doc! { "_id": submit.get("_id").cloned() }, done).map(|_| ())
}

/// What a job comes after may have ended before it was there to be found.
fn after(mongo: &Mongo, job: &Document, stamps: &mut Stamps) -> Result<()> {
    let job = document::job(job)?;
    if dependents::release(&mongo.connection, &job, stamps)? {
        settle::jobs(mongo, [job.job_id].into(), stamps)?;
    }
    Ok(())
}

/// The names that a submit got.
fn submitted(submit: &Document) -> Submitted {
    let (first, runs) = (number(submit, "first"), number(submit, "runs"));
    let parent = submit.get_bool("parent").unwrap_or_default().then(|| RunName::top(first));
    let name =
        |place: u64| parent.map_or_else(|| RunName::top(first + place), |parent| parent.child(place + 1));
    let job = submit.get_str("job_id").ok().and_then(|name| name.parse().ok()).unwrap_or_default();
    Submitted { job, parent, runs: (0..runs).map(name).collect() }
}
