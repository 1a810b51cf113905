//! The screen and xt itself.

use super::{Argument, Command, Entry, Scope};

/// The commands.
pub const ENTRIES: &[Entry] = &[
    Entry::new(Command::Zoom, "zoom", "this pane alone, or all again").hint(6, "zoom"),
    Entry::new(Command::Grow, "grow", "make this pane larger"),
    Entry::new(Command::Shrink, "shrink", "make this pane smaller"),
    Entry::new(Command::HidePane, "hide pane", "give its room to the others").scope(Scope::Panes),
    Entry::new(Command::ShowPanes, "show panes", "all panes again").scope(Scope::Panes),
    Entry::new(Command::Prompt, "command", "type a command").hint(4, "command"),
    Entry::new(Command::Tasks, "tasks", "the background tasks"),
    Entry::new(Command::StopTask, "stop task", "stop the task if it can be")
        .scope(Scope::Tasks)
        .hint(1, "stop"),
    Entry::new(Command::ClearTasks, "clear tasks", "forget those that have ended")
        .scope(Scope::Tasks)
        .hint(1, "clear"),
    Entry::new(Command::Errors, "errors", "what went wrong lately"),
    Entry::new(Command::Theme, "theme", "choose the colours; alone: the next theme").takes(Argument::Theme),
    Entry::new(Command::Keymap, "keymap", "choose the keys; alone: show them").takes(Argument::Keymap),
    Entry::new(Command::Redraw, "redraw", "paint the screen anew"),
    Entry::new(Command::Suspend, "suspend", "go to the shell; `fg` comes back"),
    Entry::new(Command::Help, "help", "the keys that work here").hint(9, "keys"),
    Entry::new(Command::Topics, "help topics", "read about a topic").takes(Argument::Topic),
    Entry::new(Command::Quit, "quit", "leave; runs go on").scope(Scope::Popups),
];
