//! The commands of the log tab.

/// What is done in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogCommand {
    /// Follow the end, or stop.
    Follow,
    /// Wrap long lines, or cut them.
    Wrap,
    /// Show when each line was written, or not.
    Times,
    /// Show the numbers of the lines, or not.
    Numbers,
    /// Search.
    Search,
    /// The next hit.
    SearchNext,
    /// The hit before.
    SearchPrevious,
    /// Show only lines that match.
    Filter,
    /// The next error.
    ErrorNext,
    /// The error before.
    ErrorPrevious,
    /// Go to a line or a time.
    Jump,
    /// Copy the line that was gone to, or what is seen.
    Copy,
    /// Write the lines to a file.
    Save,
    /// Print the lines on the plain screen.
    Print,
    /// The attempt after.
    AttemptNext,
    /// The attempt before.
    AttemptPrevious,
    /// Merge the logs of several runs.
    Merge,
}
