//! The controller is killed while runs go on: nothing they say is lost or counted twice.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;
use xt::log::{Sidecar, Stream};
use xt::model::{RunPath, Scalar, Status};
use xt::ops::console::only;
use xt::store::Records;

use crate::support::{Chance, Home, kill, python, size, until};

/// Prints numbered lines on both streams and logs a metric for each, thousands a second, until a file tells it to
/// end; keeps a copy of all it wrote.
const TALKER: &str = r#"
import json, os, time
folder = os.environ["XT_SUBMIT_DIR"]
run = os.environ["XT_RUN_NAME"]
copies = [open(f"{folder}/{run}.{name}", "wb", 0) for name in ("out", "err")]
events = os.open(os.environ["XT_EVENTS"] + "/1.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
number = 0
while number % 100 or number < 2_000_000 and not os.path.exists(f"{folder}/stop"):
    if number % 100 == 0:
        time.sleep(0.002)
    for stream, copy in enumerate(copies, 1):
        line = b"%d of %s %s\n" % (number, run.encode(), b"x" * (number % 97))
        os.write(stream, line)
        copy.write(line)
    point = {"event": "metrics", "time": 1e9 + number, "step": number, "data": {"number": number}}
    os.write(events, json.dumps(point).encode() + b"\n")
    number += 1
open(f"{folder}/{run}.count", "w").write(str(number))
"#;

/// The console is what the run wrote, stream by stream, and its metric has each point once.
fn assert_complete(home: &Home, path: &RunPath) {
    let run = home.record(path);
    assert_eq!((run.status, run.attempt, run.restarts), (Status::Completed, 1, 0), "{run:?}");
    let console = home.console(path);
    let sidecar = std::fs::read(home.kept(path, "after/output/console.idx")).unwrap();
    let sidecar: &[u8] = &sidecar;
    Sidecar::new(&sidecar).unwrap();
    let (mut whole, end) = (0, console.len() as u64);
    for (stream, name) in [(Stream::Stdout, "out"), (Stream::Stderr, "err")] {
        let written = std::fs::read(home.file(&format!("{}.{name}", path.run))).unwrap();
        let kept = only(&console, 0..end, stream, &sidecar).unwrap();
        assert!(kept == written, "{path}: {} bytes of {name} were kept of {}", kept.len(), written.len());
        whole += written.len();
    }
    assert_eq!(whole, console.len());
    let count: u64 = home.read(&format!("{}.count", path.run)).parse().unwrap();
    let series = home.records().metrics(path, &["number".to_owned()]).unwrap();
    let steps: Vec<_> = series[0].points.iter().map(|point| point.step).collect();
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let expected: Vec<_> = (0..count).map(|number| Some(number as f64)).collect();
    assert!(steps == expected, "{path}: {} points were kept of {count}", steps.len());
    assert_eq!(run.metrics["number"], Scalar::Int(i64::try_from(count - 1).unwrap()));
}

// Proves P2, C6: logs are byte-complete and metrics exact, however often the controller is killed.
#[test]
fn killed_controllers_cost_the_runs_nothing() {
    let home = Home::new();
    let mut chance = Chance::new();
    home.write("talk.py", TALKER);
    let runs: Vec<_> = (0..3).flat_map(|_| home.submit(&[python(), "talk.py"])).collect();
    for path in &runs {
        home.until_is(path, Status::Running);
    }
    home.kill_controller();
    for _ in 0..size(25, 400) {
        // Another one takes over; it is killed at some moment of that or after.
        let mut node = home.node();
        chance.moment(Duration::from_millis(100));
        node.kill().unwrap();
        node.wait().unwrap();
    }
    assert!(runs.iter().all(|path| home.record(path).status == Status::Running));
    home.write("stop", "");
    home.ok(["list", "runs"]);
    home.until_all_ended();
    for path in &runs {
        assert_complete(&home, path);
    }
    home.assert_sound();
}

// Proves P2: a controller that is asked to end leaves the runs alone, and so does one that hangs.
#[test]
fn a_controller_that_ends_or_hangs_leaves_the_runs_alone() {
    let home = Home::new();
    home.write("talk.py", TALKER);
    let path = home.run(&[python(), "talk.py"]);
    home.until_is(&path, Status::Running);
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let controller = until("there is a controller", || home.controller());
        assert!(controller.signal(signal));
        until("it has ended", || (!controller.is_alive()).then_some(()));
        home.ok(["list", "runs"]);
    }
    let controller = until("there is a controller", || home.controller());
    assert!(controller.signal(Signal::STOP));
    let written = || std::fs::metadata(home.file(&format!("{}.out", path.run))).unwrap().len();
    let before = written();
    until("the run goes on", || (written() > before + 100_000).then_some(()));
    assert!(controller.signal(Signal::CONT));
    home.write("stop", "");
    home.until_is(&path, Status::Completed);
    assert_complete(&home, &path);
}

// Proves B2, P2: a run that submits another one while there is no controller starts one, which is no part of it: it
// and its runs outlive the run that started it, even when that is cancelled.
#[test]
fn a_controller_started_from_within_a_run_outlives_it() {
    let home = Home::new();
    let xt = env!("CARGO_BIN_EXE_xt");
    home.write("inner.sh", "until [ -e \"$XT_SUBMIT_DIR/stop\" ]; do sleep 0.05; done\n");
    home.write(
        "outer.sh",
        &format!(
            "cd $XT_SUBMIT_DIR\nuntil [ -e go ]; do sleep 0.05; done\n\
             {xt} run --json inner.sh > inner.tmp 2> inner.err\nmv inner.tmp inner.json\n[ $1 = ends ] || sleep 1000\n"
        ),
    );
    for ending in ["ends", "is-cancelled"] {
        let outer = home.run(&["outer.sh", ending]);
        home.until_is(&outer, Status::Running);
        let controller = until("there is a controller", || home.controller());
        kill(&controller);
        until("it is gone", || home.controller().is_none().then_some(()));
        home.write("go", "");
        home.until_file("inner.json");
        let inner = crate::support::submitted(&home.read("inner.json")).remove(0);
        home.until_is(&inner, Status::Running);
        if ending == "ends" {
            home.until_is(&outer, Status::Completed);
        } else {
            home.ok(["cancel", "run", &outer.run.to_string()]);
            home.until_is(&outer, Status::Cancelled);
        }
        assert_eq!(home.record(&inner).status, Status::Running);
        home.write("stop", "");
        home.until_is(&inner, Status::Completed);
        assert_eq!(home.record(&inner).attempt, 1);
        for name in ["go", "stop", "inner.json"] {
            std::fs::remove_file(Path::new(&home.file(name))).unwrap();
        }
    }
}
