//! The controller's lock: one controller per machine and store.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::process::Identity;
use super::{NodeError, Result};

/// The lock, held until it is dropped or its process ends, however it ends: the kernel keeps it.
#[derive(Debug)]
pub struct ControllerLock {
    _file: File,
}

impl ControllerLock {
    /// Takes the lock; `None` while another controller has it.
    pub fn take(path: &Path) -> Result<Option<Self>> {
        let failed = |source| NodeError::Io { action: "lock", path: PathBuf::from(path), source };
        let mut file = open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let text = serde_json::to_string(&Identity::own()).unwrap_or_default();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(failed)?;
        Ok(Some(Self { _file: file }))
    }

    /// Whether a controller could take the lock, be it held or not.
    pub fn check(path: &Path) -> Result<()> {
        open(path).map(drop)
    }

    /// The controller that holds the lock, from the process table and not from a guess (B31).
    pub fn holder(path: &Path) -> Option<Identity> {
        let mut file = File::open(path).ok()?;
        if file.try_lock_shared().is_ok() {
            return None;
        }
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        let identity: Identity = serde_json::from_str(&text).ok()?;
        identity.is_alive().then_some(identity)
    }
}

fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map_err(NodeError::io("lock", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves B31, P1 (two controllers racing).
    #[test]
    fn one_controller_at_a_time_and_its_process_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("controller.lock");
        assert_eq!(ControllerLock::holder(&path), None);
        let lock = ControllerLock::take(&path).unwrap().unwrap();
        assert!(ControllerLock::take(&path).unwrap().is_none());
        assert_eq!(ControllerLock::holder(&path), Some(Identity::own()));
        drop(lock);
        assert_eq!(ControllerLock::holder(&path), None);
        assert!(ControllerLock::take(&path).unwrap().is_some());
    }
}
