//! Machines and the sign of life of their controllers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Time;
use super::load::Load;

/// After this silence a node with active runs is shown as *lost contact*.
pub const LOST_CONTACT: Duration = Duration::from_secs(30);

/// A controller's sign of life, renewed while it has active runs; a document of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Heartbeat {
    /// The machine's name.
    pub box_name: String,
    /// The controller's process id.
    pub pid: u32,
    /// When that process started, in clock ticks since boot: with the boot id it makes the pid unmistakable.
    pub pid_start: u64,
    /// Identifies this boot of the machine.
    pub boot_id: String,
    /// The controller's version of xt.
    pub version: String,
    /// When the controller started.
    pub started: Time,
    /// The last sign of life.
    pub time: Time,
    /// Runs it looks after now.
    pub active: u32,
    /// How many runs it lets run at once.
    pub slots: u32,
    /// GPUs it divides.
    pub gpus: u32,
    /// Those of them that runs have.
    pub gpus_taken: u32,
    /// Load average over one minute.
    pub load: f64,
    /// The load of the machine, once it has been measured; nothing is measured while nothing is active.
    pub machine: Option<Load>,
    /// Whether it has said goodbye: it ended on purpose, with nothing left to do.
    pub gone: bool,
}

impl Heartbeat {
    /// Whether the controller has been silent for too long while it should be heard.
    pub fn lost_contact(&self, now: Time) -> bool {
        !self.gone && now.since(self.time) > LOST_CONTACT
    }
}
