//! After the first key of a sequence: the keys that may follow, and what they do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::Model;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, put};
use crate::tui::widgets::text;

/// Draws it at the bottom, in as many columns as there is room for.
pub fn draw(buffer: &mut Buffer, model: &Model, theme: &Theme) {
    if model.pressed.is_empty() {
        return;
    }
    let place = model.overlay.as_ref().map_or_else(|| model.place(), |overlay| model.place_over(overlay));
    let next = model.keymap.following(&model.pressed, place);
    let (columns, rows) = (usize::from(model.size.0), usize::from(model.size.1));
    let key = next.iter().map(|(key, _)| text::width(&key.short())).max().unwrap_or(0).max(4) + 2;
    let cell = next.iter().map(|(_, doc)| text::width(doc)).max().unwrap_or(0) + key + 3;
    let side_by_side = (columns.saturating_sub(4) / cell.max(1)).clamp(1, next.len().max(1));
    let height = next.len().div_ceil(side_by_side);
    let width = (side_by_side * cell + 3).max(16).min(columns);
    let lines = (height + 2).min(rows.saturating_sub(1));
    if lines < 3 || width < 8 {
        return;
    }
    let fit = |size: usize| u16::try_from(size).unwrap_or(u16::MAX);
    let area = Rect { x: 0, y: fit(rows - 1 - lines), width: fit(width), height: fit(lines) };
    let pressed = model.pressed.iter().map(|key| key.short()).collect::<Vec<_>>().join(" ");
    let title = Line::styled(pressed, theme.style(Role::Key));
    let inner = block(buffer, area, theme, true, &title, Line::default());
    for row in 0..height {
        let mut line = Line::raw(" ");
        for (begin, doc) in next.iter().skip(row).step_by(height) {
            line.push_span(Span::styled(
                text::fit(&begin.short(), key, theme.glyphs.more),
                theme.style(Role::Key),
            ));
            line.push_span(Span::raw(text::fit(doc, cell - key - 1, theme.glyphs.more)));
            line.push_span(Span::raw(" "));
        }
        put(buffer, inner, row, &line);
    }
}
