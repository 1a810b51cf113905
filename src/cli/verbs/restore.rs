//! `xt restore`: out of the trash.

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::ops::{Context, Result, trash};

/// Options of `xt restore`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// Deleted runs: run3, run3-run9, run7.*; their workspace comes back with them.
    #[command(
        alias = "runs",
        after_help = "Examples:\n  $ xt delete run run1 --yes\n  $ xt list trash\n  $ xt restore run run1"
    )]
    Run {
        /// The runs.
        #[arg(required = true, value_name = "RUNS")]
        names: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// Restores.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let Noun::Run { names, place } = &args.noun;
    let restored = trash::restore(ctx, names, place.ws())?;
    if out.json() {
        let paths: Vec<_> = restored.iter().map(ToString::to_string).collect();
        out.document(&serde_json::json!({ "restored": paths }))?;
        return Ok(0);
    }
    restored.iter().try_for_each(|path| out.line(&format!("{path} restored")))?;
    Ok(0)
}
