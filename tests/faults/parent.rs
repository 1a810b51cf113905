//! A parent's own script: once, before any of its children, whatever dies meanwhile.

use xt::model::{RunPath, Status};
use xt::store::Records;

use crate::support::{Home, until};

const PREPARE: &str = "echo preparing $XT_ATTEMPT
until [ -e $XT_SUBMIT_DIR/go ]; do sleep 0.02; done
echo $XT_RUN_NAME >> $XT_SUBMIT_DIR/ledger
";

const CHILD: &str = "echo $XT_RUN_NAME >> $XT_SUBMIT_DIR/ledger\n";

/// Submits two runs behind a script, and waits until that runs.
fn prepared(home: &Home) -> (RunPath, Vec<RunPath>) {
    home.write("prepare.sh", PREPARE);
    home.write("child.sh", CHILD);
    let children = home.submit(&["--runs=2", "--parent-script=prepare.sh", "child.sh"]);
    let parent = RunPath::new("ws1", children[0].run.parent().unwrap());
    home.until_is(&parent, Status::Running);
    assert!(children.iter().all(|child| home.record(child).status == Status::Created));
    (parent, children)
}

// Proves A4, P1, P2: the wait of the children for their parent's script is in the records, not in a controller.
#[test]
fn a_parents_script_runs_once_before_its_children_though_controllers_are_killed() {
    let home = Home::new();
    let (parent, children) = prepared(&home);
    let first = home.controller().unwrap();
    assert!(home.kill_controller());
    home.ok(["list", "runs"]);
    until("another controller is there", || home.controller().filter(|other| *other != first));
    assert!(home.kill_controller());
    // The last one finds the script ended, when its shim has started it.
    home.write("go", "");
    home.until_is(&parent, Status::Completed);
    let ledger = home.read("ledger");
    let mut lines: Vec<_> = ledger.lines().collect();
    assert_eq!(lines.remove(0), "run1");
    lines.sort_unstable();
    assert_eq!(lines, ["run1.1", "run1.2"]);
    assert_eq!(home.console(&parent), b"preparing 1\n");
    assert!(children.iter().all(|child| home.record(child).status == Status::Completed));
    let job = home.records().job(home.record(&parent).job_id).unwrap();
    assert_eq!((job.job_status, job.completed_runs, job.run_count), (Status::Completed, 2, 2));
    home.assert_sound();
}

// Proves A4, B9, P5: its retries are those of other runs, and children of one that failed never start.
#[test]
fn a_parents_script_that_fails_starts_nothing() {
    let home = Home::new();
    home.write("fail.sh", "echo attempt $XT_ATTEMPT; exit 3\n");
    home.write("child.sh", CHILD);
    let children = home.submit(&["--runs=2", "--max-retries=1", "--parent-script=fail.sh", "child.sh"]);
    let parent = RunPath::new("ws1", children[0].run.parent().unwrap());
    let run = home.until_is(&parent, Status::Error);
    assert_eq!((run.attempt, run.charged, run.exit_code), (2, 1, Some(3)));
    assert_eq!(run.end_reason.as_deref(), Some("its parent script failed; its runs do not start"));
    assert_eq!(home.console(&parent), b"attempt 2\n");
    for child in &children {
        let child = home.until_is(child, Status::Aborted);
        let why = "the parent script of run1 ended with status error (exit code 3)";
        assert_eq!((child.attempt, child.end_reason.as_deref()), (0, Some(why)));
    }
    assert_eq!(home.read("ledger"), "");
    assert_eq!(home.records().job(run.job_id).unwrap().job_status, Status::Error);
    home.assert_sound();
}

// Proves A4, B3: a cancel of the job ends the script too.
#[test]
fn a_cancel_reaches_a_parents_script() {
    let home = Home::new();
    let (parent, children) = prepared(&home);
    home.ok(["cancel", "job", "job1"]);
    home.until_is(&parent, Status::Cancelled);
    assert!(children.iter().all(|child| home.record(child).status == Status::Cancelled));
    assert_eq!(home.read("ledger"), "");
    home.assert_sound();
}
