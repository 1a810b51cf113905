//! Moving: between panes, in lists and logs, in and out of workspaces and jobs.

use super::super::effect::{Effect, LogSource};
use super::super::layout::Pane;
use super::super::ledger;
use super::super::model::{Model, RunFilter, Scope, Severity};
use super::super::screen::Screen;
use super::super::session;
use super::super::tab::Tab;
use super::actions::apply_filter;
use super::layout::towards;
use super::{bulk, charts, log};
use crate::model::JobName;
use crate::tui::command::Command;

/// Whether the keys go to a log.
pub fn on_log(model: &Model) -> bool {
    model.focus == Pane::Detail && model.detail.tab == Tab::Log
}

/// Whether the keys go to the charts of a run.
pub fn on_charts(model: &Model) -> bool {
    model.screen == Screen::Main && model.focus == Pane::Detail && model.detail.tab == Tab::Metrics
}

/// Shows a tab of the selected run and goes there.
pub fn show_tab(model: &mut Model, tab: Tab) {
    model.detail.show(tab);
    focus(model, Pane::Detail);
}

/// Shows a screen.
pub fn show_screen(model: &mut Model, screen: Screen) {
    model.screen = screen;
    model.nodes.stale |= screen == Screen::Nodes;
    if screen == Screen::Errors {
        // They stand there in full.
        model.toasts.clear();
    }
    model.dirty = true;
}

/// Shows a screen; from there, the panes again.
pub fn toggle_screen(model: &mut Model, screen: Screen) {
    let other = if model.screen == screen { Screen::Main } else { screen };
    show_screen(model, other);
}

/// Gives a pane the keys; one that was hidden is shown again.
pub fn focus(model: &mut Model, pane: Pane) {
    model.screen = Screen::Main;
    model.layout.show(pane);
    model.focus = pane;
    model.dirty = true;
}

/// Goes to a workspace, or an experiment in it (`ws1/exper1`).
pub fn go_to_workspace(model: &mut Model, name: &str) -> Result<(), String> {
    let (ws, experiment) = name.split_once('/').map_or((name, None), |(ws, name)| (ws, Some(name)));
    let of_it = |name: &str| {
        model.tree.experiments.iter().any(|experiment| experiment.ws == ws && experiment.exper_name == name)
    };
    if !model.tree.workspaces.iter().any(|known| known.ws == ws) || !experiment.is_none_or(of_it) {
        return Err(format!("there is no workspace or experiment `{}`", crate::model::names::visible(name)));
    }
    model.tree.select_name(ws, None);
    model.tree.set_open(true);
    model.tree.select_name(ws, experiment);
    set_scope(model, Some(ws.to_owned()), experiment.map(str::to_owned), None);
    focus(model, Pane::Runs);
    Ok(())
}

/// Moves in the focused pane.
pub fn travel(model: &mut Model, command: Command) {
    model.dirty = true;
    match model.screen {
        Screen::Main if on_charts(model) => return charts::travel(model, command),
        Screen::Main => {}
        Screen::Nodes => return travel_nodes(model, command),
        Screen::Compare => return charts::travel(model, command),
        Screen::Tasks | Screen::Errors => return travel_ledger(model, command),
    }
    let page = match model.focus {
        Pane::Detail if on_log(model) => model.log_size().1,
        Pane::Runs => model.runs_height(),
        pane => usize::from(model.areas().inner(pane).height),
    };
    let page = isize::try_from(page.saturating_sub(1).max(1)).unwrap_or(1);
    let far = isize::MAX / 4;
    match command {
        Command::Up => step(model, model.focus, -1),
        Command::Down => step(model, model.focus, 1),
        Command::PageUp => step(model, model.focus, -page),
        Command::PageDown => step(model, model.focus, page),
        Command::Top if on_log(model) => model.log.go_to_start(),
        Command::Bottom if on_log(model) => set_follow(model, true),
        Command::Top => step(model, model.focus, -far),
        Command::Bottom => step(model, model.focus, far),
        Command::Left => sideways(model, false),
        Command::Right => sideways(model, true),
        _ => {}
    }
}

fn travel_nodes(model: &mut Model, command: Command) {
    let (row, rows) = (model.nodes.cursor.row(), model.nodes.rows(model.body()));
    model.nodes.select(travelled(row, rows, command));
}

fn travel_ledger(model: &mut Model, command: Command) {
    let (row, _) = model.ledger_rows();
    let rows = ledger::rows(model.body());
    model.select_in_ledger(travelled(row, rows, command));
}

/// Where a command leads from a row of a list of which so many rows are seen.
fn travelled(row: usize, rows: usize, command: Command) -> usize {
    let page = rows.saturating_sub(1).max(1);
    match command {
        Command::Up => row.saturating_sub(1),
        Command::Down => row + 1,
        Command::PageUp => row.saturating_sub(page),
        Command::PageDown => row + page,
        Command::Top => 0,
        Command::Bottom => usize::MAX,
        _ => row,
    }
}

/// Moves a pane's selection (or the log) by rows.
pub fn step(model: &mut Model, pane: Pane, by: isize) {
    match pane {
        Pane::Workspaces => {
            model.tree.step(by);
            scope_from_tree(model);
        }
        Pane::Jobs => {
            // The first step into the jobs takes the one that is selected already.
            if model.scope.job.is_some() || by.unsigned_abs() > 1 {
                model.jobs.cursor.step(by, &model.jobs.keys);
            }
            scope_from_jobs(model);
        }
        Pane::Runs => model.runs.step(by),
        Pane::Detail if model.detail.tab == Tab::Metrics => model.board.step(by.signum()),
        Pane::Detail if model.detail.tab != Tab::Log => model.detail.step(by),
        Pane::Detail => {
            let (width, height) = model.log_size();
            model.log.scroll(by, width, height);
        }
    }
}

/// Follows the end of the log, or stops.
pub fn set_follow(model: &mut Model, follow: bool) {
    let (width, height) = model.log_size();
    model.log.set_follow(follow, width, height);
    model.dirty = true;
}

fn sideways(model: &mut Model, right: bool) {
    const COLUMNS: usize = 8;
    match (model.focus, right) {
        (Pane::Detail, _) if model.on_picture() => model.detail.step(if right { 1 } else { -1 }),
        (Pane::Detail, true) if on_log(model) && !model.log.wrap => {
            let (width, _) = model.log_size();
            let widest = model.log.lines.iter().map(|line| line.text.width()).max().unwrap_or(0);
            model.log.column = (model.log.column + COLUMNS).min(widest.saturating_sub(width / 2));
        }
        (Pane::Detail, false) if on_log(model) && !model.log.wrap && model.log.column > 0 => {
            model.log.column = model.log.column.saturating_sub(COLUMNS);
        }
        (Pane::Detail, false) => towards(model, &[Pane::Runs, Pane::Jobs, Pane::Workspaces]),
        (Pane::Jobs | Pane::Workspaces, true) => towards(model, &[Pane::Runs, Pane::Detail]),
        (Pane::Detail, true) | (Pane::Jobs | Pane::Workspaces, false) => {}
        (Pane::Runs, true) => towards(model, &[Pane::Detail]),
        (Pane::Runs, false) if model.scope.job.is_some() => towards(model, &[Pane::Jobs, Pane::Workspaces]),
        (Pane::Runs, false) => towards(model, &[Pane::Workspaces, Pane::Jobs]),
    }
}

/// Shows or hides the experiments of the selected workspace.
pub fn branch(model: &mut Model, open: bool) {
    model.tree.set_open(open);
    scope_from_tree(model);
    model.dirty = true;
}

/// Goes into what is selected.
pub fn open(model: &mut Model) {
    match model.screen {
        Screen::Main if on_charts(model) => return charts::enlarge(model),
        Screen::Main => {}
        Screen::Nodes => return runs_of_node(model),
        Screen::Compare => return charts::enlarge(model),
        // All of it is on the screen.
        Screen::Tasks | Screen::Errors => return,
    }
    match model.focus {
        Pane::Workspaces => {
            scope_from_tree(model);
            focus(model, Pane::Runs);
        }
        Pane::Jobs => {
            scope_from_jobs(model);
            focus(model, Pane::Runs);
        }
        Pane::Runs if !model.runs.is_empty() => focus(model, Pane::Detail),
        Pane::Runs => {}
        Pane::Detail => {
            model.layout.zoom = !model.layout.zoom;
            model.dirty = true;
        }
    }
}

/// The runs of the selected machine: those of the scope that ran or run there.
fn runs_of_node(model: &mut Model) {
    let Some(name) = model.nodes.selected().map(|node| node.name.clone()) else { return };
    focus(model, Pane::Runs);
    if let Err(why) = apply_filter(model, &format!("box_name=\"{name}\"")) {
        model.tell(Severity::Error, &why);
    }
}

/// One step back: the nearest thing that was opened, chosen or narrowed.
pub fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    model.dirty = true;
    if (model.screen == Screen::Compare || on_charts(model)) && charts::back(model) {
        // The cursor, the large chart, or the words.
    } else if model.screen != Screen::Main {
        model.screen = Screen::Main;
    } else if on_log(model) && log::back(model, effects) {
        // The filter, or the search.
    } else if model.layout.zoom {
        model.layout.zoom = false;
    } else if model.controller_log {
        model.controller_log = false;
    } else if model.on_picture() {
        model.detail.picture = None;
    } else if let Some(LogSource::File { .. }) = model.log.pinned {
        model.log.pinned = None;
        model.detail.show(Tab::Files);
    } else if model.log.pinned.take().is_some() {
        // The selected run's log comes back.
    } else if model.focus == Pane::Detail && model.layout.shows(Pane::Runs) {
        focus(model, Pane::Runs);
    } else if model.runs.is_marking() || !model.jobs.marks.is_empty() {
        bulk::unmark(model);
    } else if !model.filter.text.is_empty() {
        set_filter(model, RunFilter::default());
    } else if model.scope.job.is_some() {
        let Scope { ws, experiment, .. } = model.scope.clone();
        set_scope(model, ws, experiment, None);
    } else if let (Some(ws), Some(_)) = (model.scope.ws.clone(), &model.scope.experiment) {
        model.tree.select_name(&ws, None);
        set_scope(model, Some(ws), None, None);
    } else {
        towards(model, &[Pane::Workspaces, Pane::Jobs]);
    }
}

/// Filters the runs.
pub fn set_filter(model: &mut Model, filter: RunFilter) {
    if model.filter.filter != filter.filter {
        model.stale.index = true;
    }
    model.filter = filter;
    model.dirty = true;
}

/// Takes the runs from what the tree has selected.
pub fn scope_from_tree(model: &mut Model) {
    let selected =
        model.tree.selected().map(|(ws, experiment)| (ws.to_owned(), experiment.map(str::to_owned)));
    if let Some((ws, experiment)) = selected {
        set_scope(model, Some(ws), experiment, None);
    }
}

/// Takes the runs from the selected job.
pub fn scope_from_jobs(model: &mut Model) {
    if let Some(job) = model.jobs.selected().map(|job| job.job_id) {
        let Scope { ws, experiment, .. } = model.scope.clone();
        // A job of another experiment than the chosen one would have no runs in it.
        let same = model.jobs.selected().map(|job| &job.exper_name) == experiment.as_ref();
        set_scope(model, ws, experiment.filter(|_| same), Some(job));
    }
}

/// Takes the runs from somewhere else. The old ones stay on the screen until the new ones are there.
pub fn set_scope(model: &mut Model, ws: Option<String>, experiment: Option<String>, job: Option<JobName>) {
    let scope = Scope { ws, experiment, job };
    if model.scope == scope {
        return;
    }
    if model.scope.ws != scope.ws {
        session::turn(model, model.scope.ws.clone().as_deref(), scope.ws.as_deref());
        model.stale.jobs = true;
        bulk::unmark(model);
        model.jobs.clear();
    }
    model.scope = scope;
    model.stale.index = true;
    model.runs.chosen = false;
    (model.controller_log, model.log.pinned) = (false, None);
    if model.scope.ws.is_none() {
        model.runs.clear();
    }
    model.dirty = true;
}
