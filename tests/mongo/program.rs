//! The whole program with its records on a server.

use serde_json::Value;

use crate::server;
use crate::support::{CONFIG, Home, until};

/// A home whose records are on a server.
fn home(url: &str) -> Home {
    let home = Home::new().with("XT_MONGO", url);
    let lines = "\
external-services: {mydb: {type: mongo, mongo-connection-string: \"$env:XT_MONGO\"}}
xt-services: {mongo: mydb}
";
    home.configure(&format!("{CONFIG}{lines}"));
    home
}

fn json(home: &Home, words: &[&str]) -> Value {
    serde_json::from_str(&home.ok(words.iter().chain(&["--json"]))).unwrap()
}

/// Waits until a run has a status.
fn until_is(home: &Home, run: &str, status: &str) {
    until(&format!("{run} is {status}"), || {
        (json(home, &["view", "run", run])["status"] == status).then_some(())
    });
}

const SCRIPT: &str = "\
import xt
run = xt.Run()
for step in range(5):
    run.log_metric('loss', 1 / (step + 1), step=step)
";

// Proves A1, A2, A5, A6, B41 on a team's store: every verb works there as on the embedded one.
#[test]
fn a_team_works_on_a_server() {
    let url = server::database();
    let home = home(&url);
    home.write("train.sh", "echo hello\n");
    assert_eq!(
        home.ok(["run", "--wait", "--json", "bash", "train.sh"]).trim(),
        r#"{"job":"job1","runs":["run1"]}"#
    );
    let runs = json(&home, &["list", "runs"]);
    assert_eq!((runs[0]["run_name"].as_str(), runs[0]["status"].as_str()), (Some("run1"), Some("completed")));
    assert_eq!(home.ok(["view", "console", "run1"]), "hello\n");
    assert!(!home.layout().records().exists(), "nothing is kept in an embedded store beside it");

    home.ok(["set", "tags", "run1", "best"]);
    assert!(json(&home, &["view", "run", "run1"])["tags"].as_object().unwrap().contains_key("best"));
    home.ok(["rerun", "run1", "--wait"]);
    assert_eq!(json(&home, &["list", "runs"]).as_array().unwrap().len(), 2);

    home.ok(["run", "--json", "sleep", "600"]);
    until_is(&home, "run3", "running");
    home.ok(["cancel", "run", "run3"]);
    until_is(&home, "run3", "cancelled");
    assert_eq!(json(&home, &["list", "jobs"]).as_array().unwrap().len(), 3);
    assert_eq!(home.ok(["check", "store"]).lines().next().map(|line| line.contains("problem")), Some(false));
}

// Proves A6 on a team's store: what a Python script logs is there when it has ended.
#[test]
fn a_script_logs_to_a_server() {
    let url = server::database();
    let home = home(&url);
    home.write("train.py", SCRIPT);
    home.ok(["run", "--wait", "python3", "train.py"]);
    let metrics = json(&home, &["view", "metrics", "run1"]);
    let values: Vec<_> =
        metrics.as_array().unwrap().iter().map(|point| point["value"].as_f64().unwrap()).collect();
    assert_eq!(values, [1.0, 0.5, 1.0 / 3.0, 0.25, 0.2]);
}

// Proves P8, P10, A10: a store that cannot be opened is told in one line, without its password.
#[test]
fn a_store_that_cannot_be_had_is_told() {
    let home = home("mongodb://me:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=200");
    let said = home.fails(["list", "runs"]);
    assert!(said.contains("127.0.0.1:1/xtdb cannot be reached") && !said.contains("hunter2"), "{said}");
    let other = Home::new();
    other.configure(&format!("{CONFIG}xt-services: {{mongo: nowhere}}\n"));
    let said = other.fails(["list", "runs"]);
    assert!(said.contains("`xt-services.mongo` names `nowhere`"), "{said}");
}
