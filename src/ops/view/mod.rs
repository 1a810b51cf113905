//! `xt view`: all there is to say about one thing.

pub mod about;
pub mod file;
pub mod listing;
pub mod load;
pub mod metrics;
pub mod picture;
pub mod run;
pub mod status;

pub use about::{About, Subject, Thing, about};
pub use listing::FileSummary;
pub use run::{AttemptSummary, RunPage};
pub use status::StatusPage;
