//! After every message: what the screen needs and has not asked for yet becomes effects.

use std::time::Duration;

use super::super::detail;
use super::super::dialog::Overlay;
use super::super::effect::{Effect, List};
use super::super::layout::Pane;
use super::super::model::Model;
use super::super::screen::Screen;
use super::super::tab::Tab;
use super::{charts, log, show};

/// How long a question that came up by itself takes no key: a person needs as long to see that there is one.
const UNREAD: Duration = Duration::from_millis(700);

/// Asks for what is missing.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    ask(model);
    lists(model, effects);
    scroll(model);
    let height = model.runs_height();
    model.runs.settle_columns(height);
    let missing = model.runs.missing(height);
    if !missing.is_empty() {
        let generation = model.generations.next();
        model.generations.rows = generation;
        effects.push(Effect::List(List::Rows { generation, ids: missing }));
    }
    about(model, effects);
    page(model, effects);
    picture(model, effects);
    load(model, effects);
    charts::settle(model, effects);
    nodes(model, effects);
    log::settle(model, effects);
    preview(model, effects);
}

/// Shows the next question that came up by itself, where it takes no key from what is open.
fn ask(model: &mut Model) {
    if model.overlay.is_none()
        && let Some(question) = model.questions.pop_front()
    {
        model.unread_until = model.uptime + UNREAD;
        show(model, question);
    }
}

/// Asks what the command that is being typed would end.
fn preview(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Prompt(prompt)) = &mut model.overlay else { return };
    let preview = &mut prompt.preview;
    if preview.generation.is_none() && !preview.targets.is_empty() {
        let generation = model.generations.next();
        model.generations.preview = generation;
        preview.generation = Some(generation);
        effects.push(Effect::List(List::Preview { generation, targets: preview.targets.clone() }));
    }
}

fn lists(model: &mut Model, effects: &mut Vec<Effect>) {
    let rows = usize::from(model.areas().inner(Pane::Jobs).height);
    model.stale.jobs |= model.jobs.wants_more(rows);
    if model.under_way.tree.ask(&mut model.stale.tree, ()) {
        model.generations.tree = model.generations.next();
        effects.push(Effect::List(List::Tree(model.generations.tree)));
    }
    let Some(ws) = model.scope.ws.clone() else {
        return;
    };
    // One more tells whether there are more.
    let limit = model.jobs.limit() + 1;
    if model.under_way.jobs.ask(&mut model.stale.jobs, (ws.clone(), limit)) {
        model.jobs.begin();
        model.generations.jobs = model.generations.next();
        effects.push(Effect::List(List::Jobs { generation: model.generations.jobs, ws, limit }));
    }
    if model.stale.index {
        let query = model.query();
        let all = query.filter.is_some().then(|| model.scope_query());
        if model.under_way.index.ask(&mut model.stale.index, (query.clone(), all.clone())) {
            model.generations.index = model.generations.next();
            let (query, all) = (Box::new(query), all.map(Box::new));
            effects.push(Effect::List(List::Index { generation: model.generations.index, query, all }));
        }
    }
}

/// Keeps the selected rows on the screen.
fn scroll(model: &mut Model) {
    let areas = model.areas();
    let rows = |pane| usize::from(areas.inner(pane).height);
    if !areas.workspaces.is_empty() {
        model.tree.cursor.scroll_into(rows(Pane::Workspaces), model.tree.rows.len());
    }
    if !areas.jobs.is_empty() {
        model.jobs.cursor.scroll_into(rows(Pane::Jobs), model.jobs.list.len());
    }
    if !areas.runs.is_empty() {
        let height = model.runs_height();
        model.runs.cursor.scroll_into(height, model.runs.len());
    }
    model.detail.scroll_into(rows(Pane::Detail));
    model.settle_ledger();
    if model.screen == Screen::Nodes {
        let rows = model.nodes.rows(model.body());
        model.nodes.cursor.scroll_into(rows, model.nodes.list.len());
    }
    if let Some(Overlay::Confirm(confirm)) = &mut model.overlay {
        let lines = confirm.planned.as_ref().map_or(0, Vec::len);
        confirm.scroll = confirm.scroll.min(lines.saturating_sub(1));
    }
}

/// An open sheet shows what it is about as it is now.
fn about(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Sheet(sheet)) = &mut model.overlay else { return };
    sheet.scroll_into(model.size.1);
    if model.under_way.about.ask(&mut sheet.stale, sheet.subject.clone()) {
        let (generation, subject) = (model.generations.next(), sheet.subject.clone());
        model.generations.about = generation;
        effects.push(Effect::List(List::About { generation, subject }));
    }
}

/// The tabs beside the log show the selected run, while they are seen; in the log's place is told what it waits for.
fn page(model: &mut Model, effects: &mut Vec<Effect>) {
    let waits = || model.runs.selected().is_some_and(|run| run.status.is_waiting());
    let wanted = match model.detail.tab {
        Tab::Params | Tab::Files | Tab::Events => true,
        Tab::Log => waits(),
        Tab::Node | Tab::Metrics => false,
    };
    if !wanted || model.areas().detail.is_empty() {
        return;
    }
    // While the row of the selected run is being read, what was there stays.
    let Some(run) = model.runs.selected().map(|run| run.path()) else {
        if model.runs.is_empty() {
            model.detail.clear();
        }
        return;
    };
    model.detail.turn_to(&run);
    if model.under_way.page.ask(&mut model.detail.stale, run.clone()) {
        let generation = model.generations.next();
        model.generations.page = generation;
        let known = model.detail.known(&run);
        effects.push(Effect::List(List::Page { generation, run, known }));
    }
}

/// The open picture is read for the room there is.
fn picture(model: &mut Model, effects: &mut Vec<Effect>) {
    let areas = model.areas();
    if model.screen != Screen::Main || areas.detail.is_empty() {
        return;
    }
    let room = detail::place(areas.inner(Pane::Detail));
    let (Some(picture), Some(canvas)) =
        (&mut model.detail.picture, model.means.canvas((room.width, room.height)))
    else {
        return;
    };
    if picture.wants(canvas) {
        let (run, file, known) = (picture.run.clone(), picture.file.clone(), picture.known(canvas));
        let generation = model.generations.next();
        model.generations.picture = generation;
        effects.push(Effect::List(List::Picture { generation, run, file, canvas, known }));
    }
}

/// The node tab shows the load of the selected run, and reads it on.
fn load(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.detail.tab != Tab::Node || model.areas().detail.is_empty() {
        return;
    }
    let Some(run) = model.runs.selected().map(|run| run.path()) else {
        if model.runs.is_empty() {
            model.detail.clear();
        }
        return;
    };
    model.detail.turn_load_to(&run);
    if model.under_way.load.ask(&mut model.detail.load.stale, run.clone()) {
        let known = model.detail.load.known();
        let generation = model.generations.next();
        model.generations.load = generation;
        effects.push(Effect::List(List::Load { generation, run, known }));
    }
}

/// The machines are read while they are seen.
fn nodes(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.screen == Screen::Nodes && model.under_way.nodes.ask(&mut model.nodes.stale, ()) {
        model.nodes.asked = model.uptime;
        model.generations.nodes = model.generations.next();
        effects.push(Effect::List(List::Nodes(model.generations.nodes)));
    }
}
