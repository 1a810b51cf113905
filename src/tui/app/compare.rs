//! Runs side by side: what they were given and came to, and their metrics laid over each other.

use std::sync::Arc;

use indexmap::IndexSet;
use ratatui::layout::Rect;

use super::board::Board;
use crate::model::{JobName, Run, Scalar, Values};
use crate::tui::command::Command;

/// At most so many runs are compared.
pub const MOST: usize = 100;

/// From this width on, the table stands beside the charts.
const WIDE: u16 = 70;

/// Which runs are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Those with these keys.
    Runs(Vec<i64>),
    /// Those of jobs.
    Jobs(Vec<JobName>),
}

/// A part of a run's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What it was given.
    Hparams,
    /// What it is marked with.
    Tags,
    /// What it came to.
    Metrics,
}

impl Part {
    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Hparams => "Hyperparameters",
            Self::Tags => "Tags",
            Self::Metrics => "Metrics",
        }
    }

    const fn of(self, run: &Run) -> &Values {
        match self {
            Self::Hparams => &run.hparams,
            Self::Tags => &run.tags,
            Self::Metrics => &run.metrics,
        }
    }
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A heading.
    Section(Part),
    /// A value of each run.
    Value {
        /// Of which part.
        part: Part,
        /// Its name.
        name: String,
        /// Not all runs have the same.
        differs: bool,
    },
}

impl Row {
    /// A run's value.
    pub fn value<'a>(&self, run: &'a Run) -> Option<&'a Scalar> {
        match self {
            Self::Section(_) => None,
            Self::Value { part, name, .. } => part.of(run).get(name),
        }
    }
}

/// The parts of the screen; one that is not shown is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The frame of the table.
    pub table: Rect,
    /// The frame of charts and legend.
    pub frame: Rect,
    /// The charts in it.
    pub charts: Rect,
    /// The legend below them.
    pub legend: Rect,
}

/// The state of the screen.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent of each other, not a state machine")]
pub struct Compare {
    source: Option<Source>,
    /// They have to be read.
    stale: bool,
    /// They are being read.
    asked: bool,
    /// They have been read.
    pub loaded: bool,
    /// Why they cannot be read.
    pub failed: Option<String>,
    runs: Vec<Arc<Run>>,
    /// A run has changed since the table was made.
    outdated: bool,
    /// The charts.
    pub board: Board,
    /// The table.
    pub rows: Vec<Row>,
    /// The first row that is seen.
    pub top: usize,
    /// The selected run.
    member: usize,
    /// The table shows what all have in common, too.
    pub all: bool,
    /// The table has the keys, not the charts.
    pub on_table: bool,
    /// What has the keys has the whole screen.
    pub alone: bool,
}

impl Compare {
    /// Begins with other runs.
    pub fn open(&mut self, source: Source) {
        if self.source.as_ref() != Some(&source) {
            let board = Board::with(self.board.look.clone());
            *self = Self { board, all: self.all, ..Self::default() };
        }
        (self.source, self.stale, self.alone) = (Some(source), true, false);
    }

    /// What has to be read; the answer counts as asking.
    pub fn wants(&mut self) -> Option<Source> {
        if self.asked || !std::mem::take(&mut self.stale) {
            return None;
        }
        self.asked = true;
        self.source.clone()
    }

    /// Takes in runs that were read.
    pub fn take(&mut self, runs: Vec<Arc<Run>>) {
        let same = runs.len() == self.runs.len()
            && runs.iter().zip(&self.runs).all(|(new, old)| new.path() == old.path());
        if same {
            // They may have logged something while nobody looked.
            for run in &runs {
                self.board.changed(&run.path());
            }
        }
        (self.runs, self.loaded, self.asked, self.failed) = (runs, true, false, None);
        self.refresh();
    }

    /// A run has changed.
    pub fn changed(&mut self, run: &Run) {
        // What is being read may be older.
        self.stale |= self.asked;
        let is_it = |old: &&mut Arc<Run>| old.run_name == run.run_name && old.ws == run.ws;
        let Some(old) = self.runs.iter_mut().find(is_it) else { return };
        *old = Arc::new(run.clone());
        self.board.changed(&run.path());
        self.outdated = true;
    }

    /// Brings what is shown up to the runs as they are now; for when it is seen.
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.outdated) {
            self.refresh();
        }
    }

    /// Makes what is shown of the runs anew: they, or what is looked for in them, have changed.
    pub fn refresh(&mut self) {
        self.board.show(self.runs.iter().map(AsRef::as_ref));
        self.rows = rows(&self.runs, &self.board, self.all);
        self.member = self.member.min(self.runs.len().saturating_sub(1));
        self.top = self.top.min(self.rows.len().saturating_sub(1));
    }

    /// They could not be read.
    pub fn fail(&mut self, why: String) {
        (self.asked, self.stale, self.failed) = (false, false, Some(why));
    }

    /// The runs.
    pub fn runs(&self) -> &[Arc<Run>] {
        &self.runs
    }

    /// The place of the selected run.
    pub const fn member(&self) -> usize {
        self.member
    }

    /// The selected run.
    pub fn selected(&self) -> Option<&Arc<Run>> {
        self.runs.get(self.member)
    }

    /// Selects a run by its place.
    pub fn select(&mut self, at: usize) {
        self.member = at.min(self.runs.len().saturating_sub(1));
    }

    /// Selects a run by steps.
    pub fn step(&mut self, by: isize) {
        self.select(self.member.saturating_add_signed(by));
    }

    /// Draws the selected run's curves, or not.
    pub fn toggle_hidden(&mut self) {
        let hidden = self.board.members().get(self.member).is_some_and(|member| member.hidden);
        self.board.hide(self.member, !hidden);
    }

    /// Shows what all have in common, or only what differs.
    pub fn toggle_all(&mut self) {
        self.all = !self.all;
        self.refresh();
    }

    /// Moves in the table.
    pub fn travel(&mut self, command: Command, body: Rect) {
        let page = isize::try_from(self.page(body)).unwrap_or(1).max(1);
        match command {
            Command::Up => self.scroll(-1, body),
            Command::Down => self.scroll(1, body),
            Command::PageUp => self.scroll(-page, body),
            Command::PageDown => self.scroll(page, body),
            Command::Top => self.scroll(isize::MIN, body),
            Command::Bottom => self.scroll(isize::MAX, body),
            Command::Left => self.step(-1),
            Command::Right => self.step(1),
            _ => {}
        }
    }

    /// Scrolls the table by rows, within the ends.
    pub fn scroll(&mut self, by: isize, body: Rect) {
        let most = self.rows.len().saturating_sub(self.page(body).max(1));
        self.top = self.top.saturating_add_signed(by).min(most);
    }

    /// How many rows of the table are seen, between its border and below its heading.
    fn page(&self, body: Rect) -> usize {
        usize::from(self.areas(body).table.height.saturating_sub(3))
    }

    /// The parts of the screen.
    pub fn areas(&self, body: Rect) -> Areas {
        let (table, frame) = if self.alone && self.on_table {
            (body, Rect::default())
        } else if self.alone {
            (Rect::default(), body)
        } else if body.width >= WIDE {
            // As wide as the runs need, and at most half.
            let runs = u16::try_from(self.runs.len()).unwrap_or(u16::MAX);
            let width = runs.saturating_mul(10).saturating_add(18).min(body.width / 2);
            let table = Rect { width, ..body };
            (table, Rect { x: body.x + width, width: body.width - width, ..body })
        } else {
            let height = body.height / 2;
            let table = Rect { height, ..body };
            (table, Rect { y: body.y + height, height: body.height - height, ..body })
        };
        let inner = frame.inner(ratatui::layout::Margin::new(1, 1));
        let runs = u16::try_from(self.runs.len()).unwrap_or(u16::MAX);
        let height = runs.min(inner.height / 3);
        let charts = Rect { height: inner.height - height, ..inner };
        let legend = Rect { y: inner.y + charts.height, height, ..inner };
        Areas { table, frame, charts, legend }
    }
}

/// The rows: what differs first, part by part.
fn rows(runs: &[Arc<Run>], board: &Board, all: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for part in [Part::Hparams, Part::Tags] {
        let names: IndexSet<&String> = runs.iter().flat_map(|run| part.of(run).keys()).collect();
        let named = names.into_iter().map(|name| {
            // A run that waits has said nothing yet, which is no difference.
            let said = runs.iter().filter(|run| !part.of(run).is_empty());
            let mut values = said.map(|run| part.of(run).get(name));
            let first = values.next().flatten();
            let differs = values.any(|value| value != first);
            Row::Value { part, name: name.clone(), differs }
        });
        let (differing, common): (Vec<_>, Vec<_>) =
            named.partition(|row| matches!(row, Row::Value { differs: true, .. }));
        let shown: Vec<_> = differing.into_iter().chain(common.into_iter().filter(|_| all)).collect();
        if !shown.is_empty() {
            rows.push(Row::Section(part));
            rows.extend(shown);
        }
    }
    let metrics: Vec<_> = board.found().map(str::to_owned).collect();
    if !metrics.is_empty() {
        rows.push(Row::Section(Part::Metrics));
        let row = |name| Row::Value { part: Part::Metrics, name, differs: true };
        rows.extend(metrics.into_iter().map(row));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;
    use crate::tui::testing::run;

    fn names(rows: &[Row]) -> Vec<&str> {
        let name = |row| match row {
            &Row::Section(part) => part.title(),
            Row::Value { name, .. } => name.as_str(),
        };
        rows.iter().map(name).collect()
    }

    // Proves A8, C7 (what differs between runs stands first).
    #[test]
    fn what_differs_stands_first_and_the_rest_on_request() {
        let mut compare = Compare::default();
        compare.open(Source::Jobs(vec![JobName(12)]));
        assert_eq!(compare.wants(), Some(Source::Jobs(vec![JobName(12)])));
        assert_eq!(compare.wants(), None);
        compare.changed(&run(41, 1, 12, Status::Running));
        assert_eq!(compare.wants(), None, "one question at a time");
        compare.take((1..4).map(|child| Arc::new(run(41, child, 12, Status::Running))).collect());
        assert!(compare.wants().is_some(), "what was read may be older than the change");
        compare.take(compare.runs.clone());
        assert_eq!(compare.wants(), None);
        let metrics = ["Metrics", "loss", "acc", "epoch"];
        let differing = ["Hyperparameters", "lr", "optimizer"];
        assert_eq!(names(&compare.rows), [&differing[..], &metrics].concat());
        compare.toggle_all();
        assert_eq!(names(&compare.rows), [&differing[..], &["epochs"], &metrics].concat());
        let mut tagged = run(41, 2, 12, Status::Running);
        tagged.tags.insert("best".into(), Scalar::Bool(true));
        compare.changed(&tagged);
        compare.settle();
        assert!(names(&compare.rows).contains(&"best"));
        assert_eq!(compare.rows[1].value(&compare.runs[0]), Some(&Scalar::Float(0.1)));
        let mut waiting = run(41, 3, 12, Status::Queued);
        waiting.hparams.clear();
        compare.changed(&waiting);
        compare.settle();
        assert!(
            matches!(&compare.rows[1..3], [Row::Value { differs: true, .. }, Row::Value { name, .. }] if name == "optimizer")
        );
        assert!(matches!(&compare.rows[3], Row::Value { name, differs: false, .. } if name == "epochs"));
    }

    #[test]
    fn runs_are_hidden_one_by_one() {
        let mut compare = Compare::default();
        compare.take((1..4).map(|child| Arc::new(run(41, child, 12, Status::Running))).collect());
        compare.step(1);
        compare.toggle_hidden();
        let hidden: Vec<_> = compare.board.members().iter().map(|member| member.hidden).collect();
        assert_eq!(hidden, [false, true, false]);
        compare.toggle_hidden();
        assert!(compare.board.members().iter().all(|member| !member.hidden));
        compare.step(-9);
        assert_eq!(compare.selected().unwrap().run_name.to_string(), "run41.1");
    }
}
