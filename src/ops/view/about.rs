//! All about a workspace, an experiment or a job, with how many of its runs stand where.

use std::collections::BTreeMap;

use crate::model::names::{nearest, visible};
use crate::model::{Experiment, Job, JobName, Status, Workspace};
use crate::ops::{Context, OpsError, Result, list};
use crate::store::{Kind, RunQuery};

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A workspace.
    Workspace(String),
    /// An experiment.
    Experiment {
        /// Its workspace.
        ws: String,
        /// Its name.
        name: String,
    },
    /// A job.
    Job(JobName),
}

/// The thing itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    /// A workspace and its experiments.
    Workspace(Workspace, Vec<Experiment>),
    /// An experiment.
    Experiment(Experiment),
    /// A job.
    Job(Box<Job>),
}

/// All about it.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The thing itself.
    pub thing: Thing,
    /// How many of its runs stand where; parents are not counted, and what no run is in is left out.
    pub statuses: Vec<(Status, u64)>,
}

/// Collects it.
pub fn about(ctx: &Context, subject: &Subject) -> Result<About> {
    let query = RunQuery { kind: Kind::Counted, ..RunQuery::default() };
    let (thing, query) = match subject {
        Subject::Workspace(ws) => {
            let workspace = list::workspace(ctx, ws)?;
            let experiments = ctx.records.experiments(Some(ws))?;
            (Thing::Workspace(workspace, experiments), RunQuery { ws: Some(ws.clone()), ..query })
        }
        Subject::Experiment { ws, name } => {
            let found = experiment(ctx, ws, name)?;
            let experiments = vec![name.clone()];
            (Thing::Experiment(found), RunQuery { ws: Some(ws.clone()), experiments, ..query })
        }
        Subject::Job(job) => {
            let found = ctx.records.job(*job)?;
            let query = RunQuery { ws: Some(found.ws_name.clone()), jobs: vec![*job], ..query };
            (Thing::Job(Box::new(found)), query)
        }
    };
    let mut statuses = BTreeMap::new();
    for key in ctx.records.run_index(&query)? {
        *statuses.entry(key.status).or_insert(0) += 1;
    }
    Ok(About { thing, statuses: statuses.into_iter().collect() })
}

/// An experiment that must exist.
pub fn experiment(ctx: &Context, ws: &str, name: &str) -> Result<Experiment> {
    let mut all = list::experiments(ctx, Some(ws), None)?;
    match all.iter().position(|one| one.exper_name == name) {
        Some(at) => Ok(all.swap_remove(at)),
        None => Err(OpsError::Missing {
            what: "experiment",
            name: visible(name),
            nearest: nearest(name, all.iter().map(|one| one.exper_name.as_str())).map(visible),
        }),
    }
}

#[cfg(test)]
mod tests {
    // Proves C1, B11 (all about a thing, with counts by status).
    use super::*;
    use crate::ops::testing::World;

    #[test]
    fn runs_are_counted_by_where_they_stand() {
        let world = World::new();
        let runs = world.family("ws1", 3);
        world.set(&runs[0], Status::Running);
        world.set(&runs[1], Status::Error);
        let told = |subject| about(&world.ctx, &subject).unwrap();
        let expected = [(Status::Queued, 1), (Status::Running, 1), (Status::Error, 1)];
        let job = told(Subject::Job(JobName(1)));
        assert_eq!(job.statuses, expected);
        assert!(matches!(job.thing, Thing::Job(job) if job.run_count == 3));
        let ws = told(Subject::Workspace("ws1".into()));
        assert_eq!(ws.statuses, expected);
        assert!(matches!(ws.thing, Thing::Workspace(_, experiments) if experiments.len() == 1));
        let named = |name: &str| Subject::Experiment { ws: "ws1".into(), name: name.into() };
        assert_eq!(told(named("exper1")).statuses, expected);
        let error = about(&world.ctx, &named("exper2")).unwrap_err().to_string();
        assert_eq!(error, "there is no experiment `exper2`; did you mean `exper1`?");
    }
}
