//! `xt attach`.

use std::io::IsTerminal as _;

use crate::cli::out::{Out, window};
use crate::cli::select::Place;
use crate::cli::{console, keys};
use crate::ops::attach::Keyboard;
use crate::ops::monitor::From;
use crate::ops::{Context, Result, select};

/// Lines of a run's past that are shown first.
const PAST: u64 = 100;

/// Options of `xt attach`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A run that was submitted with --tty gets what you type, ctrl-c included; leave it with ctrl-]. For other runs this is `xt monitor`.\n\nExamples:\n  $ xt attach run1"
)]
pub struct Args {
    /// The run.
    run: String,
    #[command(flatten)]
    place: Place,
    /// Only look.
    #[arg(long)]
    read_only: bool,
}

/// Attaches this terminal to a run.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let run = select::run(ctx, &args.run, args.place.ws())?;
    let job = ctx.records.job(run.job_id)?;
    let types = job.launch.tty && !args.read_only && std::io::stdin().is_terminal() && window().is_some();
    if types && run.status.is_active() {
        let keyboard = Keyboard::connect(ctx, &run.path())?;
        return keys::attach(ctx, &run, keyboard, out);
    }
    if !job.launch.tty && !run.status.is_final() {
        out.note("this run takes no input (it was submitted without --tty): ctrl-c leaves it running");
    }
    console::follow(ctx, &[run], From::Last(PAST), None, out)
}
