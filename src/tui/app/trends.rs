//! The curves in the table of runs: a metric's history for the rows that are seen.

use std::collections::HashMap;

use super::columns::TREND;
use super::layout::Pane;
use super::model::Model;
use super::table;
use crate::model::RunPath;
use crate::ops::plot::Trend;

/// So many curves are kept beyond those that are seen.
const KEPT: usize = 600;

/// A run's curve.
#[derive(Clone, Debug)]
struct Entry {
    metric: String,
    trend: Trend,
    /// The run may have logged more.
    stale: bool,
}

/// The curves at hand.
#[derive(Clone, Debug, Default)]
pub struct Trends {
    entries: HashMap<RunPath, Entry>,
    /// The runs that a question under way is about, and whether they have changed meanwhile.
    asked: HashMap<RunPath, bool>,
    /// They cannot be read; the table does without until a run changes.
    failed: bool,
}

impl Trends {
    /// A run's curve, if it is of this metric and has been read.
    pub fn of(&self, run: &RunPath, metric: &str) -> Option<&Trend> {
        let entry = self.entries.get(run).filter(|entry| entry.metric == metric)?;
        Some(&entry.trend)
    }

    /// A run may have logged something.
    pub fn changed(&mut self, run: &RunPath) {
        self.failed = false;
        if let Some(entry) = self.entries.get_mut(run) {
            entry.stale = true;
        }
        if let Some(changed) = self.asked.get_mut(run) {
            *changed = true;
        }
    }

    /// Takes in curves that were read.
    pub fn take(&mut self, read: Vec<(RunPath, String, Trend)>) {
        let asked = std::mem::take(&mut self.asked);
        for (run, metric, trend) in read {
            let stale = asked.get(&run).copied().unwrap_or_default();
            self.entries.insert(run, Entry { metric, trend, stale });
        }
    }

    /// They could not be read.
    pub fn fail(&mut self) {
        self.asked.clear();
        self.failed = true;
    }

    /// What has to be read on for the rows that are seen; one question is under way at a time.
    pub fn wants(&self, seen: &[RunPath], metric: &str) -> Vec<(RunPath, String, Trend)> {
        if !self.asked.is_empty() || self.failed {
            return Vec::new();
        }
        let known = |run: &RunPath| match self.entries.get(run) {
            Some(entry) if entry.metric == metric => entry.stale.then(|| entry.trend.clone()),
            _ => Some(Trend::default()),
        };
        seen.iter().filter_map(|run| Some((run.clone(), metric.to_owned(), known(run)?))).collect()
    }

    /// It is asked for.
    pub fn ask(&mut self, wanted: &[(RunPath, String, Trend)], seen: &[RunPath]) {
        self.asked = wanted.iter().map(|(run, ..)| (run.clone(), false)).collect();
        if self.entries.len() > KEPT {
            self.entries.retain(|run, _| seen.contains(run));
        }
    }
}

/// The metric whose history the table draws: the one sorted by, else the first that has a column.
pub fn metric(model: &Model) -> Option<String> {
    let sorted = model.sort.as_ref().and_then(|sort| sort.field.strip_prefix("metrics."));
    let shown = model.columns.iter().flatten().find_map(|field| field.strip_prefix("metrics."));
    let found = || model.runs.columns.metrics.first().map(String::as_str);
    sorted.or(shown).or_else(found).map(str::to_owned)
}

/// Whether the table has room for the curves.
pub fn are_shown(model: &Model) -> bool {
    let width = usize::from(model.areas().inner(Pane::Runs).width);
    table::columns(model, model.runs.seen(model.runs_height()), width)
        .iter()
        .any(|column| column.field == TREND)
}
