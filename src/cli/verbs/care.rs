//! `xt check store`, `xt backup store`.

use std::path::PathBuf;

use crate::cli::out::Out;
use crate::cli::progress;
use crate::model::names::visible;
use crate::ops::{Context, Result, care};
use crate::report::shape;

/// Options of `xt check`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct CheckArgs {
    #[command(subcommand)]
    noun: CheckNoun,
}

#[derive(Debug, clap::Subcommand)]
enum CheckNoun {
    /// The store: records that contradict each other, files that are damaged, missing or nobody's. Changes
    /// nothing; the exit status is 1 when anything is wrong.
    #[command(after_help = "Examples:\n  $ xt check store\n  $ xt check store --json")]
    Store,
}

/// Options of `xt backup`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct BackupArgs {
    #[command(subcommand)]
    noun: BackupNoun,
}

#[derive(Debug, clap::Subcommand)]
enum BackupNoun {
    /// The store, while it is in use: records and files, as they are at this moment.
    #[command(
        after_help = "The folder is what `data/store` of a home is. To restore it, put it there in a new home:\n\n  mkdir -p NEW/data && cp -a FOLDER NEW/data/store && XT_HOME=NEW xt\n\nNothing of a backup runs by itself: what was active is `lost` there, and jobs that waited are on hold\n(`xt release job`).\n\nExamples:\n  $ xt backup store ./backup-1"
    )]
    Store {
        /// A folder that does not exist yet.
        folder: PathBuf,
    },
}

/// Checks.
pub fn check(ctx: &Context, args: &CheckArgs, out: &mut Out) -> Result<u8> {
    let CheckNoun::Store = args.noun;
    let bar = progress::counting("looked at", out);
    let checked = care::check(ctx, &mut |things| bar.inc(things));
    bar.finish_and_clear();
    let checked = checked?;
    if out.json() {
        out.document(&checked)?;
    } else {
        checked.findings.iter().try_for_each(|finding| out.line(&visible(finding)))?;
        let looked = format!(
            "runs looked at: {}, code files: {}",
            shape::count(checked.runs),
            shape::count(checked.objects)
        );
        match checked.findings.len() {
            0 => out.line(&format!("the store is sound ({looked})"))?,
            count => out.note(&format!("findings: {count} ({looked})")),
        }
    }
    Ok(u8::from(!checked.findings.is_empty()))
}

/// Backs up.
pub fn backup(ctx: &Context, args: &BackupArgs, out: &mut Out) -> Result<u8> {
    let BackupNoun::Store { folder } = &args.noun;
    let bar = progress::bytes("copied", out);
    let backup = care::backup(ctx, folder, &mut |bytes| bar.inc(bytes));
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
