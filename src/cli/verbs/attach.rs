//! `xt attach`.

use std::io::IsTerminal as _;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH};

use crate::cli::console::{self, Escape, Watching};
use crate::cli::ended_by;
use crate::cli::out::{Out, window};
use crate::cli::select::Place;
use crate::model::Run;
use crate::ops::attach::{Ended, Keyboard, session};
use crate::ops::monitor::{self, From};
use crate::ops::{Context, OpsError, Result, select};

/// Lines of a run's past that are shown first.
const PAST: u64 = 100;

/// Options of `xt attach`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A run that was submitted with --tty gets what you type, ctrl-c included; leave it with ctrl-]. For other runs this is `xt monitor`.\n\nExamples:\n  $ xt attach run1\n  $ xt attach run1 --escape=60"
)]
pub struct Args {
    /// The run.
    run: String,
    #[command(flatten)]
    place: Place,
    /// Only look.
    #[arg(long)]
    read_only: bool,
    #[command(flatten)]
    escape: Escape,
}

/// Attaches this terminal to a run.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let run = select::run(ctx, &args.run, args.place.ws())?;
    let job = ctx.records.job(run.job_id)?;
    let types = job.launch.tty && !args.read_only && std::io::stdin().is_terminal() && window().is_some();
    if types && run.status.is_active() {
        return typing(ctx, &run, args.escape, out);
    }
    if !job.launch.tty && !run.status.is_final() {
        out.note("this run takes no input (it was submitted without --tty): ctrl-c leaves it running");
    }
    let watching = Watching { from: From::Last(PAST), escape: args.escape.escape, ..Watching::default() };
    console::follow(ctx, &[run], watching, out)
}

/// Attaches to a run with a terminal until it ends or the person leaves.
fn typing(ctx: &Context, run: &Run, escape: Escape, out: &mut Out) -> Result<u8> {
    let path = run.path();
    let keyboard = Keyboard::connect(ctx, &path)?;
    let tty = std::io::stdin().as_fd().try_clone_to_owned().map_err(OpsError::io("use", "the terminal"))?;
    out.note(&format!("attached to {path}: ctrl-] leaves it running"));
    // A signal wakes the session, which then tells the run the window's size.
    let resized = Arc::new(AtomicBool::new(false));
    let _ = signal_hook::flag::register(SIGWINCH, resized);
    let marks = [SIGTERM, SIGHUP, SIGINT].map(|signal| (signal, marked_by(signal)));
    let signal = || marks.iter().find(|(_, mark)| mark.load(Ordering::SeqCst)).map(|(signal, _)| *signal);
    let until = escape.escape.and_then(|escape| Instant::now().checked_add(escape));
    let mut ends = || signal().is_some() || until.is_some_and(|until| until <= Instant::now());
    match session(ctx, &path, &tty, keyboard, &mut ends)? {
        Some(Ended::Run(run)) => {
            out.note(&format!("{} {}", run.run_name, monitor::ending(&run)));
            return Ok(super::wait::exit_status(&[*run]));
        }
        Some(ended @ Ended::Attempt { .. }) => out.note(&format!("{path}: {ended}")),
        None => out.note(&format!("left {path}, which goes on: `xt attach {path}` to come back")),
    }
    Ok(signal().map_or(0, ended_by))
}

/// What a signal sets, so that the terminal is given back before the program ends. A second one ends it at once: the
/// terminal may have stopped taking output.
fn marked_by(signal: i32) -> Arc<AtomicBool> {
    let mark = Arc::new(AtomicBool::new(false));
    let status = ended_by(signal).into();
    let _ = signal_hook::flag::register_conditional_shutdown(signal, status, Arc::clone(&mark));
    let _ = signal_hook::flag::register(signal, Arc::clone(&mark));
    mark
}
