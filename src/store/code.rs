//! The code of jobs: every file once, by the hash of its contents, and every list of files once, by its own.
//! Both are complete before a job that needs them is recorded.
//!
//! ```text
//! xt-store-info/objects/ab/cdef…                    a file's bytes (read-only)
//! xt-store-info/snapshots/<hash>.json               a list of files
//! xt-store-info/jobs/<job>/before/code/xt_code.zip  the files of a job as XTLib keeps them
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Result, StoreError};

/// The files of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The files, by path.
    pub files: Vec<Entry>,
}

/// One file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path, relative to the root of the snapshot.
    pub path: PathBuf,
    /// The hash of its contents (BLAKE3, hexadecimal).
    pub hash: String,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it may be executed.
    pub executable: bool,
}

impl Manifest {
    /// Identifies the snapshot: the same files with the same contents have the same hash.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for file in &self.files {
            let line = format!("{}\0{}\0{}\n", file.path.display(), file.hash, u8::from(file.executable));
            hasher.update(line.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// The store's files by hash.
#[derive(Clone, Debug)]
pub struct Objects {
    info: PathBuf,
    root: PathBuf,
    snapshots: PathBuf,
}

impl Objects {
    /// The objects among a store's files.
    pub fn new(files: &Path) -> Self {
        let info = files.join("xt-store-info");
        Self { root: info.join("objects"), snapshots: info.join("snapshots"), info }
    }

    /// The folder of the two below, for the lock.
    pub(super) fn info(&self) -> &Path {
        &self.info
    }

    /// The folder of the objects.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the lists of files.
    pub(super) fn snapshots(&self) -> &Path {
        &self.snapshots
    }

    fn path(&self, hash: &str) -> PathBuf {
        let (head, rest) = hash.split_at_checked(2).unwrap_or(("", hash));
        self.root.join(head).join(rest)
    }

    /// Whether these contents are here already.
    pub fn has(&self, hash: &str) -> bool {
        self.path(hash).exists()
    }

    /// Takes in a file's contents, unless they are here; answers their hash.
    ///
    /// The file may change while it is read: what counts is the copy, so the copy is what is hashed.
    pub fn put(&self, file: &Path) -> Result<(String, u64)> {
        fs::create_dir_all(&self.root).map_err(StoreError::io("create", &self.root))?;
        let part =
            tempfile::NamedTempFile::new_in(&self.root).map_err(StoreError::io("write in", &self.root))?;
        // A reflink needs a name that is free.
        let name = part.path().with_extension("copy");
        let copied = reflink_copy::reflink_or_copy(file, &name);
        copied.map_err(StoreError::io("copy", file))?;
        let copy = Copy(&name);
        let mut hasher = blake3::Hasher::new();
        let mut source = File::open(&name).map_err(StoreError::io("read", &name))?;
        let size = io::copy(&mut source, &mut hasher).map_err(StoreError::io("read", file))?;
        let hash = hasher.finalize().to_hex().to_string();
        let path = self.path(&hash);
        if !path.exists() {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
            }
            let read_only = fs::Permissions::from_mode(0o400);
            fs::set_permissions(&name, read_only).map_err(StoreError::io("protect", &name))?;
            // The job that needs it is on disk when its submit returns, and so is its code.
            source.sync_all().map_err(StoreError::io("write", &name))?;
            fs::rename(&name, &path).map_err(StoreError::io("create", &path))?;
        }
        drop(copy);
        Ok((hash, size))
    }

    /// Takes in some bytes; answers their hash.
    pub fn put_bytes(&self, bytes: &[u8]) -> Result<String> {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let path = self.path(&hash);
        if !path.exists() {
            write_whole(&path, bytes)?;
        }
        Ok(hash)
    }

    /// Copies the contents of a hash to a file.
    pub fn copy(&self, hash: &str, to: &Path) -> Result<()> {
        let from = self.path(hash);
        let bytes = fs::read(&from).map_err(StoreError::io("read", &from))?;
        write_whole(to, &bytes)
    }

    fn snapshot(&self, hash: &str) -> PathBuf {
        self.snapshots.join(hash).with_extension("json")
    }

    /// Takes in a list of files; answers its hash.
    pub fn put_manifest(&self, manifest: &Manifest) -> Result<String> {
        let hash = manifest.hash();
        let path = self.snapshot(&hash);
        if !path.exists() {
            write_whole(&path, &serde_json::to_vec(manifest).map_err(|error| corrupt(&path, &error))?)?;
        }
        Ok(hash)
    }

    /// The list of files with this hash.
    pub fn manifest(&self, hash: &str) -> Result<Manifest> {
        let path = self.snapshot(hash);
        let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
        serde_json::from_slice(&bytes).map_err(|error| corrupt(&path, &error))
    }

    /// Makes the files of a snapshot in a folder: reflinks where the disk can, copies elsewhere, never hard
    /// links, for a run may change its files.
    pub fn materialise(&self, manifest: &Manifest, folder: &Path) -> Result<()> {
        for file in &manifest.files {
            let to = folder.join(safe(&file.path)?);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent).map_err(StoreError::io("create", parent))?;
            }
            let from = self.path(&file.hash);
            reflink_copy::reflink_or_copy(&from, &to).map_err(StoreError::io("copy", &from))?;
            let mode = if file.executable { 0o755 } else { 0o644 };
            fs::set_permissions(&to, fs::Permissions::from_mode(mode))
                .map_err(StoreError::io("write", &to))?;
        }
        Ok(())
    }

    /// Writes a snapshot as the zip archive that XTLib keeps.
    pub fn zip(&self, manifest: &Manifest, to: &Path) -> Result<()> {
        let folder = to.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        let part = tempfile::NamedTempFile::new_in(folder).map_err(StoreError::io("write in", folder))?;
        let failed = |error: zip::result::ZipError| StoreError::io("write", to)(io::Error::other(error));
        let mut zip = zip::ZipWriter::new(part);
        for file in &manifest.files {
            let mode = if file.executable { 0o755 } else { 0o644 };
            let options = zip::write::SimpleFileOptions::default()
                .unix_permissions(mode)
                .large_file(file.size >> 31 > 0);
            zip.start_file(file.path.to_string_lossy(), options).map_err(failed)?;
            let from = self.path(&file.hash);
            let mut source = File::open(&from).map_err(StoreError::io("read", &from))?;
            io::copy(&mut source, &mut zip).map_err(StoreError::io("write", to))?;
        }
        let part = zip.finish().map_err(failed)?;
        part.persist(to).map_err(|error| StoreError::io("create", to)(error.error))?;
        Ok(())
    }
}

fn corrupt(path: &Path, error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { name: path.display().to_string(), detail: error.to_string() }
}

/// A copy that goes away again when it was not needed.
struct Copy<'a>(&'a Path);

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.0);
    }
}

/// A relative path that stays inside its folder: a record may come from elsewhere.
fn safe(path: &Path) -> Result<&Path> {
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    if inside && path.components().next().is_some() {
        return Ok(path);
    }
    let detail = "it leads out of its folder".to_owned();
    Err(StoreError::Corrupt { name: path.display().to_string(), detail })
}

/// Writes a file so that readers see all of it or none.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
    let mut part = tempfile::NamedTempFile::new_in(folder).map_err(StoreError::io("write in", folder))?;
    part.write_all(bytes).map_err(StoreError::io("write", path))?;
    part.as_file().sync_all().map_err(StoreError::io("write", path))?;
    part.persist(path).map_err(|error| StoreError::io("create", path)(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves A2 (code snapshots), P9 (paths that lead out of the folder).
    #[test]
    fn a_snapshot_is_stored_once_and_made_anew_anywhere() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("train.py");
        fs::write(&source, "print(1)").unwrap();
        let objects = Objects::new(&folder.path().join("files"));
        let (hash, size) = objects.put(&source).unwrap();
        assert_eq!(objects.put(&source).unwrap(), (hash.clone(), 8));
        assert!(objects.has(&hash));
        let entry = Entry { path: "src/train.py".into(), hash, size, executable: true };
        let manifest = Manifest { files: vec![entry.clone()] };
        let listed = objects.put_manifest(&manifest).unwrap();
        assert_eq!(objects.manifest(&listed).unwrap(), manifest);
        let work = folder.path().join("work");
        objects.materialise(&manifest, &work).unwrap();
        let made = work.join("src/train.py");
        assert_eq!(fs::read_to_string(&made).unwrap(), "print(1)");
        assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o755);
        fs::write(&made, "changed").unwrap();
        let again = folder.path().join("again");
        objects.materialise(&manifest, &again).unwrap();
        assert_eq!(fs::read_to_string(again.join("src/train.py")).unwrap(), "print(1)");

        let zip = folder.path().join("xt_code.zip");
        objects.zip(&manifest, &zip).unwrap();
        let mut archive = zip::ZipArchive::new(File::open(&zip).unwrap()).unwrap();
        assert_eq!(archive.by_index(0).unwrap().name().unwrap(), "src/train.py");

        for path in ["../evil", "/etc/evil", "a/../../b", ""] {
            let evil = Manifest { files: vec![Entry { path: path.into(), ..entry.clone() }] };
            assert!(objects.materialise(&evil, &work).is_err(), "{path}");
        }
        let leftovers = fs::read_dir(folder.path().join("files/xt-store-info/objects")).unwrap().count();
        assert_eq!(leftovers, 1, "one folder of objects and no parts of files");
    }
}
