//! Charts: what is asked for and when, and what keys do with them.
// Proves A8, C7 (charts, comparison), C1 (keys), S3 (only what is seen), S4 (no question that nobody needs).

use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::model::{Run, Status};
use crate::ops::plot::X;
use crate::store::Changes;
use crate::tui::app::compare::{Part, Row};
use crate::tui::app::effect::{Compared, List};
use crate::tui::app::message::Msg;
use crate::tui::app::update::update;
use crate::tui::app::{Effect, Model, Pane, Screen, Tab};
use crate::tui::testing::{World, at, draw, run};
use crate::tui::theme::Theme;

fn logged(model: &mut Model, run: Run) -> Vec<List> {
    let changes = Changes { runs: vec![run], ..Changes::default() };
    lists(update(model, Msg::Changed(changes)))
}

fn metrics(list: &List) -> Option<(bool, Vec<(String, u64)>)> {
    match list {
        List::Metrics { questions, overlaid, .. } => {
            Some((*overlaid, questions.iter().flat_map(|question| question.metrics.clone()).collect()))
        }
        _ => None,
    }
}

#[test]
fn a_run_that_trains_is_drawn_as_it_logs() {
    let (mut world, mut model) = start("5");
    let points = |model: &Model| model.board.chart().map(crate::tui::app::board::Panel::points);
    assert_eq!((model.detail.tab, points(&model)), (Tab::Metrics, Some(200)));
    world.points = 230;
    let asked = logged(&mut model, run(41, 3, 12, Status::Running));
    let wanted = ["loss", "acc", "epoch"].map(|name| (name.to_owned(), 200));
    assert_eq!(asked.iter().find_map(metrics), Some((false, wanted.to_vec())), "what is new, and no more");
    // Nobody answers: the screen asks nothing twice.
    assert_eq!(logged(&mut model, run(41, 3, 12, Status::Running)).iter().find_map(metrics), None);
    assert_eq!(points(&model), Some(200));
    let (mut world, mut model) = start("5");
    world.points = 230;
    world.send(
        &mut model,
        Msg::Changed(Changes { runs: vec![run(41, 3, 12, Status::Running)], ..Changes::default() }),
    );
    assert_eq!(points(&model), Some(230));
}

#[rstest]
#[case("")]
#[case("6")]
#[case("9")]
#[case("0")]
#[case("5 0")]
#[case("v esc")]
fn nobody_asks_for_metrics_that_are_not_seen(#[case] keys: &str) {
    let (_, mut model) = start(keys);
    assert_eq!(logged(&mut model, run(41, 3, 12, Status::Running)).iter().find_map(metrics), None);
}

#[test]
fn an_idle_screen_of_charts_does_not_wake() {
    for keys in ["G 5", "G v"] {
        let (mut world, mut model) = start(keys);
        world.runs.iter_mut().for_each(|(_, run)| run.status = Status::Completed);
        let ended: Vec<Run> = world.runs.iter().map(|(_, run)| run.clone()).collect();
        world.send(&mut model, Msg::Changed(Changes { runs: ended, ..Changes::default() }));
        let clock = |seconds| Msg::Clock { now: at(1), uptime: Duration::from_secs(seconds) };
        world.send(&mut model, clock(60));
        model.dirty = false;
        assert_eq!(lists(update(&mut model, clock(90))), []);
        assert_eq!((model.next_change(), model.dirty), (None, false), "{keys}");
    }
}

#[test]
fn keys_change_what_is_seen_and_step_back_again() {
    let (mut world, mut model) = start("5");
    world.press(&mut model, "~ ~ X down o enter left left");
    let board = &model.board;
    assert_eq!((board.look.smoothing, &board.look.x), (0.8, &X::Time));
    assert_eq!((board.selected(), board.is_log("acc"), board.large), (Some("acc"), true, true));
    let cursor = board.view.cursor.unwrap();
    world.press(&mut model, "+ )");
    assert!(model.board.view.x.unwrap().0 < cursor);
    world.press(&mut model, "f ` esc");
    assert_eq!((model.board.view.x, model.board.view.cursor, model.board.look.smoothing), (None, None, 0.5));
    assert!(model.board.large && model.focus == Pane::Detail);
    world.press(&mut model, "esc / a c enter esc");
    assert_eq!((model.board.large, model.board.count()), (false, (3, 3)));
    world.press(&mut model, ": x space a x i s space a c c enter");
    assert_eq!(model.board.look.x, X::Metric("acc".into()));
    world.press(&mut model, ": x space a x i s space n o n e enter");
    assert!(model.overlay.is_some(), "the line stays, and tells");
    world.press(&mut model, "esc esc");
    assert_eq!(model.focus, Pane::Runs);
}

#[test]
fn words_are_as_before_where_the_line_is_left() {
    let (mut world, mut model) = start("5");
    world.press(&mut model, "/ l o s s");
    assert_eq!(model.board.count(), (1, 3));
    world.press(&mut model, "esc");
    assert_eq!(model.board.count(), (3, 3));
}

#[test]
fn the_table_beside_the_charts_shows_the_metrics_that_are_found() {
    let (mut world, mut model) = start("v");
    let found = |model: &Model| {
        let is_metric = |row: &&Row| matches!(row, Row::Value { part: Part::Metrics, .. });
        model.compare.rows.iter().filter(is_metric).count()
    };
    assert_eq!(found(&model), 3);
    world.press(&mut model, "/ l o s s");
    assert_eq!(found(&model), 1);
    world.press(&mut model, "enter esc");
    assert_eq!(found(&model), 3);
}

#[test]
fn marked_runs_are_compared_and_else_those_of_the_job() {
    let (world, mut model) = start("space space v");
    assert_eq!((model.screen, model.compare.runs().len()), (Screen::Compare, 2));
    let asked = logged(&mut model, run(41, 3, 12, Status::Running));
    let (overlaid, wanted) = asked.iter().find_map(metrics).unwrap();
    assert!(overlaid && wanted.len() == 3 && wanted.iter().all(|(_, from)| *from == 200));
    assert!(logged(&mut model, run(30, 0, 8, Status::Completed)).iter().find_map(metrics).is_none());
    for keys in ["v", "2 v"] {
        let (_, model) = start(keys);
        let of_job = world.runs.iter().filter(|(_, run)| run.job_id.0 == 12).count();
        assert_eq!((model.screen, model.compare.runs().len()), (Screen::Compare, of_job), "{keys}");
    }
    let mut model = World::usual().model((120, 40));
    model.screen = Screen::Compare;
    model.compare.open(crate::tui::app::compare::Source::Runs(vec![3, 4]));
    let asked = lists(update(&mut model, Msg::Resize(120, 40)));
    assert!(
        asked
            .iter()
            .any(|list| matches!(list, List::Compare { of: Compared::Ids(ids), .. } if *ids == [3, 4]))
    );
}

#[test]
fn compared_runs_are_chosen_hidden_and_left() {
    let (mut world, mut model) = start("v ] space");
    assert!(model.compare.board.members()[1].hidden);
    let asked = logged(&mut model, run(41, 2, 12, Status::Running));
    assert!(asked.iter().find_map(metrics).is_none(), "what is hidden is not read");
    world.press(&mut model, "space tab right A z");
    assert!(model.compare.on_table && model.compare.all && model.compare.alone);
    assert_eq!(model.compare.member(), 2);
    world.press(&mut model, "esc tab left");
    assert!(model.compare.board.view.cursor.is_some());
    world.press(&mut model, "x r / l o s s enter");
    assert!(world.seen.is_empty(), "nothing is ended from here");
    world.press(&mut model, "esc esc esc");
    assert_eq!((model.screen, model.focus), (Screen::Main, Pane::Runs));
}

#[test]
fn charts_and_trends_are_read_for_what_is_seen() {
    let (_, model) = start("5 z");
    let (drawn, _) = draw(&model, &Theme::new(true, true));
    assert_eq!((drawn.charts_built, drawn.runs_built), (3, 0));
    let mut world = World::usual();
    world.runs = (1_i64..=2_000).map(|id| (id, run(id.unsigned_abs(), 0, 8, Status::Completed))).collect();
    let mut model = Model::new("local".into(), (120, 40)).on(Some("ws1".into()));
    let mut most = 0;
    let mut effects = update(&mut model, Msg::Clock { now: at(0), uptime: Duration::ZERO });
    while !effects.is_empty() {
        let trends = effects.iter().filter_map(|effect| match effect {
            Effect::List(List::Trends { wanted, .. }) => Some(wanted.len()),
            _ => None,
        });
        most = trends.fold(most, usize::max);
        let answers: Vec<Msg> = effects.drain(..).flat_map(|effect| world.answer(effect)).collect();
        effects = answers.into_iter().flat_map(|msg| update(&mut model, msg)).collect();
    }
    assert_eq!(most, model.runs_height(), "a curve a row, and not one more");
}
