// Proves A6, A11, B31: views of a run, its console, its metrics, and of the machine.

use serde_json::json;

use super::harness::Xt;

#[test]
fn a_page_of_a_run_tells_everything() {
    let xt = Xt::new();
    xt.run(&["--description=the first", "--tags=best", "train.py", "--lr=.3"]);
    let page = xt.ok(&["view", "run", "run1"]);
    assert!(page.starts_with("ws1/run1  completed\n"), "{page}");
    for expected in [
        "about        the first",
        "experiment   exper1",
        "python3 train.py --lr=.3",
        "snapshot ",
        "lr           0.3",
        "acc          0.7",
        "best         +",
        "after/output/console.txt",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let run = xt.json(&["view", "run", "run1"]);
    assert_eq!(run["status"], "completed");
    assert_eq!(run["metrics"], json!({"epoch": 2, "loss": 1.0 / 3.0, "acc": 0.7}));
    assert_eq!(run["attempts"][0]["exit_code"], 0);
    assert_eq!(run["launch"]["snapshot"]["files"], 1);
    assert!(run["create_time"].as_str().unwrap().ends_with("+00:00"), "RFC 3339: {run}");
}

#[test]
fn why_a_run_failed_stands_at_the_top() {
    let xt = Xt::new();
    xt.run(&["--max-minutes=0.005", "sleep", "1000"]);
    let page = xt.ok(&["view", "run", "run1"]);
    let mut lines = page.lines();
    assert_eq!(lines.next(), Some("ws1/run1  aborted"));
    assert!(lines.next().unwrap().trim_start().starts_with("why "), "{page}");
}

#[test]
fn a_console_in_a_pipe_is_the_bytes_that_were_written() {
    let xt = Xt::new();
    xt.write(
        "noise.py",
        "import sys; o = sys.stdout.buffer; o.write(bytes(range(256))); o.write(b'\\nend'); o.flush()",
    );
    xt.run(&["noise.py"]);
    let output = xt.output(&["view", "console", "run1"]);
    let expected: Vec<u8> = (0..=255).chain(*b"\nend").collect();
    assert_eq!(output.stdout, expected);
    assert_eq!(xt.output(&["view", "log", "run1", "--follow"]).stdout, expected);
    assert_eq!(xt.output(&["view", "log", "run1", "--tail=1"]).stdout, b"end");
}

#[test]
fn streams_and_attempts_can_be_told_apart() {
    let xt = Xt::new();
    xt.write("twice.sh", "echo out $XT_ATTEMPT; echo err $XT_ATTEMPT >&2; test $XT_ATTEMPT = 2\n");
    let config = ["--set=general.retry-delay=0", "run", "--max-retries=1", "--wait", "twice.sh"];
    xt.ok(&config);
    assert_eq!(xt.ok(&["view", "console", "run1", "--stderr"]), "err 2\n");
    assert_eq!(xt.ok(&["view", "console", "run1", "--stdout", "--attempt=1"]), "out 1\n");
    assert!(xt.fails(&["view", "console", "run1", "--attempt=3"]).contains("has had 2 attempts"));
    let attempts = &xt.json(&["view", "run", "run1"])["attempts"];
    assert_eq!((&attempts[0]["end"], &attempts[1]["end"]), (&json!("retry"), &json!("completed")));
}

#[test]
fn metrics_are_points_for_programs_and_a_table_for_persons() {
    let xt = Xt::new();
    xt.run(&["train.py"]);
    let points = xt.json(&["view", "metrics", "run1", "loss"]);
    assert_eq!(points.as_array().unwrap().len(), 3);
    let keys: Vec<_> = points[1].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["name", "step", "value", "time"]);
    assert_eq!((&points[1]["step"], &points[1]["value"]), (&json!(1), &json!(0.5)));
    assert_eq!(xt.ok(&["view", "metrics", "run1", "acc"]), "STEP  ACC\n   0  0.5\n   1  0.6\n   2  0.7\n");
    let rolled_up = ["--set=run-reports.report-rollup=true", "--set=general.primary-metric=loss"];
    let listed =
        |more: &[&str]| xt.ok(&[more, &["list", "runs", "--columns=metrics.loss,metrics.acc"]].concat());
    assert_eq!(listed(&[]), "  LOSS  ACC\n0.3333  0.7\n");
    assert_eq!(listed(&rolled_up), "LOSS  ACC\n   1  0.5\n", "where more is better, the first was best");
    assert!(xt.fails(&["view", "metrics", "run1", "los"]).contains("did you mean `loss`?"));
    assert_eq!(xt.json(&["view", "hparams", "run1"]), json!({"lr": 0.1, "epochs": 3}));
    xt.ok(&["view", "metrics", "run1", "acc", "--export=m.csv"]);
    assert!(
        std::fs::read_to_string(xt.project().join("m.csv")).unwrap().starts_with("step,metrics.acc\r\n0,0.5")
    );
}

#[test]
fn events_and_arguments() {
    let xt = Xt::new();
    xt.run(&["echo", "a b"]);
    let events = xt.json(&["view", "events", "run1"]);
    let told: Vec<_> =
        events.as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(told, ["created", "cmd", "queued", "started", "ended"]);
    assert_eq!(xt.ok(&["view", "args", "run1"]), "echo 'a b'\n");
    assert_eq!(xt.json(&["view", "args", "run1"])["command"], json!(["echo", "a b"]));
}

#[test]
fn the_machine_and_the_queue_are_told() {
    let xt = Xt::new();
    let fresh = xt.ok(&["view", "status"]);
    assert!(fresh.contains("no controller: there is nothing to do"), "{fresh}");
    xt.ok(&["run", "--hold", "true"]);
    let status = xt.json(&["view", "status"]);
    assert_eq!(status["waiting"][0]["run_name"], "run1");
    assert!(xt.ok(&["view", "status"]).contains("held"));
    assert_eq!(xt.ok(&["view", "status", "run1"]), "run1 held\n");
    xt.ok(&["release", "job", "job1"]);
    xt.ok(&["wait", "run1"]);
    assert!(xt.ok(&["view", "controller", "log", "--tail=50"]).contains("controller starts"));
    assert!(xt.ok(&["view", "job", "job1"]).contains("1 (1 completed)"));
}
