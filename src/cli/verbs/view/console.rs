//! `xt view console`, and its alias `xt view log`.

use crate::cli::console::{self, Style, Watching};
use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::log::Stream;
use crate::ops::monitor::{Follower, From, Piece};
use crate::ops::{Context, Result, select};

/// Options of `xt view console`.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[command(
    after_help = "In a pipe the bytes come as they were written; on a terminal, colours are kept and whatever else would steer it is made visible.\n\nExamples:\n  $ xt view console run1\n  $ xt view log run1 --tail=20\n  $ xt view console run1 --follow\n  $ xt view console run1 --stderr"
)]
pub struct Args {
    /// The run.
    run: String,
    #[command(flatten)]
    place: Place,
    /// Go on until the run ends.
    #[arg(long, short)]
    follow: bool,
    /// Only the last N lines.
    #[arg(long, value_name = "N")]
    tail: Option<u64>,
    /// Only what was written to standard error.
    #[arg(long, conflicts_with = "stdout")]
    stderr: bool,
    /// Only what was written to standard output.
    #[arg(long)]
    stdout: bool,
    /// The output of this attempt, not of the last one.
    #[arg(long, value_name = "N", conflicts_with = "follow")]
    attempt: Option<u32>,
    /// The bytes as they are, on a terminal too.
    #[arg(long)]
    raw: bool,
}

/// Shows the output of a run.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let run = select::run(ctx, &args.run, args.place.ws())?;
    let only = match (args.stderr, args.stdout) {
        (true, _) => Some(Stream::Stderr),
        (_, true) => Some(Stream::Stdout),
        _ => None,
    };
    let from = args.tail.map_or(From::Start, From::Last);
    let style = if args.raw { Style::Raw } else { Style::of(out) };
    if args.follow && run.executes() {
        let watching = Watching { from, only, style: Some(style), escape: None };
        return console::follow(ctx, &[run], watching, out);
    }
    let mut follower = Follower::so_far(ctx, &run, args.attempt, from, only)?;
    let mut screen = console::Screen::new(style, None);
    let mut any = false;
    while !out.is_closed() {
        match follower.next(ctx)? {
            Some(Piece::Output(bytes)) => {
                any = true;
                screen.show(&bytes, out)?;
            }
            _ => break,
        }
    }
    screen.end(out)?;
    if !any && run.status.is_waiting() {
        out.note(&format!("{} has not started yet: it is {}", run.path(), run.status));
    }
    Ok(0)
}
