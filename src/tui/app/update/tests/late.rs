//! Answers that come late: after a person went on, or something changed.
// Proves C1 (nothing that is late steals a key, a form or the place one is at; the screen is honest).

use std::collections::BTreeSet;

use super::*;
use crate::model::Status;
use crate::store::Changes;
use crate::tui::app::Tab;
use crate::tui::app::dialog::{Overlay, text_of};
use crate::tui::app::effect::{ListKind, Verb};
use crate::tui::app::log::LogLine;
use crate::tui::app::message::{Done, Msg};
use crate::tui::testing::{Lane, at, run};

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
