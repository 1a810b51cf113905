//! The directory of one attempt: what the shim is to do, and what it leaves behind.
//!
//! | file | written by | what |
//! | --- | --- | --- |
//! | `spec.json` (0600) | controller | what to start, where, in which environment |
//! | `work/` | controller | the run's copy of the code |
//! | `lock` | shim | created exclusively: the fence against a second start; locked while the shim lives |
//! | `started.json` | shim | the processes and the moment of the start |
//! | `console.log`, `console.idx` | shim | the output, and when each piece came from which stream |
//! | `events/` | script | what the script says |
//! | `output/` | script | `$XT_OUTPUT_DIR` |
//! | `attach.sock` | shim | takes input, for a run with a terminal |
//! | `exit.json` | shim | how it ended |

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::process::Identity;
use super::{NodeError, Result};
use crate::model::Time;
use crate::store::files::private_folder;

/// What a shim is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The run's unique id.
    pub run_guid: String,
    /// The attempt's number.
    pub attempt: u32,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Where it starts.
    pub directory: PathBuf,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
    /// Its umask.
    pub umask: u32,
    /// It gets a terminal of its own.
    pub tty: bool,
    /// Seconds after which it is ended.
    pub limit: Option<f64>,
    /// Seconds between asking it to end and ending it.
    pub grace: f64,
}

/// The start of an attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The shim.
    pub shim: Identity,
    /// The script's process, unless it could not be started.
    pub script: Option<Identity>,
    /// When.
    pub time: Time,
}

/// Why an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The script ended by itself.
    Exited,
    /// The script could not be started.
    NotStarted,
    /// It was asked to end.
    Cancelled,
    /// Its time was over.
    TimeLimit,
}

/// The end of an attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    /// Why.
    pub reason: Reason,
    /// The exit code; 128 and the signal's number when a signal ended it, 127 when it could not be started.
    pub code: i32,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What the system said when it could not be started.
    pub detail: Option<String>,
    /// When.
    pub time: Time,
    /// The bytes of its console log.
    pub console_bytes: u64,
    /// Processes of it that go on, for they are another user's.
    #[serde(default)]
    pub abandoned: Vec<Abandoned>,
    /// What is missing in its console log.
    #[serde(default)]
    pub gap: Option<Gap>,
}

/// Output that could not be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// How many bytes.
    pub bytes: u64,
    /// What the system said.
    pub reason: String,
}

/// A process that could not be ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abandoned {
    /// Its id.
    pub pid: u32,
    /// The name of its program.
    pub command: String,
}

/// How an attempt stands, from its directory alone.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// No shim has taken it: it may be started.
    Fresh,
    /// Its shim lives.
    Alive(Option<Started>),
    /// It has ended.
    Ended(Option<Started>, Exit),
    /// Its shim is gone and left no word.
    Lost(Option<Started>),
}

/// The directory of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    folder: PathBuf,
}

impl Attempt {
    /// The attempt in this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The console log.
    pub fn console(&self) -> PathBuf {
        self.folder.join("console.log")
    }

    /// The console log's times and streams.
    pub fn sidecar(&self) -> PathBuf {
        self.folder.join("console.idx")
    }

    /// Where the script's processes leave what they say.
    pub fn events(&self) -> PathBuf {
        self.folder.join("events")
    }

    /// The run's copy of the code.
    pub fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Where the script leaves files to be kept.
    pub fn output(&self) -> PathBuf {
        self.folder.join("output")
    }

    /// Where a run with a terminal takes input.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("attach.sock")
    }

    /// Makes the folders.
    pub fn create(&self) -> Result<()> {
        for folder in [self.folder.clone(), self.events(), self.output()] {
            private_folder(&folder)?;
        }
        Ok(())
    }

    /// Reads what the shim is to do.
    pub fn spec(&self) -> Result<Spec> {
        let path = self.folder.join("spec.json");
        read_json(&path)?.ok_or_else(|| NodeError::Broken { path, detail: "it is missing".into() })
    }

    /// Writes what the shim is to do.
    pub fn write_spec(&self, spec: &Spec) -> Result<()> {
        write_json(&self.folder.join("spec.json"), spec)
    }

    /// Writes the start.
    pub fn write_started(&self, started: &Started) -> Result<()> {
        write_json(&self.folder.join("started.json"), started)
    }

    /// Writes the end.
    pub fn write_exit(&self, exit: &Exit) -> Result<()> {
        write_json(&self.folder.join("exit.json"), exit)
    }

    /// Takes the attempt for this process, once and for all; `None` when somebody has taken it before.
    ///
    /// The lock lasts as long as the file that is answered.
    pub fn take(&self) -> Result<Option<File>> {
        let path = self.folder.join("lock");
        // It is locked under another name first: whoever sees a lock that nobody holds knows that its shim is gone.
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
        let file = file.map_err(NodeError::io("create", &part))?;
        file.lock().map_err(NodeError::io("lock", &part))?;
        let linked = fs::hard_link(&part, &path);
        let _ = fs::remove_file(&part);
        match linked {
            Ok(()) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(NodeError::io("create", path)(error)),
        }
    }

    /// How it stands.
    pub fn state(&self) -> Result<State> {
        // The lock is looked at before the exit record: a shim writes the record and then lets go of the
        // lock, so whoever finds the lock free finds the record too, if there ever will be one.
        let path = self.folder.join("lock");
        let held = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Fresh),
            Err(error) => return Err(NodeError::io("open", path)(error)),
            Ok(file) => match file.try_lock_shared() {
                Ok(()) => false,
                Err(fs::TryLockError::WouldBlock) => true,
                Err(fs::TryLockError::Error(error)) => return Err(NodeError::io("look at", path)(error)),
            },
        };
        // A power cut can leave a file without its contents, which then says as little as none. The end is read before
        // the start, for whoever finds an end finds the start that was written before it.
        let exit = unless_broken(read_json(&self.folder.join("exit.json")))?;
        let started: Option<Started> = unless_broken(read_json(&self.folder.join("started.json")))?;
        if let Some(exit) = exit {
            return Ok(State::Ended(started, exit));
        }
        Ok(if held { State::Alive(started) } else { State::Lost(started) })
    }
}

fn unless_broken<T>(read: Result<Option<T>>) -> Result<Option<T>> {
    match read {
        Err(NodeError::Broken { .. }) => Ok(None),
        other => other,
    }
}

/// Writes a file that only its owner can read, so that readers see the old one or the new one, never half.
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let broken =
        |error: serde_json::Error| NodeError::Broken { path: path.to_owned(), detail: error.to_string() };
    let bytes = serde_json::to_vec(value).map_err(broken)?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(&bytes)?;
        fs::rename(&part, path)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&part);
        NodeError::io("write", path)(error)
    })
}

/// Reads a file that [`write_json`] wrote; `None` when there is none.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| NodeError::Broken { path: path.to_owned(), detail: error.to_string() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(NodeError::io("read", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P1 (the fence), C6 (what a directory tells the next controller).
    #[test]
    fn an_attempt_is_taken_once_and_tells_how_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let attempt = Attempt::at(folder.path().join("1"));
        attempt.create().unwrap();
        assert_eq!(attempt.state().unwrap(), State::Fresh);
        let lock = attempt.take().unwrap().unwrap();
        assert!(attempt.take().unwrap().is_none());
        assert_eq!(attempt.state().unwrap(), State::Alive(None));
        assert_eq!(fs::read_dir(attempt.folder()).unwrap().count(), 3, "two folders, one lock, no parts");
        let started = Started { shim: Identity::own(), script: None, time: Time::now() };
        attempt.write_started(&started).unwrap();
        assert_eq!(attempt.state().unwrap(), State::Alive(Some(started.clone())));
        drop(lock);
        assert_eq!(attempt.state().unwrap(), State::Lost(Some(started.clone())));
        let exit = Exit {
            reason: Reason::Exited,
            code: 0,
            signal: None,
            detail: None,
            time: Time::now(),
            console_bytes: 0,
            abandoned: Vec::new(),
            gap: None,
        };
        fs::write(attempt.folder().join("exit.json"), "").unwrap();
        assert_eq!(attempt.state().unwrap(), State::Lost(Some(started.clone())), "cut off by a power cut");
        attempt.write_exit(&exit).unwrap();
        assert_eq!(attempt.state().unwrap(), State::Ended(Some(started), exit));
        assert!(attempt.take().unwrap().is_none());
    }
}
