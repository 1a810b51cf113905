//! Answers that come late: after a person went on, or something changed.
// Proves C1 (nothing that is late steals a key, a form or the place one is at; the screen is honest).

use std::collections::BTreeSet;

use super::*;
use crate::model::{RunPath, Status};
use crate::store::Changes;
use crate::tui::app::dialog::{Overlay, text_of};
use crate::tui::app::effect::{ListKind, Verb};
use crate::tui::app::log::LogLine;
use crate::tui::app::message::{Done, Msg};
use crate::tui::app::screen::Screen;
use crate::tui::app::{Pane, Tab};
use crate::tui::testing::{Lane, at, dump, run};
use crate::tui::theme::Theme;

fn shown(model: &Model) -> String {
    dump(model, &Theme::new(true, true))
}

/// The usual world after some keys, from now on late.
fn late(keys: &str) -> (World, Model) {
    let (mut world, model) = start(keys);
    world.late = true;
    (world, model)
}

fn lines(model: &Model) -> Vec<String> {
    let (width, height) = model.log_size();
    model.log.seen(width, height).map(|line: &LogLine| line.text.text()).collect()
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let (mut world, mut model) = late("");
    let all = model.runs.len();
    world.press(&mut model, "/");
    world.type_text(&mut model, "error");
    let index = Lane::List(ListKind::Index);
    world.step(&mut model, index, false);
    world.press(&mut model, "esc");
    world.step(&mut model, index, false);
    assert_eq!(model.runs.len(), all, "the one run that was found is not wanted any more");
    world.catch_up(&mut model);
    assert_eq!((model.runs.len(), model.filter.text.as_str()), (all, ""));
}

#[test]
fn what_was_read_under_another_filter_is_not_shown_under_this_one() {
    let (mut world, mut model) = late("4");
    world.grow(&mut model, "epoch 42\n");
    world.step(&mut model, Lane::Log, false);
    world.press(&mut model, "&");
    world.type_text(&mut model, "loading");
    world.press(&mut model, "enter");
    world.catch_up(&mut model);
    assert_eq!(lines(&model), ["loading data … 60,000 examples"]);
    // Nor what was asked for before the filter went.
    world.press(&mut model, "home");
    world.grow(&mut model, "loading more\n");
    world.step(&mut model, Lane::Log, false);
    world.press(&mut model, "esc");
    world.catch_up(&mut model);
    world.press(&mut model, "G");
    world.catch_up(&mut model);
    assert_eq!(lines(&model)[lines(&model).len() - 2..], ["epoch 42", "loading more"]);
}

#[test]
fn a_late_question_waits_until_nothing_is_open() {
    let (mut world, mut model) = start("7 down S enter");
    let task = model.tasks[0].id;
    world.press(&mut model, "r");
    world.type_text(&mut model, " --seed=7");
    let exists = || Done::Exists { run: path(41, 3), file: "a.txt".into(), path: "/home/ada/a.txt".into() };
    world.send(&mut model, Msg::Task { task, result: Ok(exists()) });
    world.type_text(&mut model, "y");
    let Some(Overlay::Rerun(form)) = &model.overlay else { panic!("the form is lost") };
    assert_eq!(text_of(&form.fields.list[0].input), "--lr=.03 --seed=7y");
    let replaced = |world: &World| {
        let replaces = |effect: &&Effect| {
            matches!(effect, Effect::Control { verb: Verb::SaveFile { overwrite: true, .. }, .. })
        };
        world.seen.iter().filter(replaces).count()
    };
    assert_eq!(replaced(&world), 0);
    world.press(&mut model, "esc");
    assert!(matches!(&model.overlay, Some(Overlay::Confirm(_))), "now it is asked");
    world.read(&mut model);
    world.press(&mut model, "y");
    assert_eq!((replaced(&world), model.overlay.is_none()), (1, true));
}

#[test]
fn a_key_for_the_panes_does_not_answer_a_question_that_comes_at_that_moment() {
    for key in ["y", "n", "enter", "esc", "q"] {
        let (mut world, mut model) = start("7 down S enter");
        let task = model.tasks[0].id;
        let exists = Done::Exists { run: path(41, 3), file: "a.txt".into(), path: "/home/ada/a.txt".into() };
        world.send(&mut model, Msg::Task { task, result: Ok(exists) });
        let seen = world.seen.len();
        world.press(&mut model, key);
        assert!(matches!(&model.overlay, Some(Overlay::Confirm(_))) && !model.quit, "{key} took it away");
        assert_eq!(world.seen.len(), seen, "{key} did something");
        world.read(&mut model);
        world.press(&mut model, "y");
        assert!(model.overlay.is_none() && world.seen.len() > seen, "it can be answered once it is read");
    }
}

#[test]
fn a_log_is_not_written_over_a_file_by_the_end_of_a_form() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.log");
    std::fs::write(&file, "precious").unwrap();
    let (mut world, mut model) = late("4");
    world.press(&mut model, ":");
    world.type_text(&mut model, &format!("save log {}", file.display()));
    world.press(&mut model, "enter 3 r");
    world.deliver(&mut model, Lane::Log);
    assert!(matches!(&model.overlay, Some(Overlay::Rerun(_))));
    world.press(&mut model, "enter");
    world.catch_up(&mut model);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    assert!(matches!(&model.overlay, Some(Overlay::Confirm(_))), "it is not asked");
    // Nor by a key that was meant for the panes, or by an enter too many.
    world.press(&mut model, "y");
    world.read(&mut model);
    world.press(&mut model, "enter enter");
    world.catch_up(&mut model);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    world.press(&mut model, "y");
    world.catch_up(&mut model);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), world.log);
}

/// A run of the world is deleted.
fn delete(world: &mut World, model: &mut Model, run: &RunPath) {
    world.runs.retain(|(_, one)| one.path() != *run);
    let gone = vec![crate::store::Gone::Run(run.clone())];
    world.send(model, Msg::Changed(Changes { stamp: 2, gone, ..Changes::default() }));
}

#[test]
fn what_was_asked_about_one_log_saves_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.log");
    std::fs::write(&file, "precious").unwrap();
    let (mut world, mut model) = start("4 :");
    world.type_text(&mut model, &format!("save log {}", file.display()));
    world.press(&mut model, "enter");
    assert!(matches!(&model.overlay, Some(Overlay::Confirm(_))));
    world.read(&mut model);
    delete(&mut world, &mut model, &path(41, 3));
    world.press(&mut model, "y");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    let (told, _) = model.toasts.front().unwrap();
    assert!(told.text.contains("another log is open now"), "{}", told.text);
    // Neither does a line that was opened for one log.
    std::fs::remove_file(&file).unwrap();
    world.press(&mut model, "W ctrl-u");
    world.type_text(&mut model, &file.display().to_string());
    delete(&mut world, &mut model, &path(41, 2));
    world.press(&mut model, "enter");
    let Some(Overlay::Prompt(prompt)) = &model.overlay else { panic!("the line is lost") };
    assert!(prompt.problem.is_some() && !file.exists());
}

#[test]
fn a_line_is_about_what_was_selected_when_it_was_opened() {
    let (mut world, mut model) = start("7 down S");
    delete(&mut world, &mut model, &path(41, 3));
    assert_ne!(model.runs.selected().unwrap().path(), path(41, 3));
    world.press(&mut model, "enter");
    let last = |world: &World| match world.seen.last() {
        Some(Effect::Control { verb, .. }) => verb.clone(),
        other => panic!("{other:?}"),
    };
    let (run, file) = (path(41, 3), "after/output/console.txt".to_owned());
    assert_eq!(last(&world), Verb::SaveFile { run, file, to: "console.txt".into(), overwrite: false });

    let (mut world, mut model) = start("2 P");
    let first = model.jobs.selected().unwrap().job_id;
    world.jobs.retain(|job| job.job_id != first);
    let gone = vec![crate::store::Gone::Job(first)];
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, gone, ..Changes::default() }));
    assert_ne!(model.jobs.selected().unwrap().job_id, first);
    world.press(&mut model, "7 enter");
    assert_eq!(last(&world), Verb::Priority { jobs: vec![first], priority: 7 });
}

#[test]
fn what_cannot_be_read_is_asked_for_again_when_something_happens_and_not_before() {
    let mut world = World::usual();
    world.late = true;
    let mut model = world.model((120, 40));
    let rows = Lane::List(ListKind::Rows);
    let mut failed = 0;
    while let Some(lane) = world.lanes().first().copied() {
        world.step(&mut model, lane, lane == rows);
        failed += usize::from(lane == rows);
        assert!(failed < 20, "it is asked for again and again");
    }
    assert_eq!((selected(&model).as_str(), model.toasts.len()), ("", 1));
    world.press(&mut model, "down");
    world.catch_up(&mut model);
    assert_eq!(selected(&model), "run41.2");
}

#[test]
fn whatever_fails_nothing_is_asked_for_again_and_again() {
    for keys in ["", "4", "5", "6", "7", "9", "0", "v", "2 v", "d"] {
        let mut world = World::usual();
        world.late = true;
        let mut model = world.model((120, 40));
        world.fail_all(&mut model);
        world.catch_up(&mut model);
        let (mut world, mut model) = late("");
        world.press(&mut model, keys);
        world.fail_all(&mut model);
        let runs = world.runs.iter().map(|(_, run)| run.clone()).collect();
        world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs, ..Changes::default() }));
        world.fail_all(&mut model);
    }
}

#[test]
fn a_run_that_changes_while_its_row_is_read_is_shown_as_it_is() {
    let mut world = World::usual();
    world.late = true;
    let mut model = world.model((120, 40));
    let rows = Lane::List(ListKind::Rows);
    while !world.lanes().contains(&rows) {
        let lane = world.lanes()[0];
        world.step(&mut model, lane, false);
    }
    world.step(&mut model, rows, false);
    let id = model.runs.cursor.selected().unwrap();
    let (_, changed) = world.runs.iter_mut().find(|(key, _)| *key == id).unwrap();
    changed.status = Status::Error;
    let runs = vec![changed.clone()];
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs, ..Changes::default() }));
    world.step(&mut model, rows, false);
    world.catch_up(&mut model);
    assert_eq!(model.runs.selected().unwrap().status, Status::Error);
}

/// A list so long that most names are not at hand.
fn many() -> (World, Model) {
    let mut world = World::usual();
    world.runs = (1_i64..=2_000).map(|id| (id, run(id.unsigned_abs(), 0, 8, Status::Completed))).collect();
    let model = world.model((120, 40));
    world.late = true;
    (world, model)
}

#[test]
fn marks_that_were_removed_do_not_come_back() {
    for remove in ["u", "esc"] {
        let (mut world, mut model) = many();
        world.press(&mut model, "*");
        world.press(&mut model, remove);
        world.catch_up(&mut model);
        assert!(model.runs.marks.is_empty(), "{remove}");
    }
}

#[test]
fn marks_are_added_while_others_are_still_being_named() {
    let (mut world, mut model) = many();
    world.press(&mut model, "*");
    world.step(&mut model, Lane::List(ListKind::Marks), false);
    world.press(&mut model, "u home space G");
    // Neither of these is at hand.
    world.press(&mut model, "shift-up");
    world.press(&mut model, "up up shift-up");
    world.catch_up(&mut model);
    let ids: BTreeSet<i64> = model.runs.marks.keys().copied().collect();
    assert_eq!(ids, BTreeSet::from([1, 1_996, 1_997, 1_999, 2_000]));
}

#[test]
fn whoever_goes_to_the_end_stays_there_whatever_was_looked_for_before() {
    // How far the way to the error has come when the key is pressed.
    for steps in 0..6 {
        for key in ["[", "J 1 enter"] {
            let (mut world, mut model) = start("4");
            world.grow(&mut model, &"epoch\n".repeat(5_000));
            world.log.insert_str(0, "ERROR at once\n");
            world.press(&mut model, "3 down 4");
            world.late = true;
            world.press(&mut model, key);
            for _ in 0..steps {
                if !world.lanes().is_empty() {
                    world.step(&mut model, Lane::Log, false);
                }
            }
            world.press(&mut model, "G");
            world.catch_up(&mut model);
            assert!(model.log.follows(), "{key} after {steps} steps");
            assert_eq!(lines(&model).last().unwrap(), "epoch");
        }
    }
}

#[test]
fn the_load_of_a_run_is_counted_from_its_own_start_whichever_run_is_selected() {
    let axis = |model: &Model| model.detail.load.charts()[0].view.x;
    let expected = axis(&start("9").1);
    let (mut world, mut model) = start("");
    for (_, run) in world.runs.iter_mut().filter(|(_, run)| run.path() != path(41, 3)) {
        run.start_time = Some(at(-5_000));
    }
    let runs = world.runs.iter().map(|(_, run)| run.clone()).collect();
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs, ..Changes::default() }));
    world.late = true;
    world.press(&mut model, "9 4 3 down");
    world.catch_up(&mut model);
    assert_eq!((selected(&model).as_str(), model.detail.tab), ("run41.2", Tab::Log));
    world.press(&mut model, "up 9");
    world.catch_up(&mut model);
    assert_eq!(axis(&model), expected);
}

#[test]
fn a_file_that_was_looked_at_takes_nobody_back_to_it() {
    let (mut world, mut model) = late("7 down");
    world.press(&mut model, "enter");
    assert!(world.lanes().contains(&Lane::List(ListKind::Look)));
    world.press(&mut model, "3 down");
    world.catch_up(&mut model);
    assert_eq!((model.detail.tab, model.focus), (Tab::Files, Pane::Runs));
    assert!(model.log.pinned.is_none());
    // To another pane, another screen, or into a form.
    for keys in ["3", "T", ":"] {
        let (mut world, mut model) = late("7 down");
        world.press(&mut model, "enter");
        world.press(&mut model, keys);
        let before = (model.focus, model.screen, model.overlay.is_some());
        world.catch_up(&mut model);
        assert_eq!((model.focus, model.screen, model.overlay.is_some()), before, "{keys}");
        assert!(model.log.pinned.is_none(), "{keys}");
    }
}

#[test]
fn nothing_is_done_to_marked_runs_before_all_of_them_are_known() {
    for keys in ["x", "D", "r", "t", "v", "M", "b"] {
        let (mut world, mut model) = many();
        world.press(&mut model, "*");
        world.press(&mut model, keys);
        assert!(toast(&model).contains("still being read"), "{keys}: {}", toast(&model));
        assert!(
            model.overlay.is_none() && model.watched.is_empty() && model.screen == Screen::Main,
            "{keys}"
        );
        assert!(shown(&model).contains("2,000 marked"), "{}", shown(&model));
        world.catch_up(&mut model);
    }
    let (mut world, mut model) = many();
    world.press(&mut model, "*");
    world.catch_up(&mut model);
    world.press(&mut model, "x");
    world.catch_up(&mut model);
    let Some(Overlay::Confirm(confirm)) = &model.overlay else { panic!("no question: {:?}", model.overlay) };
    assert_eq!(confirm.targets.len(), 2_000);
}

#[test]
fn numbers_of_lines_that_are_not_counted_yet_are_not_asked_for_again_and_again() {
    let (mut world, mut model) = start("4 # & e enter");
    world.late = true;
    world.grow(&mut model, "epoch 42\nepoch 43\nepoch 44\n");
    world.step(&mut model, Lane::Log, false);
    world.press(&mut model, "esc");
    world.catch_up(&mut model);
    assert!(model.log.lines.iter().all(|line| line.number.is_some()));
}
