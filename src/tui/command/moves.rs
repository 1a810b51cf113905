//! Moving around.

use super::{Command, Entry, Scope};
use crate::tui::app::{Pane, Screen, Tab};

/// The commands.
pub const ENTRIES: &[Entry] = &[
    Entry::new(Command::Open, "open", "go into what is selected").scope(Scope::Popups),
    Entry::new(Command::Back, "back", "one step back").scope(Scope::Everywhere),
    Entry::new(Command::Up, "up", "one line up").scope(Scope::Everywhere),
    Entry::new(Command::Down, "down", "one line down").scope(Scope::Everywhere),
    Entry::new(Command::Left, "left", "to the left").scope(Scope::Popups),
    Entry::new(Command::Right, "right", "to the right").scope(Scope::Popups),
    Entry::new(Command::TreeOpen, "tree open", "show a workspace's experiments").scope(Scope::Workspaces),
    Entry::new(Command::TreeClose, "tree close", "hide a workspace's experiments").scope(Scope::Workspaces),
    Entry::new(Command::PageUp, "page up", "one screen up").scope(Scope::Everywhere),
    Entry::new(Command::PageDown, "page down", "one screen down").scope(Scope::Everywhere),
    Entry::new(Command::Top, "top", "the first line").scope(Scope::Everywhere),
    Entry::new(Command::Bottom, "bottom", "the last line").scope(Scope::Everywhere),
    Entry::new(Command::FocusNext, "next pane", "the next pane").scope(Scope::Popups),
    Entry::new(Command::FocusPrevious, "previous pane", "the pane before").scope(Scope::Popups),
    Entry::new(Command::Focus(Pane::Workspaces), "goto workspaces", "the workspaces"),
    Entry::new(Command::Focus(Pane::Jobs), "goto jobs", "the jobs"),
    Entry::new(Command::Focus(Pane::Runs), "goto runs", "the runs"),
    Entry::new(Command::Tab(Tab::Log), "goto log", "the log"),
    Entry::new(Command::Tab(Tab::Metrics), "goto metrics", "the metrics"),
    Entry::new(Command::Tab(Tab::Params), "goto params", "what it was started with"),
    Entry::new(Command::Tab(Tab::Files), "goto files", "the files it left"),
    Entry::new(Command::Tab(Tab::Events), "goto events", "what happened to it"),
    Entry::new(Command::Tab(Tab::Node), "goto node", "its load, and its machine's"),
    Entry::new(Command::Screen(Screen::Nodes), "goto nodes", "machines and their controllers"),
    Entry::new(Command::TabNext, "next tab", "the tab to the right").scope(Scope::Detail),
    Entry::new(Command::TabPrevious, "previous tab", "the tab to the left").scope(Scope::Detail),
];

impl Command {
    /// How many rows it moves in what lies over the panes, where a page is ten of them; none if it does not.
    pub const fn rows(self) -> Option<isize> {
        match self {
            Self::Up => Some(-1),
            Self::Down => Some(1),
            Self::PageUp => Some(-10),
            Self::PageDown => Some(10),
            Self::Top => Some(isize::MIN / 2),
            Self::Bottom => Some(isize::MAX / 2),
            _ => None,
        }
    }
}
