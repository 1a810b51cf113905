//! Runs are ended: by a cancel, by a time limit, by the death of their shim. Nothing of them may be left.

use std::collections::BTreeSet;
use std::path::Path;

use rstest::rstest;
use xt::model::{Run, RunPath, Status};
use xt::node::attempt::{Reason, State};
use xt::node::process::Identity;
use xt::store::Records;

use signal_hook::consts::{SIGKILL, SIGTERM};

use crate::support::{Home, bearing, kill, python, skip, submitted, until};

/// Forks twice into sessions of their own, ignores SIGTERM in `argv[1]` of them, and waits for ever; `argv[2]` says
/// what its first process does when all are there.
const TREE: &str = r#"
import os, signal, sys, time
deaf, then = sys.argv[1], sys.argv[2]
folder = os.environ["XT_SUBMIT_DIR"]

def here(name):
    if deaf == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(f"{folder}/{name}.tmp", "w") as file:
        file.write(str(os.getpid()))
    os.rename(f"{folder}/{name}.tmp", f"{folder}/{name}")

def wait():
    while True:
        time.sleep(1000)

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            here("nameless")
            os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(1000)"], {"XT_HOME": os.environ["XT_HOME"]})
        here("grandchild")
        wait()
    os._exit(0)
if os.fork() == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
while not all(os.path.exists(f"{folder}/{name}") for name in ("nameless", "grandchild")):
    time.sleep(0.01)
here("first")
if then == "waits":
    wait()
print("the end", flush=True)
sys.exit(int(then))
"#;

fn of_run(run: &Run) -> BTreeSet<u32> {
    bearing(&format!("XT_RUN_GUID={}", run.run_guid))
}

/// The process that wrote its id to a file; even one that hid its environment.
fn process(home: &Home, name: &str) -> Identity {
    home.until_file(name);
    let pid = home.read(name).parse().unwrap();
    // One that has been ended already is known by its number alone.
    Identity::of(pid).unwrap_or(Identity { pid, ..Identity::default() })
}

fn start(home: &Home, deaf: &str, then: &str, options: &[&str]) -> (RunPath, Vec<Identity>) {
    home.write("tree.py", TREE);
    let words: Vec<_> = options.iter().copied().chain([python(), "tree.py", deaf, then]).collect();
    let path = home.run(&words);
    let processes = ["nameless", "grandchild", "first"].map(|name| process(home, name));
    (path, processes.into())
}

fn assert_nothing_left(run: &Run, processes: &[Identity]) {
    assert_eq!(of_run(run), BTreeSet::new());
    assert!(processes.iter().all(|process| !process.is_alive()));
}

// Proves P6, B2: kill means that the whole tree is gone when the run is told to have ended.
#[rstest]
fn a_cancelled_run_is_gone_with_all_its_descendants(
    #[values("deaf", "polite")] deaf: &str,
    #[values("no-tty", "tty")] tty: &str,
) {
    let home = Home::new();
    let options: &[&str] = if tty == "tty" { &["--tty"] } else { &[] };
    let (path, processes) = start(&home, deaf, "waits", options);
    home.until_is(&path, Status::Running);
    home.ok(["cancel", "run", &path.run.to_string()]);
    let run = home.until_is(&path, Status::Cancelled);
    assert_nothing_left(&run, &processes);
    // The polite one ended when it was asked; the deaf one was killed after the grace.
    assert_eq!(run.signal, Some(if deaf == "deaf" { SIGKILL } else { SIGTERM }));
    let (State::Ended(started, exit), grace) = (home.attempt(&run, 1).state().unwrap(), 0.3) else {
        panic!("it has no end")
    };
    assert_eq!(exit.reason, Reason::Cancelled);
    let asked = run.cancel_time.unwrap();
    assert!(started.unwrap().time < asked);
    if deaf == "deaf" {
        assert!(exit.time.since(asked).as_secs_f64() >= grace, "the grace was respected");
    }
}

// Proves P6, B29: the time limit ends the tree as a cancel does.
#[test]
fn a_run_over_its_time_limit_is_gone_with_all_its_descendants() {
    let home = Home::new();
    let (path, processes) = start(&home, "deaf", "waits", &["--max-minutes=0.02", "--max-retries=3"]);
    let run = home.until_is(&path, Status::Aborted);
    assert_nothing_left(&run, &processes);
    assert!(run.run_duration.unwrap() >= 1.2, "{run:?}");
    assert!(run.end_reason.unwrap().contains("0.02 minutes"));
    assert_eq!(run.attempt, 1, "nobody tries again what takes too long");
}

// Proves P6: a daemon that a script leaves behind is ended, and the run is what its script said.
#[rstest]
#[case("0", Status::Completed)]
#[case("3", Status::Error)]
fn what_a_script_leaves_behind_is_ended(#[case] code: &str, #[case] status: Status) {
    let home = Home::new();
    let (path, processes) = start(&home, "deaf", code, &[]);
    let run = home.until_is(&path, status);
    assert_eq!(run.exit_code, code.parse().ok());
    assert_eq!(home.console(&path), b"the end\n");
    assert_nothing_left(&run, &processes);
}

// Proves P5, P6, C5: a shim that is killed takes its run with it; a run that may be repeated is, on nobody's account.
#[rstest]
#[case(0)]
#[case(1)]
fn a_killed_shim_means_a_lost_run_and_an_ended_tree(#[case] max_retries: u32) {
    let home = Home::new();
    let option = format!("--max-retries={max_retries}");
    let (path, processes) = start(&home, "deaf", "waits", &[&option]);
    let run = home.until_is(&path, Status::Running);
    let State::Alive(Some(started)) = home.attempt(&run, 1).state().unwrap() else { panic!("it runs") };
    assert!(kill(&started.shim));
    if max_retries == 0 {
        let run = home.until_is(&path, Status::Lost);
        assert_eq!((run.attempt, run.restarts, run.exit_code), (1, 0, None));
        assert!(run.end_reason.as_deref().unwrap().contains("supervisor was killed"));
    } else {
        let run = until("it runs again", || {
            let run = home.record(&path);
            (run.status == Status::Running && run.attempt == 2).then_some(run)
        });
        assert_eq!((run.restarts, run.charged), (1, 0));
        home.ok(["cancel", "run", &path.run.to_string()]);
        home.until_is(&path, Status::Cancelled);
    }
    let run = home.record(&path);
    until("nothing of it is left", || of_run(&run).is_empty().then_some(()));
    assert!(processes.iter().all(|process| !process.is_alive()));
}

// Proves P1, B2: a cancel that nobody could be told is done by the next controller.
#[test]
fn a_cancel_survives_the_controller() {
    let home = Home::new();
    let (path, processes) = start(&home, "deaf", "waits", &["--max-retries=2"]);
    home.until_is(&path, Status::Running);
    let controller = home.controller().unwrap();
    assert!(controller.signal(rustix::process::Signal::STOP));
    let patch =
        xt::store::RunPatch { cancel_time: Some(xt::model::Time::now()), ..xt::store::RunPatch::default() };
    home.change(&path, patch);
    kill(&controller);
    let mut node = home.node();
    let run = home.until_is(&path, Status::Cancelled);
    assert_nothing_left(&run, &processes);
    assert_eq!(run.attempt, 1);
    assert!(node.wait().unwrap().success());
    assert!(home.records().cancelled_runs().unwrap().is_empty());
}

// Proves P1, B2: what waits for its retry and is cancelled never starts again.
#[test]
fn a_run_cancelled_between_two_attempts_stays_ended() {
    let home = Home::new();
    home.configure("general: {retry-delay: 1000, retry-delay-max: 1000}\ninternal: {controller-idle: 0.3}\n");
    home.write("fail.sh", "echo failing; exit 3\n");
    let path = home.run(&["--max-retries=5", "fail.sh"]);
    until("it waits for its retry", || home.record(&path).not_before);
    home.ok(["cancel", "run", &path.run.to_string()]);
    let run = home.until_is(&path, Status::Cancelled);
    assert_eq!((run.attempt, run.charged), (1, 1));
    assert!(Path::new(&home.kept(&path, "attempts/1/output/console.txt")).exists());
}

/// Becomes another user who may not be signalled, says so, and sleeps.
const OTHER: &str = "--reuid=12345 --clear-groups sh -c 'echo $$ > other; exec sleep 1000'";

// Proves P6: processes of another user below a run (sudo) are named, and do not keep its end waiting for ever.
#[rstest]
#[case::below("{other} & until [ -s other ]; do sleep 0.01; done; wait", Status::Cancelled)]
#[case::itself("exec {other}", Status::Cancelled)]
#[case::left_behind("{other} & until [ -s other ]; do sleep 0.01; done", Status::Completed)]
fn what_belongs_to_another_user_is_named_and_left(#[case] script: &str, #[case] status: Status) {
    if !rustix::process::geteuid().is_root() {
        return skip("it takes two users, and only root has them");
    }
    let home = Home::new();
    // The run's user gets what sudo gives: a program that becomes somebody else.
    let become_other = home.root().with_file_name("become");
    std::fs::copy("/usr/bin/setpriv", &become_other).unwrap();
    home.write("script.sh", &script.replace("{other}", &format!("{} {OTHER}", become_other.display())));
    let prepare = format!(
        "chown -R 65534:65534 {0} && chmod 755 {0} && chmod 777 {1} && chown 0:0 {2} && chmod 4755 {2}",
        home.root().parent().unwrap().display(),
        home.project().display(),
        become_other.display()
    );
    assert!(home.command("sh", ["-c", &prepare]).status().unwrap().success());
    let nobody = |words: &[&str]| {
        let user = ["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_xt")];
        let output = home.command("setpriv", user.iter().chain(words)).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let path = submitted(&nobody(&["run", "--json", "--code=no", "sh", "script.sh"])).remove(0);
    home.until_file("other");
    let other = until("it has said who it is", || Identity::of(home.read("other").trim().parse().ok()?));
    if status == Status::Cancelled {
        nobody(&["cancel", "run", "run1"]);
    }
    home.until_is(&path, status);
    assert!(other.is_alive());
    let events = home.records().events(&path).unwrap();
    let told: Vec<_> = events.iter().filter(|event| event.event == "left-running").collect();
    assert_eq!(told.len(), 1, "{events:?}");
    assert_eq!((&told[0].data["pid"], &told[0].data["command"]), (&other.pid.into(), &"sleep".into()));
    kill(&other);
}
