//! What a run leaves is kept whole: its console as it was, its files beside it.

use rstest::rstest;
use rusqlite::Connection;
use xt::model::Status;
use xt::store::Records;

use crate::support::{Home, sh, until};

// Proves P2: a script that keeps a copy of its output where the console goes loses neither.
#[test]
fn a_script_that_writes_its_own_console_keeps_both() {
    let home = Home::new();
    let script = "echo out | tee $XT_OUTPUT_DIR/console.txt; echo traceback >&2";
    let path = home.enqueue(&[sh(script)], |_| {}).remove(0);
    let mut node = home.node();
    home.until_is(&path, Status::Completed);
    let console = String::from_utf8(home.console(&path)).unwrap();
    assert!(console.contains("traceback"), "{console}");
    let own = home.kept(&path, "after/output/console-2.txt");
    assert_eq!(std::fs::read_to_string(own).unwrap(), "out\n");
    let events = home.records().events(&path).unwrap();
    let told = events.iter().find(|event| event.event == "files-renamed").unwrap();
    assert!(told.data["files"].as_str().unwrap().contains("console-2.txt"));
    assert!(node.wait().unwrap().success());
}

const SAYS: &str =
    "printf '{\"event\":\"metrics\",\"step\":1,\"data\":{\"loss\":0.5}}\\n' >> $XT_EVENTS/1.jsonl";

// Proves P2, P8: what cannot be taken in is told once, and the run ends as it did.
#[rstest]
#[case::not_recorded(SAYS, "1/1.jsonl", "refused")]
#[case::not_read("rmdir $XT_EVENTS; touch $XT_EVENTS", "1/", "Not a directory")]
fn what_a_run_said_in_vain_is_told_once(#[case] script: &str, #[case] file: &str, #[case] why: &str) {
    let home = Home::new();
    let waits = "; touch said; until [ -e stop ]; do sleep 0.02; done";
    let path = home.enqueue(&[sh(&format!("{script}{waits}"))], |_| {}).remove(0);
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON segments BEGIN SELECT RAISE(ABORT, 'refused'); END";
    Connection::open(home.layout().records()).unwrap().execute_batch(refuse).unwrap();
    let mut node = home.node();
    home.until_file("said");
    let told = || {
        let events = home.records().events(&path).unwrap();
        events.into_iter().filter(|event| event.event == "not-taken-in").collect::<Vec<_>>()
    };
    until("it is told while the run goes on", || (!told().is_empty()).then_some(()));
    home.write("stop", "");
    home.until_is(&path, Status::Completed);
    assert_eq!(told().len(), 1);
    assert_eq!(told()[0].data["file"], file);
    assert!(told()[0].data["reason"].as_str().unwrap().contains(why), "{:?}", told());
    assert!(node.wait().unwrap().success());
}
