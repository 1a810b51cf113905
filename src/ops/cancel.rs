//! `xt cancel`: ends runs, jobs, or everything that a filter finds.

use crate::model::{Event, JobName, Run, RunPath, Status, Time};
use crate::ops::{Context, Recorded, Result, select};
use crate::store::{Kind, RunChange, RunPatch, RunQuery};

/// What to cancel.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Runs by name, range, wildcard; a parent stands for its children.
    Runs {
        /// The names.
        names: Vec<String>,
        /// The workspace of names without one.
        ws: Option<String>,
    },
    /// Jobs by name, range, wildcard.
    Jobs(Vec<String>),
    /// Everything that a query finds.
    Query(Box<RunQuery>),
}

/// The runs that would be cancelled: those that had not ended when the plan was made, and no others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The runs.
    pub runs: Vec<Run>,
    /// Runs that were named and have ended already.
    pub ended: Vec<RunPath>,
    /// Runs whose records cannot be read, hence not changed either.
    pub unreadable: Vec<RunPath>,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Runs that had not started, and now never will.
    pub cancelled: Vec<RunPath>,
    /// Runs that were told to end.
    pub ending: Vec<RunPath>,
    /// Runs that ended by themselves in between.
    pub ended: Vec<RunPath>,
}

/// Finds the runs that are meant.
pub fn plan(ctx: &Context, targets: &[Target]) -> Result<Plan> {
    let mut named = Vec::new();
    for target in targets {
        match target {
            Target::Runs { names, ws } => named.extend(select::runs(ctx, names, ws.as_deref())?),
            Target::Jobs(jobs) => {
                let jobs: Vec<JobName> = select::jobs(ctx, jobs)?.iter().map(|job| job.job_id).collect();
                named.extend(ctx.records.runs(&RunQuery {
                    jobs,
                    kind: Kind::Leaf,
                    ..RunQuery::default()
                })?);
            }
            Target::Query(query) => named.extend(ctx.records.runs(query)?),
        }
    }
    let mut plan = Plan::default();
    let mut seen = std::collections::HashSet::new();
    let mut open = named;
    while let Some(run) = open.pop() {
        if !seen.insert(run.path()) {
            continue;
        }
        if run.is_parent {
            let query = RunQuery {
                ws: Some(run.ws.clone()),
                jobs: vec![run.job_id],
                kind: Kind::Child,
                ..RunQuery::default()
            };
            let number = run.run_name.number;
            open.extend(
                ctx.records.runs(&query)?.into_iter().filter(|child| child.run_name.number == number),
            );
            if !run.leads {
                continue;
            }
        }
        if run.unreadable {
            plan.unreadable.push(run.path());
        } else if run.status.is_final() {
            plan.ended.push(run.path());
        } else {
            plan.runs.push(run);
        }
    }
    plan.runs.sort_by_key(|run| (run.ws.clone(), run.run_num));
    plan.ended.sort();
    Ok(plan)
}

/// Cancels the planned runs. It is recorded before anything is told to end, so that a controller that dies
/// in between does not forget.
pub fn execute(ctx: &Context, plan: &Plan) -> Result<Recorded<Outcome>> {
    let now = Time::now();
    let waiting = vec![Status::Created, Status::Allocating, Status::Queued];
    let changes = plan.runs.iter().flat_map(|run| {
        let event = Event::at(now, "cancel-requested", [("username", ctx.username.as_str().into())]);
        let at_once = RunChange {
            run: run.path(),
            expect: waiting.clone(),
            expect_attempt: None,
            patch: RunPatch {
                status: Some(Status::Cancelled),
                cancel_time: Some(now),
                end_time: Some(now),
                end_reason: Some(Some(format!("cancelled by {} before it started", ctx.username))),
                ..RunPatch::default()
            },
            events: vec![event.clone(), Event::at(now, "ended", [("status", "cancelled".into())])],
        };
        let asked = RunChange {
            run: run.path(),
            expect: vec![Status::Spawning, Status::Running],
            expect_attempt: None,
            patch: RunPatch { cancel_time: Some(now), ..RunPatch::default() },
            events: vec![event],
        };
        [at_once, asked]
    });
    let applied = ctx.records.change_runs(&changes.collect::<Vec<_>>())?;
    let mut outcome = Outcome::default();
    for (run, applied) in plan.runs.iter().zip(applied.chunks(2)) {
        match applied {
            [true, _] => outcome.cancelled.push(run.path()),
            [_, true] => outcome.ending.push(run.path()),
            _ => outcome.ended.push(run.path()),
        }
    }
    if outcome.ending.is_empty() && outcome.cancelled.is_empty() {
        return Ok(Recorded { answer: outcome, warning: None });
    }
    Ok(ctx.recorded(outcome))
}
