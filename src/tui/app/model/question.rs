//! What was asked last, and what has to be asked again.

use crate::tui::app::Generation;

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
