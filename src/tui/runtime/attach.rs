//! The terminal of a run in place of the UI. (A run without a terminal of its own is watched in the log pane,
//! where what it prints is made harmless.)

use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::event::{PollFd, PollFlags, poll};

use super::super::TuiError;
use super::terminal::tty;
use crate::log::{StyledLine, painted};
use crate::model::RunPath;
use crate::ops::attach::{self, Keyboard};
use crate::ops::{Context, OpsError};

/// Between two looks whether somebody wants us to end.
const LOOK: rustix::event::Timespec = rustix::event::Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Why it could not be, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// The run, or the connection to it.
    #[error(transparent)]
    Run(#[from] OpsError),
    /// The terminal.
    #[error(transparent)]
    Terminal(#[from] TuiError),
    /// What was to be said on it.
    #[error("the terminal cannot be written: {0}")]
    Broken(#[from] io::Error),
}

/// Shows a run's console until the person detaches, the run or this attempt of it has ended, or `ends` says so (asked a few times a
/// second). The terminal is theirs alone meanwhile; `dot` stands between two words on it.
pub fn session(
    context: &Context,
    path: &RunPath,
    dot: &str,
    ends: &mut dyn FnMut() -> bool,
) -> Result<(), AttachError> {
    let tty = tty()?;
    let keyboard = Keyboard::connect(context, path)?;
    let mut out = io::stdout();
    writeln!(out, "\n\x1b[7m {path} {dot} keys go to the run, ctrl-] leads back \x1b[0m")?;
    if let Some(ended) = attach::session(context, path, &tty, keyboard, ends)? {
        writeln!(out, "\x1b[7m {ended} {dot} any key leads back \x1b[0m")?;
        any_key(&tty, ends)?;
    }
    Ok(())
}

/// Prints lines on the plain screen, where the terminal's own selection and scrolling work, until a key is pressed or
/// `ends` says so.
pub fn print(
    lines: &[StyledLine],
    coloured: bool,
    ends: &mut dyn FnMut() -> bool,
) -> Result<(), AttachError> {
    let tty = tty()?;
    let mut text = String::new();
    for line in lines {
        text.push_str(&painted(line, coloured));
        text.push('\n');
    }
    let mut out = io::stdout();
    writeln!(out, "{text}\x1b[7m any key leads back \x1b[0m")?;
    out.flush()?;
    Ok(any_key(&tty, ends)?)
}

/// Waits for one key, without a line's end and without its echo, or until `ends` says so.
fn any_key(tty: &OwnedFd, ends: &mut dyn FnMut() -> bool) -> io::Result<()> {
    enable_raw_mode()?;
    let waited = wait_for_key(tty, ends);
    disable_raw_mode()?;
    waited
}

fn wait_for_key(tty: &OwnedFd, ends: &mut dyn FnMut() -> bool) -> io::Result<()> {
    while !ends() {
        let mut waited = [PollFd::from_borrowed_fd(tty.as_fd(), PollFlags::IN)];
        if matches!(poll(&mut waited, Some(&LOOK)), Ok(1..)) {
            return swallow(tty);
        }
    }
    Ok(())
}

fn swallow(tty: &OwnedFd) -> io::Result<()> {
    let mut bytes = [0; 64];
    rustix::io::read(tty, &mut bytes)?;
    Ok(())
}
