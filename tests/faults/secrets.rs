//! A planted secret turns up nowhere but where it was sent, and nobody else may talk to a controller.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;

use xt::model::Status;
use xt::store::{Records, RunQuery};

use crate::support::{Home, bearing, files, kill, mode, until};

const SECRET: &str = "hunter2-b1f6d0c9e4";

/// Says whether it has the secret, without saying it, and waits.
const SCRIPT: &str =
    "echo \"key: ${MY_API_KEY:+there}\"\nuntil [ -e $XT_SUBMIT_DIR/stop ]; do sleep 0.02; done\n";

fn has_secret(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, SECRET.as_bytes()).is_some()
}

/// The files that hold the secret, and a look at the permissions of all.
fn holders(home: &Home) -> Vec<String> {
    let others = 0o077;
    for folder in ["config", "data", "cache", "run"] {
        assert_eq!(mode(&home.root().join(folder)), 0o700, "{folder}");
    }
    let holders =
        files(home.root()).into_iter().filter(|file| fs::read(file).is_ok_and(|bytes| has_secret(&bytes)));
    let mut names = Vec::new();
    for file in holders {
        assert_eq!(mode(&file) & others, 0, "{} is readable by others", file.display());
        names.push(file.file_name().unwrap().to_string_lossy().into_owned());
    }
    names.sort();
    names
}

fn assert_on_no_command_line() {
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!has_secret(&line), "{}", String::from_utf8_lossy(&line));
    }
}

// Proves P10, A3: what looks like a secret is not passed on unasked, and is not kept.
#[test]
fn a_secret_of_the_environment_goes_nowhere_unasked() {
    let home = Home::new().with("MY_API_KEY", SECRET);
    home.write("script.sh", SCRIPT);
    let output = home.output(["run", "script.sh"]);
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(said.contains("MY_API_KEY") && !said.contains(SECRET), "{said}");
    let path = home.records().runs(&RunQuery::default()).unwrap()[0].path();
    let run = home.until_is(&path, Status::Running);
    assert_on_no_command_line();
    assert_eq!(holders(&home), Vec::<String>::new());
    let script = bearing(&format!("XT_RUN_GUID={}", run.run_guid));
    assert!(!script.is_empty());
    for pid in script {
        assert!(!has_secret(&fs::read(format!("/proc/{pid}/environ")).unwrap_or_default()));
    }
    home.write("stop", "");
    home.until_is(&path, Status::Completed);
    assert_eq!(home.console(&path), b"key: \n");
    assert_eq!(holders(&home), Vec::<String>::new());
}

// Proves A2: a program that submits is told too what was held back, and its answer stays one document.
#[test]
fn a_program_is_told_of_what_was_held_back() {
    let home = Home::new().with("MY_API_KEY", SECRET);
    let output = home.output(["run", "--json", "true"]);
    serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("look like secrets: MY_API_KEY") && !said.contains(SECRET), "{said}");
    home.until_all_ended();
}

// Proves P10: one that is passed on reaches the script, by files that nobody else may read.
#[test]
fn a_secret_that_is_passed_on_is_kept_from_others() {
    let home = Home::new().with("MY_API_KEY", SECRET);
    home.write("script.sh", SCRIPT);
    let path = home.run(&["--env=MY_API_KEY", "--max-retries=1", "script.sh"]);
    home.until_is(&path, Status::Running);
    assert_on_no_command_line();
    assert_eq!(holders(&home), ["env.json", "spec.json"], "and no record, log or snapshot");
    home.write("stop", "");
    home.until_is(&path, Status::Completed);
    assert_eq!(home.console(&path), b"key: there\n");
    assert!(holders(&home).iter().all(|name| name == "env.json" || name == "spec.json"));
    for words in [["view", "run"], ["view", "console"]] {
        let shown = home.ok(words.into_iter().chain(["run1"]));
        assert!(!shown.contains(SECRET));
    }
}

// Proves P10: nothing of a home is open to others, whatever the umask of whoever submits.
#[test]
fn a_home_is_closed_to_others_whatever_the_umask() {
    let home = Home::new();
    home.write("script.sh", SCRIPT);
    let mut shell = home
        .command("/bin/sh", ["-c", "umask 0; exec \"$0\" run --json script.sh", env!("CARGO_BIN_EXE_xt")]);
    let output = shell.output().unwrap();
    let path = crate::support::submitted(&String::from_utf8(output.stdout).unwrap()).remove(0);
    home.until_is(&path, Status::Running);
    let socket = home.layout().socket();
    assert_eq!((mode(&socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    for file in ["controller.log", "controller.lock"] {
        assert_eq!(mode(&home.layout().node().join(file)), 0o600, "{file}");
    }
    for file in ["records.db", "records.db-wal", "records.db-shm"] {
        assert_eq!(mode(&home.layout().records().with_file_name(file)), 0o600, "{file}");
    }
    assert_closed(&home);
    home.write("stop", "");
    home.until_is(&path, Status::Completed);
    assert_closed(&home);
}

/// No way leads from outside to a file: each of the home's own folders is closed.
fn assert_closed(home: &Home) {
    for folder in ["config", "data", "data/node", "data/store", "cache", "run"] {
        assert_eq!(mode(&home.root().join(folder)), 0o700, "{folder}");
    }
}

// Proves P10: another user cannot reach the controller.
#[test]
fn another_user_cannot_talk_to_the_controller() {
    if !rustix::process::geteuid().is_root() {
        return crate::support::skip("only root can try as somebody else");
    }
    let home = Home::new();
    home.write("script.sh", SCRIPT);
    let path = home.run(&["script.sh"]);
    home.until_is(&path, Status::Running);
    let socket = home.layout().socket();
    // Even when the folder above lets him through.
    let mut top = home.root().to_path_buf();
    while top != Path::new("/tmp") && top.parent().is_some() {
        fs::set_permissions(&top, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        top.pop();
    }
    let connect = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])";
    for open in [0o700, 0o755] {
        let folder = socket.parent().unwrap();
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(open)).unwrap();
        let output = home
            .command("/usr/bin/python3", ["-c", connect, &socket.to_string_lossy()])
            .uid(65534)
            .gid(65534)
            .current_dir("/")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("PermissionError"), "{said}");
    }
    home.write("stop", "");
    home.until_is(&path, Status::Completed);
}

// Proves P10, P9: strangers' words at the socket do no harm.
#[test]
fn nonsense_at_the_socket_does_no_harm() {
    use std::io::Write;
    let home = Home::new();
    home.write("script.sh", SCRIPT);
    let path = home.run(&["script.sh"]);
    home.until_is(&path, Status::Running);
    let controller = home.controller().unwrap();
    for words in [&b""[..], b"\n", b"{}\n", b"\xff\xfe\n", b"{\"leave\":", &vec![b'['; 100_000], &[0; 8192]] {
        let mut stream = std::os::unix::net::UnixStream::connect(home.layout().socket()).unwrap();
        let _ = stream.write_all(words);
    }
    let other = home.run(&["script.sh"]);
    home.until_is(&other, Status::Running);
    assert_eq!(home.controller(), Some(controller.clone()));
    home.write("stop", "");
    home.until_is(&path, Status::Completed);
    home.until_is(&other, Status::Completed);
    until("it has left", || (!controller.is_alive()).then_some(()));
    assert!(!kill(&controller));
}
