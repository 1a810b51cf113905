//! What is done in what lies over the panes: forms, lines to type, lists to choose from. How one moves there is as
//! everywhere.

use super::{Command, Entry, Scope};
use crate::tui::keymap::KeyContext;

/// What is done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverCommand {
    /// Do what was typed.
    Accept,
    /// Complete what is typed.
    Complete,
    /// The line that was typed before.
    HistoryBack,
    /// The line that was typed after.
    HistoryForward,
    /// Take the arguments to the editor.
    EditArguments,
    /// Show the selected column, or hide it.
    ToggleColumn,
    /// Move the selected column towards the front.
    ColumnUp,
    /// Move the selected column away from the front.
    ColumnDown,
    /// Let xt choose the columns.
    DefaultColumns,
    /// The help topic after.
    TopicNext,
    /// The help topic before.
    TopicPrevious,
}

const fn over(command: OverCommand, name: &'static str, doc: &'static str, scope: Scope) -> Entry {
    Entry::new(Command::Over(command), name, doc).scope(scope)
}

const COLUMNS: Scope = Scope::Over(KeyContext::Columns);
const TOPICS: Scope = Scope::Over(KeyContext::Topics);
const PROMPT: Scope = Scope::Over(KeyContext::Prompt);

/// The commands.
pub const ENTRIES: &[Entry] = &[
    over(OverCommand::Accept, "accept", "do what was typed", Scope::Typing),
    over(OverCommand::Complete, "complete", "complete the word; in a form else the next line", Scope::Typing),
    over(OverCommand::HistoryBack, "history back", "the command typed before", PROMPT),
    over(OverCommand::HistoryForward, "history forward", "the command typed after", PROMPT),
    over(
        OverCommand::EditArguments,
        "edit arguments",
        "a rerun's arguments in $EDITOR",
        Scope::Over(KeyContext::Form),
    ),
    over(OverCommand::ToggleColumn, "toggle column", "show or hide the column", COLUMNS),
    over(OverCommand::ColumnUp, "column up", "move it towards the front", COLUMNS),
    over(OverCommand::ColumnDown, "column down", "move it away from the front", COLUMNS),
    over(OverCommand::DefaultColumns, "default columns", "let xt choose the columns", COLUMNS),
    over(OverCommand::TopicNext, "next topic", "the help topic after", TOPICS),
    over(OverCommand::TopicPrevious, "previous topic", "the help topic before", TOPICS),
];
