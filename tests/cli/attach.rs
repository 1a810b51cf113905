// Proves A4: attaching with input, and detaching.

use std::io::{Read, Write};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::harness::Xt;

/// The program attached to a run, and the person before it.
struct Attached {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
    seen: String,
}

impl Attached {
    /// Submits a shell's command with a terminal and attaches to it when it has said `ready`.
    fn to(xt: &Xt, options: &[&str], command: &str) -> Self {
        let tail = ["--tty", "bash", "-c", command];
        xt.ok(&[&["run"], options, &tail].concat());
        let mut looking = xt.command(&["view", "console", "run1", "--follow"]).spawn().unwrap();
        let mut first = [0; 5];
        looking.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
        looking.kill().unwrap();
        looking.wait().unwrap();
        let mut attached = Self::on_terminal(xt, &["attach", "run1"]);
        attached.until("ready");
        attached
    }

    /// Starts the program on a terminal of its own.
    fn on_terminal(xt: &Xt, args: &[&str]) -> Self {
        let (child, master) = on_terminal(xt, args);
        let (reader, writer) = (master.try_clone_reader().unwrap(), master.take_writer().unwrap());
        Self { child, master, reader, writer, seen: String::new() }
    }

    fn type_in(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads on until this is on the terminal.
    fn until(&mut self, wanted: &str) {
        let mut buffer = [0; 1024];
        while !self.seen.contains(wanted) {
            let count = self.reader.read(&mut buffer).unwrap_or(0);
            assert!(count > 0, "the terminal ended: {}", self.seen);
            self.seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }

    /// The exit code when it has ended.
    fn exit_code(&mut self) -> u32 {
        self.child.wait().unwrap().exit_code()
    }
}

#[test]
fn keys_reach_a_run_with_a_terminal_and_ctrl_bracket_leaves_it() {
    let xt = Xt::new();
    let script = "echo ready; printf '\\033[?1049h\\033[?1000;2004h'; while read line; do echo \"got $line\"; stty size; done";
    let mut attached = Attached::to(&xt, &[], script);
    attached.type_in("hello\n");
    attached.until("got hello");
    attached.until("33 99");
    attached.type_in("\u{1d}");
    attached.until("which goes on");
    // What the run has switched on in the terminal is switched off again.
    for off in ["\u{1b}[?1000l", "\u{1b}[?2004l", "\u{1b}[?1049l"] {
        assert!(attached.seen.contains(off), "{off:?} is not in {:?}", attached.seen);
    }
    assert_eq!(attached.exit_code(), 0);
    // When the time is over nobody has to type anything.
    let mut timed = Attached::on_terminal(&xt, &["attach", "run1", "--escape=0"]);
    timed.until("which goes on: `xt attach ws1/run1` to come back");
    assert_eq!(timed.exit_code(), 0);
    assert_eq!(xt.json(&["view", "run", "run1"])["status"], "running");
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let xt = Xt::new();
    let mut attached =
        Attached::to(&xt, &[], "printf '\\033[?1000h\\033[>4;2m\\033[6 q'; echo ready; read line");
    let echoes = |attached: &Attached| {
        let flags = format!("{:?}", attached.master.get_termios().unwrap().local_flags);
        flags.contains("ECHO ") && flags.contains("ICANON")
    };
    assert!(!echoes(&attached));
    let pid = i32::try_from(attached.child.process_id().unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    attached.until("which goes on");
    for back in ["\u{1b}[?1000l", "\u{1b}[>4m", "\u{1b}[0 q"] {
        assert!(attached.seen.contains(back), "{back:?} is not in {:?}", attached.seen);
    }
    assert_eq!(attached.exit_code(), 128 + 15);
    assert!(echoes(&attached));
}

#[test]
fn an_attempt_that_another_follows_is_told() {
    let xt = Xt::new();
    let script = "echo ready; read line; exit 3";
    let mut attached = Attached::to(&xt, &["--max-retries=1"], script);
    attached.type_in("go\n");
    attached.until("attempt 1 ended; attach again for attempt 2");
    assert_eq!(attached.exit_code(), 0);
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
