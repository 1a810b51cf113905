//! Reading a log.

use super::{Argument, Command, Entry, Scope};
use crate::tui::app::Tab;

const LOG: Scope = Scope::Tab(Tab::Log);

/// The commands.
pub const ENTRIES: &[Entry] = &[
    Entry::new(Command::Follow, "follow", "follow the end, or stop").scope(LOG).hint("follow"),
    Entry::new(Command::Wrap, "wrap", "wrap long lines, or cut them").scope(LOG).hint("wrap"),
    Entry::new(Command::Search, "search", "search in the log")
        .scope(LOG)
        .takes(Argument::Text)
        .hint("search"),
    Entry::new(Command::SearchNext, "search next", "the next hit").scope(LOG),
    Entry::new(Command::SearchPrevious, "search previous", "the hit before").scope(LOG),
];
