//! `xt list`: what there is, and which part of it a person wants to see.

mod look;
mod other;
mod selection;

pub use look::{
    EXPERIMENT_COLUMNS, Look, WORKSPACE_COLUMNS, file_table, jobs_table, plain_table, runs_file, runs_table,
    told_table,
};
pub(super) use look::{piece_table, quoted};
pub use other::{
    BOX_COLUMNS, Entry, TAG_COLUMNS, TARGET_COLUMNS, TRASH_COLUMNS, boxes, tags, targets, trash,
};
pub use selection::{Limit, Listed, Selection, query};

use selection::statuses;

use crate::config::typed::Reports;
use crate::model::filter::Filter;
use crate::model::names::{nearest, visible};
use crate::model::{Experiment, Job, Run, Scalar, Status, Workspace};
use crate::ops::{Context, OpsError, Result, select};
use crate::report::{self, RUN, Row};
use crate::store::{SortKey, StoreError};

/// The runs of a selection, by number or in the order of a column.
pub fn runs(ctx: &Context, selection: &Selection, look: &Look, limit: Limit) -> Result<Listed<Run>> {
    let Listed { rows: ids, more } = run_ids(ctx, selection, look, limit)?;
    let runs = ctx.records.runs_at(&ids)?.into_iter().map(|(_, run)| run).collect();
    Ok(Listed { rows: runs, more })
}

/// The same for whoever looks at one after the other: few are held at a time.
pub fn each_run(
    ctx: &Context,
    selection: &Selection,
    look: &Look,
    limit: Limit,
    each: &mut dyn FnMut(&Run) -> Result<()>,
) -> Result<()> {
    let ids = run_ids(ctx, selection, look, limit)?.rows;
    for page in ids.chunks(PAGE) {
        ctx.records.runs_at(page)?.iter().try_for_each(|(_, run)| each(run))?;
    }
    Ok(())
}

/// Runs that are read at a time.
const PAGE: usize = 500;

/// The store's handles of the runs of a selection.
fn run_ids(ctx: &Context, selection: &Selection, look: &Look, limit: Limit) -> Result<Listed<i64>> {
    let reports = &ctx.config.run_reports;
    let own_sort = look.sort.clone();
    let look = look.or_usual(reports);
    let mut query = match query(ctx, selection) {
        Err(error) if is_unborn(ctx, selection, &error) => return Ok(Listed::default()),
        other => other?,
    };
    if selection.failures.is_some() && query.statuses.is_empty() {
        return Ok(Listed::default());
    }
    if let (true, Some(status)) = (query.statuses.is_empty(), &reports.status) {
        query.statuses.extend(status.parse::<Status>().ok());
    }
    let field = look.sort.as_deref().map(|name| report::record_name(RUN, name).to_owned());
    query.sort.extend(field.map(|field| SortKey { field, descending: look.reverse }));
    let keys = match ctx.records.run_index(&query).map_err(OpsError::from) {
        Err(error) if is_unborn(ctx, selection, &error) => Vec::new(),
        other => other?,
    };
    let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
    if let Some(name) = own_sort {
        // The store puts runs without a field last; a field that the first has not is a mistake.
        let first = ctx.records.runs_at(ids.get(..1).unwrap_or_default())?;
        let rows: Vec<&dyn Row> = first.iter().map(|(_, run)| run as &dyn Row).collect();
        report::columns::field(&name, &rows)?;
    }
    Ok(limit.cut(ids, usual(reports)))
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
    let reports = &ctx.config.job_reports;
    let look = look.or_usual(reports);
    if let Some(column) = &look.sort {
        sort_jobs(&mut found, column, look.reverse)?;
    }
    Ok(limit.cut(found, usual(reports)))
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

fn usual(reports: &Reports) -> usize {
    usize::try_from(reports.last).unwrap_or(usize::MAX)
}

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
