//! What is asked of the terminal.

use std::path::PathBuf;

use crate::log::StyledLine;
use crate::model::RunPath;
use crate::ops::shell::Shell;
use crate::tui::theme::Theme;

/// Something with the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminalRequest {
    /// Put a text into the clipboard (OSC 52).
    Copy(String),
    /// Print lines on the plain screen and wait for a key.
    Print(Vec<StyledLine>),
    /// Ring the bell, and tell the person's desktop why (OSC 9).
    Notify(String),
    /// Paint everything anew.
    Redraw,
    /// Stop the process and leave the terminal to the shell.
    Suspend,
    /// Leave the terminal to a run's console.
    Attach(RunPath),
    /// Leave the terminal to a shell where a run is.
    Shell {
        /// The run.
        run: RunPath,
        /// The shell.
        shell: Box<Shell>,
    },
    /// Leave the terminal to the person's editor.
    Edit(Edit),
    /// Draw with this theme from now on.
    Theme(Box<Theme>),
}

/// What the person's editor is to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A text of the open form; it comes back.
    Text(String),
    /// A copy of a file, which is removed afterwards unless it was changed.
    Copy(PathBuf),
}
