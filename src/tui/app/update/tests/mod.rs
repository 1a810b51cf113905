//! What keys and answers do.

mod acting;
mod charts;
mod costs;
mod forms;
mod happenings;
mod keys;
mod late;
mod layout;
mod lists;
mod load;
mod log;
mod over;
mod pictures;
mod steady;

use crate::model::{RunName, RunPath};
use crate::tui::app::Model;
use crate::tui::app::effect::{Effect, Generation, List, ListKind};
use crate::tui::testing::World;

/// The usual world after some keys.
fn start(keys: &str) -> (World, Model) {
    let mut world = World::usual();
    let mut model = world.model((120, 40));
    world.press(&mut model, keys);
    (world, model)
}

fn path(number: u64, child: u64) -> RunPath {
    RunPath::new("ws1", RunName { number, child })
}

fn selected(model: &Model) -> String {
    model.runs.selected().map(|run| run.run_name.to_string()).unwrap_or_default()
}

/// What was told last.
fn toast(model: &Model) -> &str {
    model.toasts.back().map_or("", |(notice, _)| notice.text.as_str())
}

/// The questions to the store among some effects.
fn lists(effects: Vec<Effect>) -> Vec<List> {
    let list = |effect| if let Effect::List(list) = effect { Some(list) } else { None };
    effects.into_iter().filter_map(list).collect()
}
