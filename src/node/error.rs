//! What can go wrong on a node.

use std::path::PathBuf;

use crate::model::RunPath;
use crate::store::error::Outlook;

/// An error of the node.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A file or folder of the node cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: "read", "create", …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A file of an attempt's directory cannot be understood.
    #[error("{} cannot be read: {detail}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The system refused something.
    #[error("cannot {action}: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Something lies where a lock file of the machine's should be.
    #[error("{} is in the way of a lock that all users of this machine share: {what}; remove it", path.display())]
    Squatted {
        /// Where it lies.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// What its submitter's environment was is not known any more.
    #[error("the environment of {run} is not kept on this machine: submit it anew with `xt run`")]
    NoEnvironment {
        /// The run.
        run: RunPath,
    },
    /// The controller does not answer.
    #[error(
        "the controller of this machine (process {pid}) does not answer: look at `xt view controller log`"
    )]
    Silent {
        /// Its process.
        pid: u32,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

impl NodeError {
    /// An error of the file system, with what was tried on what.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// What comes of trying again.
    pub fn outlook(&self) -> Outlook {
        match self {
            Self::Store(error) => error.outlook(),
            Self::Io { source, .. } | Self::System { source, .. } => Outlook::of(source),
            _ => Outlook::Stays,
        }
    }

    /// An error of a system call.
    pub fn system<E: Into<std::io::Error>>(action: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::System { action, source: error.into() }
    }
}
