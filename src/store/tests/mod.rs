//! What every store does, whatever keeps it.

mod ingest;
mod leader;
mod reading;
mod submit;
mod trash;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::mongo::Mongo;
use super::sqlite::{Durability, Sqlite};
use super::*;
use crate::model::{Event, Job, JobName, Run, RunPath, Status, Time, Workspace};

#[path = "../../../tests/support/mongo.rs"]
pub mod server;

/// A store of its own.
pub struct Store {
    records: Arc<dyn Records>,
    /// Opens it once more, as another process would.
    again: Box<dyn Fn() -> Arc<dyn Records> + Send + Sync>,
}

/// How a store of a kind is made.
pub type Open = fn() -> Store;

impl Deref for Store {
    type Target = dyn Records;

    fn deref(&self) -> &Self::Target {
        self.records.as_ref()
    }
}

impl Store {
    fn new(again: impl Fn() -> Arc<dyn Records> + Send + Sync + 'static) -> Self {
        Self { records: again(), again: Box::new(again) }
    }

    pub fn again(&self) -> Arc<dyn Records> {
        (self.again)()
    }
}

/// The embedded store.
pub fn sqlite() -> Store {
    let folder = tempfile::tempdir().unwrap();
    Store::new(move || Arc::new(Sqlite::open(folder.path().join("records.db"), Durability::System).unwrap()))
}

/// A database of a server.
pub fn mongo() -> Store {
    let url = server::database();
    Store::new(move || Arc::new(Mongo::open(&url, "home").unwrap()))
}

pub fn submission(ws: &str, runs: usize) -> Submission {
    let job = Job { ws_name: ws.into(), exper_name: "exper1".into(), started: Time::now(), ..Job::default() };
    let new = NewRun {
        run: Run { exper_name: "exper1".into(), create_time: Time::now(), ..Run::default() },
        events: vec![Event::now("created", [])],
    };
    let run = Run { ws: ws.into(), ..new.run.clone() };
    let new = NewRun { run, ..new };
    Submission { token: uuid::Uuid::new_v4().to_string(), job, runs: vec![new; runs], parent: None }
}

pub fn family(ws: &str, children: usize) -> Submission {
    let submission = submission(ws, children);
    let mut parent = submission.runs[0].clone();
    parent.run.is_parent = true;
    Submission { parent: Some(parent), ..submission }
}

pub fn to(path: &RunPath, status: Status) -> RunChange {
    let end_time = status.is_final().then(Time::now);
    RunChange {
        run: path.clone(),
        expect: vec![],
        expect_attempt: None,
        patch: RunPatch { status: Some(status), end_time, ..RunPatch::default() },
        events: vec![],
    }
}

pub fn paths(ws: &str, submitted: &Submitted) -> Vec<RunPath> {
    submitted.runs.iter().map(|run| RunPath::new(ws, *run)).collect()
}
