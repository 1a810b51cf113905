//! What keys and answers do.
// Proves C1 (keys, confirmation, nothing blocks, honest screen), B30 (kill), S3, S7.

use proptest::prelude::*;
use rstest::rstest;

use super::super::dialog::{Overlay, PromptKind};
use super::super::effect::{List, Target, TerminalRequest, Verb};
use super::super::message::{Done, ListAnswer, ListData, LogEvent, Msg};
use super::super::model::{Model, Severity, TaskState};
use super::super::runs::Counts;
use super::super::{Effect, Pane, TaskId};
use crate::model::{JobName, RunName, RunPath, Status};
use crate::ops::rerun;
use crate::store::{Changes, Gone, RunKey};
use crate::tui::keymap::Keymap;
use crate::tui::testing::{World, at, draw, run};
use crate::tui::theme::Theme;

fn start() -> (World, Model) {
    let mut world = World::usual();
    let model = world.model((120, 40));
    (world, model)
}

fn path(number: u64, child: u64) -> RunPath {
    RunPath::new("ws1", RunName { number, child })
}

fn selected(model: &Model) -> String {
    model.runs.selected().map(|run| run.run_name.to_string()).unwrap_or_default()
}

#[test]
fn at_the_start_the_newest_active_run_is_selected_and_its_log_is_open() {
    let (_, model) = start();
    assert_eq!((selected(&model).as_str(), model.focus), ("run41.3", Pane::Runs));
    assert!(model.log.is_of(&path(41, 3)) && model.log.follows());
    assert_eq!(model.scope.ws.as_deref(), Some("ws1"));
}

#[test]
fn a_workspace_can_be_asked_for() {
    let mut world = World::usual();
    let mut model = Model::new("local".into(), (120, 40)).on(Some("curious".into()));
    world.send(&mut model, Msg::Clock { now: at(0), uptime: std::time::Duration::ZERO });
    assert_eq!(model.scope.ws.as_deref(), Some("curious"));
    assert_eq!(model.tree.selected(), Some(("curious", None)));
    assert!(model.runs.is_empty());
}

#[rstest]
#[case("x y", vec![Target::Run(path(41, 3))])]
#[case("x Y", vec![Target::Run(path(41, 3))])]
#[case("down x y", vec![Target::Run(path(41, 2))])]
#[case("space space x y", vec![Target::Run(path(41, 3)), Target::Run(path(41, 2))])]
#[case("2 x y", vec![Target::Job(JobName(12))])]
#[case("enter x y", vec![Target::Run(path(41, 3))])]
fn kill_acts_on_exactly_what_the_question_named(#[case] keys: &str, #[case] targets: Vec<Target>) {
    let (mut world, mut model) = start();
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
    let (mut world, mut model) = start();
    world.press(&mut model, keys);
    assert!(world.seen.is_empty() && model.overlay.is_none() && !model.quit);
}

#[test]
fn a_change_of_the_list_does_not_change_the_frozen_set() {
    let (mut world, mut model) = start();
    world.press(&mut model, "x");
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
    let (mut world, mut model) = start();
    world.press(&mut model, "x y");
    assert_eq!(model.runs.pending.get(&path(41, 3)), Some(&"cancelling"));
    assert_eq!(model.running_tasks(), 1);
    let task = model.tasks[0].id;
    world.send(&mut model, Msg::Task { task, result: Err("the controller does not answer".into()) });
    assert!(model.runs.pending.is_empty());
    assert!(matches!(model.tasks[0].state, TaskState::Failed(_)));
    assert_eq!(model.notices[0].severity, Severity::Error);
}

#[test]
fn a_run_that_has_ended_is_not_killed() {
    let (mut world, mut model) = start();
    world.press(&mut model, "G x");
    assert!(model.overlay.is_none() && world.seen.is_empty());
    assert!(model.toasts.back().unwrap().0.text.contains("ended already"));
}

#[test]
fn rerun_asks_with_the_arguments_filled_in_and_sends_what_changed() {
    let (mut world, mut model) = start();
    world.press(&mut model, "r");
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

#[test]
fn the_filter_works_while_it_is_typed_and_escape_brings_the_list_back() {
    let (mut world, mut model) = start();
    let all = model.runs.len();
    world.press(&mut model, "/");
    world.type_text(&mut model, "error");
    assert_eq!((model.runs.len(), model.runs.counts.total), (1, all));
    world.press(&mut model, "esc");
    assert_eq!(model.runs.len(), all);
    world.press(&mut model, "/");
    world.type_text(&mut model, "status=running");
    world.press(&mut model, "enter");
    assert_eq!((model.runs.len(), model.overlay.is_none()), (3, true));
    world.press(&mut model, "esc");
    assert_eq!((model.runs.len(), model.filter.text.as_str()), (all, ""));
}

#[test]
fn a_broken_condition_is_told_and_the_last_good_one_stays() {
    let (mut world, mut model) = start();
    world.press(&mut model, "/");
    world.type_text(&mut model, "lr<");
    assert!(matches!(&model.overlay, Some(Overlay::Prompt(prompt)) if prompt.problem.is_some()));
    world.press(&mut model, "enter");
    assert!(model.overlay.is_some(), "it is not accepted");
}

#[test]
fn jobs_and_experiments_narrow_the_runs_and_escape_widens_them() {
    let (mut world, mut model) = start();
    let all = model.runs.len();
    world.press(&mut model, "2 down");
    assert_eq!((model.scope.job, model.runs.len()), (Some(JobName(12)), 6));
    world.press(&mut model, "down enter");
    assert_eq!((model.scope.job, model.runs.len(), model.focus), (Some(JobName(11)), 1, Pane::Runs));
    world.press(&mut model, "esc");
    assert_eq!((model.scope.job, model.runs.len()), (None, all));
    world.press(&mut model, "1 down");
    assert_eq!(model.scope.experiment.as_deref(), Some("exper1"));
    assert!(model.runs.len() < all);
    world.press(&mut model, "enter esc");
    assert_eq!((model.scope.experiment.as_deref(), model.runs.len()), (None, all));
}

#[test]
fn commands_can_be_typed() {
    let (mut world, mut model) = start();
    world.press(&mut model, ":");
    world.type_text(&mut model, "cancel run run40");
    world.press(&mut model, "enter");
    assert!(matches!(&model.overlay, Some(Overlay::Confirm(c)) if c.targets == [Target::Run(path(40, 0))]));
    world.press(&mut model, "n :");
    world.type_text(&mut model, "gotx jobs");
    world.press(&mut model, "enter");
    let Some(Overlay::Prompt(prompt)) = &model.overlay else { panic!("it is gone") };
    assert_eq!((prompt.kind, prompt.problem.is_some()), (PromptKind::Command, true));
    world.press(&mut model, "esc :");
    world.type_text(&mut model, "sort loss");
    world.press(&mut model, "enter");
    assert_eq!(model.sort.as_ref().unwrap().field, "metrics.loss");
    world.press(&mut model, ":");
    world.type_text(&mut model, "qui");
    world.press(&mut model, "enter");
    assert!(model.quit);
}

#[rstest]
#[case("a", Effect::Terminal(TerminalRequest::Attach(path(41, 3))))]
#[case("y", Effect::Terminal(TerminalRequest::Copy("run41.3".into())))]
#[case("1 c", Effect::Terminal(TerminalRequest::Copy("ws1".into())))]
#[case("ctrl-z", Effect::Terminal(TerminalRequest::Suspend))]
#[case("ctrl-l", Effect::Terminal(TerminalRequest::Redraw))]
fn what_goes_to_the_terminal(#[case] keys: &str, #[case] effect: Effect) {
    let (mut world, mut model) = start();
    world.press(&mut model, keys);
    assert_eq!(world.seen, [effect]);
}

#[test]
fn attaching_to_a_run_without_a_terminal_shows_its_console_on_the_whole_screen() {
    let (mut world, mut model) = start();
    model.jobs.list[0].launch.tty = false;
    world.press(&mut model, "enter up up 3 a");
    assert!(world.seen.is_empty() && model.layout.zoom && model.log.follows());
    assert_eq!(model.focus, Pane::Detail);
    world.press(&mut model, "esc esc");
    assert_eq!((model.layout.zoom, model.focus), (false, Pane::Runs));
}

fn keymap(text: &str) -> Msg {
    let loaded = Box::new(crate::tui::keymap::Loaded::of_text(text, std::path::Path::new("keymap.toml")));
    Msg::Keymap { loaded, again: true }
}

#[test]
fn a_keymap_is_taken_while_xt_runs_and_a_broken_one_is_told_and_left() {
    let (mut world, mut model) = start();
    world.send(&mut model, keymap("[global]\n'f5' = 'quit'\n'q' = 'help'"));
    world.press(&mut model, "q");
    assert!(matches!(model.overlay, Some(Overlay::Help { .. })));
    world.press(&mut model, "q");
    assert!(model.overlay.is_none(), "the key that opened it closes it");
    world.send(&mut model, keymap("[global]\n'q' = 'kwit'"));
    assert!(
        model.notices.iter().any(|notice| notice.text.contains("keymap.toml:2:7")),
        "{:?}",
        model.notices
    );
    world.press(&mut model, "f5");
    assert!(model.quit, "the last good one is in force");
}

#[rstest]
#[case("x")]
#[case("cancel run run41.3")]
#[case("cancel run job12")]
fn no_key_skips_the_question(#[case] line: &str) {
    let (mut world, mut model) = start();
    let line = if line == "x" { "cancel run" } else { line };
    world.send(&mut model, keymap(&format!("[global]\n'y' = '{line}'\n'enter' = '{line}'")));
    world.press(&mut model, "enter");
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))));
    world.press(&mut model, "enter");
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))), "its own key is no answer");
    assert!(
        !world.seen.iter().any(|effect| matches!(effect, Effect::Control { verb: Verb::Cancel { .. }, .. }))
    );
}

#[test]
fn a_sequence_waits_for_its_next_key_and_escape_leaves_it() {
    let (mut world, mut model) = start();
    world.press(&mut model, "g");
    assert_eq!(model.pressed.len(), 1);
    world.press(&mut model, "j");
    assert_eq!((model.focus, model.pressed.len()), (Pane::Jobs, 0));
    world.press(&mut model, "g esc");
    assert_eq!((model.focus, model.pressed.len()), (Pane::Jobs, 0), "esc is no step back here");
    world.press(&mut model, "g q");
    assert!(!model.quit && model.pressed.is_empty(), "a key that leads nowhere does nothing");
}

#[test]
fn who_may_only_look_changes_nothing() {
    let (mut world, mut model) = start();
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
fn searching_a_log_goes_to_the_line_and_on() {
    let (mut world, mut model) = start();
    world.press(&mut model, "enter /");
    world.type_text(&mut model, "epoch  7");
    world.press(&mut model, "enter");
    let hit = model.log.current.unwrap();
    let (width, height) = model.log_size();
    let (first, _) = model.log.first_seen(width, height);
    let seen: Vec<String> =
        model.log.lines.iter().skip(first).take(height).map(|line| line.text.text()).collect();
    assert!(seen.iter().any(|text| text.starts_with("epoch  7")), "{seen:?}");
    world.press(&mut model, "n");
    assert_eq!(model.log.current, Some(hit), "there is no other");
    assert!(model.toasts.back().unwrap().0.text.contains("not found"));
}

#[test]
fn stale_answers_are_dropped() {
    let (mut world, mut model) = start();
    let before = model.runs.len();
    let answer = ListAnswer {
        generation: super::super::Generation(0),
        kind: super::super::effect::ListKind::Index,
        result: Ok(ListData::Index { keys: Vec::new(), counts: Counts::default() }),
    };
    world.send(&mut model, Msg::List(answer));
    let event = LogEvent::Failed("old".into());
    world.send(&mut model, Msg::Log { generation: super::super::Generation(0), event });
    world.send(&mut model, Msg::Task { task: TaskId(77), result: Ok(Done::Said("old".into())) });
    assert_eq!((model.runs.len(), model.toasts.len()), (before, 0));
}

#[test]
fn a_failing_list_is_told_and_the_rest_goes_on() {
    let (mut world, mut model) = start();
    let answer = ListAnswer {
        generation: model.generations.index,
        kind: super::super::effect::ListKind::Index,
        result: Err("the store is damaged\n\x1b[2J".into()),
    };
    world.send(&mut model, Msg::List(answer));
    let text = &model.toasts.back().unwrap().0.text;
    assert!(text.contains("damaged") && !text.contains(['\n', '\x1b']), "{text:?}");
    world.press(&mut model, "down");
    assert_eq!(selected(&model), "run41.2");
}

#[test]
fn metrics_of_a_seen_run_ask_for_its_curve_alone() {
    let (_, mut model) = start();
    let seen = run(41, 3, 12, Status::Running);
    let changes = Changes { stamp: 2, runs: vec![seen], ..Changes::default() };
    let path = changes.runs[0].path();
    let asked = super::update(&mut model, Msg::Changed(changes));
    let [Effect::List(List::Trends { wanted, .. })] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(
        wanted.iter().map(|(run, metric, _)| (run, metric.as_str())).collect::<Vec<_>>(),
        [(&path, "loss")]
    );
}

#[test]
fn a_metric_nobody_had_before_gets_a_column() {
    let (mut world, mut model) = start();
    let mut changed = run(41, 3, 12, Status::Running);
    changed.metrics = [("bleu".to_owned(), crate::model::Scalar::Int(7))].into_iter().collect();
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs: vec![changed], ..Changes::default() }));
    assert!(model.runs.columns.metrics.contains(&"bleu".to_owned()));
}

#[test]
fn a_deleted_run_leaves_the_list_and_the_marks() {
    let (mut world, mut model) = start();
    world.press(&mut model, "space");
    world.runs.retain(|(_, run)| run.path() != path(41, 3));
    let gone = Changes { stamp: 2, gone: vec![Gone::Run(path(41, 3))], ..Changes::default() };
    world.send(&mut model, Msg::Changed(gone));
    assert!(model.runs.marks.is_empty());
    assert_eq!(selected(&model), "run41.2");
}

#[test]
fn the_rows_built_are_the_rows_seen_whatever_the_number_of_runs() {
    let mut costs = Vec::new();
    for number in [1_000, 100_000] {
        let (mut world, mut model) = start();
        let keys = (0..number).map(|id| RunKey { id, status: Status::Completed }).collect();
        let answer = ListAnswer {
            generation: model.generations.index,
            kind: super::super::effect::ListKind::Index,
            result: Ok(ListData::Index { keys, counts: Counts::default() }),
        };
        world.send(&mut model, Msg::List(answer));
        let (cost, _) = draw(&model, &Theme::new(true, true));
        assert_eq!(cost.runs_built, model.runs_height());
        costs.push(cost);
    }
    assert_eq!(costs[0], costs[1]);
}

#[test]
fn nothing_is_drawn_or_awaited_when_nothing_happens() {
    let (mut world, mut model) = start();
    world.runs.iter_mut().for_each(|(_, run)| run.status = Status::Completed);
    let runs = world.runs.iter().map(|(_, run)| run.clone()).collect();
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs, ..Changes::default() }));
    model.dirty = false;
    assert_eq!(model.next_change(), None, "no active run, no toast: no wake-up");
    world.send(&mut model, Msg::Clock { now: at(60), uptime: std::time::Duration::from_mins(1) });
    assert!(!model.dirty);
}

#[test]
fn durations_of_active_runs_grow_once_a_second_and_toasts_go() {
    let (mut world, mut model) = start();
    model.tell(Severity::Good, "done");
    model.dirty = false;
    let uptime = model.next_change().unwrap();
    assert_eq!(uptime.as_secs(), 2);
    world.send(&mut model, Msg::Clock { now: at(1), uptime });
    assert!(model.dirty && model.toasts.len() == 1);
    world.send(&mut model, Msg::Clock { now: at(9), uptime: std::time::Duration::from_secs(9) });
    assert!(model.toasts.is_empty());
}

#[rstest]
#[case("r")]
#[case("x")]
#[case(":")]
#[case("/ x")]
#[case("S")]
#[case("?")]
#[case("T")]
#[case("!")]
#[case("4 z")]
fn the_smallest_screens_are_drawn(#[case] keys: &str) {
    let (mut world, mut model) = start();
    world.press(&mut model, keys);
    for size in [(0, 0), (1, 1), (1, 3), (3, 1), (7, 4), (20, 6), (500, 2)] {
        world.send(&mut model, Msg::Resize(size.0, size.1));
        let _ = draw(&model, &Theme::new(true, true));
    }
}

// Proves C11.
#[test]
fn the_end_of_what_is_watched_is_told_once() {
    let (mut world, mut model) = start();
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

/// Anything that can happen.
#[derive(Clone, Debug)]
enum Happening {
    Key(String),
    Text(String),
    Resize(u16, u16),
    Mouse(u16, u16, u8),
    Change(usize, usize),
    Delete(usize),
    Insert(u64),
    Grow(String),
}

fn happening() -> impl Strategy<Value = Happening> {
    let keys: Vec<String> =
        Keymap::default().sequences().map(ToString::to_string).chain(["y", "n"].map(str::to_owned)).collect();
    prop_oneof![
        8 => prop::sample::select(keys).prop_map(Happening::Key),
        1 => "[ -~é漢🚀]{0,6}".prop_map(Happening::Text),
        2 => (0u16..140, 0u16..50).prop_map(|(w, h)| Happening::Resize(w, h)),
        2 => (0u16..140, 0u16..50, 0u8..4).prop_map(|(x, y, kind)| Happening::Mouse(x, y, kind)),
        2 => (0usize..30, 0usize..11).prop_map(|(at, status)| Happening::Change(at, status)),
        1 => (0usize..30).prop_map(Happening::Delete),
        1 => (42u64..90).prop_map(Happening::Insert),
        1 => ".{0,40}\n?".prop_map(Happening::Grow),
    ]
}

fn happen(world: &mut World, model: &mut Model, happening: &Happening) {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut changes = Changes { stamp: 2, ..Changes::default() };
    match happening {
        Happening::Key(key) => return world.press(model, key),
        Happening::Text(text) => return world.send(model, Msg::Paste(text.clone())),
        Happening::Resize(width, height) => return world.send(model, Msg::Resize(*width, *height)),
        Happening::Mouse(column, row, kind) => {
            let kind = match kind {
                0 => MouseEventKind::ScrollDown,
                1 => MouseEventKind::Drag(MouseButton::Left),
                2 => MouseEventKind::Up(MouseButton::Left),
                _ => MouseEventKind::Down(MouseButton::Left),
            };
            let event = MouseEvent { kind, column: *column, row: *row, modifiers: KeyModifiers::NONE };
            return world.send(model, Msg::Mouse(event));
        }
        Happening::Change(at, status) => {
            let at = at % world.runs.len().max(1);
            if let Some((_, run)) = world.runs.get_mut(at) {
                run.status = Status::ALL[*status];
                changes.runs.push(run.clone());
            }
        }
        Happening::Delete(at) => {
            if world.runs.len() > 1 {
                let (_, run) = world.runs.remove(at % world.runs.len());
                changes.gone.push(Gone::Run(run.path()));
            }
        }
        Happening::Insert(number) => {
            let new = run(*number, 0, 12, Status::Running);
            let id = i64::try_from(1_000 + number).unwrap();
            if !world.runs.iter().any(|(key, _)| *key == id) {
                world.runs.push((id, new.clone()));
                world.runs.sort_by_key(|(_, run)| std::cmp::Reverse(run.run_num));
                changes.runs.push(new);
            }
        }
        Happening::Grow(text) => {
            return world.grow(model, text);
        }
    }
    world.send(model, Msg::Changed(changes));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_nothing_panics(happenings in prop::collection::vec(happening(), 1..60)) {
        let (mut world, mut model) = start();
        for (at, one) in happenings.iter().enumerate() {
            happen(&mut world, &mut model, one);
            if at % 4 == 0 {
                let (cost, _) = draw(&model, &Theme::new(true, true));
                prop_assert!(cost.runs_built <= model.runs_height());
            }
        }
    }

    #[test]
    fn changes_never_move_the_cursor_to_another_run(
        happenings in prop::collection::vec(
            happening().prop_filter("a change", |h| {
                matches!(h, Happening::Change(..) | Happening::Delete(_) | Happening::Insert(_))
            }),
            1..60,
        ),
    ) {
        let (mut world, mut model) = start();
        world.press(&mut model, "down down");
        for one in &happenings {
            let before = model.runs.selected().unwrap().path();
            happen(&mut world, &mut model, one);
            let exists = world.runs.iter().any(|(_, run)| run.path() == before);
            prop_assert!(!exists || model.runs.selected().unwrap().path() == before);
            let (_, buffer) = draw(&model, &Theme::new(true, true));
            prop_assert_eq!(buffer.area.width, 120);
        }
    }
}
