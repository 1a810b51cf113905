//! The keys that work in the focused pane.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{centred, popup};
use crate::tui::app::Model;
use crate::tui::app::guide::{Guide, KEYS, Section};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// Draws them, in two columns where there is room.
pub fn draw(buffer: &mut Buffer, model: &Model, guide: &Guide, theme: &Theme) {
    let lines = lines(guide, model.size.0, theme);
    let widest = lines.iter().map(Line::width).max().unwrap_or(0);
    let area = centred(model, (widest + 4).max(40), lines.len() + 2);
    let inner = popup(buffer, area, theme, "Keys", Line::default());
    let room = usize::from(inner.height);
    for (row, line) in lines.iter().skip(guide.scroll(model.size)).take(room).enumerate() {
        put(buffer, inner, row, line);
    }
}

fn lines(guide: &Guide, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let columns = guide.columns(width).into_iter().map(|sections| joined(&sections, theme));
    columns.reduce(beside).unwrap_or_default()
}

fn beside(mut left: Vec<Line<'static>>, right: Vec<Line<'static>>) -> Vec<Line<'static>> {
    let width = left.iter().chain(&right).map(Line::width).max().unwrap_or(0);
    left.resize(left.len().max(right.len()), Line::default());
    for (line, other) in left.iter_mut().zip(right) {
        let blanks = (width + 3).saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(blanks)));
        line.spans.extend(other.spans);
    }
    left
}

fn joined(sections: &[&Section], theme: &Theme) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for section in sections {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(section.title, theme.style(Role::Accent)));
        lines.extend(section.lines.iter().map(|(keys, doc)| {
            let keys = text::fit(keys, KEYS, theme.glyphs.more);
            Line::from(vec![Span::styled(keys, theme.style(Role::Key)), Span::raw(doc.clone())])
        }));
    }
    lines
}
