//! Frames and rows: what panes and popups have in common.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use crate::tui::theme::{Role, Theme};

/// A frame with a title; answers the inside.
pub fn block(
    buffer: &mut Buffer,
    area: Rect,
    theme: &Theme,
    focused: bool,
    title: &Line<'static>,
    right: Line<'static>,
) -> Rect {
    if area.is_empty() {
        return Rect::default();
    }
    let border = theme.style(if focused { Role::BorderFocused } else { Role::Border });
    let room = usize::from(area.width.saturating_sub(2));
    let mut block = Block::bordered().border_set(theme.glyphs.border).border_style(border);
    if title.width() > 0 {
        block = block.title_top(padded(title.clone()));
    }
    // What does not fit beside the title is left out, rather than cut in pieces.
    if right.width() > 0 && title.width() + right.width() + 5 <= room {
        block = block.title_top(padded(right).right_aligned());
    }
    let inner = block.inner(area);
    Clear.render(area, buffer);
    block.render(area, buffer);
    inner
}

fn padded(mut line: Line<'static>) -> Line<'static> {
    line.spans.insert(0, Span::raw(" "));
    line.spans.push(Span::raw(" "));
    line
}

/// Writes a line into one row, cut at the edge.
pub fn put(buffer: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    let Some(y) = u16::try_from(row).ok().filter(|row| *row < area.height).map(|row| area.y + row) else {
        return;
    };
    buffer.set_line(area.x, y, line, area.width);
}

/// Paints a whole row as the selected one.
pub fn paint_cursor(buffer: &mut Buffer, area: Rect, row: usize, theme: &Theme, focused: bool) {
    let Some(y) = u16::try_from(row).ok().filter(|row| *row < area.height).map(|row| area.y + row) else {
        return;
    };
    let row = Rect { y, height: 1, ..area };
    if focused {
        // One even bar: the colours of the cells would fray it.
        for x in row.left()..row.right() {
            buffer[(x, y)].set_style(Style::reset());
        }
        buffer.set_style(row, theme.style(Role::Cursor));
    } else {
        buffer.set_style(row, theme.style(Role::CursorAway));
    }
}

/// A text in the middle of an empty pane, one line a row.
pub fn empty(buffer: &mut Buffer, area: Rect, lines: &[Line<'static>]) {
    let top = usize::from(area.height).saturating_sub(lines.len()) / 2;
    for (row, line) in lines.iter().enumerate() {
        let indent = usize::from(area.width).saturating_sub(line.width()) / 2;
        let mut line = line.clone();
        line.spans.insert(0, Span::raw(" ".repeat(indent)));
        put(buffer, area, top + row, &line);
    }
}
