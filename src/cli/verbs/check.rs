//! `xt check`.

use crate::cli::out::Out;
use crate::cli::progress;
use crate::model::names::visible;
use crate::ops::{Context, Result, check};
use crate::report::shape;

/// Options of `xt check`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// The store: records that contradict each other, files that are damaged, missing or nobody's. Changes
    /// nothing; the exit status is 1 when anything is wrong.
    #[command(after_help = "Examples:\n  $ xt check store\n  $ xt check store --json")]
    Store,
}

/// Checks.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let Noun::Store = args.noun;
    let bar = progress::counting("looked at", out);
    let checked = check::execute(ctx, &mut |things| bar.inc(things));
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
