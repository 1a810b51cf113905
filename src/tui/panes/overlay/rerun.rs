//! The form to start a run again, with what it was.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{centred, popup};
use crate::tui::app::Model;
use crate::tui::app::dialog::RerunForm;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::field::field;
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// The form to start a run again, with what it was.
pub fn draw(buffer: &mut Buffer, model: &Model, form: &RerunForm, theme: &Theme) -> Option<Position> {
    const LABEL: u16 = 12;
    let shown = form.original.len().min(8);
    let area = centred(model, 76, shown + 9);
    let inner = popup(buffer, area, theme, &format!("Rerun {}", form.run.run), Line::default());
    let dim = theme.style(Role::Dim);
    // Fields first: where there is little room the rest is left out.
    let top = u16::from(inner.height > 5);
    let mut cursor = None;
    for (at, label) in ["arguments", "set"].into_iter().enumerate() {
        let row = top + u16::try_from(at).unwrap_or(0);
        if row >= inner.height {
            break;
        }
        let focused = form.focus == at;
        let style = if focused { theme.style(Role::Accent) } else { dim };
        buffer.set_stringn(inner.x, inner.y + row, label, usize::from(inner.width), style);
        let label = LABEL.min(inner.width / 3);
        let area = Rect { x: inner.x + label, y: inner.y + row, width: inner.width - label, height: 1 };
        let hint = if at == 1 { "name=value …" } else { "" };
        let at = field(buffer, area, &form.fields[at], hint, theme);
        if focused {
            cursor = Some(at);
        }
    }
    let mut row = usize::from(top) + 2;
    if let Some(problem) = &form.problem {
        let problem = text::cut(problem, usize::from(inner.width), theme.glyphs.more);
        put(buffer, inner, row, &Line::styled(problem, theme.style(Role::Error)));
    }
    row += 1;
    if row + 1 < usize::from(inner.height) {
        put(buffer, inner, row, &Line::styled("as it was", dim));
        for (name, value) in form.original.iter().take(shown) {
            row += 1;
            let label = text::fit(name, usize::from(LABEL) - 1, theme.glyphs.more);
            let value = text::cut(value, usize::from(inner.width.saturating_sub(LABEL)), theme.glyphs.more);
            let line = Line::from(vec![Span::styled(format!("{label} "), dim), Span::raw(value)]);
            put(buffer, inner, row, &line);
        }
    }
    let keys = Line::from(vec![
        Span::styled("enter", theme.style(Role::Key)),
        Span::raw(" start   "),
        Span::styled("tab", theme.style(Role::Key)),
        Span::raw(" next field   "),
        Span::styled("esc", theme.style(Role::Key)),
        Span::raw(" leave"),
    ]);
    if inner.height > 5 {
        put(buffer, inner, usize::from(inner.height) - 1, &keys);
    }
    cursor
}
