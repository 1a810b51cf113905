//! `xt view status`: what this machine does, and what waits.

use serde::Serialize;

use crate::model::node::Heartbeat;
use crate::model::{Run, Status};
use crate::node::process::Identity;
use crate::ops::{Context, Result, controller};
use crate::store::{Kind, RunQuery};

/// The queue of the store, and the controller of this machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatusPage {
    /// This machine.
    pub box_name: String,
    /// The controller's process, from the process table; none when no controller runs.
    pub controller: Option<Identity>,
    /// Its last sign of life.
    pub heartbeat: Option<Heartbeat>,
    /// Runs that are active, on any machine.
    pub active: Vec<Run>,
    /// Runs that wait, those that start first at the top.
    pub waiting: Vec<Run>,
}

/// Looks at it.
pub fn page(ctx: &Context) -> Result<StatusPage> {
    let status = controller::status(ctx)?;
    let of = |keep: fn(Status) -> bool| {
        let statuses = Status::ALL.into_iter().filter(|status| keep(*status)).collect();
        ctx.records.runs(&RunQuery { statuses, kind: Kind::Leaf, ..RunQuery::default() })
    };
    let mut waiting = of(Status::is_waiting)?;
    waiting.sort_by_key(|run| (std::cmp::Reverse(run.priority), run.job_id, run.run_index));
    Ok(StatusPage {
        box_name: ctx.box_name.clone(),
        controller: status.process,
        heartbeat: status.heartbeat,
        active: of(Status::is_active)?,
        waiting,
    })
}
