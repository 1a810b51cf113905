//! One line to type in.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_textarea::TextArea;

use crate::tui::theme::{Role, Theme};

/// One line to type in; answers where its cursor is. It scrolls so that the cursor is seen.
pub fn field(buffer: &mut Buffer, area: Rect, input: &TextArea<'_>, hint: &str, theme: &Theme) -> Position {
    let content = input.lines().first().map_or("", String::as_str);
    let before: String = content.chars().take(input.cursor().1).collect();
    let width = usize::from(area.width);
    buffer.set_style(area, theme.style(Role::Field));
    let column = unicode_width::UnicodeWidthStr::width(before.as_str());
    let skipped = (column + 1).saturating_sub(width.max(1));
    if content.is_empty() {
        buffer.set_stringn(
            area.x,
            area.y,
            hint,
            width,
            theme.style(Role::Field).patch(theme.style(Role::Dim)),
        );
    } else {
        let shown =
            crate::log::StyledLine::plain(crate::log::sanitize(content), crate::log::Style::default())
                .slice_columns(skipped, skipped + width)
                .text();
        buffer.set_stringn(area.x, area.y, shown, width, theme.style(Role::Field));
    }
    let x = u16::try_from(column - skipped).unwrap_or(0).min(area.width.saturating_sub(1));
    Position { x: area.x + x, y: area.y }
}
