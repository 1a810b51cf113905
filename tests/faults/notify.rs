//! Being told when runs end.
// Proves C11, C6, P10.

use std::time::Duration;

use xt::model::Status;
use xt::store::Records;

use crate::support::{CONFIG, Chance, Home, until};

/// A home whose command writes a line for each message: what it is about, and how that ended.
fn home(on: &str) -> Home {
    let home = Home::new();
    let told = home.file("told");
    let command = format!(
        "printf '%s %s %s %s\\n' \"$XT_EVENT\" \"$XT_JOB_ID\" \"${{XT_RUN_NAME:--}}\" \"$XT_STATUS\" >>{}",
        told.display()
    );
    home.configure(&format!("{CONFIG}\nnotify:\n  on: {on}\n  command: |\n    {command}\n"));
    home
}

#[test]
fn a_command_is_told_of_failures_and_of_the_end_of_a_job() {
    let home = home("failure");
    home.write("list.txt", "true\nfalse\ntrue\n");
    let runs = home.submit(&["--multi-commands", "list.txt"]);
    let failed = runs.iter().find(|run| home.until_is_final(run) == Status::Error).unwrap();
    until("both are told", || (home.read("told").lines().count() == 2).then_some(()));
    let mut told: Vec<String> = home.read("told").lines().map(str::to_owned).collect();
    told.sort();
    assert_eq!(told, ["job-ended job1 - error".to_owned(), format!("run-ended job1 {} error", failed.run)]);
    // The record says so, and nothing is left to be told.
    until("the records say so", || home.records().endings(9).unwrap().is_empty().then_some(()));
    let events = home.records().events(failed).unwrap();
    assert_eq!(events.iter().filter(|event| event.event == "notified").count(), 1);
}

#[test]
fn a_submit_can_ask_for_more_or_for_nothing() {
    let home = home("failure");
    home.write("list.txt", "true\ntrue\n");
    home.submit(&["--notify=none", "false"]);
    home.submit(&["--notify=end", "--multi-commands", "list.txt"]);
    until("all is told", || (home.read("told").lines().count() == 3).then_some(()));
    assert!(!home.read("told").contains("job1"), "{}", home.read("told"));
    assert_eq!(home.read("told").matches("run-ended job2").count(), 2);
}

// The controller is killed around the end: whoever comes next tells it.
#[test]
fn what_a_killed_controller_has_not_told_the_next_one_tells() {
    let home = home("job");
    let mut chance = Chance::new();
    for round in 1..=5 {
        let run = home.run(&["true"]);
        home.until_is(&run, Status::Completed);
        chance.moment(Duration::from_millis(20));
        home.kill_controller();
        home.ok(["hold", "job", &format!("job{round}")]);
        let job = format!("job-ended job{round} {} completed", run.run);
        until("it is told", || home.read("told").contains(&job).then_some(()));
        until("it is forgotten", || home.records().endings(9).unwrap().is_empty().then_some(()));
    }
}

// A command that cannot be found and an address nobody answers at: the run is what it is, and no secret is said.
#[test]
fn trouble_with_telling_is_no_trouble_of_the_runs() {
    let home = Home::new();
    home.configure(&format!(
        "{CONFIG}\nnotify:\n  command: hunter2-no-such-program\n  url: \"http://127.0.0.1:1/hunter2\"\n"
    ));
    let run = home.run(&["true"]);
    home.until_is(&run, Status::Completed);
    until("it is given up", || home.records().endings(9).unwrap().is_empty().then_some(()));
    assert_eq!(home.record(&run).exit_code, Some(0));
    let log = home.ok(["view", "controller", "log"]);
    assert!(log.contains("not told") && !log.contains("hunter2"), "{log}");
    assert!(!home.ok(["config", "--show"]).contains("127.0.0.1:1/hunter2"));
}

// What has been told is not told again while the records cannot forget it.
#[test]
fn nothing_is_told_again_because_it_cannot_be_forgotten() {
    let home = home("job");
    drop(home.records());
    let database = rusqlite::Connection::open(home.layout().records()).unwrap();
    let refuse = "CREATE TRIGGER keep BEFORE DELETE ON endings BEGIN SELECT RAISE(ABORT, 'refused'); END";
    database.execute_batch(refuse).unwrap();
    let run = home.run(&["true"]);
    home.until_is(&run, Status::Completed);
    until("it has been tried three times", || {
        let log = std::fs::read_to_string(home.layout().log()).unwrap_or_default();
        (log.matches("cannot be told").count() >= 3).then_some(())
    });
    database.execute_batch("DROP TRIGGER keep").unwrap();
    until("it is forgotten", || home.records().endings(9).unwrap().is_empty().then_some(()));
    assert_eq!(home.read("told").lines().count(), 1, "{}", home.read("told"));
}
