//! Tells somebody that runs have ended: by a command of his, by a message to an address of his.

mod command;
mod message;
mod plan;
mod webhook;

use std::time::Duration;

pub use self::command::Output;
pub use self::message::{Event, Message, Runs};
pub use self::plan::{FULL, Ledger, Matter, Planned};

use crate::config::secret::{Secret, SecretError};

/// Who is told. What may be secret in it is never printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channels {
    /// A shell command.
    pub command: Option<Secret>,
    /// An address.
    pub url: Option<Secret>,
}

/// How long one is patient.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// With a command; then it is ended with all it has started.
    pub command: Duration,
    /// With an address, at each try.
    pub answer: Duration,
    /// Before the second try; before the third it is four times as long.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            command: Duration::from_secs(30),
            answer: Duration::from_secs(10),
            pause: Duration::from_secs(1),
        }
    }
}

/// Why somebody was not told. It names no address and no line of a command: these may be secret.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The command could not be started or looked after.
    #[error("the command of `notify.command` cannot be run: {0}")]
    Start(std::io::Error),
    /// The command failed.
    #[error("the command of `notify.command` ended with {0}")]
    Failed(std::process::ExitStatus),
    /// The command went on for too long.
    #[error("the command of `notify.command` did not end within {} seconds and was ended", .0.as_secs_f64())]
    TooLong(Duration),
    /// The address is a secret that cannot be had.
    #[error("`notify.url`: {0}")]
    Secret(#[from] SecretError),
    /// The address is none.
    #[error("`notify.url` is no address of the form `https://…` or `http://…`")]
    Address,
    /// The address did not answer in time.
    #[error("the address of `notify.url` did not answer within {} seconds", .0.as_secs_f64())]
    Silent(Duration),
    /// The address could not be reached.
    #[error("the address of `notify.url` cannot be reached: {0}")]
    Unreachable(String),
    /// The address refused.
    #[error("the address of `notify.url` answered with HTTP status {status}{}", hint(*.status))]
    Status {
        /// The status.
        status: u16,
    },
}

const fn hint(status: u16) -> &'static str {
    if matches!(status, 300..=399) { "; a redirection is not followed, name the final address" } else { "" }
}

/// What became of a message in one way.
#[derive(Debug)]
pub struct Told {
    /// `command` or `url`.
    pub channel: &'static str,
    /// Whether it arrived.
    pub result: Result<(), NotifyError>,
}

impl Channels {
    /// Whether there is nobody to tell.
    pub const fn is_empty(&self) -> bool {
        self.command.is_none() && self.url.is_none()
    }

    /// Tells everybody, one after the other.
    pub fn tell(&self, message: &Message, patience: Patience, output: Output) -> Vec<Told> {
        let mut told = Vec::new();
        if let Some(line) = &self.command {
            let result = line
                .resolve()
                .map_err(NotifyError::from)
                .and_then(|line| command::run(line.as_str(), message, patience, output));
            told.push(Told { channel: "command", result });
        }
        if let Some(url) = &self.url {
            let result = url
                .resolve()
                .map_err(NotifyError::from)
                .and_then(|url| webhook::post(url.as_str(), message, patience));
            told.push(Told { channel: "url", result });
        }
        told
    }
}
