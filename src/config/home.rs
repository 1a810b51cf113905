//! Where xt keeps its own files.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The four folders of one installation; two homes never meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// `xt_config.yaml`, keymaps, themes.
    pub config: PathBuf,
    /// The embedded store and whatever must survive.
    pub data: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
    /// Sockets and locks of running processes.
    pub runtime: PathBuf,
}

/// Why there is no usable home.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The system knows no home folder for this user.
    #[error("no home folder is known for this user; set XT_HOME to a folder of your own")]
    Unknown,
    /// `XT_HOME` cannot be made absolute.
    #[error("XT_HOME cannot be used: {0}")]
    Unusable(std::io::Error),
    /// A folder cannot be made.
    #[error("cannot create {folder}: {source}; set XT_HOME to a folder you may write to", folder = .folder.display())]
    Create {
        /// The folder in question.
        folder: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl Home {
    /// Below `XT_HOME` if that is set, else where the platform keeps such files. Creates nothing.
    pub fn from_env() -> Result<Self, HomeError> {
        if let Some(root) = std::env::var_os("XT_HOME").filter(|root| !root.is_empty()) {
            return Ok(Self::below(&std::path::absolute(root).map_err(HomeError::Unusable)?));
        }
        let dirs = directories::ProjectDirs::from("", "", "xt").ok_or(HomeError::Unknown)?;
        let data = dirs.data_local_dir().to_path_buf();
        Ok(Self {
            config: dirs.config_dir().to_path_buf(),
            cache: dirs.cache_dir().to_path_buf(),
            runtime: dirs.runtime_dir().map_or_else(|| data.join("run"), Path::to_path_buf),
            data,
        })
    }

    /// Everything in one folder, as `XT_HOME` has it.
    pub fn below(root: &Path) -> Self {
        Self {
            config: root.join("config"),
            data: root.join("data"),
            cache: root.join("cache"),
            runtime: root.join("run"),
        }
    }

    /// The user's own configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join(super::sources::FILE_NAME)
    }

    /// Makes the folders that are missing, for this user alone (mode 0700).
    pub fn create(&self) -> Result<(), HomeError> {
        for folder in [&self.config, &self.data, &self.cache, &self.runtime] {
            create_private(folder).map_err(|source| HomeError::Create { folder: folder.clone(), source })?;
        }
        Ok(())
    }
}

/// Makes a folder and those above it, for this user alone (mode 0700).
pub fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    // Proves C2 (starts with nothing installed), P8 (a home that cannot be written).
    #[test]
    fn creates_private_folders_only_when_asked_and_twice_is_fine() {
        let root = tempfile::tempdir().unwrap();
        let home = Home::below(&root.path().join("deep/er"));
        assert!(!home.config.exists());
        home.create().unwrap();
        home.create().unwrap();
        for folder in [&home.config, &home.data, &home.cache, &home.runtime] {
            assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700, "{folder:?}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let root = tempfile::tempdir().unwrap();
        // A file in the way fails for root too, unlike a read-only folder.
        std::fs::write(root.path().join("data"), "").unwrap();
        let error = Home::below(root.path()).create().unwrap_err().to_string();
        let expected = format!("cannot create {}: ", root.path().join("data").display());
        assert!(error.starts_with(&expected), "{error}");
        assert!(error.ends_with("set XT_HOME to a folder you may write to"), "{error}");
    }
}
