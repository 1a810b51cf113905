//! `xt view metrics`.

use std::path::PathBuf;

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::ops::view::metrics::{Kind, points, series, side_by_side};
use crate::ops::{Context, OpsError, Result, list, select};
use crate::report::Export;

/// Options of `xt view metrics`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ xt view metrics run1\n  $ xt view metrics run1 loss,acc --json\n  $ xt view metrics run1 --export=metrics.csv\n  $ xt view metrics run1 --system"
)]
pub struct Args {
    /// Runs: run3, run3-run9, run7.*.
    runs: String,
    /// Only these metrics.
    #[arg(value_name = "METRICS")]
    names: Vec<String>,
    #[command(flatten)]
    place: Place,
    /// What was measured of the run and its machine, instead of what it logged
    #[arg(long)]
    system: bool,
    /// Write the table to a file: .csv, .tsv, .txt, .json or .md
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

/// Shows the metrics of runs.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let runs = select::runs(ctx, std::slice::from_ref(&args.runs), args.place.ws())?;
    let kind = if args.system { Kind::System } else { Kind::Logged };
    let found = series(ctx, &runs, &args.names, kind)?;
    if out.json() && args.export.is_none() {
        return out.document(&points(found));
    }
    let (columns, rows) = side_by_side(&found);
    if let Some(path) = &args.export {
        let table = list::file_table(&rows, &columns)?;
        std::fs::write(path, Export::of(path)?.write(&table)).map_err(OpsError::io("write", path))?;
        out.note(&format!("{} rows written to {}", rows.len(), path.display()));
        return Ok(());
    }
    if rows.is_empty() {
        out.note(if args.system { "nothing was measured yet" } else { "no metrics yet" });
        return Ok(());
    }
    out.table(&list::plain_table(&rows, &columns)?)
}
