//! From names as people write them to the runs and jobs they mean.

use globset::{Glob, GlobMatcher};

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
        if is_job(&word[0]) {
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

/// Whether a word names jobs; `jobs/run1` is a run of a workspace.
pub fn is_job(word: &str) -> bool {
    word.starts_with("job") && !word.contains('/')
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
                let matcher = Matcher::of(&selector);
                found.extend(all.into_iter().rev().filter(|job| matcher.is_match(job.job_num, &job.job_id)));
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

/// A selector made ready for many names.
pub enum Matcher {
    /// A range of numbers, both ends included.
    Numbers(u64, u64),
    /// A pattern; one that makes no sense fits nothing.
    Glob(Option<GlobMatcher>),
}

impl Matcher {
    /// Makes a selector ready.
    pub fn of(selector: &Selector) -> Self {
        match selector {
            Selector::Numbers(first, last) => Self::Numbers(*first, *last),
            Selector::Glob(pattern) => Self::Glob(Glob::new(pattern).ok().map(|glob| glob.compile_matcher())),
        }
    }

    /// Whether it means the job or run of a number and name.
    pub fn is_match(&self, number: u64, name: &impl ToString) -> bool {
        match self {
            Self::Numbers(first, last) => (*first..=*last).contains(&number),
            Self::Glob(glob) => glob.as_ref().is_some_and(|glob| glob.is_match(name.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;

    // Proves B2, B40: a workspace may be called like a job.
    #[test]
    fn runs_of_a_workspace_named_jobs_are_runs() {
        let world = World::new();
        let path = world.single("jobs");
        assert!(is_job("job3") && is_job("job*") && !is_job("jobs/run3"));
        let named = leaves(&world.ctx, &["jobs/run1".to_owned()], None).unwrap();
        assert_eq!(named.iter().map(Run::path).collect::<Vec<_>>(), [path]);
        assert_eq!(leaves(&world.ctx, &["job1".to_owned()], None).unwrap().len(), 1);
    }
}
