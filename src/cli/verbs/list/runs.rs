//! `xt list runs`.

use super::{export, tell_available, tell_more};
use crate::cli::out::Out;
use crate::cli::select::{Filters, Place, TableArgs};
use crate::ops::list::{self, Listed};
use crate::ops::{Context, Result};
use crate::report::Export;
use crate::store::Kind;

/// Options of `xt list runs`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ xt list runs\n  $ xt list runs run1-run3 --columns=run,status,hparams.lr,metrics.*\n  $ xt list runs --job=job1 --last=10 --sort=duration\n  $ xt list runs --status=error,completed --errors=only\n  $ xt list runs --filter='status=completed' --group=experiment\n  $ xt list runs --export=runs.csv"
)]
pub struct Args {
    /// Runs: run3, run3-run9, run7.*, run1*; without, all.
    #[arg(value_name = "RUNS")]
    names: Vec<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    filters: Filters,
    /// Only runs that are nobody's child.
    #[arg(long, help_heading = "Which runs", group = "family")]
    outer: bool,
    /// Only runs that have children.
    #[arg(long, help_heading = "Which runs", group = "family")]
    parent: bool,
    /// Only children.
    #[arg(long, help_heading = "Which runs", group = "family")]
    child: bool,
    #[command(flatten)]
    table: TableArgs,
}

/// Lists runs.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let kind = match (args.outer, args.parent, args.child) {
        (true, _, _) => Kind::Outer,
        (_, true, _) => Kind::Parent,
        (_, _, true) => Kind::Child,
        _ => Kind::All,
    };
    let selection = args.filters.selection(&args.names, &args.place, kind);
    let look = args.table.look();
    let table = &args.table;
    if out.json() && !table.available && table.export.is_none() && table.columns.is_empty() {
        let limit = table.limit(true);
        return out.documents(|each| list::each_run(ctx, &selection, &look, limit, &mut |run| each(run)));
    }
    let Listed { rows: runs, more } = list::runs(ctx, &selection, &look, args.table.limit(out.json()))?;
    if args.table.available {
        return tell_available(&runs, out);
    }
    if args.table.export.is_some() {
        export(&list::runs_file(ctx, &runs, &look)?, &args.table, out)?;
    } else if out.json() {
        out.text(&Export::Json.write(&list::runs_file(ctx, &runs, &look)?))?;
    } else if runs.is_empty() {
        out.note(
            if selection == args.filters.selection(&[], &args.place, Kind::All) && args.filters.is_empty() {
                "no runs yet: submit one with `xt run`"
            } else {
                "no such runs"
            },
        );
    } else {
        out.table(&list::runs_table(ctx, &runs, &look)?)?;
        tell_more(more, runs.len(), "runs", out);
    }
    Ok(())
}
