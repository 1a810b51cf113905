//! The files of the embedded store: a folder for each container, a file for each blob.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use md5::{Digest, Md5 as Hasher};

use super::blobs::{Address, Blob, Depth, Download, Entry, Files, Md5, Step, Upload, Watch, below};
use super::files::{private_folder, remove_folder};
use super::{Result, StoreError};

/// Where files are written before they get their name. No container can be called so.
const PARTS: &str = ".parts";

/// The folder of a store's files.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The files below a folder, which is made when something is written.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn container(&self, name: &str) -> Result<PathBuf> {
        let plain = !name.starts_with('.') && !name.contains('/');
        let path = below(&self.root, name).filter(|_| plain);
        path.ok_or_else(|| StoreError::Unusable { what: "container", name: name.to_owned() })
    }

    fn path(&self, at: &Address) -> Result<PathBuf> {
        let folder = self.container(&at.container)?;
        below(&folder, &at.path).ok_or_else(|| unusable(at))
    }

    /// A regular file; what is not there, and what a link leads to, is nothing.
    fn file(&self, at: &Address) -> Result<Option<(PathBuf, fs::Metadata)>> {
        let path = self.path(at)?;
        let inside = path.parent().is_none_or(|parent| leads_nowhere_else(&self.root, parent));
        match path.symlink_metadata() {
            Ok(meta) if inside && meta.is_file() => Ok(Some((path, meta))),
            Ok(_) => Ok(None),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(StoreError::io("read", path)(error)),
        }
    }

    fn existing(&self, at: &Address) -> Result<PathBuf> {
        Ok(self.file(at)?.ok_or_else(|| missing(at))?.0)
    }

    /// Writes a file whole: what is there already stays until then.
    fn write(&self, at: &Address, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let to = self.path(at)?;
        let folder = to.parent().unwrap_or(&self.root);
        if !leads_nowhere_else(&self.root, folder) {
            return Err(unusable(at));
        }
        private_folder(folder)?;
        let parts = self.root.join(PARTS);
        private_folder(&parts)?;
        let part = tempfile::tempdir_in(&parts).map_err(StoreError::io("write in", &parts))?;
        let part = part.path().join("part");
        fill(&part)?;
        fs::rename(&part, &to).map_err(StoreError::io("create", to))
    }
}

/// Whether no step below the root is a link.
fn leads_nowhere_else(root: &Path, path: &Path) -> bool {
    let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
    !path.ancestors().take_while(|step| *step != root).any(is_link)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn missing(at: &Address) -> StoreError {
    StoreError::Missing { what: "blob", name: at.to_string(), nearest: None }
}

fn unusable(at: &Address) -> StoreError {
    StoreError::Unusable { what: "blob", name: at.to_string() }
}

fn blob(path: String, meta: &fs::Metadata) -> Blob {
    Blob {
        path,
        size: meta.len(),
        modified: meta.modified().map(Into::into).unwrap_or_default(),
        etag: format!("{:x}-{:x}-{:x}-{:x}", meta.ino(), meta.len(), meta.mtime(), meta.mtime_nsec()),
        md5: None,
    }
}

/// Copies contents, by reflink where the disk can; answers how many bytes they are.
fn copy(from: &Path, to: &Path) -> Result<u64> {
    reflink_copy::reflink_or_copy(from, to).map_err(StoreError::io("copy", from))?;
    Ok(to.metadata().map_err(StoreError::io("write", to))?.len())
}

/// The MD5 sum of a file.
pub fn md5_of(path: &Path) -> Result<Md5> {
    let mut file = File::open(path).map_err(StoreError::io("read", path))?;
    let mut hasher = Hasher::new();
    io::copy(&mut file, &mut hasher).map_err(StoreError::io("read", path))?;
    Ok(hasher.finalize().into())
}

impl Files for Folder {
    fn place(&self) -> String {
        format!("the folder {}", self.root.display())
    }

    fn containers(&self, prefix: &str) -> Result<Vec<String>> {
        let folders = super::files::folders(&self.root).map(|(name, _)| name);
        let mut names: Vec<_> =
            folders.filter(|name| name.starts_with(prefix) && !name.starts_with('.')).collect();
        names.sort();
        Ok(names)
    }

    fn create_container(&self, name: &str) -> Result<bool> {
        let path = self.container(name)?;
        private_folder(&self.root)?;
        match fs::create_dir(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            made => made.map(|()| true).map_err(StoreError::io("create", path)),
        }
    }

    fn delete_container(&self, name: &str) -> Result<bool> {
        let path = self.container(name)?;
        let there = path.exists();
        remove_folder(&path)?;
        Ok(there)
    }

    fn list(&self, at: &Address, depth: Depth, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
        let container = self.container(&at.container)?;
        // A prefix ends anywhere; the walk begins at the folder it is in.
        let (folder, _) = at.path.rsplit_once('/').unwrap_or(("", ""));
        let start = if folder.is_empty() {
            container.clone()
        } else {
            below(&container, folder).ok_or_else(|| unusable(at))?
        };
        if !leads_nowhere_else(&self.root, &start) {
            return Ok(());
        }
        let head = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        walk(&start, &head, &at.path, depth, each)
    }

    fn stat(&self, at: &Address) -> Result<Option<Blob>> {
        Ok(self.file(at)?.map(|(_, meta)| blob(at.path.clone(), &meta)))
    }

    fn md5(&self, at: &Address) -> Result<Option<Md5>> {
        self.file(at)?.map(|(path, _)| md5_of(&path)).transpose()
    }

    fn read(&self, at: &Address, range: Range<u64>) -> Result<Vec<u8>> {
        let path = self.existing(at)?;
        let failed = || StoreError::io("read", &path);
        let mut file = File::open(&path).map_err(failed())?;
        file.seek(SeekFrom::Start(range.start)).map_err(failed())?;
        let mut bytes = Vec::new();
        let length = range.end.saturating_sub(range.start);
        file.take(length).read_to_end(&mut bytes).map_err(failed())?;
        Ok(bytes)
    }

    fn put(&self, at: &Address, bytes: &[u8]) -> Result<()> {
        self.write(at, |part| fs::write(part, bytes).map_err(StoreError::io("write", part)))
    }

    fn append(&self, at: &Address, bytes: &[u8]) -> Result<()> {
        let path = self.path(at)?;
        if self.file(at)?.is_none() {
            self.put(at, &[])?;
        }
        let file = OpenOptions::new().append(true).open(&path);
        file.and_then(|mut file| file.write_all(bytes)).map_err(StoreError::io("write", path))
    }

    fn copy(&self, from: &Address, to: &Address) -> Result<()> {
        let from = self.existing(from)?;
        self.write(to, |part| copy(&from, part).map(drop))
    }

    fn delete(&self, blobs: &[Address], done: Watch<'_>) -> Result<()> {
        for at in blobs {
            if let Some((path, _)) = self.file(at)? {
                match fs::remove_file(&path) {
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    removed => removed.map_err(StoreError::io("remove", &path))?,
                }
                self.remove_empty(&at.container, &path)?;
            }
            done(Step::File);
        }
        Ok(())
    }

    fn upload(&self, files: &[Upload], done: Watch<'_>) -> Result<()> {
        for file in files {
            self.write(&file.to, |part| {
                done(Step::Bytes(copy(&file.from, part)?));
                Ok(())
            })?;
            done(Step::File);
        }
        Ok(())
    }

    fn download(&self, files: &[Download], frozen: bool, done: Watch<'_>) -> Result<()> {
        for file in files {
            let (path, meta) = self.file(&file.from)?.ok_or_else(|| missing(&file.from))?;
            if !frozen && blob(String::new(), &meta).etag != file.blob.etag {
                return Err(StoreError::Changed { name: file.from.to_string() });
            }
            let folder = file.to.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
            let part = tempfile::tempdir_in(folder).map_err(StoreError::io("write in", folder))?;
            let copied = part.path().join("part");
            done(Step::Bytes(copy(&path, &copied)?));
            fs::rename(&copied, &file.to).map_err(StoreError::io("create", &file.to))?;
            done(Step::File);
        }
        Ok(())
    }
}

impl Folder {
    /// A folder without blobs is none: there is nothing like it on a service.
    fn remove_empty(&self, container: &str, path: &Path) -> Result<()> {
        let top = self.container(container)?;
        let above = path.ancestors().skip(1).take_while(|folder| *folder != top);
        above.take_while(|folder| fs::remove_dir(folder).is_ok()).for_each(drop);
        Ok(())
    }
}

/// Tells what lies in a folder and begins with the prefix, in the order of the paths: where a folder's name stands
/// among others, its `/` counts, as it does on a service.
fn walk(
    folder: &Path,
    head: &str,
    prefix: &str,
    depth: Depth,
    each: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if is_absent(&error) => return Ok(()),
        entries => entries.map_err(StoreError::io("read", folder))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(StoreError::io("read", folder))?;
        // A name that is no text cannot be a blob's; it is the run's own affair.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        let end = if kind.is_dir() { "/" } else { "" };
        let path = format!("{head}{name}{end}");
        if (kind.is_dir() || kind.is_file()) && path.starts_with(prefix) {
            found.push((path, entry.path()));
        }
    }
    found.sort();
    for (path, file) in found {
        if path.ends_with('/') {
            if depth == Depth::All {
                walk(&file, &path, prefix, depth, each)?;
            } else {
                each(Entry::Folder(path))?;
            }
        } else if let Ok(meta) = file.symlink_metadata() {
            each(Entry::Blob(blob(path, &meta)))?;
        }
    }
    Ok(())
}
