//! What is asked, drawn and awaited, and what is not.
// Proves C1 (nothing blocks), S3 (rows built are rows seen), S4 (an idle screen does nothing).

use rstest::rstest;

use super::*;
use crate::model::Status;
use crate::store::{Changes, RunKey};
use crate::tui::app::effect::{List, ListKind};
use crate::tui::app::message::{Done, ListAnswer, ListData, LogEvent, Msg, Saved};
use crate::tui::app::model::Severity;
use crate::tui::app::runs::Counts;
use crate::tui::app::update::update;
use crate::tui::app::{Effect, Generation, TaskId};
use crate::tui::testing::{Lane, at, draw, run};
use crate::tui::theme::Theme;

#[test]
fn stale_answers_are_dropped() {
    let (mut world, mut model) = start("");
    let before = model.runs.len();
    let answer = ListAnswer {
        generation: Generation(0),
        kind: ListKind::Index,
        result: Ok(ListData::Index { keys: Vec::new(), counts: Counts::default() }),
    };
    world.send(&mut model, Msg::List(answer));
    let event = LogEvent::Failed("old".into());
    world.send(&mut model, Msg::Log { generation: Generation(0), event });
    world.send(&mut model, Msg::Task { task: TaskId(77), result: Ok(Done::Said("old".into())) });
    assert_eq!((model.runs.len(), model.toasts.len()), (before, 0));
}

#[test]
fn what_came_of_saving_a_log_is_told_though_another_is_open() {
    let (mut world, mut model) = start("");
    let mut told = |saved| {
        let event = LogEvent::Saved(saved);
        world.send(&mut model, Msg::Log { generation: Generation(0), event });
        model.toasts.back().unwrap().0.text.clone()
    };
    assert_eq!(told(Saved::Done("/home/me/a.log".into())), "saved /home/me/a.log");
    let text = told(Saved::Exists("/home/me/a.log".into()));
    assert_eq!(text, "there is /home/me/a.log already: the log that was open is not saved");
    assert!(model.questions.is_empty(), "nothing could be answered");
}

#[test]
fn a_failing_list_is_told_and_the_rest_goes_on() {
    let (mut world, mut model) = start("");
    let answer = ListAnswer {
        generation: model.generations.index,
        kind: ListKind::Index,
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
    let (_, mut model) = start("");
    let seen = run(41, 3, 12, Status::Running);
    let changes = Changes { stamp: 2, runs: vec![seen], ..Changes::default() };
    let path = changes.runs[0].path();
    let asked = update(&mut model, Msg::Changed(changes));
    let [Effect::List(List::Trends { wanted, .. })] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(
        wanted.iter().map(|(run, metric, _)| (run, metric.as_str())).collect::<Vec<_>>(),
        [(&path, "loss")]
    );
}

#[test]
fn the_rows_built_are_the_rows_seen_whatever_the_number_of_runs() {
    let mut costs = Vec::new();
    for number in [1_000, 100_000] {
        let (mut world, mut model) = start("");
        let keys = (0..number).map(|id| RunKey { id, status: Status::Completed }).collect();
        let answer = ListAnswer {
            generation: model.generations.index,
            kind: ListKind::Index,
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
    let (mut world, mut model) = start("");
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
    let (mut world, mut model) = start("");
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
    let (mut world, mut model) = start(keys);
    for size in [(0, 0), (1, 1), (1, 3), (3, 1), (7, 4), (20, 6), (500, 2)] {
        world.send(&mut model, Msg::Resize(size.0, size.1));
        let _ = draw(&model, &Theme::new(true, true));
    }
}

#[test]
fn a_duration_in_hours_is_drawn_anew_when_it_is_another() {
    let (mut world, mut model) = start("");
    for (_, run) in &mut world.runs {
        run.start_time = run.start_time.map(|_| at(-2 * 3600 - 10));
    }
    let runs = world.runs.iter().map(|(_, run)| run.clone()).collect();
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs, ..Changes::default() }));
    assert_eq!(model.next_change(), Some(std::time::Duration::from_secs(51)), "2h00m10s is shown as 2h00m");
    world.press(&mut model, "8");
    assert_eq!(model.detail.tab, crate::tui::app::Tab::Events);
    assert_eq!(model.next_change(), Some(std::time::Duration::from_secs(2)), "its last event was 2m10s ago");
}

#[test]
fn what_changes_elsewhere_and_stands_where_it_stood_is_not_read_again() {
    let (mut world, mut model) = start("");
    let mut far = run(7, 0, 3, Status::Running);
    world.late = true;
    let mut asked = |run: &crate::model::Run| {
        let changes = Changes { stamp: 2, runs: vec![run.clone()], ..Changes::default() };
        world.send(&mut model, Msg::Changed(changes));
        let lists = [ListKind::Tree, ListKind::Index].map(Lane::List);
        let asked = world.lanes().iter().filter(|lane| lists.contains(lane)).count();
        world.catch_up(&mut model);
        asked
    };
    assert_eq!(asked(&far), 2, "it is new");
    assert_eq!(asked(&far), 0, "it has only logged something");
    far.status = Status::Completed;
    assert_eq!(asked(&far), 2);
}

#[test]
fn curves_that_have_no_room_are_not_read() {
    let mut world = World::usual();
    world.late = true;
    let mut model = world.model((80, 24));
    let start = model.generations.trends;
    world.catch_up(&mut model);
    assert_eq!(model.generations.trends, start);
    world.send(&mut model, Msg::Resize(160, 24));
    assert!(world.lanes().contains(&Lane::List(ListKind::Trends)));
    world.catch_up(&mut model);
    let wide = model.generations.trends;
    world.send(&mut model, Msg::Resize(80, 24));
    let runs = world.runs.iter().map(|(_, run)| run.clone()).collect();
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs, ..Changes::default() }));
    world.catch_up(&mut model);
    assert_eq!(model.generations.trends, wide);
}
