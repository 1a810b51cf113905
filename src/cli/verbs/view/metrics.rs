//! `xt view metrics`.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::model::Run;
use crate::ops::view::load::{samples, side_by_side};
use crate::ops::view::metrics::{Histories, histories};
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
    /// What was measured of a run and its machine, instead of what it logged
    #[arg(long)]
    system: bool,
    #[command(flatten)]
    place: Place,
    /// Write the table to a file: .csv, .tsv, .txt, .json or .md
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

/// Shows the metrics of runs.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let runs = select::runs(ctx, std::slice::from_ref(&args.runs), args.place.ws())?;
    if args.system {
        return system(ctx, &runs, args, out);
    }
    let found = histories(ctx, &runs, &args.names)?;
    if let Some(path) = &args.export {
        let rows = export(&found, path)?;
        out.note(&format!("{rows} rows written to {}", path.display()));
        return Ok(());
    }
    if out.json() {
        return out.documents(|each| found.points(&mut |point| each(point)));
    }
    let measured = found.measure(false)?;
    if measured.rows == 0 {
        out.note("no metrics yet");
        return Ok(());
    }
    let sheet = measured.widths.sheet(out.paint(), out.width(), 0);
    let mut text = String::new();
    sheet.head(&mut text, &measured.empty()?);
    found.tables(&measured, &mut |table| {
        sheet.rows(&mut text, &table, 0..table.rows.len());
        out.text(&std::mem::take(&mut text))
    })?;
    sheet.foot(&mut text);
    out.text(&text)
}

/// Shows what was measured of a run.
fn system(ctx: &Context, runs: &[Run], args: &Args, out: &mut Out) -> Result<()> {
    let [run] = runs else {
        return Err(OpsError::Refused("--system shows one run at a time: name one".into()));
    };
    let found = samples(ctx, &run.path(), &args.names)?;
    if out.json() && args.export.is_none() {
        return out.document(&found);
    }
    let (columns, rows) = side_by_side(found);
    if let Some(path) = &args.export {
        let table = list::file_table(&rows, &columns)?;
        std::fs::write(path, Export::of(path)?.write(&table)).map_err(OpsError::io("write", path))?;
        out.note(&format!("{} rows written to {}", rows.len(), path.display()));
        return Ok(());
    }
    if rows.is_empty() {
        out.note("nothing was measured yet");
        return Ok(());
    }
    out.table(&list::plain_table(&rows, &columns)?)
}

/// Writes the table to a file, piece by piece; answers how many rows it has.
fn export(found: &Histories<'_>, path: &Path) -> Result<usize> {
    let format = Export::of(path)?;
    let measured = found.measure(true)?;
    let mut file = BufWriter::new(File::create(path).map_err(OpsError::io("write", path))?);
    let mut text = format.head(&measured.empty()?, &measured.widths);
    let mut is_first = true;
    found.tables(&measured, &mut |table| {
        format.rows(&mut text, &table, is_first);
        is_first = false;
        file.write_all(std::mem::take(&mut text).as_bytes()).map_err(OpsError::io("write", path))
    })?;
    text.push_str(format.tail(measured.rows == 0));
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(OpsError::io("write", path))?;
    Ok(measured.rows)
}
