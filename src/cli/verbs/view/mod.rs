//! `xt view`: one file a noun, or a few nouns that belong together.

mod console;
mod job;
mod metrics;
mod node;
mod place;
mod record;
mod run;
mod status;

use crate::cli::out::Out;
use crate::ops::list::{self, Limit, Listed, Look, Selection};
use crate::ops::{Context, Result};

/// Options of `xt view`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// All about a run.
    #[command(alias = "runs")]
    #[command(after_help = "Examples:\n  $ xt view run run1\n  $ xt view run ws1/run1 --json")]
    Run(record::RunArgs),
    /// All about a job.
    #[command(alias = "jobs")]
    Job(job::Args),
    /// All about an experiment.
    Experiment(place::ExperimentArgs),
    /// All about a workspace.
    Workspace(place::WorkspaceArgs),
    /// What a run wrote.
    #[command(visible_alias = "log")]
    Console(console::Args),
    /// The events of a run's life.
    #[command(
        after_help = "Examples:\n  $ xt view events run1\n  $ xt view events run1 --json",
        alias = "event"
    )]
    Events(record::RunArgs),
    /// The history of metrics.
    #[command(alias = "metric")]
    Metrics(metrics::Args),
    /// The load of a run and of its machine: CPU, memory, GPU.
    #[command(
        after_help = "One core kept busy is 100 % of the run's CPU; the box's CPU is in percent of all cores.\nMemory counts what processes share once for each of them.\nA run without GPUs of its own shows those of the machine.\n\nExamples:\n  $ xt view node run1\n  $ xt view node run1 --json\n  $ xt view metrics run1 --system --export=load.csv"
    )]
    Node(record::RunArgs),
    /// Hyperparameters of a run.
    #[command(alias = "hparam")]
    Hparams(record::HparamsArgs),
    /// The command of a run.
    #[command(after_help = "Examples:\n  $ xt view args run1")]
    Args(record::RunArgs),
    /// What is in a file of a workspace, a run, a share, …
    Blob(super::blobs::ViewArgs),
    /// What this machine does and what waits.
    Status(status::Args),
    /// The controller of this machine.
    Controller(status::ControllerArgs),
}

/// Shows it.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    match &args.noun {
        Noun::Run(args) => run::run(ctx, args, out),
        Noun::Job(args) => job::run(ctx, args, out),
        Noun::Experiment(args) => place::experiment(ctx, args, out),
        Noun::Workspace(args) => place::workspace(ctx, args, out),
        Noun::Console(args) => return console::run(ctx, args, out),
        Noun::Events(args) => record::events(ctx, args, out),
        Noun::Metrics(args) => metrics::run(ctx, args, out),
        Noun::Node(args) => node::run(ctx, args, out),
        Noun::Hparams(args) => record::hparams(ctx, args, out),
        Noun::Args(args) => record::arguments(ctx, args, out),
        Noun::Blob(args) => super::blobs::view(ctx, args, out),
        Noun::Status(args) => status::run(ctx, args, out),
        Noun::Controller(args) => status::controller(ctx, args, out),
    }?;
    Ok(0)
}

/// The last runs of a thing, below its page.
fn runs_below(ctx: &Context, selection: &Selection, out: &mut Out) -> Result<()> {
    let look = Look::default();
    let Listed { rows: runs, more } = list::runs(ctx, selection, &look, Limit::default())?;
    out.table(&list::runs_table(ctx, &runs, &look)?)?;
    if more > 0 {
        out.note(&format!("the last {} of {} runs", runs.len(), runs.len() + more));
    }
    Ok(())
}
