//! Retries are exact.

use std::collections::BTreeSet;
use std::time::Duration;

use xt::model::{Event, Status, Time};
use xt::store::Records;

use crate::support::{CONFIG, Home, until};

/// Fails until the attempt of a number, and leaves a word of each on the console.
const FAILS: &str =
    "echo attempt $XT_ATTEMPT; echo $XT_ATTEMPT >> $XT_SUBMIT_DIR/ledger; [ $XT_ATTEMPT -ge $1 ]\n";

fn moments(events: &[Event], name: &str) -> Vec<Event> {
    events.iter().filter(|event| event.event == name).cloned().collect()
}

/// No attempt started before the wait after the one before it was over, and each wait is as long as it should be.
fn assert_waits(events: &[Event], waits: &[f64]) {
    let retries = moments(events, "retry");
    let told: Vec<_> = retries.iter().map(|event| event.data["wait_seconds"].as_f64().unwrap()).collect();
    assert_eq!(told, waits);
    let started: Vec<Time> = moments(events, "started").iter().map(|event| event.time).collect();
    assert_eq!(started.len(), waits.len() + 1);
    for ((retry, wait), next) in retries.iter().zip(waits).zip(&started[1..]) {
        assert!(retry.time.plus(Duration::from_secs_f64(*wait)) <= *next, "{events:?}");
    }
}

// Proves P5, B9: the budget is exact and the delays double up to their cap.
#[test]
fn a_run_that_always_fails_has_exactly_its_attempts() {
    let home = Home::new();
    home.configure("general: {retry-delay: 0.05, retry-delay-max: 0.15}\ninternal: {controller-idle: 0.3}\n");
    home.write("fail.sh", FAILS);
    let path = home.run(&["--max-retries=4", "fail.sh", "99"]);
    let run = home.until_is(&path, Status::Error);
    assert_eq!((run.attempt, run.restarts, run.charged, run.exit_code), (5, 4, 4, Some(1)));
    assert_eq!(home.read("ledger"), "1\n2\n3\n4\n5\n");
    let events = home.records().events(&path).unwrap();
    assert_waits(&events, &[0.05, 0.1, 0.15, 0.15]);
    assert!(moments(&events, "retry").iter().all(|event| event.data["charged"] == true));
    assert_eq!(moments(&events, "ended").len(), 1);
    for attempt in 1..5 {
        let console = home.kept(&path, &format!("attempts/{attempt}/output/console.txt"));
        assert_eq!(std::fs::read_to_string(console).unwrap(), format!("attempt {attempt}\n"));
    }
    assert_eq!(home.console(&path), b"attempt 5\n");
    home.assert_sound();
}

// Proves P5: a run that succeeds is not started again, and what it took is told.
#[test]
fn a_run_that_succeeds_at_last_completes() {
    let home = Home::new();
    home.write("fail.sh", FAILS);
    let path = home.run(&["--max-retries=9", "fail.sh", "3"]);
    let run = home.until_is(&path, Status::Completed);
    assert_eq!((run.attempt, run.restarts, run.charged, run.exit_code), (3, 2, 2, Some(0)));
    assert_eq!(home.read("ledger"), "1\n2\n3\n");
    assert_waits(&home.records().events(&path).unwrap(), &[0.05, 0.1]);
    let job = home.records().job(run.job_id).unwrap();
    assert_eq!((job.completed_runs, job.error_runs, job.queued_runs), (1, 0, 0));
}

// Proves P5, and that a retry which is due and may not start yet costs nothing: here a run of the same job has the
// only place its job may use.
#[test]
fn a_retry_that_waits_for_its_turn_keeps_nobody_busy() {
    let home = Home::new();
    home.configure(&CONFIG.replace("controller-idle: 0.3", "controller-idle: 0.3, heartbeat: 0.05"));
    home.write("first.sh", "[ $XT_ATTEMPT = 2 ]\n");
    home.write("second.sh", "until [ -e $XT_SUBMIT_DIR/stop ]; do sleep 0.05; done\n");
    home.write("both.txt", "first.sh\nsecond.sh\n");
    let runs = home.submit(&["--multi-commands", "--concurrent=1", "--max-retries=1", "both.txt"]);
    home.until_is(&runs[1], Status::Running);
    let due = home.record(&runs[0]).not_before.unwrap();
    until("its retry is due", || (Time::now() > due).then_some(()));
    let controller = home.controller().unwrap();
    // Ticks of processor time: the fields 14 and 15, of which the second is the program's name in parentheses.
    let spent = || {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", controller.pid)).unwrap();
        let fields = text[text.rfind(')').unwrap()..].split(' ').skip(12).take(2);
        fields.map(|field| field.parse::<u64>().unwrap()).sum::<u64>()
    };
    let before = spent();
    let mut heard = BTreeSet::new();
    until("it has been heard of twenty times", || {
        heard.extend(home.records().heartbeats().unwrap().into_iter().map(|beat| beat.time));
        (heard.len() > 20).then_some(())
    });
    let spent = spent() - before;
    assert!(spent < 20, "{spent} ticks of a hundredth of a second were spent on 20 signs of life");
    home.write("stop", "");
    home.until_is(&runs[0], Status::Completed);
    assert_eq!(home.record(&runs[0]).attempt, 2);
}
