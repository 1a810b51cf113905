//! What keys show, glyphs and styles; every screen in every look is in `matrix`.
// Proves C1, C7.

mod matrix;

use rstest::rstest;

use crate::tui::picture::{Means, Pictures};
use crate::tui::testing::{World, dump};
use crate::tui::theme::Theme;

fn colour() -> Theme {
    Theme::new(true, true)
}

#[test]
fn panes_that_are_stacked_are_hidden_too() {
    let mut world = World::usual();
    let mut model = world.model((40, 12));
    world.press(&mut model, "4 H");
    insta::assert_snapshot!("hidden_40x12", dump(&model, &colour()));
}

#[rstest]
#[case("failed", "G g g down down down down down down")]
#[case("confirm_one", "x")]
#[case("confirm_job", "2 x")]
#[case("help_log", "4 ?")]
#[case("columns_chosen", "C space down J J space enter")]
#[case("filtered", "/ e r r o r enter")]
#[case("log_paused", "enter up up up")]
#[case("log_lines", "enter & ! 0 . 0 enter")]
#[case("log_no_lines", "enter & z z z enter")]
#[case("log_gutter", "enter @ # up")]
#[case("log_jump", "enter J")]
#[case("log_save", "enter W")]
#[case("log_merged", "M")]
#[case("log_attempt", "G g g down down down down down down enter {")]
#[case("job", "2 down enter")]
#[case("hidden_left", "1 H 2 H")]
#[case("hidden_jobs_and_tabs", "2 H 4 H")]
#[case("rerun_several", "space space r tab 5")]
#[case("confirm_delete", "G G D")]
#[case("save_as", "7 S")]
#[case("file", "7 down enter")]
#[case("jobs_marked", "2 space space")]
#[case("sheet_job", "2 d down")]
#[case("sheet_workspace", "1 d")]
#[case("sheet_experiment", "1 down d G")]
#[case("waiting_params", "g g 6")]
#[case("waiting_events", "g g 8")]
#[case("nodes_down", "0 down")]
fn what_keys_show(#[case] name: &str, #[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model((100, 30));
    world.press(&mut model, keys);
    insta::assert_snapshot!(name, dump(&model, &colour()));
}

// Proves C7, A8: metrics of a run, and of runs side by side.
#[rstest]
#[case("metrics_120x40", (120, 40), "5 ~ ~ o left left left left")]
#[case("metrics_large", (80, 24), "5 z enter ~ + +")]
#[case("metrics_values_zoomed", (80, 24), "5 z enter } } } {")]
#[case("metrics_found", (100, 30), "5 / a c")]
#[case("metrics_none_found", (100, 30), "5 / z z enter")]
#[case("metrics_none", (80, 24), "G g g down down down down down down 5")]
#[case("compare_120x40", (120, 40), "space space space v A left left left ] space")]
#[case("compare_table", (100, 30), "v tab right z")]
fn charts(#[case] name: &str, #[case] size: (u16, u16), #[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model(size);
    world.press(&mut model, keys);
    insta::assert_snapshot!(name, dump(&model, &colour()));
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
#[case("picture_alone", (120, 40), "7 G enter z left")]
#[case("picture_save_as", (80, 24), "7 G enter z S")]
#[case("picture_keys", (80, 24), "7 G enter z ?")]
fn pictures(#[case] name: &str, #[case] size: (u16, u16), #[case] keys: &str) {
    let mut world = World::usual();
    let mut model = world.model(size);
    model.means = Means::from_env(Pictures::Auto, |name| (name == "NO_COLOR").then(|| "1".to_owned()));
    world.press(&mut model, keys);
    insta::assert_snapshot!(name, dump(&model, &Theme::new(false, true)));
}

// Proves B11: topics are read on the screen.
#[rstest]
#[case("topics_reading", (120, 30), "? tab down down down enter pgdn")]
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
        assert!(shown.is_ascii(), "{}: {shown}", topic.name);
    }
}

#[test]
fn no_task_yet() {
    let mut world = World::usual();
    let mut model = world.model((100, 30));
    world.press(&mut model, "T");
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
