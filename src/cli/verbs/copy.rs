//! `xt copy`.

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::ops::{Context, Result, copy};

/// Options of `xt copy`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// Runs that have ended, with history and files, to another workspace: run3, run3-run9, run7.*
    #[command(
        alias = "runs",
        after_help = "Examples:\n  $ xt create workspace best\n  $ xt copy run run1 best\n  $ xt copy run ws1/run1 best --json"
    )]
    Run {
        /// The runs.
        #[arg(value_name = "RUNS")]
        names: String,
        /// Where the copies go.
        #[arg(value_name = "WORKSPACE")]
        to: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Copies.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let Noun::Run { names, to, place } = &args.noun;
    let copied = copy::execute(ctx, std::slice::from_ref(names), place.ws(), to)?;
    if out.json() {
        let pairs = copied
            .iter()
            .map(|(from, to)| serde_json::json!({ "from": from.to_string(), "to": to.to_string() }));
        out.document(&pairs.collect::<Vec<_>>())?;
        return Ok(0);
    }
    copied.iter().try_for_each(|(from, to)| out.line(&format!("{from} copied to {to}")))?;
    Ok(0)
}
