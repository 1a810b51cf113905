//! Terminals of all kinds and sizes.

use crate::harness::{Ui, home, ticking};

/// The cells of the selected run's row: the bar.
fn bar(ui: &Ui) -> Vec<vt100::Cell> {
    let screen = ui.screen.screen();
    let (rows, columns) = screen.size();
    let texts: Vec<_> = screen.rows(0, columns).collect();
    let is_row = |row: &u16| {
        let text = &texts[usize::from(*row)];
        text.contains("run1 ") && text.contains("running")
    };
    let row = (0..rows).find(is_row).unwrap();
    // The text, not the gaps beside it.
    (0..columns).filter_map(|column| screen.cell(row, column).cloned()).collect()
}

#[test]
fn without_colour_the_selected_row_is_reversed() {
    let home = ticking();
    let mut ui = home.ui().env("NO_COLOR", "1").start();
    ui.wait("the run", |screen| {
        screen.lines().any(|line| line.contains("run1 ") && line.contains("running"))
    });
    assert!(bar(&ui).iter().filter(|cell| cell.inverse()).count() > 20, "{}", ui.text());
    let raw = ui.raw();
    for part in raw.split("\x1b[").skip(1) {
        let Some((numbers, _)) = part
            .split_once('m')
            .filter(|(numbers, _)| numbers.chars().all(|c| c.is_ascii_digit() || c == ';'))
        else {
            continue;
        };
        let coloured =
            |number: &str| matches!(number.parse::<u8>(), Ok(30..=38 | 40..=48 | 90..=97 | 100..=107));
        assert!(!numbers.split(';').any(coloured), "a colour: {numbers}");
    }
    ui.quit();
}

#[test]
fn every_terminal_gets_what_it_can_show() {
    let home = ticking();
    for (term, rich) in [
        ("xterm", false),
        ("xterm-256color", true),
        ("tmux-256color", true),
        ("linux", false),
        ("vt100", false),
    ] {
        let mut ui = home.ui().env("TERM", term).args(&["--theme=dark"]).start();
        ui.wait_for("tick ");
        ui.quit();
        let raw = ui.raw();
        // The first sixteen are every terminal's.
        let beyond = |colour: &str| {
            let digits: String = colour.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u8>().is_ok_and(|colour| colour > 15)
        };
        assert_eq!(raw.split("8;5;").skip(1).any(beyond), rich, "{term}: colours of 256");
        assert!(!raw.contains("8;2;"), "{term}: no true colours unless it says so");
    }
    let mut ui = home.ui().env("TERM", "dumb").start();
    assert_eq!(ui.end().exit_code(), 1);
    assert!(ui.text().contains("TERM=dumb") && !ui.raw().contains("\x1b[?1049h"), "{}", ui.text());
}

#[test]
fn a_locale_without_utf_8_gets_plain_letters() {
    let home = ticking();
    let mut ui = home.ui().env("LC_ALL", "C").start();
    ui.wait_for("tick ");
    ui.press("?");
    ui.wait_for("Keys");
    ui.press("?");
    ui.quit();
    assert!(ui.raw().is_ascii(), "{:?}", ui.raw().chars().find(|c| !c.is_ascii()));
}

#[test]
fn the_least_and_the_largest_size_are_used_to_their_edges() {
    let home = home();
    let wide = "echo '\u{6f22}\u{5b57}\u{6f22}\u{5b57} \u{1f680}\u{1f680}\u{1f680}\u{1f680}\u{1f680}\u{1f680}\u{1f680}\u{1f680}'";
    home.ok(["run", "bash", "-c", wide]);
    home.until_all_ended();
    for (columns, rows) in [(20, 6), (300, 100)] {
        let mut ui = home.ui().size(columns, rows).start();
        ui.wait_for("run1");
        for keys in ["4", "z", "w", "z", "5", "9", "2", "3", "?", "?", ":", "\u{6f22}\u{1f680}", "\x1b"] {
            ui.press(keys);
            ui.settle();
            ui.assert_as_painted_anew();
        }
        let text = ui.text();
        assert_eq!(text.lines().count(), usize::from(rows), "{text}");
        ui.quit();
    }
}
