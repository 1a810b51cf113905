//! `xt wait`.

use std::time::Duration;

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::cli::values;
use crate::model::{Run, RunPath};
use crate::ops::{Context, OpsError, Result, monitor, wait};

/// Options of `xt wait`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The exit status is that of the first run that failed, 0 when all completed.\n\nExamples:\n  $ xt wait run1\n  $ xt wait job1 --timeout=60"
)]
pub struct Args {
    /// Runs and jobs: run3, run3-run9, run7.*, job3.
    #[arg(required = true, value_name = "NAMES")]
    names: Vec<String>,
    #[command(flatten)]
    place: Place,
    /// Give up after so many seconds, with exit status 1.
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds)]
    timeout: Option<Duration>,
}

/// Waits, and tells how each run ends.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let runs = monitor::runs(ctx, &args.names, args.place.ws())?;
    let paths: Vec<_> = runs.iter().map(Run::path).collect();
    until_end(ctx, &paths, args.timeout, out)
}

/// Waits for runs; answers the exit status that stands for them.
pub fn until_end(ctx: &Context, paths: &[RunPath], timeout: Option<Duration>, out: &mut Out) -> Result<u8> {
    let mut told = Ok(());
    let json = out.json();
    let runs = wait::execute(ctx, paths, timeout, &mut |run| {
        if !json && told.is_ok() {
            told = out.line(&format!("{} {}", run.run_name, monitor::ending(run))).and_then(|()| out.flush());
        }
    })?;
    told?;
    if json {
        let ends: Vec<_> = runs
            .iter()
            .map(|run| {
                serde_json::json!({
                    "ws": run.ws, "run_name": run.run_name, "status": run.status, "exit_code": run.exit_code
                })
            })
            .collect();
        out.document(&ends)?;
    }
    let open = runs.iter().filter(|run| !run.status.is_final()).count();
    if open > 0 {
        return Err(OpsError::Refused(format!(
            "{open} of {} runs have not ended yet: `xt wait` again, or `xt cancel`",
            runs.len()
        )));
    }
    Ok(exit_status(&runs))
}

/// The exit status that stands for runs that have ended.
pub fn exit_status(runs: &[Run]) -> u8 {
    u8::try_from(wait::exit_code(runs)).unwrap_or(1)
}

/// Waits for runs whose submit has been told; failures alone are told, to standard error.
pub fn until_end_quietly(ctx: &Context, paths: &[RunPath], out: &mut Out) -> Result<u8> {
    let runs = wait::execute(ctx, paths, None, &mut |run| {
        out.note(&format!("{} {}", run.run_name, monitor::ending(run)));
    })?;
    Ok(exit_status(&runs))
}
