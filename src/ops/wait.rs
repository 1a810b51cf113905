//! `xt wait`: until runs have ended.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::model::{Run, RunPath, Status};
use crate::ops::{Context, Result};
use crate::store::Gone;

/// While something is awaited, its controller is looked for this often: it may have been killed.
const LOOK: Duration = Duration::from_secs(5);

/// Changes that are read at a time.
const PAGE: usize = 1000;

/// Waits until all of these runs have ended, or the time is over; answers the runs as they are then. Each is read
/// once, and then only what has changed.
///
/// `seen` is called with every run that ends meanwhile.
pub fn execute(
    ctx: &Context,
    paths: &[RunPath],
    timeout: Option<Duration>,
    seen: &mut dyn FnMut(&Run),
) -> Result<Vec<Run>> {
    // A time that no clock can show is none.
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let mut watch = ctx.records.watch()?;
    let mut since = ctx.records.stamp()?;
    let mut awaited = Awaited::default();
    for path in paths {
        awaited.take(ctx.records.run(path)?, seen);
    }
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if awaited.open.is_empty() || left.is_some_and(|left| left.is_zero()) {
            return Ok(paths.iter().filter_map(|path| awaited.runs.get(path).cloned()).collect());
        }
        if !watch.wait(Some(left.map_or(LOOK, |left| left.min(LOOK))))? {
            ctx.ensure_controller()?;
        }
        loop {
            let changes = ctx.records.changes(since, PAGE)?;
            since = changes.stamp;
            for run in changes.runs {
                if awaited.runs.contains_key(&run.path()) {
                    awaited.take(run, seen);
                }
            }
            for gone in changes.gone {
                if let Gone::Run(path) = gone
                    && awaited.open.contains(&path)
                {
                    // It may be back already; else this says what is missing.
                    awaited.take(ctx.records.run(&path)?, seen);
                }
            }
            if !changes.more {
                break;
            }
        }
    }
}

/// The runs as they were last read.
#[derive(Default)]
struct Awaited {
    runs: HashMap<RunPath, Run>,
    /// Those that have not ended.
    open: HashSet<RunPath>,
}

impl Awaited {
    fn take(&mut self, run: Run, seen: &mut dyn FnMut(&Run)) {
        let path = run.path();
        let is_new = !self.runs.contains_key(&path);
        if !run.status.is_final() {
            if is_new {
                self.open.insert(path.clone());
            }
        } else if self.open.remove(&path) || is_new {
            seen(&run);
        }
        self.runs.insert(path, run);
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
    use crate::ops::testing::World;

    // Proves A2 (`--wait`): each end is told once and in its order, while others change; the longest wait is no
    // mistake, and what is deleted is no longer waited for.
    #[test]
    fn ends_are_told_as_they_come() {
        let world = World::new();
        let paths = [world.family("ws1", 3), vec![world.single("ws1")]].concat();
        world.set(&paths[3], Status::Error);
        let mut order = vec![paths[2].clone(), paths[0].clone(), paths[1].clone()];
        let mut told = Vec::new();
        let runs = std::thread::scope(|scope| {
            let (say, hear) = std::sync::mpsc::channel();
            scope.spawn(|| {
                for () in hear {
                    order.pop().into_iter().for_each(|path| world.set(&path, Status::Completed));
                }
            });
            execute(&world.ctx, &paths, Some(Duration::MAX), &mut |run| {
                told.push(run.path());
                say.send(()).unwrap();
            })
        });
        assert_eq!(told, [&paths[3], &paths[1], &paths[0], &paths[2]].map(Clone::clone));
        let ends: Vec<_> = runs.unwrap().iter().map(|run| (run.path(), run.status)).collect();
        let expected = paths
            .iter()
            .map(|path| (path.clone(), if *path == paths[3] { Status::Error } else { Status::Completed }));
        assert_eq!(ends, expected.collect::<Vec<_>>());
        let open = world.single("ws1");
        let none =
            execute(&world.ctx, std::slice::from_ref(&open), Some(Duration::ZERO), &mut |_| {}).unwrap();
        assert_eq!(none[0].status, Status::Queued);
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| execute(&world.ctx, std::slice::from_ref(&open), None, &mut |_| {}));
            world.ctx.records.trash_runs(std::slice::from_ref(&open)).unwrap();
            assert!(waits.join().unwrap().unwrap_err().to_string().contains("there is no run"));
        });
    }

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
