//! Talking to the controller of this machine: a request and an answer, one line of JSON each, over a unix
//! socket that only its owner can open.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use process_wrap::std::{CommandWrap, ProcessSession};
use serde::{Deserialize, Serialize};

use super::lock::ControllerLock;
use super::{Layout, NodeError, Result, socket};
use crate::store::files::private_folder;

/// What can be asked of a controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// The records have changed: look for work.
    Wake,
    /// An attempt has started or ended.
    Attempt {
        /// The run.
        run_guid: String,
        /// The attempt.
        attempt: u32,
    },
    /// End, and leave the runs to a controller of this later version.
    Leave {
        /// The version.
        version: String,
    },
}

/// The controller's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// Its version of xt.
    pub version: String,
    /// Its process.
    pub pid: u32,
}

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a controller may take to answer; its answers are given by a thread that does nothing else.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest request or answer.
const LONGEST: u64 = 4096;

/// Makes sure that a controller knows of new work: tells the one that is there, or starts one.
///
/// An older controller is asked to leave first; its runs go on and the new one adopts them.
pub fn wake(layout: &Layout, request: &Request) -> Result<()> {
    if let Ok(greeting) = ask(layout, request) {
        if !is_older(&greeting.version, VERSION) {
            return Ok(());
        }
        let _ = ask(layout, &Request::Leave { version: VERSION.to_owned() });
    }
    start(layout)
}

/// Sends a request to the controller that is there.
pub fn ask(layout: &Layout, request: &Request) -> std::io::Result<Greeting> {
    let mut stream = socket::connect(&layout.socket())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    send(&mut stream, request)?;
    receive(&stream)
}

/// Writes one line.
pub fn send<T: Serialize>(stream: &mut UnixStream, message: &T) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// Reads one line.
pub fn receive<T: serde::de::DeserializeOwned>(stream: &UnixStream) -> std::io::Result<T> {
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST)).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// Starts a controller in a session of its own, with nothing of this process's terminal.
///
/// What would end it before it can say why is looked for here, where somebody is told.
fn start(layout: &Layout) -> Result<()> {
    private_folder(&layout.node())?;
    private_folder(layout.runtime())?;
    ControllerLock::check(&layout.lock())?;
    let mut command = Command::new(super::process::own_program());
    command.arg("node").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    super::process::set_apart(&mut command);
    let mut command = CommandWrap::from(command);
    command.wrap(ProcessSession);
    command.spawn().map_err(NodeError::io("start the controller for", layout.node()))?;
    Ok(())
}

/// Waits until this process may be the controller: `None` when another one is there and answers.
pub fn take_over(layout: &Layout) -> Result<Option<ControllerLock>> {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(lock) = ControllerLock::take(&layout.lock())? {
            return Ok(Some(lock));
        }
        if ask(layout, &Request::Wake).is_ok() {
            return Ok(None);
        }
        // It is starting or ending: both are over in a moment.
        if Instant::now() > patience {
            let pid = ControllerLock::holder(&layout.lock()).map_or(0, |holder| holder.pid);
            return Err(NodeError::Silent { pid });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Compares versions by their numbers.
fn is_older(version: &str, than: &str) -> bool {
    let numbers =
        |version: &str| version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>();
    numbers(version) < numbers(than)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(is_older("0.9.0", "0.10.0"));
        assert!(!is_older("0.10.0", "0.10.0"));
        assert!(!is_older("1.0.0", "0.10.0"));
    }
}
