//! What xt asks of the terminal, and what comes of the answers: terminals that answer, that do not, that answer late
//! or nonsense; and pictures by what they have answered.
// Proves C1 (probes after the first frame, pictures by kitty's protocol and in half blocks).

use std::path::Path;

use crate::harness::{Place, Ui, home};

const FRAME_END: &str = "\x1b[?2026l";
const BACKGROUND: &str = "\x1b]11;?\x1b\\";
const NAME: &str = "\x1b[>0q";
const KITTY: &str = "\x1b_Gi=31,s=1,v=1,a=q,";

fn sent(ui: &Ui) -> String {
    String::from_utf8_lossy(&ui.bytes).into_owned()
}

#[test]
fn the_first_frame_comes_before_any_question() {
    let home = home();
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for_bytes(KITTY);
    let text = sent(&ui);
    for question in [BACKGROUND, NAME, KITTY] {
        let place = text.find(question).unwrap();
        assert!(text.find(FRAME_END).is_some_and(|end| end < place), "{question:?} comes too early");
        assert_eq!(text.matches(question).count(), 1, "{question:?}");
    }
    // What crossterm would wait for, or the terminal would be changed by, is not asked.
    for probe in ["\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b]10;?", "\x1b[?u", "\x1b[16t"] {
        assert!(!text.contains(probe), "it asks {probe:?}");
    }
    // A terminal that does not answer is a terminal.
    ui.press("?");
    ui.wait_for("Keys");
    ui.press("\x1b");
    ui.wait("the screen behind", |screen| !screen.contains("Keys"));
    ui.quit();
}

#[test]
fn a_console_that_would_print_a_question_is_not_asked() {
    let home = home();
    let mut ui = home.ui().env("TERM", "linux").size(80, 24).start();
    ui.wait_for("xt run train.py");
    ui.quit();
    let text = sent(&ui);
    assert!(![BACKGROUND, NAME, KITTY].iter().any(|question| text.contains(question)));
}

/// The name at the top is in another colour on another background.
fn two_grounds(home: &Path) {
    let folder = home.join("config");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("theme.toml"), "[dark.text]\naccent = 201\n[light.text]\naccent = 202\n")
        .unwrap();
}

fn accent(ui: &Ui) -> vt100::Color {
    ui.screen.screen().cell(0, 1).unwrap().fgcolor()
}

#[test]
fn the_theme_follows_the_background_and_answers_are_no_keys() {
    let home = home();
    two_grounds(home.root());
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for_bytes(KITTY);
    assert_eq!(accent(&ui), vt100::Color::Idx(201));
    // A line to type shows every key that arrives.
    ui.press(":");
    ui.wait_for("cancel run");
    ui.press("so\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\rt");
    ui.wait_until("the light section", |ui| accent(ui) == vt100::Color::Idx(202));
    ui.wait_for(": sort");
    ui.press(" \x1bP>|XTerm(390)\x1b\\lo\x1b_Gi=31;OK\x1b\\ss");
    ui.wait_for(": sort loss");
    ui.press("\x1b");
    ui.wait("the end of the line", |screen| !screen.contains(": sort"));
    ui.quit();
}

#[test]
fn nonsense_is_dropped_and_pieces_are_typed() {
    let home = home();
    two_grounds(home.root());
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for_bytes(KITTY);
    ui.press(":");
    ui.wait_for("cancel run");
    ui.press("a\x1b]11;what are you asking?\x07b");
    ui.wait_for(": ab");
    assert_eq!(accent(&ui), vt100::Color::Idx(201));
    // One that stops in the middle is none: what it held back arrives.
    ui.press("\x1bP>|half");
    ui.wait_for("|half");
    ui.press("\x1b");
    ui.wait("the end of the line", |screen| !screen.contains(": ab"));
    ui.quit();
}

#[test]
fn colorfgbg_goes_before_the_question() {
    let home = home();
    two_grounds(home.root());
    let mut ui = home.ui().env("COLORFGBG", "0;15").size(80, 24).start();
    ui.wait_for_bytes(KITTY);
    assert_eq!(accent(&ui), vt100::Color::Idx(202));
    assert!(!sent(&ui).contains(BACKGROUND));
}

/// A home with a run that has saved a red picture.
fn with_picture() -> Place {
    let home = home();
    let red = image::RgbImage::from_pixel(64, 48, image::Rgb([255, 0, 0]));
    red.save(home.project().join("plot.png")).unwrap();
    home.ok(["run", "sh", "-c", "cp plot.png \"$XT_OUTPUT_DIR\""]);
    home.ok(["wait", "run1", "--timeout=50"]);
    home
}

#[test]
fn a_picture_is_shown_in_half_blocks() {
    let home = with_picture();
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for("run1");
    ui.press("7");
    ui.wait_for("plot.png");
    ui.press("G\r");
    ui.wait_for("64×48 · PNG image");
    ui.press("z");
    let red = |ui: &Ui| {
        let cell = ui.screen.screen().cell(12, 40).unwrap();
        cell.bgcolor() == vt100::Color::Idx(196)
    };
    ui.wait_until("the picture", red);
    // Something over it, a full repaint, another size: it is there again.
    ui.press("?");
    ui.wait_for("Keys");
    ui.press("\x1b");
    ui.wait("the picture alone", |screen| !screen.contains("Keys"));
    ui.wait_until("the picture", red);
    let cleared = |ui: &Ui| sent(ui).matches("\x1b[2J").count();
    let before = cleared(&ui);
    ui.press("\x0c");
    ui.wait_until("the picture", |ui| cleared(ui) > before && red(ui));
    ui.press("\x1b");
    ui.wait_for("Workspaces");
    ui.press("\x1b");
    ui.wait("the list of files", |screen| !screen.contains("64×48"));
    ui.quit();
}

#[test]
fn a_terminal_that_knows_kittys_protocol_is_sent_a_picture_once_and_lets_go_of_it() {
    let home = with_picture();
    let mut ui = home.ui().size(80, 24).start();
    ui.wait_for_bytes(KITTY);
    ui.press("\x1b_Gi=31;OK\x1b\\");
    ui.wait_for("run1");
    ui.press("7");
    ui.wait_for("plot.png");
    ui.press("G\r");
    let count = |ui: &Ui, text: &str| sent(ui).matches(text).count();
    let (transmission, removal) = (",a=T,U=1,f=32,o=z,", "_Gq=2,a=d,d=I,i=");
    ui.wait_until("the picture", |ui| count(ui, transmission) == 1);
    ui.press("?");
    ui.wait_for("Keys");
    ui.press("\x1b");
    ui.wait("the picture alone", |screen| !screen.contains("Keys"));
    assert_eq!((count(&ui, transmission), count(&ui, removal)), (1, 0), "it is there and not sent again");
    // A full repaint begins from nothing.
    ui.press("\x0c");
    ui.wait_until("the picture again", |ui| count(ui, transmission) == 2);
    assert_eq!(count(&ui, removal), 1);
    ui.press("\x1b");
    ui.wait_until("its end", |ui| count(ui, removal) == 2);
    ui.press("\r");
    ui.wait_until("the picture once more", |ui| count(ui, transmission) == 3);
    ui.quit();
    assert_eq!(count(&ui, removal), 3, "nothing is left behind");
}

#[test]
fn a_way_that_is_forced_is_taken_unasked() {
    for (way, begin) in [("sixel", "\x1bP"), ("iterm2", "\x1b]1337;File=inline=1;")] {
        let home = with_picture();
        let option = format!("--pictures={way}");
        let mut ui = home.ui().args(&[&option]).size(80, 24).start();
        ui.wait_for("run1");
        ui.press("7");
        ui.wait_for("plot.png");
        ui.press("G\r");
        ui.wait_for_bytes(begin);
        ui.quit();
        let text = sent(&ui);
        assert_eq!((text.matches(begin).count(), text.contains(NAME)), (1, false), "{way}");
    }
}
