//! The choice of the columns of the runs.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{centred, popup};
use crate::tui::app::Model;
use crate::tui::app::columns::{ColumnMenu, heading};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{paint_cursor, put};
use crate::tui::widgets::text;

/// Draws it.
pub fn draw(buffer: &mut Buffer, model: &Model, menu: &ColumnMenu, theme: &Theme) {
    let area = centred(model, 44, menu.fields.len() + 2);
    let right = Line::styled(format!("{}", menu.chosen().len()), theme.style(Role::Dim));
    let inner = popup(buffer, area, theme, "Columns", right);
    let room = usize::from(inner.height);
    let top = (menu.choice + 1).saturating_sub(room);
    for (row, (at, (field, shown))) in menu.fields.iter().enumerate().skip(top).take(room).enumerate() {
        let sign = if *shown { theme.glyphs.completed } else { " " };
        let kind = field.split_once('.').map_or("", |(kind, _)| kind);
        let width = usize::from(inner.width).saturating_sub(12);
        let line = Line::from(vec![
            Span::styled(format!("{sign} "), theme.style(Role::Good)),
            Span::raw(text::fit(heading(field), width, theme.glyphs.more)),
            Span::styled(format!(" {kind}"), theme.style(Role::Dim)),
        ]);
        put(buffer, inner, row, &line);
        if at == menu.choice {
            paint_cursor(buffer, inner, row, theme, true);
        }
    }
}
