//! `xt backup`.

use std::path::PathBuf;

use crate::cli::out::Out;
use crate::cli::progress;
use crate::ops::{Context, Result, backup};
use crate::report::shape;

/// Options of `xt backup`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// The store, while it is in use: records and files, as they are at this moment.
    #[command(
        after_help = "The folder is what `data/store` of a home is. To restore it, put it there in a new home:\n\n  mkdir -p NEW/data && cp -a FOLDER NEW/data/store && XT_HOME=NEW xt\n\nNothing of a backup runs by itself: what was active is `lost` there, and jobs that waited are on hold\n(`xt release job`).\n\nExamples:\n  $ xt backup store ./backup-1"
    )]
    Store {
        /// A folder that does not exist yet.
        folder: PathBuf,
    },
}

/// Backs up.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let Noun::Store { folder } = &args.noun;
    let bar = progress::bytes("copied", out);
    let backup = backup::execute(ctx, folder, &mut |bytes| bar.inc(bytes));
    bar.finish_and_clear();
    let backup = backup?;
    if out.json() {
        out.document(&backup)?;
        return Ok(0);
    }
    out.line(&format!(
        "backup of records and {} files ({}) in {}",
        shape::count(backup.files),
        shape::bytes(backup.bytes),
        backup.folder.display()
    ))?;
    if backup.active > 0 || backup.held > 0 {
        out.note(&format!(
            "in the backup {} active runs are lost and {} waiting jobs on hold, so that nothing runs twice",
            backup.active, backup.held
        ));
    }
    out.note("to restore: make it the data/store of a new home (`xt backup store --help`)");
    Ok(0)
}
