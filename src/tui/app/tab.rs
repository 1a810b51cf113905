//! The tabs of the detail pane.

use serde::{Deserialize, Serialize};

/// What the detail pane shows of the selected run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tab {
    /// What it prints.
    #[default]
    Log,
    /// Its metrics as curves.
    Metrics,
    /// What it was started with: hyperparameters, command, code, machine.
    Params,
    /// What it left.
    Files,
    /// What happened to it.
    Events,
    /// What it and its machine were doing.
    Node,
}

impl Tab {
    /// All tabs, from left to right.
    pub const ALL: [Self; 6] =
        [Self::Log, Self::Metrics, Self::Params, Self::Files, Self::Events, Self::Node];

    /// The word on it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Log => "Log",
            Self::Metrics => "Metrics",
            Self::Params => "Params",
            Self::Files => "Files",
            Self::Events => "Events",
            Self::Node => "Node",
        }
    }

    /// The tab to the right of it, or to the left, around the ends.
    #[must_use]
    pub fn step(self, forward: bool) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let by = if forward { 1 } else { Self::ALL.len() - 1 };
        Self::ALL[(at + by) % Self::ALL.len()]
    }
}
