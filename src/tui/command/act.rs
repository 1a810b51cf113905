//! Acting on runs and jobs.

use super::{Argument, Command, Danger, Entry, Scope};
use crate::tui::app::Tab;

const FILES: Scope = Scope::Tab(Tab::Files);

/// The commands.
pub const ENTRIES: &[Entry] = &[
    Entry::new(Command::Cancel, "cancel run", "end the run, the marked, or a job")
        .scope(Scope::Endable)
        .takes(Argument::Runs)
        .danger(Danger::Destroys)
        .hint(1, "kill"),
    Entry::new(Command::Rerun, "rerun", "start it again, changed or not")
        .scope(Scope::Run)
        .danger(Danger::Writes)
        .hint(1, "rerun"),
    // What is typed there reaches the run: also ctrl-c.
    Entry::new(Command::Attach, "attach", "go to its live console")
        .scope(Scope::Run)
        .danger(Danger::Writes)
        .hint(1, "attach"),
    Entry::new(Command::Watch, "watch", "ring the bell when it ends, or no more").scope(Scope::Endable),
    Entry::new(Command::Mark, "mark", "mark or unmark it").scope(Scope::Markable).hint(2, "mark"),
    Entry::new(Command::MarkRange, "mark range", "mark from the last mark to here").scope(Scope::Runs),
    Entry::new(Command::MarkDown, "mark down", "mark, and go down").scope(Scope::Runs),
    Entry::new(Command::MarkUp, "mark up", "mark, and go up").scope(Scope::Runs),
    Entry::new(Command::MarkAll, "mark all", "mark all that the filter shows now").scope(Scope::Runs),
    Entry::new(Command::Unmark, "mark none", "remove all marks").scope(Scope::Markable),
    Entry::new(Command::Tag, "tag", "change tags: best, lr=.1, -old")
        .scope(Scope::Endable)
        .takes(Argument::Text)
        .danger(Danger::Writes)
        .hint(6, "tag"),
    Entry::new(Command::Note, "note", "change the line about it")
        .scope(Scope::Endable)
        .takes(Argument::Text)
        .danger(Danger::Writes),
    Entry::new(Command::Delete, "delete run", "put it, or the marked, into the trash")
        .scope(Scope::Run)
        .takes(Argument::Runs)
        .danger(Danger::Destroys),
    Entry::new(Command::Hold, "hold job", "start no more of its runs")
        .scope(Scope::Jobs)
        .takes(Argument::Text)
        .danger(Danger::Writes)
        .hint(2, "hold"),
    Entry::new(Command::Release, "release job", "let its runs start again")
        .scope(Scope::Jobs)
        .takes(Argument::Text)
        .danger(Danger::Writes)
        .hint(2, "release"),
    Entry::new(Command::Priority, "set priority", "which of the waiting starts first")
        .scope(Scope::Jobs)
        .takes(Argument::Text)
        .danger(Danger::Writes)
        .hint(5, "priority"),
    Entry::new(Command::Describe, "describe", "all about it").scope(Scope::Panes).hint(5, "describe"),
    Entry::new(Command::ControllerLog, "view controller log", "the controller's log"),
    Entry::new(Command::Shell, "shell", "a shell in its directory").scope(Scope::Run).danger(Danger::Writes),
    Entry::new(Command::EditFile, "edit file", "open a copy in $EDITOR").scope(FILES).hint(2, "edit"),
    Entry::new(Command::SaveFile, "save file", "save it in a folder of yours")
        .scope(FILES)
        .takes(Argument::Text)
        .hint(2, "save"),
    Entry::new(Command::Copy, "copy name", "copy the selected name").scope(Scope::Popups),
];
