//! `xt hold job`, `xt release job`: keeps what waits from starting, and lets it go.

use crate::model::JobName;
use crate::ops::{Context, Recorded, Result, select};

/// Holds or releases jobs; answers those that changed.
pub fn execute(ctx: &Context, names: &[String], hold: bool) -> Result<Recorded<Vec<JobName>>> {
    let mut changed = Vec::new();
    for job in select::jobs(ctx, names)? {
        let mut did = false;
        ctx.records.change_job(job.job_id, &mut |job| {
            did = job.hold != hold;
            job.hold = hold;
            did
        })?;
        if did {
            changed.push(job.job_id);
        }
    }
    if hold || changed.is_empty() {
        return Ok(Recorded { answer: changed, warning: None });
    }
    Ok(ctx.recorded(changed))
}
