//! What was asked last, what is being answered, and what has to be asked again.

use crate::model::RunPath;
use crate::ops::view::Subject;
use crate::store::RunQuery;
use crate::tui::app::Generation;
use crate::tui::app::effect::ListKind;

/// The numbers of the latest questions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Generations {
    last: u64,
    /// Of workspaces and experiments.
    pub tree: Generation,
    /// Of jobs.
    pub jobs: Generation,
    /// Of keys.
    pub index: Generation,
    /// Of documents.
    pub rows: Generation,
    /// Of runs that are to be marked.
    pub marks: Generation,
    /// Of what a file is.
    pub look: Generation,
    /// Of the picture that is open.
    pub picture: Generation,
    /// Of what a sheet is about.
    pub about: Generation,
    /// Of what the detail pane shows.
    pub page: Generation,
    /// Of what the command being typed would do.
    pub preview: Generation,
    /// Of the machines.
    pub nodes: Generation,
    /// Of the selected run's load.
    pub load: Generation,
    /// Of its metrics.
    pub metrics: Generation,
    /// Of the metrics of compared runs.
    pub overlaid: Generation,
    /// Of what the table draws.
    pub trends: Generation,
    /// Of the runs to be compared.
    pub compare: Generation,
}

impl Generations {
    /// A number no question had before.
    pub fn next(&mut self) -> Generation {
        self.last += 1;
        Generation(self.last)
    }
}

/// What has to be read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stale {
    /// Workspaces and experiments.
    pub tree: bool,
    /// Jobs.
    pub jobs: bool,
    /// Keys of runs.
    pub index: bool,
}

/// A kind of question, and what the one asks that is under way. The same is not asked again before it is answered:
/// while changes keep coming, no answer would ever be the latest.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked<Q>(Option<Q>);

impl<Q> Default for Asked<Q> {
    fn default() -> Self {
        Self(None)
    }
}

impl<Q: PartialEq> Asked<Q> {
    /// Whether a question about what is stale may be put. It counts as put then, and what it is about as fresh.
    pub fn ask(&mut self, stale: &mut bool, question: Q) -> bool {
        let now = *stale && self.0.as_ref() != Some(&question);
        if now {
            *stale = false;
            self.0 = Some(question);
        }
        now
    }

    /// Whether one is under way.
    pub const fn is_under_way(&self) -> bool {
        self.0.is_some()
    }
}

/// The questions that changes bring up, by what they are about.
#[derive(Clone, Debug, Default)]
pub struct UnderWay {
    /// Workspaces and experiments.
    pub tree: Asked<()>,
    /// How many jobs of a workspace.
    pub jobs: Asked<(String, usize)>,
    /// Keys of runs, and those without the filter.
    pub index: Asked<(RunQuery, Option<RunQuery>)>,
    /// What a sheet is about.
    pub about: Asked<Subject>,
    /// What the detail pane shows.
    pub page: Asked<RunPath>,
    /// The load of a run.
    pub load: Asked<RunPath>,
    /// The machines.
    pub nodes: Asked<()>,
}

impl UnderWay {
    /// The latest question of a kind is answered, well or not.
    pub fn answered(&mut self, kind: ListKind) {
        match kind {
            ListKind::Tree => self.tree = Asked(None),
            ListKind::Jobs => self.jobs = Asked(None),
            ListKind::Index => self.index = Asked(None),
            ListKind::About => self.about = Asked(None),
            ListKind::Page => self.page = Asked(None),
            ListKind::Load => self.load = Asked(None),
            ListKind::Nodes => self.nodes = Asked(None),
            ListKind::Rows
            | ListKind::Marks
            | ListKind::Look
            | ListKind::Picture
            | ListKind::Preview
            | ListKind::Metrics
            | ListKind::Overlaid
            | ListKind::Trends
            | ListKind::Compare => {}
        }
    }
}
