//! The only calls of the UI into `ops`.

use std::path::PathBuf;

use super::super::app::effect::{Target, Verb, names};
use super::super::app::message::Done;
use super::super::app::tagging::Tagging;
use super::plans;
use super::progress::Progress;
use crate::model::{JobName, RunPath};
use crate::ops::rerun::Changes;
use crate::ops::save::Saved;
use crate::ops::{
    Context, OpsError, Recorded, Result, cancel, console, controller, delete, hold, priority, rerun, save,
    shell, tags, view,
};
use crate::report::shape;
use crate::store::{Kind, RunQuery};

/// Carries a verb out.
pub fn execute(context: &Context, verb: Verb, progress: &mut Progress) -> std::result::Result<Done, String> {
    let done = match verb {
        Verb::Plan { act, targets } => plans::plan(context, &act, &targets).map(Done::Plan),
        Verb::Cancel { targets } => cancel_all(context, &targets),
        Verb::Rerun { runs, changes } => rerun_all(context, &runs, &changes, progress),
        Verb::Delete { runs } => delete_all(context, &runs),
        Verb::Tag { targets, asked } => tag_all(context, &targets, &asked),
        Verb::Hold { jobs, hold } => hold_all(context, &jobs, hold),
        Verb::Priority { jobs, priority } => set_priority(context, &jobs, priority),
        Verb::SaveFile { run, file, to, overwrite } => {
            save_file(context, (&run, &file), (&to, overwrite), progress)
        }
        Verb::Shell(run) => {
            shell::plan(context, &run).map(|shell| Done::Shell { run, shell: Box::new(shell) })
        }
        Verb::TakeCopy { run, file } => take_copy(context, &run, &file, progress),
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
    found.map_err(|error: OpsError| error.to_string())
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

/// The targets are the runs that the person has seen and agreed to.
fn cancel_all(context: &Context, targets: &[Target]) -> Result<Done> {
    let Recorded { answer: outcome, warning } = cancel::execute(context, &plans::cancel(context, targets)?)?;
    Ok(Done::Said(with(cancelled(targets, &outcome), warning)))
}

/// What a cancel has come to: those that run are told to end, the others never start.
fn cancelled(targets: &[Target], outcome: &cancel::Outcome) -> String {
    let runs = |number: usize| match targets {
        [run @ Target::Run(_)] => run.to_string(),
        _ => shape::counted(number as u64, "run"),
    };
    let (ending, never) = (outcome.ending.len(), outcome.cancelled.len());
    let they = if never == 1 { "it" } else { "they" };
    match (ending, never) {
        (0, 0) => "nothing was left to cancel".to_owned(),
        (0, _) => format!("cancelled {} before {they} started", runs(never)),
        (_, 0) => format!("told {} to end", runs(ending)),
        _ => format!("told {} to end, cancelled {never} before {they} started", runs(ending)),
    }
}

fn save_file(
    context: &Context,
    (run, file): (&RunPath, &str),
    (to, overwrite): (&str, bool),
    progress: &mut Progress,
) -> Result<Done> {
    let from = view::file::locate(context, run, file)?;
    let name = from.file_name().unwrap_or_default().to_string_lossy();
    let to = save::destination(to, &name);
    Ok(match save::copy(&from, &to, overwrite, &mut |done, all| progress.step(done, all))? {
        Saved::At(path) => Done::Said(format!("saved as {}", path.display())),
        Saved::Exists(path) => Done::Exists { run: run.clone(), file: file.to_owned(), path },
        Saved::Stopped => Done::Stopped,
    })
}

fn take_copy(context: &Context, run: &RunPath, file: &str, progress: &mut Progress) -> Result<Done> {
    let from = view::file::locate(context, run, file)?;
    Ok(match save::show(&from, &mut |done, all| progress.step(done, all))? {
        Saved::At(path) | Saved::Exists(path) => Done::Copied(path),
        Saved::Stopped => Done::Stopped,
    })
}

/// What is said, and what the person should know besides.
fn with(mut said: String, warning: Option<String>) -> String {
    if let Some(warning) = warning {
        said.push_str("; ");
        said.push_str(&warning);
    }
    said
}

fn rerun_one(context: &Context, run: &RunPath, changes: &Changes) -> Result<(String, Option<String>)> {
    let mut words = vec!["xt".to_owned(), "rerun".to_owned(), run.to_string()];
    words.extend(changes.options());
    let request = rerun::Request {
        run: Some(run.clone()),
        changes: changes.clone(),
        xt_cmd: shape::command(&words),
        ..Default::default()
    };
    let Recorded { answer: submitted, warning } = rerun::execute(context, &request)?;
    let new = submitted.runs.first().map_or_else(|| submitted.job.to_string(), ToString::to_string);
    Ok((new, warning))
}

/// Starts runs again, one after the other; what has been started stays when it is stopped or fails.
fn rerun_all(
    context: &Context,
    runs: &[RunPath],
    changes: &Changes,
    progress: &mut Progress,
) -> Result<Done> {
    if let [run] = runs {
        let (new, warning) = rerun_one(context, run, changes)?;
        return Ok(Done::Said(with(format!("{} runs again as {new}", run.run), warning)));
    }
    let (mut last, mut warned) = (String::new(), None);
    for (done, run) in runs.iter().enumerate() {
        if done > 0 && !progress.step(done as u64, runs.len() as u64) {
            let said = format!("stopped: {done} of {} run again, the last as {last}", runs.len());
            return Ok(Done::Said(with(said, warned)));
        }
        let (new, warning) = rerun_one(context, run, changes).map_err(|error| {
            OpsError::Refused(format!("{done} of {} run again; then {}: {error}", runs.len(), run.run))
        })?;
        (last, warned) = (new, warning.or(warned));
    }
    Ok(Done::Said(with(format!("{} runs run again, the last as {last}", runs.len()), warned)))
}

/// The runs are those that the person has seen and agreed to.
fn delete_all(context: &Context, runs: &[RunPath]) -> Result<Done> {
    let names = runs.iter().map(ToString::to_string).collect();
    let plan = delete::plan(context, &delete::Target::Runs { names, ws: None })?;
    // Children that a parent has got since then stay, and so does it.
    let agreed =
        delete::Plan { runs: plan.runs.into_iter().filter(|run| runs.contains(&run.path())).collect() };
    let gone = delete::execute(context, &agreed)?;
    let back = match gone.as_slice() {
        [one] => format!("xt restore run {one}"),
        _ => "xt restore run".to_owned(),
    };
    Ok(Done::Said(format!("{} in the trash; `{back}` brings back", shape::counted(gone.len() as u64, "run"))))
}

fn tag_all(context: &Context, targets: &[Target], asked: &Tagging) -> Result<Done> {
    let full: Vec<String> = targets.iter().filter_map(plans::full_name).collect();
    let changed = tags::execute(context, &full, None, &asked.set, &asked.clear)?;
    let said = if changed == 1 { names(targets) } else { shape::counted(changed as u64, "record") };
    Ok(Done::Said(format!("changed the tags of {said}")))
}

fn hold_all(context: &Context, jobs: &[JobName], hold: bool) -> Result<Done> {
    let names: Vec<String> = jobs.iter().map(ToString::to_string).collect();
    let Recorded { answer: changed, warning } = hold::execute(context, &names, hold)?;
    let word = if hold { "held" } else { "released" };
    let said = match changed.as_slice() {
        [] => format!("nothing to do: {word} already"),
        [one] => format!("{one} {word}"),
        many => format!("{} {word}", shape::counted(many.len() as u64, "job")),
    };
    Ok(Done::Said(with(said, warning)))
}

fn set_priority(context: &Context, jobs: &[JobName], value: i64) -> Result<Done> {
    let names: Vec<String> = jobs.iter().map(ToString::to_string).collect();
    let changed = priority::execute(context, &names, value)?;
    Ok(Done::Said(match changed.as_slice() {
        [one] => format!("{one} has priority {value}"),
        many => format!("{} have priority {value} now", shape::counted(many.len() as u64, "job")),
    }))
}

#[cfg(test)]
mod tests {
    // Proves A5 (what a cancel has done is told as it is).
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::one_that_ran("ws1/run1", 1, 0, "told run1 to end")]
    #[case::one_that_waited("ws1/run1", 0, 1, "cancelled run1 before it started")]
    #[case::a_job_of_both("job3", 3, 9, "told 3 runs to end, cancelled 9 before they started")]
    #[case::a_job_of_one_each("job3", 1, 1, "told 1 run to end, cancelled 1 before it started")]
    #[case::a_job_that_waited("job3", 0, 9, "cancelled 9 runs before they started")]
    #[case::a_job_that_ran("job3", 3, 0, "told 3 runs to end")]
    #[case::a_job_that_was_over("job3", 0, 0, "nothing was left to cancel")]
    fn what_a_cancel_has_done_is_counted(
        #[case] target: &str,
        #[case] ending: usize,
        #[case] never: usize,
        #[case] expected: &str,
    ) {
        let run = RunPath::parse("ws1/run1", "").unwrap();
        let target = target.parse().map_or_else(|_| Target::Run(run.clone()), Target::Job);
        let outcome = cancel::Outcome {
            ending: vec![run.clone(); ending],
            cancelled: vec![run; never],
            ended: Vec::new(),
        };
        assert_eq!(cancelled(&[target], &outcome), expected);
    }
}
