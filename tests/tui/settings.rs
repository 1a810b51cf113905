//! Keymaps and themes.

use crate::harness::{Ui, home, ticking};

#[test]
fn a_keymap_is_read_while_xt_runs_and_who_may_only_look_has_no_key_that_kills() {
    let home = ticking();
    let mut ui = home.ui().args(&["--readonly"]).start();
    ui.wait_for("tick 3 of one");
    assert!(ui.text().contains("read-only") && !ui.text().contains("kill") && !ui.text().contains("rerun"));
    let file = home.root().join("config/keymap.toml");
    std::fs::write(&file, "[runs]\n'g b' = { run = 'sort status', desc = 'By status' }\n").unwrap();
    ui.wait_for("the keymap is read again");
    ui.press("g");
    ui.wait_for("By status");
    ui.press("\x1b");
    ui.wait("the end of the popup", |screen| !screen.contains("By status"));
    // As editors do: another file takes its place.
    let new = home.write("new.toml", "[runs]\n'f5' = 'zom'\n");
    std::fs::rename(new, &file).unwrap();
    ui.wait_for("keymap.toml:2:8: error: there is no command `zom`");
    ui.press("x?");
    ui.wait_for("╭ Keys");
    assert!(!ui.text().contains("end the run"));
    ui.press("?");
    ui.quit();
    assert!(home.ok(["list", "runs"]).contains("running"));
}

#[test]
fn a_theme_is_read_while_xt_runs_and_commands_are_remembered() {
    let home = home();
    let mut ui = home.ui().start();
    ui.wait_for("xt run train.py");
    // The name at the top is in the accent.
    let accent = |ui: &Ui| ui.screen.screen().cell(0, 1).unwrap().fgcolor();
    let file = home.root().join("config/theme.toml");
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
    ui.quit();
    let mut ui = home.ui().args(&["--theme=dark"]).start();
    ui.wait_for("xt run train.py");
    ui.press(":");
    ui.wait_for("cancel run");
    ui.press("\x1b[A");
    ui.wait_for(": theme high-contrast");
    ui.press("\x1b");
    ui.wait("the end of the line", |screen| !screen.contains(": theme"));
    ui.quit();
}
