//! The form for tags and the note of runs and jobs.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{centred, form, popup};
use crate::tui::app::Model;
use crate::tui::app::effect::names;
use crate::tui::app::tagging::TagForm;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// Draws it; answers where the cursor is.
pub fn draw(buffer: &mut Buffer, model: &Model, tags: &TagForm, theme: &Theme) -> Option<Position> {
    let area = centred(model, 80, 9);
    let title = format!("Tags of {}", names(&tags.targets));
    let inner = popup(buffer, area, theme, &title, Line::default());
    let top = u16::from(inner.height > 4);
    let lines = Rect { y: inner.y + top, height: inner.height.saturating_sub(top + 1).clamp(1, 2), ..inner };
    let lines = lines.intersection(inner);
    let cursor = form::draw(buffer, lines, &tags.fields, theme);
    let found = tags.completions();
    if inner.height > 5 && !found.is_empty() {
        let said =
            text::cut(&found.join(", "), usize::from(inner.width).saturating_sub(9), theme.glyphs.more);
        let line = Line::from(vec![
            Span::styled("in use  ", theme.style(Role::Dim)),
            Span::styled(said, theme.style(Role::Accent)),
        ]);
        put(buffer, inner, 4, &line);
    }
    form::problem(buffer, inner, tags.problem.as_ref(), theme);
    cursor
}
