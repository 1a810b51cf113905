//! `xt run`: submits a command, with a snapshot of the code it needs.

mod command;
mod environment;
mod logout;
mod provenance;
mod python;
mod resume;
mod snapshot;

use std::path::PathBuf;

pub use self::command::{Launchable, find_program};
pub use self::resume::resumed;

use crate::model::job::{Gpus, Launch};
use crate::model::notify::Level;
use crate::model::{Event, Job, JobName, Run, RunName, Status, Time, Values};
use crate::node::attempt::write_json;
use crate::ops::{Context, OpsError, Recorded, Result};
use crate::store::code::Objects;
use crate::store::files::private_folder;
use crate::store::{NewRun, Submission, Submitted};

/// What a person asks for. Fields that are `None` are decided by the configuration.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The script or program, and its arguments.
    pub words: Vec<String>,
    /// The directory it was asked in.
    pub directory: PathBuf,
    /// The workspace.
    pub workspace: Option<String>,
    /// The experiment.
    pub experiment: Option<String>,
    /// A line about it.
    pub description: Option<String>,
    /// Tags of the job and of each run.
    pub tags: Values,
    /// The same command so many times, as children of one run.
    pub runs: Option<u64>,
    /// The script is a list of commands, one a line, each of which becomes a child of one run.
    pub multi_commands: bool,
    /// A script, with arguments as a shell splits them, that the parent runs before any of its children start.
    pub parent_script: Option<String>,
    /// The run of the workspace that this one resumes.
    pub resume_name: Option<String>,
    /// How many of its runs may be active at once.
    pub concurrent: Option<u64>,
    /// GPUs for each run.
    pub gpus: Gpus,
    /// Ends each run after so many minutes.
    pub max_minutes: Option<f64>,
    /// Starts a run again that failed, so many times.
    pub max_retries: Option<u32>,
    /// Runs of a higher priority start first.
    pub priority: i64,
    /// Does not start before it is released.
    pub hold: bool,
    /// Of which ends somebody is told.
    pub notify: Option<Level>,
    /// Starts when these jobs have completed.
    pub after: Vec<JobName>,
    /// Takes the code along, or does not, whatever the command looks like.
    pub code: Option<bool>,
    /// Files to leave out of the snapshot, besides those of the configuration.
    pub code_omit: Vec<String>,
    /// Keeps the files that `after-files` names when a run has ended, or does not.
    pub after_upload: Option<bool>,
    /// Each run gets a terminal.
    pub tty: bool,
    /// Environment variables to pass on although they look like secrets.
    pub pass_env: Vec<String>,
    /// The command line as it was given, for the record.
    pub xt_cmd: String,
}

/// What would be submitted.
#[derive(Debug)]
pub struct Plan {
    submission: Submission,
    environment: environment::Environment,
    snapshot: Option<snapshot::Files>,
    /// What the person should know.
    pub notes: Vec<String>,
}

impl Plan {
    /// The commands that would run, one for each run.
    pub fn commands(&self) -> impl Iterator<Item = &[String]> {
        self.submission.runs.iter().map(|new| new.run.command.as_slice())
    }

    /// The command that the parent would run first, if it has one of its own.
    pub fn parent_command(&self) -> Option<&[String]> {
        let parent = self.submission.parent.as_ref().filter(|parent| parent.run.leads)?;
        Some(parent.run.command.as_slice())
    }

    /// The files that would be taken along, relative to the directory, with their sizes in bytes.
    pub fn files(&self) -> impl Iterator<Item = (&std::path::Path, u64)> {
        self.snapshot.iter().flat_map(snapshot::Files::list)
    }

    /// The workspace and the experiment.
    pub fn place(&self) -> (&str, &str) {
        (&self.submission.job.ws_name, &self.submission.job.exper_name)
    }
}

/// Finds out what a request means; touches nothing.
pub fn plan(ctx: &Context, request: &Request) -> Result<Plan> {
    let ws = ctx.workspace(request.workspace.as_deref());
    crate::model::names::check_workspace(&ws)?;
    let exper = request.experiment.clone().unwrap_or_else(|| ctx.config.general.experiment.clone());
    crate::model::names::check_experiment(&exper)?;
    refuse_impossible(request)?;
    let resume_name = request.resume_name.as_deref().map(|name| resumed(ctx, name, &ws)).transpose()?;

    let mut launchables = command::resolve(&request.words, &request.directory, request.multi_commands)?;
    let copies = request.runs.unwrap_or(1);
    refuse_too_many(copies, launchables.len())?;
    let parent_script = request.parent_script.as_deref();
    let mut leader =
        parent_script.map(|script| command::parent_script(script, &request.directory)).transpose()?;
    let (snapshot, mut notes) = snapshot::plan(ctx, request, &launchables, leader.as_ref())?;
    if let Some(files) = &snapshot {
        for launchable in launchables.iter_mut().chain(&mut leader) {
            let place = launchable.path.as_deref().and_then(|path| files.place_of(path));
            if let Some(place) = place.map(std::path::Path::to_path_buf) {
                launchable.move_to(&request.directory, &place);
            }
        }
    }
    let environment = environment::capture(&ctx.config.general, &request.pass_env);
    notes.extend(environment.note());
    notes.extend(logout::warning());
    notes.extend(crate::ops::notify::nobody(&ctx.config.notify, request.notify));

    let now = Time::now();
    let job = job(ctx, request, &ws, &exper, now, &environment);
    let is_family = request.runs.is_some() || request.multi_commands;
    let style = if request.multi_commands {
        "multi"
    } else if request.runs.is_some() {
        "repeat"
    } else {
        "single"
    };
    let job = Job { search_style: style.to_owned(), resume_name, ..job };
    let commands = launchables.iter().flat_map(|launchable| (0..copies).map(move |_| launchable));
    let mut runs: Vec<_> = commands
        .enumerate()
        .map(|(index, launchable)| new_run(ctx, &job, request, launchable, index as u64))
        .collect();
    let parent = is_family.then(|| {
        let own = leader.as_ref().map(|leader| new_run(ctx, &job, request, leader, 0));
        parent_of(&runs, own)
    });
    if leader.is_some() {
        // They are queued when their parent's script has completed.
        for new in &mut runs {
            new.events.retain(|event| event.event != "queued");
        }
    }
    Ok(Plan {
        submission: Submission { token: uuid::Uuid::now_v7().to_string(), job, runs, parent },
        environment,
        snapshot,
        notes,
    })
}

fn refuse_impossible(request: &Request) -> Result<()> {
    let refuse = |why: &str| Err(OpsError::Refused(why.to_owned()));
    if request.runs == Some(0) {
        return refuse("--runs=0 asks for no run at all: give a number from 1");
    }
    if request.runs.is_some_and(|runs| runs > 100_000) {
        return refuse("--runs can be 100000 at the most");
    }
    if request.parent_script.is_some() && request.runs.is_none() && !request.multi_commands {
        return refuse("--parent-script runs before several runs: give --runs or --multi-commands too");
    }
    if request.concurrent == Some(0) {
        return refuse("--concurrent=0 would never start a run: use --hold for that");
    }
    if request.max_minutes.is_some_and(|minutes| !(minutes > 0.0 && minutes.is_finite())) {
        return refuse("--max-minutes must be a number above 0");
    }
    Ok(())
}

/// A number of children that no name can tell is refused; it would reach into the names of the next runs.
fn refuse_too_many(copies: u64, commands: usize) -> Result<()> {
    let most = RunName::MOST_CHILDREN;
    match copies.checked_mul(commands as u64) {
        Some(runs) if runs <= most => Ok(()),
        _ => Err(OpsError::Refused(format!(
            "{copies} times {commands} commands are more runs than one job can have, {most}: submit them in parts"
        ))),
    }
}

fn job(
    ctx: &Context,
    request: &Request,
    ws: &str,
    exper: &str,
    now: Time,
    environment: &environment::Environment,
) -> Job {
    let general = &ctx.config.general;
    let after = &ctx.config.after_files;
    Job {
        job_guid: uuid::Uuid::new_v4().to_string(),
        ws_name: ws.to_owned(),
        exper_name: exper.to_owned(),
        username: ctx.username.clone(),
        compute: "local".to_owned(),
        node_count: 1,
        schedule: "dynamic".to_owned(),
        concurrent: request.concurrent,
        parent_script: request.parent_script.clone(),
        hold: request.hold,
        priority: request.priority,
        after: request.after.clone(),
        notify: crate::ops::notify::level(&ctx.config.notify, request.notify),
        started: now,
        xt_cmd: request.xt_cmd.clone(),
        description: request.description.clone(),
        primary_metric: general.primary_metric.clone(),
        tags: request.tags.clone(),
        launch: Launch {
            submit_dir: request.directory.clone(),
            umask: environment::umask(),
            snapshot: None,
            working_dir: PathBuf::from(&ctx.config.code.working_dir),
            max_minutes: request.max_minutes,
            max_retries: request.max_retries.unwrap_or(general.max_retries),
            retry_delay: general.retry_delay.as_secs_f64(),
            retry_delay_max: general.retry_delay_max.as_secs_f64(),
            kill_grace: general.kill_grace.as_secs_f64(),
            gpus: request.gpus,
            tty: request.tty,
            after_files: if request.after_upload.unwrap_or(after.after_upload) {
                after.after_dirs.clone()
            } else {
                Vec::new()
            },
            after_omit: after.after_omit.clone(),
            python_client: general.python_client,
        },
        provenance: provenance::of(&request.directory, &request.words, environment),
        ..Job::default()
    }
}

fn new_run(ctx: &Context, job: &Job, request: &Request, launchable: &Launchable, index: u64) -> NewRun {
    let run = Run {
        ws: job.ws_name.clone(),
        run_guid: uuid::Uuid::new_v4().to_string(),
        description: request.description.clone(),
        exper_name: job.exper_name.clone(),
        from_computer_name: ctx.box_name.clone(),
        username: ctx.username.clone(),
        app_name: Some(launchable.app.clone()),
        compute: job.compute.clone(),
        service_type: "local".to_owned(),
        search_style: job.search_style.clone(),
        run_index: index,
        script: launchable.script.clone(),
        path: launchable.path.as_ref().map(|path| path.to_string_lossy().into_owned()),
        command: launchable.command.clone(),
        create_time: job.started,
        status: Status::Queued,
        priority: job.priority,
        resume_name: job.resume_name.clone(),
        tags: request.tags.clone(),
        ..Run::default()
    };
    let cmd = [("cmd", run.command.clone().into()), ("xt_cmd", job.xt_cmd.as_str().into())];
    let events = vec![
        Event::at(job.started, "created", [("username", ctx.username.as_str().into())]),
        Event::at(job.started, "cmd", cmd),
        Event::at(job.started, "queued", []),
    ];
    NewRun { run, events }
}

/// The record that stands for the children; `own` is the run of the script it has for all of them.
fn parent_of(children: &[NewRun], own: Option<NewRun>) -> NewRun {
    let leads = own.is_some();
    let mut parent = own.or_else(|| children.first().cloned()).unwrap_or_default();
    parent.run.is_parent = true;
    parent.run.leads = leads;
    parent.run.run_guid = uuid::Uuid::new_v4().to_string();
    parent.run.repeat = Some(children.len() as u64);
    parent.run.hparams.clear();
    parent
}

/// Submits what was planned. When this returns the job is on disk, and it runs whatever becomes of the caller.
pub fn execute(ctx: &Context, mut plan: Plan) -> Result<Recorded<Submitted>> {
    let environment = plan.environment.resolve()?;
    let objects = Objects::new(&ctx.layout.files());
    let job = &mut plan.submission.job;
    let env = ctx.layout.job_env(&job.job_guid);
    if let Some(folder) = env.parent() {
        private_folder(folder)?;
    }
    write_json(&env, &environment)?;
    // From before the first file is looked for until the job that needs it is recorded.
    let _code = plan.snapshot.is_some().then(|| objects.hold()).transpose()?;
    if let Some(files) = &plan.snapshot {
        job.launch.snapshot = Some(files.store(&objects)?);
        job.provenance.git_diff = provenance::keep_diff(job, &objects)?;
    }
    python::install(&ctx.layout)?;
    ctx.submit(&plan.submission)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    // Proves A2, P9: a family has room between its parent and the next run.
    #[rstest]
    #[case(1, 1, true)]
    #[case(100_000, 9, true)]
    #[case(100_000, 10, false)]
    #[case(1, 999_999, true)]
    #[case(1, 1_000_000, false)]
    #[case(u64::MAX, 2, false)]
    fn families_have_names_for_all(#[case] copies: u64, #[case] commands: usize, #[case] allowed: bool) {
        assert_eq!(refuse_too_many(copies, commands).is_ok(), allowed);
        assert!(RunName::top(7).child(RunName::MOST_CHILDREN).run_num() < RunName::top(8).run_num());
    }

    #[test]
    fn too_large_a_family_is_refused_before_it_is_made() {
        let world = crate::ops::testing::World::new();
        let directory = world.folder.path().to_path_buf();
        std::fs::write(directory.join("list"), "true\n".repeat(10)).unwrap();
        let words = vec!["list".to_owned()];
        let request =
            Request { words, directory, runs: Some(100_000), multi_commands: true, ..Request::default() };
        let error = plan(&world.ctx, &request).unwrap_err().to_string();
        assert!(error.starts_with("100000 times 10 commands are more runs"), "{error}");
    }
}
