//! The machine's clock jumps. The jump is real for every process of the home: `libfaketime` answers for the kernel,
//! and reads what to answer from a file.

use std::fs;
use std::path::PathBuf;

use rstest::rstest;
use xt::model::{RunPath, Status, Time};
use xt::store::Records;

use crate::support::{Home, skip, until};

const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

/// A home whose clock can be set.
struct Clock {
    home: Home,
    file: tempfile::NamedTempFile,
}

impl Clock {
    fn new() -> Option<Self> {
        let Some(library) = LIBRARIES.iter().map(PathBuf::from).find(|path| path.exists()) else {
            skip("libfaketime is not there: install the package faketime");
            return None;
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        let home = Home::new()
            .with("LD_PRELOAD", &library.to_string_lossy())
            .with("FAKETIME_TIMESTAMP_FILE", &file.path().to_string_lossy())
            .with("FAKETIME_NO_CACHE", "1")
            // No clock jumps but that of the wall; a wait is the kernel's.
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let clock = Self { home, file };
        clock.set("+0");
        Some(clock)
    }

    fn set(&self, offset: &str) {
        fs::write(self.file.path(), format!("{offset}\n")).unwrap();
    }

    /// Starts a run that prints what time it is until it is told to stop, and waits for its first words.
    fn start(&self, options: &[&str]) -> RunPath {
        let script =
            "until [ -e $XT_SUBMIT_DIR/stop ]; do date +%s; sleep 0.02; done\n[ $XT_ATTEMPT -gt 1 ]\n";
        self.home.write("script.sh", script);
        let words: Vec<_> = options.iter().copied().chain(["script.sh"]).collect();
        let path = self.home.run(&words);
        self.home.until_is(&path, Status::Running);
        path
    }

    /// Waits until the run has seen the clock at `seconds` from the true time, give or take an hour.
    fn until_seen(&self, path: &RunPath, seconds: i64) {
        let run = self.home.record(path);
        let console = self.home.attempt(&run, run.attempt).console();
        until("the run has seen the clock jump", || {
            let text = fs::read_to_string(&console).ok()?;
            let seen: i64 = text.lines().last()?.parse().ok()?;
            let offset = seen - Time::now().micros() / 1_000_000;
            ((offset - seconds).abs() < 3600).then_some(())
        });
    }
}

const DAY: i64 = 86_400;

// Proves B2, C5: a clock that jumps ends no run early, loses none, and makes no duration negative; a controller that
// starts in the other time adopts it.
#[rstest]
#[case("+1d", DAY)]
#[case("-1d", -DAY)]
fn a_run_outlives_a_jump_of_the_clock(#[case] offset: &str, #[case] seconds: i64) {
    let Some(clock) = Clock::new() else { return };
    let home = &clock.home;
    let path = clock.start(&["--max-minutes=60", "--max-retries=1"]);
    clock.until_seen(&path, 0);
    clock.set(offset);
    clock.until_seen(&path, seconds);
    home.ok(["list", "runs"]);
    home.kill_controller();
    let mut node = home.node();
    let controller = until("another controller is there", || home.controller());
    home.write("stop", "");
    // It fails, waits for its retry in the new time, and completes.
    let run = home.until_is(&path, Status::Completed);
    assert_eq!((run.attempt, run.charged), (2, 1), "{run:?}");
    assert!(run.run_duration.unwrap() >= 0.0 && run.queue_duration.unwrap() >= 0.0, "{run:?}");
    assert!(home.ok(["list", "runs"]).contains("completed"));
    until("it leaves", || (!controller.is_alive()).then_some(()));
    assert!(node.wait().unwrap().success());
    home.assert_sound();
}

// Proves B29: a time limit is measured by the clock that never jumps.
#[test]
fn a_time_limit_is_kept_while_the_clock_stands_back() {
    let Some(clock) = Clock::new() else { return };
    let path = clock.start(&["--max-minutes=0.03"]);
    clock.set("-1d");
    let run = clock.home.until_is(&path, Status::Aborted);
    assert!(run.run_duration.unwrap() >= 0.0);
}

// Proves P5: a retry does not wait for the day that the clock was set back.
#[test]
fn a_retry_does_not_wait_for_a_clock_that_was_set_back() {
    let Some(clock) = Clock::new() else { return };
    let home = &clock.home;
    home.configure("general: {retry-delay: 1, retry-delay-max: 2}\ninternal: {controller-idle: 0.3}\n");
    home.write("script.sh", "[ $XT_ATTEMPT -gt 1 ]\n");
    let path = home.run(&["--max-retries=1", "script.sh"]);
    until("it waits for its retry", || home.record(&path).not_before);
    clock.set("-1d");
    let run = home.until_is(&path, Status::Completed);
    assert_eq!(run.attempt, 2);
    assert!(home.records().next_due(Time::default()).unwrap().is_none());
}
