//! Copies of files for a person: into a folder of theirs, or for a program that shows them.

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::ops::{OpsError, Result};

/// Bytes that are copied between two looks whether somebody wants it to end.
const PIECE: usize = 1 << 20;

/// What came of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is here.
    At(PathBuf),
    /// This file is there already; it is as it was.
    Exists(PathBuf),
    /// It was stopped; nothing is left of it.
    Stopped,
}

/// Where a person's words lead: `~` is their home, a folder means a file of this name in it.
pub fn destination(words: &str, name: &str) -> PathBuf {
    let path = match words.strip_prefix('~').map(|rest| (rest, std::env::var_os("HOME"))) {
        Some((rest, Some(home))) if rest.is_empty() || rest.starts_with('/') => {
            Path::new(&home).join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(words),
    };
    if path.is_dir() { path.join(name) } else { path }
}

/// Copies a file. What is there already is replaced only with `overwrite`, and never half. `step` is told the
/// bytes done and all, and says whether to go on.
pub fn copy(
    from: &Path,
    to: &Path,
    overwrite: bool,
    step: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Saved> {
    if !overwrite && to.symlink_metadata().is_ok() {
        return Ok(Saved::Exists(to.to_owned()));
    }
    let mut source = File::open(from).map_err(OpsError::io("read", from))?;
    let all = source.metadata().map_err(OpsError::io("read", from))?.len();
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // As a new file of theirs would be, not secret as temporary ones are.
    let mut temporary = tempfile::Builder::new();
    temporary.prefix(".xt-").permissions(Permissions::from_mode(0o666));
    let mut part = temporary.tempfile_in(folder).map_err(OpsError::io("write in", folder))?;
    let (mut piece, mut done) = (vec![0; PIECE], 0);
    loop {
        let read = match source.read(&mut piece) {
            Ok(0) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read.map_err(OpsError::io("read", from))?,
        };
        part.write_all(piece.get(..read).unwrap_or_default()).map_err(OpsError::io("write", to))?;
        done += read as u64;
        if !step(done, all.max(done)) {
            return Ok(Saved::Stopped);
        }
    }
    let kept = if overwrite { part.persist(to) } else { part.persist_noclobber(to) };
    match kept {
        Ok(_) => Ok(Saved::At(to.to_owned())),
        Err(failed) if failed.error.kind() == ErrorKind::AlreadyExists => Ok(Saved::Exists(to.to_owned())),
        Err(failed) => Err(OpsError::io("create", to)(failed.error)),
    }
}

/// A copy that cannot be written, in a folder of its own: for a program that shows it. What the store keeps of a
/// run is the record of it, and stays as it is.
pub fn show(from: &Path, step: &mut dyn FnMut(u64, u64) -> bool) -> Result<Saved> {
    let folder = tempfile::Builder::new()
        .prefix("xt-")
        .tempdir()
        .map_err(OpsError::io("create", std::env::temp_dir()))?;
    let to = folder.path().join(from.file_name().unwrap_or("file".as_ref()));
    let saved = copy(from, &to, false, step)?;
    if matches!(saved, Saved::At(_)) {
        fs::set_permissions(&to, Permissions::from_mode(0o400)).map_err(OpsError::io("write", &to))?;
        // From here on it is the program's.
        let _ = folder.keep();
    }
    Ok(saved)
}

#[cfg(test)]
mod tests {
    // Proves B31, C12 (nothing is overwritten unasked, and never half).
    use super::*;

    #[test]
    fn nothing_is_overwritten_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("from"), "new").unwrap();
        fs::write(at("to"), "old").unwrap();
        let copied = |to: &Path, overwrite| copy(&at("from"), to, overwrite, &mut |_, _| true).unwrap();
        assert_eq!(copied(&at("to"), false), Saved::Exists(at("to")));
        assert_eq!(fs::read_to_string(at("to")).unwrap(), "old");
        assert_eq!(copied(&at("to"), true), Saved::At(at("to")));
        assert_eq!(fs::read_to_string(at("to")).unwrap(), "new");
        std::os::unix::fs::symlink("nowhere", at("dangling")).unwrap();
        assert_eq!(copied(&at("dangling"), false), Saved::Exists(at("dangling")));
        let error = copy(&at("from"), &at("none/to"), false, &mut |_, _| true).unwrap_err().to_string();
        assert!(error.starts_with("cannot write in"), "{error}");
    }

    #[test]
    fn a_copy_that_is_stopped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::write(&from, vec![7; 3 * PIECE]).unwrap();
        let mut told = Vec::new();
        let mut step = |done, all| {
            told.push((done, all));
            told.len() < 2
        };
        assert_eq!(copy(&from, &to, false, &mut step).unwrap(), Saved::Stopped);
        let piece = PIECE as u64;
        assert_eq!(told, [(piece, 3 * piece), (2 * piece, 3 * piece)]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_shown_is_a_copy_that_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("config.yaml");
        fs::write(&from, "lr: 1\n").unwrap();
        let Saved::At(shown) = show(&from, &mut |_, _| true).unwrap() else { panic!("not saved") };
        assert_ne!(shown, from);
        assert_eq!(
            (shown.file_name(), shown.metadata().unwrap().permissions().mode() & 0o777),
            (from.file_name(), 0o400)
        );
        fs::remove_dir_all(shown.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_folder_means_a_file_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let words = folder.path().to_string_lossy().into_owned();
        assert_eq!(destination(&words, "a.txt"), folder.path().join("a.txt"));
        assert_eq!(destination("b.txt", "a.txt"), Path::new("b.txt"));
        let home = PathBuf::from(std::env::var_os("HOME").unwrap());
        assert_eq!(destination("~/xt-no-such-file", "a.txt"), home.join("xt-no-such-file"));
    }
}
