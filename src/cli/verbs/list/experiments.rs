//! `xt list experiments`.

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::ops::list::{self, EXPERIMENT_COLUMNS};
use crate::ops::{Context, Result};

/// Options of `xt list experiments`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt list experiments\n  $ xt list exper 'exper*' --work=ws1")]
pub struct Args {
    /// Only those that match, with * and ?.
    wildcard: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Lists experiments: of the workspace that is named, or of all.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let found = list::experiments(ctx, args.place.ws(), args.wildcard.as_deref())?;
    if out.json() {
        out.document(&found)
    } else if found.is_empty() {
        out.note("no experiments");
        Ok(())
    } else {
        out.table(&list::plain_table(&found, EXPERIMENT_COLUMNS)?)
    }
}
