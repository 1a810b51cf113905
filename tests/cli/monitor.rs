// Proves A4, B41: following output, and leaving it.

use std::io::{BufRead as _, BufReader};
use std::process::Command;

use super::harness::Xt;

#[test]
fn a_run_is_followed_to_its_end_with_its_exit_status() {
    let xt = Xt::new();
    let output = xt.output(&["run", "--monitor=same", "bash", "-c", "echo one; echo two; exit 5"]);
    assert_eq!(output.status.code(), Some(5));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("\none\ntwo\n"), "{text}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("run1 error 5 after"));
}

// Proves A4: a rerun is watched, or waited for, as a run is.
#[test]
fn a_rerun_is_followed_as_a_run_is() {
    let xt = Xt::new();
    xt.write("say.sh", "echo it is $1; exit $2\n");
    xt.output(&["run", "--wait", "say.sh", "old", "0"]);
    let again = ["rerun", "run1", "--monitor=same", "--", "new", "5"];
    let output = xt.output(&again);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), text.lines().last()), (Some(5), Some("it is new")));
    assert_eq!(xt.output(&["rerun", "run2", "--wait"]).status.code(), Some(5));
    let text = xt.ok(&["rerun", "run1", "--repeat=2", "--monitor=same", "-q"]);
    assert_eq!(text.matches("│ it is old").count(), 2, "{text}");
    assert!(xt.fails(&["rerun", "run1", "--escape=5"]).contains("add --monitor=same"));
    assert_eq!(
        xt.json(&["list", "jobs"]).as_array().map(Vec::len),
        Some(4),
        "what is refused submits nothing"
    );
}

#[test]
fn runs_of_a_job_are_told_apart() {
    let xt = Xt::new();
    let output = xt.output(&["run", "--runs=2", "bash", "-c", "echo I am $XT_RUN_NAME"]);
    assert!(output.status.success());
    let text = xt.ok(&["monitor", "job1"]);
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["run1.1 │ I am run1.1", "run1.2 │ I am run1.2"]);
}

#[test]
fn a_retry_is_followed_too() {
    let xt = Xt::new();
    xt.write("twice.sh", "echo attempt $XT_ATTEMPT; test $XT_ATTEMPT = 2\n");
    let args = ["--set=general.retry-delay=0", "run", "--max-retries=1", "--monitor=same", "-q", "twice.sh"];
    let text = xt.ok(&args);
    assert!(text.ends_with("attempt 1\nattempt 2\n"), "{text}");
}

/// Starts `xt monitor run1` on a run that goes on until it is cancelled, and reads its first line.
fn followed(xt: &Xt) -> (std::process::Child, BufReader<std::process::ChildStdout>) {
    xt.ok(&["run", "bash", "-c", "echo here; sleep 1000"]);
    let mut monitor = xt.command(&["monitor", "run1"]).spawn().unwrap();
    let mut stdout = BufReader::new(monitor.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "here\n");
    (monitor, stdout)
}

#[test]
fn ctrl_c_leaves_the_run_going() {
    let xt = Xt::new();
    let (monitor, _stdout) = followed(&xt);
    Command::new("kill").args(["-INT", &monitor.id().to_string()]).status().unwrap();
    let output = monitor.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(notes.contains("`xt monitor ws1/run1` to come back"), "{notes}");
    assert_eq!(xt.json(&["view", "run", "run1"])["status"], "running");
}

// Proves A4: watching ends when its time is over, and the run goes on.
#[test]
fn watching_ends_after_its_time_and_the_run_goes_on() {
    let xt = Xt::new();
    let submit = ["run", "--monitor=same", "--escape=0", "bash", "-c", "sleep 1000"];
    for args in [&submit[..], &["monitor", "run1", "--escape=0"], &["attach", "run1", "--escape=0"]] {
        let (_, notes) = xt.ok_with_notes(args);
        let said = "ws1/run1 goes on: `xt monitor ws1/run1` to come back, `xt cancel run ws1/run1` to end it";
        assert!(notes.contains(said), "{args:?}: {notes}");
    }
    let status = &xt.json(&["view", "run", "run1"])["status"];
    assert!(["queued", "spawning", "running"].map(serde_json::Value::from).contains(status), "{status}");
    // A run that says nothing keeps nobody longer.
    xt.ok(&["monitor", "run1", "--escape=0.05"]);
}

#[test]
fn of_a_run_that_has_ended_everything_is_told_whatever_the_time() {
    let xt = Xt::new();
    xt.run(&["bash", "-c", "echo said; exit 3"]);
    let output = xt.output(&["monitor", "run1", "--escape=0"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b"said\n"[..]));
}

#[test]
fn a_time_for_watching_without_watching_is_refused() {
    let xt = Xt::new();
    assert!(xt.fails(&["run", "--escape=5", "true"]).contains("add --monitor=same"));
    assert!(xt.misused(&["run", "--monitor=same", "--escape=soon", "true"]).contains("a number of seconds"));
    assert_eq!(xt.json(&["list", "jobs"]), serde_json::json!([]));
}

#[test]
fn a_cancel_ends_what_follows_it() {
    let xt = Xt::new();
    let (monitor, _stdout) = followed(&xt);
    assert_eq!(xt.ok(&["cancel", "run", "run1"]), "ws1/run1 told to end\n");
    let output = monitor.wait_with_output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("run1 cancelled after"));
}

#[test]
fn the_end_of_the_reader_ends_what_follows() {
    let xt = Xt::new();
    xt.ok(&["run", "bash", "-c", "while echo y; do :; done"]);
    let mut monitor = xt.command(&["view", "console", "run1", "--follow"]).spawn().unwrap();
    let mut stdout = BufReader::new(monitor.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    let output = monitor.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
