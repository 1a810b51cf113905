//! The form to start runs again, with what differs from how they were and the command that comes of it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{centred, form, popup};
use crate::report::shape;
use crate::tui::app::Model;
use crate::tui::app::effect::names;
use crate::tui::app::rerun::RerunForm;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// Columns of the form.
const WIDTH: usize = 88;

/// Lines of the command that are seen.
const COMMAND: usize = 3;

/// Draws it; answers where the cursor is.
pub fn draw(buffer: &mut Buffer, model: &Model, form: &RerunForm, theme: &Theme) -> Option<Position> {
    let width = WIDTH.min(usize::from(model.size.0).saturating_sub(8));
    let shown = if form.is_single() { preview(form, width, theme) } else { several(form, theme) };
    // Blank lines above, between and below, and the borders.
    let area = centred(model, WIDTH + 4, form.fields.list.len() + shown.len() + 6);
    let title = format!("Rerun {}", names(&form.targets));
    let inner = popup(buffer, area, theme, &title, Line::default());
    // The lines to type in come first: where there is little room the rest is left out.
    let top = u16::from(inner.height > 10);
    let below = if inner.height > 8 { u16::try_from(shown.len() + 3).unwrap_or(0) } else { 1 };
    let height = inner.height.saturating_sub(top + below).clamp(1, inner.height.max(1));
    let lines = Rect { y: inner.y + top, height, ..inner }.intersection(inner);
    let cursor = form::draw(buffer, lines, &form.fields, theme);
    let rest = Rect { y: lines.bottom(), height: inner.bottom().saturating_sub(lines.bottom()), ..inner };
    if rest.height > 2 {
        for (row, line) in shown.iter().take(usize::from(rest.height) - 2).enumerate() {
            put(buffer, rest, row + 1, line);
        }
    }
    form::problem(buffer, inner, form.problem.as_ref(), theme);
    cursor
}

/// The command as it would be; what is new in it stands out.
fn preview(form: &RerunForm, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    for (word, new) in form.command() {
        let word = text::cut(&shape::command(&[word]), width.saturating_sub(2).max(1), theme.glyphs.more);
        let full =
            lines.last().is_some_and(|line| line.width() > 0 && line.width() + text::width(&word) > width);
        if full {
            lines.push(Line::raw("  "));
        }
        let style = theme.style(if new { Role::Accent } else { Role::Dim });
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::styled(format!("{word} "), style));
        }
    }
    if lines.len() > COMMAND {
        lines.truncate(COMMAND);
        if let Some(line) = lines.last_mut() {
            *line = Line::styled(format!("  {}", theme.glyphs.more), theme.style(Role::Dim));
        }
    }
    lines
}

fn several(form: &RerunForm, theme: &Theme) -> Vec<Line<'static>> {
    let all = form.targets.len();
    vec![Line::styled(
        format!("the same for all {all}; each keeps what is not changed"),
        theme.style(Role::Dim),
    )]
}
