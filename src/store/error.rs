//! What can go wrong with a store.

use std::path::PathBuf;

use rustix::io::Errno;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder of the store cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: "read", "create", …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The disk of the store is full.
    #[error("the disk of the store {} is full: free some space and try again", path.display())]
    Full {
        /// The store's database.
        path: PathBuf,
    },
    /// The store cannot be written to.
    #[error("the store {} cannot be written: check its permissions, or set XT_HOME to another folder", path.display())]
    ReadOnly {
        /// The store's database.
        path: PathBuf,
    },
    /// Somebody else kept the database locked for too long.
    #[error("the store {} is busy: another process has kept it locked; try again", path.display())]
    Busy {
        /// The store's database.
        path: PathBuf,
    },
    /// The disk answered a read or write with an error.
    #[error("the disk of the store {} fails ({detail}): nothing was changed; try again", path.display())]
    Disk {
        /// The store's database.
        path: PathBuf,
        /// What the database says.
        detail: String,
    },
    /// The store was written by a later version of xt.
    #[error(
        "the store {} has version {found}, and this xt knows versions up to {known}: use a newer xt",
        path.display()
    )]
    Newer {
        /// The store's database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version this xt reads.
        known: i64,
    },
    /// The store lies on a disk of several machines and belongs to another of them.
    #[error(
        "the store {} is on a network disk and used from {host}: two machines at once would damage it; work on \
         {host}, set XT_HOME to a local folder, or remove records.host when {host} will never use it again",
        path.display()
    )]
    OtherHost {
        /// The store's database.
        path: PathBuf,
        /// The machine it belongs to.
        host: String,
    },
    /// The database is damaged.
    #[error("the store {} is damaged ({detail}): run `xt check store`, or restore a backup", path.display())]
    Damaged {
        /// The store's database.
        path: PathBuf,
        /// What the database says.
        detail: String,
    },
    /// Any other answer of the database.
    #[error("the store {} answered: {detail}", path.display())]
    Database {
        /// The store's database.
        path: PathBuf,
        /// What the database says.
        detail: String,
    },
    /// The server of the records cannot be reached, or does not answer.
    #[error(
        "the store {server} cannot be reached ({detail}): check the network and `mongo-connection-string`, or wait and try again"
    )]
    Unreachable {
        /// The server and database.
        server: String,
        /// What the driver says.
        detail: String,
    },
    /// A server failed when it was told to record something: nobody knows whether it did.
    #[error("{source}; {what} may have been recorded all the same: look with `{look}` before you repeat it")]
    Unsure {
        /// What was to be recorded.
        what: &'static str,
        /// The verb that shows whether it was.
        look: &'static str,
        /// What failed.
        source: Box<Self>,
    },
    /// The server of the records has too much to do.
    #[error(
        "the store {server} has too much to do and refused for too long: wait and try again, or give it more throughput"
    )]
    Throttled {
        /// The server and database.
        server: String,
    },
    /// The server of the records does not let us in.
    #[error(
        "the store {server} refuses the credentials ({detail}): check user, password and rights in `mongo-connection-string`"
    )]
    Denied {
        /// The server and database.
        server: String,
        /// What the driver says.
        detail: String,
    },
    /// Any other answer of the server of the records.
    #[error("the store {server} answered: {detail}")]
    Server {
        /// The server and database.
        server: String,
        /// What the driver says.
        detail: String,
    },
    /// The records of a server were written by a later version of xt.
    #[error(
        "the store {server} has version {found}, and this xt knows versions up to {known}: use a newer xt"
    )]
    NewerServer {
        /// The server and database.
        server: String,
        /// Its version.
        found: u64,
        /// The latest version this xt reads.
        known: u64,
    },
    /// What was asked for cannot be had of this kind of store.
    #[error("{what} is not available on the store {server}: {instead}")]
    NotAvailable {
        /// What was asked for.
        what: &'static str,
        /// The server and database.
        server: String,
        /// What to do instead.
        instead: &'static str,
    },
    /// There is no such thing.
    #[error("there is no {what} `{name}`{}", .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Missing {
        /// What was looked for: "workspace", "run", …
        what: &'static str,
        /// The name that was given.
        name: String,
        /// The existing name nearest to it.
        nearest: Option<String>,
    },
    /// Something of that name is there already.
    #[error("there is a {what} `{name}` already{hint}")]
    Exists {
        /// What it is.
        what: &'static str,
        /// The name.
        name: String,
        /// What to do, or nothing.
        hint: String,
    },
    /// A record cannot be understood.
    #[error("the record of {name} cannot be read ({detail}): run `xt check store`")]
    Corrupt {
        /// Whose record it is.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A name that nothing of this kind can have.
    #[error("`{}` cannot be the name of a {what}", crate::model::names::visible(name))]
    Unusable {
        /// What it would be: "blob", "container", …
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A blob is another than it was a moment ago.
    #[error(
        "{name} was written to meanwhile: try again, or say --snapshot to take it as it is at one moment"
    )]
    Changed {
        /// The blob.
        name: String,
    },
    /// A service that keeps files refuses, or cannot be reached.
    #[error("cannot {action} {place}: {detail}")]
    Service {
        /// What was tried: "upload a to", "list", …
        action: String,
        /// The service.
        place: String,
        /// What it says, and what to do.
        detail: String,
        /// What comes of trying again.
        outlook: Outlook,
    },
    /// What a run said is taken in from another place on than where the records are.
    #[error(
        "the records have {file} of {run} up to byte {at}, and this begins at {from}: read on where they are"
    )]
    Elsewhere {
        /// The run.
        run: String,
        /// The file that was read.
        file: String,
        /// Where the records are.
        at: u64,
        /// Where the batch begins.
        from: u64,
    },
    /// A block of metric history cannot be understood.
    #[error(transparent)]
    Segment(#[from] super::segment::SegmentError),
    /// A name that cannot be used.
    #[error(transparent)]
    Name(#[from] crate::model::NameError),
}

impl StoreError {
    /// An error of the file system, with what was tried on what.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// A workspace of that name is there, or one that differs in case alone.
    pub fn similar_workspace(name: &str, wanted: &str) -> Self {
        let hint = if name == wanted {
            String::new()
        } else {
            format!(
                ", and `{wanted}` differs from it only in case, which not every disk tells apart: use another name"
            )
        };
        Self::Exists { what: "workspace", name: name.to_owned(), hint }
    }

    /// Whether trying again later can help: the spool waits on these, and on nothing else.
    pub fn is_passing(&self) -> bool {
        self.outlook() == Outlook::Passes
    }

    /// What comes of trying again.
    pub fn outlook(&self) -> Outlook {
        match self {
            Self::Full { .. }
            | Self::Busy { .. }
            | Self::ReadOnly { .. }
            | Self::Disk { .. }
            | Self::Unreachable { .. }
            | Self::Throttled { .. }
            | Self::Elsewhere { .. } => Outlook::Passes,
            Self::Io { source, .. } => Outlook::of(source),
            Self::Service { outlook, .. } => *outlook,
            Self::Unsure { source, .. } => source.outlook(),
            _ => Outlook::Stays,
        }
    }
}

/// What comes of trying the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// It succeeds when there is room again: on the disk, in memory, for processes or open files.
    Passes,
    /// A disk or a server answers with an error, which may be over soon or be a defect.
    MayPass,
    /// It fails again.
    Stays,
}

impl Outlook {
    /// By the system's answer.
    pub fn of(error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{
            Interrupted, OutOfMemory, QuotaExceeded, ReadOnlyFilesystem, StaleNetworkFileHandle, StorageFull,
            TimedOut, WouldBlock,
        };
        match error.kind() {
            StorageFull | QuotaExceeded | ReadOnlyFilesystem | Interrupted | TimedOut | WouldBlock
            | OutOfMemory => Self::Passes,
            StaleNetworkFileHandle => Self::MayPass,
            _ => match Errno::from_io_error(error) {
                Some(Errno::MFILE | Errno::NFILE) => Self::Passes,
                Some(Errno::IO) => Self::MayPass,
                _ => Self::Stays,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves P8: a shortage is waited for, and nothing else is.
    #[rstest]
    #[case(Errno::NOSPC, Outlook::Passes)]
    #[case(Errno::DQUOT, Outlook::Passes)]
    #[case(Errno::ROFS, Outlook::Passes)]
    #[case(Errno::AGAIN, Outlook::Passes)]
    #[case(Errno::NOMEM, Outlook::Passes)]
    #[case(Errno::MFILE, Outlook::Passes)]
    #[case(Errno::NFILE, Outlook::Passes)]
    #[case(Errno::TIMEDOUT, Outlook::Passes)]
    #[case(Errno::IO, Outlook::MayPass)]
    #[case(Errno::STALE, Outlook::MayPass)]
    #[case(Errno::NOENT, Outlook::Stays)]
    #[case(Errno::ACCESS, Outlook::Stays)]
    fn an_answer_of_the_system_has_an_outlook(#[case] errno: Errno, #[case] outlook: Outlook) {
        let error = StoreError::io("write", "file")(errno.into());
        assert_eq!(error.outlook(), outlook);
        assert_eq!(error.is_passing(), outlook == Outlook::Passes);
    }
}
