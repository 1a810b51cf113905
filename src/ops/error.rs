//! What can go wrong with a verb.

use std::path::PathBuf;

use crate::config::HomeError;
use crate::model::NameError;
use crate::model::filter::FilterError;
use crate::node::NodeError;
use crate::report::ReportError;
use crate::store::StoreError;

/// An error of a verb, in words for the person who gave the command.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The node.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The folders xt works in.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A filter.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A table's columns.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The command itself cannot be carried out as it is; the text says why and what to do.
    #[error("{0}")]
    Refused(String),
    /// A file or folder cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: "read", "create", …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Something of a name was looked for and is not there.
    #[error("there is no {what} `{name}`{}", .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// The name that was given.
        name: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
}

impl OpsError {
    /// An error of the file system, with what was tried on what.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
