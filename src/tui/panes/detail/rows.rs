//! A tab made of rows: names and values, files, events.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::report::shape::bytes;
use crate::tui::app::detail::Row;
use crate::tui::app::list::Cursor;
use crate::tui::app::{Model, Pane, Tab};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{empty, paint_cursor, put};
use crate::tui::widgets::text;

/// Which row of how many is selected.
pub fn state(model: &Model, theme: &Theme) -> Line<'static> {
    let detail = &model.detail;
    if detail.rows.is_empty() {
        return Line::default();
    }
    let (row, all) = (detail.cursor.row() as u64 + 1, detail.rows.len() as u64);
    Line::styled(format!("{}/{}", text::count(row), text::count(all)), theme.style(Role::Dim))
}

/// Draws the rows that are seen.
pub fn draw(buffer: &mut Buffer, inner: Rect, model: &Model, theme: &Theme) {
    let detail = &model.detail;
    if let Some(why) = &detail.failed {
        let why = text::cut(why, 200, theme.glyphs.more);
        return empty(buffer, inner, &[Line::styled(why, theme.style(Role::Error))]);
    }
    if detail.rows.is_empty() {
        if detail.page().is_some() {
            let said = Line::styled(nothing(detail.tab), theme.style(Role::Dim));
            empty(buffer, inner, &[said]);
        }
        return;
    }
    list(buffer, inner, (&detail.rows, &detail.cursor), model.focus == Pane::Detail, model, theme);
}

/// Draws rows, as many as are seen, and which of them is selected.
pub fn list(
    buffer: &mut Buffer,
    inner: Rect,
    (rows, cursor): (&[Row], &Cursor<u64>),
    focused: bool,
    model: &Model,
    theme: &Theme,
) {
    let (top, height) = (cursor.top(), usize::from(inner.height));
    let seen = rows.iter().enumerate().skip(top).take(height);
    let names = seen.clone().map(|(_, row)| label_width(row)).max().unwrap_or(0);
    let names = names.clamp(6, (usize::from(inner.width) / 2).max(6));
    for (at, row) in seen {
        put(buffer, inner, at - top, &line(row, names, model, theme));
        if at == cursor.row() {
            paint_cursor(buffer, inner, at - top, theme, focused);
        }
    }
}

const fn nothing(tab: Tab) -> &'static str {
    match tab {
        Tab::Files => "no files yet",
        Tab::Log | Tab::Metrics | Tab::Params | Tab::Events | Tab::Node => "nothing yet",
    }
}

fn label_width(row: &Row) -> usize {
    match row {
        Row::Section(_) => 0,
        Row::Pair { name, .. } => text::width(name),
        Row::File { size, .. } => text::width(&bytes(*size)),
        Row::Event { event, .. } => text::width(event),
    }
}

fn line(row: &Row, names: usize, model: &Model, theme: &Theme) -> Line<'static> {
    let (dim, more) = (theme.style(Role::Dim), theme.glyphs.more);
    match row {
        Row::Section(title) => Line::styled((*title).to_owned(), theme.style(Role::Accent)),
        Row::Pair { name, value } => Line::from(vec![
            Span::styled(format!("  {}  ", text::fit(name, names, more)), dim),
            Span::raw(value.clone()),
        ]),
        Row::File { path, size } => Line::from(vec![
            Span::styled(format!("  {}  ", text::fit_right(&bytes(*size), names, more)), dim),
            Span::raw(path.clone()),
        ]),
        Row::Event { time, event, data } => {
            let ago = text::duration(model.now.since(*time).as_secs_f64());
            Line::from(vec![
                Span::styled(format!("{ago:>7} ago  "), dim),
                Span::raw(format!("{}  ", text::fit(event, names, more))),
                Span::styled(data.clone(), dim),
            ])
        }
    }
}
