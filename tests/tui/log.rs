//! What a run has printed.

use crate::harness::home;

/// Proves A11, B43: the log tab in a real terminal, on a real run's log.
#[test]
fn a_log_is_searched_filtered_jumped_in_printed_and_saved() {
    let home = home();
    let script =
        "for i in $(seq 1 3000); do echo \"step $i of it\"; done; echo 'ERROR: no space' >&2; echo done\n";
    home.write("long.sh", script);
    home.ok(["run", "bash", "long.sh"]);
    home.ok(["wait", "run1", "--timeout=60"]);
    let mut ui = home.ui().start();
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
    let saved = home.read("saved.txt");
    assert_eq!(saved.lines().count(), 3002);
    ui.quit();
}
