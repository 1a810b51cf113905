//! The thread that waits for the terminal's input.
//!
//! It waits on the terminal and on a pipe by itself and calls crossterm only when there is something to
//! read. So it can be ended before another program gets the terminal (crossterm's own wait cannot), and it
//! does not spin when the terminal is gone (crossterm's does).

use std::os::fd::{AsFd, OwnedFd};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::Sender;
use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::super::TuiError;
use super::super::app::Msg;
use super::drill::may_panic;
use super::terminal::tty;

/// How long crossterm may wait for input: with no time at all it does not even look.
const ALMOST_NONE: Duration = Duration::from_millis(1);

/// After this time without input crossterm is asked once more: it may have keys that it has read and not told of, when the
/// processor was taken from it for as long as it was to wait.
const ASK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// The running thread.
pub struct Input {
    stop: OwnedFd,
    thread: JoinHandle<()>,
}

impl Input {
    /// Starts to listen.
    pub fn start(sender: Sender<Msg>) -> Result<Self, TuiError> {
        let tty = tty()?;
        let (stopped, stop) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
            .map_err(|error| TuiError::terminal("wait for the terminal")(error.into()))?;
        let thread = std::thread::Builder::new()
            .name("xt-input".into())
            .spawn(move || listen(&tty, &stopped, &sender))
            .map_err(TuiError::terminal("start a thread for the input"))?;
        Ok(Self { stop, thread })
    }

    /// Ends the thread; when this returns nothing reads the terminal any more.
    pub fn stop(self) {
        // The other end of the pipe becomes readable.
        drop(self.stop);
        let _ = self.thread.join();
    }
}

fn listen(tty: &OwnedFd, stopped: &OwnedFd, sender: &Sender<Msg>) {
    let mut ask_again = false;
    loop {
        let mut waited = [
            PollFd::from_borrowed_fd(tty.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(stopped.as_fd(), PollFlags::IN),
        ];
        match poll(&mut waited, ask_again.then_some(&ASK_AGAIN)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
        let (input, stop) = (waited[0].revents(), waited[1].revents());
        // A lost terminal is the hang-up watcher's business.
        if !stop.is_empty() || input.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return;
        }
        let arrived = input.contains(PollFlags::IN);
        if (arrived || ask_again) && !forward(sender) {
            return;
        }
        ask_again = arrived;
    }
}

/// Passes on what has arrived; false when nobody listens any more.
fn forward(sender: &Sender<Msg>) -> bool {
    while matches!(event::poll(ALMOST_NONE), Ok(true)) {
        let Ok(event) = event::read() else { return true };
        may_panic("input");
        let msg = match event {
            Event::Key(key) => Msg::Key(key),
            Event::Mouse(mouse) => Msg::Mouse(mouse),
            Event::Paste(text) => Msg::Paste(text),
            // The size is measured when the signal comes: this one is as old as the last key.
            Event::Resize(..) | Event::FocusGained | Event::FocusLost => continue,
        };
        if sender.send(msg).is_err() {
            return false;
        }
    }
    true
}
