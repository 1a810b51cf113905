//! The thread that waits for the terminal's input: what a person does, and what the terminal answers.
//!
//! It waits on the terminal and on a pipe by itself and calls crossterm only when there is something to
//! read. So it can be ended before another program gets the terminal (crossterm's own wait cannot), and it
//! does not spin when the terminal is gone (crossterm's does).

use std::os::fd::{AsFd, OwnedFd};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::super::TuiError;
use super::super::app::Msg;
use super::answers::{Answers, Came};
use super::drill::may_panic;
use super::terminal::tty;

/// How long crossterm may wait for input: with no time at all it does not even look, and less than a millisecond it waits
/// by looking again and again, on a processor that whoever shows the frame may need.
const ALMOST_NONE: Duration = Duration::from_micros(50);

/// After this time without input crossterm is asked once more: it may have keys that it has read and not told of, when the
/// processor was taken from it for as long as it was to wait.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// The running thread.
pub struct Input {
    stop: OwnedFd,
    thread: JoinHandle<Answers>,
}

impl Input {
    /// Starts to listen, for answers too.
    pub fn start(answers: Answers, sender: Sender<Msg>) -> Result<Self, TuiError> {
        let tty = tty()?;
        let (stopped, stop) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
            .map_err(|error| TuiError::terminal("wait for the terminal")(error.into()))?;
        let thread = std::thread::Builder::new()
            .name("xt-input".into())
            .spawn(move || listen(&tty, &stopped, answers, &sender))
            .map_err(TuiError::terminal("start a thread for the input"))?;
        Ok(Self { stop, thread })
    }

    /// Ends the thread; when this returns nothing reads the terminal any more. Answers what is still awaited.
    pub fn stop(self) -> Answers {
        // The other end of the pipe becomes readable.
        drop(self.stop);
        self.thread.join().unwrap_or_default()
    }
}

fn listen(tty: &OwnedFd, stopped: &OwnedFd, mut answers: Answers, sender: &Sender<Msg>) -> Answers {
    let mut ask_again = false;
    loop {
        let mut waited = [
            PollFd::from_borrowed_fd(tty.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(stopped.as_fd(), PollFlags::IN),
        ];
        let left = answers.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.into_iter().chain(ask_again.then_some(ASK_AGAIN)).min();
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut waited, left.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return answers,
        }
        let (input, stop) = (waited[0].revents(), waited[1].revents());
        // A lost terminal is the hang-up watcher's business.
        if !stop.is_empty() || input.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return answers;
        }
        let arrived = input.contains(PollFlags::IN);
        if (arrived || ask_again) && !forward(&mut answers, sender) {
            return answers;
        }
        // What was held back is not followed by anything: it was typed.
        let late = answers.deadline().is_some_and(|deadline| deadline <= Instant::now());
        if !arrived && late && !send(answers.release(), sender) {
            return answers;
        }
        ask_again = arrived;
    }
}

/// Passes on what has arrived; false when nobody listens any more.
fn forward(answers: &mut Answers, sender: &Sender<Msg>) -> bool {
    while matches!(event::poll(ALMOST_NONE), Ok(true)) {
        let Ok(event) = event::read() else { return true };
        may_panic("input");
        if !send(answers.take(event, Instant::now()), sender) {
            return false;
        }
    }
    true
}

fn send(came: Vec<Came>, sender: &Sender<Msg>) -> bool {
    came.into_iter().all(|came| {
        let msg = match came {
            Came::Answer(answer) => Msg::Answer(answer),
            Came::Event(Event::Key(key)) => Msg::Key(key),
            Came::Event(Event::Mouse(mouse)) => Msg::Mouse(mouse),
            Came::Event(Event::Paste(text)) => Msg::Paste(text),
            // The size is measured when the signal comes: this one is as old as the last key.
            Came::Event(Event::Resize(..) | Event::FocusGained | Event::FocusLost) => return true,
        };
        sender.send(msg).is_ok()
    })
}
