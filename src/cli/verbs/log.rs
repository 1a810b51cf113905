//! `xt log`: for shell scripts inside a run.

use crate::cli::out::Out;
use crate::ops::{Result, log};

/// Options of `xt log`.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    infer_subcommands = true,
    after_help = "For shell scripts that xt runs. Outside a run nothing is told and nothing fails."
)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// Values of metrics, and with step=N where they belong.
    #[command(alias = "metrics", after_help = "Examples:\n  $ xt log metric loss=0.3 acc=.91 step=5")]
    Metric(Words),
    /// Hyperparameters.
    #[command(alias = "hparams", after_help = "Examples:\n  $ xt log hparam lr=0.1 layers=5")]
    Hparam(Words),
    /// Tags, with or without a value.
    #[command(alias = "tags", after_help = "Examples:\n  $ xt log tag best owner=me")]
    Tag(Words),
    /// An event of your own, with its particulars.
    #[command(alias = "events", after_help = "Examples:\n  $ xt log event saved path=model.pt")]
    Event(Words),
}

#[derive(Debug, clap::Args)]
struct Words {
    /// name=value
    #[arg(required = true, allow_hyphen_values = true, value_name = "NAME=VALUE")]
    words: Vec<String>,
}

/// Tells the run.
pub fn run(args: &Args, out: &mut Out) -> Result<u8> {
    let (kind, words) = match &args.noun {
        Noun::Metric(words) => (log::Kind::Metric, words),
        Noun::Hparam(words) => (log::Kind::Hparam, words),
        Noun::Tag(words) => (log::Kind::Tag, words),
        Noun::Event(words) => (log::Kind::Event, words),
    };
    if !log::execute(kind, &words.words)? {
        out.note("not in a run: nothing is logged");
    }
    Ok(0)
}
