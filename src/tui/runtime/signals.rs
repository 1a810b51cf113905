//! Signals, and the loss of the terminal.

use std::os::fd::AsFd;
use std::time::Duration;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use super::super::TuiError;
use super::terminal::tty;

/// What a signal asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End: somebody sent this signal.
    Terminate(i32),
    /// The terminal is gone: end, there is nothing to restore.
    HangUp,
    /// The terminal has another size.
    Resize,
    /// Stop for a while.
    Suspend,
    /// Go on.
    Continue,
    /// A thread that must live is gone, and what it said: end.
    Panicked(String),
}

impl Signal {
    /// Whether xt ends now, and whatever has the terminal.
    pub const fn ends(&self) -> bool {
        matches!(self, Self::Terminate(_) | Self::HangUp | Self::Panicked(_))
    }
}

/// After this time without an end of its own the process is ended when the terminal is gone.
const LAST_WORDS: Duration = Duration::from_millis(60);

/// Starts to listen.
pub fn start(sender: Sender<Signal>) -> Result<(), TuiError> {
    let failed = TuiError::terminal("listen for signals");
    let wanted = [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT];
    let mut signals = Signals::new(wanted).map_err(failed)?;
    let hangup = sender.clone();
    let thread = |name: &str| std::thread::Builder::new().name(name.into());
    thread("xt-signals")
        .spawn(move || {
            for signal in signals.forever() {
                let signal = match signal {
                    SIGWINCH => Signal::Resize,
                    SIGTSTP => Signal::Suspend,
                    SIGCONT => Signal::Continue,
                    other => Signal::Terminate(other),
                };
                if sender.send(signal).is_err() {
                    return;
                }
            }
        })
        .map_err(TuiError::terminal("start a thread for signals"))?;
    let tty = tty()?;
    thread("xt-hangup")
        .spawn(move || {
            loop {
                // Asking for nothing, one is told of the loss alone.
                let mut waited = [PollFd::from_borrowed_fd(tty.as_fd(), PollFlags::empty())];
                match poll(&mut waited, None) {
                    Ok(_) => break,
                    Err(rustix::io::Errno::INTR) => {}
                    Err(_) => return,
                }
            }
            let _ = hangup.try_send(Signal::HangUp);
            // The UI thread may be stuck in a write to what is no more.
            std::thread::sleep(LAST_WORDS);
            std::process::exit(128 + SIGHUP);
        })
        .map_err(TuiError::terminal("start a thread that watches the terminal"))?;
    Ok(())
}

/// Whether a stopped xt can be continued: a shell of its session started it, and waits.
pub fn can_stop() -> bool {
    use rustix::process::{getpgid, getpgrp, getppid, getsid};
    let Some(parent) = getppid() else { return false };
    let session = |pid| getsid(pid).ok();
    session(Some(parent)) == session(None) && getpgid(Some(parent)).is_ok_and(|group| group != getpgrp())
}

/// Stops this process as if it had never caught `SIGTSTP`; returns when it is continued.
pub fn stop_process() -> Result<(), TuiError> {
    signal_hook::low_level::emulate_default_handler(SIGTSTP).map_err(TuiError::terminal("stop the process"))
}
