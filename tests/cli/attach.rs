// Proves A4: attaching with input, and detaching.

use std::io::{Read as _, Write as _};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::harness::Xt;

#[test]
fn keys_reach_a_run_with_a_terminal_and_ctrl_bracket_leaves_it() {
    let xt = Xt::new();
    xt.ok(&[
        "run",
        "--tty",
        "bash",
        "-c",
        "echo ready; printf '\\033[?1049h\\033[?1000;2004h'; while read line; do echo \"got $line\"; stty size; done",
    ]);
    // Attaching needs the run to be there.
    let mut looking = xt.command(&["view", "console", "run1", "--follow"]).spawn().unwrap();
    let mut first = [0; 5];
    looking.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(looking.stdout.take());
    let (mut attached, master) = on_terminal(&xt, &["attach", "run1"]);
    let mut reader = master.try_clone_reader().unwrap();
    let mut writer = master.take_writer().unwrap();
    let mut seen = String::new();
    let mut until = |wanted: &str, writer: Option<(&mut Box<dyn std::io::Write + Send>, &str)>| {
        if let Some((writer, keys)) = writer {
            writer.write_all(keys.as_bytes()).unwrap();
        }
        let mut buffer = [0; 1024];
        while !seen.contains(wanted) {
            let count = reader.read(&mut buffer).unwrap_or(0);
            assert!(count > 0, "the terminal ended: {seen}");
            seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    };
    until("ready", None);
    until("got hello", Some((&mut writer, "hello\n")));
    until("33 99", None);
    until("which goes on", Some((&mut writer, "\u{1d}")));
    // What the run has switched on in the terminal is switched off again.
    for off in ["\u{1b}[?1000l", "\u{1b}[?2004l", "\u{1b}[?1049l"] {
        assert!(seen.contains(off), "{off:?} is not in {seen:?}");
    }
    assert!(attached.wait().unwrap().success());
    // When the time is over nobody has to type anything.
    let (mut attached, master) = on_terminal(&xt, &["attach", "run1", "--escape=0"]);
    let mut reader = master.try_clone_reader().unwrap();
    let mut said = Vec::new();
    // A terminal whose last process has ended answers with an error.
    let _ = reader.read_to_end(&mut said);
    assert!(attached.wait().unwrap().success());
    assert!(String::from_utf8_lossy(&said).contains("which goes on: `xt attach ws1/run1` to come back"));
    looking.kill().unwrap();
    looking.wait().unwrap();
    assert_eq!(xt.json(&["view", "run", "run1"])["status"], "running");
}

/// Starts the program on a terminal of its own.
fn on_terminal(xt: &Xt, args: &[&str]) -> (Box<dyn Child + Send + Sync>, Box<dyn MasterPty + Send>) {
    let size = PtySize { rows: 33, cols: 99, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let plain = xt.command(args);
    let mut command = CommandBuilder::new(plain.get_program());
    command.args(plain.get_args());
    command.cwd(xt.project());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        }
    }
    (pair.slave.spawn_command(command).unwrap(), pair.master)
}

#[test]
fn a_run_without_a_terminal_is_looked_at() {
    let xt = Xt::new();
    xt.run(&["echo", "done"]);
    assert_eq!(xt.ok(&["attach", "run1"]), "done\n");
}
