//! `xt check`.

use crate::cli::out::Out;
use crate::cli::progress;
use crate::model::names::visible;
use crate::ops::repair::{self, Repaired};
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
    /// nothing, unless it is told to repair; the exit status is 1 when anything is wrong.
    #[command(
        after_help = "Examples:\n  $ xt check store\n  $ xt check store --json\n  $ xt check store --repair"
    )]
    Store {
        /// Put records away that cannot be read: runs go to the trash as they are, jobs are written anew from
        /// their runs, and those of them that wait end.
        #[arg(long)]
        repair: bool,
    },
}

/// Checks.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let Noun::Store { repair } = args.noun;
    let repaired = if repair { repair::execute(ctx)? } else { Repaired::default() };
    let bar = progress::counting("looked at", out);
    let checked = check::execute(ctx, &mut |things| bar.inc(things));
    bar.finish_and_clear();
    let checked = checked?;
    if out.json() && repair {
        out.document(&serde_json::json!({ "repaired": repaired, "checked": checked }))?;
    } else if out.json() {
        out.document(&checked)?;
    } else {
        tell(&repaired, out)?;
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

fn tell(repaired: &Repaired, out: &mut Out) -> Result<()> {
    for path in &repaired.trashed {
        out.line(&format!("{path} put into the trash: its record cannot be read"))?;
    }
    for job in &repaired.rebuilt {
        out.line(&format!("{job} written anew: its record could not be read"))?;
    }
    repaired.left.iter().try_for_each(|left| out.line(&visible(left)))
}
