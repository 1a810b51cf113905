//! Workspaces and experiments.

use serde::{Deserialize, Serialize};

use super::Time;

/// A workspace: the home of experiments and runs, with run numbers of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workspace {
    /// Its name.
    pub ws: String,
    /// A line about it.
    pub description: String,
    /// When it was created.
    pub create_time: Time,
    /// Who created it.
    pub username: String,
    /// How many runs it has (parents not counted).
    pub run_count: u64,
    /// How many of them are active now.
    pub running: u64,
    /// How many failed.
    pub failed: u64,
    /// When any of its runs last changed.
    pub last_time: Option<Time>,
}

/// An experiment: a named group of runs in a workspace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Experiment {
    /// The workspace it lives in.
    pub ws: String,
    /// Its name.
    pub exper_name: String,
    /// How many runs it has (parents not counted).
    pub run_count: u64,
    /// How many of them are active now.
    pub running: u64,
    /// How many failed.
    pub failed: u64,
    /// When any of its runs last changed.
    pub last_time: Option<Time>,
}
