//! `xt attach`: the live output of a run, and the keys to it when it has a terminal.

mod modes;
mod session;

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;

use crate::model::RunPath;
use crate::node::attempt::Attempt;
use crate::node::shim::input::Message;
use crate::node::socket;
use crate::ops::{Context, OpsError, Result};

pub use self::session::{Ended, session};

/// A line to the terminal of one attempt of a run.
#[derive(Debug)]
pub struct Keyboard {
    stream: UnixStream,
    attempt: u32,
}

impl Keyboard {
    /// Connects to a run that was started with a terminal.
    pub fn connect(ctx: &Context, path: &RunPath) -> Result<Self> {
        let run = ctx.records.run(path)?;
        if !run.status.is_active() {
            return Err(OpsError::Refused(format!(
                "{path} is {}: there is nothing to attach to",
                run.status
            )));
        }
        let attempt = Attempt::at(ctx.layout.attempt(&run.run_guid, run.attempt));
        let stream = socket::connect(&attempt.socket()).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                OpsError::Refused(format!("{path} takes no input: only runs started with --tty do"))
            }
            _ => OpsError::io("attach to", attempt.socket())(error),
        })?;
        Ok(Self { stream, attempt: run.attempt })
    }

    /// Types bytes.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        bytes
            .chunks(32 << 10)
            .try_for_each(|piece| self.stream.write_all(&Message::Input(piece.to_vec()).to_bytes()))
    }

    /// Tells the size of the window.
    pub fn resize(&mut self, columns: u16, rows: u16) -> io::Result<()> {
        self.stream.write_all(&Message::Resize(columns, rows).to_bytes())
    }
}
