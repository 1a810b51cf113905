//! Messages: everything that can happen to the model.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyEvent, MouseEvent};

use super::detail::{Page, Shown};
use super::effect::{Generation, Goal, Place, Target, TaskId};
use super::log::LogLine;
use super::runs::Counts;
use crate::model::node::Heartbeat;
use crate::model::{Experiment, Job, Run, RunPath, Status, Time, Workspace};
use crate::ops::nodes::Node;
use crate::ops::plot::Trend;
use crate::ops::plot::follow::News;
use crate::ops::shell::Shell;
use crate::ops::view::About;
use crate::ops::view::file::Look;
use crate::ops::view::load::Curves;
use crate::store::{Changes, RunKey};
use crate::tui::{keymap, theme};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// What time it is; comes before anything that happens at that time.
    Clock {
        /// The time of day.
        now: Time,
        /// Time since the start, which no one can set back.
        uptime: Duration,
    },
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// A text was pasted.
    Paste(String),
    /// The screen has another size.
    Resize(u16, u16),
    /// The size of a cell in pixels, where the terminal tells it.
    Cell(Option<(u16, u16)>),
    /// The terminal was somebody else's for a while and is ours again.
    Resumed {
        /// Why it came back early, if it failed.
        failed: Option<String>,
    },
    /// The terminal answered.
    Answer(Answer),
    /// The keymap is read.
    Keymap {
        /// What was read.
        loaded: Box<keymap::Loaded>,
        /// Not for the first time: its file has changed.
        again: bool,
    },
    /// A theme is read.
    Theme {
        /// What was read.
        loaded: Box<theme::Loaded>,
        /// Not for the first time: its file has changed, or the person has asked for it.
        again: bool,
    },
    /// Somebody wants us to end.
    Terminate,
    /// Something of a list arrived.
    List(ListAnswer),
    /// The records changed.
    Changed(Changes),
    /// The watcher of the records failed: the screen may be old.
    WatchFailed(String),
    /// The watcher of the records works again, and has told what it missed.
    WatchResumed,
    /// Signs of life of the controllers.
    Heartbeats(Vec<Heartbeat>),
    /// A task that waited for its turn has begun.
    TaskBegun(TaskId),
    /// How far a task is.
    TaskProgress {
        /// Which.
        task: TaskId,
        /// Of it, so much is done.
        done: u64,
        /// All of it.
        all: u64,
    },
    /// A task that was to be stopped works on: it cannot be stopped any more.
    Unstoppable(TaskId),
    /// A text came back from the editor.
    Edited(String),
    /// A copy of a file was changed in the editor, and is still here.
    CopyKept(PathBuf),
    /// A task ended.
    Task {
        /// Which.
        task: TaskId,
        /// How.
        result: Result<Done, String>,
    },
    /// Something of a log arrived.
    Log {
        /// Of which opening.
        generation: Generation,
        /// What.
        event: LogEvent,
    },
}

/// What the terminal says about itself when it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The colour behind the text: red, green, blue.
    Background([u8; 3]),
    /// What it is called, and its version.
    Name(String),
    /// Whether it shows pictures by kitty's protocol.
    Kitty(bool),
}

/// An answer to a list's question.
#[derive(Clone, Debug)]
pub struct ListAnswer {
    /// To which question.
    pub generation: Generation,
    /// The answer.
    pub result: Result<ListData, String>,
    /// Which kind of list it is.
    pub kind: super::effect::ListKind,
}

/// What a list's question found.
#[derive(Clone, Debug)]
pub enum ListData {
    /// Workspaces and experiments.
    Tree(Vec<Workspace>, Vec<Experiment>),
    /// Jobs, the latest first.
    Jobs(Vec<Job>),
    /// The keys of runs, in order.
    Index {
        /// The keys.
        keys: Vec<RunKey>,
        /// Where the runs stand, without the filter.
        counts: Counts,
    },
    /// Runs.
    Rows(Vec<(i64, Arc<Run>)>),
    /// All about a workspace, an experiment or a job.
    About(Box<About>),
    /// Runs that are to be marked, by their keys.
    Marks(Vec<(i64, RunPath)>),
    /// What a file of a run is.
    Looked(Box<Looked>),
    /// A picture; nothing, if its file is as it was.
    Picture(Option<Arc<Shown>>),
    /// What a command that is being typed would end.
    Preview(Vec<Planned>),
    /// What the detail pane shows of a run.
    Page(Arc<Page>),
    /// The machines.
    Nodes(Vec<Node>),
    /// The load of a run.
    Load(Arc<Curves>),
    /// What is new of metrics.
    Metrics(Vec<News>),
    /// The metrics that are drawn in the table, read on.
    Trends(Vec<(RunPath, String, Trend)>),
    /// Runs to be compared.
    Compare {
        /// The runs, in their order.
        runs: Vec<Arc<Run>>,
        /// How many more there are.
        left_out: usize,
    },
}

/// A file of a run that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The run.
    pub run: RunPath,
    /// Its path in the run's folder.
    pub file: String,
    /// What it is.
    pub look: Look,
}

/// How a task ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// What something would be done to.
    Plan(Vec<Planned>),
    /// It is done; a line about it.
    Said(String),
    /// A shell is to start here.
    Shell {
        /// The run.
        run: RunPath,
        /// The shell.
        shell: Box<Shell>,
    },
    /// A copy for the editor is here.
    Copied(PathBuf),
    /// This file is there already: it is to be replaced only if the person agrees.
    Exists {
        /// The run whose file was to be saved.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
        /// What is there.
        path: PathBuf,
    },
    /// It was stopped.
    Stopped,
}

/// One of the things that something would be done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The thing.
    pub target: Target,
    /// Where it stands, if it stands anywhere.
    pub status: Option<Status>,
    /// More about it.
    pub detail: String,
}

impl Planned {
    /// Whether it has not ended.
    pub fn is_open(&self) -> bool {
        self.status.is_some_and(|status| !status.is_final())
    }
}

/// From where to where lines are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Under which filter: the number it was set with.
    pub filter: Generation,
    /// Bytes of the log.
    pub range: Range<u64>,
}

/// Something about the open log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEvent {
    /// It is open; what it is.
    Opened {
        /// The names of merged runs; none if it is one log.
        runs: Vec<String>,
        /// How many runs were too many to be merged, too.
        left_out: usize,
        /// Which attempt of how many it is of.
        attempt: Option<(u32, u32)>,
    },
    /// Lines that were asked for.
    Page {
        /// The place that was asked for.
        place: Place,
        /// The lines, in the order of the log.
        lines: Vec<LogLine>,
        /// From where to where lines are shown now.
        bounds: Bounds,
    },
    /// The log grew. The lines are its last ones; they begin at `from`, and if that is not where the lines
    /// known before end, lines lie in between that can be asked for.
    Grown {
        /// Where the lines begin.
        from: u64,
        /// The last lines.
        lines: Vec<LogLine>,
        /// From where to where lines are shown now.
        bounds: Bounds,
    },
    /// How many lines there are, as far as they have been counted.
    Counted {
        /// Lines.
        lines: u64,
        /// Everything is counted.
        complete: bool,
    },
    /// The numbers of some lines, by where they begin.
    Numbered(Vec<(u64, u64)>),
    /// How far the filter has come.
    Filtered {
        /// Lines it shows so far.
        shown: u64,
        /// Up to where the log is judged.
        judged: u64,
        /// All of it is judged.
        complete: bool,
        /// From where to where lines are shown now.
        bounds: Bounds,
    },
    /// How many lines the search has hit.
    Hits {
        /// Lines.
        count: u64,
        /// The whole log has been searched.
        complete: bool,
        /// The line found last and which of them it is, from 1.
        rank: Option<(u64, u64)>,
    },
    /// The line that was looked for begins here, or there is none in this direction.
    Found {
        /// What was looked for.
        goal: Goal,
        /// The line.
        line: Option<u64>,
    },
    /// The place of a jump.
    Jumped {
        /// The line that begins here.
        at: Option<u64>,
        /// What is to be said about it.
        note: Option<String>,
    },
    /// A copy was made, or not.
    Saved(Saved),
    /// It is another file now: what was known of it is void.
    Restarted,
    /// There is no log (yet).
    Missing,
    /// It cannot be read.
    Failed(String),
}

impl LogEvent {
    /// From where to where lines are shown, if it says that.
    pub const fn bounds(&self) -> Option<&Bounds> {
        match self {
            Self::Page { bounds, .. } | Self::Grown { bounds, .. } | Self::Filtered { bounds, .. } => {
                Some(bounds)
            }
            _ => None,
        }
    }
}

/// What came of saving a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is in this file.
    Done(String),
    /// This file is there already, and is left as it is.
    Exists(String),
    /// It could not be saved.
    Failed(String),
}
