//! The folders of a store's files: where they are, and who may move them.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use crate::model::{Run, RunName};
use crate::node::Layout;
use crate::ops::{Context, OpsError, Result};
use crate::store::files::{folders, private_folder};

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
        private_folder(parent)?;
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

/// Removes a folder and those above it as far as they are empty, up to but not including `top`.
pub fn remove_empty(folder: &Path, top: &Path) {
    let mut folder = folder;
    while folder != top && folder.starts_with(top) && fs::remove_dir(folder).is_ok() {
        let Some(parent) = folder.parent() else { return };
        folder = parent;
    }
}

/// The runs of whose files there is a folder below `root` (the store's files or its trash), with the workspace.
pub fn run_folders(root: &Path) -> impl Iterator<Item = (String, RunName, PathBuf)> + use<> {
    folders(root).filter(|(ws, _)| is_plain(ws)).flat_map(|(ws, folder)| {
        folders(&folder.join("runs"))
            .filter_map(move |(name, path)| Some((ws.clone(), name.parse().ok()?, path)))
    })
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
}
