//! The load of runs and machines: what is asked for, and when.
// Proves C7, C1 (live while it runs, read once when it has ended), S4 (no question that nobody needs).

use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::model::Status;
use crate::model::node::Heartbeat;
use crate::store::Changes;
use crate::tui::app::effect::List;
use crate::tui::app::message::Msg;
use crate::tui::app::update::update;
use crate::tui::app::{Effect, Model, Pane, Screen, Tab};
use crate::tui::testing::{at, run};

/// What a sign of life makes the screen ask for.
fn asked_at_a_beat(model: &mut Model) -> Vec<List> {
    let beat = Heartbeat { time: at(1), ..Heartbeat::default() };
    asked(update(model, Msg::Heartbeats(vec![beat])))
}

/// The questions but those for the curves in the table, which are another matter.
fn asked(effects: Vec<Effect>) -> Vec<List> {
    lists(effects).into_iter().filter(|list| !matches!(list, List::Trends { .. })).collect()
}

#[test]
fn the_load_of_a_running_run_is_read_on_with_each_sign_of_life() {
    let (_, mut model) = start("9");
    assert_eq!((model.detail.tab, model.focus), (Tab::Node, Pane::Detail));
    let shown = model.detail.load.curves().unwrap().clone();
    assert_eq!(model.detail.rows.len(), shown.list.len());
    let asked = asked_at_a_beat(&mut model);
    let [List::Load { run, known, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((run.run.to_string().as_str(), &**known), ("run41.3", &shown));
}

#[test]
fn the_load_of_a_run_that_has_ended_is_read_once_and_at_its_end() {
    let (mut world, mut model) = start("G 9");
    assert_eq!(model.runs.selected().unwrap().status, Status::Completed);
    assert_eq!(asked_at_a_beat(&mut model), []);
    let ended = (**model.runs.selected().unwrap()).clone();
    let changes = Changes { runs: vec![ended], ..Changes::default() };
    let asked = asked(update(&mut model, Msg::Changed(changes)));
    assert!(matches!(asked.as_slice(), [List::Load { .. }]), "{asked:?}");
    world.press(&mut model, "up");
    assert_eq!(asked_at_a_beat(&mut model), []);
}

#[rstest]
#[case("")]
#[case("4")]
#[case("5")]
#[case("0 esc")]
fn nobody_asks_for_what_is_not_seen(#[case] keys: &str) {
    let (_, mut model) = start(keys);
    assert_eq!(asked_at_a_beat(&mut model), []);
}

#[test]
fn the_machines_are_read_with_each_sign_of_life_and_now_and_then() {
    let (mut world, mut model) = start("0 down");
    assert_eq!(model.nodes.selected().unwrap().name, "vm11");
    let questions = asked_at_a_beat(&mut model);
    assert!(matches!(questions.as_slice(), [List::Nodes(_)]));
    assert_eq!(asked_at_a_beat(&mut model), [], "one question at a time");
    let questions = questions.into_iter().flat_map(|list| world.answer(Effect::List(list)));
    let again: Vec<List> = questions.flat_map(|msg| asked(update(&mut model, msg))).collect();
    assert!(matches!(again.as_slice(), [List::Nodes(_)]), "the second sign of life is not forgotten");
    for msg in again.into_iter().flat_map(|list| world.answer(Effect::List(list))) {
        update(&mut model, msg);
    }
    let clock = |seconds| Msg::Clock { now: at(1), uptime: Duration::from_secs(seconds) };
    assert_eq!(asked(update(&mut model, clock(2))), []);
    assert!(matches!(asked(update(&mut model, clock(30))).as_slice(), [List::Nodes(_)]));
    let next = model.next_change().unwrap();
    assert!(next > Duration::from_secs(30), "it waits for the answer: {next:?}");
    world.runs.iter_mut().for_each(|(_, run)| run.status = Status::Completed);
    model.nodes.list.iter_mut().for_each(|node| {
        node.contact = crate::ops::nodes::Contact::Idle;
        node.runs.clear();
    });
    assert_eq!(model.next_change(), None, "nothing is active: no wake-up");
}

#[rstest]
#[case("esc", Screen::Main, Pane::Runs, "", false)]
#[case("1", Screen::Main, Pane::Workspaces, "", false)]
#[case("9", Screen::Main, Pane::Detail, "", false)]
#[case("L", Screen::Main, Pane::Detail, "", true)]
#[case("enter", Screen::Main, Pane::Runs, "box_name=\"vm10\"", false)]
#[case("x", Screen::Nodes, Pane::Runs, "", false)]
#[case("r", Screen::Nodes, Pane::Runs, "", false)]
#[case("/", Screen::Nodes, Pane::Runs, "", false)]
fn ways_from_the_machines(
    #[case] key: &str,
    #[case] screen: Screen,
    #[case] focus: Pane,
    #[case] filter: &str,
    #[case] log: bool,
) {
    let (mut world, mut model) = start("0");
    world.press(&mut model, key);
    assert_eq!((model.screen, model.focus, model.controller_log), (screen, focus, log));
    assert_eq!(model.filter.text, filter);
    assert!(model.overlay.is_none() && world.seen.is_empty());
    if !filter.is_empty() {
        assert!(model.filter.filter.is_some() && model.runs.len() < world.runs.len());
    }
}

#[test]
fn a_machine_is_found_by_words() {
    let (mut world, mut model) = start(": n o d e s enter");
    assert_eq!(model.screen, Screen::Nodes);
    world.press(&mut model, "y");
    assert!(world.seen.iter().any(|effect| format!("{effect:?}").contains("vm10")));
    let one = run(90, 0, 90, Status::Running);
    let moved = update(&mut model, Msg::Changed(Changes { runs: vec![one], ..Changes::default() }));
    assert!(lists(moved).iter().any(|list| matches!(list, List::Nodes(_))));
}
