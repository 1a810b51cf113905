//! What the whole screen shows.

/// A screen between the top line and the bottom line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The panes: workspaces, jobs, runs, the selected run.
    #[default]
    Main,
    /// The machines and their controllers.
    Nodes,
    /// Runs side by side.
    Compare,
    /// The background tasks.
    Tasks,
    /// What went wrong lately.
    Errors,
}
