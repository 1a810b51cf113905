//! Submits and controllers are killed and race: nothing is lost, nothing is started twice.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::Duration;

use xt::model::{Run, RunPath, Status};
use xt::store::{Records, RunQuery};

use crate::support::{Chance, Home, OnDrop, files, sh, size, submitted};

/// Writes each start of an attempt to a ledger, in one write.
const SCRIPT: &str = "echo \"$XT_RUN_GUID $XT_ATTEMPT\" >> \"$XT_SUBMIT_DIR/ledger\"\n";

/// Every run completed, in exactly one attempt that was started exactly once.
fn assert_each_ran_once(home: &Home, runs: &[Run]) {
    let ledger = home.read("ledger");
    let mut starts = BTreeMap::<&str, u32>::new();
    for line in ledger.lines() {
        *starts.entry(line).or_default() += 1;
    }
    for run in runs {
        assert_eq!((run.status, run.attempt, run.restarts), (Status::Completed, 1, 0), "{run:?}");
        assert_eq!(starts.remove(format!("{} 1", run.run_guid).as_str()), Some(1), "{}", run.path());
    }
    assert!(starts.is_empty(), "started, but not recorded: {starts:?}");
    home.assert_sound();
}

// Proves P1, B9, C6: whatever is killed while runs are submitted and started, each acknowledged run is there
// once and runs once.
#[test]
fn killed_submits_and_controllers_lose_nothing_and_repeat_nothing() {
    let home = Home::new();
    let mut chance = Chance::new();
    home.write("script.sh", SCRIPT);
    let wanted = size(120, 1000);
    let (mut killed, mut acknowledged) = (0, BTreeSet::<RunPath>::new());
    while killed < wanted {
        let mut submit = home.xt(["run", "--json", "script.sh"]);
        let mut submit = submit.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        chance.moment(Duration::from_millis(50));
        match chance.below(3) {
            0 => submit.kill().unwrap(),
            1 => killed += usize::from(home.kill_controller()),
            _ => {
                killed += usize::from(home.kill_controller());
                submit.kill().unwrap();
            }
        }
        let output = submit.wait_with_output().unwrap();
        if output.status.success() {
            for run in submitted(&String::from_utf8(output.stdout).unwrap()) {
                assert!(acknowledged.insert(run), "a name was given twice");
            }
        } else {
            killed += usize::from(output.status.code().is_none());
        }
    }
    // Whoever comes by finds what is unfinished, and starts a controller.
    home.ok(["list", "runs"]);
    let runs = home.until_all_ended();
    let known: BTreeSet<_> = runs.iter().map(Run::path).collect();
    assert_eq!(known.len(), runs.len());
    assert!(acknowledged.is_subset(&known), "lost: {:?}", acknowledged.difference(&known));
    assert!(acknowledged.len() > wanted / 10, "some submits got through: {}", acknowledged.len());
    assert_each_ran_once(&home, &runs);
}

// Proves P1, B9: a submit that is recorded is acknowledged, whatever keeps its controller from starting; here it
// cannot have its lock.
#[test]
fn a_submit_whose_controller_cannot_start_is_acknowledged() {
    let home = Home::new();
    home.write("script.sh", SCRIPT);
    let lock = home.layout().lock();
    std::fs::create_dir_all(&lock).unwrap();
    let output = home.output(["run", "--json", "--hold", "script.sh"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("this is recorded, but its controller could not be started"), "{said}");
    assert!(said.contains("controller.lock") && said.contains("with the next xt command"), "{said}");
    let path = submitted(&String::from_utf8(output.stdout).unwrap()).remove(0);
    assert_eq!(home.record(&path).status, Status::Queued);
    for words in [["rerun", "run1"], ["release", "job"]] {
        let words = words.into_iter().chain((words[0] == "release").then_some("job1"));
        let output = home.output(words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("could not be started"), "{said}");
    }
    let said = String::from_utf8(home.output(["list", "runs"]).stderr).unwrap();
    assert!(said.contains("runs wait, and their controller could not be started: "), "{said}");
    std::fs::remove_dir(&lock).unwrap();
    home.ok(["list", "runs"]);
    let runs = home.until_all_ended();
    assert_eq!(runs.len(), 2);
    assert_each_ran_once(&home, &runs);
}

// Proves P1, B9: with fewer file descriptors than it needs a submit fails at one step after another; the exit status
// always says whether the job is recorded, and in the end only the controller cannot be started.
#[test]
fn the_exit_status_says_whether_a_submit_is_recorded() {
    let home = Home::new();
    home.write("script.sh", SCRIPT);
    home.ok(["list", "runs"]);
    let submit = "ulimit -n $1; exec \"$0\" run --json script.sh";
    let recorded = || home.records().jobs(None, None).unwrap().len();
    let warned = (4..64).any(|descriptors: u32| {
        let before = recorded();
        let limit = descriptors.to_string();
        let output =
            home.command("/bin/sh", ["-c", submit, env!("CARGO_BIN_EXE_xt"), &limit]).output().unwrap();
        assert_eq!(recorded() - before, usize::from(output.status.success()), "{descriptors}: {output:?}");
        String::from_utf8_lossy(&output.stderr).contains("could not be started: cannot start the controller")
    });
    assert!(warned, "the controller was always started");
    home.ok(["list", "runs"]);
    let runs = home.until_all_ended();
    assert_eq!(runs.len(), 1);
    assert_each_ran_once(&home, &runs);
}

// Proves P1: two controllers racing.
#[test]
fn of_ten_controllers_started_at_once_one_works() {
    let home = Home::new();
    home.enqueue(&vec![sh(SCRIPT); 40], |_| {});
    let nodes: Vec<_> = (0..10).map(|_| home.node()).collect();
    let runs = home.until_all_ended();
    for mut node in nodes {
        assert!(node.wait().unwrap().success());
    }
    assert_eq!(runs.len(), 40);
    assert_each_ran_once(&home, &runs);
}

// Proves P1, A7: many processes write the records at once.
#[test]
fn a_hundred_submits_at_once_are_all_recorded() {
    let home = Home::new();
    home.write("script.sh", SCRIPT);
    let start = |_| home.xt(["run", "--json", "script.sh"]).stdout(Stdio::piped()).spawn().unwrap();
    let submits: Vec<_> = (0..100).map(start).collect();
    let mut names = BTreeSet::new();
    for submit in submits {
        let output = submit.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        names.extend(submitted(&String::from_utf8(output.stdout).unwrap()));
    }
    assert_eq!(names.len(), 100);
    let runs = home.until_all_ended();
    assert_eq!(runs.len(), 100);
    assert_eq!(home.records().jobs(None, None).unwrap().len(), 100);
    assert!(home.records().runs(&RunQuery::default()).unwrap().iter().all(|run| run.exit_code == Some(0)));
    assert_each_ran_once(&home, &runs);
}

// Proves C12, P1: code that runs are about to need is not collected, however old it is and whoever needed it before.
#[test]
fn emptying_the_trash_while_others_submit_loses_no_code() {
    let home = Home::new();
    home.write("script.sh", "true\n");
    let rounds = size(12, 200);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let emptying = scope.spawn(|| {
            let mut emptied = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                home.ok(["empty", "trash", "--yes"]);
                emptied += 1;
            }
            emptied
        });
        // Also when the test fails: the other thread must come to its end.
        let _end = OnDrop(|| done.store(true, std::sync::atomic::Ordering::Relaxed));
        for _ in 0..rounds {
            let run = home.run(&["script.sh"]);
            let again = submitted(&home.ok(["rerun", &run.run.to_string(), "--json"])).remove(0);
            for run in [run, again] {
                assert_eq!(home.until_is(&run, Status::Completed).attempt, 1);
                home.ok(["delete", "run", &run.run.to_string(), "--yes"]);
            }
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(emptying.join().unwrap() > 0);
    });
    home.ok(["empty", "trash", "--yes"]);
    let left = files(&home.layout().files().join("xt-store-info"));
    assert_eq!(left, [home.layout().files().join("xt-store-info/code.lock")]);
}
