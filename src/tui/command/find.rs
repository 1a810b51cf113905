//! Finding runs.

use super::{Argument, Command, Entry, Scope};

/// The commands.
pub const ENTRIES: &[Entry] = &[
    Entry::new(Command::Filter, "filter", "find runs: words, or lr<0.1")
        .scope(Scope::Lists)
        .takes(Argument::Filter)
        .hint(3, "filter"),
    Entry::new(Command::Sort, "sort", "choose the column to sort by")
        .scope(Scope::Lists)
        .takes(Argument::Column)
        .hint(5, "sort"),
    Entry::new(Command::Reverse, "sort reverse", "turn the order around").scope(Scope::Lists),
    Entry::new(Command::Workspace, "workspace", "go to a workspace or an experiment")
        .takes(Argument::Workspace),
    Entry::new(Command::Columns, "columns", "choose the columns and their order").scope(Scope::Lists),
];
