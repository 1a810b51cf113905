//! `xt set priority`: which of the jobs that wait starts first.

use crate::model::JobName;
use crate::ops::{Context, Result, select};

/// Gives jobs a priority; answers those that changed. What runs already goes on.
pub fn execute(ctx: &Context, names: &[String], priority: i64) -> Result<Vec<JobName>> {
    let mut changed = Vec::new();
    for job in select::jobs(ctx, names)? {
        let mut did = false;
        ctx.records.change_job(job.job_id, &mut |job| {
            did = job.priority != priority;
            job.priority = priority;
            did
        })?;
        if did {
            changed.push(job.job_id);
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    // Proves B30, B10 (priority of jobs that wait).
    use super::*;
    use crate::ops::testing::World;

    #[test]
    fn the_more_urgent_job_is_offered_first() {
        let world = World::new();
        world.single("ws1");
        world.single("ws1");
        let order = || -> Vec<u64> {
            world.ctx.records.startable_jobs(&[], 9).unwrap().iter().map(|job| job.0).collect()
        };
        assert_eq!(order(), [1, 2]);
        let changed = execute(&world.ctx, &["job2".into()], 5).unwrap();
        assert_eq!((changed, order()), (vec![JobName(2)], vec![2, 1]));
        assert_eq!(execute(&world.ctx, &["job2".into()], 5).unwrap(), []);
    }
}
