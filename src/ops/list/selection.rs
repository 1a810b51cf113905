//! Which runs or jobs are meant, and how many of them are wanted.

use crate::model::filter::Filter;
use crate::model::names::{Selector, visible, words};
use crate::model::{JobName, RunName, RunPath, Status};
use crate::ops::{Context, OpsError, Result, select};
use crate::store::{Kind, RunQuery};

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
    /// Everything; else, where neither is given, the last few, as the configuration has it.
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
    /// The part of a list; `usual` is how many of the last are shown when nobody says how many.
    pub(super) fn cut<T>(self, mut rows: Vec<T>, usual: usize) -> Listed<T> {
        let before = rows.len();
        if let Some(first) = self.first {
            rows.truncate(first);
        }
        let last = self.last.or((!self.all && self.first.is_none()).then_some(usual));
        if let Some(last) = last {
            rows.drain(..rows.len().saturating_sub(last));
        }
        let is_usual = self.first.is_none() && self.last.is_none();
        let more = if is_usual { before - rows.len() } else { 0 };
        Listed { rows, more }
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
            let name = RunName { number: first / 1_000_000, child: first % 1_000_000 };
            select::run(ctx, &RunPath::new(ws.as_str(), name).to_string(), None)?;
        }
    }
    // Jobs are numbered over all workspaces: whoever names one means its runs, wherever they are.
    let by_job = names.is_empty() && selection.ws.is_none() && !selection.jobs.is_empty();
    Ok(RunQuery {
        ws: (!by_job).then_some(ws),
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
pub(super) fn statuses(named: &[Status], failures: Option<bool>) -> Vec<Status> {
    let Some(failures) = failures else { return named.to_vec() };
    let of: &[Status] = if named.is_empty() { &Status::ALL } else { named };
    of.iter().copied().filter(|status| status.is_failure() == failures).collect()
}
