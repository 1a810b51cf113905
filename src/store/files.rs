//! Files and folders as they are: made, moved, copied and removed, whatever lies in them.
//!
//! Links are never followed, and what has no contents (pipes, sockets) is left where it is.

use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Result, StoreError};
use crate::config::home::create_private;

/// Makes a folder and those above it, for this user alone.
pub fn private_folder(folder: &Path) -> Result<()> {
    create_private(folder).map_err(StoreError::io("create", folder))
}

/// The folders in a folder, by name; none when it is not there.
pub fn folders(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

/// Whether something has contents that can be kept apart from it: a file, or a link, which is kept as it is.
pub fn has_contents(kind: FileType) -> bool {
    kind.is_file() || kind.is_symlink()
}

/// Moves a file or a link, over the border of a disk too; the target appears whole.
pub fn move_entry(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => move_over(from, to, folder),
        other => other.map_err(StoreError::io("move", from)),
    }
}

/// Moves a file or a link by way of a copy, which is on disk before the original goes.
fn move_over(from: &Path, to: &Path, folder: &Path) -> Result<()> {
    let part = tempfile::tempdir_in(folder).map_err(StoreError::io("write in", folder))?;
    let copy = part.path().join("copy");
    let kind = copy_entry(from, &copy).map_err(StoreError::io("copy", from))?;
    if kind.is_file() {
        File::open(&copy).and_then(|file| file.sync_all()).map_err(StoreError::io("write", to))?;
    }
    fs::rename(&copy, to).map_err(StoreError::io("create", to))?;
    fs::remove_file(from).map_err(StoreError::io("remove", from))
}

/// Copies a file, by reflink where the disk can, or a link as a link; the target must be free.
pub fn copy_entry(from: &Path, to: &Path) -> io::Result<FileType> {
    let meta = fs::symlink_metadata(from)?;
    if meta.is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from)?, to)?;
    } else if meta.is_file() {
        reflink_copy::reflink_or_copy(from, to)?;
        fs::set_permissions(to, meta.permissions())?;
    } else {
        return Err(io::Error::from(ErrorKind::InvalidInput));
    }
    Ok(meta.file_type())
}

/// Copies a folder that may be in use; what vanishes meanwhile is left out. `copied` is told the size of each file.
pub fn copy_folder(from: &Path, to: &Path, copied: &mut dyn FnMut(u64)) -> Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(StoreError::io("read", from))?,
    };
    private_folder(to)?;
    for entry in entries {
        let entry = entry.map_err(StoreError::io("read", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            copy_folder(&source, &target, copied)?;
        } else if has_contents(kind) {
            match copy_entry(&source, &target) {
                Ok(kind) if kind.is_file() => copied(target.metadata().map_or(0, |meta| meta.len())),
                Err(error) if error.kind() == ErrorKind::NotFound && !source.exists() => {}
                other => drop(other.map_err(StoreError::io("copy", &source))?),
            }
        }
    }
    Ok(())
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
        other => other.map(|()| bytes).map_err(StoreError::io("remove", folder)),
    }
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
        let _socket = std::os::unix::net::UnixListener::bind(from.join("socket")).unwrap();
        let mut bytes = 0;
        copy_folder(&from, &to, &mut |size| bytes += size).unwrap();
        assert_eq!(bytes, 5);
        assert_eq!(fs::metadata(to.join(odd)).unwrap().permissions().mode() & 0o777, 0o400);
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("nowhere"));
        assert!(!to.join("socket").exists());
    }

    // Proves C12: what is moved to another disk is what it was: a link does not become what it leads to.
    #[test]
    fn a_move_over_the_border_of_a_disk_keeps_links_and_modes() {
        let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in("/dev/shm").unwrap());
        let (from, to) = (near.path().join("model"), far.path().join("deep/model"));
        fs::write(&from, "weights").unwrap();
        fs::set_permissions(&from, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", near.path().join("link")).unwrap();
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        for (name, target) in [("model", &to), ("link", &far.path().join("deep/link"))] {
            move_over(&near.path().join(name), target, to.parent().unwrap()).unwrap();
            assert!(fs::symlink_metadata(near.path().join(name)).is_err());
        }
        assert_eq!(fs::read_to_string(&to).unwrap(), "weights");
        assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_link(far.path().join("deep/link")).unwrap(), Path::new("/etc/hostname"));
        assert_eq!(fs::read_dir(to.parent().unwrap()).unwrap().count(), 2, "no parts are left");
        let pipe = near.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert!(move_over(&pipe, &far.path().join("pipe"), far.path()).is_err(), "nobody waits for a pipe");
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
