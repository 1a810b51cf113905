//! The only calls of the UI into `ops`.

use std::path::PathBuf;

use super::super::app::effect::{LogSource, Target, Verb, names};
use super::super::app::message::{Done, PlannedEnd};
use crate::model::RunPath;
use crate::ops::{Context, Recorded, Result, cancel, console, controller, rerun};

/// Carries a verb out.
pub fn execute(context: &Context, verb: Verb) -> std::result::Result<Done, String> {
    let done = match verb {
        Verb::PlanCancel { targets } => plan_cancel(context, &targets).map(Done::Plan),
        Verb::Cancel { targets } => cancel_all(context, &targets),
        Verb::Rerun { run, args, set } => rerun_one(context, run, args, set),
    };
    done.map_err(|error| error.to_string())
}

/// The file of a log.
pub fn log_path(context: &Context, source: &LogSource) -> std::result::Result<PathBuf, String> {
    match source {
        LogSource::Run(path) => {
            console::locate(context, path, None).map(|console| console.log).map_err(|error| error.to_string())
        }
        LogSource::Controller => Ok(controller::log_path(context)),
    }
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
