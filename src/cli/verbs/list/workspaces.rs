//! `xt list workspaces`.

use crate::cli::out::Out;
use crate::ops::list::{self, WORKSPACE_COLUMNS};
use crate::ops::{Context, Result};

/// Options of `xt list workspaces`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt list workspaces\n  $ xt list work")]
pub struct Args {
    /// Only those that match, with * and ?.
    wildcard: Option<String>,
}

/// Lists workspaces.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let found = list::workspaces(ctx, args.wildcard.as_deref())?;
    if out.json() {
        out.document(&found)
    } else if found.is_empty() {
        out.note("no workspaces yet: the first `xt run` makes one");
        Ok(())
    } else {
        out.table(&list::plain_table(&found, WORKSPACE_COLUMNS)?)
    }
}
