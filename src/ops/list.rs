//! `xt list`: what there is, and which part of it a person wants to see.

use std::collections::HashSet;

use crate::model::filter::Filter;
use crate::model::names::{Selector, nearest, visible, words};
use crate::model::{Experiment, Job, JobName, Run, RunPath, Scalar, Status, Time, Workspace};
use crate::ops::standing::Surroundings;
use crate::ops::{Context, OpsError, Result, select};
use crate::report::{self, RUN, Row, Spec, Table};
use crate::store::{Kind, RunQuery, SortKey, StoreError};

/// How many a list shows when nobody says how many.
pub const USUAL: usize = 25;

/// Which runs are meant, in the words of a person; an empty list is no condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Names, ranges and wildcards, with or without a workspace.
    pub names: Vec<String>,
    /// The workspace of names without one.
    pub ws: Option<String>,
    /// Experiments, any of them.
    pub experiments: Vec<String>,
    /// Jobs, any of them.
    pub jobs: Vec<JobName>,
    /// Statuses, any of them.
    pub statuses: Vec<Status>,
    /// Only runs that failed, or only others.
    pub failures: Option<bool>,
    /// Targets, any of them.
    pub targets: Vec<String>,
    /// Machines, any of them.
    pub boxes: Vec<String>,
    /// Kinds of target, any of them.
    pub service_types: Vec<String>,
    /// Users, any of them.
    pub usernames: Vec<String>,
    /// Tags a run must have.
    pub tags_all: Vec<String>,
    /// Tags of which a run must have one.
    pub tags_any: Vec<String>,
    /// Conditions, all of them.
    pub filters: Vec<Filter>,
    /// Members of a family.
    pub kind: Kind,
}

/// How much of a list is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Only so many from the beginning.
    pub first: Option<usize>,
    /// Only so many from the end.
    pub last: Option<usize>,
    /// Everything; else, where neither is given, the last [`USUAL`].
    pub all: bool,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed<T> {
    /// The part that is wanted.
    pub rows: Vec<T>,
    /// How many there are beyond it, when nobody said how many are wanted.
    pub more: usize,
}

impl Limit {
    /// The part of a list.
    fn cut<T>(self, mut rows: Vec<T>) -> Listed<T> {
        let before = rows.len();
        if let Some(first) = self.first {
            rows.truncate(first);
        }
        let last = self.last.or((!self.all && self.first.is_none()).then_some(USUAL));
        if let Some(last) = last {
            rows.drain(..rows.len().saturating_sub(last));
        }
        let is_usual = self.first.is_none() && self.last.is_none();
        let more = if is_usual { before - rows.len() } else { 0 };
        Listed { rows, more }
    }
}

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

impl Look {
    /// The specification of the table: the usual columns where none are chosen.
    fn spec(&self, usual: &[String], whole: bool) -> Spec {
        let usual_columns = self.columns.is_empty();
        let default = Spec::default();
        Spec {
            columns: if usual_columns { usual.to_vec() } else { self.columns.clone() },
            add_columns: self.add_columns.clone(),
            hide_empty: usual_columns,
            group: self.group.clone(),
            number_groups: self.number_groups,
            flat: self.flat,
            precision: self.precision.unwrap_or(default.precision),
            max_width: self.max_width.or(if whole { None } else { default.max_width }),
            ages: !whole,
            ..default
        }
    }
}

/// The query for a selection: names and workspaces resolved, the rest as it is.
pub fn query(ctx: &Context, selection: &Selection) -> Result<RunQuery> {
    let mut ws = selection.ws.clone();
    let mut names = Vec::new();
    for word in words(selection.names.iter().map(String::as_str)) {
        let name = match word.rsplit_once('/') {
            Some((own, name)) => {
                if ws.as_deref().is_some_and(|ws| ws != own) {
                    return Err(OpsError::Refused(format!(
                        "a list is of one workspace, and `{}` is of another: list them one after the other",
                        visible(word)
                    )));
                }
                ws = Some(own.to_owned());
                name
            }
            None => word,
        };
        names.push(Selector::run(name)?);
    }
    let ws = ctx.workspace(ws.as_deref());
    // A name that is not there is a mistake; a range or a wildcard that finds nothing is an answer.
    for selector in &names {
        if let Selector::Numbers(first, last) = selector
            && first == last
        {
            let name = crate::model::RunName { number: first / 1_000_000, child: first % 1_000_000 };
            select::run(ctx, &RunPath::new(ws.as_str(), name).to_string(), None)?;
        }
    }
    Ok(RunQuery {
        ws: Some(ws),
        names,
        jobs: selection.jobs.clone(),
        experiments: selection.experiments.clone(),
        statuses: statuses(&selection.statuses, selection.failures),
        usernames: selection.usernames.clone(),
        boxes: selection.boxes.clone(),
        targets: selection.targets.clone(),
        service_types: selection.service_types.clone(),
        tags_all: selection.tags_all.clone(),
        tags_any: selection.tags_any.clone(),
        kind: selection.kind,
        filter: (!selection.filters.is_empty()).then(|| Filter::All(selection.filters.clone())),
        ..RunQuery::default()
    })
}

/// The statuses that are wanted.
fn statuses(named: &[Status], failures: Option<bool>) -> Vec<Status> {
    let Some(failures) = failures else { return named.to_vec() };
    let of: &[Status] = if named.is_empty() { &Status::ALL } else { named };
    of.iter().copied().filter(|status| status.is_failure() == failures).collect()
}

/// The runs of a selection, by number or in the order of a column.
pub fn runs(ctx: &Context, selection: &Selection, look: &Look, limit: Limit) -> Result<Listed<Run>> {
    let mut query = match query(ctx, selection) {
        Err(error) if is_unborn(ctx, selection, &error) => return Ok(Listed::default()),
        other => other?,
    };
    if selection.failures.is_some() && query.statuses.is_empty() {
        return Ok(Listed::default());
    }
    let field = look.sort.as_deref().map(|name| report::record_name(RUN, name).to_owned());
    let field = field.or_else(|| look.reverse.then(|| "run_num".to_owned()));
    query.sort.extend(field.map(|field| SortKey { field, descending: look.reverse }));
    let keys = match ctx.records.run_index(&query).map_err(OpsError::from) {
        Err(error) if is_unborn(ctx, selection, &error) => Vec::new(),
        other => other?,
    };
    let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
    let Listed { rows: ids, more } = limit.cut(ids);
    let runs: Vec<Run> = ctx.records.runs_at(&ids)?.into_iter().map(|(_, run)| run).collect();
    if let Some(name) = &look.sort {
        // The store puts runs without a field last; a field that no run has is a mistake.
        report::columns::field(name, &rows(&runs))?;
    }
    Ok(Listed { rows: runs, more })
}

/// Whether what is missing is the workspace of the configuration, which is made by the first submit.
fn is_unborn(ctx: &Context, selection: &Selection, error: &OpsError) -> bool {
    matches!(error, OpsError::Store(StoreError::Missing { what: "workspace", name, .. })
        if selection.ws.is_none() && *name == ctx.config.general.workspace)
}

/// The jobs of a selection by name, or all, the latest last.
pub fn jobs(ctx: &Context, selection: &Selection, look: &Look, limit: Limit) -> Result<Listed<Job>> {
    if let Some(ws) = &selection.ws {
        workspace(ctx, ws)?;
    }
    let mut found = if selection.names.is_empty() {
        let mut all = ctx.records.jobs(selection.ws.as_deref(), None)?;
        all.reverse();
        all
    } else {
        select::jobs(ctx, &selection.names)?
    };
    let filter = Filter::All(selection.filters.clone());
    let matcher = filter.matcher();
    let any = |list: &[String], value: &str| list.is_empty() || list.iter().any(|one| one == value);
    let statuses = statuses(&selection.statuses, selection.failures);
    let no_status = selection.statuses.is_empty() && selection.failures.is_none();
    found.retain(|job| {
        selection.ws.as_ref().is_none_or(|ws| *ws == job.ws_name)
            && any(&selection.experiments, &job.exper_name)
            && any(&selection.targets, &job.compute)
            && any(&selection.usernames, &job.username)
            && (selection.jobs.is_empty() || selection.jobs.contains(&job.job_id))
            && (no_status || statuses.contains(&job.job_status))
            && selection.tags_all.iter().all(|tag| has_tag(job, tag))
            && (selection.tags_any.is_empty() || selection.tags_any.iter().any(|tag| has_tag(job, tag)))
            && matcher.matches(&|name| Row::field(job, name))
    });
    let order = look.sort.clone().or_else(|| look.reverse.then(|| "job_id".to_owned()));
    if let Some(column) = order {
        sort_jobs(&mut found, &column, look.reverse)?;
    }
    Ok(limit.cut(found))
}

fn has_tag(job: &Job, tag: &str) -> bool {
    match tag.split_once('=') {
        Some((name, value)) => job.tags.get(name).is_some_and(|found| *found == Scalar::from_word(value)),
        None => job.tags.contains_key(tag),
    }
}

/// Jobs in the order of a column; those without a value come last in either direction.
fn sort_jobs(jobs: &mut [Job], column: &str, descending: bool) -> Result<()> {
    let rows: Vec<&dyn Row> = jobs.iter().map(|job| job as &dyn Row).collect();
    let field = report::columns::field(column, &rows)?;
    if field == "job_id" {
        jobs.sort_by_key(|job| job.job_num);
        if descending {
            jobs.reverse();
        }
        return Ok(());
    }
    jobs.sort_by(|a, b| match (Row::field(a, &field), Row::field(b, &field)) {
        (Some(a), Some(b)) if descending => b.order(&a),
        (Some(a), Some(b)) => a.order(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    Ok(())
}

/// A workspace that must exist.
pub fn workspace(ctx: &Context, name: &str) -> Result<Workspace> {
    let all = ctx.records.workspaces()?;
    let near = nearest(name, all.iter().map(|ws| ws.ws.as_str())).map(str::to_owned);
    all.into_iter().find(|ws| ws.ws == name).ok_or_else(|| OpsError::Missing {
        what: "workspace",
        name: visible(name),
        nearest: near,
    })
}

fn rows(runs: &[Run]) -> Vec<&dyn Row> {
    runs.iter().map(|run| run as &dyn Row).collect()
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

/// How many names of each kind the usual columns have at the most: a script may log thousands.
const MOST_LOGGED: usize = 12;

/// The usual columns of a list of runs.
fn usual_run_columns(runs: &[Run]) -> Vec<String> {
    let mut columns: Vec<String> =
        ["run_name", "status", "job_id", "exper_name", "created", "duration"].map(str::to_owned).into();
    for prefix in ["hparams", "metrics", "tags"] {
        let mut seen = HashSet::new();
        let names = runs.iter().flat_map(|run| run.names_under(prefix));
        let names = names.filter(|name| !name.starts_with('$') && seen.insert(*name));
        columns.extend(names.take(MOST_LOGGED).map(|name| quoted(prefix, name)));
    }
    columns
}

/// A column by its full name, whatever characters are in it.
fn quoted(prefix: &str, name: &str) -> String {
    let quote = if name.contains('"') { '`' } else { '"' };
    format!("{prefix}.{quote}{name}{quote}")
}

/// The table of runs for a screen.
pub fn runs_table(ctx: &Context, runs: &[Run], look: &Look) -> Result<Table> {
    let now = Time::now();
    let around = Surroundings::of(ctx, runs, now)?;
    let by_status = look.group.as_deref() == Some("status");
    let tell = |run: &Run| if by_status { run.status.word().to_owned() } else { around.of_run(run, now) };
    let told: Vec<_> = runs.iter().map(|run| Told { run, standing: tell(run) }).collect();
    let rows: Vec<&dyn Row> = told.iter().map(|run| run as &dyn Row).collect();
    Ok(report::build(&look.spec(&usual_run_columns(runs), false), &rows)?)
}

/// The table of runs for a file: values in full.
pub fn runs_file(runs: &[Run], look: &Look) -> Result<Table> {
    Ok(report::build(&look.spec(&usual_run_columns(runs), true), &rows(runs))?)
}

/// The table of other things: jobs, workspaces, experiments.
pub fn table<T: Row>(things: &[T], usual: &[&str], look: &Look, whole: bool) -> Result<Table> {
    let usual: Vec<_> = usual.iter().map(|&column| column.to_owned()).collect();
    let rows: Vec<&dyn Row> = things.iter().map(|thing| thing as &dyn Row).collect();
    Ok(report::build(&look.spec(&usual, whole), &rows)?)
}

/// The usual columns of a list of jobs.
pub const JOB_COLUMNS: &[&str] = &[
    "job_id",
    "status",
    "ws_name=WORKSPACE",
    "exper_name=EXPERIMENT",
    "created",
    "run_count=RUNS",
    "queued_runs=QUEUED:$bz",
    "running_runs=RUNNING:$bz",
    "completed_runs=COMPLETED:$bz",
    "error_runs=FAILED:$bz",
    "cancelled_runs=CANCELLED:$bz",
    "xt_cmd=COMMAND",
    "description",
];

/// The usual columns of a list of workspaces.
pub const WORKSPACE_COLUMNS: &[&str] = &[
    "ws=WORKSPACE",
    "run_count=RUNS",
    "running=RUNNING:$bz",
    "failed=FAILED:$bz",
    "last_time=CHANGED",
    "created",
    "description",
];

/// The usual columns of a list of experiments.
pub const EXPERIMENT_COLUMNS: &[&str] = &[
    "exper_name=EXPERIMENT",
    "ws=WORKSPACE",
    "run_count=RUNS",
    "running=RUNNING:$bz",
    "failed=FAILED:$bz",
    "last_time=CHANGED",
];

/// The workspaces, or those that match a wildcard.
pub fn workspaces(ctx: &Context, wildcard: Option<&str>) -> Result<Vec<Workspace>> {
    let matcher = matcher(wildcard)?;
    let mut found = ctx.records.workspaces()?;
    found.retain(|ws| matcher.is_match(&ws.ws));
    Ok(found)
}

/// The experiments of a workspace or of all, or those that match a wildcard.
pub fn experiments(ctx: &Context, ws: Option<&str>, wildcard: Option<&str>) -> Result<Vec<Experiment>> {
    let matcher = matcher(wildcard)?;
    if let Some(ws) = ws {
        workspace(ctx, ws)?;
    }
    let mut found = ctx.records.experiments(ws)?;
    found.retain(|experiment| matcher.is_match(&experiment.exper_name));
    Ok(found)
}

fn matcher(wildcard: Option<&str>) -> Result<globset::GlobMatcher> {
    let pattern = wildcard.unwrap_or("*");
    let glob = globset::Glob::new(pattern).map_err(|error| OpsError::Refused(error.to_string()))?;
    Ok(glob.compile_matcher())
}
