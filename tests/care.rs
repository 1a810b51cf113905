//! The verbs that look after an installation and its store, through the program itself.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "support/clean.rs"]
mod clean;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::process::Signal;
use serde_json::Value;
use xt::config::Home;
use xt::node::lock::ControllerLock;
use xt::node::{Layout, process};

/// A home of its own; whatever runs of it ends with it.
struct World {
    root: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("project")).unwrap();
        Self { root }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xt"));
        command.args(shell_words::split(line).unwrap());
        command.current_dir(self.path("project")).stdin(std::process::Stdio::null());
        clean::at_home(&mut command, &self.path("home"), &self.path("machine"));
        command
    }

    fn xt(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// A command that must succeed; its standard output.
    fn done(&self, line: &str) -> String {
        let output = self.xt(line);
        assert!(output.status.success(), "xt {line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, line: &str) -> Value {
        let answer = self.done(line);
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("xt {line}: {error}: {answer}"))
    }

    /// A command that must fail; its standard error.
    fn fails(&self, line: &str) -> String {
        let output = self.xt(line);
        assert_eq!(output.status.code(), Some(1), "xt {line}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.xt("cancel all --yes");
        let home = Home::below(&self.path("home"));
        let layout = Layout::new(home.data, home.cache, home.runtime);
        if let Some(controller) = ControllerLock::holder(&layout.lock()) {
            controller.signal(Signal::KILL);
        }
        // What was not told to end yet would never be: nobody starts a controller here any more.
        let runs = std::fs::read_dir(layout.node().join("runs")).into_iter().flatten().flatten();
        for run in runs {
            let guid = run.file_name().to_string_lossy().into_owned();
            process::kill_all(|| process::of_attempt(&guid, 1));
        }
    }
}

/// The processes that were started with something in their environment.
fn processes(having: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let environ = |path: &Path| std::fs::read(path.join("environ")).unwrap_or_default();
    let found = entries.filter(|entry| String::from_utf8_lossy(&environ(&entry.path())).contains(having));
    found.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

// Proves B3: every part is tried, and nothing is left of it.
#[test]
fn quicktest_tries_everything_and_leaves_nothing() {
    let world = World::new();
    let report = world.json("quicktest --json");
    let steps = report["steps"].as_array().unwrap();
    assert_eq!(report["ok"], true, "{report}");
    assert!(steps.len() >= 10 && steps.iter().all(|step| step["status"] == "passed"), "{report}");
    assert!(report["facts"].as_array().unwrap().iter().any(|fact| fact["name"] == "sbatch"));
    assert_eq!(std::fs::read_dir(world.path("home/cache")).unwrap().count(), 0);
    assert!(!world.path("home/data").exists(), "the user's own store is not touched");
    assert_eq!(processes(&world.path("home").display().to_string()), Vec::<String>::new());
}

// Proves B3: what does not work is told, each by itself, and the status says so.
#[test]
fn quicktest_tells_what_does_not_work() {
    let world = World::new();
    let output = world.command("quicktest").env("PATH", world.path("nothing")).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("✓ create a store and a workspace"), "{told}");
    assert!(told.contains("✗ run a shell command"), "{told}");
    assert!(told.contains("skipped: there is no python3 on PATH"), "{told}");
    assert!(told.contains("git not found"), "{told}");
    assert!(told.ends_with("this installation has problems\n"), "{told}");
    assert_eq!(std::fs::read_dir(world.path("home/cache")).unwrap().count(), 0);
}

// Proves A6, A12: what a shell script says arrives.
#[test]
fn a_shell_script_logs() {
    let world = World::new();
    let script = r#""$XT_EXE" log metric loss=0.5 step=1 && "$XT_EXE" log metrics loss=0.25 step=2 && "$XT_EXE" log hparam lr=.1 && "$XT_EXE" log tag best && "$XT_EXE" log event saved path=m.pt"#;
    world.done(&format!("run --wait sh -c '{script}'"));
    let run = world.json("view run run1 --json");
    assert_eq!((&run["metrics"]["loss"], &run["hparams"]["lr"]), (&0.25.into(), &0.1.into()));
    assert!(run["tags"].as_object().unwrap().contains_key("best"));
}

// Proves A6: outside a run a script goes on as if nothing was said, and is told so.
#[test]
fn outside_a_run_nothing_is_logged_and_nothing_fails() {
    let world = World::new();
    let output = world.xt("log metric loss=0.5");
    assert!(output.status.success() && output.stdout.is_empty());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "not in a run: nothing is logged\n");
    assert!(!world.path("home").exists(), "no store is made for it");
    assert!(world.fails("log metric loss").contains("`loss` has no value"));
}

// Proves C2: the demo runs with python3 and nothing else, and again when it is called again.
#[test]
fn the_demo_learns() {
    let world = World::new();
    world.done("create demo copy");
    world.done("run --wait --work=demo copy/train.py --epochs=1");
    let run = world.json("view run demo/run1 --json");
    assert!(run["metrics"]["test-acc"].as_f64().unwrap() > 0.2, "{run}");
    assert_eq!(run["hparams"]["lr"], 0.1);

    let first = world.json("demo --json");
    assert_eq!((first["runs"].as_array().unwrap().len(), &first["parent"]), (8, &"run2".into()));
    assert_eq!(world.json("demo --json")["parent"], "run3");
    let jobs = world.json("list jobs --work=demo --json");
    for job in &jobs.as_array().unwrap()[1..] {
        assert_eq!((&job["concurrent"], &job["exper_name"]), (&2.into(), &"sweep".into()));
        assert!(job["tags"].as_object().unwrap().contains_key("demo"));
    }
    assert_eq!(world.json("view run demo/run2.3 --json")["command"][2], "--lr=0.03");

    let output = world.command("demo").env("PATH", "").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("needs python3"));
    assert_eq!(world.json("list jobs --work=demo --json").as_array().unwrap().len(), 3);
}

// Proves B41, C12: deletions ask, can be taken back, and are final only when the trash is emptied.
#[test]
fn runs_go_to_the_trash_and_come_back() {
    let world = World::new();
    world.done("run --wait --runs=2 sh -c 'echo $XT_RUN_NAME'");
    world.done("run --wait sh -c 'exit 0'");
    assert!(world.fails("delete run run1").contains("Delete 2 runs? Say --yes"));
    let planned = world.json("delete run run1 --dry-run --json");
    assert_eq!(planned["would_delete"], serde_json::json!(["ws1/run1", "ws1/run1.1", "ws1/run1.2"]));
    assert_eq!(world.json("delete run run1 --yes --json")["deleted"], planned["would_delete"]);
    assert!(world.fails("view run run1.1").contains("there is no run `ws1/run1.1`"));
    assert_eq!(world.json("list trash --json").as_array().unwrap().len(), 3);
    world.done("restore run run1.2");
    assert_eq!(world.done("view console run1.2"), "run1.2\n");

    world.done("create workspace other");
    let copied = world.json("copy run run1.2 other --json");
    assert_eq!(copied, serde_json::json!([{ "from": "ws1/run1.2", "to": "other/run1" }]));
    assert_eq!(world.done("view console other/run1"), "run1.2\n");

    assert!(
        world.done("delete workspace ws1 --dry-run").starts_with("ws1: 2 runs in 1 experiment and 2 jobs")
    );
    world.done("delete workspace ws1 --yes");
    world.done("restore run ws1/run2");
    world.done("empty trash --older-than=1d --yes");
    assert_eq!(world.json("list trash --json").as_array().unwrap().len(), 3);
    let emptied = world.json("empty trash --yes --json");
    assert_eq!(emptied["deleted"].as_array().unwrap().len(), 3);
    assert!(world.done("check store").starts_with("the store is sound (runs looked at: 2"));
}

// Proves C12: a backup of a store in use is a home that works.
#[test]
fn a_backup_is_restored_by_putting_it_in_place() {
    let world = World::new();
    world.done("run --wait sh -c 'echo kept'");
    world.done("run sh -c 'read forever < /dev/tty || sleep 600'");
    let backup = world.path("restored/data/store");
    let made = world.json(&format!("backup store {} --json", backup.display()));
    assert_eq!(made["active"].as_u64().unwrap() + made["held"].as_u64().unwrap(), 1, "{made}");
    assert!(world.fails(&format!("backup store {}", backup.display())).contains("is not empty"));
    let restored = |line: &str| {
        let output = world.command(line).env("XT_HOME", world.path("restored")).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(restored("view console run1"), "kept\n");
    assert!(restored("check store").starts_with("the store is sound"));
    assert_eq!(restored("wait run1"), "run1 completed after 0m00s\n");

    std::fs::write(world.path("home/data/store/files/ws1/runs/run1/after/output/console.txt"), "").unwrap();
    std::fs::create_dir_all(world.path("home/data/store/files/nowhere")).unwrap();
    let output = world.xt("check store --json");
    assert_eq!(output.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = |number: usize| found["findings"][number].as_str().unwrap();
    assert_eq!(finding(0), "ws1/run1: 0 bytes of its output are kept, and it wrote 5");
    assert!(finding(1).ends_with("nowhere: there is no such workspace; it can be deleted"));
}

// Proves B35: the configuration can be looked at whatever is wrong with it.
#[test]
fn config_works_in_spite_of_a_broken_file() {
    let world = World::new();
    let path = world.path("home/config/xt_config.yaml");
    assert_eq!(world.json("config --create --json")["file"], path.display().to_string());
    assert_eq!(world.done("config --check"), "the configuration is sound\n");
    std::fs::write(&path, "general:\n  workspace: curious\n  max-retrys: 3\n").unwrap();
    let output = world.xt("config --check");
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(told.starts_with(&format!("{}:3:3: error: ", path.display())), "{told}");
    assert!(told.contains("did you mean `max-retries`?"), "{told}");
    let shown = world.json("config --json");
    let value = shown.as_array().unwrap().iter().find(|value| value["path"] == "general.workspace").unwrap();
    assert_eq!(
        (&value["value"], &value["origin"]),
        (&"curious".into(), &format!("{}:2", path.display()).into())
    );
    assert!(world.fails("config --create").contains("nothing is overwritten"));
    assert!(world.fails("create workspace x").contains("did you mean `max-retries`?"));
}
