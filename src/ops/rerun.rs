//! `xt rerun`: submits a run again, as it was or changed.

use crate::model::job::Gpus;
use crate::model::{Job, RunPath, Values};
use crate::node::NodeError;
use crate::node::attempt::{read_json, write_json};
use crate::ops::{Context, OpsError, Recorded, Result, tags};
use crate::store::code::Objects;
use crate::store::files::private_folder;
use crate::store::{NewRun, Submission, Submitted};

/// What to run again, and what to change.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The run.
    pub run: Option<RunPath>,
    /// What is to be other than it was.
    pub changes: Changes,
    /// The whole command in place of the run's own.
    pub command: Option<Vec<String>>,
    /// So many times, as children of one run.
    pub repeat: Option<u64>,
    /// The command line as it was given, for the record.
    pub xt_cmd: String,
}

/// What of a run is to be other than it was; nothing of it is said about what stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Settings: `--name=value`, `--name value` or `name=value` among the run's arguments is replaced, or added
    /// at the end.
    pub set: Vec<(String, String)>,
    /// Arguments in place of the run's own.
    pub arguments: Option<Vec<String>>,
    /// The experiment.
    pub experiment: Option<String>,
    /// A line about it.
    pub description: Option<String>,
    /// The tags of the job and its run.
    pub tags: Option<Values>,
    /// How GPUs are shared out.
    pub gpus: Option<Gpus>,
    /// How often it is tried again.
    pub max_retries: Option<u32>,
    /// Minutes after which it is ended; 0 is never.
    pub max_minutes: Option<f64>,
    /// Its priority.
    pub priority: Option<i64>,
}

impl Changes {
    /// The same as options of `xt rerun`.
    pub fn options(&self) -> Vec<String> {
        let mut options: Vec<String> =
            self.set.iter().map(|(name, value)| format!("--set={name}={value}")).collect();
        let gpus = self.gpus.map(|gpus| gpus.to_string());
        let settings = [
            ("experiment", self.experiment.clone()),
            ("description", self.description.clone()),
            ("tags", self.tags.as_ref().map(tags::line)),
            ("gpus", gpus),
            ("max-retries", self.max_retries.map(|number| number.to_string())),
            ("max-minutes", self.max_minutes.map(|minutes| minutes.to_string())),
            ("priority", self.priority.map(|priority| priority.to_string())),
        ];
        options.extend(settings.into_iter().filter_map(|(name, value)| Some(format!("--{name}={}", value?))));
        if let Some(arguments) = &self.arguments {
            options.push("--".to_owned());
            options.extend(arguments.iter().cloned());
        }
        options
    }
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
    if let Some(arguments) = &request.changes.arguments {
        command.truncate(program_words(&command, &run.script));
        command.extend(arguments.iter().cloned());
    }
    for (name, value) in &request.changes.set {
        set(&mut command, name, value);
    }
    if command.is_empty() {
        return Err(OpsError::Refused(format!("the record of {path} has no command to run again")));
    }
    Ok(command)
}

/// How many words of a command are before its arguments: up to its script, else the program alone.
pub fn program_words(command: &[String], script: &str) -> usize {
    let is_script = |word: &String| word == script || word.ends_with(&format!("/{script}"));
    command.iter().position(is_script).map_or(1, |at| at + 1).min(command.len())
}

/// Changes `--name=value`, `--name value` or `name=value` in a command, or adds it.
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
    } else if let Some(word) = command.iter_mut().skip(1).find(|word| word.starts_with(&format!("{name}="))) {
        *word = format!("{name}={value}");
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
    let changes = &request.changes;
    let mut launch = job.launch.clone();
    launch.gpus = changes.gpus.unwrap_or(launch.gpus);
    launch.max_retries = changes.max_retries.unwrap_or(launch.max_retries);
    if let Some(minutes) = changes.max_minutes {
        launch.max_minutes = (minutes > 0.0).then_some(minutes);
    }
    let new_job = Job {
        job_guid: uuid::Uuid::new_v4().to_string(),
        exper_name: changes.experiment.clone().unwrap_or_else(|| original.exper_name.clone()),
        ws_name: original.ws.clone(),
        username: ctx.username.clone(),
        search_style: if request.repeat.is_some() { "repeat" } else { "single" }.to_owned(),
        started: now,
        hold: false,
        after: Vec::new(),
        xt_cmd: request.xt_cmd.clone(),
        description: changes.description.clone(),
        priority: changes.priority.unwrap_or(job.priority),
        tags: changes.tags.clone().unwrap_or_else(|| job.tags.clone()),
        launch,
        resume_name,
        // Its parent's script was run for the original.
        parent_script: None,
        ..job.clone()
    };
    let environment: Vec<(String, String)> = read_json(&ctx.layout.job_env(&job.job_guid))?
        .ok_or_else(|| NodeError::NoEnvironment { run: path.clone() })?;
    let env = ctx.layout.job_env(&new_job.job_guid);
    if let Some(folder) = env.parent() {
        private_folder(folder)?;
    }
    write_json(&env, &environment)?;
    let runs: Vec<_> = (0..request.repeat.unwrap_or(1))
        .map(|index| {
            let mut new = new_run(ctx, &original, &new_job, &command, index, path);
            new.run.tags = changes.tags.clone().unwrap_or_default();
            new
        })
        .collect();
    let parent = request.repeat.map(|repeat| {
        let mut parent = runs.first().cloned().unwrap_or_default();
        parent.run.is_parent = true;
        parent.run.run_guid = uuid::Uuid::new_v4().to_string();
        parent.run.repeat = Some(repeat);
        parent
    });
    let submission = Submission { token: uuid::Uuid::now_v7().to_string(), job: new_job, runs, parent };
    ctx.submit(&submission)
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
    #[case("python3 train.py model.lr=.1", "model.lr", ".3", "python3 train.py model.lr=.3")]
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

    #[test]
    fn changes_are_those_of_the_command_line_and_reach_the_record() {
        let world = crate::ops::testing::World::new();
        let run = world.single("ws1");
        let changes = Changes {
            set: vec![("lr".into(), ".3".into())],
            experiment: Some("exper2".into()),
            description: Some("again".into()),
            tags: Some(tags::parse(&["best,note='a b'".into()]).unwrap()),
            gpus: Some(Gpus::Count(2)),
            max_retries: Some(3),
            max_minutes: Some(0.0),
            priority: Some(-1),
            arguments: Some(vec!["--fast".into()]),
        };
        let shown = changes.options().join(" ");
        let expected = "--set=lr=.3 --experiment=exper2 --description=again --tags=best, note='a b' --gpus=2 \
                        --max-retries=3 --max-minutes=0 --priority=-1 -- --fast";
        assert_eq!(shown, expected);
        let command = Some(vec!["train".into()]);
        let request = Request { run: Some(run), changes, command, ..Request::default() };
        let submitted = execute(&world.ctx, &request).unwrap().answer;
        let job = world.ctx.records.job(submitted.job).unwrap();
        let new = world.ctx.records.run(&RunPath::new("ws1", submitted.runs[0])).unwrap();
        assert_eq!(
            (job.launch.gpus, job.launch.max_retries, job.launch.max_minutes),
            (Gpus::Count(2), 3, None)
        );
        assert_eq!((new.exper_name.as_str(), new.description.as_deref()), ("exper2", Some("again")));
        assert_eq!((new.priority, job.priority), (-1, -1));
        assert_eq!((tags::line(&new.tags), &job.tags), ("best, note='a b'".into(), &new.tags));
        assert_eq!(new.command, ["train", "--fast", "--lr=.3"]);
    }
}
