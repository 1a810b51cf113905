//! `xt upload`.

use super::blobs::{Transfer, counted};
use crate::cli::out::Out;
use crate::cli::select::Files;
use crate::ops::blobs::{root, upload};
use crate::ops::{Context, OpsError, Result};
use crate::report::shape;

/// Options of `xt upload`.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Of two and more paths the last is the one in the store: `.` for the same names, a folder for several files.\nA folder goes with all that is in it, links and .git left out. Blobs of the same path are replaced.\nAn upload that was interrupted goes on where it stopped when it is given again.\n\nExamples:\n  $ xt upload train.py\n  $ xt upload train.py prepare.sh notes\n  $ xt upload '*.py' . --share=data\n  $ xt upload . code --update\n  $ xt upload . code.zip --zip --run=run1 --dry-run"
)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Args {
    /// Files, folders or patterns; the last of several is the path in the store.
    #[arg(required = true, value_name = "PATHS")]
    paths: Vec<String>,
    #[command(flatten)]
    files: Files,
    /// Only what is missing there, or differs by size or contents.
    #[arg(long)]
    update: bool,
    /// Leave out these names and patterns; .git is always left out.
    #[arg(long, value_delimiter = ',', value_name = "PATTERNS")]
    omit: Vec<String>,
    /// As one zip archive.
    #[arg(long, conflicts_with_all = ["unzip", "update"])]
    zip: bool,
    /// The contents of a zip archive.
    #[arg(long)]
    unzip: bool,
    /// Tell what would be uploaded, upload nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Uploads.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let root = root(ctx, &args.files.place())?;
    let (from, to) = match args.paths.as_slice() {
        [] => return Err(OpsError::Refused("nothing is named to upload".to_owned())),
        [one] => (vec![one.clone()], None),
        [from @ .., to] => (from.to_vec(), Some(to.clone())),
    };
    let ask = upload::Ask {
        from,
        to,
        update: args.update,
        omit: args.omit.clone(),
        zip: args.zip,
        unzip: args.unzip,
    };
    let plan = upload::plan(&root, &ask)?;
    let name = |path: &str| path.strip_prefix(&root.at.path).unwrap_or(path).to_owned();
    let names: Vec<_> = match &plan.zip {
        Some(zip) => vec![name(&zip.path)],
        None => plan.uploads.iter().map(|file| name(&file.to.path)).collect(),
    };
    let count = plan.uploads.len() as u64;
    if args.dry_run {
        if out.json() {
            out.document(
                &serde_json::json!({ "would_upload": names, "bytes": plan.bytes, "same": plan.same }),
            )?;
        } else {
            names.iter().try_for_each(|name| out.line(&crate::model::names::visible(name)))?;
        }
        return Ok(0);
    }
    let mut transfer = Transfer::begin("uploaded", out);
    let done = upload::execute(ctx, &plan, &mut |step| transfer.step(step));
    transfer.end(plan.retries(), done, out)?;
    if out.json() {
        out.document(&serde_json::json!({ "uploaded": names, "bytes": plan.bytes, "same": plan.same }))?;
        return Ok(0);
    }
    let files = counted(count, "file");
    let to = plan
        .zip
        .as_ref()
        .map_or_else(|| root.name.clone(), |_| format!("{} of {}", names.join(""), root.name));
    out.line(&format!("{files} ({}) uploaded to {to}", shape::bytes(plan.bytes)))?;
    if plan.same > 0 {
        out.note(&format!("{} there already, and the same", counted(plan.same, "file")));
    }
    Ok(0)
}
