//! `xt list tags|targets|boxes|trash`: short lists whose columns nobody chooses.

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::ops::list::{self, Entry};
use crate::ops::{Context, Result};

/// Options of `xt list tags`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt list tags run1,job1\n  $ xt list tags 'run*' best")]
pub struct TagsArgs {
    /// Runs and jobs: run3, run3-run9, job3.
    #[arg(required = true, value_name = "NAMES")]
    names: String,
    /// Only these tags.
    #[arg(value_name = "TAGS")]
    tags: Vec<String>,
    #[command(flatten)]
    place: Place,
}

/// Options of `xt list targets`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt list targets")]
pub struct TargetsArgs {
    /// Only those that match, with * and ?.
    wildcard: Option<String>,
}

/// Options of `xt list boxes`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt list boxes\n  $ xt list boxes 'vm*'")]
pub struct BoxesArgs {
    /// Only those that match, with * and ?.
    wildcard: Option<String>,
}

/// Options of `xt list trash`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt list trash")]
pub struct TrashArgs {}

/// Lists tags.
pub fn tags(ctx: &Context, args: &TagsArgs, out: &mut Out) -> Result<()> {
    let found = list::tags(ctx, std::slice::from_ref(&args.names), args.place.ws(), &args.tags)?;
    show(&found, list::TAG_COLUMNS, "no tags: `xt set tags` sets some", out)
}

/// Lists targets.
pub fn targets(ctx: &Context, args: &TargetsArgs, out: &mut Out) -> Result<()> {
    let found = list::targets(ctx, args.wildcard.as_deref())?;
    show(&found, list::TARGET_COLUMNS, "no such targets", out)
}

/// Lists boxes.
pub fn boxes(ctx: &Context, args: &BoxesArgs, out: &mut Out) -> Result<()> {
    let found = list::boxes(ctx, args.wildcard.as_deref())?;
    show(&found, list::BOX_COLUMNS, "no such boxes", out)
}

/// Lists the trash.
pub fn trash(ctx: &Context, _args: &TrashArgs, out: &mut Out) -> Result<()> {
    show(&list::trash(ctx)?, list::TRASH_COLUMNS, "the trash is empty", out)
}

fn show(entries: &[Entry], columns: &[&str], nothing: &str, out: &mut Out) -> Result<()> {
    if out.json() {
        out.document(entries)
    } else if entries.is_empty() {
        out.note(nothing);
        Ok(())
    } else {
        out.table(&list::plain_table(entries, columns)?)
    }
}
