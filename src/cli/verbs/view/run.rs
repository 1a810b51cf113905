//! `xt view run`.

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::ops::{Context, Result, select};

/// Options of `xt view run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt view run run1\n  $ xt view run ws1/run1 --json")]
pub struct Args {
    /// The run.
    run: String,
    #[command(flatten)]
    place: Place,
}

/// Shows a run.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let run = select::run(ctx, &args.run, args.place.ws())?;
    out.document(&run)
}
