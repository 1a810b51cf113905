//! The screens of background tasks and of what went wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::overlay::severity_role;
use crate::tui::app::Model;
use crate::tui::app::ledger::areas;
use crate::tui::app::model::{Notice, Severity, Task, TaskState};
use crate::tui::command::Command;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, empty, paint_cursor, put};
use crate::tui::widgets::text;

/// Columns of what a task does, and of where it stands.
const TITLE: usize = 32;
const STATE: usize = 12;

/// Draws the background tasks.
pub fn tasks(buffer: &mut Buffer, body: Rect, model: &Model, theme: &Theme) {
    let lines = model.tasks.iter().map(|task| task_line(task, model, theme));
    list(buffer, body, ("Tasks", "no task yet"), lines, model, theme);
    let Some(task) = model.selected_task() else { return };
    let (_, role, word) = standing(task, theme);
    let mut parts = vec![(format!("{} · {word}", task.title), theme.style(role))];
    let mut stop = |does| {
        let said = model.how(Command::StopTask).map(|key| format!("{key} {does}"));
        parts.extend(said.map(|said| (said, theme.style(Role::Dim))));
    };
    match &task.state {
        TaskState::Done(said) | TaskState::Failed(said) => {
            parts.push((said.clone(), theme.style(Role::Text)));
        }
        TaskState::Waiting => stop("stops it before it begins"),
        TaskState::Running if task.stoppable => stop("stops it; what is done already stays"),
        TaskState::Running => {
            let said = "it is being done and cannot be stopped; its result will be told";
            parts.push((said.to_owned(), theme.style(Role::Dim)));
        }
        TaskState::Stopped => {}
    }
    whole(buffer, body, "Result", &parts, theme);
}

/// Draws what went wrong.
pub fn errors(buffer: &mut Buffer, body: Rect, model: &Model, theme: &Theme) {
    let lines = model.notices.iter().map(|notice| notice_line(notice, model, theme));
    list(buffer, body, ("Errors", "nothing went wrong so far"), lines, model, theme);
    let Some(notice) = model.selected_notice() else { return };
    let parts = [(notice.text.clone(), theme.style(severity_role(notice.severity)))];
    whole(buffer, body, "In full", &parts, theme);
}

fn list(
    buffer: &mut Buffer,
    body: Rect,
    (name, nothing): (&'static str, &'static str),
    lines: impl Iterator<Item = Line<'static>>,
    model: &Model,
    theme: &Theme,
) {
    let (area, _) = areas(body);
    let mut title = Line::styled(name, theme.title(true));
    let count = format!(" {} {}", theme.glyphs.dot, text::count(model.ledger_len() as u64));
    title.push_span(Span::styled(count, theme.style(Role::Dim)));
    let inner = block(buffer, area, theme, true, &title, Line::default());
    if model.ledger_len() == 0 {
        return empty(buffer, inner, &[Line::styled(nothing, theme.style(Role::Dim))]);
    }
    let (selected, top) = model.ledger_rows();
    for (row, line) in lines.skip(top).take(usize::from(inner.height)).enumerate() {
        put(buffer, inner, row, &line);
        if top + row == selected {
            paint_cursor(buffer, inner, row, theme, true);
        }
    }
}

/// All of the selected one, wrapped.
fn whole(
    buffer: &mut Buffer,
    body: Rect,
    title: &'static str,
    parts: &[(String, ratatui::style::Style)],
    theme: &Theme,
) {
    let (_, area) = areas(body);
    let inner = block(buffer, area, theme, false, &Line::styled(title, theme.title(false)), Line::default());
    let width = usize::from(inner.width).saturating_sub(2).max(1);
    let mut row = 0;
    for (said, style) in parts {
        for line in text::wrap(said, width) {
            put(buffer, inner, row, &Line::styled(format!(" {line}"), *style));
            row += 1;
        }
    }
}

fn standing(task: &Task, theme: &Theme) -> (&'static str, Role, String) {
    match &task.state {
        TaskState::Waiting => (theme.glyphs.waiting, Role::Dim, "waits".to_owned()),
        TaskState::Running => {
            let word = match task.progress {
                Some((done, all)) if all > 0 => format!("{}%", done.min(all) * 100 / all),
                _ => "under way".to_owned(),
            };
            (theme.glyphs.running, Role::Accent, word)
        }
        TaskState::Done(_) => (theme.glyphs.completed, Role::Good, "done".to_owned()),
        TaskState::Failed(_) => (theme.glyphs.failed, Role::Error, "failed".to_owned()),
        TaskState::Stopped => (theme.glyphs.cancelled, Role::Dim, "stopped".to_owned()),
    }
}

fn task_line(task: &Task, model: &Model, theme: &Theme) -> Line<'static> {
    let (glyph, role, word) = standing(task, theme);
    let said = match &task.state {
        TaskState::Done(said) | TaskState::Failed(said) => said.as_str(),
        _ => "",
    };
    let seconds = task.ended.unwrap_or(model.now).since(task.started).as_secs_f64();
    Line::from(vec![
        Span::styled(format!("{glyph} "), theme.style(role)),
        Span::raw(text::fit(&task.title, TITLE, theme.glyphs.more)),
        Span::styled(format!(" {}", text::fit(&word, STATE, theme.glyphs.more)), theme.style(role)),
        Span::styled(format!("{:>7}  ", text::duration(seconds)), theme.style(Role::Dim)),
        Span::styled(said.to_owned(), theme.style(Role::Dim)),
    ])
}

fn notice_line(notice: &Notice, model: &Model, theme: &Theme) -> Line<'static> {
    let ago = text::duration(model.now.since(notice.time).as_secs_f64());
    let glyph = if notice.severity == Severity::Error { theme.glyphs.failed } else { "!" };
    Line::from(vec![
        Span::styled(format!("{glyph} "), theme.style(severity_role(notice.severity))),
        Span::styled(format!("{ago:>7} ago  "), theme.style(Role::Dim)),
        Span::raw(notice.text.clone()),
    ])
}
