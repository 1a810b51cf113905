//! `xt view controller status|log`: the controller of this machine.

use std::path::PathBuf;

use crate::model::node::Heartbeat;
use crate::node::lock::ControllerLock;
use crate::node::process::Identity;
use crate::ops::{Context, Result};

/// How the controller of this machine stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerStatus {
    /// Its process, from the process table; none when no controller runs.
    pub process: Option<Identity>,
    /// Its last sign of life.
    pub heartbeat: Option<Heartbeat>,
    /// Whether anything waits or is active.
    pub has_work: bool,
}

/// Looks at the controller.
pub fn status(ctx: &Context) -> Result<ControllerStatus> {
    let heartbeats = ctx.records.heartbeats()?;
    Ok(ControllerStatus {
        process: ControllerLock::holder(&ctx.layout.lock()),
        heartbeat: heartbeats.into_iter().find(|heartbeat| heartbeat.box_name == ctx.box_name),
        has_work: ctx.records.has_work()?,
    })
}

/// The controller's log.
pub fn log_path(ctx: &Context) -> PathBuf {
    ctx.layout.log()
}
