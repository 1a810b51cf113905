//! `xt view workspace`, `xt view experiment`.

use crate::cli::out::Out;
use crate::cli::page::Page;
use crate::cli::select::Place;
use crate::model::names::visible;
use crate::ops::list::{self, EXPERIMENT_COLUMNS, Selection};
use crate::ops::{Context, Result, view};
use crate::report::shape;

/// Options of `xt view workspace`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt view workspace\n  $ xt view workspace ws1 --json")]
pub struct WorkspaceArgs {
    /// The workspace; without it, the one of the configuration.
    #[arg(value_name = "WORKSPACE")]
    name: Option<String>,
}

/// Options of `xt view experiment`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt view experiment\n  $ xt view experiment exper1 --work=ws1")]
pub struct ExperimentArgs {
    /// The experiment; without it, the one of the configuration.
    experiment: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Shows a workspace and its experiments.
pub fn workspace(ctx: &Context, args: &WorkspaceArgs, out: &mut Out) -> Result<()> {
    let ws = list::workspace(ctx, &ctx.workspace(args.name.as_deref()))?;
    if out.json() {
        return out.document(&ws);
    }
    let mut page = Page::new(out.paint());
    page.section(&visible(&ws.ws));
    page.row("about", &ws.description);
    page.moment("created", Some(ws.create_time), &format!("by {}", ws.username));
    page.moment("changed", ws.last_time, "");
    page.row("runs", &runs(ws.run_count, ws.running, ws.failed));
    page.section("Experiments");
    page.show(out)?;
    let experiments = list::experiments(ctx, Some(&ws.ws), None)?;
    out.table(&list::plain_table(&experiments, EXPERIMENT_COLUMNS)?)
}

/// Shows an experiment and the last of its runs.
pub fn experiment(ctx: &Context, args: &ExperimentArgs, out: &mut Out) -> Result<()> {
    let ws = ctx.workspace(args.place.ws());
    let name = args.experiment.as_ref().unwrap_or(&ctx.config.general.experiment);
    let found = view::about::experiment(ctx, &ws, name)?;
    if out.json() {
        return out.document(&found);
    }
    let mut page = Page::new(out.paint());
    page.section(&visible(&format!("{}/{}", found.ws, found.exper_name)));
    page.moment("changed", found.last_time, "");
    page.row("runs", &runs(found.run_count, found.running, found.failed));
    page.section("Runs");
    page.show(out)?;
    let experiments = vec![found.exper_name.clone()];
    super::runs_below(ctx, &Selection { ws: Some(ws), experiments, ..Selection::default() }, out)
}

fn runs(all: u64, running: u64, failed: u64) -> String {
    format!("{} ({running} active, {failed} failed)", shape::counted(all, "run"))
}
