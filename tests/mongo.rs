//! The records on a server of MongoDB's protocol: the whole program on it, faults between the two, and what others have
//! written there.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/mongo.rs"]
mod server;
#[path = "support/mod.rs"]
mod support;

#[path = "mongo/between.rs"]
mod between;
#[path = "mongo/faults.rs"]
mod faults;
#[path = "mongo/program.rs"]
mod program;
#[path = "mongo/refusals.rs"]
mod refusals;
#[path = "mongo/xtlib.rs"]
mod xtlib;

use mongodb::bson::Document;
use mongodb::sync::{Client, Collection};
use xt::model::{Event, Job, Run, RunPath, Status, Time};
use xt::store::{NewRun, RunChange, RunPatch, Submission, Submitted};

/// Some runs of one job.
fn submission(ws: &str, runs: usize) -> Submission {
    let job = Job { ws_name: ws.into(), exper_name: "exper1".into(), started: Time::now(), ..Job::default() };
    let new = || NewRun {
        run: Run {
            ws: ws.into(),
            exper_name: "exper1".into(),
            create_time: Time::now(),
            run_guid: uuid::Uuid::new_v4().to_string(),
            ..Run::default()
        },
        events: vec![Event::now("created", [])],
    };
    let runs = std::iter::repeat_with(new).take(runs).collect();
    Submission { token: uuid::Uuid::new_v4().to_string(), job, runs, parent: None }
}

fn paths(ws: &str, submitted: &Submitted) -> Vec<RunPath> {
    submitted.runs.iter().map(|run| RunPath::new(ws, *run)).collect()
}

/// A change to a status, of a run that is in another.
fn change(run: &RunPath, from: Status, to: Status) -> RunChange {
    let end_time = to.is_final().then(Time::now);
    RunChange {
        run: run.clone(),
        expect: vec![from],
        expect_attempt: None,
        patch: RunPatch { status: Some(to), end_time, ..RunPatch::default() },
        events: vec![Event::now(to.word(), [])],
    }
}

/// A collection behind the store's back.
fn collection(url: &str, name: &str) -> Collection<Document> {
    Client::with_uri_str(url).unwrap().default_database().unwrap().collection(name)
}
