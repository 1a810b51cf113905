//! The lines of a form: each with its name, what is typed, and what it was.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::tui::app::form::Fields;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::field::field;
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// Columns of the names, with the sign before them.
const LABEL: u16 = 15;

/// Columns in which is told what a changed line was.
const WAS: u16 = 22;

/// Draws as many lines as there is room for, that with the focus among them; answers where the cursor is.
pub fn draw(buffer: &mut Buffer, area: Rect, fields: &Fields, theme: &Theme) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    let room = usize::from(area.height);
    let top = (fields.focus + 1).saturating_sub(room);
    let mut cursor = None;
    for (row, (at, line)) in fields.list.iter().enumerate().skip(top).take(room).enumerate() {
        let focused = at == fields.focus;
        let y = area.y + u16::try_from(row).unwrap_or(u16::MAX);
        let changed = line.is_changed();
        let label = LABEL.min(area.width / 3);
        let sign = if changed { theme.glyphs.mark } else { " " };
        let role = if focused { Role::Accent } else { Role::Dim };
        let name = text::fit(&line.label, usize::from(label).saturating_sub(2), theme.glyphs.more);
        let name = Line::from(vec![
            Span::styled(sign, theme.style(Role::Mark)),
            Span::styled(format!("{name} "), theme.style(role)),
        ]);
        put(buffer, Rect { y, height: 1, ..area }, 0, &name);
        let was = if changed && area.width > 60 { WAS } else { 0 };
        let place = Rect { x: area.x + label, y, width: area.width - label - was, height: 1 };
        let at = field(buffer, place, &line.input, &line.hint, theme);
        if focused {
            cursor = Some(at);
        }
        if was > 0 {
            let said = match line.original.as_deref() {
                None => "new".to_owned(),
                Some("") => "was empty".to_owned(),
                Some(original) => format!("was {original}"),
            };
            let said = text::cut(&said, usize::from(was) - 2, theme.glyphs.more);
            let beside = Rect { x: place.right() + 2, width: was - 2, ..place };
            put(buffer, beside, 0, &Line::styled(said, theme.style(Role::Dim)));
        }
    }
    cursor
}

/// What is wrong with what was typed, in the last line of a form.
pub fn problem(buffer: &mut Buffer, inner: Rect, problem: Option<&String>, theme: &Theme) {
    if let Some(problem) = problem {
        let problem = text::cut(problem, usize::from(inner.width), theme.glyphs.more);
        let line = Line::styled(problem, theme.style(Role::Error));
        put(buffer, inner, usize::from(inner.height).saturating_sub(1), &line);
    }
}
