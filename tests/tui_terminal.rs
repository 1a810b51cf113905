//! The terminal UI as a person meets it: the real program in a pseudo-terminal, real records, real runs.
//! Everything is awaited on the screen; a deadline only ends a test that has failed.
// Proves C1 (keys, kill, rerun, log, restored terminal, lost terminal), B30, B34, S4.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

#[path = "tui_terminal/answers.rs"]
mod answers;

/// Longer than anything takes on a busy machine.
const DEADLINE: Duration = Duration::from_mins(1);

struct Ui {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Ui {
    fn start(home: &Path, columns: u16, rows: u16) -> Self {
        Self::start_with(home, &[], columns, rows)
    }

    fn start_with(home: &Path, options: &[&str], columns: u16, rows: u16) -> Self {
        Self::start_in(home, options, &[], columns, rows)
    }

    fn start_in(home: &Path, options: &[&str], env: &[(&str, &str)], columns: u16, rows: u16) -> Self {
        Self::start_program(home, env!("CARGO_BIN_EXE_xt"), options, env, columns, rows)
    }

    fn start_program(
        home: &Path,
        program: &str,
        options: &[&str],
        env: &[(&str, &str)],
        columns: u16,
        rows: u16,
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(options);
        command.cwd(home);
        command.env("XT_HOME", home.join("xt"));
        command.env("XT_MACHINE", home.join("machine"));
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        let own = [
            "NO_COLOR",
            "VISUAL",
            "COLORTERM",
            "COLORFGBG",
            "TERM_PROGRAM",
            "LC_TERMINAL",
            "TMUX",
            "STY",
            "ZELLIJ",
        ];
        for name in own {
            command.env_remove(name);
        }
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 16384];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(rows, columns, 0);
        Self { child, master: Some(pair.master), writer: Some(writer), output, screen, bytes: Vec::new() }
    }

    fn press(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Reads until the screen is as wanted.
    fn wait(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        self.wait_until(what, |ui| wanted(&ui.text()));
    }

    /// Reads until these bytes have been sent.
    fn wait_for_bytes(&mut self, text: &str) {
        let wanted = |ui: &Self| String::from_utf8_lossy(&ui.bytes).contains(text);
        self.wait_until(&format!("{text:?}"), wanted);
    }

    fn wait_until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !wanted(self) {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.bytes.extend(bytes);
                }
                Err(error) => panic!("{what} never came ({error}); the screen was:\n{}", self.text()),
            }
        }
    }

    fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits for the end; answers the exit status.
    fn end(&mut self) -> u32 {
        while let Ok(bytes) = self.output.recv_timeout(DEADLINE) {
            self.screen.process(&bytes);
            self.bytes.extend(bytes);
        }
        self.child.wait().unwrap().exit_code()
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// A home of its own. At the end nothing that was started in it is left.
struct Home(tempfile::TempDir);

impl Home {
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let xt = |words: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xt"));
            command.args(words).current_dir(self.path()).env("XT_HOME", self.path().join("xt"));
            command.env("XT_MACHINE", self.path().join("machine"));
            command.output().map(|output| output.stdout).unwrap_or_default()
        };
        xt(&["cancel", "all", "--yes"]);
        xt(&["wait", "run*", "--timeout=30"]);
        let status = xt(&["view", "controller", "status", "--json"]);
        let status: serde_json::Value = serde_json::from_slice(&status).unwrap_or_default();
        let pid = status["controller"]["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
}

/// A home with a script that prints until it is ended.
fn home() -> Home {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(
        home.path().join("tick.sh"),
        "i=0\nwhile true; do i=$((i+1)); echo \"tick $i of $1\"; sleep 0.2; done\n",
    )
    .unwrap();
    Home(home)
}

fn xt(home: &Path, words: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_xt"))
        .args(words)
        .current_dir(home)
        .env("XT_HOME", home.join("xt"))
        .env("XT_MACHINE", home.join("machine"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_run_is_watched_killed_and_run_again() {
    let home = home();
    xt(home.path(), &["run", "bash", "tick.sh", "one"]);
    let mut ui = Ui::start(home.path(), 120, 40);
    ui.wait_for("tick 3 of one");
    assert!(ui.text().contains("follow"));
    ui.press("x");
    ui.wait_for("Kill run1?");
    ui.press("y");
    ui.wait("the end of the run", |screen| {
        screen.lines().any(|l| l.contains("run1") && l.contains("cancelled"))
    });
    ui.press("r");
    ui.wait_for("Rerun run1");
    ui.press("\x15");
    ui.press("two\r");
    ui.wait_for("run1 runs again as run2");
    ui.wait("the new run", |screen| screen.lines().any(|l| l.contains("run2") && l.contains("running")));
    ui.press("gg");
    ui.wait_for("tick 2 of");
    ui.press("q");
    assert_eq!(ui.end(), 0);
}

#[test]
fn a_runs_terminal_gets_the_keys_until_one_detaches() {
    let home = home();
    xt(home.path(), &["run", "--tty", "cat"]);
    let mut ui = Ui::start(home.path(), 100, 30);
    ui.wait("the run", |screen| screen.lines().any(|l| l.contains("run1") && l.contains("running")));
    ui.press("a");
    ui.wait_for("ctrl-] leads back");
    assert!(!ui.screen.screen().alternate_screen());
    ui.press("hello there\r");
    // Once by the echo, once by the program.
    ui.wait("the answer", |screen| screen.matches("hello there").count() >= 2);
    ui.press("\x1d");
    ui.wait_for("Workspaces");
    ui.press("j");
    ui.press("q");
    assert_eq!(ui.end(), 0);
}

/// Proves A11, B43: the log tab in a real terminal, on a real run's log.
#[test]
fn a_log_is_searched_filtered_jumped_in_printed_and_saved() {
    let home = home();
    let script =
        "for i in $(seq 1 3000); do echo \"step $i of it\"; done; echo 'ERROR: no space' >&2; echo done\n";
    std::fs::write(home.path().join("long.sh"), script).unwrap();
    xt(home.path(), &["run", "bash", "long.sh"]);
    xt(home.path(), &["wait", "run1", "--timeout=60"]);
    let mut ui = Ui::start(home.path(), 120, 40);
    ui.wait_for("3,002 lines");
    ui.press("4/step 1.00 of\r");
    ui.wait_for("10 of 10");
    ui.press("ggn");
    ui.wait_for("/step 1.00 of 1 of 10");
    ui.press("\x1b");
    ui.wait("the end of the search", |screen| !screen.contains("/step"));
    ui.press("&!step\r");
    ui.wait("the lines that are no steps", |screen| {
        screen.contains("&!step 2 of 3,002 lines")
            && screen.contains("ERROR: no space")
            && !screen.contains("of it")
    });
    ui.press("\x1b");
    ui.wait("all lines", |screen| !screen.contains("&!step"));
    ui.press("4@#]");
    ui.wait("the error with its number and its stream", |screen| {
        // Its place among the other lines is the pipes' affair; its number is seen to be one.
        let numbered =
            |line: &str| line.trim_start_matches(['│', ' ']).starts_with(|c: char| c.is_ascii_digit());
        let detail = |line: &str| line.split_once("││").map_or(String::new(), |(_, right)| right.to_owned());
        screen.lines().map(detail).any(|line| numbered(&line) && line.contains("! ERROR: no space"))
    });
    ui.press(":42\r");
    ui.wait_for("step 42 of it");
    ui.press("G");
    ui.wait_for("step 2999 of it");
    ui.press("P");
    ui.wait_for("any key leads back");
    assert!(!ui.screen.screen().alternate_screen());
    assert!(ui.text().contains("step 2999 of it"));
    ui.press("j");
    ui.wait_for("Workspaces");
    ui.press(":save log saved.txt\r");
    ui.wait_for("saved saved.txt");
    let saved = std::fs::read_to_string(home.path().join("saved.txt")).unwrap();
    assert_eq!(saved.lines().count(), 3002);
    ui.press("q");
    assert_eq!(ui.end(), 0);
}

// Proves A8, C7: what a run logs is drawn while it logs, and beside another run's.
#[test]
fn what_runs_log_is_drawn_and_compared() {
    let home = home();
    let script = "i=0; while true; do i=$((i+1)); \"$1\" log metric loss=$i$2 step=$i; sleep 0.2; done";
    std::fs::write(home.path().join("train.sh"), script).unwrap();
    for end in ["5", "7"] {
        xt(home.path(), &["run", "--code=no", "bash", "train.sh", env!("CARGO_BIN_EXE_xt"), end]);
    }
    let mut ui = Ui::start(home.path(), 100, 40);
    ui.wait_for("run2");
    ui.press("5");
    let dots = |screen: &str| screen.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count();
    ui.wait("a curve", |screen| dots(screen) > 3 && screen.contains("step"));
    let value = |screen: &str| {
        let title = screen.lines().find(|line| line.contains("loss") && line.contains(" to "))?;
        title.split("loss").nth(1)?.split_whitespace().next()?.parse::<f64>().ok()
    };
    let first = value(&ui.text());
    ui.wait("what was logged since", |screen| value(screen).is_some() && value(screen) > first);
    ui.press("3  v");
    ui.wait("both runs", |screen| {
        screen.contains("Compare") && screen.lines().filter(|line| line.contains("least")).count() == 2
    });
    ui.press("\x1b");
    ui.wait_for("Workspaces");
    ui.press("q");
    assert_eq!(ui.end(), 0);
}

/// An editor that says what it was given, and writes the line that is typed into it in its place.
fn editor(home: &Path) -> String {
    let script = home.join("editor.sh");
    let text = "echo \"EDITING $(grep -v '^#' \"$1\")\"\nread -r line\nprintf '%s' \"$line\" > \"$1\"\n";
    std::fs::write(&script, text).unwrap();
    format!("sh {}", script.display())
}

#[test]
fn the_editor_alone_gets_the_keys_and_its_text_comes_back() {
    let home = home();
    xt(home.path(), &["run", "bash", "tick.sh", "one"]);
    let editor = editor(home.path());
    let mut ui = Ui::start_in(home.path(), &[], &[("EDITOR", &editor)], 120, 40);
    ui.wait_for("tick 3 of one");
    ui.press("r");
    ui.wait_for("Rerun run1");
    ui.press("\x05");
    ui.wait_for("EDITING");
    assert!(!ui.screen.screen().alternate_screen());
    // Every key of it is typed in one go: had anybody else read the terminal, some of them would be missing.
    ui.press("qqq from the editor xyy\r");
    ui.wait_for("Rerun run1");
    ui.wait_for("qqq from the editor xyy");
    ui.press("\r");
    ui.wait_for("run1 runs again as run2");
    ui.press("q");
    assert_eq!(ui.end(), 0);
    assert!(xt(home.path(), &["view", "args", "run2"]).contains("qqq from the editor xyy"));
}

#[test]
fn ctrl_c_ends_the_editor_and_not_xt() {
    let home = home();
    xt(home.path(), &["run", "bash", "tick.sh", "one"]);
    let editor = editor(home.path());
    let mut ui = Ui::start_in(home.path(), &[], &[("EDITOR", &editor)], 120, 40);
    ui.wait_for("tick 3 of one");
    ui.press("r\x05");
    ui.wait_for("EDITING");
    ui.press("\x03");
    ui.wait_for("ended with exit code 130");
    ui.wait_for("Rerun run1");
    ui.press("\x1b");
    ui.wait("the panes", |screen| screen.contains("? keys") && !screen.contains("Rerun run1"));
    ui.press("q");
    assert_eq!(ui.end(), 0);
}

#[test]
fn an_editor_that_does_not_exist_is_named() {
    let home = home();
    xt(home.path(), &["run", "bash", "tick.sh", "one"]);
    let mut ui = Ui::start_in(home.path(), &[], &[("EDITOR", "no-such-editor")], 120, 40);
    ui.wait_for("tick 3 of one");
    ui.press("r\x05");
    ui.wait_for("cannot start `no-such-editor`");
    ui.press("\x1b");
    ui.wait("the panes", |screen| screen.contains("? keys") && !screen.contains("Rerun run1"));
    ui.press("q");
    assert_eq!(ui.end(), 0);
}

#[test]
fn a_shell_starts_in_the_directory_of_the_run_and_exit_leads_back() {
    let home = home();
    xt(home.path(), &["run", "bash", "tick.sh", "one"]);
    let mut ui = Ui::start_in(home.path(), &[], &[("SHELL", "/bin/sh"), ("PS1", "$ ")], 120, 40);
    ui.wait_for("tick 3 of one");
    ui.press("s");
    ui.wait_for("exit leads back");
    ui.press("echo \"in $XT_RUN_NAME, $(ls)\"\r");
    ui.wait("the answer", |screen| screen.contains("in run1,") && screen.matches("tick.sh").count() > 0);
    // What is interrupted there is the shell's.
    ui.press("cat\r");
    ui.press("meow\r");
    // Once by the echo, once by the program: only then it is there to be interrupted.
    ui.wait("the program", |screen| screen.matches("meow").count() >= 2);
    ui.press("\x03");
    ui.wait("the prompt", |screen| screen.lines().last().is_some_and(|line| line.trim_end().ends_with('$')));
    ui.press("echo \"still $((6*7))\"\r");
    ui.wait_for("still 42");
    ui.press("exit\r");
    ui.wait_for("Workspaces");
    assert!(ui.screen.screen().alternate_screen());
    ui.press("q");
    assert_eq!(ui.end(), 0);
}

/// xt below a shell with job control, as at a person's prompt.
#[test]
fn ctrl_z_in_xt_and_in_the_editor_lead_to_the_shell_and_fg_back() {
    let home = home();
    xt(home.path(), &["run", "bash", "tick.sh", "one"]);
    let editor = editor(home.path());
    let program = env!("CARGO_BIN_EXE_xt");
    let mut ui = Ui::start_program(
        home.path(),
        "bash",
        &["--norc", "-i"],
        &[("EDITOR", &editor), ("PS1", "prompt> ")],
        120,
        40,
    );
    ui.wait_for("prompt>");
    ui.press(&format!("{program}\r"));
    ui.wait_for("tick 3 of one");
    ui.press("\x1a");
    ui.wait_for("Stopped");
    assert!(!ui.screen.screen().alternate_screen());
    ui.press("echo \"here $((6*7))\"\r");
    ui.wait_for("here 42");
    ui.press("fg\r");
    ui.wait("xt", |screen| screen.contains("Workspaces") && screen.contains("tick "));
    ui.press("r\x05");
    ui.wait_for("EDITING");
    ui.press("\x1a");
    ui.wait("the prompt", |screen| screen.lines().filter(|line| line.contains("Stopped")).count() >= 2);
    ui.press("echo \"there $((6*8))\"\r");
    ui.wait_for("there 48");
    ui.press("fg\r");
    ui.wait("the editor", |screen| screen.lines().filter(|line| line.ends_with("debug/xt")).count() >= 5);
    ui.press("typed after fg\r");
    ui.wait_for("Rerun run1");
    ui.wait_for("typed after fg");
    ui.press("\x1b");
    ui.wait("the panes", |screen| screen.contains("? keys") && !screen.contains("Rerun run1"));
    ui.press("q");
    ui.wait("the shell", |screen| screen.lines().last().is_some_and(|line| line.contains("prompt>")));
    ui.press("exit\r");
    ui.end();
}

#[test]
fn an_empty_store_teaches_and_the_terminal_is_given_back() {
    let home = home();
    let mut ui = Ui::start(home.path(), 80, 24);
    ui.wait_for("xt run train.py");
    assert!(ui.screen.screen().alternate_screen());
    ui.press("?");
    ui.wait_for("Keys");
    ui.press("\x1b");
    ui.wait("the end of the help", |screen| !screen.contains("╭ Keys"));
    ui.press("q");
    assert_eq!(ui.end(), 0);
    let screen = ui.screen.screen();
    assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

#[test]
fn a_keymap_is_read_while_xt_runs_and_who_may_only_look_has_no_key_that_kills() {
    let home = home();
    xt(home.path(), &["run", "bash", "tick.sh", "one"]);
    let mut ui = Ui::start_with(home.path(), &["--readonly"], 120, 40);
    ui.wait_for("tick 3 of one");
    assert!(ui.text().contains("read-only") && !ui.text().contains("kill") && !ui.text().contains("rerun"));
    let file = home.path().join("xt/config/keymap.toml");
    std::fs::write(&file, "[runs]\n'g b' = { run = 'sort status', desc = 'By status' }\n").unwrap();
    ui.wait_for("the keymap is read again");
    ui.press("g");
    ui.wait_for("By status");
    ui.press("\x1b");
    ui.wait("the end of the popup", |screen| !screen.contains("By status"));
    // As editors do: another file takes its place.
    std::fs::write(home.path().join("new.toml"), "[runs]\n'f5' = 'zom'\n").unwrap();
    std::fs::rename(home.path().join("new.toml"), &file).unwrap();
    ui.wait_for("keymap.toml:2:8: error: there is no command `zom`");
    ui.press("x?");
    ui.wait_for("╭ Keys");
    assert!(!ui.text().contains("end the run"));
    ui.press("?q");
    assert_eq!(ui.end(), 0);
    assert!(xt(home.path(), &["list", "runs"]).contains("running"));
}

#[test]
fn a_theme_is_read_while_xt_runs_and_commands_are_remembered() {
    let home = home();
    let mut ui = Ui::start(home.path(), 120, 40);
    ui.wait_for("xt run train.py");
    // The name at the top is in the accent.
    let accent = |ui: &Ui| ui.screen.screen().cell(0, 1).unwrap().fgcolor();
    let file = home.path().join("xt/config/theme.toml");
    std::fs::write(&file, "[text]\naccent = 208\n[glyphs]\npath = '»'\n").unwrap();
    ui.wait_for("the theme is theme.toml");
    assert_eq!(accent(&ui), vt100::Color::Idx(208));
    std::fs::write(&file, "[text]\nacent = 209\n").unwrap();
    ui.wait_for("theme.toml:2:1: error: there is no role");
    assert_eq!(accent(&ui), vt100::Color::Idx(208), "the last good one stays");
    ui.press(":theme hi");
    ui.wait_for("high-contrast");
    ui.press("\r");
    ui.wait_for("the theme is high-contrast");
    let behind = ui.screen.screen().cell(20, 60).unwrap().bgcolor();
    assert_eq!(behind, vt100::Color::Idx(16), "black, as far as 256 colours go");
    ui.press("q");
    assert_eq!(ui.end(), 0);
    let mut ui = Ui::start_with(home.path(), &["--theme=dark"], 120, 40);
    ui.wait_for("xt run train.py");
    ui.press(":");
    ui.wait_for("cancel run");
    ui.press("\x1b[A");
    ui.wait_for(": theme high-contrast");
    ui.press("\x1b");
    ui.wait("the end of the line", |screen| !screen.contains(": theme"));
    ui.press("q");
    assert_eq!(ui.end(), 0);
}

#[test]
fn frames_are_whole() {
    let home = home();
    let mut ui = Ui::start(home.path(), 80, 24);
    ui.wait_for("xt run train.py");
    let text = String::from_utf8_lossy(&ui.bytes).into_owned();
    assert_eq!(text.matches("\x1b[?2026h").count(), text.matches("\x1b[?2026l").count());
}

#[test]
fn the_screen_follows_the_terminals_size() {
    let home = home();
    let mut ui = Ui::start(home.path(), 80, 24);
    ui.wait_for("xt run train.py");
    for (columns, rows) in [(20, 6), (132, 50), (40, 12)] {
        ui.screen.screen_mut().set_size(rows, columns);
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        ui.master.as_ref().unwrap().resize(size).unwrap();
        let corner = move |screen: &str| {
            let widest = screen.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            widest == usize::from(columns) && screen.contains("Runs")
        };
        ui.wait("the new size", corner);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn signals_give_the_terminal_back() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::TERM, Signal::HUP] {
        let home = home();
        let mut ui = Ui::start(home.path(), 80, 24);
        ui.wait_for("xt run train.py");
        let pid = Pid::from_raw(i32::try_from(ui.child.process_id().unwrap()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        ui.end();
        assert!(!ui.screen.screen().alternate_screen() && !ui.screen.screen().hide_cursor());
    }
}

/// Without a controlling terminal there is no SIGHUP: only the program's own watch can tell.
#[test]
fn when_the_terminal_is_lost_the_program_ends() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let home = home();
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = std::fs::OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_xt"))
        .current_dir(home.path())
        .env("XT_HOME", home.path().join("xt"))
        .env("XT_MACHINE", home.path().join("machine"))
        .env("TERM", "xterm-256color")
        .stdin(slave.try_clone().unwrap())
        .stdout(slave)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut master = std::fs::File::from(master);
    let (mut seen, mut block) = (Vec::new(), [0; 16384]);
    while !String::from_utf8_lossy(&seen).contains("\x1b[?2026l") {
        let read = master.read(&mut block).unwrap();
        seen.extend_from_slice(&block[..read]);
    }
    drop(master);
    let (sender, ended) = channel();
    std::thread::spawn(move || sender.send(child.wait()));
    let status = ended.recv_timeout(DEADLINE).expect("it goes on without a terminal").unwrap();
    assert!(!status.success());
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_wakes_an_idle_screen() {
    let home = home();
    let mut ui = Ui::start(home.path(), 80, 24);
    ui.wait_for("xt run train.py");
    let before = ui.bytes.len();
    let pid = ui.child.process_id().unwrap();
    let switches = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    // Whatever the start still had to do is done when the screen has been silent for a while.
    while let Ok(bytes) = ui.output.recv_timeout(Duration::from_secs(1)) {
        ui.screen.process(&bytes);
        ui.bytes.extend(bytes);
    }
    assert!(ui.bytes.len() >= before);
    let woken = switches();
    assert!(ui.output.recv_timeout(Duration::from_secs(3)).is_err(), "something was drawn");
    assert_eq!(switches(), woken);
}
