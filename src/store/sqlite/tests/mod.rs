//! The embedded store against real files.

mod damage;
mod files;
mod ingest;
mod reading;
mod submit;
mod trash;

use super::*;
use crate::model::Status;
use crate::store::{NewRun, RunPatch};

pub fn open(folder: &tempfile::TempDir) -> Sqlite {
    Sqlite::open(folder.path().join("records.db"), Durability::System).unwrap()
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

fn family(ws: &str, children: usize) -> Submission {
    let submission = submission(ws, children);
    let mut parent = submission.runs[0].clone();
    parent.run.is_parent = true;
    Submission { parent: Some(parent), ..submission }
}

fn to(path: &RunPath, status: Status) -> RunChange {
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
