//! The verbs: one file each, called by both faces.
//!
//! A verb that destroys something, or does something to many, comes in two steps: `plan` finds out what
//! would be done, for the face to show and to ask about, and `execute` does just that.

pub mod attach;
pub mod backup;
pub mod blobs;
pub mod cancel;
pub mod check;
pub mod code;
pub mod config;
pub mod console;
pub mod context;
pub mod controller;
pub mod copy;
pub mod delete;
pub mod demo;
pub mod error;
pub mod extract;
pub mod files;
pub mod help;
pub mod hold;
pub mod list;
pub mod log;
pub mod monitor;
pub mod nodes;
pub mod notify;
pub mod plot;
pub mod priority;
pub mod quicktest;
pub mod repair;
pub mod rerun;
pub mod run;
pub mod save;
pub mod select;
pub mod serve;
pub mod share;
pub mod shell;
pub mod standing;
pub mod tags;
#[cfg(test)]
pub(crate) mod testing;
pub mod trash;
pub mod view;
pub mod wait;
pub mod workspace;

pub use context::{Context, Recorded};
pub use error::OpsError;

/// What the verbs answer.
pub type Result<T> = std::result::Result<T, OpsError>;
