//! `xt download`.

use super::blobs::{Transfer, counted, refused};
use crate::cli::out::Out;
use crate::cli::select::Files;
use crate::ops::blobs::download::{self, Plan};
use crate::ops::blobs::root;
use crate::ops::{Context, Result};
use crate::report::shape;

/// Options of `xt download`.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Files of the same names are replaced, each when the new one is here whole and its sum is right.\nA download that was interrupted goes on where it stopped when it is given again.\n\nExamples:\n  $ xt download after/output/console.txt --run=run1\n  $ xt download '**' ./files --run=run1\n  $ xt download . ./job1.zip --zip --job=job1\n  $ xt download after ./files --run=run1 --update"
)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Args {
    /// A blob, a folder, or a pattern with `*`, `?`, `**`; `.` for everything.
    from: String,
    /// The file or folder here; without it, the same names in this folder.
    to: Option<String>,
    #[command(flatten)]
    files: Files,
    /// Only what is missing here, or differs by size or contents.
    #[arg(long)]
    update: bool,
    /// As it is at one moment, though it is being written to.
    #[arg(long)]
    snapshot: bool,
    /// Into one zip archive.
    #[arg(long, conflicts_with_all = ["unzip", "update"])]
    zip: bool,
    /// The contents of a zip archive.
    #[arg(long, conflicts_with = "update")]
    unzip: bool,
    /// Tell what would be downloaded, download nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Downloads.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let ask = download::Ask {
        from: args.from.clone(),
        to: args.to.clone(),
        update: args.update,
        snapshot: args.snapshot,
        zip: args.zip,
        unzip: args.unzip,
    };
    let plan = download::plan(&root(ctx, &args.files.place())?, &ask)?;
    if args.dry_run {
        let names: Vec<_> = plan.downloads.iter().map(|file| file.to.display().to_string()).collect();
        if out.json() {
            out.document(
                &serde_json::json!({ "would_download": names, "bytes": plan.bytes, "same": plan.same }),
            )?;
        } else {
            names.iter().try_for_each(|name| out.line(&crate::model::names::visible(name)))?;
        }
        return Ok(refused(&plan.refused, out));
    }
    fetch(&plan, out)
}

/// Downloads what is planned, and tells of it.
pub fn fetch(plan: &Plan, out: &mut Out) -> Result<u8> {
    let mut transfer = Transfer::begin("downloaded", out);
    let done = download::execute(plan, &mut |step| transfer.step(step));
    transfer.end(plan.retries(), done, out)?;
    let (count, to) = (plan.downloads.len() as u64, plan.to.display().to_string());
    if out.json() {
        out.document(&serde_json::json!({
            "downloaded": count, "bytes": plan.bytes, "same": plan.same, "to": to, "left": plan.refused
        }))?;
    } else {
        let what = format!("{} ({})", counted(count, "file"), shape::bytes(plan.bytes));
        out.line(&format!("{what} downloaded to {}", crate::model::names::visible(&to)))?;
        if plan.same > 0 {
            out.note(&format!("{} here already, and the same", counted(plan.same, "file")));
        }
    }
    Ok(refused(&plan.refused, out))
}
