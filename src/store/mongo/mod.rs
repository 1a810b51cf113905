//! A team's records: documents of a `MongoDB` server, or of one that speaks its protocol, under `XTLib`'s names.
//!
//! No step needs a transaction of several documents, for not every such server has them: each write changes one
//! document, under conditions, and may be repeated. What takes several says first what it is about to do.

mod blocks;
mod care;
mod change;
mod connection;
mod copy;
mod counters;
mod dependents;
mod document;
mod endings;
mod escape;
mod feed;
mod history;
mod ingest;
mod load;
mod mending;
mod names;
mod owner;
mod read;
mod runs;
mod schedule;
mod select;
mod settle;
mod settled;
mod stamps;
mod submit;
mod trash;
mod watch;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use connection::Connection;
use mongodb::bson::doc;
pub use owner::owner;

use super::{
    Changes, Emptied, Ending, Histories, LoadSample, MetricBatch, Records, Result, Retries, RunChange,
    RunKey, RunQuery, Seen, StoreError, Submission, Submitted, Unreadable, Watch,
};
use crate::model::metric::{Numbers, Point};
use crate::model::node::Heartbeat;
use crate::model::{Event, Experiment, Job, JobName, Run, RunName, RunPath, Time, Workspace};

/// The version of our documents.
const VERSION: u64 = 1;

/// The records of a team.
pub struct Mongo {
    connection: Connection,
    /// The home whose controller starts the jobs that are submitted here.
    owner: String,
    shared: Mutex<Shared>,
}

/// What calls of this process leave to each other.
#[derive(Default)]
struct Shared {
    spaces: select::Spaces,
    readers: feed::Readers,
    settled: settled::Settled,
    counted: read::Counted,
    doubtful: change::Doubtful,
    unfinished: mending::Unfinished,
}

impl Mongo {
    /// Opens the database that a connection string names, for a home, and makes it ready on first use.
    pub fn open(url: &str, owner: &str) -> Result<Self> {
        let connection = Connection::new(url)?;
        let about = connection.find_one(names::INFO, doc! { "_id": "xt" }, doc! {})?;
        match about.map(|about| document::number(&about, "version")) {
            Some(found) if found > VERSION => {
                let server = connection.server().to_owned();
                return Err(StoreError::NewerServer { server, found, known: VERSION });
            }
            Some(_) => {}
            None => make_ready(&connection)?,
        }
        Ok(Self { connection, owner: owner.to_owned(), shared: Mutex::default() })
    }

    /// The server's address, without credentials.
    pub fn server(&self) -> &str {
        self.connection.server()
    }

    /// Tells those who wait that something has been written; part of it may have been when it failed.
    fn rung<T>(&self, written: Result<T>) -> Result<T> {
        counters::ring(&self.connection);
        written
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // Nothing in it is half done between two statements.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the indexes, and says that they are there.
fn make_ready(connection: &Connection) -> Result<()> {
    use names::{
        BLOCKS, ENDINGS, EVENTS, GONE, INFO, JOBS, LIVE, OPEN, OWNER, STAMP, SUBMITS, TRASH, WORKSPACES,
    };
    let jobs = [
        doc! { STAMP: 1 },
        doc! { OWNER: 1, LIVE: 1 },
        doc! { OPEN: 1 },
        doc! { "after": 1 },
        doc! { "ws_name": 1, "job_num": -1 },
        doc! { "job_num": -1 },
        doc! { "priority": -1, "job_num": 1 },
    ];
    connection.index(JOBS, jobs)?;
    connection.index(WORKSPACES, [doc! { STAMP: 1 }])?;
    connection.index(SUBMITS, [doc! { "done": 1 }])?;
    connection.index(GONE, [doc! { STAMP: 1 }])?;
    connection.index(TRASH, [doc! { "job_id": 1 }, doc! { "_xt_trashed": -1, "run_num": 1 }])?;
    connection.index(ENDINGS, [doc! { OWNER: 1, "number": 1 }, doc! { "number": 1 }])?;
    connection.index(BLOCKS, [doc! { "run": 1 }])?;
    connection.index(EVENTS, [doc! { "run": 1, "place": 1 }])?;
    connection.insert_new(INFO, &doc! { "_id": "xt", "version": VERSION.cast_signed() })?;
    Ok(())
}

/// What each call means is the business of the module it names.
impl Records for Mongo {
    fn create_workspace(&self, workspace: &Workspace) -> Result<()> {
        self.rung(counters::create(&self.connection, workspace))
    }

    fn workspaces(&self) -> Result<Vec<Workspace>> {
        read::workspaces(self)
    }

    fn experiments(&self, ws: Option<&str>) -> Result<Vec<Experiment>> {
        read::experiments(self, ws)
    }

    fn submit(&self, submission: &Submission) -> Result<Submitted> {
        self.rung(submit::submit(self, submission))
    }

    fn job(&self, job: JobName) -> Result<Job> {
        document::job(&settle::find(&self.connection, job)?)
    }

    fn jobs(&self, ws: Option<&str>, limit: Option<usize>) -> Result<Vec<Job>> {
        read::jobs(self, ws, limit)
    }

    fn change_job(&self, job: JobName, change: &mut dyn FnMut(&mut Job) -> bool) -> Result<Job> {
        self.rung(settle::change_job(&self.connection, job, change))
    }

    fn run(&self, path: &RunPath) -> Result<Run> {
        runs::run(&self.connection, path)
    }

    fn runs(&self, query: &RunQuery) -> Result<Vec<Run>> {
        select::runs(self, query)
    }

    fn run_index(&self, query: &RunQuery) -> Result<Vec<RunKey>> {
        select::index(self, query)
    }

    fn runs_at(&self, ids: &[i64]) -> Result<Vec<(i64, Run)>> {
        select::at(self, ids)
    }

    fn run_names_at(&self, ids: &[i64]) -> Result<Vec<(i64, RunPath)>> {
        select::names_at(self, ids)
    }

    fn events(&self, path: &RunPath) -> Result<Vec<Event>> {
        history::events(&self.connection, path)
    }

    fn histories(&self, path: &RunPath) -> Result<Histories> {
        history::histories(&self.connection, path)
    }

    fn block(&self, path: &RunPath, metric: &str, seen: u64) -> Result<Vec<Point>> {
        history::block(&self.connection, path, metric, seen)
    }

    fn numbers(&self, path: &RunPath, names: &[String], seen: &Seen) -> Result<Vec<Numbers>> {
        history::numbers(&self.connection, path, names, seen)
    }

    fn endings(&self, limit: usize) -> Result<Vec<Ending>> {
        endings::pending(&self.connection, &self.owner, limit)
    }

    fn told(&self, endings: &[i64], events: &[(RunPath, Event)]) -> Result<()> {
        self.rung(endings::told(&self.connection, endings, events))
    }

    fn change_runs(&self, changes: &[RunChange]) -> Result<Vec<bool>> {
        self.rung(change::change_runs(self, changes))
    }

    fn ingested(&self, path: &RunPath) -> Result<Vec<(String, u64)>> {
        ingest::ingested(&self.connection, path)
    }

    fn ingest(&self, batches: &[MetricBatch]) -> Result<()> {
        self.rung(batches.iter().try_for_each(|batch| ingest::ingest(&self.connection, batch)))
    }

    fn keep_load(&self, samples: &[LoadSample]) -> Result<()> {
        load::keep(&self.connection, samples)
    }

    fn load(&self, path: &RunPath, from: u64, take: &mut dyn FnMut(&str, Vec<Point>)) -> Result<()> {
        load::read(&self.connection, path, from, take)
    }

    fn startable_jobs(&self, without: &[JobName], limit: usize) -> Result<Vec<JobName>> {
        mending::mend(self, Instant::now())?;
        schedule::startable_jobs(self, without, limit)
    }

    fn startable_runs(&self, job: JobName, now: Time, longest: Duration, limit: usize) -> Result<Vec<Run>> {
        schedule::startable_runs(self, job, now, longest, limit)
    }

    fn next_due(&self, after: Time) -> Result<Option<Time>> {
        schedule::next_due(self, after)
    }

    fn active_runs(&self) -> Result<Vec<Run>> {
        schedule::active_runs(self)
    }

    fn cancelled_runs(&self) -> Result<Vec<Run>> {
        schedule::cancelled_runs(self)
    }

    fn has_work(&self) -> Result<bool> {
        schedule::has_work(self)
    }

    fn beat(&self, heartbeat: &Heartbeat) -> Result<()> {
        self.rung(schedule::beat(self, heartbeat))
    }

    fn heartbeats(&self) -> Result<Vec<Heartbeat>> {
        schedule::heartbeats(self)
    }

    fn trash_runs(&self, runs: &[RunPath]) -> Result<()> {
        self.rung(trash::trash(self, runs))
    }

    fn trash(&self) -> Result<Vec<(Time, Run)>> {
        trash::list(self)
    }

    fn restore_runs(&self, runs: &[RunPath]) -> Result<()> {
        self.rung(trash::restore(self, runs))
    }

    fn empty_trash(&self, before: Time) -> Result<Emptied> {
        self.rung(trash::empty(self, before))
    }

    fn delete_workspace(&self, ws: &str) -> Result<()> {
        self.rung(trash::delete_workspace(self, ws))
    }

    fn copy_run(&self, from: &RunPath, to_ws: &str) -> Result<RunName> {
        self.rung(copy::copy_run(self, from, to_ws))
    }

    fn retries(&self) -> Retries {
        self.connection.retries()
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn stamp(&self) -> Result<i64> {
        feed::stamp(self)
    }

    fn changes(&self, since: i64, limit: usize) -> Result<Changes> {
        mending::reconcile(self, Instant::now())?;
        feed::changes(self, since, limit)
    }

    fn watch(&self) -> Result<Box<dyn Watch>> {
        Ok(Box::new(watch::ServerWatch::new(&self.connection)?))
    }

    fn check(&self) -> Result<Vec<String>> {
        care::check(self)
    }

    fn unreadable(&self) -> Result<Unreadable> {
        care::unreadable(&self.connection)
    }

    fn rebuild_job(&self, job: JobName) -> Result<bool> {
        self.rung(care::rebuild_job(self, job))
    }

    fn hashes(&self, without: &BTreeSet<JobName>) -> Result<HashSet<String>> {
        care::hashes(&self.connection, without)
    }

    fn backup(&self, _: &Path) -> Result<()> {
        Err(StoreError::NotAvailable {
            what: "a backup of the records",
            server: self.server().to_owned(),
            instead: "back the database up with the server's own tools, such as `mongodump`",
        })
    }
}
