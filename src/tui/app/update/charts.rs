//! Charts: of the selected run in its tab, and of runs side by side.

use super::super::board::Turn;
use super::super::compare::Source;
use super::super::dialog::{Overlay, Prompt, PromptKind};
use super::super::effect::{Compared, Effect, List};
use super::super::layout::Pane;
use super::super::model::{Model, Severity};
use super::super::screen::Screen;
use super::super::tab::Tab;
use super::super::trends;
use super::show;
use crate::model::{JobName, RunPath};
use crate::store::{Kind, RunQuery, SortKey};
use crate::tui::command::{ChartCommand, Command};

/// Does what a command says.
pub fn perform(model: &mut Model, command: ChartCommand) {
    model.dirty = true;
    match command {
        ChartCommand::Compare => open(model),
        ChartCommand::Find => {
            let pattern = model.charts().pattern.clone();
            show(model, Overlay::Prompt(Box::new(Prompt::new(PromptKind::Metrics, &pattern))));
        }
        ChartCommand::Log => model.charts_mut().toggle_log(),
        ChartCommand::Smooth => model.charts_mut().smooth(true),
        ChartCommand::Rough => model.charts_mut().smooth(false),
        ChartCommand::Axis => model.charts_mut().next_x(),
        ChartCommand::ZoomIn => model.charts_mut().turn(Turn::ZoomIn),
        ChartCommand::ZoomOut => model.charts_mut().turn(Turn::ZoomOut),
        ChartCommand::ZoomYIn => model.charts_mut().turn(Turn::ZoomYIn),
        ChartCommand::ZoomYOut => model.charts_mut().turn(Turn::ZoomYOut),
        ChartCommand::PanLeft => model.charts_mut().turn(Turn::PanLeft),
        ChartCommand::PanRight => model.charts_mut().turn(Turn::PanRight),
        ChartCommand::Fit => model.charts_mut().turn(Turn::Fit),
        ChartCommand::Hide => model.compare.toggle_hidden(),
        ChartCommand::All => model.compare.toggle_all(),
        ChartCommand::RunNext => model.compare.step(1),
        ChartCommand::RunPrevious => model.compare.step(-1),
    }
}

/// Does what a command with a text after it says; nothing if it takes none.
pub fn perform_with(model: &mut Model, command: ChartCommand, text: &str) -> Option<Result<(), String>> {
    model.dirty = true;
    match command {
        ChartCommand::Find => {
            model.find_metrics(text);
            Some(Ok(()))
        }
        ChartCommand::Axis => Some(model.charts_mut().name_x(text)),
        _ => None,
    }
}

/// Shows the marked runs side by side, or those of the marked jobs or of the job.
fn open(model: &mut Model) {
    if let Err(why) = model.runs.marked() {
        return model.tell(Severity::Warning, why);
    }
    let jobs: Vec<JobName> = match model.focus {
        Pane::Jobs if !model.jobs.marks.is_empty() => model.jobs.marks.iter().copied().collect(),
        Pane::Jobs => model.jobs.selected().map(|job| job.job_id).into_iter().collect(),
        _ if model.runs.marks.len() > 1 => Vec::new(),
        _ => model.runs.selected().map(|run| run.job_id).into_iter().collect(),
    };
    let source = if jobs.is_empty() {
        Source::Runs(model.runs.marks.keys().copied().collect())
    } else {
        Source::Jobs(jobs)
    };
    if source == Source::Runs(Vec::new()) {
        return model.tell(Severity::Warning, "no run is selected");
    }
    model.compare.open(source);
    model.screen = Screen::Compare;
}

/// Moves among the charts, their cursor, and the compared runs.
pub fn travel(model: &mut Model, command: Command) {
    let (compares, area) = (model.screen == Screen::Compare, model.charts_area());
    if compares && model.compare.on_table {
        return model.compare.travel(command, model.body());
    }
    let board = model.charts_mut();
    let grid = board.grid(area);
    let page = isize::try_from(grid.shown).unwrap_or(1).max(1);
    match command {
        Command::Up => board.step(-1),
        Command::Down => board.step(1),
        Command::PageUp => board.step(-page),
        Command::PageDown => board.step(page),
        Command::Top => board.select(0),
        Command::Bottom => board.select(usize::MAX),
        Command::Left | Command::Right => {
            let width = grid.cells().next().map_or(area.width, |(_, cell)| cell.width);
            board.move_cursor(command == Command::Right, width.saturating_sub(8));
        }
        _ => {}
    }
}

/// Shows the selected chart alone, or all again.
pub fn enlarge(model: &mut Model) {
    let board = model.charts_mut();
    board.large = !board.large && board.selected().is_some();
    model.dirty = true;
}

/// One step back among what was done to the charts; whether there was any.
pub fn back(model: &mut Model) -> bool {
    if model.screen == Screen::Compare && std::mem::take(&mut model.compare.alone) {
        return true;
    }
    let board = model.charts_mut();
    if board.view.cursor.take().is_some() || std::mem::take(&mut board.large) {
        return true;
    }
    let filtered = !board.pattern.is_empty();
    model.find_metrics("");
    filtered
}

/// Asks for what the charts that are seen lack.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.screen {
        Screen::Main => {
            metrics(model, effects);
            table(model, effects);
        }
        Screen::Compare => compare(model, effects),
        Screen::Nodes | Screen::Tasks | Screen::Errors => {}
    }
}

/// The metrics tab shows the selected run's metrics.
fn metrics(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.detail.tab != Tab::Metrics || model.areas().detail.is_empty() {
        return;
    }
    // While the row of the selected run is being read, what was there stays.
    match model.runs.selected().cloned() {
        Some(run) => model.board.show(std::iter::once(&*run)),
        None if model.runs.is_empty() => model.board.show(std::iter::empty()),
        None => return,
    }
    let grid = model.board.grid(model.charts_area());
    let questions = model.board.wants(&grid);
    if !questions.is_empty() {
        let generation = model.generations.next();
        model.generations.metrics = generation;
        effects.push(Effect::List(List::Metrics { generation, questions, overlaid: false }));
    }
}

/// The rows that are seen have their curves.
fn table(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.areas().runs.is_empty() {
        return;
    }
    let Some(metric) = trends::metric(model) else { return };
    let rows = model.runs.seen(model.runs_height()).filter_map(|row| model.runs.key(row));
    let docs = rows.filter_map(|key| model.runs.doc(key.id));
    let seen: Vec<RunPath> =
        docs.filter(|run| run.metrics.contains_key(&metric)).map(|run| run.path()).collect();
    let wanted = model.trends.wants(&seen, &metric);
    if !wanted.is_empty() && trends::are_shown(model) {
        model.trends.ask(&wanted, &seen);
        let generation = model.generations.next();
        model.generations.trends = generation;
        effects.push(Effect::List(List::Trends { generation, wanted }));
    }
}

fn compare(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(source) = model.compare.wants() {
        let of = match source {
            Source::Runs(ids) => Compared::Ids(ids),
            Source::Jobs(jobs) => Compared::Found(Box::new(RunQuery {
                ws: model.scope.ws.clone(),
                jobs,
                kind: Kind::Leaf,
                sort: vec![SortKey { field: "run_num".into(), descending: false }],
                ..RunQuery::default()
            })),
        };
        let generation = model.generations.next();
        model.generations.compare = generation;
        effects.push(Effect::List(List::Compare { generation, of }));
    }
    model.compare.settle();
    let area = model.charts_area();
    let grid = model.compare.board.grid(area);
    let questions = model.compare.board.wants(&grid);
    if !questions.is_empty() {
        let generation = model.generations.next();
        model.generations.overlaid = generation;
        effects.push(Effect::List(List::Metrics { generation, questions, overlaid: true }));
    }
}
