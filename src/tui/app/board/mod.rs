//! Charts of the metrics of one run, or of several laid over each other: what is seen of them is read, and read
//! on while the runs train.
//!
//! | file | what |
//! | --- | --- |
//! | [`grid`] | where charts stand |
//! | [`panel`] | one chart, and how far it has been read |
//! | [`zoom`] | what is seen of the axes |

mod grid;
mod panel;
#[cfg(test)]
mod tests;
mod zoom;

use std::collections::{HashMap, HashSet};

use indexmap::IndexSet;
use ratatui::layout::Rect;

pub use grid::Grid;
pub use panel::Panel;
pub use zoom::Turn;

use super::list::Cursor;
use super::runs::is_counter;
use crate::chart::{Curve, View};
use crate::model::{Run, RunPath, Time};
use crate::ops::plot::X;
use crate::ops::plot::follow::{Look, News, Question};

/// The weights that smoothing goes through.
const WEIGHTS: [f64; 6] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.99];

/// Charts that are not seen are kept up to so many points in all: 19 bytes each, twice if they are smoothed.
const POINTS_KEPT: usize = 2_000_000;
/// And up to so many charts.
const CHARTS_KEPT: usize = 64;

/// A run whose metrics are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The run.
    pub path: RunPath,
    /// What the legend calls it.
    pub name: String,
    /// Where time begins.
    started: Time,
    attempt: u32,
    /// Its curves are not drawn.
    pub hidden: bool,
    /// Goes up when it may have logged something.
    news: u64,
}

impl Member {
    fn new(run: &Run) -> Self {
        let (path, name) = (run.path(), run.run_name.to_string());
        Self { path, name, started: started(run), attempt: run.attempt, hidden: false, news: 0 }
    }
}

fn started(run: &Run) -> Time {
    run.start_time.unwrap_or(run.create_time)
}

/// Charts, and what is seen of them.
#[derive(Clone, Debug, Default)]
pub struct Board {
    members: Vec<Member>,
    /// Every metric, in the order they were logged.
    names: IndexSet<String>,
    /// How many names the runs have told, to notice new ones.
    told: usize,
    /// The charts that fit the pattern, by their place among the names: those that only count at the end.
    found: Vec<usize>,
    cursor: Cursor<usize>,
    /// Only metrics with these words in their names are shown.
    pub pattern: String,
    /// One chart is shown alone.
    pub large: bool,
    /// What is seen of x, and the cursor: the same for all charts.
    pub view: View,
    /// How the curves are made.
    pub look: Look,
    log_y: HashSet<String>,
    /// What is seen of the values, of charts that do not show all of them.
    y: HashMap<String, (f64, f64)>,
    panels: HashMap<String, Panel>,
    /// What is being read: how, and of which state of each run.
    asked: Option<(Look, Vec<u64>)>,
    /// Why nothing can be read.
    pub failed: Option<String>,
}

impl Board {
    /// An empty board with a look.
    pub fn with(look: Look) -> Self {
        Self { look, ..Self::default() }
    }

    /// Shows these runs. Other ones than before begin anew, with the same look.
    pub fn show<'a>(&mut self, runs: impl Iterator<Item = &'a Run> + Clone) {
        if !runs.clone().map(Run::path).eq(self.members.iter().map(|member| member.path.clone())) {
            self.members = runs.clone().map(Member::new).collect();
            (self.told, self.asked, self.failed) = (0, None, None);
            self.names.clear();
            self.panels.clear();
            self.fit();
            self.view.cursor = None;
        }
        for (member, run) in self.members.iter_mut().zip(runs.clone()) {
            (member.started, member.attempt) = (started(run), run.attempt);
        }
        let told = runs.clone().map(|run| run.metric_names.len() + run.metrics.len()).sum();
        if told != self.told {
            let before = self.selected().map(str::to_owned);
            let x_was_missing = self.missing_x().is_some();
            self.told = told;
            for name in runs.flat_map(|run| run.metric_names.iter().chain(run.metrics.keys())) {
                if !self.names.contains(name) {
                    self.names.insert(name.clone());
                }
            }
            if x_was_missing && self.missing_x().is_none() {
                self.view.fit();
                self.view.cursor = None;
            }
            self.find();
            let place = before.and_then(|name| self.found().position(|found| found == name));
            self.cursor.select(place.unwrap_or_else(|| self.cursor.row()), &self.found);
        }
    }

    /// How it is looked at, as far as these runs allow it: along the step where none of them has the metric that
    /// is to run along x.
    pub fn effective(&self) -> Look {
        let mut look = self.look.clone();
        if self.missing_x().is_some() {
            look.x = X::Step;
        }
        look
    }

    /// The metric that was chosen to run along x, if none of the runs has it.
    pub fn missing_x(&self) -> Option<&str> {
        match &self.look.x {
            X::Metric(name) if !self.names.contains(name) => Some(name),
            _ => None,
        }
    }

    /// A run may have logged something.
    pub fn changed(&mut self, path: &RunPath) {
        self.failed = None;
        for member in self.members.iter_mut().filter(|member| member.path == *path) {
            member.news += 1;
        }
    }

    /// The runs.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether a metric has been logged at all.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The metrics that fit the pattern, and how many there are in all.
    pub fn count(&self) -> (usize, usize) {
        (self.found.len(), self.names.len())
    }

    /// The metrics that fit the pattern, in the order they are shown.
    pub fn found(&self) -> impl Iterator<Item = &str> {
        self.found.iter().filter_map(|at| self.name(*at))
    }

    fn name(&self, at: usize) -> Option<&str> {
        self.names.get_index(at).map(String::as_str)
    }

    /// Which of the shown charts is selected.
    pub const fn row(&self) -> usize {
        self.cursor.row()
    }

    /// The selected metric.
    pub fn selected(&self) -> Option<&str> {
        self.name(*self.found.get(self.cursor.row())?)
    }

    /// The selected chart, once it is read.
    pub fn chart(&self) -> Option<&Panel> {
        self.panels.get(self.selected()?)
    }

    /// The chart of a row, by name, once it is read.
    pub fn panel(&self, row: usize) -> Option<(&str, Option<&Panel>)> {
        let name = self.name(*self.found.get(row)?)?;
        Some((name, self.panels.get(name)))
    }

    /// Selects by steps.
    pub fn step(&mut self, by: isize) {
        self.cursor.step(by, &self.found);
    }

    /// Selects a chart by its row.
    pub fn select(&mut self, row: usize) {
        self.cursor.select(row, &self.found);
    }

    /// Where the charts stand.
    pub fn grid(&self, area: Rect) -> Grid {
        if self.large && !self.found.is_empty() {
            return Grid::single(area, self.cursor.row());
        }
        Grid::new(area, self.found.len(), self.cursor.row())
    }

    /// Shows only metrics with these words in their names.
    pub fn set_pattern(&mut self, pattern: &str) {
        let before = self.found.get(self.cursor.row()).copied();
        pattern.trim().clone_into(&mut self.pattern);
        self.find();
        let place = before.and_then(|at| self.found.iter().position(|found| *found == at));
        self.cursor.select(place.unwrap_or(0), &self.found);
    }

    fn find(&mut self) {
        let words: Vec<String> = self.pattern.split_whitespace().map(str::to_lowercase).collect();
        let fits = |name: &str| {
            let name = name.to_lowercase();
            words.iter().all(|word| name.contains(word))
        };
        let found = self.names.iter().enumerate().filter(|(_, name)| words.is_empty() || fits(name));
        // What only counts says little.
        let (counters, others): (Vec<_>, Vec<_>) = found.partition(|(_, name)| is_counter(name));
        self.found = others.into_iter().chain(counters).map(|(at, _)| at).collect();
    }

    /// Makes the axis of the selected chart's values logarithmic, or linear again.
    pub fn toggle_log(&mut self) {
        let Some(name) = self.selected().map(str::to_owned) else { return };
        self.y.remove(&name);
        if !self.log_y.remove(&name) {
            self.log_y.insert(name);
        }
    }

    /// Whether the axis of a chart's values is logarithmic.
    pub fn is_log(&self, name: &str) -> bool {
        self.log_y.contains(name)
    }

    /// Smooths more, or less; around the ends.
    pub fn smooth(&mut self, more: bool) {
        let at = WEIGHTS.iter().position(|weight| *weight >= self.look.smoothing).unwrap_or(0);
        let by = if more { 1 } else { WEIGHTS.len() - 1 };
        self.look.smoothing = WEIGHTS[(at + by) % WEIGHTS.len()];
    }

    /// Changes what runs along x: steps, time, and what counts epochs where the runs log it.
    pub fn next_x(&mut self) {
        let epoch = ["epoch", "epochs"].into_iter().find(|name| self.names.contains(*name));
        let epoch = epoch.map(|name| X::Metric(name.to_owned()));
        let choices: Vec<X> = [X::Step, X::Time].into_iter().chain(epoch).collect();
        let seen = self.effective().x;
        let at = choices.iter().position(|x| *x == seen);
        let next = at.map_or(0, |at| (at + 1) % choices.len());
        self.set_x(choices[next].clone());
    }

    /// Changes what runs along x: `step`, `time`, `call` or a metric.
    pub fn name_x(&mut self, word: &str) -> Result<(), String> {
        let x: X = word.parse().unwrap_or_default();
        if let X::Metric(name) = &x
            && !self.names.contains(name)
        {
            return Err(format!("there is no metric `{name}`; x is step, time, call or a metric"));
        }
        self.set_x(x);
        Ok(())
    }

    fn set_x(&mut self, x: X) {
        self.look.x = x;
        self.view.fit();
        self.view.cursor = None;
    }

    /// Moves the line that reads values, by as much as one sees and at least to the next point of a curve.
    pub fn move_cursor(&mut self, right: bool, columns: u16) {
        let Some(window) = self.window() else { return };
        let share = 1.0 / f64::from(columns.max(8));
        let before = self.view.cursor;
        self.view.move_cursor(&window, if right { share } else { -share });
        let Some(target) = self.view.cursor else { return };
        let Some(panel) = self.chart() else { return };
        let curve = panel.chart.curves.iter().find(|curve| !curve.hidden && !curve.raw().is_empty());
        let Some(series) = curve.map(Curve::raw) else { return };
        let xs = series.xs();
        // The point at the target, or the next one beyond where the cursor is.
        let near = series.nearest(target).map(|(x, _)| x);
        let next = before.and_then(|before| {
            let (behind, at_least) =
                (xs.partition_point(|x| *x <= before), xs.partition_point(|x| *x < before));
            xs.get(if right { behind } else { at_least.checked_sub(1)? })
        });
        let moved = |x: &f64| before.is_none_or(|before| if right { *x > before } else { *x < before });
        let x = near.filter(moved).or(next.copied()).or(before).or(near);
        self.view.cursor = x.filter(|x| window.x.low() <= *x && *x <= window.x.high()).or(before);
    }

    /// Draws a run's curves, or does not.
    pub fn hide(&mut self, at: usize, hidden: bool) {
        if let Some(member) = self.members.get_mut(at) {
            member.hidden = hidden;
        }
    }

    /// The state of what is seen: charts get their view, and what is not at hand is asked for; one question is
    /// under way at a time.
    pub fn wants(&mut self, grid: &Grid) -> Vec<Question> {
        let seen: Vec<String> = (grid.first..grid.first + grid.shown)
            .filter_map(|row| self.name(*self.found.get(row)?).map(str::to_owned))
            .collect();
        self.drop_unseen(&seen);
        let look = self.effective();
        for name in &seen {
            let (members, view) = (&self.members, self.view_of(name));
            let panel = self.panels.entry(name.clone()).or_insert_with(|| Panel::new(name, members));
            panel.chart.view = view;
            panel.chart.x_unit = look.x.unit();
            panel.chart.x_name = look.x.to_string();
            for (curve, member) in panel.chart.curves.iter_mut().zip(members) {
                curve.hidden = member.hidden;
            }
        }
        if self.asked.is_some() || self.failed.is_some() {
            return Vec::new();
        }
        let questions: Vec<_> =
            (0..self.members.len()).filter_map(|at| self.question(at, &seen, &look)).collect();
        if !questions.is_empty() {
            let states = self.members.iter().map(|member| member.news).collect();
            self.asked = Some((look, states));
        }
        questions
    }

    fn question(&self, at: usize, seen: &[String], look: &Look) -> Option<Question> {
        let member = self.members.get(at).filter(|member| !member.hidden)?;
        let mut least = u64::MAX;
        let wanted = seen.iter().filter_map(|name| {
            let (from, others) = self.panels.get(name)?.wants(at, member.news, look)?;
            least = least.min(others);
            Some((name.clone(), from))
        });
        let metrics: Vec<_> = wanted.collect();
        (!metrics.is_empty()).then(|| Question {
            run: member.path.clone(),
            started: member.started,
            attempt: member.attempt,
            look: look.clone(),
            metrics,
            others: least,
        })
    }

    /// Takes in what was read.
    pub fn take(&mut self, all: Vec<News>) {
        let Some((look, states)) = self.asked.take() else { return };
        let places: HashMap<RunPath, usize> =
            self.members.iter().enumerate().map(|(at, member)| (member.path.clone(), at)).collect();
        for news in all {
            let place = places.get(&news.run).copied();
            if let (Some(at), Some(panel)) = (place, self.panels.get_mut(&news.name)) {
                panel.take(at, news, states.get(at).copied().unwrap_or(0), &look);
            }
        }
    }

    /// The question could not be answered; it is asked again when something changes.
    pub fn fail(&mut self, why: String) {
        (self.asked, self.failed) = (None, Some(why));
    }

    /// Keeps what is seen, and of the rest what takes little memory.
    fn drop_unseen(&mut self, seen: &[String]) {
        let points = || self.panels.values().map(Panel::points).sum::<usize>();
        if self.panels.len() > CHARTS_KEPT || points() > POINTS_KEPT {
            self.panels.retain(|name, _| seen.contains(name));
        }
    }
}
