//! `xt list|view|delete blob…`, `xt list|delete share…`, and how transfers are told.

use indicatif::ProgressBar;

use crate::cli::console::{Screen, Style};
use crate::cli::out::Out;
use crate::cli::progress;
use crate::cli::select::Files;
use crate::model::names::visible;
use crate::ops::blobs::list::{COLUMNS, Levels};
use crate::ops::blobs::{delete as verb, list as listing, root};
use crate::ops::list::plain_table;
use crate::ops::{Context, OpsError, Result, share};
use crate::report::shape;
use crate::store::blobs::Step;

/// Options of `xt list blobs`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Without --run, --job, --experiment or --share, the files of the workspace are meant.\nA folder among runs is shown as the run it belongs to, and a parent's children are listed with it.\n\nExamples:\n  $ xt list blobs\n  $ xt list blobs --run=run1 --subdirs=-1\n  $ xt list blobs after/output --run=run1\n  $ xt list blobs '**/*.txt' --job=job1\n  $ xt list blobs --share=data"
)]
pub struct ListArgs {
    /// A folder, a blob, or a pattern with `*`, `?`, `**`.
    path: Option<String>,
    #[command(flatten)]
    files: Files,
    /// Open so many levels of folders; -1 opens all.
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-1..=1000))]
    subdirs: i64,
}

/// Options of `xt view blob`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "In a pipe the bytes come as they are; on a terminal nothing in them steers it.\n\nExamples:\n  $ xt view blob after/output/console.txt --run=run1"
)]
pub struct ViewArgs {
    /// The blob.
    path: String,
    #[command(flatten)]
    files: Files,
}

/// Bytes that are shown at a time.
const PIECE: u64 = 1 << 20;

/// Names that are listed before a question; more are counted.
const LISTED: usize = 20;

/// Lists blobs.
pub fn list(ctx: &Context, args: &ListArgs, out: &mut Out) -> Result<()> {
    let root = root(ctx, &args.files.place())?;
    let levels = u32::try_from(args.subdirs).map_or(Levels::All, Levels::So);
    let rows = listing::blobs(ctx, &root, args.path.as_deref().unwrap_or_default(), levels)?;
    if out.json() {
        return out.document(&rows);
    }
    if rows.is_empty() {
        out.note(&format!("no such blobs of {}: `xt upload` puts some there", root.name));
        return Ok(());
    }
    out.table(&plain_table(&rows, COLUMNS)?)
}

/// Lists shares.
pub fn shares(ctx: &Context, out: &mut Out) -> Result<()> {
    let names = share::names(ctx)?;
    if out.json() {
        let names: Vec<_> = names.iter().map(|name| serde_json::json!({ "share": name })).collect();
        return out.document(&names);
    }
    if names.is_empty() {
        out.note("there are no shares: `xt create share NAME` makes one");
    }
    names.iter().try_for_each(|name| out.line(&visible(name)))
}

/// Shows a blob.
pub fn view(ctx: &Context, args: &ViewArgs, out: &mut Out) -> Result<()> {
    let root = root(ctx, &args.files.place())?;
    let found = crate::ops::blobs::matching(&root, &args.path)?;
    let (Some(blob), true) = (found.blobs.first(), found.single) else {
        let name = visible(&args.path);
        return Err(OpsError::Missing {
            what: "blob",
            name: format!("{name}` of {} `", root.name),
            nearest: None,
        });
    };
    let (files, at) = (&root.files, found.base.with_path(&blob.path));
    if out.json() {
        return out.document(blob);
    }
    let mut screen = Screen::new(Style::of(out), None);
    let mut start = 0;
    while start < blob.size && !out.is_closed() {
        let bytes = files.read(&at, start..blob.size.min(start + PIECE))?;
        if out.is_terminal() && start == 0 && bytes.contains(&0) {
            return Err(OpsError::Refused(format!(
                "{} is no text ({}): `xt download` gets it",
                visible(&args.path),
                shape::bytes(blob.size)
            )));
        }
        if bytes.is_empty() {
            break;
        }
        start += bytes.len() as u64;
        screen.show(&bytes, out)?;
    }
    screen.end(out)
}

/// Deletes blobs.
pub fn delete(ctx: &Context, path: Option<&str>, files: &Files, dry_run: bool, out: &mut Out) -> Result<u8> {
    let root = root(ctx, &files.place())?;
    let plan = verb::plan(&root, path.unwrap_or_default())?;
    let what = format!("{} ({}) of {}", count(plan.names.len() as u64), shape::bytes(plan.bytes), root.name);
    if dry_run && out.json() {
        out.document(&serde_json::json!({ "would_delete": plan.names }))?;
        return Ok(0);
    }
    if dry_run {
        plan.names.iter().try_for_each(|name| out.line(&visible(name)))?;
        out.note(&format!("{what} would be deleted"));
        return Ok(0);
    }
    plan.names.iter().take(LISTED).for_each(|name| out.note(name));
    if plan.names.len() > LISTED {
        out.note(&format!("… and {} more", plan.names.len() - LISTED));
    }
    if !out.confirm(&format!("Delete {what} for good?"))? {
        return Ok(0);
    }
    let bar = progress::counting("blobs deleted:", out);
    let deleted = verb::execute(ctx, &plan, &mut || bar.inc(1));
    bar.finish_and_clear();
    deleted?;
    if out.json() {
        out.document(&serde_json::json!({ "deleted": plan.names, "bytes": plan.bytes }))?;
    } else {
        out.line(&format!("{what} deleted"))?;
    }
    Ok(0)
}

/// Deletes a share.
pub fn delete_share(ctx: &Context, name: &str, dry_run: bool, out: &mut Out) -> Result<u8> {
    let plan = share::plan(ctx, name)?;
    let has = format!("the share {name} with {} ({})", count(plan.blobs), shape::bytes(plan.bytes));
    let tell = |key: &str, line: String, out: &mut Out| {
        if out.json() {
            return out.document(&serde_json::json!({ key: name, "blobs": plan.blobs, "bytes": plan.bytes }));
        }
        out.line(&line)
    };
    if dry_run {
        tell("would_delete", format!("would delete {has}"), out)?;
        return Ok(0);
    }
    if !out.confirm(&format!("Delete {has} for good?"))? {
        return Ok(0);
    }
    share::execute(ctx, &plan)?;
    tell("deleted", format!("{has} deleted"), out)?;
    Ok(0)
}

/// `1 blob`, `12 blobs`.
fn count(number: u64) -> String {
    counted(number, "blob")
}

/// `1 file`, `12 files`.
pub fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", shape::count(number), if number == 1 { "" } else { "s" })
}

/// What a transfer tells while it goes on, and how much of it an earlier one had done.
pub struct Transfer {
    bar: ProgressBar,
    resumed: u64,
}

impl Transfer {
    /// Begins to tell.
    pub fn begin(what: &'static str, out: &Out) -> Self {
        Self { bar: progress::bytes(what, out), resumed: 0 }
    }

    /// Tells of a step.
    pub fn step(&mut self, step: Step) {
        match step {
            Step::Bytes(bytes) => self.bar.inc(bytes),
            Step::Resumed(bytes) => {
                self.resumed += bytes;
                self.bar.inc(bytes);
            }
            Step::File => {}
        }
    }

    /// Ends, with what a person may want to know of how it went.
    pub fn end(self, retries: u64, done: Result<()>, out: &mut Out) -> Result<()> {
        self.bar.finish_and_clear();
        done?;
        if self.resumed > 0 {
            out.note(&format!("{} of it had arrived before an interruption", shape::bytes(self.resumed)));
        }
        if retries > 0 {
            out.note(&format!("{} had to be made once more", counted(retries, "request")));
        }
        Ok(())
    }
}

/// Tells of blobs that are left because their names lead elsewhere; the exit status that stands for it.
pub fn refused(names: &[String], out: &mut Out) -> u8 {
    for name in names {
        out.warn(&format!("the blob `{}` is left: its name leads out of the folder", visible(name)));
    }
    u8::from(!names.is_empty())
}
