//! Changes of runs, and what they mean for jobs, parents, leaders and the jobs that come after.
//!
//! There is no transaction, so a change is made in steps that may be repeated, and cut off between any two:
//! each job it concerns is marked as *open*, the runs are changed one by one, and then the job is
//! settled: what it and its parent are is derived anew from its runs, which comes to the same however often it is
//! done. The mark goes last. What was cut off is found by its mark and settled by whoever finds it
//! ([`super::mending`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};

use super::connection::Connection;
use super::counters::{self, job_id};
use super::document::{self, token, without_growth};
use super::names::{JOBS, LIVE, OPEN};
use super::runs::{self, Written};
use super::stamps::Stamps;
use super::{Mongo, settle};
use crate::model::{JobName, RunPath};
use crate::store::{Result, RunChange, StoreError};

/// So many runs make a portion.
const PORTION: usize = 100;
/// A portion ends when it has taken so long: well before its mark is old ([`super::mending::AGE`]).
const LONGEST: Duration = Duration::from_secs(5);

/// Changes that somebody asked for, whose outcome he was not told: the server failed in between. When they are asked for
/// again they bear the same token, so that those which took place do not take place twice.
#[derive(Default)]
pub struct Doubtful(Vec<(RunChange, String)>);

impl Doubtful {
    /// So many are remembered.
    const MOST: usize = 10_000;

    /// The token of a change, which it may have had before.
    fn token(&mut self, change: &RunChange) -> String {
        let is_same = |known: &RunChange| {
            known.run == change.run
                && known.patch == change.patch
                && known.events == change.events
                && known.expect == change.expect
                && known.expect_attempt == change.expect_attempt
        };
        match self.0.iter().position(|(known, _)| is_same(known)) {
            Some(place) => self.0.remove(place).1,
            None => token(),
        }
    }

    fn remember(&mut self, changes: &[RunChange], tokens: Vec<String>) {
        self.0.extend(changes.iter().cloned().zip(tokens));
        let many = self.0.len().saturating_sub(Self::MOST);
        self.0.drain(..many);
    }
}

/// Applies changes whose conditions hold, and tells which did.
pub fn change_runs(mongo: &Mongo, changes: &[RunChange]) -> Result<Vec<bool>> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let connection = &mongo.connection;
    let seen = locate(connection, changes)?;
    let tokens: Vec<_> = changes.iter().map(|change| mongo.shared().doubtful.token(change)).collect();
    let applied = apply(mongo, changes, &seen, &tokens);
    if applied.is_err() {
        mongo.shared().doubtful.remember(changes, tokens);
    }
    applied
}

fn apply(
    mongo: &Mongo,
    changes: &[RunChange],
    seen: &HashMap<RunPath, Document>,
    tokens: &[String],
) -> Result<Vec<bool>> {
    let mut applied = Vec::with_capacity(changes.len());
    let all: Vec<_> = changes.iter().zip(tokens).collect();
    let moved = |(change, _): &(&RunChange, &String)| {
        change.patch.status.and_then(|_| job_of(seen.get(&change.run)?))
    };
    in_portions(mongo, &all, moved, |(change, token), stamps| {
        let document = seen.get(&change.run).cloned().unwrap_or_default();
        let written = runs::change(&mongo.connection, change, document, stamps, token)?;
        applied.push(matches!(written, Written::Changed));
        Ok(())
    })?;
    Ok(applied)
}

/// Does something to many runs, portion by portion: the jobs that are concerned are marked as open by a portion's own
/// mark, and settled at its end. So no mark is taken for somebody's who was cut off while there is work under it.
pub fn in_portions<T>(
    mongo: &Mongo,
    all: &[T],
    job: impl Fn(&T) -> Option<JobName>,
    mut act: impl FnMut(&T, &mut Stamps) -> Result<()>,
) -> Result<()> {
    let mut left = all;
    while !left.is_empty() {
        let mut stamps = Stamps::take(&mongo.connection)?;
        let (portion, begun) = (&left[..left.len().min(PORTION)], Instant::now());
        let jobs: BTreeSet<_> = portion.iter().filter_map(&job).collect();
        open(&mongo.connection, &jobs, stamps.mark())?;
        for run in portion {
            act(run, &mut stamps)?;
            left = &left[1..];
            if begun.elapsed() > LONGEST {
                break;
            }
        }
        settle::jobs(mongo, jobs, &mut stamps)?;
    }
    Ok(())
}

/// The documents of the runs that are to be changed; all must be there.
fn locate(connection: &Connection, changes: &[RunChange]) -> Result<HashMap<RunPath, Document>> {
    let mut by_workspace = BTreeMap::<&str, Vec<String>>::new();
    for change in changes {
        by_workspace.entry(&change.run.ws).or_default().push(change.run.run.to_string());
    }
    let mut found = HashMap::new();
    for (ws, names) in by_workspace {
        for document in
            connection.find(ws, doc! { "_id": { "$in": names } }, without_growth(), doc! {}, None)?
        {
            if let Some(run) = document.get_str("_id").ok().and_then(|name| name.parse().ok()) {
                found.insert(RunPath::new(ws, run), document);
            }
        }
    }
    for change in changes {
        let Some(document) = found.get(&change.run) else {
            counters::require(connection, &change.run.ws)?;
            return Err(StoreError::Missing { what: "run", name: change.run.to_string(), nearest: None });
        };
        // One that cannot be read fails the whole, before anything is changed.
        document::run(&change.run.ws, document)?;
    }
    Ok(found)
}

/// The job that a run's document names.
pub fn job_of(document: &Document) -> Option<JobName> {
    document.get_str("job_id").ok()?.parse().ok()
}

/// Marks jobs as open under a token: changes of their runs follow.
pub fn open(connection: &Connection, jobs: &BTreeSet<JobName>, token: i64) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = jobs.iter().map(|job| job_id(*job)).collect();
    let mark = doc! { "$addToSet": { OPEN: token }, "$set": { LIVE: true } };
    connection.update_all(JOBS, doc! { "_id": { "$in": names } }, mark)
}
