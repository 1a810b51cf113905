//! What a list looks like.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::config::typed::Reports;
use crate::model::{Job, Run, Scalar, Time};
use crate::ops::standing::Surroundings;
use crate::ops::view::metrics::histories;
use crate::ops::{Context, Result};
use crate::report::{self, RUN, Row, Spec, Table};

/// How a list looks; what is not given is decided here.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Look {
    /// The column to sort by.
    pub sort: Option<String>,
    /// In the opposite order.
    pub reverse: bool,
    /// The columns.
    pub columns: Vec<String>,
    /// Further columns.
    pub add_columns: Vec<String>,
    /// The column of the sections.
    pub group: Option<String>,
    /// Sections are numbered.
    pub number_groups: bool,
    /// No sections.
    pub flat: bool,
    /// The widest a text may be.
    pub max_width: Option<usize>,
    /// Significant digits of numbers.
    pub precision: Option<usize>,
}

/// How many names of a family the usual columns have at the most: a script may log thousands.
const MOST_LOGGED: usize = 12;

impl Look {
    /// With what the configuration says where nothing was asked for.
    pub(super) fn or_usual(&self, reports: &Reports) -> Self {
        let own_order = self.sort.is_some() || self.reverse;
        Self {
            sort: self.sort.clone().or_else(|| Some(reports.sort.clone())),
            reverse: if own_order { self.reverse } else { reports.reverse },
            group: self.group.clone().or_else(|| reports.group.clone()),
            number_groups: self.number_groups || reports.number_groups,
            max_width: self.max_width.or_else(|| usize::try_from(reports.max_width).ok()),
            precision: self.precision.or_else(|| usize::try_from(reports.precision).ok()),
            ..self.clone()
        }
    }

    /// The specification of a table: the usual columns where none are chosen; values in full for a file.
    fn spec(&self, usual: Vec<String>, whole: bool) -> Spec {
        let chosen = !self.columns.is_empty();
        let default = Spec::default();
        Spec {
            columns: if chosen { self.columns.clone() } else { usual },
            add_columns: self.add_columns.clone(),
            hide_empty: !chosen,
            group: self.group.clone().filter(|_| !whole),
            number_groups: self.number_groups,
            flat: self.flat,
            precision: self.precision.unwrap_or(default.precision),
            max_width: if whole { None } else { self.max_width.or(default.max_width) },
            ages: !whole,
            ..default
        }
    }
}

/// The configured columns, of which `hparams.*` and its like stand for no more names than can be looked at.
fn usual_columns(configured: &[String], rows: &[&dyn Row], whole: bool) -> Vec<String> {
    let expand = |column: &String| {
        let family =
            column.strip_suffix(".*").filter(|family| matches!(*family, "hparams" | "metrics" | "tags"));
        let Some(family) = family.filter(|_| !whole) else { return vec![column.clone()] };
        let mut seen = HashSet::new();
        let names = rows.iter().flat_map(|row| row.names_under(family));
        let names = names.filter(|name| !name.starts_with('$') && seen.insert(*name));
        names.take(MOST_LOGGED).map(|name| quoted(family, name)).collect()
    };
    configured.iter().flat_map(expand).collect()
}

/// A column by its full name, whatever characters are in it.
pub(in crate::ops) fn quoted(family: &str, name: &str) -> String {
    let quote = if name.contains('"') { '`' } else { '"' };
    format!("{family}.{quote}{name}{quote}")
}

/// A run whose status is told in full.
struct Told<'a> {
    run: &'a Run,
    standing: String,
}

impl Row for Told<'_> {
    fn field(&self, name: &str) -> Option<Scalar> {
        if name == "status" { Some(Scalar::Text(self.standing.clone())) } else { Row::field(self.run, name) }
    }

    fn names_under(&self, prefix: &str) -> Vec<&str> {
        self.run.names_under(prefix)
    }

    fn fields(&self) -> &'static [report::Known] {
        RUN
    }
}

/// The runs with their metrics as they stood when the primary one was best, where the configuration wants that.
/// What a list is sorted and filtered by stays the latest value.
fn rolled_up<'a>(ctx: &Context, runs: &'a [Run]) -> Result<Cow<'a, [Run]>> {
    if !ctx.config.run_reports.report_rollup {
        return Ok(Cow::Borrowed(runs));
    }
    let (primary, maximize) = (&ctx.config.general.primary_metric, ctx.config.general.maximize_metric);
    let mut rolled = runs.to_vec();
    for run in rolled.iter_mut().filter(|run| run.metrics.contains_key(primary)) {
        let best = histories(ctx, std::slice::from_ref(run), &[])?.at_best(primary, maximize)?;
        run.metrics = best.unwrap_or_else(|| std::mem::take(&mut run.metrics));
    }
    Ok(Cow::Owned(rolled))
}

/// The table of runs for a screen.
pub fn runs_table(ctx: &Context, runs: &[Run], look: &Look) -> Result<Table> {
    let runs = &*rolled_up(ctx, runs)?;
    let reports = &ctx.config.run_reports;
    let look = look.or_usual(reports);
    let now = Time::now();
    let around = Surroundings::of(ctx, runs, now)?;
    let by_status = look.group.as_deref() == Some("status");
    let tell = |run: &Run| if by_status { run.status.word().to_owned() } else { around.of_run(run, now) };
    let told: Vec<_> = runs.iter().map(|run| Told { run, standing: tell(run) }).collect();
    table(&told, &reports.columns, &look, reports.uppercase_hdr, false)
}

/// The table of runs for a file: values in full.
pub fn runs_file(ctx: &Context, runs: &[Run], look: &Look) -> Result<Table> {
    let reports = &ctx.config.run_reports;
    let runs = &*rolled_up(ctx, runs)?;
    table(runs, &reports.columns, &look.or_usual(reports), reports.uppercase_hdr, true)
}

/// The table of jobs, for a screen or in full for a file.
pub fn jobs_table(ctx: &Context, jobs: &[Job], look: &Look, whole: bool) -> Result<Table> {
    let reports = &ctx.config.job_reports;
    table(jobs, &reports.columns, &look.or_usual(reports), reports.uppercase_hdr, whole)
}

/// The table of other things, whose columns nobody chooses.
pub fn plain_table<T: Row>(things: &[T], columns: &[impl AsRef<str>]) -> Result<Table> {
    table(things, &owned(columns), &Look::default(), true, false)
}

/// The same with values in full, for a file.
pub fn file_table<T: Row>(things: &[T], columns: &[impl AsRef<str>]) -> Result<Table> {
    table(things, &owned(columns), &Look::default(), true, true)
}

/// A table of runs with just these columns, their standing told in full.
pub fn told_table(ctx: &Context, runs: &[Run], columns: &[&str]) -> Result<Table> {
    let now = Time::now();
    let around = Surroundings::of(ctx, runs, now)?;
    let told: Vec<_> = runs.iter().map(|run| Told { run, standing: around.of_run(run, now) }).collect();
    plain_table(&told, columns)
}

/// A piece of a table with just these columns, whether they have values in it or not.
pub(in crate::ops) fn piece_table<T: Row>(things: &[T], columns: &[String], whole: bool) -> Result<Table> {
    let look = Look { columns: columns.to_vec(), ..Look::default() };
    table(things, &[], &look, true, whole)
}

fn owned(columns: &[impl AsRef<str>]) -> Vec<String> {
    columns.iter().map(|column| column.as_ref().to_owned()).collect()
}

fn table<T: Row>(
    things: &[T],
    columns: &[String],
    look: &Look,
    uppercase: bool,
    whole: bool,
) -> Result<Table> {
    let rows: Vec<&dyn Row> = things.iter().map(|thing| thing as &dyn Row).collect();
    let spec = look.spec(usual_columns(columns, &rows, whole), whole);
    Ok(report::build(&Spec { uppercase, ..spec }, &rows)?)
}

/// The columns of a list of workspaces.
pub const WORKSPACE_COLUMNS: &[&str] =
    &["workspace", "runs", "running:$bz", "failed:$bz", "changed", "created", "description"];

/// The columns of a list of experiments.
pub const EXPERIMENT_COLUMNS: &[&str] =
    &["experiment", "workspace", "runs", "running:$bz", "failed:$bz", "changed"];
