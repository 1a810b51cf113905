//! Input for a run with a terminal: whoever attaches sends keys and the size of his window.
//!
//! A message is a byte that says what it is, the length of the rest as a little-endian `u16`, and the rest:
//! `i` and bytes to be typed, or `r` and columns and rows as little-endian `u16`s.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::event::PollFlags;

use super::child::Streams;
use crate::node::attempt::Attempt;
use crate::node::{NodeError, Result, socket};

/// Typed bytes wait here for the script to read them; whoever sends more waits.
const MOST_WAITING: usize = 64 << 10;

/// The sender's side of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Keys.
    Input(Vec<u8>),
    /// The size of the window: columns and rows.
    Resize(u16, u16),
}

impl Message {
    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, rest) = match self {
            Self::Input(bytes) => (b'i', bytes.clone()),
            Self::Resize(columns, rows) => (b'r', [columns.to_le_bytes(), rows.to_le_bytes()].concat()),
        };
        let length = u16::try_from(rest.len()).unwrap_or(u16::MAX);
        let mut bytes = vec![kind];
        bytes.extend(length.to_le_bytes());
        bytes.extend(&rest[..usize::from(length)]);
        bytes
    }

    /// Takes a message off the front of what was received; `None` while it is not complete.
    fn take(received: &mut Vec<u8>) -> Option<std::result::Result<Self, ()>> {
        let [kind, low, high, ..] = received[..] else { return None };
        let end = 3 + usize::from(u16::from_le_bytes([low, high]));
        if received.len() < end {
            return None;
        }
        let rest: Vec<u8> = received.drain(..end).skip(3).collect();
        Some(match (kind, &rest[..]) {
            (b'i', _) => Ok(Self::Input(rest)),
            (b'r', &[c0, c1, r0, r1]) => {
                Ok(Self::Resize(u16::from_le_bytes([c0, c1]), u16::from_le_bytes([r0, r1])))
            }
            _ => Err(()),
        })
    }
}

/// Takes input from any number of attached terminals.
pub struct Input {
    listener: UnixListener,
    clients: Vec<(UnixStream, Vec<u8>)>,
    /// Typed, and not yet taken by the terminal.
    typed: Vec<u8>,
    control: File,
}

impl Input {
    /// Listens, for a run with a terminal.
    pub fn listen(attempt: &Attempt, streams: &Streams) -> Result<Option<Self>> {
        let Some(terminal) = streams.terminal() else { return Ok(None) };
        let path = attempt.socket();
        let listen = || {
            let listener = socket::listen(&path)?;
            listener.set_nonblocking(true)?;
            Ok(Self { listener, clients: Vec::new(), typed: Vec::new(), control: terminal.try_clone()? })
        };
        listen().map(Some).map_err(NodeError::io("listen at", path.clone()))
    }

    /// What to wait for.
    pub fn fds(&self) -> Vec<(BorrowedFd<'_>, PollFlags)> {
        let mut fds = vec![(self.listener.as_fd(), PollFlags::IN)];
        if self.typed.len() < MOST_WAITING {
            fds.extend(self.clients.iter().map(|(client, _)| (client.as_fd(), PollFlags::IN)));
        }
        if !self.typed.is_empty() {
            fds.push((self.control.as_fd(), PollFlags::OUT));
        }
        fds
    }

    /// Takes what has come and types what the terminal takes.
    pub fn serve(&mut self, streams: &Streams) {
        while let Ok((client, _)) = self.listener.accept() {
            if client.set_nonblocking(true).is_ok() {
                self.clients.push((client, Vec::new()));
            }
        }
        let (typed, Some(terminal)) = (&mut self.typed, streams.terminal()) else { return };
        self.clients.retain_mut(|(client, received)| {
            let open = typed.len() >= MOST_WAITING || read_some(client, received);
            while let Some(message) = Message::take(received) {
                match message {
                    Ok(Message::Input(bytes)) => typed.extend(bytes),
                    Ok(Message::Resize(ws_col, ws_row)) => {
                        let size = rustix::termios::Winsize { ws_row, ws_col, ws_xpixel: 0, ws_ypixel: 0 };
                        let _ = rustix::termios::tcsetwinsize(terminal, size);
                    }
                    Err(()) => return false,
                }
            }
            open
        });
        if let Ok(count) = self.control.write(typed) {
            typed.drain(..count);
        }
    }
}

/// Reads what is there; false when the sender is gone.
fn read_some(client: &mut UnixStream, received: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 4096];
    match client.read(&mut buffer) {
        Ok(0) => false,
        Ok(count) => {
            received.extend(&buffer[..count]);
            true
        }
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves A4 (attach with input).
    #[test]
    fn messages_come_apart_as_they_were_put_together() {
        let messages = [Message::Input(b"ls\n".to_vec()), Message::Resize(120, 40), Message::Input(vec![])];
        let mut wire: Vec<u8> = messages.iter().flat_map(Message::to_bytes).collect();
        let mut received = Vec::new();
        let mut taken = Vec::new();
        for byte in wire.drain(..) {
            received.push(byte);
            while let Some(message) = Message::take(&mut received) {
                taken.push(message.unwrap());
            }
        }
        assert_eq!(taken, messages);
        assert_eq!(Message::take(&mut vec![b'x', 0, 0]), Some(Err(())));
    }
}
