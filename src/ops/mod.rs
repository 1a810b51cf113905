//! The verbs: one file each, called by both faces.
//!
//! A verb that destroys something, or does something to many, comes in two steps: `plan` finds out what
//! would be done, for the face to show and to ask about, and `execute` does just that.

pub mod attach;
pub mod cancel;
pub mod console;
pub mod context;
pub mod controller;
pub mod error;
pub mod hold;
pub mod list;
pub mod monitor;
pub mod rerun;
pub mod run;
pub mod select;
pub mod serve;
pub mod standing;
pub mod tags;
pub mod view;
pub mod wait;

pub use context::Context;
pub use error::OpsError;

/// What the verbs answer.
pub type Result<T> = std::result::Result<T, OpsError>;
