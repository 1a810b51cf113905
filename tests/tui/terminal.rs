//! What is written to the terminal, and when.

use std::time::Duration;

use crate::harness::{Ui, home};

#[test]
fn an_empty_store_teaches_and_the_terminal_is_given_back() {
    let home = home();
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for("xt run train.py");
    assert!(ui.screen.screen().alternate_screen());
    ui.press("?");
    ui.wait_for("Keys");
    ui.press("\x1b");
    ui.wait("the end of the help", |screen| !screen.contains("╭ Keys"));
    ui.quit();
}

#[test]
fn frames_are_whole() {
    let home = home();
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for("xt run train.py");
    ui.resize(60, 20);
    ui.wait_until("the other size", |ui| ui.raw().matches("xt run train.py").count() > 1);
    let text = ui.raw();
    assert_eq!(text.matches("\x1b[?2026h").count(), text.matches("\x1b[?2026l").count());
    ui.quit();
}

#[test]
fn the_screen_follows_the_terminals_size() {
    let home = home();
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for("xt run train.py");
    for (columns, rows) in [(20, 6), (132, 50), (40, 12)] {
        ui.resize(columns, rows);
        let corner = move |screen: &str| {
            let widest = screen.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            widest == usize::from(columns) && screen.contains("Runs")
        };
        ui.wait("the new size", corner);
    }
}

#[test]
fn nothing_wakes_an_idle_screen() {
    let home = home();
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for("xt run train.py");
    // Whatever the start still had to do is done when the screen has been silent for a while.
    ui.settle();
    let woken = wakes_of_the_screen(&ui);
    assert!(ui.output.recv_timeout(Duration::from_secs(3)).is_err(), "something was drawn");
    assert_eq!(wakes_of_the_screen(&ui), woken);
}

/// How often the thread that draws has woken.
fn wakes_of_the_screen(ui: &Ui) -> String {
    let pid = ui.pid();
    let status = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/status")).unwrap();
    status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap().to_owned()
}
