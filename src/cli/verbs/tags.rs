//! `xt set tags`, `xt set priority`, `xt clear tags`.

use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::model::Values;
use crate::model::names::words;
use crate::ops::{Context, Result, priority, tags};

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
    /// Which of the jobs that wait starts first: the one with the highest.
    #[command(after_help = "Examples:\n  $ xt set priority job3 10\n  $ xt set priority job1-job4 -5")]
    Priority(Urgency),
}

#[derive(Debug, clap::Args)]
struct Urgency {
    /// The jobs: job3, job3-job9, job1*.
    jobs: String,
    /// The priority; jobs have 0 unless they were given another.
    #[arg(allow_hyphen_values = true)]
    priority: i64,
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

/// Sets tags or priorities.
pub fn set(ctx: &Context, args: &SetArgs, out: &mut Out) -> Result<u8> {
    match &args.noun {
        SetNoun::Tags(which) => change(ctx, which, &tags::parse(&which.tags)?, &[], out),
        SetNoun::Priority(urgency) => {
            let changed = priority::execute(ctx, std::slice::from_ref(&urgency.jobs), urgency.priority)?;
            tell(changed.len(), out)
        }
    }
}

/// Clears tags.
pub fn clear(ctx: &Context, args: &ClearArgs, out: &mut Out) -> Result<u8> {
    let ClearNoun::Tags(which) = &args.noun;
    let names: Vec<_> = words(which.tags.iter().map(String::as_str)).map(str::to_owned).collect();
    change(ctx, which, &Values::new(), &names, out)
}

fn change(ctx: &Context, which: &Which, set: &Values, clear: &[String], out: &mut Out) -> Result<u8> {
    let names = std::slice::from_ref(&which.names);
    tell(tags::execute(ctx, names, which.place.ws(), set, clear)?, out)
}

fn tell(changed: usize, out: &mut Out) -> Result<u8> {
    if out.json() {
        out.document(&serde_json::json!({ "changed": changed }))?;
    } else {
        out.note(&format!("{changed} {} changed", if changed == 1 { "record" } else { "records" }));
    }
    Ok(0)
}
