//! Reading a log.

use super::{Argument, Command, Entry, Scope};
use crate::tui::app::Tab;

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

const fn log(command: LogCommand, name: &'static str, doc: &'static str) -> Entry {
    Entry::new(Command::Log(command), name, doc).scope(Scope::Tab(Tab::Log))
}

/// The commands.
pub const ENTRIES: &[Entry] = &[
    log(LogCommand::Follow, "follow", "follow the end, or stop").hint(2, "follow"),
    log(LogCommand::Search, "search", "search in the log").takes(Argument::Text).hint(2, "search"),
    log(LogCommand::SearchNext, "search next", "the next hit"),
    log(LogCommand::SearchPrevious, "search previous", "the hit before"),
    log(LogCommand::Filter, "lines", "only lines that match; `!` those that do not")
        .takes(Argument::Text)
        .hint(3, "lines"),
    log(LogCommand::ErrorNext, "next error", "the next line that says error").hint(2, "error"),
    log(LogCommand::ErrorPrevious, "previous error", "the error before"),
    log(LogCommand::Jump, "jump", "go to a line or time: 42, 14:30, -10m")
        .takes(Argument::Text)
        .hint(3, "jump"),
    log(LogCommand::Wrap, "wrap", "wrap long lines, or cut them").hint(4, "wrap"),
    log(LogCommand::Times, "times", "when each line was written, `!` is stderr").hint(5, "times"),
    log(LogCommand::Numbers, "numbers", "the numbers of the lines"),
    log(LogCommand::AttemptPrevious, "previous attempt", "the log of the attempt before"),
    log(LogCommand::AttemptNext, "next attempt", "the log of the attempt after"),
    log(LogCommand::Merge, "merge logs", "the marked runs, or the job's, in one log by time")
        .scope(Scope::Endable),
    log(LogCommand::Copy, "copy lines", "copy the current line, or those seen"),
    log(LogCommand::Save, "save log", "write the lines shown to a file").takes(Argument::Text),
    log(LogCommand::Print, "print log", "print on the plain screen, to select there"),
];
