//! The load of runs and of their machine: measured while they run, kept with them, each measurement once.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use xt::model::metric::Point;
use xt::model::{RunPath, Status};
use xt::store::Records;

use crate::support::{CONFIG, Chance, Home, python, size, skip, until};

/// Two processes that keep a core busy each, until a file tells them to end.
const BURN: &str = "
import os, subprocess, sys
stop = os.environ['XT_SUBMIT_DIR'] + '/stop'
burn = f'import os\\nwhile not os.path.exists({stop!r}): sum(range(10000))'
for child in [subprocess.Popen([sys.executable, '-c', burn]) for _ in range(2)]:
    child.wait()
";

const WAIT: &str = "until [ -e \"$XT_SUBMIT_DIR/stop\" ]; do sleep 0.2; done";

/// A home where the load is measured as often as it can be.
fn home() -> Home {
    let home = Home::new();
    home.configure(&format!("{CONFIG}logging: {{load-interval: 0.1}}\n"));
    home.write("burn.py", BURN);
    home.write("wait.sh", WAIT);
    home
}

fn series(home: &Home, path: &RunPath) -> BTreeMap<String, Vec<Point>> {
    let mut all = BTreeMap::<String, Vec<Point>>::new();
    let take = &mut |name: &str, mut points: Vec<Point>| {
        all.entry(name.to_owned()).or_default().append(&mut points);
    };
    home.records().load(path, 0, take).unwrap();
    all
}

fn values(series: &BTreeMap<String, Vec<Point>>, name: &str) -> Vec<f64> {
    series.get(name).into_iter().flatten().filter_map(|point| point.value.as_f64()).collect()
}

fn mean(values: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a few")]
    let count = values.len() as f64;
    values.iter().sum::<f64>() / count
}

// Proves C7, A11, C1: what a run and its machine do is measured while it runs and kept when it has ended, beside what
// the run logs and never among it.
#[test]
fn the_load_is_measured_and_kept_with_the_run() {
    let home = home();
    let (busy, idle) = (home.run(&[python(), "burn.py"]), home.run(&["wait.sh"]));
    let measured = until("a busy and an idle run are measured", || {
        let (busy, idle) = (series(&home, &busy), series(&home, &idle));
        let enough = |series| values(series, "run.cpu").len() >= 5;
        let whole = values(&busy, "run.processes").contains(&3.0);
        (enough(&busy) && enough(&idle) && whole).then_some((busy, idle))
    });
    let cpu = |series| mean(&values(series, "run.cpu"));
    assert!(cpu(&measured.0) > 5.0 && cpu(&measured.0) > cpu(&measured.1), "{measured:?}");
    let memory = values(&measured.0, "run.memory");
    assert!(memory.iter().any(|bytes| *bytes > 3e6), "{memory:?}");
    let boxes: Value = serde_json::from_str(&home.ok(["list", "boxes", "--json"])).unwrap();
    assert!(boxes[0]["cpu"].as_f64().unwrap() > 0.0, "{boxes}");
    assert!(boxes[0]["memory"].as_u64() < boxes[0]["memory_total"].as_u64(), "{boxes}");

    home.write("stop", "");
    let ended = home.until_all_ended();
    assert!(ended.iter().all(|run| run.metrics.is_empty() && run.metric_names.is_empty()));
    assert_eq!(home.records().histories(&busy).unwrap().names, Vec::<String>::new());
    assert_eq!(home.ok(["view", "metrics", "run1", "--json"]).trim(), "[]");
    let table = home.ok(["view", "node", "run1"]);
    assert!(table.contains("run cpu") && table.contains("box memory"), "{table}");
    let samples: Value = serde_json::from_str(&home.ok(["view", "node", "run1", "--json"])).unwrap();
    let kept = samples.as_array().unwrap().iter().filter(|sample| sample["name"] == "run.cpu").count();
    assert!(kept >= 5, "{samples}");
    let named = home.ok(["view", "metrics", "run1", "run.memory", "--system", "--json"]);
    let named: Value = serde_json::from_str(&named).unwrap();
    assert!(named.as_array().unwrap().iter().all(|sample| sample["name"] == "run.memory"));
    home.assert_sound();
}

/// A driver of two GPUs: the second is busier and fuller.
const DRIVER: &str = "
struct use { unsigned gpu, memory; };
struct memory { unsigned version; unsigned long long total, reserved, free, used; };
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, long *device) { *device = index + 1; return 0; }
int nvmlDeviceGetUtilizationRates(long device, struct use *use) { use->gpu = 40 * device; return 0; }
int nvmlDeviceGetMemoryInfo_v2(long device, struct memory *memory) {
    memory->total = 1ull << 34; memory->used = (unsigned long long) device << 30; return 0;
}
";

// Proves C7, C10: each run is shown the GPUs it has, by what the driver tells.
#[test]
fn gpus_are_measured_for_the_runs_that_have_them() {
    let home = home();
    let (source, library) = (home.write("driver.c", DRIVER), home.file("libnvidia-ml.so.1"));
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    if !compiled.is_ok_and(|status| status.success()) {
        return skip("there is no C compiler");
    }
    let project = home.project();
    let home = home.with("LD_LIBRARY_PATH", project.to_str().unwrap());
    home.configure(&format!("{CONFIG}logging: {{load-interval: 0.1}}\n").replace("max-runs: 4", "gpus: 2"));
    let runs = [home.run(&["wait.sh"]), home.run(&["wait.sh"])];
    for (path, own, other, busy) in [(&runs[0], 0, 1, 40.0), (&runs[1], 1, 0, 80.0)] {
        let kept = until("it is measured", || {
            let kept = series(&home, path);
            (!kept.is_empty()).then_some(kept)
        });
        assert!(values(&kept, &format!("gpu{own}.busy")).iter().all(|value| (value - busy).abs() < 0.01));
        assert_eq!(values(&kept, &format!("gpu{own}.memory.total")).len(), 1, "{kept:?}");
        assert!(!kept.contains_key(&format!("gpu{other}.busy")), "{kept:?}");
    }
    home.write("stop", "");
    home.until_all_ended();
}

// Proves C7: a run that is over before it is measured, and a controller that is not to measure, have no samples.
#[test]
fn what_is_not_measured_says_so() {
    let home = Home::new();
    home.configure(&format!("{CONFIG}logging: {{load-interval: 0}}\n"));
    let path = home.run(&["true"]);
    home.until_is(&path, Status::Completed);
    assert!(series(&home, &path).is_empty());
    let output = home.output(["view", "node", "run1"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("load-interval is 0"), "{said}");
}

// Proves P2, C7: whenever the controller is killed, a sample is there once and whole, or not at all.
#[test]
fn no_sample_is_there_twice_whenever_the_controller_is_killed() {
    let home = home();
    let mut chance = Chance::new();
    let path = home.run(&["wait.sh"]);
    home.until_is(&path, Status::Running);
    until("it is measured", || (!series(&home, &path).is_empty()).then_some(()));
    home.kill_controller();
    for _ in 0..size(8, 100) {
        let before = series(&home, &path)["run.memory"].len();
        let mut node = home.node();
        until("it is measured on", || (series(&home, &path)["run.memory"].len() > before).then_some(()));
        chance.moment(Duration::from_millis(250));
        node.kill().unwrap();
        node.wait().unwrap();
    }
    home.write("stop", "");
    home.ok(["list", "runs"]);
    home.until_is(&path, Status::Completed);
    let kept = series(&home, &path);
    for (name, points) in &kept {
        assert!(points.is_sorted_by(|a, b| a.index < b.index && a.time < b.time), "{name}: {points:?}");
    }
    // These two belong to every sample.
    for name in ["run.memory", "box.memory"] {
        let points = &kept[name];
        assert!(points.iter().zip(0..).all(|(point, index)| point.index == index), "{name}: {points:?}");
    }
    assert_eq!(kept["run.memory"].len(), kept["box.memory"].len());
    home.assert_sound();
}
