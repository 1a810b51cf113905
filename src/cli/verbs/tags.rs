//! `xt set tags`, `xt clear tags`.

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::model::Values;
use crate::model::names::words;
use crate::ops::{Context, Result, tags};

/// Options of `xt set`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct SetArgs {
    #[command(subcommand)]
    noun: SetNoun,
}

#[derive(Debug, clap::Subcommand)]
enum SetNoun {
    /// Tags of runs and jobs; `description` is their description.
    #[command(
        alias = "tag",
        after_help = "Examples:\n  $ xt set tags run1 best,lr=0.1\n  $ xt set tags job1,run1-run3 description='5 hidden layers'"
    )]
    Tags(Which),
}

/// Options of `xt clear`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct ClearArgs {
    #[command(subcommand)]
    noun: ClearNoun,
}

#[derive(Debug, clap::Subcommand)]
enum ClearNoun {
    /// Tags of runs and jobs.
    #[command(
        alias = "tag",
        after_help = "Examples:\n  $ xt clear tags run1 best\n  $ xt clear tags job1,run1 description"
    )]
    Tags(Which),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// Runs and jobs: run3, run3-run9, job3.
    #[arg(value_name = "NAMES")]
    names: String,
    /// Tags: best, lr=.1, note='a b'.
    #[arg(required = true, value_name = "TAGS")]
    tags: Vec<String>,
    #[command(flatten)]
    place: Place,
}

/// Sets tags.
pub fn set(ctx: &Context, args: &SetArgs, out: &mut Out) -> Result<u8> {
    let SetNoun::Tags(which) = &args.noun;
    change(ctx, which, &tags::parse(&which.tags)?, &[], out)
}

/// Clears tags.
pub fn clear(ctx: &Context, args: &ClearArgs, out: &mut Out) -> Result<u8> {
    let ClearNoun::Tags(which) = &args.noun;
    let names: Vec<_> = words(which.tags.iter().map(String::as_str)).map(str::to_owned).collect();
    change(ctx, which, &Values::new(), &names, out)
}

fn change(ctx: &Context, which: &Which, set: &Values, clear: &[String], out: &mut Out) -> Result<u8> {
    let names = std::slice::from_ref(&which.names);
    let changed = tags::execute(ctx, names, which.place.ws(), set, clear)?;
    if out.json() {
        out.document(&serde_json::json!({ "changed": changed }))?;
    } else {
        out.note(&format!("{changed} {} changed", if changed == 1 { "record" } else { "records" }));
    }
    Ok(0)
}
