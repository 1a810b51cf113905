//! `xt wait`: until runs have ended.

use std::time::{Duration, Instant};

use crate::model::{Run, RunPath, Status};
use crate::ops::{Context, Result};

/// While something is awaited, its controller is looked for this often: it may have been killed.
const LOOK: Duration = Duration::from_secs(5);

/// Waits until all of these runs have ended, or the time is over; answers the runs as they are then.
///
/// `seen` is called with every run that ends meanwhile.
pub fn execute(
    ctx: &Context,
    paths: &[RunPath],
    timeout: Option<Duration>,
    seen: &mut dyn FnMut(&Run),
) -> Result<Vec<Run>> {
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    let mut watch = ctx.records.watch()?;
    let mut ended = vec![false; paths.len()];
    loop {
        let mut runs = Vec::with_capacity(paths.len());
        for (path, ended) in paths.iter().zip(&mut ended) {
            let run = ctx.records.run(path)?;
            if run.status.is_final() && !*ended {
                *ended = true;
                seen(&run);
            }
            runs.push(run);
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if ended.iter().all(|ended| *ended) || left.is_some_and(|left| left.is_zero()) {
            return Ok(runs);
        }
        if !watch.wait(Some(left.map_or(LOOK, |left| left.min(LOOK))))? {
            ctx.ensure_controller()?;
        }
    }
}

/// The exit code that stands for these runs: 0 when all completed, else that of the first that did not.
pub fn exit_code(runs: &[Run]) -> i32 {
    let failed = runs.iter().filter(|run| run.status != Status::Completed);
    let first = failed.min_by_key(|run| run.end_id.unwrap_or(u64::MAX));
    first.map_or(0, |run| run.exit_code.filter(|code| *code != 0).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_gives_the_exit_code() {
        let run = |status, exit_code, end_id| Run { status, exit_code, end_id, ..Run::default() };
        let all = [
            run(Status::Completed, Some(0), Some(1)),
            run(Status::Error, Some(3), Some(3)),
            run(Status::Error, Some(7), Some(2)),
        ];
        assert_eq!(exit_code(&all), 7);
        assert_eq!(exit_code(&all[..1]), 0);
        assert_eq!(exit_code(&[run(Status::Lost, None, Some(1))]), 1);
        assert_eq!(exit_code(&[run(Status::Running, None, None)]), 1);
    }
}
