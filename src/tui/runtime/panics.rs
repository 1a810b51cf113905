//! What becomes of a panic: the terminal is given back, whichever thread it was.

use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::thread;

use crossbeam_channel::Sender;

use super::executor::THREAD;
use super::signals::Signal;
use super::terminal;

/// How the names of our threads begin.
const OURS: &str = "xt-";

/// Looks after the panics of all threads from now on; called by the UI thread.
///
/// Its own is told on the plain screen, and unwinds to the end of the process. One of a thread that the UI cannot live
/// without is told to the UI thread, which ends: two threads that write to the terminal at once would leave it in
/// disorder. One of a task, or of a thread that works for a task, is caught where the task is awaited: nothing may be
/// printed over the screen.
pub fn watch(signals: Sender<Signal>) {
    let before = take_hook();
    let screen = thread::current().id();
    set_hook(Box::new(move |info| {
        let thread = thread::current();
        let ours = thread.name().filter(|name| name.starts_with(OURS) && *name != THREAD);
        if thread.id() == screen {
            terminal::give_back();
            before(info);
        } else if let Some(name) = ours {
            // The thread is lost in any case: it may wait until somebody listens.
            let _ = signals.send(Signal::Panicked(told(name, info)));
        }
    }));
}

fn told(thread: &str, info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|place| format!(" ({place})")).unwrap_or_default();
    format!("{thread}: {}{place}", info.payload_as_str().unwrap_or("no words"))
}
