//! What comes from outside: requests at the socket, and signals.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::Sender;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};

use super::Message;
use crate::node::control::{self, Greeting, Request, VERSION};
use crate::node::{Layout, NodeError, Result, socket};

/// A client that says nothing is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The thread that answers requests.
pub struct Listener {
    closing: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Begins to answer requests.
pub fn listen(layout: &Layout, sender: Sender<Message>) -> Result<Listener> {
    let path = layout.socket();
    let listener = socket::listen(&path).map_err(NodeError::io("listen at", &path))?;
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, private).map_err(NodeError::io("protect", &path))?;
    let closing = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&closing);
    let thread = std::thread::Builder::new()
        .name("listener".into())
        .spawn(move || answer(&listener, &flag, &sender))
        .map_err(NodeError::system("start a thread"))?;
    Ok(Listener { closing, thread })
}

impl Listener {
    /// Stops answering. Every request that was answered is in the channel when this returns.
    pub fn close(self, layout: &Layout) {
        self.closing.store(true, Ordering::SeqCst);
        // Wakes the thread from its wait. Where the socket is gone, with its whole home perhaps, nobody can
        // connect any more, and the thread is left to wait until the process ends.
        let woken = socket::connect(&layout.socket()).is_ok();
        let _ = std::fs::remove_file(layout.socket());
        if woken {
            let _ = self.thread.join();
        }
    }
}

fn answer(listener: &UnixListener, closing: &AtomicBool, sender: &Sender<Message>) {
    for stream in listener.incoming() {
        if closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok(mut stream) = stream else { continue };
        let _ = stream.set_read_timeout(Some(PATIENCE));
        let _ = stream.set_write_timeout(Some(PATIENCE));
        // The request is in the channel before its sender hears so.
        if let Ok(request) = control::receive::<Request>(&stream)
            && sender.send(Message::Request(request)).is_ok()
        {
            let greeting = Greeting { version: VERSION.to_owned(), pid: std::process::id() };
            let _ = control::send(&mut stream, &greeting);
        }
    }
}

/// Turns signals into messages.
pub fn catch_signals(sender: Sender<Message>) -> Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGCHLD, SIGTERM, SIGINT, SIGHUP])
        .map_err(NodeError::system("take over signals"))?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in signals.forever() {
                if sender.send(Message::Signal(signal)).is_err() {
                    return;
                }
            }
        })
        .map_err(NodeError::system("start a thread"))?;
    Ok(())
}
