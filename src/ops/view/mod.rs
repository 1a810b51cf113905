//! `xt view`: all there is to say about one thing.

pub mod about;
pub mod metrics;
pub mod run;
pub mod status;

pub use about::{About, Subject, Thing, about};
pub use run::{AttemptSummary, FileSummary, RunPage};
pub use status::StatusPage;
