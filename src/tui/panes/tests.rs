//! The screen in its states, glyphs and styles.
// Proves C1 (the screen at every size, without colour, in ASCII), C2 (an empty store teaches).

use rstest::rstest;

use crate::tui::app::model::Severity;
use crate::tui::picture::{Means, Pictures};
use crate::tui::testing::{World, dump};
use crate::tui::theme::Theme;

fn colour() -> Theme {
    Theme::new(true, true)
}

#[rstest]
#[case((40, 12))]
#[case((80, 24))]
#[case((120, 40))]
fn the_main_screen(#[case] size: (u16, u16)) {
    let model = World::usual().model(size);
    insta::assert_snapshot!(format!("main_{}x{}", size.0, size.1), dump(&model, &colour()));
}

#[test]
fn panes_that_are_stacked_are_hidden_too() {
    let mut world = World::usual();
    let mut model = world.model((40, 12));
    world.press(&mut model, "4 H");
    insta::assert_snapshot!("hidden_40x12", dump(&model, &colour()));
}

#[test]
fn an_empty_store_teaches() {
    let model = World::empty().model((80, 24));
    insta::assert_snapshot!("empty", dump(&model, &colour()));
}

#[rstest]
#[case("failed", "G g g down down down down down down")]
#[case("confirm_one", "x")]
#[case("confirm_marked", "space space space x")]
#[case("confirm_job", "2 x")]
#[case("rerun", "r")]
#[case("help", "?")]
#[case("help_log", "4 ?")]
#[case("sort", "S")]
#[case("which_key", "g")]
#[case("columns", "C down down space down J")]
#[case("columns_chosen", "C space down J J space enter")]
#[case("commands", ": r e")]
#[case("filter", "/ e r r o r")]
#[case("filtered", "/ e r r o r enter")]
#[case("log_paused", "enter up up up")]
#[case("log_search", "enter / l o s s enter N N")]
#[case("log_lines", "enter & ! 0 . 0 enter")]
#[case("log_no_lines", "enter & z z z enter")]
#[case("log_gutter", "enter @ # up")]
#[case("log_jump", "enter J")]
#[case("log_save", "enter W")]
#[case("log_merged", "M")]
#[case("log_attempt", "G g g down down down down down down enter {")]
#[case("job", "2 down enter")]
#[case("tasks", "x y T")]
#[case("zoomed", "4 z")]
#[case("hidden_left", "1 H 2 H")]
#[case("hidden_jobs_and_tabs", "2 H 4 H")]
#[case("rerun_changed", "r tab ctrl-u . 1")]
#[case("rerun_several", "space space r tab 5")]
#[case("confirm_delete", "G G D")]
#[case("tags", "t b e s t")]
#[case("save_as", "7 S")]
#[case("file", "7 down enter")]
#[case("jobs_marked", "2 space space")]
#[case("sheet_job", "2 d down")]
#[case("sheet_workspace", "1 d")]
#[case("sheet_experiment", "1 down d G")]
#[case("waiting_params", "g g 6")]
#[case("waiting_events", "g g 8")]
#[case("tab_params", "6 down")]
#[case("tab_files", "7")]
#[case("tab_events", "8")]
#[case("tab_metrics", "5")]
#[case("tab_node", "9 down")]
#[case("tab_node_zoomed", "9 z")]
#[case("nodes", "0")]
#[case("nodes_down", "0 down")]
fn what_keys_show(#[case] name: &str, #[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model((100, 30));
    world.press(&mut model, keys);
    insta::assert_snapshot!(name, dump(&model, &colour()));
}

// Proves C7 (the load at every size and in ASCII).
#[rstest]
#[case("tab_node_40x12", (40, 12), true, "9 z")]
#[case("tab_node_ascii", (80, 24), false, "9")]
#[case("nodes_40x12", (40, 12), true, "0")]
#[case("nodes_ascii", (80, 24), false, "0")]
fn the_load(#[case] name: &str, #[case] size: (u16, u16), #[case] unicode: bool, #[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model(size);
    world.press(&mut model, keys);
    insta::assert_snapshot!(name, dump(&model, &Theme::new(true, unicode)));
}

// Proves C7, A8: metrics of a run, and of runs side by side.
#[rstest]
#[case("metrics_80x24", (80, 24), true, "5 z")]
#[case("metrics_120x40", (120, 40), true, "5 ~ ~ o left left left left")]
#[case("metrics_large", (80, 24), true, "5 z enter ~ + +")]
#[case("metrics_40x12", (40, 12), true, "5 z down")]
#[case("metrics_values_zoomed", (80, 24), true, "5 z enter } } } {")]
#[case("metrics_ascii", (80, 24), false, "5 z")]
#[case("metrics_found", (100, 30), true, "5 / a c")]
#[case("metrics_none_found", (100, 30), true, "5 / z z enter")]
#[case("metrics_none", (80, 24), true, "G g g down down down down down down 5")]
#[case("compare_80x24", (80, 24), true, "v")]
#[case("compare_120x40", (120, 40), true, "space space space v A left left left ] space")]
#[case("compare_table", (100, 30), true, "v tab right z")]
#[case("compare_ascii", (100, 30), false, "v")]
#[case("compare_40x12", (40, 12), true, "v")]
fn charts(#[case] name: &str, #[case] size: (u16, u16), #[case] unicode: bool, #[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model(size);
    world.press(&mut model, keys);
    insta::assert_snapshot!(name, dump(&model, &Theme::new(true, unicode)));
}

// Proves A8, B15: where an attempt of a retried run began.
#[test]
fn attempts_are_marked() {
    let mut world = World::usual();
    for (_, run) in world.runs.iter_mut().filter(|(_, run)| run.run_name.child == 3) {
        run.attempt = 2;
    }
    let mut model = world.model((80, 24));
    world.press(&mut model, "5 z enter");
    insta::assert_snapshot!("metrics_attempts", dump(&model, &colour()));
}

// Proves C1, C7: a picture in place of the list, where there are no colours, and what lies over it.
#[rstest]
#[case("picture_80x24", (80, 24), "7 G enter")]
#[case("picture_alone", (120, 40), "7 G enter z left")]
#[case("picture_save_as", (80, 24), "7 G enter z S")]
#[case("picture_keys", (80, 24), "7 G enter z ?")]
#[case("picture_40x12", (40, 12), "7 G enter")]
fn pictures(#[case] name: &str, #[case] size: (u16, u16), #[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model(size);
    model.means = Means::from_env(Pictures::Auto, |name| (name == "NO_COLOR").then(|| "1".to_owned()));
    world.press(&mut model, keys);
    insta::assert_snapshot!(name, dump(&model, &Theme::new(false, true)));
}

// Proves B11: topics are read on the screen.
#[rstest]
#[case("topics", (120, 30), "? enter down down down")]
#[case("topics_reading", (120, 30), "? tab down down down enter pgdn")]
#[case("topics_narrow", (80, 24), "? enter")]
#[case("topics_narrow_reading", (80, 24), ": h e l p space t o p i c s space s t a t e s enter")]
#[case("topics_tiny", (30, 8), "? enter enter")]
fn help_topics(#[case] name: &str, #[case] size: (u16, u16), #[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model(size);
    world.press(&mut model, keys);
    insta::assert_snapshot!(name, dump(&model, &colour()));
}

#[test]
fn help_topics_in_ascii() {
    let mut world = World::usual();
    for topic in crate::help::TOPICS {
        let mut model = world.model((100, 200));
        world.press(&mut model, ": h e l p space t o p i c s space");
        world.type_text(&mut model, topic.name);
        world.press(&mut model, "enter");
        let shown = dump(&model, &Theme::new(true, false));
        assert!(shown.contains(&topic.title()), "{shown}");
        // The hints of what lies over the panes have arrows.
        let text: String = shown.lines().filter(|line| !line.contains('↑')).collect();
        assert!(text.is_ascii(), "{}: {shown}", topic.name);
    }
}

#[test]
fn toasts_and_errors() {
    let mut world = World::usual();
    let mut model = world.model((100, 30));
    model.tell(Severity::Good, "cancelled run41.3");
    model.tell(
        Severity::Error,
        "the store /home/x/.local/share/xt is busy: another process has kept it locked; try again",
    );
    insta::assert_snapshot!("toasts", dump(&model, &colour()));
    world.press(&mut model, "!");
    insta::assert_snapshot!("errors", dump(&model, &colour()));
    world.press(&mut model, "! T");
    insta::assert_snapshot!("no_tasks", dump(&model, &colour()));
}

// Proves A4: what a run waits for is told where its log will be.
#[test]
fn in_place_of_its_log_a_run_tells_what_it_waits_for() {
    let mut world = World::usual();
    world.log.clear();
    let mut model = world.model((100, 30));
    world.press(&mut model, "g g");
    insta::assert_snapshot!("waiting_log", dump(&model, &colour()));
}

// At any width a hint is whole or not there, the most useful are, and the one that leads to all keys always is.
#[rstest]
#[case("")]
#[case("space space")]
#[case("2")]
#[case("4")]
#[case("5")]
#[case("7")]
#[case("v")]
#[case("0")]
fn hints_are_whole(#[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model((300, 30));
    world.press(&mut model, keys);
    let mut hints = |width: u16| -> Vec<String> {
        model.size = (width, 30);
        let screen = dump(&model, &colour());
        let row = screen.lines().nth(29).unwrap();
        assert!(row.chars().count() <= usize::from(width), "{row}");
        row.trim().split("  ").map(str::to_owned).collect()
    };
    let all = hints(300);
    let (last, others) = all.split_last().unwrap();
    assert_eq!(last, "? keys");
    for width in 20..160 {
        let shown = hints(width);
        let (end, begin) = shown.split_last().unwrap();
        assert!(end == last && others.starts_with(begin), "{width}: {shown:?}");
        let next = others.get(begin.len()).map_or(0, |hint| hint.chars().count() + 2);
        let used = 1 + shown.join("  ").chars().count();
        assert!(
            next == 0 || used + next > usize::from(width),
            "{width}: there is room for more than {shown:?}"
        );
    }
}

#[test]
fn without_colour() {
    let mut world = World::usual();
    let mut model = world.model((100, 30));
    world.press(&mut model, "space");
    insta::assert_snapshot!("no_color", dump(&model, &Theme::new(false, true)));
}

#[test]
fn in_ascii() {
    let model = World::usual().model((100, 30));
    let shown = dump(&model, &Theme::new(true, false));
    // What a script printed is its own.
    let ours: String = shown.lines().filter(|line| !line.contains("loading data")).collect();
    assert!(ours.is_ascii(), "{ours}");
    insta::assert_snapshot!("ascii", shown);
}
