//! The only calls of the UI into `ops`.

use std::path::PathBuf;

use super::super::app::effect::{Target, Verb, names};
use super::super::app::message::{Done, PlannedEnd};
use crate::model::{JobName, RunPath};
use crate::ops::{Context, Recorded, Result, cancel, console, controller, rerun};
use crate::store::{Kind, RunQuery};

/// Carries a verb out.
pub fn execute(context: &Context, verb: Verb) -> std::result::Result<Done, String> {
    let done = match verb {
        Verb::PlanCancel { targets } => plan_cancel(context, &targets).map(Done::Plan),
        Verb::Cancel { targets } => cancel_all(context, &targets),
        Verb::Rerun { run, args, set } => rerun_one(context, run, args, set),
    };
    done.map_err(|error| error.to_string())
}

/// Where the output of a run, or another log, is.
pub struct Console {
    /// The bytes.
    pub log: PathBuf,
    /// When each piece came.
    pub sidecar: Option<PathBuf>,
    /// Which attempt of how many it is of.
    pub attempt: Option<(u32, u32)>,
    /// Nothing will be added to it.
    pub finished: bool,
}

/// The output of a run: of its last attempt, or of the one asked for.
pub fn console_of(
    context: &Context,
    path: &RunPath,
    attempt: Option<u32>,
) -> std::result::Result<Console, String> {
    let found = context.records.run(path).map_err(Into::into).and_then(|run| {
        let console = console::locate_of(context, &run, attempt)?;
        Ok(Console {
            log: console.log,
            sidecar: Some(console.sidecar),
            attempt: Some((console.attempt, run.attempt.max(1))),
            finished: run.status.is_final() || console.attempt < run.attempt,
        })
    });
    found.map_err(|error: crate::ops::OpsError| error.to_string())
}

/// The controller's log.
pub fn controller_log(context: &Context) -> Console {
    Console { log: controller::log_path(context), sidecar: None, attempt: None, finished: false }
}

/// The runs of a job that execute something.
pub fn runs_of_job(context: &Context, ws: &str, job: JobName) -> std::result::Result<Vec<RunPath>, String> {
    let query =
        RunQuery { ws: Some(ws.to_owned()), jobs: vec![job], kind: Kind::Leaf, ..RunQuery::default() };
    let runs = context.records.runs(&query).map_err(|error| error.to_string())?;
    Ok(runs.iter().map(crate::model::Run::path).collect())
}

fn plan(context: &Context, targets: &[Target]) -> Result<cancel::Plan> {
    let targets: Vec<cancel::Target> = targets
        .iter()
        .map(|target| match target {
            Target::Run(path) => cancel::Target::Runs { names: vec![path.to_string()], ws: None },
            Target::Job(job) => cancel::Target::Jobs(vec![job.to_string()]),
            Target::Named(word) if word.starts_with("job") => cancel::Target::Jobs(vec![word.clone()]),
            Target::Named(word) => cancel::Target::Runs { names: vec![word.clone()], ws: None },
        })
        .collect();
    cancel::plan(context, &targets)
}

/// What cancelling would end.
pub fn plan_cancel(context: &Context, targets: &[Target]) -> Result<Vec<PlannedEnd>> {
    let plan = plan(context, targets)?;
    let ends = plan.runs.iter().map(|run| PlannedEnd {
        target: Target::Run(run.path()),
        status: run.status,
        detail: run.command.join(" "),
    });
    Ok(ends.collect())
}

/// The targets are the runs that the person has seen and agreed to.
fn cancel_all(context: &Context, targets: &[Target]) -> Result<Done> {
    let Recorded { answer: outcome, warning } = cancel::execute(context, &plan(context, targets)?)?;
    let said = match (outcome.ending.len() + outcome.cancelled.len(), targets) {
        (0, _) => "nothing was left to cancel".to_owned(),
        (1, [_]) if outcome.ending.is_empty() => format!("cancelled {} before it started", names(targets)),
        (_, [_]) => format!("told {} to end", names(targets)),
        (number, _) => format!("cancelled {number} runs"),
    };
    Ok(Done::Said(with(said, warning)))
}

/// What is said, and what the person should know besides.
fn with(mut said: String, warning: Option<String>) -> String {
    if let Some(warning) = warning {
        said.push_str("; ");
        said.push_str(&warning);
    }
    said
}

fn rerun_one(
    context: &Context,
    run: RunPath,
    arguments: Option<Vec<String>>,
    set: Vec<(String, String)>,
) -> Result<Done> {
    let mut words = vec!["xt".to_owned(), "rerun".to_owned(), run.to_string()];
    words.extend(set.iter().map(|(name, value)| format!("--set={name}={value}")));
    if let Some(arguments) = &arguments {
        words.push("--".to_owned());
        words.extend(arguments.iter().cloned());
    }
    let name = run.run;
    let request = rerun::Request {
        run: Some(run),
        set,
        arguments,
        xt_cmd: shell_words::join(words),
        ..Default::default()
    };
    let Recorded { answer: submitted, warning } = rerun::execute(context, &request)?;
    let new = submitted.runs.first().map_or_else(|| submitted.job.to_string(), ToString::to_string);
    Ok(Done::Said(with(format!("{name} runs again as {new}"), warning)))
}
