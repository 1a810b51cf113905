//! `xt rerun`: submits a run again, as it was or changed.

use crate::model::{Job, RunPath, Values};
use crate::node::attempt::{private_folder, read_json, write_json};
use crate::ops::{Context, OpsError, Recorded, Result};
use crate::store::code::Objects;
use crate::store::{NewRun, Submission, Submitted};

/// What to run again, and what to change.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The run.
    pub run: Option<RunPath>,
    /// Settings to change: `--name=value` (or `--name value`) among the run's arguments is replaced, or
    /// added at the end.
    pub set: Vec<(String, String)>,
    /// Arguments in place of the run's own.
    pub arguments: Option<Vec<String>>,
    /// The whole command in place of the run's own.
    pub command: Option<Vec<String>>,
    /// So many times, as children of one run.
    pub repeat: Option<u64>,
    /// The experiment, when it is to be another.
    pub experiment: Option<String>,
    /// A line about it.
    pub description: Option<String>,
    /// The command line as it was given, for the record.
    pub xt_cmd: String,
}

/// The command that would run.
pub fn command(ctx: &Context, request: &Request) -> Result<Vec<String>> {
    let path = request.run.as_ref().ok_or_else(|| OpsError::Refused("which run? name one".into()))?;
    let run = ctx.records.run(path)?;
    if run.is_parent {
        return Err(OpsError::Refused(format!(
            "{path} stands for its children: rerun one of {}.*",
            run.run_name
        )));
    }
    let mut command = request.command.clone().unwrap_or(run.command);
    if let Some(arguments) = &request.arguments {
        let script = command
            .iter()
            .position(|word| *word == run.script || word.ends_with(&format!("/{}", run.script)));
        command.truncate(script.unwrap_or(0) + 1);
        command.extend(arguments.iter().cloned());
    }
    for (name, value) in &request.set {
        set(&mut command, name, value);
    }
    if command.is_empty() {
        return Err(OpsError::Refused(format!("the record of {path} has no command to run again")));
    }
    Ok(command)
}

/// Changes `--name=value` or `--name value` in a command, or adds it.
fn set(command: &mut Vec<String>, name: &str, value: &str) {
    let flag = if name.starts_with('-') { name.to_owned() } else { format!("--{name}") };
    let joined = format!("{flag}=");
    if let Some(word) = command.iter_mut().find(|word| word.starts_with(&joined)) {
        *word = format!("{flag}={value}");
    } else if let Some(place) = command.iter().position(|word| *word == flag) {
        match command.get_mut(place + 1) {
            Some(word) if !word.starts_with("--") => value.clone_into(word),
            _ => command.insert(place + 1, value.to_owned()),
        }
    } else {
        command.push(format!("{flag}={value}"));
    }
}

/// Submits the run again: with the code, environment and directory of the original, as a job of its own.
pub fn execute(ctx: &Context, request: &Request) -> Result<Recorded<Submitted>> {
    let command = command(ctx, request)?;
    let Some(path) = &request.run else { return Err(OpsError::Refused("which run? name one".into())) };
    // The original may be forgotten while this is under way; its code stays for the new job.
    let _code = Objects::new(&ctx.layout.files()).hold()?;
    let original = ctx.records.run(path)?;
    let job = ctx.records.job(original.job_id)?;
    let resume_name = original.resume_name.as_deref();
    let resume_name = resume_name.map(|name| super::run::resumed(ctx, name, &original.ws)).transpose()?;
    let now = crate::model::Time::now();
    let new_job = Job {
        job_guid: uuid::Uuid::new_v4().to_string(),
        exper_name: request.experiment.clone().unwrap_or_else(|| original.exper_name.clone()),
        ws_name: original.ws.clone(),
        username: ctx.username.clone(),
        search_style: if request.repeat.is_some() { "repeat" } else { "single" }.to_owned(),
        started: now,
        hold: false,
        after: Vec::new(),
        xt_cmd: request.xt_cmd.clone(),
        description: request.description.clone(),
        resume_name,
        // Its parent's script was run for the original.
        parent_script: None,
        ..job.clone()
    };
    let environment: Vec<(String, String)> =
        read_json(&ctx.layout.job_env(&job.job_guid))?.ok_or_else(|| {
            OpsError::Refused(format!(
                "the environment of {path} is not kept on this machine: submit it anew with `xt run`"
            ))
        })?;
    let env = ctx.layout.job_env(&new_job.job_guid);
    if let Some(folder) = env.parent() {
        private_folder(folder)?;
    }
    write_json(&env, &environment)?;
    let runs: Vec<_> = (0..request.repeat.unwrap_or(1))
        .map(|index| new_run(ctx, &original, &new_job, &command, index, path))
        .collect();
    let parent = request.repeat.map(|repeat| {
        let mut parent = runs.first().cloned().unwrap_or_default();
        parent.run.is_parent = true;
        parent.run.run_guid = uuid::Uuid::new_v4().to_string();
        parent.run.repeat = Some(repeat);
        parent
    });
    let submission = Submission { token: uuid::Uuid::now_v7().to_string(), job: new_job, runs, parent };
    Ok(ctx.recorded(ctx.records.submit(&submission)?))
}

fn new_run(
    ctx: &Context,
    original: &crate::model::Run,
    job: &Job,
    command: &[String],
    index: u64,
    path: &RunPath,
) -> NewRun {
    use crate::model::{Event, Run, Status};
    let run = Run {
        ws: job.ws_name.clone(),
        run_guid: uuid::Uuid::new_v4().to_string(),
        description: job.description.clone(),
        exper_name: job.exper_name.clone(),
        from_computer_name: ctx.box_name.clone(),
        username: ctx.username.clone(),
        app_name: original.app_name.clone(),
        compute: job.compute.clone(),
        service_type: original.service_type.clone(),
        search_style: job.search_style.clone(),
        run_index: index,
        script: original.script.clone(),
        path: original.path.clone(),
        command: command.to_vec(),
        create_time: job.started,
        status: Status::Queued,
        priority: job.priority,
        resume_name: job.resume_name.clone(),
        tags: Values::new(),
        ..Run::default()
    };
    let cmd = [("cmd", run.command.clone().into()), ("xt_cmd", job.xt_cmd.as_str().into())];
    let events = vec![
        Event::at(job.started, "created", [("rerun_of", path.to_string().into())]),
        Event::at(job.started, "cmd", cmd),
        Event::at(job.started, "queued", []),
    ];
    NewRun { run, events }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves A2, B34 (rerun with changed parameters).
    #[rstest]
    #[case("python3 train.py --lr=.1 --n=2", "lr", ".3", "python3 train.py --lr=.3 --n=2")]
    #[case("python3 train.py --lr .1 --n 2", "lr", ".3", "python3 train.py --lr .3 --n 2")]
    #[case("python3 train.py", "lr", ".3", "python3 train.py --lr=.3")]
    #[case("python3 train.py --fast --n=2", "--fast", "no", "python3 train.py --fast no --n=2")]
    #[case("train -n 3", "-n", "4", "train -n 4")]
    fn settings_are_replaced_in_place(
        #[case] before: &str,
        #[case] name: &str,
        #[case] value: &str,
        #[case] after: &str,
    ) {
        let mut command = shell_words::split(before).unwrap();
        set(&mut command, name, value);
        assert_eq!(shell_words::join(&command).replace('\'', ""), after);
    }
}
