//! Handing open files down to a process that is started: they travel through a socket that is its standard input.
//!
//! Inheriting them by number would give them to the script too, and to whatever the script leaves behind.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::Stdio;

use rustix::cmsg_space;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};

use super::{NodeError, Result};

/// As many files go into one message; the kernel takes up to 253.
const BATCH: usize = 64;

/// The standard input that brings these files along. They are in it when this returns: whatever becomes of this
/// process, they stay open until that one has ended without taking them.
pub fn hand_down(files: &[File]) -> Result<Stdio> {
    if files.is_empty() { Ok(Stdio::null()) } else { loaded(files).map(Stdio::from) }
}

/// The reading end of a socket that holds these files, and nothing more will come.
fn loaded(files: &[File]) -> Result<OwnedFd> {
    let failed = || NodeError::system::<rustix::io::Errno>("hand down locks");
    let (ours, theirs) =
        rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
            .map_err(failed())?;
    for batch in files.chunks(BATCH) {
        let fds: Vec<BorrowedFd<'_>> = batch.iter().map(AsFd::as_fd).collect();
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(BATCH))];
        let mut message = SendAncillaryBuffer::new(&mut space);
        message.push(SendAncillaryMessage::ScmRights(&fds));
        // A message needs a byte of its own.
        rustix::net::sendmsg(&ours, &[IoSlice::new(b"f")], &mut message, SendFlags::empty())
            .map_err(failed())?;
    }
    Ok(theirs)
}

/// The files that were handed down to this process; none where its standard input is something else.
pub fn handed_down() -> Vec<OwnedFd> {
    receive(std::io::stdin().as_fd())
}

fn receive(socket: BorrowedFd<'_>) -> Vec<OwnedFd> {
    let mut files = Vec::new();
    loop {
        let mut byte = [0];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(BATCH))];
        let mut messages = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        let received = rustix::net::recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut messages, flags);
        if !received.is_ok_and(|received| received.bytes > 0) {
            return files;
        }
        for message in messages.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = message {
                files.extend(fds);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves C10: what is handed down stays locked without the one who locked it, and not a moment longer.
    #[test]
    fn locks_travel_and_are_kept_by_whoever_has_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = |number: usize| folder.path().join(number.to_string());
        let locked = |number: usize| {
            let file = File::create(path(number)).unwrap();
            file.lock().unwrap();
            file
        };
        let last = BATCH + 2;
        let free = || [0, last].map(|number| File::open(path(number)).unwrap().try_lock().is_ok());
        let socket = loaded(&(0..=last).map(locked).collect::<Vec<_>>()).unwrap();
        assert_eq!(free(), [false; 2], "they are on their way");
        let received = receive(socket.as_fd());
        drop(socket);
        assert_eq!((received.len(), free()), (last + 1, [false; 2]));
        drop(received);
        assert_eq!(free(), [true; 2]);

        let socket = loaded(&(0..=last).map(locked).collect::<Vec<_>>()).unwrap();
        assert_eq!(free(), [false; 2]);
        drop(socket);
        assert_eq!(free(), [true; 2], "whoever did not take them has let go");
        assert!(receive(File::open("/dev/null").unwrap().as_fd()).is_empty());
    }
}
