//! Questions to the store: each is answered with the generation it was asked in.

use std::sync::Arc;

use super::{Generation, Target};
use crate::model::RunPath;
use crate::ops::plot::Trend;
use crate::ops::plot::follow::Question;
use crate::ops::view::Subject;
use crate::ops::view::load::Curves;
use crate::ops::view::picture::Version;
use crate::store::RunQuery;
use crate::tui::app::detail::Page;
use crate::tui::picture::Canvas;

/// A list to read.
#[derive(Clone, Debug, PartialEq)]
pub enum List {
    /// Workspaces and experiments.
    Tree(Generation),
    /// Jobs of a workspace.
    Jobs {
        /// Which question this is.
        generation: Generation,
        /// The workspace.
        ws: String,
        /// At most so many.
        limit: usize,
    },
    /// The keys of runs.
    Index {
        /// Which question this is.
        generation: Generation,
        /// Which runs.
        query: Box<RunQuery>,
        /// The same without the person's filter, where there is one: to tell how many there are.
        all: Option<Box<RunQuery>>,
    },
    /// The documents of some runs.
    Rows {
        /// Which question this is.
        generation: Generation,
        /// Their keys.
        ids: Vec<i64>,
    },
    /// All about a workspace, an experiment or a job.
    About {
        /// Which question this is.
        generation: Generation,
        /// What it is about.
        subject: Subject,
    },
    /// The names of runs that are to be marked.
    Marks {
        /// Which question this is.
        generation: Generation,
        /// Their keys.
        ids: Vec<i64>,
    },
    /// What a file of a run is.
    Look {
        /// Which question this is.
        generation: Generation,
        /// The run.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
    },
    /// A picture of a run, as it can be shown.
    Picture {
        /// Which question this is.
        generation: Generation,
        /// The run.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
        /// Where it is to be shown.
        canvas: Canvas,
        /// The state of its file that is shown already.
        known: Option<Version>,
    },
    /// What a command that is being typed would end.
    Preview {
        /// Which question this is.
        generation: Generation,
        /// What it names.
        targets: Vec<Target>,
    },
    /// The machines.
    Nodes(Generation),
    /// The load of a run.
    Load {
        /// Which question this is.
        generation: Generation,
        /// The run.
        run: RunPath,
        /// What has been read of it before.
        known: Arc<Curves>,
    },
    /// What is new of the metrics that are drawn.
    Metrics {
        /// Which question this is.
        generation: Generation,
        /// A question a run.
        questions: Vec<Question>,
        /// For the charts of several runs, instead of those of the selected one.
        overlaid: bool,
    },
    /// What is new of metrics that are drawn in the table of runs.
    Trends {
        /// Which question this is.
        generation: Generation,
        /// The runs with their metrics, and what has been read of them before.
        wanted: Vec<(RunPath, String, Trend)>,
    },
    /// Runs to be compared.
    Compare {
        /// Which question this is.
        generation: Generation,
        /// Which runs.
        of: Compared,
    },
    /// What the detail pane shows of a run beside its log.
    Page {
        /// Which question this is.
        generation: Generation,
        /// The run.
        run: RunPath,
        /// What was read of it before.
        known: Option<Arc<Page>>,
    },
}

/// Which runs are compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Compared {
    /// Those with these keys.
    Ids(Vec<i64>),
    /// Those that a query finds.
    Found(Box<RunQuery>),
}

/// A kind of list: of each, one question is under way and at most one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// [`List::Tree`].
    Tree,
    /// [`List::Jobs`].
    Jobs,
    /// [`List::Index`].
    Index,
    /// [`List::Rows`].
    Rows,
    /// [`List::About`].
    About,
    /// [`List::Marks`].
    Marks,
    /// [`List::Look`].
    Look,
    /// [`List::Picture`].
    Picture,
    /// [`List::Preview`].
    Preview,
    /// [`List::Page`].
    Page,
    /// [`List::Nodes`].
    Nodes,
    /// [`List::Load`].
    Load,
    /// [`List::Metrics`] of the selected run.
    Metrics,
    /// [`List::Metrics`] of several runs.
    Overlaid,
    /// [`List::Trends`].
    Trends,
    /// [`List::Compare`].
    Compare,
}

impl List {
    /// Which question it is.
    pub const fn generation(&self) -> Generation {
        match self {
            Self::Tree(generation)
            | Self::Jobs { generation, .. }
            | Self::Index { generation, .. }
            | Self::Rows { generation, .. }
            | Self::Marks { generation, .. }
            | Self::Look { generation, .. }
            | Self::Picture { generation, .. }
            | Self::About { generation, .. }
            | Self::Preview { generation, .. }
            | Self::Page { generation, .. }
            | Self::Nodes(generation)
            | Self::Load { generation, .. }
            | Self::Metrics { generation, .. }
            | Self::Trends { generation, .. }
            | Self::Compare { generation, .. } => *generation,
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> ListKind {
        match self {
            Self::Tree(_) => ListKind::Tree,
            Self::Jobs { .. } => ListKind::Jobs,
            Self::Index { .. } => ListKind::Index,
            Self::Rows { .. } => ListKind::Rows,
            Self::About { .. } => ListKind::About,
            Self::Marks { .. } => ListKind::Marks,
            Self::Look { .. } => ListKind::Look,
            Self::Picture { .. } => ListKind::Picture,
            Self::Preview { .. } => ListKind::Preview,
            Self::Page { .. } => ListKind::Page,
            Self::Nodes(_) => ListKind::Nodes,
            Self::Load { .. } => ListKind::Load,
            Self::Metrics { overlaid: false, .. } => ListKind::Metrics,
            Self::Metrics { overlaid: true, .. } => ListKind::Overlaid,
            Self::Trends { .. } => ListKind::Trends,
            Self::Compare { .. } => ListKind::Compare,
        }
    }
}
