//! `xt empty trash`.

use std::time::Duration;

use crate::cli::out::Out;
use crate::cli::progress;
use crate::model::names::visible;
use crate::ops::{Context, Result, trash};
use crate::report::shape;

/// Options of `xt empty`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// The trash: deletes for good what is in it, records and files, and code that no job needs any more.
    #[command(
        after_help = "Examples:\n  $ xt empty trash --older-than=30d --yes\n  $ xt empty trash --dry-run\n  $ xt empty trash --yes"
    )]
    Trash {
        /// Only what was deleted longer ago: 30d, 12h, 2w.
        #[arg(long, value_name = "AGE", value_parser = age)]
        older_than: Option<Duration>,
        /// Tell what would be deleted, delete nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

fn age(text: &str) -> std::result::Result<Duration, String> {
    trash::parse_age(text).map_err(|error| error.to_string())
}

/// Empties it.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let Noun::Trash { older_than, dry_run } = &args.noun;
    let plan = trash::plan_emptying(ctx, *older_than)?;
    let count = plan.runs.iter().filter(|run| !run.is_parent).count();
    let runs = (count > 0).then(|| format!("{count} {}", if count == 1 { "run" } else { "runs" }));
    let code = (!plan.code.is_empty()).then(|| "code that no job needs".to_owned());
    let what = runs.into_iter().chain(code).collect::<Vec<_>>().join(" and ");
    if *dry_run {
        let paths: Vec<_> = plan.runs.iter().map(|run| run.path().to_string()).collect();
        if out.json() {
            let code =
                plan.code.iter().map(|file| serde_json::json!({ "path": file.path, "bytes": file.bytes }));
            out.document(&serde_json::json!({ "would_delete": paths, "code": code.collect::<Vec<_>>() }))?;
        } else {
            paths.iter().try_for_each(|path| out.line(path))?;
            for file in &plan.code {
                out.line(&format!("{:>10}  {}", shape::bytes(file.bytes), file.path.display()))?;
            }
        }
        return Ok(0);
    }
    if !what.is_empty() && !out.confirm(&format!("Delete {what} for good, with all files?"))? {
        return Ok(0);
    }
    let bar = progress::counting("runs deleted:", out);
    let emptied = trash::empty(ctx, &plan, &mut |_| bar.inc(1));
    bar.finish_and_clear();
    let emptied = emptied?;
    if out.json() {
        let paths: Vec<_> = emptied.runs.iter().map(ToString::to_string).collect();
        out.document(&serde_json::json!({
            "deleted": paths, "code": emptied.code, "bytes": emptied.bytes, "left": emptied.left
        }))?;
    } else if what.is_empty() {
        out.note("nothing in the trash is that old");
    } else {
        let what = if emptied.code_left && count == 0 { "nothing" } else { &what };
        out.line(&format!("{what} deleted for good, {} freed", shape::bytes(emptied.bytes)))?;
    }
    if emptied.code_left {
        out.note("a submit was under way: code that no job needs is left for the next time");
    }
    for why in &emptied.left {
        out.warn(&format!("{} is left, and must be removed by hand", visible(why)));
    }
    Ok(u8::from(!emptied.left.is_empty()))
}
