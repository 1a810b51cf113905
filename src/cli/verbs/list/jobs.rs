//! `xt list jobs`.

use super::{export, tell_available, tell_more};
use crate::cli::out::Out;
use crate::cli::select::{Filters, Place, TableArgs};
use crate::ops::list::{self, Listed};
use crate::ops::{Context, Result};
use crate::report::Export;
use crate::store::Kind;

/// Options of `xt list jobs`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ xt list jobs\n  $ xt list jobs --last=5 --status=running,queued\n  $ xt list jobs job1-job3 --columns=job,status,runs,failed"
)]
pub struct Args {
    /// Jobs: job3, job3-job9, job1*; without, all.
    #[arg(value_name = "JOBS")]
    names: Vec<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    table: TableArgs,
}

/// Lists jobs.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let selection = args.filters.selection(&args.names, &args.place, Kind::All);
    let look = args.table.look();
    let Listed { rows: jobs, more } = list::jobs(ctx, &selection, &look, args.table.limit(out.json()))?;
    if args.table.available {
        return tell_available(&jobs, out);
    }
    if args.table.export.is_some() {
        export(&list::jobs_table(ctx, &jobs, &look, true)?, &args.table, out)?;
    } else if out.json() && args.table.columns.is_empty() {
        out.document(&jobs)?;
    } else if out.json() {
        out.text(&Export::Json.write(&list::jobs_table(ctx, &jobs, &look, true)?))?;
    } else if jobs.is_empty() {
        out.note("no jobs");
    } else {
        out.table(&list::jobs_table(ctx, &jobs, &look, false)?)?;
        tell_more(more, jobs.len(), "jobs", out);
    }
    Ok(())
}
