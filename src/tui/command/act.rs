//! Acting on runs and jobs.

use super::{Argument, Command, Danger, Entry, Scope};

/// The commands.
pub const ENTRIES: &[Entry] = &[
    Entry::new(Command::Cancel, "cancel run", "end the run, the marked, or a job")
        .scope(Scope::Endable)
        .takes(Argument::Runs)
        .danger(Danger::Destroys)
        .hint("kill"),
    Entry::new(Command::Rerun, "rerun", "start it again, changed or not")
        .scope(Scope::Run)
        .danger(Danger::Writes)
        .hint("rerun"),
    // What is typed there reaches the run: also ctrl-c.
    Entry::new(Command::Attach, "attach", "go to its live console")
        .scope(Scope::Run)
        .danger(Danger::Writes)
        .hint("attach"),
    Entry::new(Command::Watch, "watch", "ring the bell when it ends, or no more").scope(Scope::Endable),
    Entry::new(Command::Mark, "mark", "mark or unmark the run").scope(Scope::Runs).hint("mark"),
    Entry::new(Command::Unmark, "mark none", "remove all marks").scope(Scope::Runs),
    Entry::new(Command::ControllerLog, "view controller log", "the controller's log"),
    Entry::new(Command::Copy, "copy name", "copy the selected name"),
];
