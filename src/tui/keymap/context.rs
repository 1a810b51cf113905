//! Where a key is pressed: what its meaning depends on.

use crate::tui::app::{Pane, Tab};

/// A part of the screen with keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyContext {
    /// The workspaces.
    Workspaces,
    /// The jobs.
    Jobs,
    /// The runs.
    Runs,
    /// A tab of the selected run.
    Detail(Tab),
}

impl KeyContext {
    /// All of them.
    #[cfg(test)]
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Workspaces, Self::Jobs, Self::Runs].into_iter().chain(Tab::ALL.map(Self::Detail))
    }

    /// That of a pane, whose detail shows a tab.
    pub const fn of(pane: Pane, tab: Tab) -> Self {
        match pane {
            Pane::Workspaces => Self::Workspaces,
            Pane::Jobs => Self::Jobs,
            Pane::Runs => Self::Runs,
            Pane::Detail => Self::Detail(tab),
        }
    }
}
