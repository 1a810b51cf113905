//! `xt rerun`.

use super::afterwards::Afterwards;
use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::cli::values;
use crate::model::RunPath;
use crate::model::job::Gpus;
use crate::ops::rerun::Changes;
use crate::ops::{Context, Result, rerun, select, tags};
use crate::report::shape;

/// Options of `xt rerun`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The code, the environment and the directory are those of the original.\n\nExamples:\n  $ xt rerun run1\n  $ xt rerun run1 --set lr=0.3\n  $ xt rerun run1 --repeat=2 --experiment=again\n  $ xt rerun run1 --monitor=same\n  $ xt rerun run1 -- --lr=0.01 --epochs=3"
)]
pub struct Args {
    /// The run.
    run: String,
    #[command(flatten)]
    place: Place,
    /// Change a setting: --name=value among its arguments is replaced, or added. May be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::pair)]
    set: Vec<(String, String)>,
    /// So many times, as children of one run.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    repeat: Option<u64>,
    /// The experiment, when it is to be another.
    #[arg(long, visible_alias = "exper", value_name = "NAME")]
    experiment: Option<String>,
    /// A line about it.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Tags of the job and its run: best,lr=.1,note='a b'
    #[arg(long, value_name = "TAGS")]
    tags: Vec<String>,
    /// GPUs for the run: a number, "shared" to see all of them, or "auto".
    #[arg(long, value_name = "N|shared|auto")]
    gpus: Option<Gpus>,
    /// Start it again when it fails, up to N times.
    #[arg(long, value_name = "N")]
    max_retries: Option<u32>,
    /// End it after so many minutes; 0 is never.
    #[arg(long, value_name = "MINUTES")]
    max_minutes: Option<f64>,
    /// Higher starts first.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    priority: Option<i64>,
    /// Print the command, submit nothing.
    #[arg(long, help_heading = "Afterwards")]
    dry_run: bool,
    #[command(flatten)]
    afterwards: Afterwards,
    /// Arguments in place of its own.
    #[arg(last = true, value_name = "ARGS")]
    arguments: Vec<String>,
}

/// Submits a run again.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let original = select::run(ctx, &args.run, args.place.ws())?;
    let request = rerun::Request {
        run: Some(original.path()),
        changes: Changes {
            set: args.set.clone(),
            arguments: (!args.arguments.is_empty()).then(|| args.arguments.clone()),
            experiment: args.experiment.clone(),
            description: args.description.clone(),
            tags: (!args.tags.is_empty()).then(|| tags::parse(&args.tags)).transpose()?,
            gpus: args.gpus,
            max_retries: args.max_retries,
            max_minutes: args.max_minutes,
            priority: args.priority,
        },
        repeat: args.repeat,
        xt_cmd: super::run::command_line(),
        ..rerun::Request::default()
    };
    let command = rerun::command(ctx, &request)?;
    if args.dry_run {
        let line = shape::command(&command);
        if out.json() {
            out.document(&serde_json::json!({ "commands": [command] }))?;
        } else {
            out.line(&line)?;
        }
        return Ok(0);
    }
    args.afterwards.check(ctx, out)?;
    let submitted = out.recorded(rerun::execute(ctx, &request)?);
    let experiment = args.experiment.as_deref().unwrap_or(&original.exper_name);
    super::run::tell(ctx, &submitted, (&original.ws, experiment), &shape::command(&command), out)?;
    let runs: Vec<_> = submitted.runs.iter().map(|run| RunPath::new(original.ws.clone(), *run)).collect();
    args.afterwards.go_on(ctx, &runs, out)
}
