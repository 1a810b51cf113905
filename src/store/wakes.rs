//! Waiting for wake-ups, of which one that waits stands for any number.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Waits for a wake-up (true) or until the time is over (false); without a time for ever. An error when whoever sends
/// them has ended.
pub fn wait(wakes: &Receiver<()>, timeout: Option<Duration>) -> io::Result<bool> {
    let gone = || io::Error::other("the watch has ended");
    match timeout {
        None => wakes.recv().map(|()| true).map_err(|_| gone()),
        Some(timeout) => match wakes.recv_timeout(timeout) {
            Ok(()) => Ok(true),
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
        },
    }
}
