//! The controller dies at each step of a run's life. What it leaves at that step is made by hand, exactly; the next
//! controller must go on from there.

use std::fs;

use rstest::rstest;
use xt::model::{Run, RunPath, Scalar, Status, Time, Values};
use xt::node::attempt::{Attempt, Exit, Reason, Spec, Started};
use xt::node::process::{Identity, host_name};
use xt::store::{MetricBatch, NewPoint, Records, RunPatch};

use crate::support::{Home, sh, until};

const SCRIPT: &str = "echo \"$XT_RUN_GUID $XT_ATTEMPT\" >> ledger; echo said";

const SAID: &str = "{\"event\":\"metrics\",\"step\":1,\"data\":{\"loss\":0.5}}\n";

fn spec(home: &Home, run: &Run) -> Spec {
    let text = |text: &str| text.to_owned();
    Spec {
        run_guid: run.run_guid.clone(),
        attempt: run.attempt,
        command: run.command.clone(),
        directory: home.project(),
        environment: vec![
            (text("XT_HOME"), home.root().display().to_string()),
            (text("XT_RUN_GUID"), run.run_guid.clone()),
            (text("XT_ATTEMPT"), run.attempt.to_string()),
        ],
        umask: 0o022,
        tty: false,
        limit: None,
        grace: 0.2,
    }
}

/// A process that is no more.
fn dead() -> Identity {
    Identity { start: 1, ..Identity::own() }
}

/// What a shim leaves until the script runs.
fn started(home: &Home, run: &Run) -> Attempt {
    let attempt = home.attempt(run, run.attempt);
    attempt.create().unwrap();
    attempt.write_spec(&spec(home, run)).unwrap();
    drop(attempt.take().unwrap().unwrap());
    attempt.write_started(&Started { shim: dead(), script: Some(dead()), time: Time::now() }).unwrap();
    fs::write(attempt.console(), "said\n").unwrap();
    fs::write(attempt.events().join("1.jsonl"), SAID.repeat(3)).unwrap();
    fs::write(attempt.output().join("model.bin"), "weights").unwrap();
    attempt
}

/// What a shim leaves at the end.
fn ended(home: &Home, run: &Run) -> Attempt {
    let attempt = started(home, run);
    let exit = Exit {
        reason: Reason::Exited,
        code: 0,
        signal: None,
        detail: None,
        time: Time::now(),
        console_bytes: 5,
        abandoned: vec![],
        gap: None,
    };
    attempt.write_exit(&exit).unwrap();
    fs::write(home.file("ledger"), format!("{} 1\n", run.run_guid)).unwrap();
    attempt
}

fn record_start(home: &Home, path: &RunPath) {
    let patch =
        RunPatch { status: Some(Status::Running), attempt_time: Some(Time::now()), ..RunPatch::default() };
    home.change(path, patch);
}

fn after_claim(_: &Home, _: &Run) {}

fn with_half_a_directory(home: &Home, run: &Run) {
    let attempt = home.attempt(run, run.attempt);
    fs::create_dir_all(attempt.folder().join("work.part/half")).unwrap();
}

fn after_spec(home: &Home, run: &Run) {
    let attempt = home.attempt(run, run.attempt);
    attempt.create().unwrap();
    attempt.write_spec(&spec(home, run)).unwrap();
}

fn with_a_spec_a_power_cut_emptied(home: &Home, run: &Run) {
    after_spec(home, run);
    fs::write(home.attempt(run, run.attempt).folder().join("spec.json"), "").unwrap();
}

fn after_exit_before_the_start_is_recorded(home: &Home, run: &Run) {
    ended(home, run);
}

fn after_exit(home: &Home, run: &Run) {
    ended(home, run);
    record_start(home, &run.path());
}

/// A part of what it said is recorded.
fn while_its_words_are_taken_in(home: &Home, run: &Run) {
    after_exit(home, run);
    let point = |call| NewPoint {
        name: "loss".to_owned(),
        step: Some(1.0),
        time: Time::now(),
        value: Scalar::Float(0.5),
        call,
    };
    let batch = MetricBatch {
        run: run.path(),
        source: "1/1.jsonl".to_owned(),
        from: 0,
        to: 2 * SAID.len() as u64,
        points: vec![point(0), point(1)],
        hparams: Values::new(),
        tags: Values::new(),
        events: vec![],
    };
    home.records().ingest(&[batch]).unwrap();
}

/// The console has been moved, the rest has not.
fn while_its_files_are_collected(home: &Home, run: &Run) {
    while_its_words_are_taken_in(home, run);
    let console = home.kept(&run.path(), "after/output/console.txt");
    fs::create_dir_all(console.parent().unwrap()).unwrap();
    fs::rename(home.attempt(run, 1).console(), console).unwrap();
}

/// All is collected and only the end is not recorded.
fn before_the_end_is_recorded(home: &Home, run: &Run) {
    while_its_files_are_collected(home, run);
    let model = home.kept(&run.path(), "after/output/model.bin");
    fs::rename(home.attempt(run, 1).output().join("model.bin"), model).unwrap();
}

// Proves P1, P2, C6: a controller killed at each step of a run's life.
#[rstest]
#[case(after_claim)]
#[case(with_half_a_directory)]
#[case(after_spec)]
#[case(with_a_spec_a_power_cut_emptied)]
#[case(after_exit_before_the_start_is_recorded)]
#[case(after_exit)]
#[case(while_its_words_are_taken_in)]
#[case(while_its_files_are_collected)]
#[case(before_the_end_is_recorded)]
fn the_next_controller_goes_on_from_where_one_died(#[case] step: fn(&Home, &Run)) {
    let home = Home::new();
    let path = home.enqueue(&[sh(SCRIPT)], |_| {}).remove(0);
    let claimed = home.claim(&path);
    step(&home, &claimed);
    let by_shim = home.attempt(&claimed, 1).folder().join("exit.json").exists();
    let mut node = home.node();
    let run = home.until_is(&path, Status::Completed);
    assert_eq!((run.attempt, run.restarts, run.exit_code), (1, 0, Some(0)));
    assert_eq!(home.read("ledger"), format!("{} 1\n", run.run_guid), "its script ran once");
    assert_eq!(home.console(&path), b"said\n");
    assert!(run.start_time.is_some() && run.run_duration.is_some());
    if by_shim {
        assert_eq!(fs::read_to_string(home.kept(&path, "after/output/model.bin")).unwrap(), "weights");
        assert_eq!(home.records().metrics(&path, &[]).unwrap()[0].points.len(), 3);
    }
    let events = home.records().events(&path).unwrap();
    assert_eq!(events.iter().filter(|event| event.event == "ended").count(), 1);
    assert!(node.wait().unwrap().success());
    home.assert_sound();
}

fn taken(home: &Home, run: &Run) {
    after_spec(home, run);
    drop(home.attempt(run, run.attempt).take().unwrap().unwrap());
}

fn running(home: &Home, run: &Run) {
    started(home, run);
    record_start(home, &run.path());
}

fn with_an_exit_a_power_cut_emptied(home: &Home, run: &Run) {
    running(home, run);
    fs::write(home.attempt(run, run.attempt).folder().join("exit.json"), "").unwrap();
}

fn before_a_reboot(home: &Home, run: &Run) {
    running(home, run);
    let shim = Identity { boot: "another".to_owned(), ..dead() };
    let started = Started { shim, script: None, time: Time::now() };
    home.attempt(run, run.attempt).write_started(&started).unwrap();
}

// Proves P1, P5, C5: when controller and shim both died the run is lost, and tried again only when that was asked
// for, on nobody's account.
#[rstest]
#[case(taken, "supervisor was killed")]
#[case(running, "supervisor was killed")]
#[case(with_an_exit_a_power_cut_emptied, "supervisor was killed")]
#[case(before_a_reboot, "machine was restarted")]
fn a_run_whose_shim_died_too_is_lost_or_tried_again(
    #[case] step: fn(&Home, &Run),
    #[case] why: &str,
    #[values(0, 1)] max_retries: u32,
) {
    let home = Home::new();
    let path = home.enqueue(&[sh(SCRIPT)], |job| job.launch.max_retries = max_retries).remove(0);
    step(&home, &home.claim(&path));
    let mut node = home.node();
    let events = |name: &str| {
        let events = home.records().events(&path).unwrap();
        events.into_iter().filter(|event| event.event == name).collect::<Vec<_>>()
    };
    if max_retries == 0 {
        let run = home.until_is(&path, Status::Lost);
        assert!(run.end_reason.unwrap().contains(why));
        assert_eq!((run.attempt, run.exit_code, home.read("ledger").as_str()), (1, None, ""));
        assert_eq!((events("ended").len(), events("retry").len()), (1, 0));
    } else {
        let run = home.until_is(&path, Status::Completed);
        assert_eq!((run.attempt, run.restarts, run.charged), (2, 1, 0));
        assert_eq!(home.read("ledger"), format!("{} 2\n", run.run_guid));
        assert_eq!(events("retry")[0].data["charged"], false);
        assert_eq!(events("ended").len(), 1);
    }
    assert!(node.wait().unwrap().success());
    home.assert_sound();
}

// Proves P1: what is recorded to run is never started a second time. When its directory is gone (cleared, or lost in a
// power cut), what still runs of it is ended and the run is lost.
#[test]
fn a_running_run_whose_directory_is_gone_is_lost_and_not_started_again() {
    let home = Home::new();
    home.write("train.sh", "echo $$ > alive.tmp; mv alive.tmp $XT_SUBMIT_DIR/alive; exec sleep 1000\n");
    let path = home.run(&["--code=no", "train.sh"]);
    let run = home.until_is(&path, Status::Running);
    home.until_file("alive");
    let script = Identity::of(home.read("alive").trim().parse().unwrap()).unwrap();
    fs::remove_file(home.file("alive")).unwrap();
    fs::remove_dir_all(home.layout().run(&run.run_guid)).unwrap();
    let run = home.until_is(&path, Status::Lost);
    assert!(run.end_reason.as_deref().unwrap().contains("folder"), "{run:?}");
    assert_eq!((run.attempt, run.restarts), (1, 0));
    assert!(!script.is_alive());
    assert!(!home.file("alive").exists(), "no second copy started");
    home.assert_sound();
}

// Proves C6, P1: a machine's runs are its own under whatever name it has; they come under the name it has now.
#[test]
fn runs_are_adopted_under_another_name_of_the_machine() {
    let home = Home::new();
    let script = "echo $XT_ATTEMPT >> ledger; until [ -e stop ]; do sleep 0.02; done";
    let paths = home.enqueue(&[sh(script), sh(script)], |_| {});
    let mut node = home.node();
    for path in &paths {
        home.until_is(path, Status::Running);
        until("its script runs", || home.read("ledger").contains('1').then_some(()));
    }
    home.kill_controller();
    node.wait().unwrap();
    for path in &paths {
        let patch = RunPatch { box_name: Some("renamed-since".to_owned()), ..RunPatch::default() };
        home.change(path, patch);
    }
    home.ok(["cancel", "run", &paths[0].run.to_string()]);
    home.until_is(&paths[0], Status::Cancelled);
    until("it has the machine's name", || {
        (home.record(&paths[1]).box_name == Some(host_name())).then_some(())
    });
    home.write("stop", "");
    let run = home.until_is(&paths[1], Status::Completed);
    assert_eq!((run.attempt, home.read("ledger").as_str()), (1, "1\n1\n"));
    home.assert_sound();
}
