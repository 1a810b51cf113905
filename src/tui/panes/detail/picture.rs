//! A picture that the run saved, in place of the list of its files.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::model::names::visible;
use crate::report::shape::bytes;
use crate::tui::app::Model;
use crate::tui::app::detail::place;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{empty, put};
use crate::tui::widgets::text;

/// Which picture of how many it is.
pub fn state(model: &Model, theme: &Theme) -> Line<'static> {
    let (rows, at) = model.detail.pictures();
    Line::styled(format!("picture {}/{}", at + 1, rows.len()), theme.style(Role::Dim))
}

/// Draws what it is, and the picture; answers where that is, if there is room for it.
pub fn draw(buffer: &mut Buffer, inner: Rect, model: &Model, theme: &Theme) -> Option<Rect> {
    let picture = model.detail.picture.as_ref()?;
    let area = place(inner);
    let mut facts = String::new();
    if let Some(shown) = picture.shown() {
        let ((width, height), size) = (shown.pixels, bytes(shown.version.size));
        let by = if theme.glyphs.more.is_ascii() { "x" } else { "×" };
        facts = format!("  {width}{by}{height} · {} · {size}", shown.kind);
        if theme.glyphs.more.is_ascii() {
            facts = facts.replace('·', "-");
        }
    }
    if area.height < inner.height {
        let room = usize::from(inner.width).saturating_sub(text::width(&facts) + 1);
        let name = text::cut(&visible(&picture.file), room.max(8), theme.glyphs.more);
        let line = Line::from(vec![
            Span::raw(" "),
            Span::styled(name, theme.style(Role::Strong)),
            Span::styled(facts, theme.style(Role::Dim)),
        ]);
        put(buffer, inner, 0, &line);
    }
    match &picture.came {
        None => None,
        Some(Ok(shown)) => shown.cells.put(buffer, area),
        Some(Err(why)) => {
            let lines = text::wrap(why, usize::from(area.width).saturating_sub(4).max(8));
            let lines = lines.into_iter().map(|line| Line::styled(line, theme.style(Role::Warning)));
            empty(buffer, area, &lines.collect::<Vec<_>>());
            None
        }
    }
}
