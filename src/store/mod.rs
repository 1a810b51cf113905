//! Where records and files are kept.
//!
//! [`Records`] holds documents (workspaces, jobs, runs, events, metric history, heartbeats) and tells what
//! changed; [`Files`] holds the files of runs, jobs and workspaces in `XTLib`'s layout. The embedded store
//! is [`sqlite`] and [`folder`]; a team's records are kept by [`mongo`], its files by [`azure`]. What changes mean is
//! [`domain`]'s, for both kinds of records.

pub mod azure;
pub mod blobs;
pub mod code;
pub mod collect;
mod domain;
pub mod error;
pub mod files;
pub mod folder;
pub mod mongo;
pub mod query;
pub mod records;
pub mod segment;
pub mod sqlite;
mod wakes;

pub use blobs::Files;
pub use error::StoreError;
pub use query::{Kind, RunKey, RunQuery, SortKey};
pub use records::{
    Changes, Emptied, Ending, Gone, Histories, LoadSample, MetricBatch, NewPoint, NewRun, Records, Retries,
    RunChange, RunPatch, Seen, Submission, Submitted, Unreadable, Watch,
};

/// What the store's calls answer.
pub type Result<T> = std::result::Result<T, StoreError>;

#[cfg(test)]
mod tests;
