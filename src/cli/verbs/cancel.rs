//! `xt cancel`.

use crate::cli::out::Out;
use crate::cli::select::{Filters, Place};
use crate::model::{RunPath, Status};
use crate::ops::cancel::{self, Plan, Target};
use crate::ops::{Context, Result, list};
use crate::report::shape;
use crate::store::{Kind, RunQuery};

/// Options of `xt cancel`.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  $ xt cancel run run1\n  $ xt cancel runs run1-run3 --status=queued --yes\n  $ xt cancel job job1\n  $ xt cancel all --experiment=exper1 --dry-run\n  $ xt cancel all --yes"
)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// Runs by name: run3, run3-run9, run7.*; a parent stands for its children.
    #[command(alias = "runs")]
    Run {
        /// The runs.
        #[arg(required = true, value_name = "RUNS")]
        names: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Jobs by name: job3, job3-job9.
    #[command(alias = "jobs")]
    Job {
        /// The jobs.
        #[arg(required = true, value_name = "JOBS")]
        names: Vec<String>,
        /// Tell what would be cancelled, cancel nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Everything that waits or is active, or what the options choose of it.
    All {
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Debug, clap::Args)]
struct Options {
    #[command(flatten)]
    place: Place,
    /// Tell what would be cancelled, cancel nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    filters: Filters,
}

/// Cancels.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let (target, is_bulk, dry_run) = match &args.noun {
        Noun::Run { names, options } if options.filters.is_empty() => {
            let target = Target::Runs { names: names.clone(), ws: options.place.workspace.clone() };
            (target, names.iter().any(|name| name.contains(['*', '?'])), options.dry_run)
        }
        Noun::Run { names, options } => (filtered(ctx, names, options)?, true, options.dry_run),
        Noun::Job { names, dry_run } => {
            (Target::Jobs(names.clone()), names.iter().any(|name| name.contains(['*', '?'])), *dry_run)
        }
        Noun::All { options } => (filtered(ctx, &[], options)?, true, options.dry_run),
    };
    let plan = cancel::plan(ctx, &[target])?;
    for path in &plan.unreadable {
        out.warn(&format!("{path} is passed over: its record cannot be read (xt check store)"));
    }
    if dry_run || (is_bulk && !plan.runs.is_empty() && !agreed(&plan, out)?) {
        if dry_run {
            tell_plan(&plan, out)?;
        }
        return Ok(0);
    }
    let outcome = out.recorded(cancel::execute(ctx, &plan)?);
    let mut ended = plan.ended;
    ended.extend(outcome.ended);
    if out.json() {
        let paths = |paths: &[RunPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
        out.document(&serde_json::json!({
            "cancelled": paths(&outcome.cancelled), "ending": paths(&outcome.ending), "ended": paths(&ended),
        }))?;
        return Ok(0);
    }
    for path in &outcome.cancelled {
        out.line(&format!("{path} cancelled before it started"))?;
    }
    for path in &outcome.ending {
        out.line(&format!("{path} told to end"))?;
    }
    for path in &ended {
        out.note(&format!("{path} had ended already"));
    }
    if outcome.cancelled.is_empty() && outcome.ending.is_empty() && ended.is_empty() {
        out.note("nothing to cancel");
    }
    Ok(0)
}

/// What filters choose; without a workspace, of all of them.
fn filtered(ctx: &Context, names: &[String], options: &Options) -> Result<Target> {
    let selection = options.filters.selection(names, &options.place, Kind::Leaf);
    let query = list::query(ctx, &selection)?;
    // What has ended is not looked at: of a bulk nobody wants to hear of a thousand old runs.
    let open = |status: &Status| {
        !status.is_final() && (query.statuses.is_empty() || query.statuses.contains(status))
    };
    let statuses: Vec<_> = Status::ALL.into_iter().filter(open).collect();
    if statuses.is_empty() {
        // No status would mean any.
        return Ok(Target::Runs { names: Vec::new(), ws: None });
    }
    let everywhere = names.is_empty() && options.place.workspace.is_none();
    let ws = if everywhere { None } else { query.ws };
    Ok(Target::Query(Box::new(RunQuery { ws, statuses, ..query })))
}

fn agreed(plan: &Plan, out: &mut Out) -> Result<bool> {
    for run in &plan.runs {
        out.note(&format!("{}  {}  {}", run.path(), run.status, shape::command(&run.command)));
    }
    let runs = plan.runs.len();
    out.confirm(&format!("Cancel {runs} {}?", if runs == 1 { "run" } else { "runs" }))
}

fn tell_plan(plan: &Plan, out: &mut Out) -> Result<()> {
    if out.json() {
        let paths: Vec<_> = plan.runs.iter().map(|run| run.path().to_string()).collect();
        return out.document(&serde_json::json!({ "would_cancel": paths }));
    }
    plan.runs.iter().try_for_each(|run| out.line(&format!("{}  {}", run.path(), run.status)))
}
