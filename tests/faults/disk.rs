//! Disks that are full or cannot be written, records and configurations that cannot be read: a clear error, and
//! nothing else is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use xt::model::Status;
use xt::node::control::{self, Request};
use xt::store::{Records, RunQuery};

use crate::support::{Home, sh, skip, until};

/// A small disk of its own; it goes with the test.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// Makes one; `None` where only root may.
    fn new(megabytes: u32) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("xt-disk-").tempdir().unwrap();
        let size = format!("size={megabytes}m,mode=700");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        skip("a small tmpfs cannot be mounted: be root, with CAP_SYS_ADMIN");
        None
    }

    fn home(&self) -> Home {
        Home::at(self.folder.path().join("home"))
    }

    fn mount_again(&self, option: &str) {
        let options = format!("remount,{option}");
        let status = Command::new("mount").args(["-o", &options]).arg(self.folder.path()).status().unwrap();
        assert!(status.success());
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }

    /// Fills the disk to the last byte.
    fn fill(&self) {
        use std::io::Write;
        let mut file = fs::OpenOptions::new().append(true).create(true).open(self.ballast()).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

// Proves P8, P2: a script that writes more than the disk holds waits, and no byte is lost.
#[test]
fn a_script_on_a_full_disk_waits_and_loses_nothing() {
    let Some(disk) = Disk::new(24) else { return };
    let home = disk.home();
    let outside = tempfile::tempdir().unwrap();
    let (copy, full) = (outside.path().join("copy"), outside.path().join("full"));
    let script = format!(
        "i=0; upto() {{ while [ $i -lt $1 ]; do i=$((i+1)); echo \"line $i of many that fill the disk in the end\"; \
         done; }}; {{ upto 100; until [ -e {} ]; do sleep 0.02; done; upto 60000; }} | tee {}; \
         echo \"$XT_ATTEMPT\" >> ledger",
        full.display(),
        copy.display()
    );
    let path = home.enqueue(&[sh(&script)], |_| {}).remove(0);
    let mut node = home.node();
    let run = home.until_is(&path, Status::Running);
    let console = home.attempt(&run, 1).console();
    let length = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.len());
    let lines = |path: &Path| fs::read_to_string(path).unwrap_or_default().lines().count();
    until("the first lines are there", || (lines(&console) == 100).then_some(()));
    disk.fill();
    fs::write(full, "").unwrap();
    // The console grows no more, and what is under way takes far less than what is still to come: a script that is
    // ahead by a whole pipe is stuck.
    until("the script is stuck", || (length(&copy) >= length(&console) + (64 << 10)).then_some(()));
    assert!(!home.file("ledger").exists());
    disk.free();
    let run = home.until_is(&path, Status::Completed);
    assert_eq!((run.attempt, home.read("ledger").as_str()), (1, "1\n"));
    assert!(home.console(&path) == fs::read(copy).unwrap(), "the console is complete");
    assert!(node.wait().unwrap().success());
    home.assert_sound();
}

// Proves P8, P1: a script that ends while the disk is full has ended as it did, once that can be written down.
#[test]
fn a_run_that_ends_on_a_full_disk_is_recorded_later() {
    let Some(disk) = Disk::new(16) else { return };
    let home = disk.home();
    let script = "until [ -e go ]; do sleep 0.02; done; exit 7";
    let path = home.enqueue(&[sh(script)], |_| {}).remove(0);
    let mut node = home.node();
    let run = home.until_is(&path, Status::Running);
    fs::write(home.file("go.tmp"), "").unwrap();
    disk.fill();
    fs::rename(home.file("go.tmp"), home.file("go")).unwrap();
    let script = crate::support::bearing(&format!("XT_RUN_GUID={}", run.run_guid));
    until("its script has ended", || script.iter().all(|pid| is_gone(*pid)).then_some(()));
    assert_eq!(home.record(&path).status, Status::Running);
    disk.free();
    let run = home.until_is(&path, Status::Error);
    assert_eq!((run.exit_code, run.attempt), (Some(7), 1));
    assert!(node.wait().unwrap().success());
    home.assert_sound();
}

fn is_gone(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

// Proves P8: what waits on a full disk starts when there is room, without anybody calling.
#[test]
fn a_waiting_run_starts_when_the_disk_has_room_again() {
    let Some(disk) = Disk::new(16) else { return };
    let home = disk.home();
    let other = home.enqueue(&[sh("until [ -e stop ]; do sleep 0.02; done")], |_| {}).remove(0);
    let mut node = home.node();
    home.until_is(&other, Status::Running);
    let waiting = home.enqueue(&[sh("echo started")], |_| {}).remove(0);
    disk.fill();
    let node_io = || fs::read_to_string(format!("/proc/{}/io", node.id())).unwrap();
    let before = node_io();
    control::ask(&home.layout(), &Request::Wake).unwrap();
    until("the controller has looked for work", || (node_io() != before).then_some(()));
    let mut last = node_io();
    until("it has found that there is no room", || {
        let now = node_io();
        (std::mem::replace(&mut last, now.clone()) == now).then_some(())
    });
    assert!(!home.record(&waiting).status.is_final());
    disk.free();
    home.until_is(&waiting, Status::Completed);
    home.write("stop", "");
    home.until_is(&other, Status::Completed);
    assert!(node.wait().unwrap().success());
    home.assert_sound();
}

// Proves P8: a submit on a full disk says so, and nothing of it is recorded.
#[test]
fn a_submit_on_a_full_disk_says_so_and_records_nothing() {
    let Some(disk) = Disk::new(16) else { return };
    let home = disk.home();
    home.write("script.sh", "true\n");
    let first = home.run(&["script.sh"]);
    home.until_is(&first, Status::Completed);
    until("the controller has left", || home.processes().is_empty().then_some(()));
    disk.fill();
    home.write("other.txt", "");
    let said = home.fails(["run", "script.sh"]);
    assert!(said.contains("full") || said.contains("No space left"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    disk.free();
    assert_eq!(home.records().runs(&RunQuery::default()).unwrap().len(), 1);
    home.assert_sound();
    let next = home.run(&["script.sh"]);
    assert_eq!(next.to_string(), "ws1/run2", "no name was used up");
    home.until_is(&next, Status::Completed);
}

// Proves P8: a home that cannot be written says so; what can be read is shown.
#[test]
fn a_home_that_cannot_be_written_says_so() {
    let Some(disk) = Disk::new(16) else { return };
    let home = disk.home();
    home.write("script.sh", "true\n");
    let first = home.run(&["script.sh"]);
    home.until_is(&first, Status::Completed);
    until("the controller has left", || home.processes().is_empty().then_some(()));
    disk.mount_again("ro");
    let said = home.fails(["run", "script.sh"]);
    assert!(said.contains("cannot be written") || said.contains("Read-only file system"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    disk.mount_again("rw");
    let next = home.run(&["script.sh"]);
    home.until_is(&next, Status::Completed);
    assert_eq!(next.to_string(), "ws1/run2");
}

/// The database without xt in between.
fn database(home: &Home) -> Connection {
    Connection::open(home.layout().records()).unwrap()
}

// Proves P8: a record that cannot be read is told, and keeps no other run from being listed, run or ended.
#[test]
fn a_corrupt_record_costs_nothing_but_itself() {
    let home = Home::new();
    let runs = home.enqueue(&[sh("true"), sh("true"), sh("true")], |_| {});
    let corrupt = |doc: &str| {
        let sql = "UPDATE run_docs SET doc = ?1 WHERE id = (SELECT id FROM runs WHERE name = 'run2')";
        assert_eq!(database(&home).execute(sql, [doc]).unwrap(), 1);
    };
    let good: String = {
        let sql = "SELECT doc FROM run_docs WHERE id = (SELECT id FROM runs WHERE name = 'run2')";
        database(&home).query_row(sql, [], |row| row.get(0)).unwrap()
    };
    corrupt("{\"ws\": 7");
    let listed = home.ok(["list", "runs"]);
    for path in [&runs[0], &runs[2]] {
        assert!(listed.contains(&path.run.to_string()), "{listed}");
        home.until_is(path, Status::Completed);
    }
    let listed = home.ok(["list", "runs"]);
    assert!(listed.contains("run2"), "{listed}");
    let said = home.fails(["view", "run", "run2"]);
    assert!(said.contains("xt check store"), "{said}");
    // Mended, it runs like any other.
    corrupt(&good);
    home.ok(["list", "runs"]);
    home.until_is(&runs[1], Status::Completed);
    home.assert_sound();
}

// Proves P8, C12: a queued record that cannot be read keeps no controller, and is put away and brought back.
#[test]
fn a_corrupt_record_keeps_no_controller_and_can_be_put_away() {
    let home = Home::new();
    let runs = home.enqueue(&[sh("true"), sh("true")], |_| {});
    let unread = home.enqueue(&[sh("true")], |_| {});
    let sql = "UPDATE run_docs SET doc = '{' WHERE id = 1; UPDATE jobs SET doc = '{' WHERE num = 2;";
    database(&home).execute_batch(sql).unwrap();
    let mut node = home.node();
    home.until_is(&runs[1], Status::Completed);
    assert!(node.wait().unwrap().success(), "it has nothing to do any more");
    home.ok(["list", "runs"]);
    assert!(home.controller().is_none(), "nor does a list start one");
    let output = home.output(["check", "store"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("ws1/run1: its record cannot be read") && told.contains("--repair"), "{told}");
    let told = home.ok(["check", "store", "--repair"]);
    assert!(told.contains("ws1/run1 put into the trash") && told.contains("job2 written anew"), "{told}");
    home.assert_sound();
    assert_eq!(home.record(&unread[0]).status, Status::Aborted);
    home.ok(["restore", "run", "run1"]);
    home.ok(["delete", "run", "run1", "--yes"]);
    home.ok(["empty", "trash", "--yes"]);
    home.assert_sound();
}

// Proves P8: a job that cannot be read is told, and keeps no other job from running.
#[test]
fn a_corrupt_job_costs_nothing_but_itself() {
    let home = Home::new();
    let first = home.enqueue(&[sh("true")], |_| {}).remove(0);
    let second = home.enqueue(&[sh("true")], |_| {}).remove(0);
    let good: String =
        database(&home).query_row("SELECT doc FROM jobs WHERE num = 1", [], |row| row.get(0)).unwrap();
    let corrupt =
        |doc: &str| database(&home).execute("UPDATE jobs SET doc = ?1 WHERE num = 1", [doc]).unwrap();
    corrupt("[]");
    for noun in ["jobs", "runs", "workspaces"] {
        home.ok(["list", noun]);
    }
    assert!(home.ok(["list", "jobs"]).contains("job2"));
    let changes = home.records().changes(0, 100).unwrap();
    assert_eq!(changes.jobs.len(), 2, "watchers hear of both");
    let mut node = home.node();
    home.until_is(&second, Status::Completed);
    assert_eq!(home.record(&first).status, Status::Queued);
    corrupt(&good);
    home.ok(["list", "runs"]);
    home.until_is(&first, Status::Completed);
    assert!(node.wait().unwrap().success());
}

// Proves P8, B17: an error of the configuration is told with its place before anything is done; runs go on.
#[test]
fn a_broken_configuration_is_told_and_runs_go_on() {
    let home = Home::new();
    home.write("script.sh", "until [ -e $XT_SUBMIT_DIR/stop ]; do sleep 0.02; done\n");
    let path = home.run(&["script.sh"]);
    home.until_is(&path, Status::Running);
    let waiting = home.enqueue(&[sh("true")], |_| {}).remove(0);
    home.configure("internal: {controller-idle: 0.3}\ngeneral:\n  retri-delay: 3\n  max-retries: many\n");
    let said = home.fails(["run", "script.sh"]);
    assert!(said.contains("xt_config.yaml:3:3") && said.contains("retry-delay"), "{said}");
    assert!(said.contains("xt_config.yaml:4:"), "{said}");
    home.kill_controller();
    // The next controller reads the same file.
    let mut node = home.node();
    home.write("stop", "");
    home.until_is(&path, Status::Completed);
    home.until_is(&waiting, Status::Completed);
    assert!(node.wait().unwrap().success());
    assert_eq!(home.records().runs(&RunQuery::default()).unwrap().len(), 2);
}

// Proves P8, P11: a store of a later version, and a file that is no store, are refused with a word of advice.
#[test]
fn a_store_that_cannot_be_used_says_so() {
    let home = Home::new();
    home.write("script.sh", "true\n");
    drop(home.records());
    database(&home).pragma_update(None, "user_version", 99).unwrap();
    for words in [vec!["run", "script.sh"], vec!["list", "runs"], vec!["node"]] {
        let said = home.fails(&words);
        assert!(said.contains("has version 99") && said.contains("use a newer xt"), "{said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
    }
    for file in ["records.db-wal", "records.db-shm"] {
        let _ = fs::remove_file(home.layout().records().with_file_name(file));
    }
    fs::write(home.layout().records(), vec![b'x'; 8192]).unwrap();
    let said = home.fails(["list", "runs"]);
    assert!(said.contains("is damaged"), "{said}");
}
