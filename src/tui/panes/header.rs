//! The top line: where one is, and how things stand.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::{Model, Screen};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// Draws it.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) {
    let left = path(model, theme);
    put(buffer, area, 0, &left);
    let right = state(model, theme);
    let width = right.width();
    // With little room the path is what matters.
    if left.width() + width + 2 <= usize::from(area.width) {
        let at = area.width - u16::try_from(width).unwrap_or(area.width);
        put(buffer, Rect { x: at, width: area.width - at, ..area }, 0, &right);
    }
}

fn path(model: &Model, theme: &Theme) -> Line<'static> {
    let accent = theme.style(Role::Accent).patch(theme.style(Role::Strong));
    let mut spans = vec![Span::raw(" "), Span::styled("xt", accent)];
    let scope = &model.scope;
    let parts = match model.screen {
        Screen::Main => [scope.ws.clone(), scope.experiment.clone(), scope.job.map(|job| job.to_string())],
        Screen::Nodes => [Some("nodes".to_owned()), None, None],
        Screen::Compare => [scope.ws.clone(), Some("compare".to_owned()), None],
        Screen::Tasks => [Some("tasks".to_owned()), None, None],
        Screen::Errors => [Some("errors".to_owned()), None, None],
    };
    for part in parts.into_iter().flatten() {
        spans.push(Span::styled(format!(" {} ", theme.glyphs.path), theme.style(Role::Dim)));
        spans.push(Span::raw(text::cut(&part, 40, theme.glyphs.more)));
    }
    Line::from(spans)
}

fn state(model: &Model, theme: &Theme) -> Line<'static> {
    let counts = model.runs.counts;
    let mut parts =
        vec![Span::styled(text::cut(&model.place, 30, theme.glyphs.more), theme.style(Role::Dim))];
    if model.readonly {
        parts.push(Span::styled("read-only", theme.style(Role::Accent)));
    }
    let mut part = |number: usize, word: &str, role| {
        if number > 0 {
            parts.push(Span::styled(format!("{} {word}", text::count(number as u64)), theme.style(role)));
        }
    };
    part(counts.active, "running", Role::Running);
    part(counts.waiting, "queued", Role::Waiting);
    part(counts.failed, "failed", Role::Failed);
    let tasks = model.running_tasks();
    if tasks > 0 {
        let noun = if tasks == 1 { "task" } else { "tasks" };
        parts.push(Span::styled(format!("{} {tasks} {noun}", theme.glyphs.tasks), theme.style(Role::Accent)));
    }
    let mut line = Line::default();
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            line.push_span(Span::styled(format!(" {} ", theme.glyphs.dot), theme.style(Role::Dim)));
        }
        line.push_span(part);
    }
    line.push_span(Span::raw(" "));
    line
}
