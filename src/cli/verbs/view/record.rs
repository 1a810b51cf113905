//! `xt view events|hparams|args`: parts of a run's record.

use crate::cli::out::Out;
use crate::cli::page::local;
use crate::cli::select::Place;
use crate::model::names::{nearest, visible, words};
use crate::model::{Run, Values};
use crate::ops::{Context, OpsError, Result, select};
use crate::report::{Cell, CellKind, Table, shape};

/// A run by its name: the options of `xt view events`, `xt view args` and others.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The run.
    run: String,
    #[command(flatten)]
    place: Place,
}

/// Options of `xt view hparams`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt view hparams run1\n  $ xt view hparams run1 lr --json")]
pub struct HparamsArgs {
    #[command(flatten)]
    run: RunArgs,
    /// Only these.
    #[arg(value_name = "NAMES")]
    names: Vec<String>,
}

impl RunArgs {
    /// The run that is meant.
    pub fn find(&self, ctx: &Context) -> Result<Run> {
        select::run(ctx, &self.run, self.place.ws())
    }
}

/// Shows the events of a run.
pub fn events(ctx: &Context, args: &RunArgs, out: &mut Out) -> Result<()> {
    let run = args.find(ctx)?;
    let events = ctx.records.events(&run.path())?;
    if out.json() {
        return out.document(&events);
    }
    let rows = events.iter().map(|event| {
        let data = event.data.iter().map(|(name, value)| format!("{name}={value}"));
        vec![
            cell(&local(event.time), CellKind::Time),
            cell(&event.event, CellKind::Text),
            cell(&data.collect::<Vec<_>>().join(" "), CellKind::Text),
        ]
    });
    out.table(&Table::of(&["TIME", "EVENT", "DATA"], rows.collect()))
}

/// Shows the command of a run.
pub fn arguments(ctx: &Context, args: &RunArgs, out: &mut Out) -> Result<()> {
    let run = args.find(ctx)?;
    if out.json() {
        return out.document(&serde_json::json!({ "run_name": run.run_name, "command": run.command }));
    }
    out.line(&visible(&shape::command(&run.command)))
}

/// Shows the hyperparameters of a run.
pub fn hparams(ctx: &Context, args: &HparamsArgs, out: &mut Out) -> Result<()> {
    let run = args.run.find(ctx)?;
    let mut wanted = Values::new();
    for name in words(args.names.iter().map(String::as_str)) {
        let value = run.hparams.get(name).ok_or_else(|| OpsError::Missing {
            what: "hyperparameter",
            name: visible(name),
            nearest: nearest(name, run.hparams.keys().map(String::as_str)).map(visible),
        })?;
        wanted.insert(name.to_owned(), value.clone());
    }
    let shown = if wanted.is_empty() { &run.hparams } else { &wanted };
    if out.json() {
        return out.document(shown);
    }
    if shown.is_empty() {
        out.note(&format!("{} has logged no hyperparameters", run.path()));
        return Ok(());
    }
    let rows = shown
        .iter()
        .map(|(name, value)| vec![cell(name, CellKind::Text), cell(&value.to_string(), CellKind::Text)]);
    out.table(&Table::of(&["NAME", "VALUE"], rows.collect()))
}

fn cell(text: &str, kind: CellKind) -> Cell {
    Cell { text: visible(text), kind, value: None }
}
