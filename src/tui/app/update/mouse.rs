//! The mouse: a click selects and gives the focus, the wheel scrolls what it is over.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::super::dialog::Overlay;
use super::super::layout::Pane;
use super::super::model::Model;
use super::super::screen::Screen;
use super::navigate;

/// Rows a turn of the wheel moves.
const WHEEL: isize = 3;

/// Takes in what the mouse did.
pub fn mouse(model: &mut Model, event: MouseEvent) {
    let by = match event.kind {
        MouseEventKind::ScrollUp => -WHEEL,
        MouseEventKind::ScrollDown => WHEEL,
        MouseEventKind::Down(MouseButton::Left) => 0,
        _ => return,
    };
    model.dirty = true;
    if let Some(overlay) = &mut model.overlay {
        scroll_overlay(overlay, by);
        return;
    }
    if model.screen == Screen::Nodes {
        return nodes(model, by, event.row);
    }
    let Some(pane) = model.areas().at(event.column, event.row) else {
        return;
    };
    if by == 0 {
        click(model, pane, event.row);
    } else {
        navigate::step(model, pane, by);
    }
}

/// On the screen of machines.
fn nodes(model: &mut Model, by: isize, row: u16) {
    let selected = model.nodes.cursor.row();
    let (list, _) = model.nodes.areas(model.body());
    // Below the border and the heading.
    let line = row.checked_sub(list.y + 2).map(usize::from);
    let row = match by {
        0 => line
            .filter(|line| *line < model.nodes.rows(model.body()))
            .map(|line| model.nodes.cursor.top() + line),
        by => Some(selected.saturating_add_signed(by.signum())),
    };
    if let Some(row) = row.filter(|row| *row < model.nodes.list.len()) {
        model.nodes.select(row);
    }
}

/// Scrolls a list that lies over the panes.
pub fn scroll_overlay(overlay: &mut Overlay, by: isize) {
    match overlay {
        Overlay::Help { scroll } | Overlay::Errors { scroll } | Overlay::Tasks { scroll } => {
            *scroll = scroll.saturating_add_signed(by);
        }
        Overlay::Confirm(confirm) => confirm.scroll = confirm.scroll.saturating_add_signed(by),
        Overlay::Rerun(_) | Overlay::Prompt(_) | Overlay::Sort(_) => {}
    }
}

fn click(model: &mut Model, pane: Pane, row: u16) {
    navigate::focus(model, pane);
    // The screen may be divided otherwise now that the focus has moved.
    let inner = model.areas().inner(pane);
    let Some(line) = row.checked_sub(inner.y).filter(|line| *line < inner.height).map(usize::from) else {
        return;
    };
    match pane {
        Pane::Workspaces if model.tree.cursor.top() + line < model.tree.rows.len() => {
            model.tree.select(model.tree.cursor.top() + line);
            navigate::scope_from_tree(model);
        }
        Pane::Jobs if model.jobs.cursor.top() + line < model.jobs.list.len() => {
            model.jobs.cursor.select(model.jobs.cursor.top() + line, &model.jobs.keys);
            navigate::scope_from_jobs(model);
        }
        Pane::Runs => {
            let heading = usize::from(inner.height) - model.runs_height();
            let row = line.checked_sub(heading).map(|line| model.runs.cursor.top() + line);
            if let Some(row) = row.filter(|row| *row < model.runs.len()) {
                model.runs.select(row);
            }
        }
        _ => {}
    }
}
