//! Workspaces, experiments and jobs, with their counts.

use std::collections::{BTreeMap, HashMap};

use mongodb::bson::{Document, doc};

use super::connection::Connection;
use super::counters::{self, Space};
use super::document::{self, number, status};
use super::names::JOBS;
use super::{Mongo, settled};
use crate::model::{Experiment, Job, Time, Workspace};
use crate::store::Result;

/// How the runs of an experiment stand.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    runs: u64,
    running: u64,
    failed: u64,
    last: Option<Time>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.running += other.running;
        self.failed += other.failed;
        self.last = self.last.max(other.last);
    }
}

/// The experiments of a workspace, and how their runs stand.
pub type Tallies = BTreeMap<String, Tally>;

/// What was counted of workspaces, with the stamp they bore then.
pub type Counted = HashMap<String, (i64, Tallies)>;

/// Counts the runs of a workspace, unless nothing has changed since they were counted last.
fn tallies(mongo: &Mongo, space: &Space) -> Result<Tallies> {
    if let Some((stamp, tallies)) = mongo.shared().counted.get(&space.name)
        && *stamp == space.stamp
    {
        return Ok(tallies.clone());
    }
    let settled = settled::settled(mongo)?;
    let tallies = count(&mongo.connection, &space.name)?;
    // A workspace bears a stamp before its runs do: only what is long past is surely counted.
    if space.stamp > 0 && space.stamp <= settled {
        mongo.shared().counted.insert(space.name.clone(), (space.stamp, tallies.clone()));
    }
    Ok(tallies)
}

fn count(connection: &Connection, ws: &str) -> Result<Tallies> {
    let by = doc! { "exper": "$exper_name", "status": "$status" };
    let group = doc! {
        "_id": by, "runs": { "$sum": 1 }, "last": { "$max": "$last_time" }, "created": { "$max": "$create_time" },
    };
    let stages = vec![doc! { "$match": { "is_parent": { "$ne": true } } }, doc! { "$group": group }];
    let mut tallies = Tallies::new();
    for found in connection.aggregate(ws, stages)? {
        let Ok(id) = found.get_document("_id") else { continue };
        let (runs, status) = (number(&found, "runs"), status(id, "status"));
        let time = |field: &str| found.get_str(field).ok().and_then(|time| time.parse::<Time>().ok());
        let exper = id.get_str("exper").unwrap_or_default().to_owned();
        tallies.entry(exper).or_default().add(Tally {
            runs,
            running: if status.is_active() { runs } else { 0 },
            failed: if status.is_failure() { runs } else { 0 },
            last: time("last").max(time("created")),
        });
    }
    Ok(tallies)
}

/// All workspaces, by name.
pub fn workspaces(mongo: &Mongo) -> Result<Vec<Workspace>> {
    let mut workspaces = Vec::new();
    for space in counters::spaces(&mongo.connection, doc! {})? {
        let mut sum = Tally::default();
        tallies(mongo, &space)?.into_values().for_each(|tally| sum.add(tally));
        let (run_count, running, failed, last_time) = (sum.runs, sum.running, sum.failed, sum.last);
        workspaces.push(Workspace { run_count, running, failed, last_time, ..space.about });
    }
    Ok(workspaces)
}

/// The experiments of a workspace, or of all.
pub fn experiments(mongo: &Mongo, ws: Option<&str>) -> Result<Vec<Experiment>> {
    let filter = if let Some(ws) = ws {
        counters::require(&mongo.connection, ws)?;
        doc! { "_id": ws }
    } else {
        doc! {}
    };
    let mut experiments = Vec::new();
    for space in counters::spaces(&mongo.connection, filter)? {
        for (exper_name, tally) in tallies(mongo, &space)? {
            let Tally { runs, running, failed, last } = tally;
            let ws = space.name.clone();
            experiments.push(Experiment {
                ws,
                exper_name,
                run_count: runs,
                running,
                failed,
                last_time: last,
            });
        }
    }
    Ok(experiments)
}

/// Jobs, the latest first.
pub fn jobs(mongo: &Mongo, ws: Option<&str>, limit: Option<usize>) -> Result<Vec<Job>> {
    let filter = if let Some(ws) = ws {
        counters::require(&mongo.connection, ws)?;
        doc! { "ws_name": ws }
    } else {
        doc! { "ws_name": { "$in": counters::names(&mongo.connection)? } }
    };
    if limit == Some(0) {
        return Ok(Vec::new());
    }
    let found = mongo.connection.find(JOBS, filter, Document::new(), doc! { "job_num": -1 }, limit)?;
    Ok(found.iter().map(document::job_or_rest).collect())
}
