//! From names as people write them to the runs and jobs they mean.

use crate::model::names::{Selector, nearest, words};
use crate::model::{Job, JobName, Run, RunPath};
use crate::ops::{Context, OpsError, Result};
use crate::store::{Kind, RunQuery, StoreError};

/// The one run a name means: `run7`, `curious/run7.2`.
pub fn run(ctx: &Context, name: &str, ws: Option<&str>) -> Result<Run> {
    let path = RunPath::parse(name.trim(), &ctx.workspace(ws))?;
    match ctx.records.run(&path) {
        Err(StoreError::Missing { what: "run", name, .. }) => {
            let query = RunQuery { ws: Some(path.ws.clone()), ..RunQuery::default() };
            let names: Vec<_> = ctx
                .records
                .runs(&RunQuery { last: Some(1000), ..query })?
                .iter()
                .map(Run::path)
                .map(|path| path.to_string())
                .collect();
            let near = nearest(&name, names.iter().map(String::as_str)).map(str::to_owned);
            Err(OpsError::Missing { what: "run", name, nearest: near })
        }
        other => Ok(other?),
    }
}

/// The runs that a list of names, ranges and wildcards means; all of it must exist.
pub fn runs(ctx: &Context, lists: &[String], ws: Option<&str>) -> Result<Vec<Run>> {
    chosen(ctx, lists, ws, run)
}

/// The same, with what is known of runs whose records cannot be read.
pub fn runs_or_rest(ctx: &Context, lists: &[String], ws: Option<&str>) -> Result<Vec<Run>> {
    chosen(ctx, lists, ws, |ctx, name, ws| match run(ctx, name, ws) {
        Err(OpsError::Store(error @ StoreError::Corrupt { .. })) => {
            let query = RunQuery {
                ws: Some(ctx.workspace(ws)),
                names: vec![Selector::run(name)?],
                ..RunQuery::default()
            };
            ctx.records.runs(&query)?.pop().ok_or(OpsError::Store(error))
        }
        other => other,
    })
}

fn chosen(
    ctx: &Context,
    lists: &[String],
    ws: Option<&str>,
    one: impl Fn(&Context, &str, Option<&str>) -> Result<Run>,
) -> Result<Vec<Run>> {
    let mut found: Vec<Run> = Vec::new();
    for word in words(lists.iter().map(String::as_str)) {
        let (ws, name) = match word.rsplit_once('/') {
            Some((ws, name)) => (ws.to_owned(), name),
            None => (ctx.workspace(ws), word),
        };
        let selector = Selector::run(name)?;
        if matches!(selector, Selector::Numbers(first, last) if first == last) {
            found.push(one(ctx, name, Some(&ws))?);
            continue;
        }
        let query = RunQuery { ws: Some(ws), names: vec![selector], ..RunQuery::default() };
        let more = ctx.records.runs(&query)?;
        if more.is_empty() {
            return Err(OpsError::Missing { what: "run", name: word.to_owned(), nearest: None });
        }
        found.extend(more);
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|run| seen.insert(run.path()));
    Ok(found)
}

/// The runs that execute something, of a mixed list of runs and jobs: jobs and parents stand for theirs, and a parent
/// with a script of its own for itself too.
pub fn leaves(ctx: &Context, lists: &[String], ws: Option<&str>) -> Result<Vec<Run>> {
    let mut found: Vec<Run> = Vec::new();
    for word in words(lists.iter().map(String::as_str)) {
        let word = [word.to_owned()];
        if word[0].starts_with("job") {
            let jobs = jobs(ctx, &word)?.iter().map(|job| job.job_id).collect();
            let query = RunQuery { jobs, kind: Kind::All, ..RunQuery::default() };
            found.extend(ctx.records.runs(&query)?.into_iter().filter(Run::executes));
            continue;
        }
        for run in runs(ctx, &word, ws)? {
            if run.is_parent {
                let jobs = vec![run.job_id];
                let query =
                    RunQuery { ws: Some(run.ws.clone()), jobs, kind: Kind::Child, ..RunQuery::default() };
                let own = |child: &Run| child.run_name.number == run.run_name.number;
                found.extend(run.executes().then(|| run.clone()));
                found.extend(ctx.records.runs(&query)?.into_iter().filter(own));
            } else {
                found.push(run);
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|run| seen.insert(run.path()));
    Ok(found)
}

/// The job a name means.
pub fn job(ctx: &Context, name: &str) -> Result<Job> {
    let name: JobName = name.trim().parse()?;
    match ctx.records.job(name) {
        Err(StoreError::Missing { .. }) => {
            let last = ctx.records.jobs(None, Some(1))?.first().map(|job| job.job_id.to_string());
            Err(OpsError::Missing { what: "job", name: name.to_string(), nearest: last })
        }
        other => Ok(other?),
    }
}

/// The jobs that a list of names, ranges and wildcards means.
pub fn jobs(ctx: &Context, lists: &[String]) -> Result<Vec<Job>> {
    let mut found: Vec<Job> = Vec::new();
    for word in words(lists.iter().map(String::as_str)) {
        match Selector::job(word)? {
            Selector::Numbers(first, last) if first == last => found.push(job(ctx, word)?),
            selector => {
                let all = ctx.records.jobs(None, None)?;
                let before = found.len();
                found.extend(all.into_iter().rev().filter(|job| matches(&selector, job)));
                if found.len() == before {
                    return Err(OpsError::Missing { what: "job", name: word.to_owned(), nearest: None });
                }
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|job| seen.insert(job.job_id));
    Ok(found)
}

fn matches(selector: &Selector, job: &Job) -> bool {
    match selector {
        Selector::Numbers(first, last) => (*first..=*last).contains(&job.job_num),
        Selector::Glob(pattern) => globset::Glob::new(pattern)
            .is_ok_and(|glob| glob.compile_matcher().is_match(job.job_id.to_string())),
    }
}
