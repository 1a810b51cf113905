//! Moving, copying and removing the folders of a store's files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use crate::model::{Run, RunName};
use crate::node::Layout;
use crate::ops::{Context, OpsError, Result};

/// Where the files of deleted runs are, laid out as the store's files are.
pub fn trash(layout: &Layout) -> PathBuf {
    layout.files().join(".trash")
}

/// The folder of a run's files, and where it is while the run is in the trash; nothing when the record names
/// a workspace that cannot be a folder.
pub fn places(layout: &Layout, run: &Run) -> Option<(PathBuf, PathBuf)> {
    is_plain(&run.ws).then(|| {
        let inside = Path::new(&run.ws).join("runs").join(run.run_name.to_string());
        (layout.files().join(&inside), trash(layout).join(inside))
    })
}

/// The attempts of a run on this machine; nothing when the record's id cannot be a folder's name.
pub fn attempts(layout: &Layout, run: &Run) -> Option<PathBuf> {
    is_plain(&run.run_guid).then(|| layout.run(&run.run_guid))
}

/// Whether a name out of a record is one step of a path and leads nowhere else: records may be imported.
pub fn is_plain(name: &str) -> bool {
    let mut steps = Path::new(name).components();
    matches!((steps.next(), steps.next()), (Some(Component::Normal(step)), None) if step == name)
        && !name.starts_with('.')
}

/// Who moves the files of runs and who backs them up exclude each other.
#[derive(Debug)]
pub struct FilesLock {
    _files: File,
    /// Who moves files and who sweeps the trash wait for each other, which is short.
    _trash: Option<File>,
}

impl FilesLock {
    /// For moving files; refused while a backup is being made.
    pub fn moving(ctx: &Context) -> Result<Self> {
        let files = Self::beside_others(ctx)?;
        let (trash, path) = Self::open(ctx, "trash.lock")?;
        trash.lock_shared().map_err(OpsError::io("lock", path))?;
        Ok(Self { _files: files, _trash: Some(trash) })
    }

    /// For removing what nobody speaks of: a deletion that moves its files into the trash meanwhile would lose
    /// them. Refused while a backup is being made.
    pub fn sweeping(ctx: &Context) -> Result<Self> {
        let files = Self::beside_others(ctx)?;
        let (trash, path) = Self::open(ctx, "trash.lock")?;
        trash.lock().map_err(OpsError::io("lock", path))?;
        Ok(Self { _files: files, _trash: Some(trash) })
    }

    /// For a backup; waits for the moves that are under way, which are short.
    pub fn backup(ctx: &Context) -> Result<Self> {
        let (files, path) = Self::open(ctx, "files.lock")?;
        files.lock().map_err(OpsError::io("lock", path))?;
        Ok(Self { _files: files, _trash: None })
    }

    fn beside_others(ctx: &Context) -> Result<File> {
        let (file, path) = Self::open(ctx, "files.lock")?;
        match file.try_lock_shared() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(OpsError::Refused(
                "a backup of the store is being made: try again when it is done".into(),
            )),
            Err(TryLockError::Error(error)) => Err(OpsError::io("lock", path)(error)),
        }
    }

    fn open(ctx: &Context, name: &str) -> Result<(File, PathBuf)> {
        let path = ctx.layout.records().with_file_name(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        Ok((options.open(&path).map_err(OpsError::io("open", &path))?, path))
    }
}

/// Moves a folder. What is at the target already stays, and what the move brings is put to it, so that a move
/// that was cut off can be made again. A folder that is not there has been moved before.
pub fn move_folder(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        create_private(parent)?;
    }
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {
            for entry in fs::read_dir(from).map_err(OpsError::io("read", from))? {
                let entry = entry.map_err(OpsError::io("read", from))?;
                let target = to.join(entry.file_name());
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    move_folder(&entry.path(), &target)?;
                } else {
                    fs::rename(entry.path(), &target).map_err(OpsError::io("move", entry.path()))?;
                }
            }
            fs::remove_dir(from).map_err(OpsError::io("remove", from))
        }
        other => other.map_err(OpsError::io("move", from)),
    }
}

/// Makes a folder and those above it, for this user alone.
pub fn create_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).map_err(OpsError::io("create", folder))
}

/// Copies a folder that may be in use: files by reflink where the disk can, links as links, and what vanishes
/// meanwhile is left out. `copied` is told the size of each file.
pub fn copy_folder(from: &Path, to: &Path, copied: &mut dyn FnMut(u64)) -> Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(OpsError::io("read", from))?,
    };
    create_private(to)?;
    for entry in entries {
        let entry = entry.map_err(OpsError::io("read", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let Ok(kind) = entry.file_type() else { continue };
        let copy = if kind.is_dir() {
            copy_folder(&source, &target, copied)?;
            continue;
        } else if kind.is_symlink() {
            fs::read_link(&source).and_then(|link| std::os::unix::fs::symlink(link, &target))
        } else if kind.is_file() {
            copy_file(&source, &target).map(&mut *copied)
        } else {
            // Sockets and pipes have no contents.
            continue;
        };
        match copy {
            Err(error) if error.kind() == ErrorKind::NotFound && !source.exists() => {}
            other => other.map_err(OpsError::io("copy", &source))?,
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<u64> {
    let meta = fs::metadata(from)?;
    reflink_copy::reflink_or_copy(from, to)?;
    fs::set_permissions(to, meta.permissions())?;
    Ok(meta.len())
}

/// Removes a folder and all that is in it, if it is there; answers how many bytes its files had.
pub fn remove_folder(folder: &Path) -> Result<u64> {
    let bytes = size(folder);
    let removed = match fs::remove_dir_all(folder) {
        // Tools leave folders behind that their owner may not write (Go's module cache).
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            unlock(folder);
            fs::remove_dir_all(folder)
        }
        other => other,
    };
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        other => other.map(|()| bytes).map_err(OpsError::io("remove", folder)),
    }
}

/// Removes a folder and those above it as far as they are empty, up to but not including `top`.
pub fn remove_empty(folder: &Path, top: &Path) {
    let mut folder = folder;
    while folder != top && folder.starts_with(top) && fs::remove_dir(folder).is_ok() {
        let Some(parent) = folder.parent() else { return };
        folder = parent;
    }
}

/// The folders in a folder, by name; none when it is not there.
pub fn folders(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

/// The runs of whose files there is a folder below `root` (the store's files or its trash), with the workspace.
pub fn run_folders(root: &Path) -> impl Iterator<Item = (String, RunName, PathBuf)> + use<> {
    folders(root).filter(|(ws, _)| is_plain(ws)).flat_map(|(ws, folder)| {
        folders(&folder.join("runs"))
            .filter_map(move |(name, path)| Some((ws.clone(), name.parse().ok()?, path)))
    })
}

fn size(folder: &Path) -> u64 {
    let walk = ignore::WalkBuilder::new(folder).standard_filters(false).follow_links(false).build();
    let files = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    files.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).sum()
}

/// Gives the owner back what is his, from the top down so that each folder can be looked into.
fn unlock(folder: &Path) {
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    folders(folder).for_each(|(_, path)| unlock(&path));
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("curious", true)]
    #[case("", false)]
    #[case(".", false)]
    #[case("..", false)]
    #[case("a/b", false)]
    #[case("a/", false)]
    #[case("/etc", false)]
    #[case(".trash", false)]
    fn names_that_lead_elsewhere_are_no_folders(#[case] name: &str, #[case] plain: bool) {
        assert_eq!(is_plain(name), plain);
    }

    // Proves C12: a move that was cut off is made again.
    #[test]
    fn a_move_goes_on_where_it_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a/run1"), folder.path().join("b/run1"));
        for (file, text) in [("after/output/console.txt", "new"), ("after/model", "m")] {
            let path = from.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(to.join("after")).unwrap();
        fs::write(to.join("after/earlier"), "e").unwrap();
        move_folder(&from, &to).unwrap();
        move_folder(&from, &to).unwrap();
        assert!(!from.exists());
        assert_eq!(fs::read_to_string(to.join("after/output/console.txt")).unwrap(), "new");
        assert_eq!(fs::read_to_string(to.join("after/earlier")).unwrap(), "e");
        remove_empty(&folder.path().join("a"), folder.path());
        assert!(!folder.path().join("a").exists() && folder.path().exists());
    }

    #[test]
    fn a_copy_keeps_links_modes_and_names_of_any_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        let odd = std::ffi::OsStr::from_bytes(b"deep/\xff\n");
        fs::write(from.join(odd), "12345").unwrap();
        fs::set_permissions(from.join(odd), fs::Permissions::from_mode(0o400)).unwrap();
        std::os::unix::fs::symlink("nowhere", from.join("link")).unwrap();
        let mut bytes = 0;
        copy_folder(&from, &to, &mut |size| bytes += size).unwrap();
        assert_eq!(bytes, 5);
        assert_eq!(fs::metadata(to.join(odd)).unwrap().permissions().mode() & 0o777, 0o400);
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("nowhere"));
    }

    #[test]
    fn locked_folders_are_removed_too() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("cache/module");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("file"), "123").unwrap();
        fs::set_permissions(&deep, fs::Permissions::from_mode(0o500)).unwrap();
        assert_eq!(remove_folder(&folder.path().join("cache")).unwrap(), 3);
        assert_eq!(remove_folder(&folder.path().join("cache")).unwrap(), 0);
    }
}
