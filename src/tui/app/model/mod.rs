//! The model: everything the screen shows. One thread owns it.

mod clock;
mod jobs;
mod keys;
mod notice;
mod question;
mod scope;
mod task;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use ratatui::layout::Rect;

pub use jobs::Jobs;
pub use notice::{Notice, Severity};
pub use question::{Generations, Stale, UnderWay};
pub use scope::{RunFilter, Scope};
pub use task::{Task, TaskState};

use super::board::Board;
use super::click::Clicks;
use super::compare::Compare;
use super::detail::Detail;
use super::dialog::Overlay;
use super::effect::Target;
use super::layout::{Areas, Border, Layout, Pane};
use super::ledger::Ledger;
use super::log::Log;
use super::nodes::Nodes;
use super::runs::Runs;
use super::screen::Screen;
use super::session::View;
use super::tree::Tree;
use super::trends::Trends;
use crate::model::Time;
use crate::model::node::Heartbeat;
use crate::store::SortKey;
use crate::tui::keymap::{Key, Keymap};
use crate::tui::picture::{Means, Pictures};
use crate::tui::widgets::text;

/// How many notices and ended tasks are remembered.
const REMEMBERED: usize = 100;

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
    /// What the terminal can show pictures with.
    pub means: Means,
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
    /// Questions that came up by themselves: each waits until nothing lies over the panes.
    pub questions: VecDeque<Overlay>,
    /// Until this uptime what lies over the panes takes no key: it has come by itself, and whoever presses one now
    /// has not read it.
    pub unread_until: Duration,
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
    /// What is being answered.
    pub under_way: UnderWay,
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
            means: Means::from_env(Pictures::Auto, |_| None),
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
            questions: VecDeque::new(),
            unread_until: Duration::ZERO,
            toasts: VecDeque::new(),
            notices: VecDeque::new(),
            ledger: Ledger::default(),
            tasks: VecDeque::new(),
            watched: HashSet::new(),
            heartbeats: Vec::new(),
            history: Vec::new(),
            typed: Vec::new(),
            stale: Stale { tree: true, jobs: false, index: false },
            under_way: UnderWay::default(),
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

    /// Shows only the metrics with these words in their names, wherever they are seen.
    pub fn find_metrics(&mut self, pattern: &str) {
        self.charts_mut().set_pattern(pattern);
        if self.screen == Screen::Compare {
            self.compare.refresh();
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
}
