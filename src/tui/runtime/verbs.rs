//! The only calls of the UI into `ops`.

use std::path::PathBuf;

use super::super::app::effect::{LogSource, Verb};
use super::super::app::message::Done;
use crate::model::RunPath;
use crate::ops::Context;

/// Carries a verb out.
pub fn execute(_context: &Context, verb: Verb) -> Result<Done, String> {
    Err(format!("cannot {}: not yet connected", verb.title()))
}

/// The file of a log.
pub fn log_path(_context: &Context, _source: &LogSource) -> Result<PathBuf, String> {
    Err("not yet connected".to_owned())
}

/// Gives the terminal to a run's console until the person comes back.
pub fn attach(_context: &Context, run: &RunPath) -> Result<(), String> {
    Err(format!("cannot attach to {run}: not yet connected"))
}
