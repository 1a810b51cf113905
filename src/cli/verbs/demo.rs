//! `xt demo`.

use std::io::{self, IsTerminal as _};

use crate::cli::out::Out;
use crate::cli::startup::Startup;
use crate::ops::{Result, demo};

/// Options of `xt demo`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A small network learns to read digits, in plain Python: nothing is installed. Each call submits the sweep\nonce more. `xt delete workspace demo` clears it away.\n\nExamples:\n  $ xt demo --no-ui"
)]
pub struct Args {
    /// Do not open the terminal UI afterwards.
    #[arg(long)]
    no_ui: bool,
}

/// Submits the demo, and opens the terminal UI on it.
pub fn run(startup: &Startup, args: &Args, out: &mut Out) -> Result<u8> {
    let ctx = &startup.context(out)?;
    let demo = demo::execute(ctx)?;
    for note in &demo.notes {
        out.warn(note);
    }
    let about = format!("project in {}", demo.folder.display());
    super::run::tell(ctx, &demo.submitted, (demo::WORKSPACE, demo::EXPERIMENT), &about, out)?;
    if args.no_ui || out.json() || !io::stdin().is_terminal() || !out.is_terminal() {
        out.note(&format!("see them with: xt · xt list runs --work={}", demo::WORKSPACE));
        return Ok(0);
    }
    out.flush()?;
    crate::cli::open_ui(startup, ctx.clone(), Some(demo::WORKSPACE))
}
