//! The choice of the column to sort by.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{centred, popup};
use crate::tui::app::Model;
use crate::tui::app::dialog::SortMenu;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{paint_cursor, put};
use crate::tui::widgets::text;

/// Draws it.
pub fn draw(buffer: &mut Buffer, model: &Model, menu: &SortMenu, theme: &Theme) {
    let area = centred(model, 34, menu.fields.len() + 2);
    let inner = popup(buffer, area, theme, "Sort by", Line::default());
    let room = usize::from(inner.height);
    let top = (menu.choice + 1).saturating_sub(room);
    let sorted = model.sort.as_ref().map_or(("run_num", true), |sort| (sort.field.as_str(), sort.descending));
    for (row, (at, (field, word))) in menu.fields.iter().enumerate().skip(top).take(room).enumerate() {
        let sign = match sorted {
            (now, true) if now == field => theme.glyphs.descending,
            (now, false) if now == field => theme.glyphs.ascending,
            _ => " ",
        };
        let width = usize::from(inner.width).saturating_sub(2);
        let line = Line::from(vec![
            Span::raw(text::fit(word, width, theme.glyphs.more)),
            Span::styled(sign, theme.style(Role::Accent)),
        ]);
        put(buffer, inner, row, &line);
        if at == menu.choice {
            paint_cursor(buffer, inner, row, theme, true);
        }
    }
}
