//! What a controller is told about its machine.

use std::time::Duration;

use crate::node::notify::Channels;

/// Answers settings that have changed since it was asked last, or in words why they cannot be understood.
pub type Watch = Box<dyn FnMut() -> Option<Result<Settings, String>>>;

/// The settings of a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The machine's name in the records.
    pub box_name: String,
    /// How many runs it lets run at once, those of other users of the machine counted; without it, one for each
    /// GPU, or one for each core where there are none.
    pub slots: Option<u32>,
    /// How many GPUs it divides; without it, as many as the machine has.
    pub gpus: Option<u32>,
    /// How often it gives a sign of life while runs are active.
    pub heartbeat: Duration,
    /// How often it measures the load of its machine and of each run while runs are active; without it, never.
    pub sample: Option<Duration>,
    /// Who is told that runs have ended.
    pub notify: Channels,
    /// After how long without work it ends.
    pub idle: Duration,
}
