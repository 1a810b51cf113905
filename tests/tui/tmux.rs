//! xt inside tmux, where much of what terminals do is done by somebody else.

use std::process::{Command, Output};

use rustix::process::Signal;

use crate::harness::{Place, home, signal_to, ticking};
use crate::support::{skip, until};

/// A tmux server of the test's own, with xt in a shell in its one window.
struct Tmux<'a> {
    home: &'a Place,
    socket: String,
}

impl<'a> Tmux<'a> {
    /// Starts it; nothing where there is no tmux.
    fn start(home: &'a Place, size: (u16, u16)) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            skip("there is no tmux");
            return None;
        }
        let socket = home.root().join("tmux.sock").display().to_string();
        let tmux = Self { home, socket };
        let (columns, rows) = (size.0.to_string(), size.1.to_string());
        let shell = ["new-session", "-d", "-s", "xt", "-x", &columns, "-y", &rows, "bash", "--norc", "-i"];
        let started = tmux.command(&shell);
        assert!(started.status.success(), "{started:?}");
        tmux.until("prompt>");
        Some(tmux)
    }

    /// Starts xt at the prompt of its window.
    fn xt(&self) {
        self.press(&format!("{}\r", env!("CARGO_BIN_EXE_xt")));
    }

    fn arguments<'b>(&'b self, words: &[&'b str]) -> Vec<&'b str> {
        [&["-S", &self.socket, "-f", "/dev/null"][..], words].concat()
    }

    fn command(&self, words: &[&str]) -> Output {
        let mut command = self.home.command("tmux", self.arguments(words));
        command.env("PS1", "prompt> ").env("LC_ALL", "C.UTF-8").env_remove("TMUX").env_remove("NO_COLOR");
        command.env("EDITOR", format!("sh {}", self.home.file("editor.sh").display()));
        command.env("TERM", "xterm-256color").output().unwrap()
    }

    fn press(&self, keys: &str) {
        let pressed = self.command(&["send-keys", "-l", "-t", "xt", keys]);
        assert!(pressed.status.success(), "{pressed:?}");
    }

    fn screen(&self) -> String {
        String::from_utf8(self.command(&["capture-pane", "-p", "-t", "xt"]).stdout).unwrap()
    }

    fn until(&self, text: &str) {
        self.until_screen(text, |screen| screen.contains(text));
    }

    fn until_screen(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let last = std::cell::RefCell::default();
        let _told = crate::support::OnDrop(|| {
            if std::thread::panicking() {
                eprintln!("{}", last.borrow());
            }
        });
        until(&format!("tmux shows {what}"), || {
            let screen = self.screen();
            let found = wanted(&screen).then_some(());
            *last.borrow_mut() = screen;
            found
        });
    }

    /// The shell has the terminal again.
    fn until_prompt(&self) {
        self.until_screen("the prompt", |screen| screen.trim_end().ends_with("prompt>"));
    }

    /// A question to tmux about the pane, in its own words.
    fn says(&self, format: &str) -> String {
        let output = self.command(&["display-message", "-p", "-t", "xt", format]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Nothing that xt switches on in the pane is on.
    fn assert_given_back(&self) {
        let modes = "#{alternate_on}#{mouse_any_flag}#{keypad_cursor_flag}#{cursor_flag}";
        assert_eq!(self.says(modes), "0001", "alternate screen, mouse, cursor keys, cursor");
        self.press("echo $((6*7))\r");
        self.until("\n42\n");
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        self.command(&["kill-server"]);
    }
}

#[test]
fn a_run_is_filtered_killed_run_again_and_attached_to() {
    let home = ticking();
    home.ok(["run", "--tty", "cat"]);
    let Some(tmux) = Tmux::start(&home, (120, 40)) else { return };
    tmux.xt();
    tmux.until_screen("both", |screen| screen.contains("run1") && screen.contains("run2"));
    tmux.press("/tick.sh\r");
    tmux.until_screen("one run", |screen| screen.contains("Runs · 1 of 2") && screen.contains("tick "));
    tmux.press("x");
    tmux.until("Kill run1?");
    tmux.press("y");
    tmux.until("cancelled");
    tmux.press("r");
    tmux.until("Rerun run1");
    tmux.press("\r");
    tmux.until("run1 runs again as run3");
    tmux.press("\x1b");
    tmux.until("Runs · 3");
    tmux.press("/run2\r");
    // Only a run that runs is attached to: under load it may still be starting.
    tmux.until_screen("run2, running", |screen| {
        let runs = |row: &str| row.contains("run2 ") && row.contains("running");
        screen.contains("Runs · 1 of 3") && screen.lines().any(runs)
    });
    tmux.press("a");
    tmux.until("ctrl-] leads back");
    assert_eq!(tmux.says("#{alternate_on}"), "0");
    tmux.press("hello there\r");
    tmux.until_screen("the answer", |screen| screen.matches("hello there").count() >= 2);
    tmux.press("\x1d");
    tmux.until("Workspaces");
    tmux.press("q");
    tmux.until_prompt();
    tmux.assert_given_back();
}

#[test]
fn the_editor_and_ctrl_z_lead_out_and_back() {
    let home = ticking();
    home.write("editor.sh", "echo EDITING\nread -r line\nprintf '%s' \"$line\" > \"$1\"\n");
    let Some(tmux) = Tmux::start(&home, (120, 40)) else { return };
    tmux.xt();
    tmux.until("tick ");
    tmux.press("r");
    tmux.until("Rerun run1");
    tmux.press("\x05");
    tmux.until("EDITING");
    tmux.press("from the editor\r");
    tmux.until_screen("the form", |s| s.contains("Rerun run1") && s.contains("from the editor"));
    tmux.press("\x1b");
    tmux.until("? keys");
    tmux.press("\x1a");
    tmux.until("Stopped");
    tmux.assert_given_back();
    tmux.press("fg\r");
    tmux.until_screen("xt", |screen| screen.contains("Workspaces") && screen.contains("tick "));
    tmux.press("q");
    tmux.until_prompt();
    tmux.assert_given_back();
}

#[test]
fn windows_are_resized_and_clients_come_and_go() {
    let home = home();
    let Some(tmux) = Tmux::start(&home, (300, 100)) else { return };
    tmux.command(&["set-option", "-g", "focus-events", "on"]);
    tmux.xt();
    let filled = |columns: usize, rows: usize| {
        move |screen: &str| {
            let widest = screen.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            let height = screen.trim_end().lines().count();
            widest == columns && height == rows && screen.contains("Runs")
        }
    };
    tmux.until_screen("all of 300x100", filled(300, 100));
    for (columns, rows) in [(20, 6), (80, 24)] {
        let (x, y) = (columns.to_string(), rows.to_string());
        tmux.command(&["resize-window", "-t", "xt", "-x", &x, "-y", &y]);
        tmux.until_screen(&format!("all of {columns}x{rows}"), filled(columns, rows));
    }
    // A client takes the window's size along, with its status line; when it has left, another one finds the same.
    tmux.command(&["set-option", "-w", "-t", "xt", "window-size", "latest"]);
    for (columns, rows) in [(100, 31), (60, 21)] {
        let attach = tmux.arguments(&["attach", "-t", "xt"]);
        let mut client = home.program("tmux").args(&attach).size(columns, rows).start();
        client.wait("xt", |screen| filled(usize::from(columns), usize::from(rows))(screen));
        tmux.command(&["detach-client", "-s", "xt"]);
        assert_eq!(client.end().exit_code(), 0);
    }
    tmux.press("q");
    tmux.until_prompt();
    tmux.assert_given_back();
}

/// With tmux as it comes, and with what a person may have set.
#[test]
fn what_is_copied_arrives_at_the_terminal_outside() {
    let home = ticking();
    let Some(tmux) = Tmux::start(&home, (120, 40)) else { return };
    let attach = tmux.arguments(&["attach", "-t", "xt"]);
    let mut client = home.program("tmux").args(&attach).start();
    tmux.xt();
    client.wait_for("tick ");
    // "run1" in base 64.
    let copied = |ui: &crate::harness::Ui| ui.raw().matches(";cnVuMQ==").count();
    for (option, value) in
        [("set-clipboard", "external"), ("set-clipboard", "on"), ("allow-passthrough", "on")]
    {
        tmux.command(&["set-option", "-g", option, value]);
        let before = copied(&client);
        client.press("c");
        client.wait_until("the copied name", |client| copied(client) > before);
    }
    assert_eq!(String::from_utf8(tmux.command(&["show-buffer"]).stdout).unwrap(), "run1");
    client.press("q");
    tmux.until_prompt();
    tmux.assert_given_back();
}

#[test]
fn signals_give_the_pane_back() {
    let home = home();
    let Some(tmux) = Tmux::start(&home, (80, 24)) else { return };
    for signal in [Signal::TERM, Signal::HUP] {
        tmux.xt();
        tmux.until("xt run train.py");
        signal_to(home.screen_process(), signal);
        tmux.until_prompt();
        tmux.assert_given_back();
        tmux.press("clear\r");
        tmux.until_screen("an empty pane", |screen| !screen.contains("42"));
    }
    // The window is closed: xt goes with it, or the home could not be left.
    tmux.xt();
    tmux.until("xt run train.py");
    tmux.command(&["kill-window", "-t", "xt"]);
}
