//! `xt view`: all there is to say about one thing.

pub mod load;
pub mod metrics;
pub mod run;
pub mod status;

pub use run::{AttemptSummary, FileSummary, RunPage};
pub use status::StatusPage;
