//! The embedded store's records: one `SQLite` database, written by many processes at once.
//!
//! Write-ahead log; what a person was promised (a submit, a cancel, a tag) is synced to the disk before the
//! call returns ([`Durability::Disk`]). What a controller reports is handed to the system and synced at
//! checkpoints ([`Durability::System`]): after a power cut it is found again in the attempts' directories.

mod blocks;
mod care;
mod change;
mod connection;
mod dependents;
mod endings;
mod feed;
mod ingest;
mod leader;
mod load;
mod read;
mod row;
mod schedule;
mod schema;
mod select;
mod submit;
mod trash;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::time::Duration;

pub use connection::{Durability, Sqlite};

use super::{
    Changes, Emptied, Ending, Histories, LoadSample, MetricBatch, Records, Result, RunChange, RunKey,
    RunQuery, Seen, Submission, Submitted, Unreadable, Watch,
};
use crate::model::metric::{Numbers, Point};
use crate::model::node::Heartbeat;
use crate::model::{Event, Experiment, Job, JobName, Run, RunName, RunPath, Time, Workspace};

/// Each call is one transaction; what happens in it is the business of the module it names.
impl Records for Sqlite {
    fn create_workspace(&self, workspace: &Workspace) -> Result<()> {
        self.write(|tx| submit::create_workspace(tx, workspace))
    }

    fn workspaces(&self) -> Result<Vec<Workspace>> {
        self.read(read::workspaces)
    }

    fn experiments(&self, ws: Option<&str>) -> Result<Vec<Experiment>> {
        self.read(|db| read::experiments(db, ws))
    }

    fn submit(&self, submission: &Submission) -> Result<Submitted> {
        self.write(|tx| submit::submit(tx, submission))
    }

    fn job(&self, job: JobName) -> Result<Job> {
        self.read(|db| read::job(db, job))
    }

    fn jobs(&self, ws: Option<&str>, limit: Option<usize>) -> Result<Vec<Job>> {
        self.read(|db| read::jobs(db, ws, limit))
    }

    fn change_job(&self, job: JobName, change: &mut dyn FnMut(&mut Job) -> bool) -> Result<Job> {
        self.write(|tx| change::change_job(tx, job, change))
    }

    fn run(&self, path: &RunPath) -> Result<Run> {
        self.read(|db| read::run(db, path))
    }

    fn runs(&self, query: &RunQuery) -> Result<Vec<Run>> {
        self.read(|db| select::runs(db, query))
    }

    fn run_index(&self, query: &RunQuery) -> Result<Vec<RunKey>> {
        self.read(|db| select::index(db, query))
    }

    fn runs_at(&self, ids: &[i64]) -> Result<Vec<(i64, Run)>> {
        self.read(|db| select::at(db, ids))
    }

    fn run_names_at(&self, ids: &[i64]) -> Result<Vec<(i64, RunPath)>> {
        self.read(|db| select::names_at(db, ids))
    }

    fn events(&self, path: &RunPath) -> Result<Vec<Event>> {
        self.read(|db| read::events(db, path))
    }

    fn histories(&self, path: &RunPath) -> Result<Histories> {
        self.read(|db| ingest::histories(db, path))
    }

    fn block(&self, path: &RunPath, metric: &str, seen: u64) -> Result<Vec<Point>> {
        self.read(|db| ingest::block(db, path, metric, seen))
    }

    fn numbers(&self, path: &RunPath, names: &[String], seen: &Seen) -> Result<Vec<Numbers>> {
        self.read(|db| ingest::numbers(db, path, names, seen))
    }

    fn endings(&self, limit: usize) -> Result<Vec<Ending>> {
        self.read(|db| endings::pending(db, limit))
    }

    fn told(&self, endings: &[i64], events: &[(RunPath, Event)]) -> Result<()> {
        self.write(|tx| endings::told(tx, endings, events))
    }

    fn change_runs(&self, changes: &[RunChange]) -> Result<Vec<bool>> {
        self.write(|tx| change::change_runs(tx, changes))
    }

    fn ingested(&self, path: &RunPath) -> Result<Vec<(String, u64)>> {
        self.read(|db| ingest::ingested(db, path))
    }

    fn ingest(&self, batches: &[MetricBatch]) -> Result<()> {
        self.write(|tx| batches.iter().try_for_each(|batch| ingest::ingest(tx, batch)))
    }

    fn keep_load(&self, samples: &[LoadSample]) -> Result<()> {
        self.write(|tx| samples.iter().try_for_each(|sample| load::keep(tx, sample)))
    }

    fn load(&self, path: &RunPath, from: u64, take: &mut dyn FnMut(&str, Vec<Point>)) -> Result<()> {
        self.read(|db| load::read(db, path, from, take))
    }

    fn startable_jobs(&self, without: &[JobName], limit: usize) -> Result<Vec<JobName>> {
        self.read(|db| schedule::startable_jobs(db, without, limit))
    }

    fn startable_runs(&self, job: JobName, now: Time, longest: Duration, limit: usize) -> Result<Vec<Run>> {
        self.read(|db| schedule::startable_runs(db, job, now, longest, limit))
    }

    fn next_due(&self, after: Time) -> Result<Option<Time>> {
        self.read(|db| schedule::next_due(db, after))
    }

    fn active_runs(&self) -> Result<Vec<Run>> {
        self.read(schedule::active_runs)
    }

    fn cancelled_runs(&self) -> Result<Vec<Run>> {
        self.read(schedule::cancelled_runs)
    }

    fn has_work(&self) -> Result<bool> {
        self.read(schedule::has_work)
    }

    fn beat(&self, heartbeat: &Heartbeat) -> Result<()> {
        self.write(|tx| schedule::beat(tx, heartbeat))
    }

    fn heartbeats(&self) -> Result<Vec<Heartbeat>> {
        self.read(schedule::heartbeats)
    }

    fn trash_runs(&self, runs: &[RunPath]) -> Result<()> {
        self.write(|tx| trash::trash(tx, runs))
    }

    fn trash(&self) -> Result<Vec<(Time, Run)>> {
        self.read(trash::list)
    }

    fn restore_runs(&self, runs: &[RunPath]) -> Result<()> {
        self.write(|tx| trash::restore(tx, runs))
    }

    fn empty_trash(&self, before: Time) -> Result<Emptied> {
        self.write(|tx| trash::empty(tx, before))
    }

    fn delete_workspace(&self, ws: &str) -> Result<()> {
        self.write(|tx| trash::delete_workspace(tx, ws))
    }

    fn copy_run(&self, from: &RunPath, to_ws: &str) -> Result<RunName> {
        self.write(|tx| submit::copy_run(tx, from, to_ws))
    }

    fn stamp(&self) -> Result<i64> {
        self.read(feed::stamp)
    }

    fn changes(&self, since: i64, limit: usize) -> Result<Changes> {
        self.read(|db| feed::changes(db, since, limit))
    }

    fn watch(&self) -> Result<Box<dyn Watch>> {
        Ok(Box::new(feed::FolderWatch::new(self.path())?))
    }

    fn check(&self) -> Result<Vec<String>> {
        self.read(care::check)
    }

    fn unreadable(&self) -> Result<Unreadable> {
        self.read(care::unreadable)
    }

    fn rebuild_job(&self, job: JobName) -> Result<bool> {
        self.write(|tx| change::rebuild_job(tx, job))
    }

    fn hashes(&self, without: &BTreeSet<JobName>) -> Result<HashSet<String>> {
        self.read(|db| care::hashes(db, without))
    }

    fn backup(&self, to: &Path) -> Result<()> {
        self.read(|db| care::backup(db, to))
    }
}

/// Changes a database behind its back, for the tests of what stands on it.
#[cfg(test)]
pub(crate) fn tamper(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).and_then(|db| db.execute_batch(sql)).unwrap();
}

#[cfg(test)]
mod tests;
