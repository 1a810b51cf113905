//! The model: everything the screen shows. One thread owns it.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use indexmap::IndexSet;
use ratatui::layout::Rect;

use super::board::Board;
use super::click::Clicks;
use super::compare::Compare;
use super::detail::Detail;
use super::dialog::Overlay;
use super::effect::{Generation, Target, TaskId};
use super::layout::{Areas, Border, Layout, Pane};
use super::ledger::Ledger;
use super::list::Cursor;
use super::log::Log;
use super::nodes::Nodes;
use super::runs::Runs;
use super::screen::Screen;
use super::session::View;
use super::tree::Tree;
use super::trends::Trends;
use crate::model::node::Heartbeat;
use crate::model::{Job, JobName, Status, Time};
use crate::store::{Kind, RunQuery, SortKey};
use crate::tui::command::{ChartCommand, Command, LogCommand};
use crate::tui::keymap::{Fact, Facts, Key, KeyContext, Keymap, Place};
use crate::tui::widgets::text;

/// How long a toast is seen.
const TOAST: Duration = Duration::from_secs(5);

/// How many toasts are seen at once, and how many notices and ended tasks are remembered.
const TOASTS: usize = 3;
const REMEMBERED: usize = 100;

/// How many jobs are listed.
pub const JOBS: usize = 500;

/// What the runs are taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The workspace.
    pub ws: Option<String>,
    /// The experiment in it.
    pub experiment: Option<String>,
    /// The job in it.
    pub job: Option<JobName>,
}

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something was done.
    Good,
    /// Something did not work as asked.
    Warning,
    /// Something failed.
    Error,
}

/// Something to tell the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How serious it is.
    pub severity: Severity,
    /// One line, safe to show.
    pub text: String,
    /// When it was.
    pub time: Time,
    /// Its number.
    pub number: u64,
}

/// Where a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It waits for its turn.
    Waiting,
    /// It is done right now.
    Running,
    /// It was stopped.
    Stopped,
    /// It ended well; a line about it.
    Done(String),
    /// It failed; why.
    Failed(String),
}

/// A background task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// What it does.
    pub title: String,
    /// Where it stands.
    pub state: TaskState,
    /// When it began.
    pub started: Time,
    /// What it does to these runs, shown until it ends.
    pub targets: Vec<Target>,
    /// So much of all is done, where it tells.
    pub progress: Option<(u64, u64)>,
    /// It can be stopped also while it works.
    pub stoppable: bool,
    /// When it ended.
    pub ended: Option<Time>,
}

impl Task {
    /// All that is to be said of it.
    pub fn text(&self) -> String {
        match &self.state {
            TaskState::Done(said) | TaskState::Failed(said) => format!("{}: {said}", self.title),
            _ => self.title.clone(),
        }
    }
}

impl TaskState {
    /// Whether it has not ended.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// The filter of the runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFilter {
    /// As it was typed.
    pub text: String,
    /// As the store understands it.
    pub filter: Option<crate::model::filter::Filter>,
}

/// The jobs pane.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    /// The jobs, the latest first.
    pub list: Vec<Job>,
    /// Their names.
    pub keys: Vec<JobName>,
    /// The selection.
    pub cursor: Cursor<JobName>,
    /// The marked jobs.
    pub marks: IndexSet<JobName>,
    /// The workspace they are of, once they have arrived.
    pub ws: Option<String>,
}

impl Jobs {
    /// Takes a new list.
    pub fn set(&mut self, ws: Option<String>, list: Vec<Job>) {
        self.keys = list.iter().map(|job| job.job_id).collect();
        (self.list, self.ws) = (list, ws);
        self.marks.retain(|job| self.keys.contains(job));
        self.cursor.refresh(&self.keys);
    }

    /// Marks the selected job, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        if let Some(job) = self.selected().map(|job| job.job_id)
            && !self.marks.shift_remove(&job)
        {
            self.marks.insert(job);
        }
    }

    /// The selected job.
    pub fn selected(&self) -> Option<&Job> {
        self.list.get(self.cursor.row())
    }
}

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

/// Everything the screen shows.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent of each other, not a state machine")]
pub struct Model {
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// The time of day.
    pub now: Time,
    /// Time since the start.
    pub uptime: Duration,
    /// The name of this machine's target, at the top.
    pub place: String,
    /// The keys.
    pub keymap: Keymap,
    /// The themes there are, by name.
    pub themes: Vec<String>,
    /// What the theme in force is called.
    pub theme: String,
    /// Keys that were pressed and begin a sequence.
    pub pressed: Vec<Key>,
    /// The person may only look: nothing that writes is offered or done.
    pub readonly: bool,
    /// How the screen is divided.
    pub layout: Layout,
    /// What is on the screen.
    pub screen: Screen,
    /// What can be clicked on it.
    pub clicks: Clicks,
    /// The border that the mouse holds.
    pub dragged: Option<Border>,
    /// The pane that gets the keys.
    pub focus: Pane,
    /// The workspaces pane.
    pub tree: Tree,
    /// The jobs pane.
    pub jobs: Jobs,
    /// The runs pane.
    pub runs: Runs,
    /// The detail pane.
    pub detail: Detail,
    /// The charts of the selected run's metrics.
    pub board: Board,
    /// The runs that are compared.
    pub compare: Compare,
    /// The curves in the table of runs.
    pub trends: Trends,
    /// Its log.
    pub log: Log,
    /// The log is the controller's.
    pub controller_log: bool,
    /// The machines.
    pub nodes: Nodes,
    /// What the runs are taken from.
    pub scope: Scope,
    /// The filter of the runs.
    pub filter: RunFilter,
    /// The order of the runs; without one, the newest first.
    pub sort: Option<SortKey>,
    /// The columns of the runs; without them, what tells the runs apart.
    pub columns: Option<Vec<String>>,
    /// How the runs of other workspaces are looked at.
    pub views: BTreeMap<String, View>,
    /// What lies over the panes.
    pub overlay: Option<Overlay>,
    /// What was told lately, and until when it is seen.
    pub toasts: VecDeque<(Notice, Duration)>,
    /// What went wrong, the latest first.
    pub notices: VecDeque<Notice>,
    /// Where one is on the screens of these.
    pub ledger: Ledger,
    /// The background tasks, the latest first.
    pub tasks: VecDeque<Task>,
    /// The end of these is told aloud.
    pub watched: HashSet<Target>,
    /// Signs of life of the controllers.
    pub heartbeats: Vec<Heartbeat>,
    /// The commands that were typed, the latest last.
    pub history: Vec<String>,
    /// Those of them that were typed in this session.
    pub typed: Vec<String>,
    /// What has to be read again.
    pub stale: Stale,
    /// The numbers of the latest questions.
    pub generations: Generations,
    last_task: u64,
    /// Something that is shown has changed.
    pub dirty: bool,
    /// The end is near.
    pub quit: bool,
}

impl Model {
    /// The model at the start: nothing is known yet.
    pub fn new(place: String, size: (u16, u16)) -> Self {
        Self {
            size,
            now: Time::default(),
            uptime: Duration::ZERO,
            place,
            keymap: Keymap::default(),
            themes: Vec::new(),
            theme: String::new(),
            pressed: Vec::new(),
            readonly: false,
            layout: Layout::default(),
            screen: Screen::Main,
            clicks: Clicks::default(),
            dragged: None,
            focus: Pane::Runs,
            tree: Tree::default(),
            jobs: Jobs::default(),
            runs: Runs::default(),
            detail: Detail::default(),
            board: Board::default(),
            compare: Compare::default(),
            trends: Trends::default(),
            log: Log { wrap: true, ..Log::default() },
            controller_log: false,
            nodes: Nodes::default(),
            scope: Scope::default(),
            filter: RunFilter::default(),
            sort: None,
            columns: None,
            views: BTreeMap::new(),
            overlay: None,
            toasts: VecDeque::new(),
            notices: VecDeque::new(),
            ledger: Ledger::default(),
            tasks: VecDeque::new(),
            watched: HashSet::new(),
            heartbeats: Vec::new(),
            history: Vec::new(),
            typed: Vec::new(),
            stale: Stale { tree: true, jobs: false, index: false },
            generations: Generations::default(),
            last_task: 0,
            dirty: true,
            quit: false,
        }
    }

    /// The model on a workspace from the first frame on.
    #[must_use]
    pub fn on(mut self, workspace: Option<String>) -> Self {
        self.stale.jobs = workspace.is_some();
        self.stale.index = workspace.is_some();
        self.scope.ws = workspace;
        self
    }

    /// Whether a command would do something now: hints never lie.
    pub fn can(&self, command: Command) -> bool {
        let run = self.runs.selected();
        match command {
            Command::Cancel if self.focus == Pane::Jobs => {
                !self.jobs.marks.is_empty()
                    || self.jobs.selected().is_some_and(|job| !job.job_status.is_final())
            }
            Command::Cancel => !self.runs.marks.is_empty() || run.is_some_and(|run| !run.status.is_final()),
            Command::Attach => run.is_some_and(|run| run.status == Status::Running),
            Command::Rerun | Command::Mark | Command::Log(LogCommand::Merge) => run.is_some(),
            Command::Filter | Command::Sort => !self.runs.is_empty() || !self.filter.text.is_empty(),
            Command::Zoom => matches!(self.screen, Screen::Main | Screen::Compare),
            Command::Chart(ChartCommand::Compare) => !self.runs.is_empty() || !self.jobs.list.is_empty(),
            Command::Chart(_) => !self.charts().is_empty(),
            Command::StopTask => self.selected_task().is_some_and(|task| task.state.is_open()),
            Command::ClearTasks => self.tasks.iter().any(|task| !task.state.is_open()),
            Command::Log(LogCommand::AttemptPrevious) => {
                self.log.attempt.is_some_and(|(attempt, _)| attempt > 1)
            }
            Command::Log(LogCommand::AttemptNext) => {
                self.log.attempt.is_some_and(|(attempt, all)| attempt < all)
            }
            Command::Log(LogCommand::Filter) => self.log.filter.is_some() || !self.log.lines.is_empty(),
            Command::Log(_) => !self.log.lines.is_empty(),
            _ => true,
        }
    }

    /// The part of the screen that gets the keys.
    pub const fn key_context(&self) -> KeyContext {
        match self.screen {
            Screen::Main => KeyContext::of(self.focus, self.detail.tab),
            Screen::Nodes => KeyContext::Nodes,
            Screen::Compare => KeyContext::Compare,
            Screen::Tasks => KeyContext::Tasks,
            Screen::Errors => KeyContext::Errors,
        }
    }

    /// All that the meaning of a key depends on.
    pub fn place(&self) -> Place {
        Place { context: self.key_context(), facts: self.facts(), readonly: self.readonly }
    }

    /// What is so, for the conditions of a keymap.
    fn facts(&self) -> Facts {
        let run = self.runs.selected();
        let branch = self.tree.selected().map(|(ws, _)| ws).filter(|ws| self.tree.has_children(ws));
        let open = branch.is_some_and(|ws| self.tree.is_open(ws));
        Facts::default()
            .with(Fact::TreeOpen, open)
            .with(Fact::TreeClosed, branch.is_some() && !open)
            .with(Fact::RunSelected, run.is_some())
            .with(Fact::RunActive, run.is_some_and(|run| !run.status.is_final()))
            .with(Fact::RunRunning, run.is_some_and(|run| run.status == Status::Running))
            .with(Fact::RunFailed, run.is_some_and(|run| run.status.is_failure()))
            .with(Fact::JobActive, self.jobs.selected().is_some_and(|job| !job.job_status.is_final()))
            .with(Fact::JobHeld, self.jobs.selected().is_some_and(|job| job.hold))
            .with(Fact::MarksAny, !self.runs.marks.is_empty())
            .with(Fact::FilterAny, !self.filter.text.is_empty())
            .with(Fact::LogFollowing, self.log.follows())
            .with(Fact::LogWrapped, self.log.wrap)
            .with(Fact::PaneZoomed, self.layout.zoom)
    }

    /// The charts that are on the screen, if any are.
    pub const fn charts(&self) -> &Board {
        match self.screen {
            Screen::Compare => &self.compare.board,
            _ => &self.board,
        }
    }

    /// The same, to be changed.
    pub const fn charts_mut(&mut self) -> &mut Board {
        match self.screen {
            Screen::Compare => &mut self.compare.board,
            _ => &mut self.board,
        }
    }

    /// Where charts stand.
    pub fn charts_area(&self) -> Rect {
        match self.screen {
            Screen::Compare => self.compare.areas(self.body()).charts,
            _ => self.areas().inner(Pane::Detail),
        }
    }

    /// Where the panes are.
    pub fn areas(&self) -> Areas {
        self.layout.areas(self.size, self.focus)
    }

    /// The screen between the top line and the bottom line.
    pub fn body(&self) -> Rect {
        let Areas { header, hints, .. } = self.areas();
        let (width, height) = self.size;
        Rect { x: 0, y: header.height, width, height: height.saturating_sub(header.height + hints.height) }
    }

    /// Columns and rows of the log's text, without what stands before it.
    pub fn log_size(&self) -> (usize, usize) {
        let inner = self.areas().inner(Pane::Detail);
        let header = self.failure_lines().len().min(usize::from(inner.height) / 2);
        let width = usize::from(inner.width);
        (width - self.log.gutter(width).width(), usize::from(inner.height).saturating_sub(header))
    }

    /// Rows of the list of runs, without its heading.
    pub fn runs_height(&self) -> usize {
        let height = usize::from(self.areas().inner(Pane::Runs).height);
        if height >= 4 { height - 1 } else { height }
    }

    /// The query for the runs of the scope, without the person's filter.
    pub fn scope_query(&self) -> RunQuery {
        RunQuery {
            ws: self.scope.ws.clone(),
            experiments: self.scope.experiment.iter().cloned().collect(),
            jobs: self.scope.job.into_iter().collect(),
            kind: Kind::Leaf,
            sort: vec![self.sort.clone().unwrap_or(SortKey { field: "run_num".into(), descending: true })],
            ..RunQuery::default()
        }
    }

    /// The query for the runs that are shown.
    pub fn query(&self) -> RunQuery {
        RunQuery { filter: self.filter.filter.clone(), ..self.scope_query() }
    }

    /// Tells the person something.
    pub fn tell(&mut self, severity: Severity, text: &str) {
        let text = crate::log::sanitize(text).into_owned();
        self.ledger.next += 1;
        let notice = Notice { severity, text, time: self.now, number: self.ledger.next };
        if severity != Severity::Good {
            self.notices.push_front(notice.clone());
            self.notices.truncate(REMEMBERED);
        }
        self.toasts.push_back((notice, self.uptime + TOAST));
        while self.toasts.len() > TOASTS {
            self.toasts.pop_front();
        }
        self.dirty = true;
    }

    /// A new background task.
    pub fn begin_task(&mut self, verb: &super::effect::Verb) -> TaskId {
        self.last_task += 1;
        let id = TaskId(self.last_task);
        let (title, targets) = (verb.title(), verb.targets());
        self.tasks.push_front(Task {
            id,
            title,
            state: TaskState::Waiting,
            started: self.now,
            targets,
            progress: None,
            stoppable: verb.stoppable(),
            ended: None,
        });
        // Those that run are never forgotten.
        if self.tasks.len() > REMEMBERED
            && let Some(at) = self.tasks.iter().rposition(|task| !task.state.is_open())
        {
            self.tasks.remove(at);
        }
        id
    }

    /// Tasks that are not done.
    pub fn running_tasks(&self) -> usize {
        self.tasks.iter().filter(|task| task.state.is_open()).count()
    }

    /// A machine with active runs that has been silent for too long.
    pub fn lost_contact(&self, box_name: Option<&str>) -> bool {
        let Some(box_name) = box_name else { return false };
        self.heartbeats.iter().any(|beat| beat.box_name == box_name && beat.lost_contact(self.now))
    }

    /// What is told above the log of a run that failed: how it ended, where, after how many attempts.
    pub fn failure_lines(&self) -> Vec<String> {
        let own = !self.controller_log && self.log.pinned.is_none();
        let Some(run) = self.runs.selected().filter(|run| own && run.status.is_failure()) else {
            return Vec::new();
        };
        let mut parts = vec![text::ending(run)];
        if let Some(seconds) = run.duration(self.now) {
            parts.push(format!("after {}", text::duration(seconds)));
        }
        if let Some(name) = &run.box_name {
            parts.push(format!("on {name}"));
        }
        if run.attempt > 1 {
            parts.push(format!("attempt {}", run.attempt));
        }
        let mut lines = vec![parts.join(" · ")];
        lines.extend(run.end_reason.clone());
        lines
    }

    /// When the screen changes by itself next: a toast goes, a duration is a second older.
    pub fn next_change(&self) -> Option<Duration> {
        let toast = self.toasts.iter().map(|(_, until)| *until).min();
        let second = self.shows_durations().then(|| Duration::from_secs(self.uptime.as_secs() + 1));
        let nodes = self.nodes.due().filter(|_| self.screen == Screen::Nodes);
        [toast, second, nodes].into_iter().flatten().min()
    }

    /// Whether a duration that grows is on the screen.
    fn shows_durations(&self) -> bool {
        match self.screen {
            Screen::Nodes => return self.nodes.any_runs(),
            Screen::Compare => return false,
            Screen::Main => {}
            Screen::Tasks => return self.running_tasks() > 0,
            Screen::Errors => return !self.notices.is_empty(),
        }
        if self.areas().runs.is_empty() {
            return false;
        }
        let top = self.runs.cursor.top();
        (top..top + self.runs_height()).any(|row| {
            self.runs.key(row).is_some_and(|key| {
                self.runs.doc(key.id).map_or(key.status, |run| run.status) == Status::Running
            })
        })
    }
}
