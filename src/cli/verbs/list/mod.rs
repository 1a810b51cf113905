//! `xt list`: one file a noun.

mod experiments;
mod jobs;
mod other;
mod runs;
mod workspaces;

use crate::cli::out::Out;
use crate::cli::select::TableArgs;
use crate::model::names::visible;
use crate::ops::{Context, Result};
use crate::report::{Export, Row, Table, available_names};

/// Options of `xt list`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// Runs.
    #[command(alias = "run")]
    Runs(Box<runs::Args>),
    /// Jobs.
    #[command(alias = "job")]
    Jobs(Box<jobs::Args>),
    /// Workspaces.
    #[command(alias = "workspace")]
    Workspaces(workspaces::Args),
    /// Experiments.
    #[command(alias = "experiment")]
    Experiments(experiments::Args),
    /// Tags of runs and jobs.
    #[command(alias = "tag")]
    Tags(other::TagsArgs),
    /// Where jobs can run.
    #[command(alias = "target", alias = "computes")]
    Targets(other::TargetsArgs),
    /// Machines.
    #[command(alias = "box")]
    Boxes(other::BoxesArgs),
    /// Files of a workspace, a run, a share, …
    #[command(alias = "blob")]
    Blobs(super::blobs::ListArgs),
    /// Shares: files that belong to no workspace.
    #[command(alias = "share", after_help = "Examples:\n  $ xt list shares")]
    Shares,
    /// Deleted runs that can be brought back.
    Trash(other::TrashArgs),
}

/// Lists.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    match &args.noun {
        Noun::Runs(args) => runs::run(ctx, args, out),
        Noun::Jobs(args) => jobs::run(ctx, args, out),
        Noun::Workspaces(args) => workspaces::run(ctx, args, out),
        Noun::Experiments(args) => experiments::run(ctx, args, out),
        Noun::Tags(args) => other::tags(ctx, args, out),
        Noun::Targets(args) => other::targets(ctx, args, out),
        Noun::Boxes(args) => other::boxes(ctx, args, out),
        Noun::Blobs(args) => super::blobs::list(ctx, args, out),
        Noun::Shares => super::blobs::shares(ctx, out),
        Noun::Trash(args) => other::trash(ctx, args, out),
    }?;
    Ok(0)
}

/// Writes a table where the options want it.
fn export(table: &Table, options: &TableArgs, out: &mut Out) -> Result<bool> {
    let Some(path) = &options.export else { return Ok(false) };
    let text = Export::of(path)?.write(table);
    std::fs::write(path, text).map_err(crate::ops::OpsError::io("write", path))?;
    out.note(&format!("{} rows written to {}", table.rows.len(), path.display()));
    Ok(true)
}

/// The names that columns and filters of these rows can have.
fn tell_available<R: Row>(rows: &[R], out: &mut Out) -> Result<()> {
    let rows: Vec<&dyn Row> = rows.iter().map(|row| row as &dyn Row).collect();
    let names = available_names(&rows);
    if out.json() { out.document(&names) } else { names.iter().try_for_each(|name| out.line(&visible(name))) }
}

/// What there is beyond a list that nobody limited.
fn tell_more(more: usize, shown: usize, things: &str, out: &mut Out) {
    if more > 0 {
        out.note(&format!("the last {shown} of {} {things}; --all shows all", shown + more));
    }
}
