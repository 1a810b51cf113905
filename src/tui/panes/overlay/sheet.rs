//! Lists to look at: what went wrong, the background tasks.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{centred, popup, severity_role};
use crate::tui::app::Model;
use crate::tui::app::model::{Task, TaskState};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// A list to look at.
pub fn draw(
    buffer: &mut Buffer,
    model: &Model,
    theme: &Theme,
    (title, key): (&str, &str),
    lines: &[Line<'static>],
    scroll: usize,
) {
    let widest = lines.iter().map(Line::width).max().unwrap_or(0);
    let area = centred(model, (widest + 4).max(40), lines.len() + 2);
    let right = Line::styled(key.to_owned(), theme.style(Role::Dim));
    let inner = popup(buffer, area, theme, title, right);
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inner.height)));
    for (row, line) in lines.iter().skip(scroll).take(usize::from(inner.height)).enumerate() {
        put(buffer, inner, row, line);
    }
}

/// What went wrong lately.
pub fn errors(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    if model.notices.is_empty() {
        return vec![Line::styled("nothing so far", theme.style(Role::Dim))];
    }
    let width = usize::from(model.size.0).saturating_sub(24).max(10);
    let mut lines = Vec::new();
    for notice in &model.notices {
        let ago = format!("{:>7} ago  ", text::duration(model.now.since(notice.time).as_secs_f64()));
        let whole = crate::log::StyledLine::plain(notice.text.clone(), crate::log::Style::default());
        for (at, part) in whole.wrap(width).iter().enumerate() {
            let lead = if at == 0 { ago.clone() } else { " ".repeat(ago.len()) };
            lines.push(Line::from(vec![
                Span::styled(lead, theme.style(Role::Dim)),
                Span::styled(part.text(), theme.style(severity_role(notice.severity))),
            ]));
        }
    }
    lines
}

/// The background tasks.
pub fn tasks(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    if model.tasks.is_empty() {
        return vec![Line::styled("nothing so far", theme.style(Role::Dim))];
    }
    let width = usize::from(model.size.0).saturating_sub(46).max(10);
    let line = |task: &Task| {
        let (glyph, role, said) = match &task.state {
            TaskState::Waiting => (theme.glyphs.waiting, Role::Dim, "waits for its turn"),
            TaskState::Running => (theme.glyphs.running, Role::Accent, "under way"),
            TaskState::Stopped => (theme.glyphs.cancelled, Role::Dim, "stopped"),
            TaskState::Done(said) => (theme.glyphs.completed, Role::Good, said.as_str()),
            TaskState::Failed(why) => (theme.glyphs.failed, Role::Error, why.as_str()),
        };
        Line::from(vec![
            Span::styled(format!("{glyph} "), theme.style(role)),
            Span::raw(text::fit(&task.title, 28, theme.glyphs.more)),
            Span::raw(" "),
            Span::styled(text::cut(said, width, theme.glyphs.more), theme.style(Role::Dim)),
        ])
    };
    model.tasks.iter().map(line).collect()
}
