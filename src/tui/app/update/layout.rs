//! How the screen is divided: panes are made larger, hidden and shown again.

use super::super::layout::Pane;
use super::super::model::{Model, Severity};
use super::navigate;
use crate::tui::command::Command;

/// Makes the pane that has the keys larger, or smaller.
pub fn resize(model: &mut Model, by: i16) {
    let (areas, layout) = (model.areas(), model.layout);
    model.layout.resize(model.focus, by);
    if model.areas() == areas {
        // At the edge: more of the same would have to be undone key by key.
        model.layout = layout;
    }
    model.dirty = true;
}

/// Hides the pane that has the keys, and tells how it comes back.
pub fn hide(model: &mut Model) {
    let hidden = model.focus;
    let Some(next) = model.layout.hide(hidden) else {
        return model.tell(Severity::Warning, "this is the last pane: it stays");
    };
    navigate::focus(model, next);
    let back = if hidden == Pane::Detail { Command::Tab(model.detail.tab) } else { Command::Focus(hidden) };
    let ways: Vec<String> = [(back, "shows them again"), (Command::ShowPanes, "all panes")]
        .into_iter()
        .filter_map(|(command, does)| Some(format!("{} {does}", model.how(command)?)))
        .collect();
    let said = format!("hid {}: {}", hidden.name(), ways.join(", "));
    model.tell(Severity::Good, said.trim_end_matches(": "));
}

/// Shows all panes again.
pub fn show_all(model: &mut Model) {
    model.layout.show_all();
    model.dirty = true;
}

/// Gives the keys to the first of these panes that is shown.
pub fn towards(model: &mut Model, panes: &[Pane]) {
    if let Some(pane) = panes.iter().find(|pane| model.layout.shows(**pane)) {
        navigate::focus(model, *pane);
    }
}
