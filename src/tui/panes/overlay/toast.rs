//! What was told lately, at the bottom right above the hints.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::severity_role;
use crate::tui::app::Model;
use crate::tui::app::model::{Notice, Severity};
use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// What was told lately, at the bottom right above the hints.
pub fn draw(buffer: &mut Buffer, model: &Model, theme: &Theme) {
    let (columns, rows) = model.size;
    let most = usize::from(columns).saturating_sub(2).min(90);
    for (at, (notice, _)) in model.toasts.iter().rev().enumerate() {
        let Some(y) = rows.checked_sub(2 + u16::try_from(at).unwrap_or(u16::MAX)) else { return };
        toast(buffer, notice, (columns, y), most, theme);
    }
}

fn toast(buffer: &mut Buffer, notice: &Notice, (columns, y): (u16, u16), most: usize, theme: &Theme) {
    let glyph = match notice.severity {
        Severity::Good => theme.glyphs.completed,
        Severity::Warning => "!",
        Severity::Error => theme.glyphs.failed,
    };
    let line = Line::from(vec![
        Span::raw(" "),
        Span::styled(glyph, theme.style(severity_role(notice.severity))),
        Span::raw(" "),
        Span::raw(text::cut(&notice.text, most.saturating_sub(4), theme.glyphs.more)),
        Span::raw(" "),
    ]);
    let width = u16::try_from(line.width()).unwrap_or(columns).min(columns);
    let area = Rect { x: columns - width, y, width, height: 1 };
    Clear.render(area, buffer);
    buffer.set_line(area.x, y, &line, width);
}
