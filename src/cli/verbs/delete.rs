//! `xt delete`: into the trash.

use crate::cli::out::Out;
use crate::cli::select::{Files, Place};
use crate::model::names::visible;
use crate::model::{Run, RunPath};
use crate::ops::delete::{self, Target};
use crate::ops::{Context, Result, workspace};
use crate::report::shape;

/// Options of `xt delete`.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    infer_subcommands = true,
    after_help = "Runs that are deleted go to the trash: see `xt list trash`, `xt restore`, `xt empty trash`."
)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// Runs that have ended: run3, run3-run9, run7.*; a parent takes its children along.
    #[command(
        alias = "runs",
        after_help = "Examples:\n  $ xt delete run run1 --dry-run\n  $ xt delete runs run1,run2-run3 --yes"
    )]
    Run {
        /// The runs.
        #[arg(required = true, value_name = "RUNS")]
        names: Vec<String>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        how: How,
    },
    /// All runs of an experiment.
    #[command(
        after_help = "Examples:\n  $ xt delete experiment exper1 --dry-run\n  $ xt delete experiment exper1 --yes"
    )]
    Experiment {
        /// The experiment.
        name: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        how: How,
    },
    /// Files of a workspace, a run, a share, …, for good: a path, a folder, a pattern; all of them without one.
    #[command(
        alias = "blob",
        after_help = "What belongs to runs and jobs goes with them: this is for files that were uploaded.\n\nExamples:\n  $ xt delete blobs notes --dry-run\n  $ xt delete blobs 'notes/*.txt' --yes\n  $ xt delete blobs --share=data --yes"
    )]
    Blobs {
        /// A blob, a folder, or a pattern with `*`, `?`, `**`.
        path: Option<String>,
        #[command(flatten)]
        files: Files,
        #[command(flatten)]
        how: How,
    },
    /// A share with all its files, for good.
    #[command(after_help = "Examples:\n  $ xt delete share data --dry-run\n  $ xt delete share data --yes")]
    Share {
        /// The share.
        name: String,
        #[command(flatten)]
        how: How,
    },
    /// A workspace with all its runs.
    #[command(
        after_help = "Examples:\n  $ xt delete workspace ws1 --dry-run\n  $ xt delete workspace ws1 --yes"
    )]
    Workspace {
        /// The workspace.
        name: String,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Clone, Copy, Debug, clap::Args)]
struct How {
    /// Tell what would be deleted, delete nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Targets that are listed before a question; more are counted.
const LISTED: usize = 20;

/// Deletes it.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let (target, dry_run) = match &args.noun {
        Noun::Workspace { name, how } => return delete_workspace(ctx, name, how.dry_run, out),
        Noun::Blobs { path, files, how } => {
            return super::blobs::delete(ctx, path.as_deref(), files, how.dry_run, out);
        }
        Noun::Share { name, how } => return super::blobs::delete_share(ctx, name, how.dry_run, out),
        Noun::Run { names, place, how } => {
            (Target::Runs { names: names.clone(), ws: place.workspace.clone() }, how.dry_run)
        }
        Noun::Experiment { name, place, how } => {
            (Target::Experiment { name: name.clone(), ws: place.workspace.clone() }, how.dry_run)
        }
    };
    let plan = delete::plan(ctx, &target)?;
    if dry_run {
        return tell(&paths(&plan.runs), "would_delete", out);
    }
    list(&plan.runs, out);
    if !out.confirm(&format!("Delete {}?", runs(plan.count())))? {
        return Ok(0);
    }
    let deleted = delete::execute(ctx, &plan)?;
    let status = tell(&deleted, "deleted", out)?;
    if let Some(first) = deleted.first() {
        out.note(&format!("in the trash now; xt restore run {first} brings it back"));
    }
    Ok(status)
}

fn delete_workspace(ctx: &Context, name: &str, dry_run: bool, out: &mut Out) -> Result<u8> {
    let plan = workspace::plan(ctx, name)?;
    let all = paths(&plan.runs.runs);
    let count = plan.runs.count();
    let has = format!(
        "{} in {} and {}",
        runs(count),
        number(plan.experiments, "experiment"),
        number(plan.jobs, "job")
    );
    if dry_run && out.json() {
        return tell(&all, "would_delete", out);
    }
    if dry_run {
        out.line(&format!("{name}: {has}"))?;
        return tell(&all, "would_delete", out);
    }
    if !out.confirm(&format!("Delete the workspace {name} with {has}?"))? {
        return Ok(0);
    }
    workspace::execute(ctx, &plan)?;
    if out.json() {
        let deleted: Vec<_> = all.iter().map(ToString::to_string).collect();
        out.document(&serde_json::json!({ "workspace": name, "deleted": deleted }))?;
        return Ok(0);
    }
    out.line(&format!("workspace {name} deleted, with {has}"))?;
    if count > 0 {
        out.note(&format!("its runs are in the trash; xt restore run '{name}/run*' brings all back"));
    }
    Ok(0)
}

fn paths(runs: &[Run]) -> Vec<RunPath> {
    runs.iter().map(Run::path).collect()
}

/// `1 run`, `12 runs`.
fn runs(count: usize) -> String {
    number(count, "run")
}

fn number(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// The targets, before the question.
fn list(runs: &[Run], out: &mut Out) {
    for run in runs.iter().take(LISTED) {
        let command = visible(&shape::command(&run.command));
        out.note(&format!("{}  {}  {command}", run.path(), run.status));
    }
    if runs.len() > LISTED {
        out.note(&format!("… and {} more", runs.len() - LISTED));
    }
}

fn tell(paths: &[RunPath], key: &str, out: &mut Out) -> Result<u8> {
    if out.json() {
        let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
        out.document(&serde_json::json!({ key: paths }))?;
        return Ok(0);
    }
    let word = if key == "deleted" { " deleted" } else { "" };
    paths.iter().try_for_each(|path| out.line(&format!("{path}{word}")))?;
    Ok(0)
}
