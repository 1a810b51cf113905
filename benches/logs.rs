//! Logs (L1 to L4): the last screen, the index, searches and filters of a large log.
//!
//! `XT_BENCH_LOG=<file> cargo bench --bench logs`; without a file, on a small log that only shows that it works.
//! `logs.py` makes the large one and measures the rivals on it.

#![allow(missing_docs, clippy::unwrap_used, reason = "a bench")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use xt::log::{
    Direction, FileSource, Filter, FilteredLines, Found, Level, LineIndex, Searcher, level_of, lines_before,
};
use xt::tui::bench::Followed;

/// Each measurement is repeated so often; the median is told.
const TIMES: usize = 5;

/// What is searched for, some of it rare, some of it with a common beginning.
const PATTERNS: [&str; 7] =
    ["ERROR", "error", "step 9999999 ", r"step \d+99999 ", r"step \d+999 ", "ERROR|WARNING", "train"];

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
    let mut text = String::new();
    for step in 0..20_000 {
        let level = if step % 5_000 == 4_321 { "ERROR" } else { "INFO" };
        writeln!(text, "10:22:33 - train - {level} - step {step} loss {:.4}", 1.0 / f64::from(step + 1))
            .unwrap();
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
    for pattern in PATTERNS {
        let found = timed(&format!("L3 count the lines with `{pattern}`"), || hits(pattern, &log));
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
    follow();
}

/// L4: a writer at 100,000 lines a second, a reader that looks every 50 ms, nothing lost.
fn follow() {
    let seconds: u64 = if std::env::var_os("XT_BENCH_LOG").is_some() { 60 } else { 1 };
    let rate: u64 = if seconds > 1 { 100_000 } else { 10_000 };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("console.log");
    let mut file = std::fs::File::create(&path).unwrap();
    let mut followed = Followed::open(&path).unwrap();
    let writer = std::thread::spawn(move || {
        let begun = Instant::now();
        let mut slowest = Duration::ZERO;
        for tick in 0..seconds * 100 {
            std::thread::sleep(
                (Duration::from_millis(10) * u32::try_from(tick).unwrap()).saturating_sub(begun.elapsed()),
            );
            let mut lines = String::new();
            for step in tick * rate / 100..(tick + 1) * rate / 100 {
                writeln!(lines, "step {step:>8} loss 0.123456 acc 0.98765").unwrap();
            }
            let write = Instant::now();
            file.write_all(lines.as_bytes()).unwrap();
            slowest = slowest.max(write.elapsed());
        }
        (begun.elapsed(), slowest)
    });
    let before = computed();
    let mut looks = 0;
    while !writer.is_finished() {
        std::thread::sleep(Duration::from_millis(50));
        followed.look().unwrap();
        looks += 1;
    }
    followed.look().unwrap();
    let (taken, slowest) = writer.join().unwrap();
    let (lines, last) = followed.state();
    assert_eq!(lines, seconds * rate, "lines are lost");
    assert!(last.starts_with(&format!("step {:>8}", seconds * rate - 1)), "{last}");
    println!(
        "L4 {lines} lines written in {:.1} s, none lost; {looks} looks, {:.2} ms computing each; slowest write {:.1} ms",
        taken.as_secs_f64(),
        (computed() - before) / f64::from(looks),
        slowest.as_secs_f64() * 1000.0
    );
}
