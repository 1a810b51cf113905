//! Effects: what the model asks the world to do, as data. Only `runtime` carries them out.

mod list;
mod log;
mod terminal;
mod verb;

pub use list::{Compared, List, ListKind};
pub use log::{Goal, JumpTo, LogRequest, LogSource, Place};
pub use terminal::{Edit, TerminalRequest};
pub use verb::{Target, Verb, names};

use crate::tui::theme::Ground;

/// Tells an answer from an older question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// A background task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

/// Something to be done outside the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read a list; only the latest question of a kind is answered.
    List(List),
    /// Change something; tasks on the same target are done one after the other.
    Control {
        /// The task.
        task: TaskId,
        /// What is to be done.
        verb: Verb,
    },
    /// Read a log.
    Log(LogRequest),
    /// Something with the terminal.
    Terminal(TerminalRequest),
    /// Stop a task: one that waits never begins, one that works ends where it can.
    Stop {
        /// The task.
        task: TaskId,
        /// It looks for that while it works.
        stoppable: bool,
    },
    /// Read this theme.
    Theme(String),
    /// This is behind the text: themes have sections for it.
    Ground(Ground),
    /// Read this keymap.
    Keymap(String),
}
