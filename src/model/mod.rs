//! What exists: names, workspaces, jobs, runs, events, metrics, and the filter language. Pure.
//!
//! The serialised field names are those of `XTLib`'s documents, so that its stores open as they are and
//! scripts written for it find what they know.

pub mod event;
pub mod filter;
pub mod job;
pub mod load;
pub mod metric;
pub mod names;
pub mod node;
pub mod notify;
pub mod retry;
pub mod run;
pub mod scalar;
pub mod status;
pub mod time;
pub mod workspace;

pub use event::Event;
pub use job::{Job, JobName};
pub use names::{NameError, RunName, RunPath};
pub use run::Run;
pub use scalar::{Scalar, Values};
pub use status::Status;
pub use time::Time;
pub use workspace::{Experiment, Workspace};
