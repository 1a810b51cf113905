//! The sheet about a workspace, an experiment or a job.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::{centred, popup};
use crate::tui::app::Model;
use crate::tui::app::sheet::Sheet;
use crate::tui::panes::detail::rows;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::empty;
use crate::tui::widgets::text;

/// Columns of the sheet.
const WIDTH: usize = 100;

/// Draws it.
pub fn draw(buffer: &mut Buffer, model: &Model, sheet: &Sheet, theme: &Theme) {
    let area = centred(model, WIDTH, sheet.height());
    let all = sheet.rows.len();
    let place = if all + 2 > usize::from(area.height) {
        format!("{}/{}", sheet.cursor.row() + 1, text::count(all as u64))
    } else {
        String::new()
    };
    let place = Line::styled(place, theme.style(Role::Dim));
    let inner = popup(buffer, area, theme, &sheet.title(), place);
    if let Some(why) = &sheet.failed {
        let why = text::cut(why, usize::from(inner.width), theme.glyphs.more);
        return empty(buffer, inner, &[Line::styled(why, theme.style(Role::Error))]);
    }
    if sheet.rows.is_empty() {
        let said = format!("reading{}", theme.glyphs.more);
        return empty(buffer, inner, &[Line::styled(said, theme.style(Role::Dim))]);
    }
    rows::list(buffer, inner, (&sheet.rows, &sheet.cursor), true, model, theme);
}
