//! `xt monitor`.

use crate::cli::console::{self, Escape, Watching};
use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::ops::monitor::{self, From};
use crate::ops::{Context, Result};

/// Options of `xt monitor`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Ctrl-c leaves, and the runs go on. The exit status is that of the first run that failed.\n\nExamples:\n  $ xt monitor run1\n  $ xt monitor job1 --tail=10\n  $ xt monitor run1 --escape=60"
)]
pub struct Args {
    /// Runs and jobs: run3, run7.*, job3; a parent and a job stand for their runs.
    #[arg(required = true, value_name = "NAMES")]
    names: Vec<String>,
    #[command(flatten)]
    place: Place,
    /// Begin with the last N lines, not with the first.
    #[arg(long, value_name = "N")]
    tail: Option<u64>,
    #[command(flatten)]
    escape: Escape,
}

/// Follows the output of runs until they end.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let runs = monitor::runs(ctx, &args.names, args.place.ws())?;
    let from = args.tail.map_or(From::Start, From::Last);
    let watching = Watching { from, escape: args.escape.escape, ..Watching::default() };
    console::follow(ctx, &runs, watching, out)
}
