//! `xt config`: what is in force and where it was written, what is wrong with it, and a file to start from.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::config::{Home, template};
use crate::ops::{OpsError, Result};
use crate::store::files::private_folder;

/// Writes a file with every default commented out: the user's own one, or another. Nothing is overwritten.
///
/// Only its owner can read it, for it may come to hold keys.
pub fn create(home: &Home, file: Option<&Path>) -> Result<PathBuf> {
    let path = match file {
        Some(file) => std::path::absolute(file).map_err(OpsError::io("find", file))?,
        None => home.config_file(),
    };
    if let (Some(folder), None) = (path.parent(), file) {
        private_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(&path);
    let mut opened = opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => OpsError::Refused(format!(
            "{} exists already, and nothing is overwritten: edit it, or name another file with --create=FILE",
            path.display()
        )),
        _ => OpsError::io("create", &path)(error),
    })?;
    opened.write_all(template().as_bytes()).map_err(OpsError::io("write", &path))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    // Proves B35 (`--create`): the file is sound as it is, private, and never overwritten.
    #[test]
    fn the_file_to_start_from_is_sound_and_safe() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::below(folder.path());
        let path = create(&home, None).unwrap();
        assert_eq!(path, home.config_file());
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let loaded = load(&Sources { user_file: Some(path.clone()), ..Sources::default() });
        assert_eq!(loaded.diagnostics, []);
        std::fs::write(&path, "mine").unwrap();
        assert!(create(&home, None).unwrap_err().to_string().contains("exists already"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        create(&home, Some(&folder.path().join("other.yaml"))).unwrap();
        assert!(create(&home, Some(&folder.path().join("no/other.yaml"))).is_err());
    }
}
