//! Moving around.

use super::{Command, Entry, Scope};
use crate::tui::app::{Pane, Screen, Tab};

/// The commands.
pub const ENTRIES: &[Entry] = &[
    Entry::new(Command::Open, "open", "go into what is selected"),
    Entry::new(Command::Back, "back", "one step back"),
    Entry::new(Command::Up, "up", "one line up"),
    Entry::new(Command::Down, "down", "one line down"),
    Entry::new(Command::Left, "left", "to the left"),
    Entry::new(Command::Right, "right", "to the right"),
    Entry::new(Command::TreeOpen, "tree open", "show a workspace's experiments").scope(Scope::Workspaces),
    Entry::new(Command::TreeClose, "tree close", "hide a workspace's experiments").scope(Scope::Workspaces),
    Entry::new(Command::PageUp, "page up", "one screen up"),
    Entry::new(Command::PageDown, "page down", "one screen down"),
    Entry::new(Command::Top, "top", "the first line"),
    Entry::new(Command::Bottom, "bottom", "the last line"),
    Entry::new(Command::FocusNext, "next pane", "the next pane"),
    Entry::new(Command::FocusPrevious, "previous pane", "the pane before"),
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
