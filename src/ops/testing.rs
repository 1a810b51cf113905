//! A store in a temporary home, for tests: records and files as a controller would have left them.

use std::fs;

use tempfile::TempDir;

use crate::config::{Home, Sources, load};
use crate::model::{Event, Job, Run, RunPath, Status, Time};
use crate::ops::Context;
use crate::store::sqlite::Durability;
use crate::store::{NewRun, RunChange, RunPatch, RunQuery, Submission};

/// A home of its own; it goes with it.
pub struct World {
    pub ctx: Context,
    pub folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::below(&folder.path().join("home"));
        let ctx = Context::open(home, load(&Sources::default()).config, Durability::System).unwrap();
        Self { ctx, folder }
    }

    /// A run that waits.
    pub fn single(&self, ws: &str) -> RunPath {
        self.submit(ws, 1, false).remove(0)
    }

    /// The children of a parent.
    pub fn family(&self, ws: &str, children: usize) -> Vec<RunPath> {
        self.submit(ws, children, true)
    }

    fn submit(&self, ws: &str, count: usize, family: bool) -> Vec<RunPath> {
        let job = Job {
            ws_name: ws.to_owned(),
            exper_name: "exper1".to_owned(),
            job_guid: uuid::Uuid::new_v4().to_string(),
            started: Time::now(),
            ..Job::default()
        };
        let new = || NewRun {
            run: Run {
                ws: ws.to_owned(),
                exper_name: "exper1".to_owned(),
                run_guid: uuid::Uuid::new_v4().to_string(),
                create_time: Time::now(),
                ..Run::default()
            },
            events: vec![Event::now("created", [])],
        };
        let parent = family.then(|| NewRun { run: Run { is_parent: true, ..new().run }, events: vec![] });
        let env = self.ctx.layout.job_env(&job.job_guid);
        fs::create_dir_all(env.parent().unwrap()).unwrap();
        fs::write(env, "[]").unwrap();
        let runs = std::iter::repeat_with(new).take(count).collect();
        let token = uuid::Uuid::new_v4().to_string();
        let submitted = self.ctx.records.submit(&Submission { token, job, runs, parent }).unwrap();
        submitted.runs.into_iter().map(|run| RunPath::new(ws, run)).collect()
    }

    /// Puts a run into a status, with what a controller records and leaves on the disk on the way there.
    pub fn set(&self, path: &RunPath, status: Status) {
        let text = format!("output of {path}\n");
        let started = (!status.is_waiting()).then(Time::now);
        let change = RunChange {
            run: path.clone(),
            expect: vec![],
            expect_attempt: None,
            patch: RunPatch {
                status: Some(status),
                attempt: started.map(|_| 1),
                attempt_time: started,
                end_time: status.is_final().then(Time::now),
                console_bytes: status.is_final().then_some(Some(text.len() as u64)),
                ..RunPatch::default()
            },
            events: vec![],
        };
        self.ctx.records.change_runs(&[change]).unwrap();
        let run = self.ctx.records.run(path).unwrap();
        let attempt = self.ctx.layout.attempt(&run.run_guid, 1);
        fs::create_dir_all(&attempt).unwrap();
        fs::write(attempt.join("spec.json"), "{}").unwrap();
        if status.is_final() {
            let output = self.ctx.layout.run_files(&path.ws, path.run).join("after/output");
            fs::create_dir_all(&output).unwrap();
            fs::write(output.join("console.txt"), text).unwrap();
        }
    }

    /// Completes every run that has not ended.
    pub fn end_all(&self) {
        for run in self.ctx.records.runs(&RunQuery::default()).unwrap() {
            if !run.is_parent && !run.status.is_final() {
                self.set(&run.path(), Status::Completed);
            }
        }
    }

    /// Changes the records behind the store's back.
    pub fn damage(&self, sql: &str) {
        crate::store::sqlite::tamper(&self.ctx.layout.records(), sql);
    }

    /// The runs of a workspace.
    pub fn names(&self, ws: &str) -> Vec<String> {
        let query = RunQuery { ws: Some(ws.to_owned()), ..RunQuery::default() };
        self.ctx.records.runs(&query).unwrap().iter().map(|run| run.run_name.to_string()).collect()
    }
}
