//! The registry of commands: one entry a verb. Keymaps, command line, hints and help read it.
//!
//! | file | what |
//! | --- | --- |
//! | [`entry`] | what is told about a command: words, argument, scope, danger |
//! | [`complete`] | what a typed line may become |
//! | [`invocation`] | a command with its argument, read from what a person typed or a keymap says |
//! | `act`, `chart`, `find`, `log`, `moves`, `over`, `screen` | the entries, by the groups of the help |
//!
//! A new command is a variant of [`Command`], an entry in its group's file, an arm in `app::update::actions`
//! and, for a default key, a line in `keymaps/default.toml`.

mod act;
mod chart;
mod complete;
mod entry;
mod find;
mod invocation;
mod log;
mod moves;
mod over;
mod screen;

pub use chart::ChartCommand;
pub use complete::{Candidate, Value, complete};
pub use entry::{Argument, Danger, Entry, Scope};
pub use invocation::{Invocation, LineError};
pub use log::LogCommand;
pub use over::OverCommand;

use super::app::{Pane, Screen, Tab};

/// What a command does; its [`Entry`] tells the rest about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Leave xt.
    Quit,
    /// Stop xt and go to the shell that started it.
    Suspend,
    /// Paint the whole screen anew.
    Redraw,
    /// Show the keys that work here.
    Help,
    /// Read the help topics.
    Topics,
    /// Type a command.
    Prompt,
    /// Show what went wrong lately.
    Errors,
    /// Show the background tasks.
    Tasks,
    /// Stop a background task.
    StopTask,
    /// Forget the tasks that have ended.
    ClearTasks,
    /// Choose the colours.
    Theme,
    /// Choose the keys.
    Keymap,
    /// Go to a workspace or an experiment.
    Workspace,
    /// The next pane.
    FocusNext,
    /// The pane before.
    FocusPrevious,
    /// This pane.
    Focus(Pane),
    /// Shows a tab of the selected run, and goes there.
    Tab(Tab),
    /// Shows another screen.
    Screen(Screen),
    /// The tab to the right.
    TabNext,
    /// The tab to the left.
    TabPrevious,
    /// Show the focused pane alone, or all again.
    Zoom,
    /// Make the focused pane larger.
    Grow,
    /// Make the focused pane smaller.
    Shrink,
    /// Hide the focused pane.
    HidePane,
    /// Show all panes again.
    ShowPanes,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// The first line.
    Top,
    /// The last line.
    Bottom,
    /// Show the experiments of a workspace.
    TreeOpen,
    /// Hide the experiments of a workspace.
    TreeClose,
    /// Go into what is selected.
    Open,
    /// Back to where one came from.
    Back,
    /// Filter the runs.
    Filter,
    /// Choose the column to sort by.
    Sort,
    /// Turn the order around.
    Reverse,
    /// Tells the person when the selected run or job ends.
    Watch,
    /// Chooses the columns of the runs.
    Columns,
    /// Mark a run.
    Mark,
    /// Mark from the run marked last to here.
    MarkRange,
    /// Mark, and go up.
    MarkUp,
    /// Mark, and go down.
    MarkDown,
    /// Mark all that the filter lets through.
    MarkAll,
    /// Remove all marks.
    Unmark,
    /// End runs or a job.
    Cancel,
    /// Put runs into the trash.
    Delete,
    /// Change tags.
    Tag,
    /// Change the line about it.
    Note,
    /// Keep a job from starting more runs.
    Hold,
    /// Let a job go.
    Release,
    /// Give a job a priority.
    Priority,
    /// Start a run again.
    Rerun,
    /// Attach to a run's console.
    Attach,
    /// Show the controller's log.
    ControllerLog,
    /// Show all about what is selected.
    Describe,
    /// Open a copy of a file in the editor.
    EditFile,
    /// Save a file of a run.
    SaveFile,
    /// Start a shell where the run is.
    Shell,
    /// Copy the name.
    Copy,
    /// Something in a log.
    Log(LogCommand),
    /// Something with charts, or with compared runs.
    Chart(ChartCommand),
    /// Something in what lies over the panes.
    Over(OverCommand),
}

/// Commands that stand together in the help.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// Its commands, in the order of the hints and the help.
    pub entries: &'static [Entry],
}

/// All groups in the order of the help.
pub const GROUPS: [Group; 7] = [
    Group { title: "Act", entries: act::ENTRIES },
    Group { title: "Find", entries: find::ENTRIES },
    Group { title: "Log", entries: log::ENTRIES },
    Group { title: "Charts", entries: chart::ENTRIES },
    Group { title: "Move", entries: moves::ENTRIES },
    Group { title: "Screen", entries: screen::ENTRIES },
    Group { title: "Popups", entries: over::ENTRIES },
];

/// Every command, in the order of the hints and the help.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().flat_map(|group| group.entries)
}

impl Command {
    /// What is told about it.
    pub fn entry(self) -> Option<&'static Entry> {
        entries().find(|entry| entry.command == self)
    }

    /// Whether it moves: what destroys must never be on such a key.
    pub fn is_movement(self) -> bool {
        moves::ENTRIES.iter().any(|entry| entry.command == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn all(line: &str, readonly: bool) -> Vec<Candidate> {
        complete(line, readonly, |_| Vec::new())
    }

    // Proves C1 (one registry of verbs).
    #[test]
    fn every_name_and_command_stands_once_with_a_doc_and_can_be_typed() {
        let names: HashSet<_> = entries().map(|entry| entry.name).collect();
        let commands: HashSet<_> = entries().map(|entry| entry.command).collect();
        assert_eq!((names.len(), commands.len()), (entries().count(), entries().count()));
        for entry in entries() {
            assert!(!entry.doc.is_empty() && entry.doc.len() < 60, "{}", entry.name);
            let found = Invocation::parse(entry.name).unwrap();
            assert_eq!((found.entry.name, found.argument.as_str()), (entry.name, ""));
            // With an empty line one sees all, and its words find it.
            let offered =
                all(entry.name, false).iter().any(|found| found.command.unwrap().name == entry.name);
            assert_eq!(offered, entry.can_be_typed(), "{}", entry.name);
        }
        assert_eq!(all("", false).len(), entries().filter(|entry| entry.can_be_typed()).count());
    }

    #[test]
    fn who_may_only_read_is_offered_nothing_that_writes() {
        assert!(all("", true).iter().all(|found| found.command.unwrap().danger == Danger::Harmless));
        assert!(all("", true).len() < entries().count());
    }
}
