//! `xt run`.

use std::path::PathBuf;

use super::afterwards::Afterwards;
use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::cli::values;
use crate::config::typed::BoxConfig;
use crate::model::job::Gpus;
use crate::model::names::visible;
use crate::model::notify::Level;
use crate::model::{JobName, RunPath};
use crate::ops::run::{self, Plan, Request};
use crate::ops::{Context, OpsError, Result, select, tags};
use crate::report::shape;
use crate::store::Submitted;

/// Options of `xt run`.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[command(
    group(clap::ArgGroup::new("several").args(["runs", "multi_commands"]).multiple(true)),
    override_usage = "xt run [OPTIONS] SCRIPT [ARGS]...",
    after_help = "Everything after the script belongs to the script.\n\nExamples:\n  $ xt run train.py --lr=.03\n  $ xt run --runs=3 --concurrent=1 --experiment=seeds train.py\n  $ xt run --runs=3 --parent-script='prepare.sh --quick' train.py\n  $ xt run --max-minutes=60 --max-retries=2 train.py\n  $ xt run --resume-name=run1 train.py\n  $ xt run --after=job1 --tags=best,note='a b' train.py\n  $ xt run --notify=end train.py\n  $ xt run --wait --monitor=same train.py\n  $ xt run --monitor=same --escape=60 train.py\n  $ xt run --dry-run train.py\n  $ xt run echo hello"
)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The experiment.
    #[arg(long, visible_alias = "exper", value_name = "NAME")]
    experiment: Option<String>,
    /// Where it runs.
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// A line about it.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Tags of the job and its runs: best,lr=.1,note='a b'
    #[arg(long, value_name = "TAGS")]
    tags: Vec<String>,
    /// Whose run it is, if not yours.
    #[arg(long, value_name = "NAME")]
    username: Option<String>,

    /// The same command N times, as children of one run.
    #[arg(long, value_name = "N", help_heading = "Many runs")]
    runs: Option<u64>,
    /// The script is a list of commands, one a line; each becomes a run.
    #[arg(long, help_heading = "Many runs")]
    multi_commands: bool,
    /// A script, with its arguments, that the parent run runs once before any of the runs starts.
    #[arg(long, value_name = "SCRIPT", requires = "several", help_heading = "Many runs")]
    parent_script: Option<String>,
    /// At most N of its runs at once.
    #[arg(long, value_name = "N", help_heading = "Many runs")]
    concurrent: Option<u64>,

    /// GPUs for each run: a number, or "shared" to see all of them.
    #[arg(long, value_name = "N|shared", help_heading = "When and how")]
    gpus: Option<Gpus>,
    /// End a run after so many minutes.
    #[arg(long, value_name = "MINUTES", help_heading = "When and how")]
    max_minutes: Option<f64>,
    /// Start a run that failed again, up to N times.
    #[arg(long, value_name = "N", help_heading = "When and how")]
    max_retries: Option<u32>,
    /// Resume an earlier run of the workspace: the script finds its checkpoint and files.
    #[arg(long, value_name = "RUN", help_heading = "When and how")]
    resume_name: Option<String>,
    /// Higher starts first.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_hyphen_values = true,
        help_heading = "When and how"
    )]
    priority: i64,
    /// Do not start before `xt release job`.
    #[arg(long, help_heading = "When and how")]
    hold: bool,
    /// Start when these jobs have completed.
    #[arg(long, value_name = "JOBS", value_delimiter = ',', help_heading = "When and how")]
    after: Vec<JobName>,
    /// Tell your `notify.command` or `notify.url` of the end of the job, of each failed run too, or of each end.
    #[arg(long, value_name = "none|job|failure|end", value_parser = values::notify, help_heading = "When and how")]
    notify: Option<Level>,
    /// Give it a terminal, so that `xt attach` can type into it.
    #[arg(long, help_heading = "When and how")]
    tty: bool,
    /// Pass on a variable of the environment although its name looks like a secret, or `general.env-vars` has it.
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "When and how")]
    env: Vec<String>,

    /// Take the code along, or run in this directory itself.
    #[arg(long, visible_alias = "code-upload", value_name = "yes|no", value_parser = values::yes_no, help_heading = "Code")]
    code: Option<bool>,
    /// Leave files that match out of the code.
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',', help_heading = "Code")]
    code_omit: Vec<String>,
    /// Keep the files the configuration names (`after-files`) when a run has ended.
    #[arg(long, value_name = "yes|no", value_parser = values::yes_no, help_heading = "Afterwards")]
    after_upload: Option<bool>,

    /// Print the commands and the files that would go along; submit nothing.
    #[arg(long, help_heading = "Afterwards")]
    dry_run: bool,
    #[command(flatten)]
    afterwards: Afterwards,

    /// A script (.py, .sh), an executable, or a program on PATH, and its arguments.
    #[arg(required = true, trailing_var_arg = true, value_name = "SCRIPT")]
    words: Vec<String>,
}

/// The command line as it was given, for the record.
pub fn command_line() -> String {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    shape::command(&std::iter::once("xt".to_owned()).chain(words).collect::<Vec<_>>())
}

/// Submits.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    here(ctx, args.target.as_deref().unwrap_or(&ctx.config.xt_services.target))?;
    let username = args.username.clone().unwrap_or_else(|| ctx.username.clone());
    let mut own = ctx.clone();
    own.username = username;
    let ctx = &own;
    let plan = run::plan(ctx, &request(ctx, args)?)?;
    for note in &plan.notes {
        out.warn(note);
    }
    if args.dry_run {
        return dry_run(&plan, out).map(|()| 0);
    }
    args.afterwards.check(ctx, out)?;
    let (ws, experiment) = plan.place();
    let (ws, experiment) = (ws.to_owned(), experiment.to_owned());
    let about = summary(&plan);
    let leads = plan.parent_command().is_some();
    let submitted = out.recorded(run::execute(ctx, plan)?);
    tell(ctx, &submitted, (&ws, &experiment), &about, out)?;
    let leader = submitted.parent.iter().filter(|_| leads);
    let paths: Vec<_> = leader.chain(&submitted.runs).map(|run| RunPath::new(ws.clone(), *run)).collect();
    args.afterwards.go_on(ctx, &paths, out)
}

/// Refuses targets that are not this machine.
fn here(ctx: &Context, name: &str) -> Result<()> {
    let target = ctx.config.target(name).map_err(|error| OpsError::Refused(error.to_string()))?;
    let is_local = |name: &String| ctx.config.box_named(name).is_some_and(BoxConfig::is_local);
    if target.service == "pool" && target.boxes.iter().all(is_local) {
        return Ok(());
    }
    Err(OpsError::Refused(format!(
        "the target `{}` is not this machine, and xt runs jobs on this machine only: use --target=local",
        visible(name)
    )))
}

fn request(ctx: &Context, args: &Args) -> Result<Request> {
    for job in &args.after {
        select::job(ctx, &job.to_string())?;
    }
    let directory = std::env::current_dir().map_err(OpsError::io("find", PathBuf::from(".")))?;
    Ok(Request {
        words: args.words.clone(),
        directory,
        workspace: args.place.workspace.clone(),
        experiment: args.experiment.clone(),
        description: args.description.clone(),
        tags: tags::parse(&args.tags)?,
        runs: args.runs,
        multi_commands: args.multi_commands,
        parent_script: args.parent_script.clone(),
        resume_name: args.resume_name.clone(),
        concurrent: args.concurrent,
        gpus: args.gpus.unwrap_or_default(),
        max_minutes: args.max_minutes,
        max_retries: args.max_retries,
        priority: args.priority,
        hold: args.hold,
        after: args.after.clone(),
        notify: args.notify,
        code: args.code,
        code_omit: args.code_omit.clone(),
        after_upload: args.after_upload,
        tty: args.tty,
        pass_env: args.env.clone(),
        xt_cmd: command_line(),
    })
}

/// What goes along: `3 files, 12 kB`.
fn summary(plan: &Plan) -> String {
    let (mut files, mut bytes) = (0_u64, 0);
    for (_, size) in plan.files() {
        files += 1;
        bytes += size;
    }
    match files {
        0 => "no code taken along".to_owned(),
        1 => format!("1 file, {}", shape::bytes(bytes)),
        _ => format!("{} files, {}", shape::count(files), shape::bytes(bytes)),
    }
}

/// Tells the names of what was submitted.
pub fn tell(
    ctx: &Context,
    submitted: &Submitted,
    (ws, experiment): (&str, &str),
    about: &str,
    out: &mut Out,
) -> Result<()> {
    if out.json() {
        let mut answer = serde_json::json!({ "job": submitted.job, "runs": submitted.runs });
        if let (Some(parent), Some(answer)) = (submitted.parent, answer.as_object_mut()) {
            answer.insert("parent".to_owned(), serde_json::json!(parent));
        }
        return out.document(&answer);
    }
    let (job, place) = (submitted.job, format!("{}/{}", visible(ws), visible(experiment)));
    let (runs, next) = match (submitted.parent, submitted.runs.as_slice()) {
        (Some(parent), runs) => (
            format!("{parent} with {} runs", shape::count(runs.len() as u64)),
            format!("xt list runs --job={job}"),
        ),
        (None, [run]) => {
            let name =
                if ws == ctx.workspace(None) { run.to_string() } else { RunPath::new(ws, *run).to_string() };
            (run.to_string(), format!("xt view console {name} --follow"))
        }
        (None, runs) => (format!("{} runs", runs.len()), format!("xt list runs --job={job}")),
    };
    out.line(&format!("{job}: {runs} submitted to {place} ({about})"))?;
    out.note(&format!("{next} · xt cancel job {job}"));
    Ok(())
}

fn dry_run(plan: &Plan, out: &mut Out) -> Result<()> {
    if out.json() {
        let commands: Vec<_> = plan.commands().collect();
        let files: Vec<_> =
            plan.files().map(|(path, size)| serde_json::json!({ "path": path, "size": size })).collect();
        let mut answer = serde_json::json!({ "commands": commands, "files": files });
        if let (Some(first), Some(answer)) = (plan.parent_command(), answer.as_object_mut()) {
            answer.insert("parent_command".to_owned(), serde_json::json!(first));
        }
        return out.document(&answer);
    }
    if let Some(first) = plan.parent_command() {
        out.line(&format!("{}  (once, before the others)", visible(&shape::command(first))))?;
    }
    for command in plan.commands() {
        out.line(&visible(&shape::command(command)))?;
    }
    for (path, size) in plan.files() {
        out.line(&format!("{:>10}  {}", shape::bytes(size), visible(&path.to_string_lossy())))?;
    }
    out.note(&format!("{}; nothing was submitted", summary(plan)));
    Ok(())
}
