//! Code that no job needs any more, and how it goes without taking any that somebody is about to need.
//!
//! A submit stores the code it does not find, and records its job then: in between, its code looks like nobody's.
//! Its age tells nothing, for what it found has been there for as long as you like. So a submit holds a lock from
//! before it looks for the first file until its job is recorded (many may hold it at once), and whoever collects
//! holds it alone, and reads under it which code the jobs name. The kernel drops a lock with its process.
//!
//! Which code that is, is read from the documents as text: whatever looks like a hash is taken for one. A document
//! that is damaged names its code like that too, and a hash too many keeps a file too many, which is no harm.

use std::collections::HashSet;
use std::fs::{self, DirEntry, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::code::Objects;
use super::{Result, StoreError};
use crate::model::Time;

/// A file of code that no job needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unneeded {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What keeps code from being collected, or others from needing it.
#[derive(Debug)]
pub struct CodeLock {
    _file: File,
}

impl Objects {
    /// For a submit: what it finds or stores stays until its job is recorded.
    pub fn hold(&self) -> Result<CodeLock> {
        let (file, path) = self.lock_file()?;
        file.lock_shared().map_err(StoreError::io("lock", path))?;
        Ok(CodeLock { _file: file })
    }

    /// For a collection; nothing while a submit is under way.
    pub fn hold_alone(&self) -> Result<Option<CodeLock>> {
        let (file, path) = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(CodeLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::io("lock", path)(error)),
        }
    }

    fn lock_file(&self) -> Result<(File, PathBuf)> {
        let folder = self.info();
        fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        let path = folder.join("code.lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        Ok((options.open(&path).map_err(StoreError::io("open", &path))?, path))
    }

    /// The files that were stored before a moment and are not among these hashes, nor named by one that is:
    /// snapshots, objects, and what a submit left behind that was killed.
    pub fn unneeded(&self, named: &HashSet<String>, before: Time) -> Result<Vec<Unneeded>> {
        let mut needed = named.clone();
        let mut found = Vec::new();
        for entry in entries(self.snapshots())? {
            let path = entry.path();
            let hash = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if named.contains(&hash) {
                needed.extend(hashes_in(&fs::read(&path).map_err(StoreError::io("read", &path))?));
            } else {
                found.extend(old(&entry, before));
            }
        }
        for entry in entries(self.root())? {
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                found.extend(old(&entry, before));
                continue;
            }
            let head = entry.file_name().to_string_lossy().into_owned();
            for entry in entries(&entry.path())? {
                if !needed.contains(&format!("{head}{}", entry.file_name().to_string_lossy())) {
                    found.extend(old(&entry, before));
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }
}

/// Removes files nobody needs; for the holder of the lock, who has just found them. Answers how many bytes.
pub fn remove(_alone: &CodeLock, files: &[Unneeded]) -> Result<u64> {
    let mut bytes = 0;
    for Unneeded { path, bytes: size } in files {
        fs::remove_file(path).map_err(StoreError::io("remove", path))?;
        bytes += size;
        // The last one of its folder takes the folder along.
        if let Some(folder) = path.parent() {
            let _ = fs::remove_dir(folder);
        }
    }
    Ok(bytes)
}

/// What is in a folder; nothing when there is none.
fn entries(folder: &Path) -> Result<Vec<DirEntry>> {
    match fs::read_dir(folder).and_then(Iterator::collect) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries.map_err(StoreError::io("read", folder)),
    }
}

fn old(entry: &DirEntry, before: Time) -> Option<Unneeded> {
    let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
    let stored = meta.modified().ok().map(Time::from)?;
    (stored < before).then(|| Unneeded { path: entry.path(), bytes: meta.len() })
}

/// Everything in a text that looks like a hash.
pub fn hashes_in(text: &[u8]) -> impl Iterator<Item = String> + '_ {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.split(move |byte| !is_digit(byte))
        .filter(|word| word.len() == blake3::OUT_LEN * 2)
        .map(|word| String::from_utf8_lossy(word).into_owned())
}
