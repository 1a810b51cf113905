//! Runs are watched, killed, run again, attached to and compared.

use crate::harness::{home, ticking};

#[test]
fn a_run_is_watched_killed_and_run_again() {
    let home = ticking();
    let mut ui = home.ui().start();
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
    ui.quit();
}

#[test]
fn a_runs_terminal_gets_the_keys_until_one_detaches() {
    let home = home();
    home.ok(["run", "--tty", "cat"]);
    let mut ui = home.ui().size(100, 30).start();
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
    ui.quit();
}

// Proves A8, C7: what a run logs is drawn while it logs, and beside another run's.
#[test]
fn what_runs_log_is_drawn_and_compared() {
    let home = home();
    let script = "i=0; while true; do i=$((i+1)); \"$1\" log metric loss=$i$2 step=$i; sleep 0.2; done";
    home.write("train.sh", script);
    for end in ["5", "7"] {
        home.ok(["run", "--code=no", "bash", "train.sh", env!("CARGO_BIN_EXE_xt"), end]);
    }
    let mut ui = home.ui().size(100, 40).start();
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
    ui.quit();
}
