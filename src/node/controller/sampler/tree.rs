//! What the processes of a run use, from one pass over the process table for all runs.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::node::process::{Identity, Stat};

/// The process table at one moment.
#[derive(Default)]
pub struct Processes {
    stats: HashMap<u32, Stat>,
    children: HashMap<u32, Vec<u32>>,
    /// Seconds since boot.
    uptime: f64,
}

/// What the processes below a shim use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Seconds of processor time, those of processes that have ended included.
    pub seconds: f64,
    /// Bytes of memory in use. What processes share counts for each of them.
    pub memory: u64,
    /// How many there are.
    pub processes: u32,
    /// How long the shim has lived.
    pub age: Duration,
}

impl Processes {
    /// Reads the table, nearly always from `/proc`.
    pub fn read(proc: &Path) -> Self {
        let mut table = Self { uptime: uptime(proc).unwrap_or(0.0), ..Self::default() };
        for entry in fs::read_dir(proc).into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let stat = fs::read(entry.path().join("stat")).unwrap_or_default();
            if let Some(stat) = Stat::parse(&String::from_utf8_lossy(&stat)) {
                table.children.entry(stat.parent).or_default().push(pid);
                table.stats.insert(pid, stat);
            }
        }
        table
    }

    /// What is used below a shim, up to processes that are set apart; none when the shim is gone.
    ///
    /// A process that has ended hands its time on to the one that waits for it, and the shim waits for orphans: the
    /// sum over the tree, with what the shim has been handed, loses nothing. Zombies still have theirs.
    pub fn below(&self, shim: &Identity, is_apart: impl Fn(u32) -> bool) -> Option<Usage> {
        let root = self.stats.get(&shim.pid).filter(|stat| stat.start == shim.start)?;
        let mut ticks = root.child_ticks;
        let mut pages = 0_u64;
        let mut processes = 0;
        let mut open: Vec<u32> = self.children.get(&shim.pid).cloned().unwrap_or_default();
        while let Some(pid) = open.pop() {
            let Some(stat) = self.stats.get(&pid).filter(|_| !is_apart(pid)) else { continue };
            ticks = ticks.saturating_add(stat.ticks).saturating_add(stat.child_ticks);
            pages = pages.saturating_add(stat.pages);
            processes += u32::from(stat.state != 'Z');
            open.extend(self.children.get(&pid).into_iter().flatten());
        }
        let age = Duration::try_from_secs_f64(self.uptime - seconds(root.start)).unwrap_or_default();
        let page = rustix::param::page_size() as u64;
        Some(Usage { seconds: seconds(ticks), memory: pages.saturating_mul(page), processes, age })
    }
}

fn uptime(proc: &Path) -> Option<f64> {
    fs::read_to_string(proc.join("uptime")).ok()?.split_whitespace().next()?.parse().ok()
}

/// Clock ticks in seconds.
fn seconds(ticks: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a machine does not run for so long")]
    let ticks = ticks as f64;
    #[allow(clippy::cast_precision_loss, reason = "a hundred, nearly always")]
    let second = rustix::param::clock_ticks_per_second() as f64;
    ticks / second
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Line {
        pid: u32,
        parent: u32,
        state: char,
        ticks: u64,
        child_ticks: u64,
        pages: u64,
    }

    fn write(proc: &Path, line: &Line) {
        let folder = proc.join(line.pid.to_string());
        fs::create_dir(&folder).unwrap();
        let Line { pid, parent, state, ticks, child_ticks, pages } = line;
        let text = format!(
            "{pid} (a) b (c) {state} {parent} 1 1 0 -1 4194304 1 2 3 4 {ticks} 1 {child_ticks} 0 20 0 3 0 500 99 {pages} 7"
        );
        fs::write(folder.join("stat"), text).unwrap();
    }

    // Proves C7: what a run uses is what its whole tree uses, with what has ended, and nothing else.
    #[test]
    fn a_run_uses_what_its_tree_uses() {
        let folder = tempfile::tempdir().unwrap();
        let proc = folder.path();
        fs::write(proc.join("uptime"), "8.50 7.00\n").unwrap();
        fs::create_dir(proc.join("self")).unwrap();
        fs::create_dir(proc.join("77")).unwrap();
        let line = |pid, parent, state, ticks| Line { pid, parent, state, ticks, child_ticks: 0, pages: 10 };
        write(proc, &line(1, 0, 'S', 5_000));
        write(proc, &Line { child_ticks: 40, ..line(10, 1, 'S', 7) });
        write(proc, &Line { child_ticks: 30, ..line(11, 10, 'R', 99) });
        write(proc, &line(12, 11, 'S', 199));
        write(proc, &Line { pages: 0, ..line(13, 11, 'Z', 9) });
        write(proc, &line(14, 11, 'S', 8_000));
        write(proc, &line(15, 14, 'R', 9_000));
        write(proc, &line(20, 1, 'R', 10_000));
        let table = Processes::read(proc);
        let shim = Identity { pid: 10, start: 500, boot: String::new() };
        let usage = table.below(&shim, |pid| pid == 14).unwrap();
        let page = rustix::param::page_size() as u64;
        assert_eq!((usage.memory, usage.processes), (20 * page, 2));
        let ticks = 40 + 30 + 100 + 200 + 10;
        assert!((usage.seconds - seconds(ticks)).abs() < 1e-9, "{usage:?}");
        assert_eq!(usage.age, Duration::from_secs_f64(8.5 - seconds(500)));
        let reused = Identity { start: 501, ..shim };
        assert_eq!(table.below(&reused, |_| false), None);
    }
}
