//! `xt view`: one file a noun.

mod console;
mod run;

use crate::cli::out::Out;
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
    Run(run::Args),
    /// What a run wrote.
    #[command(alias = "log")]
    Console(console::Args),
}

/// Shows it.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    match &args.noun {
        Noun::Run(args) => run::run(ctx, args, out).map(|()| 0),
        Noun::Console(args) => console::run(ctx, args, out),
    }
}
