//! The files of a store: blobs with a path in a container, whatever keeps them.
//!
//! A container is a workspace, `xt-store-info` (jobs, code), or a share (`xts-NAME-xts`), as `XTLib` has them.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Result;
use crate::model::Time;
use crate::model::names::visible;

/// The container of what belongs to no workspace.
pub const INFO: &str = "xt-store-info";

/// An MD5 sum, which is what Azure keeps with a blob: against damage, not against people.
pub type Md5 = [u8; 16];

/// Where a blob is, or a folder of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The container.
    pub container: String,
    /// The path in it, with `/` between its steps; empty for all of the container.
    pub path: String,
}

impl Address {
    /// An address.
    pub fn new(container: impl Into<String>, path: impl Into<String>) -> Self {
        Self { container: container.into(), path: path.into() }
    }

    /// The same container with another path.
    #[must_use]
    pub fn with_path(&self, path: impl Into<String>) -> Self {
        Self { container: self.container.clone(), path: path.into() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", visible(&self.container), visible(&self.path))
    }
}

/// A blob as a list tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blob {
    /// Its path in its container.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: Time,
    /// Names these very contents: another tag, other contents.
    #[serde(skip)]
    pub etag: String,
    /// The sum of its contents, where the store keeps one.
    #[serde(skip)]
    pub md5: Option<Md5>,
}

/// What a list tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A blob.
    Blob(Blob),
    /// What paths have in common up to a `/`, which it ends with.
    Folder(String),
}

impl Entry {
    /// Its path in its container.
    pub fn path(&self) -> &str {
        match self {
            Self::Blob(blob) => &blob.path,
            Self::Folder(path) => path,
        }
    }
}

/// How far a list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every blob, however deep.
    All,
    /// What lies right there: blobs, and folders of others.
    One,
}

/// A file that goes to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The file.
    pub from: PathBuf,
    /// The blob it becomes; one of that path is replaced.
    pub to: Address,
}

/// A blob that becomes a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Its container and path.
    pub from: Address,
    /// What a list told of it: other contents are refused.
    pub blob: Blob,
    /// The file it becomes, whole or not at all; one of that path is replaced.
    pub to: PathBuf,
}

/// What is told while files are on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many bytes more have arrived.
    Bytes(u64),
    /// So many bytes more need not be sent: they arrived before an interruption.
    Resumed(u64),
    /// One file more is done.
    File,
}

/// Is told of each step.
pub type Watch<'a> = &'a mut dyn FnMut(Step);

/// A store of files. All calls wait until it is done.
pub trait Files: fmt::Debug + Send + Sync {
    /// What and where it is, for messages.
    fn place(&self) -> String;

    /// The names of the containers that begin so, in order.
    fn containers(&self, prefix: &str) -> Result<Vec<String>>;

    /// Makes a container; false when it is there already.
    fn create_container(&self, name: &str) -> Result<bool>;

    /// Deletes a container with all its blobs; false when there is none.
    fn delete_container(&self, name: &str) -> Result<bool>;

    /// Tells what begins with a path, in the order of paths; nothing when there is no such container.
    fn list(&self, at: &Address, depth: Depth, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()>;

    /// What a blob is; nothing when there is none.
    fn stat(&self, at: &Address) -> Result<Option<Blob>>;

    /// The sum of a blob that a list tells without one; nothing when all of it would have to come here for that.
    fn md5(&self, at: &Address) -> Result<Option<Md5>>;

    /// Some bytes of a blob; fewer when it ends before.
    fn read(&self, at: &Address, range: Range<u64>) -> Result<Vec<u8>>;

    /// Writes a blob.
    fn put(&self, at: &Address, bytes: &[u8]) -> Result<()>;

    /// Puts bytes to the end of a blob, which is made if need be. For logs: one writer at a time.
    fn append(&self, at: &Address, bytes: &[u8]) -> Result<()>;

    /// Copies a blob without it coming here; one that is at the target is replaced.
    fn copy(&self, from: &Address, to: &Address) -> Result<()>;

    /// Deletes blobs; one that is gone already is as good. `done` is told of each.
    fn delete(&self, blobs: &[Address], done: Watch<'_>) -> Result<()>;

    /// Takes files in, several at a time where that helps; what was interrupted goes on where it stopped.
    fn upload(&self, files: &[Upload], done: Watch<'_>) -> Result<()>;

    /// Gives files out, likewise. With `frozen` a blob that others write to meanwhile comes as it is now.
    fn download(&self, files: &[Download], frozen: bool, done: Watch<'_>) -> Result<()>;

    /// How many requests had to be made once more.
    fn retries(&self) -> u64 {
        0
    }
}

/// Where a blob's path leads below a folder; nothing when it would lead elsewhere, or cannot be a file's.
pub fn below(folder: &Path, path: &str) -> Option<PathBuf> {
    let plain = |step: &str| !matches!(step, "" | "." | "..") && !step.contains('\0');
    path.split('/').all(plain).then(|| folder.join(path))
}

/// An MD5 sum as people write it.
pub fn hex(sum: &[u8]) -> String {
    use fmt::Write as _;
    sum.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves P9: names of blobs lead nowhere else.
    #[rstest]
    #[case("a/b.txt", true)]
    #[case("a b/ü …", true)]
    #[case("..", false)]
    #[case("../a", false)]
    #[case("a/../../b", false)]
    #[case("/etc/passwd", false)]
    #[case("a//b", false)]
    #[case("a/./b", false)]
    #[case("a/", false)]
    #[case("", false)]
    #[case("a\0b", false)]
    fn a_path_stays_below_its_folder(#[case] path: &str, #[case] stays: bool) {
        let folder = Path::new("/to");
        assert_eq!(below(folder, path), stays.then(|| folder.join(path)));
    }
}
