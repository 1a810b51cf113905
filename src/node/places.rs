//! The places of a machine, slots and GPUs, shared among all its users and all their stores.
//!
//! There is a lock file for each place, in a folder that every user of the machine finds and no user owns; who has
//! `flock`ed it has the place, until it lets go or is no more. The kernel keeps the locks, so nothing can be stale.
//! Whoever can log in can lock such a file, as he can use a GPU without asking xt: this divides a machine among
//! users who want it divided. What a stranger must not be able to do is to harm others through these files, hence
//! they are opened for reading only, without following links or waiting for anything, and nothing is read from them.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::{NodeError, Result};
use crate::model::node::Place;
use crate::store::files::private_folder;

/// Names another folder for the locks, for a machine within a machine: whoever names the same shares its places.
pub const VARIABLE: &str = "XT_MACHINE";

/// Where the locks are kept, the first that is fit. Not `/dev/shm`: some systems clear away a user's files there
/// when he logs out, and a lock on a file that is gone keeps nobody out.
const FOLDERS: [&str; 2] = ["/run/lock", "/tmp"];

/// How often a lock file is looked for again that was cleared away in the moment it was locked.
const TRIES: u32 = 16;

/// What can be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// A place.
    Place(Place, u32),
    /// The right to take places of a kind: who waits for one keeps it, so that nobody else is served first.
    Turn(Place),
}

impl fmt::Display for Lock {
    /// The name of its file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place, number) => write!(f, "xt-{place}-{number}.lock"),
            Self::Turn(place) => write!(f, "xt-{place}-turn.lock"),
        }
    }
}

/// The lock files of a machine.
#[derive(Clone, Debug)]
pub struct Places {
    folder: PathBuf,
}

impl Places {
    /// Those of this machine, or those that [`VARIABLE`] names.
    ///
    /// A folder that cannot be used is told by whoever cannot lock what is in it.
    pub fn of_this_machine() -> Self {
        if let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
            let folder = PathBuf::from(folder);
            let _ = private_folder(&folder);
            return Self::at(folder);
        }
        let fit = FOLDERS.into_iter().find(|folder| fs::metadata(folder).is_ok_and(|meta| is_common(&meta)));
        Self::at(fit.unwrap_or(FOLDERS[1]))
    }

    /// Those in a folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Locks it for as long as the file that is answered, or a copy of it in any process, is open; `None` while
    /// somebody else has it.
    pub fn try_lock(&self, lock: Lock) -> Result<Option<File>> {
        self.lock_by(lock, |file| match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        })
    }

    /// Waits until it can be locked, and locks it.
    pub fn lock(&self, lock: Lock) -> Result<Option<File>> {
        self.lock_by(lock, |file| file.lock().map(|()| true))
    }

    fn lock_by(&self, lock: Lock, take: impl Fn(&File) -> io::Result<bool>) -> Result<Option<File>> {
        let path = self.folder.join(lock.to_string());
        for _ in 0..TRIES {
            let Some((file, own)) = open(&path)? else {
                create(&self.folder, &path)?;
                continue;
            };
            if !take(&file).map_err(NodeError::io("lock", &path))? {
                return Ok(None);
            }
            // Somebody may have cleared it away just before: then others lock another file of that name.
            let there = fs::symlink_metadata(&path);
            if there.is_ok_and(|there| (there.dev(), there.ino()) == (own.dev(), own.ino())) {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }
}

/// Whether all users can make files in a folder, and none can remove another's.
fn is_common(folder: &fs::Metadata) -> bool {
    folder.is_dir() && folder.uid() == 0 && folder.mode() & 0o1777 == 0o1777
}

/// Opens a lock file, and says which it is; `None` when there is none.
fn open(path: &Path) -> Result<Option<(File, fs::Metadata)>> {
    let squatted = |what: &str| NodeError::Squatted { path: path.to_owned(), what: what.to_owned() };
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => {
            let file = File::from(fd);
            let meta = file.metadata().map_err(NodeError::io("look at", path))?;
            if meta.is_file() { Ok(Some((file, meta))) } else { Err(squatted("it is no file")) }
        }
        Err(Errno::NOENT) => Ok(None),
        Err(Errno::LOOP) => Err(squatted("it is a symbolic link")),
        Err(Errno::NXIO) => Err(squatted("it is no file")),
        Err(Errno::ACCESS) => Err(squatted("it may not be read")),
        Err(error) => Err(NodeError::io("open", path)(error.into())),
    }
}

/// Makes a lock file that everybody can open. It gets its name when it is complete, and only if there is none.
fn create(folder: &Path, path: &Path) -> Result<()> {
    let create = || {
        let part = tempfile::Builder::new().prefix(".xt-").tempfile_in(folder)?;
        part.as_file().set_permissions(fs::Permissions::from_mode(0o444))?;
        match part.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            _ => Ok(()),
        }
    };
    create().map_err(NodeError::io("create", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const GPU: Lock = Lock::Place(Place::Gpu, 0);

    // Proves C10: a place is one's own until all copies of its lock are closed, and whoever comes later gets it.
    #[test]
    fn a_place_has_one_owner() {
        let folder = tempfile::tempdir().unwrap();
        let (mine, other) = (Places::at(folder.path()), Places::at(folder.path()));
        let lock = mine.try_lock(GPU).unwrap().unwrap();
        assert!(other.try_lock(GPU).unwrap().is_none());
        assert!(other.try_lock(Lock::Place(Place::Slot, 0)).unwrap().is_some());
        let copy = lock.try_clone().unwrap();
        drop(lock);
        assert!(other.try_lock(GPU).unwrap().is_none());
        drop(copy);
        assert!(other.lock(GPU).unwrap().is_some());
        let path = folder.path().join("xt-gpu-0.lock");
        assert_eq!(
            path.metadata().unwrap().mode() & 0o777,
            0o444,
            "others can lock it, and nobody writes to it"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no parts are left");
    }

    #[test]
    fn a_lock_on_a_file_that_was_cleared_away_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places::at(folder.path());
        let stale = places.try_lock(GPU).unwrap().unwrap();
        let path = folder.path().join(GPU.to_string());
        let file = places.lock_by(GPU, |file| {
            // The first time it is cleared away after it was opened.
            if file.metadata()?.ino() == stale.metadata()?.ino() {
                fs::remove_file(&path)?;
            }
            Ok(true)
        });
        let locked = file.unwrap().unwrap().metadata().unwrap().ino();
        assert_eq!(locked, path.metadata().unwrap().ino());
    }

    // Proves C10: what a stranger puts in the way is told, and nobody waits for it or follows it.
    #[rstest]
    #[case("symbolic link", |path: &Path| std::os::unix::fs::symlink("/etc/hostname", path).unwrap())]
    #[case("symbolic link", |path: &Path| std::os::unix::fs::symlink("nowhere", path).unwrap())]
    #[case("no file", |path: &Path| fs::create_dir(path).unwrap())]
    #[case("no file", |path: &Path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()))]
    #[case("no file", |path: &Path| {
        rustix::fs::mkfifoat(rustix::fs::CWD, path, Mode::RWXU).unwrap();
    })]
    fn what_is_in_the_way_is_named(#[case] why: &str, #[case] squat: fn(&Path)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(GPU.to_string());
        squat(&path);
        let error = Places::at(folder.path()).try_lock(GPU).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(&path.display().to_string()), "{error}");
    }

    #[test]
    fn only_a_folder_that_is_everybodys_is_fit() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_common(&folder.path().metadata().unwrap()));
        if rustix::process::getuid().is_root() {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
            assert!(is_common(&folder.path().metadata().unwrap()));
        }
        assert!(Places::at("/nowhere").try_lock(GPU).is_err());
    }
}
