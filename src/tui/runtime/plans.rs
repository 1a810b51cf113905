//! What something would be done to, for the person to see before they agree.

use super::super::app::act::Act;
use super::super::app::effect::Target;
use super::super::app::message::Planned;
use crate::model::Run;
use crate::ops::{Context, Result, cancel, delete, rerun};
use crate::report::shape;

/// Finds it out; changes nothing.
pub fn plan(context: &Context, act: &Act, targets: &[Target]) -> Result<Vec<Planned>> {
    match act {
        Act::Cancel => Ok(cancel(context, targets)?.runs.iter().map(planned).collect()),
        Act::Delete => {
            let names = targets.iter().filter_map(full_name).collect();
            let plan = delete::plan(context, &delete::Target::Runs { names, ws: None })?;
            Ok(plan.runs.iter().map(planned).collect())
        }
        Act::Rerun(changes) => {
            let line = |path| {
                let run = context.records.run(path)?;
                let changes = (**changes).clone();
                let request = rerun::Request { run: Some(path.clone()), changes, ..Default::default() };
                let detail = shape::command(&rerun::command(context, &request)?);
                Ok(Planned { detail, ..planned(&run) })
            };
            targets.iter().filter_map(Target::run).map(line).collect()
        }
        Act::Hold(_) | Act::Priority(_) => {
            let line = |job| {
                let job = context.records.job(job)?;
                let held = if job.hold { "held, " } else { "" };
                let detail = format!("{held}priority {}, {} waiting", job.priority, job.queued_runs);
                Ok(Planned { target: Target::Job(job.job_id), status: Some(job.job_status), detail })
            };
            targets.iter().filter_map(Target::job).map(line).collect()
        }
        Act::Replace { .. } | Act::ReplaceByLog { .. } => Ok(Vec::new()),
    }
}

fn planned(run: &Run) -> Planned {
    Planned { target: Target::Run(run.path()), status: Some(run.status), detail: run.command.join(" ") }
}

/// The name by which the verbs know a run or a job.
pub fn full_name(target: &Target) -> Option<String> {
    match target {
        Target::Run(path) => Some(path.to_string()),
        Target::Job(job) => Some(job.to_string()),
        Target::Named(word) => Some(word.clone()),
        Target::File(_) => None,
    }
}

/// The plan to end runs and jobs.
pub fn cancel(context: &Context, targets: &[Target]) -> Result<cancel::Plan> {
    let named = |target: &Target| match target {
        Target::Run(path) => Some(cancel::Target::Runs { names: vec![path.to_string()], ws: None }),
        Target::Job(job) => Some(cancel::Target::Jobs(vec![job.to_string()])),
        Target::Named(word) if crate::ops::select::is_job(word) => {
            Some(cancel::Target::Jobs(vec![word.clone()]))
        }
        Target::Named(word) => Some(cancel::Target::Runs { names: vec![word.clone()], ws: None }),
        Target::File(_) => None,
    };
    cancel::plan(context, &targets.iter().filter_map(named).collect::<Vec<_>>())
}
