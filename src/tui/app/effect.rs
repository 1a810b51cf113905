//! Effects: what the model asks the world to do, as data. Only `runtime` carries them out.

use std::path::PathBuf;
use std::sync::Arc;

use super::act::Act;
use super::detail::Page;
use super::tagging::Tagging;
use crate::log::StyledLine;
use crate::model::names::visible;
use crate::model::{JobName, RunPath};
use crate::ops::plot::Trend;
use crate::ops::plot::follow::Question;
use crate::ops::rerun::Changes;
use crate::ops::view::Subject;
use crate::ops::view::load::Curves;
use crate::store::RunQuery;
use crate::tui::theme::Theme;

/// Tells an answer from an older question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// A background task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

/// Something to be done outside the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read a list; only the latest question of a kind is answered.
    List(List),
    /// Change something; tasks on the same target are done one after the other.
    Control {
        /// The task.
        task: TaskId,
        /// What is to be done.
        verb: Verb,
    },
    /// Read a log.
    Log(LogRequest),
    /// Something with the terminal.
    Terminal(TerminalRequest),
    /// Stop a task: one that waits never begins, one that works ends where it can.
    Stop {
        /// The task.
        task: TaskId,
        /// It looks for that while it works.
        stoppable: bool,
    },
    /// Read this theme.
    Theme(String),
    /// Read this keymap.
    Keymap(String),
}

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

/// What a verb acts on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A run.
    Run(RunPath),
    /// A job with all its runs.
    Job(JobName),
    /// Runs or jobs by a range or a wildcard. Only what it stands for now can be ended.
    Named(String),
    /// A file of the person's.
    File(PathBuf),
}

impl Target {
    /// The run, if it is one.
    pub const fn run(&self) -> Option<&RunPath> {
        if let Self::Run(run) = self { Some(run) } else { None }
    }

    /// The job, if it is one.
    pub const fn job(&self) -> Option<JobName> {
        if let Self::Job(job) = self { Some(*job) } else { None }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run(path) => write!(f, "{}", path.run),
            Self::Job(job) => write!(f, "{job}"),
            Self::File(path) => write!(f, "{}", visible(&path.to_string_lossy())),
            Self::Named(word) => f.write_str(word.rsplit('/').next().unwrap_or(word)),
        }
    }
}

/// Something that changes the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// Find out what something would be done to; changes nothing.
    Plan {
        /// What is to be done.
        act: Act,
        /// To what.
        targets: Vec<Target>,
    },
    /// End runs and jobs.
    Cancel {
        /// The frozen set the person has agreed to.
        targets: Vec<Target>,
    },
    /// Start runs again.
    Rerun {
        /// The runs.
        runs: Vec<RunPath>,
        /// What is to be other than it was.
        changes: Box<Changes>,
    },
    /// Put runs into the trash.
    Delete {
        /// The frozen set the person has agreed to.
        runs: Vec<RunPath>,
    },
    /// Change tags and notes.
    Tag {
        /// Of these.
        targets: Vec<Target>,
        /// What is to become of them.
        asked: Tagging,
    },
    /// Keep jobs from starting more runs, or let them go.
    Hold {
        /// The jobs.
        jobs: Vec<JobName>,
        /// Keep them.
        hold: bool,
    },
    /// Give jobs a priority.
    Priority {
        /// The jobs.
        jobs: Vec<JobName>,
        /// Higher starts first.
        priority: i64,
    },
    /// Save a file of a run.
    SaveFile {
        /// The run.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
        /// Where to, in the person's words.
        to: String,
        /// The person agreed that what is there is replaced.
        overwrite: bool,
    },
    /// Copy a file of a run, for the editor.
    TakeCopy {
        /// The run.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
    },
}

impl Verb {
    /// What it acts on, for the order of tasks.
    pub fn targets(&self) -> Vec<Target> {
        match self {
            Self::Plan { .. } | Self::TakeCopy { .. } => Vec::new(),
            Self::SaveFile { to, .. } => vec![Target::File(to.into())],
            Self::Cancel { targets } | Self::Tag { targets, .. } => targets.clone(),
            Self::Rerun { runs, .. } | Self::Delete { runs } => {
                runs.iter().cloned().map(Target::Run).collect()
            }
            Self::Hold { jobs, .. } | Self::Priority { jobs, .. } => {
                jobs.iter().copied().map(Target::Job).collect()
            }
        }
    }

    /// Whether it changes anything.
    pub const fn writes(&self) -> bool {
        match self {
            // What a person saves is theirs: nothing of the runs is changed.
            Self::Plan { .. } | Self::SaveFile { .. } | Self::TakeCopy { .. } => false,
            Self::Cancel { .. }
            | Self::Rerun { .. }
            | Self::Delete { .. }
            | Self::Tag { .. }
            | Self::Hold { .. }
            | Self::Priority { .. } => true,
        }
    }

    /// Whether it can be stopped while it works: it does so much that it looks for that.
    pub const fn stoppable(&self) -> bool {
        match self {
            Self::SaveFile { .. } | Self::TakeCopy { .. } => true,
            Self::Rerun { runs, .. } => runs.len() > 1,
            _ => false,
        }
    }

    /// What it is called while it is done.
    pub fn title(&self) -> String {
        match self {
            Self::Plan { targets, .. } => format!("look at {}", names(targets)),
            Self::Cancel { .. } => format!("cancel {}", names(&self.targets())),
            Self::Rerun { .. } => format!("rerun {}", names(&self.targets())),
            Self::Delete { .. } => format!("delete {}", names(&self.targets())),
            Self::Tag { .. } => format!("tag {}", names(&self.targets())),
            Self::Hold { hold, .. } => {
                format!("{} {}", if *hold { "hold" } else { "release" }, names(&self.targets()))
            }
            Self::Priority { priority, .. } => format!("priority {priority} for {}", names(&self.targets())),
            Self::SaveFile { run, file, .. } => format!("save {} of {}", visible(file), run.run),
            Self::TakeCopy { run, file } => format!("copy {} of {}", visible(file), run.run),
        }
    }
}

/// A few targets by name, many by number.
pub fn names(targets: &[Target]) -> String {
    match targets {
        [] => "nothing".to_owned(),
        [one] => one.to_string(),
        [one, two] => format!("{one} and {two}"),
        many if many.iter().all(|target| matches!(target, Target::Job(_))) => format!("{} jobs", many.len()),
        many => format!("{} runs", many.len()),
    }
}

/// Which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The console of a run's present or last attempt.
    Run(RunPath),
    /// The console of one attempt of a run.
    Attempt(RunPath, u32),
    /// The consoles of some runs, merged by time.
    Runs(Vec<RunPath>),
    /// The consoles of all runs of a job, merged by time.
    Job {
        /// Its workspace.
        ws: String,
        /// The job.
        job: JobName,
    },
    /// The controller's own log.
    Controller,
    /// A text file of a run.
    File {
        /// The run.
        run: RunPath,
        /// Where it is.
        path: PathBuf,
    },
}

/// What one goes to in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// What the search finds.
    Hit,
    /// A line that says it is an error.
    Error,
}

/// Where one jumps to in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JumpTo {
    /// The line with this number, from 1.
    Line(u64),
    /// What was written at this time (microseconds since the Unix epoch) or later.
    Time(i64),
}

/// A place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first lines.
    Start,
    /// The last lines.
    End,
    /// The lines before the one that begins at this byte.
    Before(u64),
    /// The lines from this byte on.
    After(u64),
    /// The lines around this byte.
    Around(u64),
}

/// A request to the log's reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogRequest {
    /// Open a log at its end and follow it; the log that was open is closed.
    Open {
        /// Which opening this is.
        generation: Generation,
        /// Which log.
        source: LogSource,
    },
    /// Read lines.
    Page {
        /// Of which opening.
        generation: Generation,
        /// Where.
        place: Place,
        /// How many.
        lines: usize,
    },
    /// Show only the lines that fit a filter, or all again.
    Filter {
        /// Of which opening.
        generation: Generation,
        /// As it was typed: a pattern, or `!` and one that must not match.
        filter: Option<String>,
    },
    /// Search for something else: its hits are counted from now on.
    Hits {
        /// Of which opening.
        generation: Generation,
        /// The pattern, if there is still one.
        pattern: Option<String>,
    },
    /// Find the next line of a kind.
    Find {
        /// Of which opening.
        generation: Generation,
        /// What is looked for.
        goal: Goal,
        /// Forwards: what begins at this byte or after it; backwards: what begins before it.
        from: u64,
        /// Towards the end.
        forward: bool,
    },
    /// Find a place.
    Jump {
        /// Of which opening.
        generation: Generation,
        /// The place.
        to: JumpTo,
    },
    /// Tell the numbers of lines.
    Number {
        /// Of which opening.
        generation: Generation,
        /// Where they begin.
        starts: Vec<u64>,
    },
    /// Write the lines that are shown to a file.
    Save {
        /// Of which opening.
        generation: Generation,
        /// The file.
        path: String,
        /// Write over a file that is there.
        overwrite: bool,
    },
    /// Close the log.
    Close,
}

/// Something with the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminalRequest {
    /// Put a text into the clipboard (OSC 52).
    Copy(String),
    /// Print lines on the plain screen and wait for a key.
    Print(Vec<StyledLine>),
    /// Ring the bell, and tell the person's desktop why (OSC 9).
    Notify(String),
    /// Paint everything anew.
    Redraw,
    /// Stop the process and leave the terminal to the shell.
    Suspend,
    /// Leave the terminal to a run's console.
    Attach(RunPath),
    /// Leave the terminal to a shell where a run is.
    Shell(RunPath),
    /// Leave the terminal to the person's editor.
    Edit(Edit),
    /// Draw with this theme from now on.
    Theme(Box<Theme>),
}

/// What the person's editor is to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A text of the open form; it comes back.
    Text(String),
    /// A copy of a file, which is removed afterwards unless it was changed.
    Copy(PathBuf),
}
