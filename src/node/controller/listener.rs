//! What comes from outside: requests at the socket, and signals.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};

use super::Message;
use crate::node::control::{self, Greeting, Request, VERSION};
use crate::node::{Layout, NodeError, Result, socket};

/// A client that says nothing is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The thread that answers requests.
pub struct Listener {
    /// Closed to wake the thread: it answers nobody any more.
    open: UnixStream,
    thread: JoinHandle<()>,
}

/// Begins to answer requests.
pub fn listen(layout: &Layout, sender: Sender<Message>) -> Result<Listener> {
    let path = layout.socket();
    let listener = socket::listen(&path).map_err(NodeError::io("listen at", &path))?;
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, private).map_err(NodeError::io("protect", &path))?;
    listener.set_nonblocking(true).map_err(NodeError::io("listen at", &path))?;
    let (open, closed) = UnixStream::pair().map_err(NodeError::system("make a pair of sockets"))?;
    let thread = std::thread::Builder::new()
        .name("listener".into())
        .spawn(move || answer(&listener, &closed, &sender))
        .map_err(NodeError::system("start a thread"))?;
    Ok(Listener { open, thread })
}

impl Listener {
    /// Stops answering. Every request that was answered is in the channel when this returns.
    pub fn close(self, layout: &Layout) {
        drop(self.open);
        let _ = self.thread.join();
        let _ = std::fs::remove_file(layout.socket());
    }
}

fn answer(listener: &UnixListener, closed: &UnixStream, sender: &Sender<Message>) {
    loop {
        let mut waited = [PollFd::new(closed, PollFlags::IN), PollFd::new(listener, PollFlags::IN)];
        match poll(&mut waited, None) {
            Ok(_) if !waited[0].revents().is_empty() => return,
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
        let Ok((mut stream, _)) = listener.accept() else { continue };
        let _ = stream.set_nonblocking(false);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::unbounded;

    // Proves C6: a controller comes to its end also when its home is gone, or its socket is another's by now.
    #[test]
    fn it_closes_whatever_became_of_its_socket() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path(), folder.path(), folder.path());
        let (sender, messages) = unbounded();
        let first = listen(&layout, sender.clone()).unwrap();
        let second = listen(&layout, sender.clone()).unwrap();
        let mut client = socket::connect(&layout.socket()).unwrap();
        control::send(&mut client, &Request::Wake).unwrap();
        assert!(control::receive::<Greeting>(&client).is_ok());
        first.close(&layout);
        second.close(&layout);
        assert!(matches!(messages.try_recv(), Ok(Message::Request(Request::Wake))));
        drop(folder);
    }
}
