//! Logs (L1 to L4): the last screen, the index, searches and filters of a large log.
//!
//! `XT_BENCH_LOG=<file> cargo bench --bench logs`; without a file, on a small log that only shows that it works.
//! `logs.py` makes the large one and measures the rivals on it.

#![allow(missing_docs, clippy::unwrap_used, reason = "a bench")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use xt::log::{Direction, FileSource, FilteredLines, Filter, Found, Level, LineIndex, Searcher, level_of, lines_before};

/// Each measurement is repeated so often; the median is told.
const TIMES: usize = 5;

/// What is searched in one step.
const SLICE: u64 = 16 << 20;

/// What this thread has computed so far, in milliseconds: on a busy machine the fairer measure.
fn computed() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

fn timed<T>(name: &str, mut work: impl FnMut() -> T) -> T {
    let (mut taken, mut cpu) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..TIMES {
        let (begun, before) = (Instant::now(), computed());
        last = Some(work());
        cpu.push(computed() - before);
        taken.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    taken.sort_by(f64::total_cmp);
    cpu.sort_by(f64::total_cmp);
    println!("{name:<44} {:>9.2} ms, {:>9.2} ms computing", taken[TIMES / 2], cpu[TIMES / 2]);
    last.unwrap()
}

/// All lines with a hit, found in slices as the log pane does.
fn hits(pattern: &str, log: &FileSource) -> FilteredLines {
    let mut lines = FilteredLines::hits(Searcher::pattern(pattern).unwrap());
    while !lines.extend(log, SLICE, |_| true).unwrap() {}
    lines
}

fn small(folder: &Path) -> PathBuf {
    use std::fmt::Write;
    let mut text = String::new();
    for step in 0..20_000 {
        let level = if step % 5_000 == 4_321 { "ERROR" } else { "INFO" };
        writeln!(text, "10:22:33 - train - {level} - step {step} loss {:.4}", 1.0 / f64::from(step + 1)).unwrap();
    }
    let path = folder.join("small.log");
    std::fs::write(&path, text).unwrap();
    path
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var_os("XT_BENCH_LOG").map_or_else(|| small(folder.path()), PathBuf::from);
    let log = FileSource::open(&path).unwrap();
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!("{} of {bytes} bytes", path.display());
    timed("L1 open and read the last 400 lines", || {
        let log = FileSource::open(&path).unwrap();
        lines_before(&log, u64::MAX, 400).unwrap().len()
    });
    let lines = timed("L2 count and index all lines", || {
        let mut index = LineIndex::default();
        while !index.extend(&log, 64 << 20).unwrap().is_complete() {}
        index.lines()
    });
    println!("   {lines} lines");
    for pattern in ["ERROR", "error", "step 9999999 ", r"step \d+99999 ", "ERROR|WARNING", "train"] {
        let found = timed(&format!("L3 count the lines with {pattern}"), || hits(pattern, &log));
        println!("   {} lines", found.set().len());
    }
    timed("L3 filter to the lines without INFO", || {
        let mut lines = FilteredLines::shown(Filter::parse("!INFO").unwrap());
        while !lines.extend(&log, SLICE, |_| true).unwrap() {}
    });
    let searcher = Searcher::regex("ERROR").unwrap();
    let first = timed("L3 the first hit from the end", || {
        searcher.next_line(&log, u64::MAX, Direction::Backward, u64::MAX, |_, _| true).unwrap()
    });
    assert!(matches!(first, Found::Match(_)));
    let errors = Searcher::likely_errors().unwrap();
    let none = timed("   no further error in the whole log", || {
        let is_fatal = |text: &[u8]| level_of(text) == Some(Level::Error) && text.starts_with(b"fatal");
        errors.next_line(&log, 0, Direction::Forward, u64::MAX, |_, text| is_fatal(text)).unwrap()
    });
    assert_eq!(none, Found::End);
}
