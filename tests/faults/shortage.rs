//! What is short for a while, and what the records refuse, costs no run its life and the controller no time.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit};
use xt::model::job::Gpus;
use xt::model::{RunPath, Status, Time};
use xt::node::attempt::{Attempt, Spec, State};
use xt::node::control::{self, Request};
use xt::node::process::Identity;
use xt::store::{Records, RunPatch};

use crate::support::{Home, OnDrop, sh, skip, until};

/// Sets how many files a process may have open.
fn limit_files(process: u32, limit: Rlimit) {
    let pid = Pid::from_raw(i32::try_from(process).unwrap());
    prlimit(pid, Resource::Nofile, limit).unwrap();
}

const WAITS: &str = "until [ -e stop ]; do sleep 0.02; done";

/// A run that is due in a moment, and is looked for then without anybody calling.
fn due_soon(home: &Home, script: &str) -> RunPath {
    let path = home.enqueue(&[sh(script)], |job| job.launch.retry_delay_max = 1000.0).remove(0);
    let due = Time::now().plus(Duration::from_millis(1500));
    home.change(&path, RunPatch { not_before: Some(Some(due)), ..RunPatch::default() });
    path
}

fn until_logged(home: &Home, words: &str) {
    until(&format!("the log says {words}"), || {
        fs::read_to_string(home.layout().log()).unwrap().contains(words).then_some(())
    });
}

// Proves P6, P8: when the controller can open no file, a run that cannot be started waits, and a cancel that could not
// be told is told later.
#[test]
fn nothing_is_lost_while_no_file_can_be_opened() {
    let home = Home::new();
    let doomed = home.enqueue(&[sh("exec sleep 1000")], |_| {}).remove(0);
    let mut node = home.node();
    home.until_is(&doomed, Status::Running);
    // The cancel is found when the controller looks for what is due.
    let waiting = due_soon(&home, "true");
    let usual = getrlimit(Resource::Nofile);
    limit_files(node.id(), Rlimit { current: Some(3), ..usual });
    home.change(&doomed, RunPatch { cancel_time: Some(Time::now()), ..RunPatch::default() });
    until_logged(&home, "told=false");
    assert_eq!(home.record(&doomed).status, Status::Running);
    assert_eq!(home.record(&waiting).status, Status::Queued);
    limit_files(node.id(), usual);
    home.until_is(&doomed, Status::Cancelled);
    let run = home.until_is(&waiting, Status::Completed);
    assert_eq!((run.attempt, run.restarts), (1, 0));
    assert!(node.wait().unwrap().success());
    home.assert_sound();
}

// Proves P8: what is queued while its user has too many processes is not used up, and starts when there are fewer.
#[test]
fn a_shim_that_cannot_be_forked_is_tried_again() {
    if !rustix::process::geteuid().is_root() {
        return skip("it takes a user of its own");
    }
    let home = Home::new();
    let long = home.enqueue(&[sh(WAITS)], |_| {}).remove(0);
    let uid = 3_800_000_000 + std::process::id();
    let give = format!("chown -R {uid} {0} && chmod 755 {0}", home.root().parent().unwrap().display());
    let give = || assert!(home.command("sh", ["-c", &give]).status().unwrap().success());
    give();
    let as_user = |words: &[&str]| {
        let user = [&format!("--reuid={uid}"), "--clear-groups"];
        home.command("setpriv", user.into_iter().chain(words.iter().copied()))
    };
    let mut node = as_user(&[env!("CARGO_BIN_EXE_xt"), "node"]).spawn().unwrap();
    home.until_is(&long, Status::Running);
    let waiting = due_soon(&home, "true");
    give();
    let pid = node.id().to_string();
    let limit = |soft: &str| {
        let words = ["prlimit", &format!("--nproc={soft}:"), "--pid", &pid];
        assert!(as_user(&words).status().unwrap().success());
    };
    limit("1");
    until_logged(&home, "Resource temporarily unavailable");
    assert_eq!(home.record(&waiting).status, Status::Spawning);
    limit("10000");
    let run = home.until_is(&waiting, Status::Completed);
    assert_eq!((run.attempt, run.restarts), (1, 0));
    home.write("stop", "");
    home.until_is(&long, Status::Completed);
    assert!(node.wait().unwrap().success());
}

// Proves P8: a user who has too many processes for a while starts later, and can be cancelled until then.
#[test]
fn a_script_that_cannot_be_forked_is_tried_again() {
    if !rustix::process::geteuid().is_root() {
        return skip("it takes a user of its own");
    }
    let folder = tempfile::tempdir().unwrap();
    let open = "chmod 777 \"$0\"";
    assert!(Command::new("sh").args(["-c", open]).arg(folder.path()).status().unwrap().success());
    for (index, then) in ["starts", "is-cancelled"].into_iter().enumerate() {
        // Nobody else's processes count.
        let uid = 3_900_000_000 + u32::try_from(index).unwrap() + std::process::id();
        let attempt = Attempt::at(folder.path().join(then));
        attempt.create().unwrap();
        let spec = Spec {
            run_guid: format!("guid-{uid}"),
            attempt: 1,
            command: sh("echo started"),
            directory: "/".into(),
            environment: vec![("PATH".into(), std::env::var("PATH").unwrap())],
            umask: 0o022,
            tty: false,
            limit: None,
            grace: 0.2,
        };
        attempt.write_spec(&spec).unwrap();
        let own = "chown -R \"$0\" \"$1\"";
        let chown = Command::new("sh").args(["-c", own, &uid.to_string()]).arg(attempt.folder()).status();
        assert!(chown.unwrap().success());
        let mut shim = shim(uid, attempt.folder());
        let process = Identity::of(shim.id()).unwrap();
        let _kill = OnDrop(|| {
            process.signal(Signal::KILL);
        });
        let started = until("it waits", || match attempt.state().unwrap() {
            State::Alive(Some(started)) => Some(started),
            _ => None,
        });
        assert_eq!(started.script, None, "there is no room for it");
        if then == "starts" {
            let pid = started.shim.pid.to_string();
            let raise = as_user(uid).args(["prlimit", "--nproc=1000:1000", "--pid", &pid]).status();
            assert!(raise.unwrap().success());
        } else {
            assert!(started.shim.signal(Signal::TERM));
        }
        assert!(shim.wait().unwrap().success());
        let State::Ended(_, exit) = attempt.state().unwrap() else { panic!("it has ended") };
        let said = fs::read_to_string(attempt.console()).unwrap();
        assert!(
            said.starts_with("xt: cannot start the script now (Resource temporarily unavailable"),
            "{said}"
        );
        let expected = if then == "starts" { (0, true) } else { (143, false) };
        assert_eq!((exit.code, said.ends_with("\nstarted\n")), expected, "{exit:?}: {said}");
    }
}

/// The beginning of a command line of a user's.
fn as_user(uid: u32) -> Command {
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={uid}"), "--clear-groups"]);
    command
}

/// A shim as a user who may have one process.
fn shim(uid: u32, folder: &Path) -> std::process::Child {
    let mut command = as_user(uid);
    command.args(["prlimit", "--nproc=1:1000", env!("CARGO_BIN_EXE_xt"), "shim"]).arg(folder);
    let home = folder.join("home");
    command.env("XT_HOME", &home).env("XT_MACHINE", &home).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

// Proves P8: ends that the records do not take keep the controller from nothing else.
#[test]
fn ends_that_are_refused_do_not_keep_the_controller_busy() {
    let home = Home::new();
    home.configure("internal: {controller-idle: 0.3}\nboxes: {local: {max-runs: 2, gpus: 1}}\n");
    let long = home.enqueue(&[sh(WAITS)], |job| job.launch.gpus = Gpus::Shared).remove(0);
    let mut node = home.node();
    home.until_is(&long, Status::Running);
    let database = Connection::open(home.layout().records()).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON runs WHEN new.status = 'aborted'
                  BEGIN SELECT RAISE(ABORT, 'refused'); END";
    database.execute_batch(refuse).unwrap();
    let greedy = home.enqueue(&[sh("true"), sh("true"), sh("true")], |job| job.launch.gpus = Gpus::Count(9));
    control::ask(&home.layout(), &Request::Wake).unwrap();
    // It looks for work before it leaves, for that was asked first.
    let controller = Identity::of(node.id()).unwrap();
    let _kill = OnDrop(|| {
        controller.signal(Signal::KILL);
    });
    assert!(controller.signal(Signal::TERM));
    let left = until("it has left", || node.try_wait().unwrap());
    assert!(left.success());
    database.execute_batch("DROP TRIGGER refuse").unwrap();
    home.ok(["list", "runs"]);
    for path in &greedy {
        let run = home.until_is(path, Status::Aborted);
        assert!(run.end_reason.unwrap().contains("asks for 9 GPUs"));
    }
    home.write("stop", "");
    home.until_is(&long, Status::Completed);
    home.assert_sound();
}

// Proves P8: records that were restored without their environments start nothing half.
#[test]
fn a_run_without_its_environment_is_not_started() {
    let home = Home::new();
    let path = home.enqueue(&[sh("touch ran")], |job| job.launch.max_retries = 3).remove(0);
    let job = home.records().job(home.record(&path).job_id).unwrap();
    fs::remove_file(home.layout().job_env(&job.job_guid)).unwrap();
    let mut node = home.node();
    let run = home.until_is(&path, Status::Error);
    let told = run.end_reason.unwrap();
    assert!(
        told.contains("environment of ws1/run1 is not kept") && told.contains("submit it anew"),
        "{told}"
    );
    assert_eq!((run.attempt, home.file("ran").exists()), (1, false));
    assert!(node.wait().unwrap().success());
}
