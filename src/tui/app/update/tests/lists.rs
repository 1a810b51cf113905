//! What is selected, filtered and narrowed, and what changes do to it.
// Proves C1 (selection, filters, honest screen).

use std::sync::Arc;

use super::*;
use crate::model::{Event, JobName, Scalar, Status};
use crate::ops::view::FileSummary;
use crate::store::{Changes, Gone};
use crate::tui::app::Pane;
use crate::tui::app::dialog::Overlay;
use crate::tui::app::message::Msg;
use crate::tui::app::model::Model;
use crate::tui::testing::{World, at, run};

#[test]
fn at_the_start_the_newest_active_run_is_selected_and_its_log_is_open() {
    let (_, model) = start("");
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

#[test]
fn the_filter_works_while_it_is_typed_and_escape_brings_the_list_back() {
    let (mut world, mut model) = start("");
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
    let (mut world, mut model) = start("/");
    world.type_text(&mut model, "lr<");
    assert!(matches!(&model.overlay, Some(Overlay::Prompt(prompt)) if prompt.problem.is_some()));
    world.press(&mut model, "enter");
    assert!(model.overlay.is_some(), "it is not accepted");
}

#[test]
fn jobs_and_experiments_narrow_the_runs_and_escape_widens_them() {
    let (mut world, mut model) = start("");
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
fn searching_a_log_goes_to_the_line_and_on() {
    let (mut world, mut model) = start("enter /");
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
fn a_metric_nobody_had_before_gets_a_column() {
    let (mut world, mut model) = start("");
    let mut changed = run(41, 3, 12, Status::Running);
    changed.metrics = [("bleu".to_owned(), Scalar::Int(7))].into_iter().collect();
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs: vec![changed], ..Changes::default() }));
    assert!(model.runs.columns.metrics.contains(&"bleu".to_owned()));
}

#[test]
fn a_deleted_run_leaves_the_list_and_the_marks() {
    let (mut world, mut model) = start("space");
    world.runs.retain(|(_, run)| run.path() != path(41, 3));
    let gone = Changes { stamp: 2, gone: vec![Gone::Run(path(41, 3))], ..Changes::default() };
    world.send(&mut model, Msg::Changed(gone));
    assert!(model.runs.marks.is_empty());
    assert_eq!(selected(&model), "run41.2");
}

#[test]
fn the_selected_row_of_a_tab_stays_selected_when_others_come_above_it() {
    for keys in ["6 down down down down", "7 down", "8 down"] {
        let (_, mut model) = start(keys);
        let before = (model.detail.cursor.row(), model.detail.selected().unwrap());
        let mut page = model.detail.page().unwrap().clone();
        page.page.files.insert(0, FileSummary { path: "after/a.txt".into(), size: 1 });
        page.events.insert(0, Event::at(at(-900), "noticed", []));
        page.page.run.hparams.shift_insert(0, "aa".into(), Scalar::Int(1));
        model.detail.take(Arc::new(page));
        assert_eq!(
            (model.detail.cursor.row(), model.detail.selected().unwrap()),
            (before.0 + 1, before.1),
            "{keys}"
        );
    }
}
