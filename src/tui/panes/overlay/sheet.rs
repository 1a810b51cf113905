//! A list of lines to look at.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::{centred, popup};
use crate::tui::app::Model;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;

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
