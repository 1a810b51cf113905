//! What destroys and what asks: kill, rerun, attach, the end of what is watched.
// Proves C1 (confirmation, the frozen set, pending rows), B30 (kill), C11.

use rstest::rstest;

use super::*;
use crate::model::{JobName, Status};
use crate::ops::rerun;
use crate::store::{Changes, Gone};
use crate::tui::app::dialog::Overlay;
use crate::tui::app::effect::{Target, TerminalRequest, Verb};
use crate::tui::app::message::Msg;
use crate::tui::app::model::{Model, Severity, TaskState};
use crate::tui::app::{Effect, Pane};
use crate::tui::testing::{World, run};
use crate::tui::theme::Theme;

#[rstest]
#[case("x y", vec![Target::Run(path(41, 3))])]
#[case("x Y", vec![Target::Run(path(41, 3))])]
#[case("down x y", vec![Target::Run(path(41, 2))])]
#[case("space space x y", vec![Target::Run(path(41, 3)), Target::Run(path(41, 2))])]
#[case("2 x y", vec![Target::Job(JobName(12))])]
#[case("enter x y", vec![Target::Run(path(41, 3))])]
fn kill_acts_on_exactly_what_the_question_named(#[case] keys: &str, #[case] targets: Vec<Target>) {
    let (mut world, mut model) = start("");
    let (ask, _) = keys.rsplit_once(' ').unwrap();
    world.press(&mut model, ask);
    assert!(matches!(&model.overlay, Some(Overlay::Confirm(confirm)) if confirm.targets == targets));
    let asked = |effects: &[Effect]| {
        effects.iter().filter(|e| matches!(e, Effect::Control { verb: Verb::Cancel { .. }, .. })).count()
    };
    assert_eq!(asked(&world.seen), 0, "nothing is ended before the answer");
    world.press(&mut model, &keys[ask.len()..]);
    assert!(model.overlay.is_none());
    let last = world.seen.pop().unwrap();
    assert!(
        matches!(&last, Effect::Control { verb: Verb::Cancel { targets: ended }, .. } if *ended == targets)
    );
}

#[rstest]
#[case("x n")]
#[case("x esc")]
#[case("x ctrl-c")]
#[case("x x n")]
#[case("x enter n")]
#[case("x space n")]
fn every_other_key_ends_nothing(#[case] keys: &str) {
    let (world, model) = start(keys);
    assert!(world.seen.is_empty() && model.overlay.is_none() && !model.quit);
}

#[test]
fn a_change_of_the_list_does_not_change_the_frozen_set() {
    let (mut world, mut model) = start("x");
    world.runs.insert(0, (900, run(50, 0, 12, Status::Running)));
    let change = Changes { stamp: 2, runs: vec![run(50, 0, 12, Status::Running)], ..Changes::default() };
    world.send(&mut model, Msg::Changed(change));
    world.press(&mut model, "y");
    assert!(matches!(
        world.seen.last(),
        Some(Effect::Control { verb: Verb::Cancel { targets }, .. }) if *targets == [Target::Run(path(41, 3))]
    ));
}

#[test]
fn the_row_shows_what_is_pending_until_the_records_say_it_or_it_failed() {
    let (mut world, mut model) = start("x y");
    assert_eq!(model.runs.pending.get(&path(41, 3)), Some(&"cancelling"));
    assert_eq!(model.running_tasks(), 1);
    let task = model.tasks[0].id;
    world.send(&mut model, Msg::Task { task, result: Err("the controller does not answer".into()) });
    assert!(model.runs.pending.is_empty());
    assert!(matches!(model.tasks[0].state, TaskState::Failed(_)));
    assert_eq!(model.notices[0].severity, Severity::Error);
}

#[test]
fn a_run_that_ended_while_it_was_asked_about_is_not_shown_as_being_cancelled() {
    let (mut world, mut model) = start("x");
    let runs = vec![run(41, 3, 12, Status::Completed)];
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs, ..Changes::default() }));
    world.press(&mut model, "y");
    assert!(model.overlay.is_none() && model.runs.pending.is_empty());
}

#[test]
fn a_run_that_has_ended_is_not_killed() {
    let (world, model) = start("G x");
    assert!(model.overlay.is_none() && world.seen.is_empty());
    assert!(model.toasts.back().unwrap().0.text.contains("ended already"));
}

#[test]
fn rerun_asks_with_the_arguments_filled_in_and_sends_what_changed() {
    let (mut world, mut model) = start("r");
    let Some(Overlay::Rerun(form)) = &model.overlay else { panic!("no form") };
    assert_eq!(form.fields.list[0].text(), "--lr=.03");
    world.type_text(&mut model, " '");
    world.press(&mut model, "enter");
    assert!(matches!(&model.overlay, Some(Overlay::Rerun(form)) if form.problem.is_some()));
    world.press(&mut model, "backspace");
    world.type_text(&mut model, "--seed=7");
    world.press(&mut model, "enter");
    let arguments = Some(vec!["--lr=.03".to_owned(), "--seed=7".to_owned()]);
    let changes = Box::new(rerun::Changes { arguments, ..rerun::Changes::default() });
    let expected = Verb::Rerun { runs: vec![path(41, 3)], changes };
    assert!(matches!(world.seen.last(), Some(Effect::Control { verb, .. }) if *verb == expected));
}

#[rstest]
#[case("a", Effect::Terminal(TerminalRequest::Attach(path(41, 3))))]
#[case("y", Effect::Terminal(TerminalRequest::Copy("run41.3".into())))]
#[case("1 c", Effect::Terminal(TerminalRequest::Copy("ws1".into())))]
#[case("ctrl-z", Effect::Terminal(TerminalRequest::Suspend))]
#[case("ctrl-l", Effect::Terminal(TerminalRequest::Redraw))]
fn what_goes_to_the_terminal(#[case] keys: &str, #[case] effect: Effect) {
    let (world, _) = start(keys);
    assert_eq!(world.seen, [effect]);
}

#[test]
fn attaching_to_a_run_without_a_terminal_shows_its_console_on_the_whole_screen() {
    let (mut world, mut model) = start("");
    model.jobs.list[0].launch.tty = false;
    world.press(&mut model, "enter up up 3 a");
    assert!(world.seen.is_empty() && model.layout.zoom && model.log.follows());
    assert_eq!(model.focus, Pane::Detail);
    world.press(&mut model, "esc esc");
    assert_eq!((model.layout.zoom, model.focus), (false, Pane::Runs));
}

#[test]
fn who_may_only_look_changes_nothing() {
    let (mut world, mut model) = start("");
    model.readonly = true;
    world.press(&mut model, "x r a");
    assert!(world.seen.is_empty() && model.overlay.is_none());
    for line in ["cancel run run41.3", "cancel run", "rerun", "attach"] {
        world.press(&mut model, ":");
        world.type_text(&mut model, line);
        world.press(&mut model, "enter");
        let Some(Overlay::Prompt(prompt)) = &model.overlay else { panic!("it is gone") };
        assert!(prompt.problem.as_ref().is_some_and(|problem| problem.contains("--readonly")), "{prompt:?}");
        world.press(&mut model, "esc");
    }
    assert!(world.seen.is_empty());
    let shown = |model: &Model| crate::tui::testing::dump(model, &Theme::new(true, true));
    assert!(!shown(&model).contains(" kill"));
    world.press(&mut model, "?");
    assert!(!shown(&model).contains("end the run"));
}

#[test]
fn the_end_of_what_is_watched_is_told_once() {
    let (mut world, mut model) = start("");
    let watched = model.runs.selected().unwrap().path();
    world.press(&mut model, "b 2 b");
    assert_eq!(model.watched.len(), 2);
    let end = |world: &mut World, model: &mut Model, status| {
        let mut run = (*model.runs.doc_at(&watched).unwrap()).as_ref().clone();
        run.status = status;
        let mut job = world.jobs[0].clone();
        job.job_status = status;
        let changes = Changes { stamp: 9, runs: vec![run], jobs: vec![job], ..Changes::default() };
        world.send(model, Msg::Changed(changes));
    };
    let told = |world: &World| -> Vec<String> {
        let text = |effect: &Effect| match effect {
            Effect::Terminal(TerminalRequest::Notify(text)) => Some(text.clone()),
            _ => None,
        };
        world.seen.iter().filter_map(text).collect()
    };
    end(&mut world, &mut model, Status::Running);
    assert!(told(&world).is_empty());
    end(&mut world, &mut model, Status::Error);
    end(&mut world, &mut model, Status::Error);
    assert_eq!(told(&world), [format!("{}: error", watched.run), "job12: error".to_owned()]);
    // What has ended cannot be watched.
    world.press(&mut model, "3 b");
    assert!(model.watched.is_empty());
}

#[rstest]
#[case("v", "cancel run", "`cancel run` works on jobs and runs")]
#[case("0", "rerun", "`rerun` works on runs")]
#[case("", "stop task", "`stop task` works on the screen of tasks")]
#[case("", "hide run", "`hide run` works where runs are compared")]
fn nothing_is_done_to_what_nobody_sees(#[case] keys: &str, #[case] line: &str, #[case] told: &str) {
    let (mut world, mut model) = start(keys);
    world.press(&mut model, ":");
    world.type_text(&mut model, line);
    world.press(&mut model, "enter");
    let Some(Overlay::Prompt(prompt)) = &model.overlay else { panic!("it is gone") };
    assert_eq!(prompt.problem.as_deref(), Some(told));
    world.press(&mut model, "esc :");
    world.type_text(&mut model, "cancel run run41.2");
    world.press(&mut model, "enter");
    assert!(matches!(&model.overlay, Some(Overlay::Confirm(_))), "what is named needs not be seen");
}

#[test]
fn a_run_of_another_workspace_is_named_with_it() {
    let (mut world, mut model) = start("");
    world.press(&mut model, ":");
    world.type_text(&mut model, "cancel run curious/run7");
    world.press(&mut model, "enter");
    let Some(Overlay::Confirm(confirm)) = &model.overlay else { panic!("no question") };
    assert_eq!(confirm.act.question(&confirm.targets, model.scope.ws.as_deref()), "Kill curious/run7?");
    let shown = crate::tui::testing::dump(&model, &Theme::new(true, true));
    assert!(shown.contains(" curious/run7 "), "{shown}");
}

#[test]
fn what_is_done_to_others_leaves_the_marks() {
    let (mut world, mut model) = start("space space");
    assert_eq!(model.runs.marks.len(), 2);
    world.press(&mut model, ":");
    world.type_text(&mut model, "cancel run run40");
    world.press(&mut model, "enter y");
    assert_eq!(model.runs.marks.len(), 2);
    world.press(&mut model, "x y");
    assert!(model.runs.marks.is_empty());
}

#[test]
fn a_deleted_run_is_marked_no_longer_wherever_it_is() {
    let (mut world, mut model) = start("");
    model.runs.marks.insert(4_711, path(7, 0));
    let changes = Changes { stamp: 2, gone: vec![Gone::Run(path(7, 0))], ..Changes::default() };
    world.send(&mut model, Msg::Changed(changes));
    assert!(model.runs.marks.is_empty());
}
