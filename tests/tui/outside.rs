//! Another program in place of the UI: an editor, a shell, and the shell that xt was started from.

use rustix::process::Signal;

use crate::harness::{Place, signal_to, ticking};

/// An editor that says what it was given, and writes the line that is typed into it in its place.
fn editor(home: &Place) -> String {
    let text = "echo \"EDITING $(grep -v '^#' \"$1\")\"\nread -r line\nprintf '%s' \"$line\" > \"$1\"\n";
    format!("sh {}", home.write("editor.sh", text).display())
}

#[test]
fn the_editor_alone_gets_the_keys_and_its_text_comes_back() {
    let home = ticking();
    let editor = editor(&home);
    let mut ui = home.ui().env("EDITOR", &editor).start();
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
    ui.quit();
    assert!(home.ok(["view", "args", "run2"]).contains("qqq from the editor xyy"));
}

#[test]
fn ctrl_c_ends_the_editor_and_not_xt() {
    let home = ticking();
    let editor = editor(&home);
    let mut ui = home.ui().env("EDITOR", &editor).start();
    ui.wait_for("tick 3 of one");
    ui.press("r\x05");
    ui.wait_for("EDITING");
    ui.press("\x03");
    ui.wait_for("ended with exit code 130");
    ui.wait_for("Rerun run1");
    ui.press("\x1b");
    ui.wait("the panes", |screen| screen.contains("? keys") && !screen.contains("Rerun run1"));
    ui.quit();
}

#[test]
fn an_editor_that_does_not_exist_is_named() {
    let home = ticking();
    let mut ui = home.ui().env("EDITOR", "no-such-editor").start();
    ui.wait_for("tick 3 of one");
    ui.press("r\x05");
    ui.wait_for("cannot start `no-such-editor`");
    ui.press("\x1b");
    ui.wait("the panes", |screen| screen.contains("? keys") && !screen.contains("Rerun run1"));
    ui.quit();
}

#[test]
fn a_shell_starts_in_the_directory_of_the_run_and_exit_leads_back() {
    let home = ticking();
    let mut ui = home.ui().env("SHELL", "/bin/sh").env("PS1", "$ ").start();
    ui.wait_for("tick 3 of one");
    ui.press("s");
    ui.wait_for("exit leads back");
    ui.press("echo \"in $XT_RUN_NAME, $(ls)\"\r");
    ui.wait("the answer", |screen| screen.contains("in run1,") && screen.matches("tick.sh").count() > 0);
    // It is started as from a shell: no signal is kept from it.
    ui.press("grep SigBlk /proc/$$/status\r");
    ui.wait_for("SigBlk: 0000000000000000");
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
    ui.quit();
}

/// Stopped from elsewhere xt cannot give the terminal back, and the shell makes of it what it needs.
#[test]
fn after_a_stop_from_elsewhere_fg_brings_a_working_screen() {
    let home = ticking();
    let mut ui = home.program("bash").args(&["--norc", "-i"]).env("PS1", "prompt> ").start();
    ui.wait_for("prompt>");
    ui.press(&format!("{}\r", env!("CARGO_BIN_EXE_xt")));
    ui.wait_for("tick 3 of one");
    let raw = ui.termios();
    signal_to(home.screen_process(), Signal::STOP);
    ui.wait_for("Stopped");
    ui.press("fg\r");
    ui.wait_until("raw modes", |ui| ui.termios() == raw && ui.text().contains("Workspaces"));
    // A key alone, without a line's end.
    ui.press("?");
    ui.wait_for("╭ Keys");
    ui.press("?q");
    ui.wait("the shell", |screen| screen.lines().last().is_some_and(|line| line.trim_end() == "prompt>"));
    ui.press("exit\r");
    ui.end();
}

/// xt below a shell with job control, as at a person's prompt.
#[test]
fn ctrl_z_in_xt_and_in_the_editor_lead_to_the_shell_and_fg_back() {
    let home = ticking();
    let editor = editor(&home);
    let program = env!("CARGO_BIN_EXE_xt");
    let mut ui =
        home.program("bash").args(&["--norc", "-i"]).env("EDITOR", &editor).env("PS1", "prompt> ").start();
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
    ui.wait("the shell", |screen| screen.lines().last().is_some_and(|line| line.trim_end() == "prompt>"));
    ui.press("exit\r");
    ui.end();
}

#[test]
fn what_is_said_around_a_shell_has_the_signs_that_the_terminal_has() {
    let home = ticking();
    let mut ui = home.ui().env("SHELL", "/bin/sh").env("LANG", "C").env("LC_ALL", "C").start();
    ui.wait_for("tick 3 of one");
    ui.press("s");
    ui.wait_for("run1 - exit leads back");
    ui.press("exit\r");
    ui.wait_for("tick 3 of one");
    ui.quit();
}
