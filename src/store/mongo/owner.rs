//! Whose controller starts what is submitted here: a home's, for its folders hold what the runs need.

use std::io::Write as _;
use std::path::Path;

use crate::store::{Result, StoreError};

/// The name of a home among all that share a store, kept in a file of its folder from the first time on. Another machine
/// or another `XT_HOME` is another home, whatever they are called.
pub fn owner(folder: &Path) -> Result<String> {
    let path = folder.join("owner");
    match std::fs::read_to_string(&path) {
        Ok(owner) if uuid::Uuid::parse_str(owner.trim()).is_ok() => return Ok(owner.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(StoreError::io("read", &path)(error)),
    }
    let mut file =
        tempfile::NamedTempFile::new_in(folder).map_err(StoreError::io("create a file in", folder))?;
    writeln!(file, "{}", uuid::Uuid::new_v4()).map_err(StoreError::io("write", &path))?;
    match file.persist_noclobber(&path) {
        Ok(_) => {}
        // Another process was faster, and its name is as good.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(StoreError::io("create", &path)(error.error)),
    }
    let owner = std::fs::read_to_string(&path).map_err(StoreError::io("read", &path))?;
    match uuid::Uuid::parse_str(owner.trim()) {
        Ok(owner) => Ok(owner.hyphenated().to_string()),
        Err(error) => {
            Err(StoreError::Corrupt { name: path.display().to_string(), detail: error.to_string() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P1: a home keeps its name, whoever asks first, and damage is told.
    #[test]
    fn a_home_has_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let names = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| owner(folder.path()).unwrap())).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect::<std::collections::BTreeSet<_>>()
        });
        assert_eq!(names.len(), 1);
        std::fs::write(folder.path().join("owner"), "nonsense").unwrap();
        assert!(owner(folder.path()).unwrap_err().to_string().contains("owner cannot be read"));
    }
}
