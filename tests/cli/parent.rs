// Proves A2, A4: a parent's own script, as a person sees it.

use serde_json::json;

use super::harness::Xt;

/// A project in which the script for all runs lies beside it.
fn project() -> Xt {
    let xt = Xt::new();
    let beside = xt.project().parent().unwrap().join("beside");
    std::fs::create_dir_all(&beside).unwrap();
    std::fs::write(beside.join("prepare.sh"), "echo \"$XT_RUN_NAME prepares $1 in $(basename \"$PWD\")\"\n")
        .unwrap();
    xt.write("child.sh", "echo $XT_RUN_NAME runs\n");
    xt
}

#[test]
fn its_output_comes_before_that_of_the_runs() {
    let xt = project();
    let text = xt.ok(&[
        "run",
        "-q",
        "--monitor=same",
        "--runs=2",
        "--parent-script=../beside/prepare.sh 'a b'",
        "child.sh",
    ]);
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(lines[0], "run1   │ run1 prepares a b in work");
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(xt.ok(&["view", "console", "run1"]), "run1 prepares a b in work\n");
    assert_eq!(xt.ok(&["monitor", "job1"]).lines().next(), Some(lines[0]));
    let page = xt.ok(&["view", "job", "job1"]);
    assert!(page.contains("../beside/prepare.sh 'a b'"), "{page}");
    assert_eq!(xt.json(&["view", "run", "run1"])["status"], "completed");
    // A rerun of one of its runs is that run alone.
    xt.ok(&["rerun", "run1.1"]);
    xt.ok(&["wait", "run2"]);
    assert_eq!(xt.json(&["view", "job", "job2"])["parent_script"], json!(null));
}

#[test]
fn it_is_seen_and_cancelled_while_it_runs() {
    let xt = project();
    xt.write("wait.sh", "echo ready; exec sleep 1000\n");
    xt.ok(&["run", "--runs=2", "--parent-script=wait.sh", "child.sh"]);
    // Follows its console until it is there.
    let mut follow = xt.command(&["view", "console", "run1", "--follow"]).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(follow.stdout.take().unwrap()), &mut line)
        .unwrap();
    follow.kill().unwrap();
    follow.wait().unwrap();
    assert_eq!(line, "ready\n");
    let status = xt.json(&["view", "status"]);
    assert_eq!(status["active"][0]["run_name"], "run1", "{status}");
    let told = xt.ok(&["cancel", "all", "--status=running", "--dry-run"]);
    assert_eq!(told, "ws1/run1  running\nws1/run1.1  created\nws1/run1.2  created\n");
    let told = xt.json(&["cancel", "all", "--status=running", "--yes"]);
    assert_eq!(told["ending"], json!(["ws1/run1"]));
    assert_eq!(told["cancelled"], json!(["ws1/run1.1", "ws1/run1.2"]));
    xt.output(&["wait", "run1"]);
    assert_eq!(xt.json(&["view", "run", "run1"])["status"], "cancelled");
}

#[test]
fn its_failure_is_the_exit_status_and_runs_that_wait_for_it_say_so() {
    let xt = project();
    let output = xt.output(&["run", "--wait", "--runs=2", "--parent-script=bash -c 'exit 3'", "child.sh"]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("run1 error 3 after") && said.contains("its runs do not start"), "{said}");
    assert!(said.contains("run1.1 aborted: the parent script of run1 ended with status error"), "{said}");
    xt.ok(&["run", "--hold", "--runs=2", "--parent-script=child.sh", "true"]);
    assert_eq!(xt.json(&["view", "run", "run2.1"])["status"], "created");
}

#[test]
fn a_dry_run_shows_it_and_what_cannot_be_is_refused() {
    let xt = project();
    let submit = ["run", "--dry-run", "--runs=2", "--parent-script=../beside/prepare.sh", "child.sh"];
    let told = xt.ok(&submit);
    assert_eq!(told.lines().next(), Some("bash prepare.sh  (once, before the others)"));
    assert!(told.lines().any(|line| line.ends_with(" prepare.sh")), "{told}");
    let told = xt.json(&submit);
    assert_eq!(
        (&told["parent_command"], &told["commands"][0]),
        (&json!(["bash", "prepare.sh"]), &json!(["bash", "child.sh"]))
    );
    let error = xt.misused(&["run", "--parent-script=child.sh", "train.py"]);
    assert!(error.contains("--runs") && error.contains("--multi-commands"), "{error}");
    let error = xt.fails(&["run", "--runs=2", "--parent-script=chlid.sh", "train.py"]);
    assert!(error.contains("did you mean `child.sh`?"), "{error}");
    xt.write("prepare.sh", "");
    assert!(xt.fails(&submit).contains("give it a name of its own"));
    assert_eq!(xt.json(&["list", "jobs"]), json!([]));
}
