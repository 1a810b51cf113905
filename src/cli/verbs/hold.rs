//! `xt hold job`, `xt release job`.

use crate::cli::out::Out;
use crate::ops::{Context, Result, hold};

/// Options of `xt hold` and `xt release`.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  $ xt hold job job1\n  $ xt release job job1"
)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// Jobs: runs of theirs that wait do not start before the job is released.
    #[command(alias = "jobs")]
    Job {
        /// The jobs: job3, job3-job9, job1*.
        #[arg(required = true)]
        jobs: Vec<String>,
    },
}

/// Holds or releases.
pub fn run(ctx: &Context, args: &Args, held: bool, out: &mut Out) -> Result<u8> {
    let Noun::Job { jobs } = &args.noun;
    let changed = out.recorded(hold::execute(ctx, jobs, held)?);
    if out.json() {
        out.document(&serde_json::json!({ if held { "held" } else { "released" }: changed }))?;
        return Ok(0);
    }
    for job in &changed {
        out.line(&format!("{job} {}", if held { "held" } else { "released" }))?;
    }
    if changed.is_empty() {
        out.note(if held { "held already" } else { "nothing of it was held" });
    }
    Ok(0)
}
