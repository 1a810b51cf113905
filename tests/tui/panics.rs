//! Errors of xt's own: the terminal is given back and the error told on it, or the screen tells and goes on.

use crate::harness::{home, ticking};

/// A thread that xt cannot do without.
#[test]
fn a_panic_of_a_thread_of_the_screen_ends_xt_on_a_restored_terminal() {
    for (place, keys) in [("screen", "\x0c"), ("input", "j"), ("files", ""), ("watch", "")] {
        let home = home();
        let mut ui = home.ui().env("XT_PANIC", place).start();
        ui.wait_for("xt run train.py");
        ui.press(keys);
        match place {
            "files" => {
                let keymap = home.root().join("config/keymap.toml");
                std::fs::write(keymap, "[runs]\n'f5' = 'zoom'\n").unwrap();
            }
            "watch" => {
                home.run(&["true"]);
            }
            _ => {}
        }
        let status = if place == "screen" { 101 } else { 1 };
        assert_eq!(ui.end().exit_code(), status, "{place}");
        ui.assert_given_back();
        assert!(ui.text().contains(&format!("XT_PANIC={place}")), "{}", ui.text());
    }
}

/// A task.
#[test]
fn a_panic_of_a_task_is_told_and_xt_goes_on() {
    for (place, there, keys) in
        [("verb", "tick 3 of one", "x"), ("list", "tick 3 of one", "0"), ("log", "run1", "4")]
    {
        let home = ticking();
        let mut ui = home.ui().env("XT_PANIC", place).start();
        ui.wait_for(there);
        ui.press(keys);
        if place == "verb" {
            ui.wait_for("Kill run1?");
            ui.press("y");
        }
        ui.wait_for(&format!("XT_PANIC={place}"));
        assert!(ui.screen.screen().alternate_screen() && !ui.text().contains("panicked at"));
        ui.press("3?");
        ui.wait_for("╭ Keys");
        ui.press("?");
        ui.quit();
    }
}
