//! The help topics: their list at the left and the text at the right, or one after the other.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::help::TOPICS;
use crate::help::lines::Look;
use crate::tui::app::Model;
use crate::tui::app::topics::Topics;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, paint_cursor, put};
use crate::tui::widgets::text;

/// Draws it.
pub fn draw(buffer: &mut Buffer, model: &Model, topics: &Topics, theme: &Theme) {
    let parts = topics.parts(model.size);
    let lines = topics.lines(parts.text.width);
    let rows = usize::from(parts.text.height);
    let scroll = topics.scroll.min(lines.len().saturating_sub(rows));
    let right = position(scroll, rows, lines.len());
    let title = theme.style(Role::Accent).patch(theme.style(Role::Strong));
    let style = theme.style(Role::Dim);
    block(buffer, parts.frame, theme, true, &Line::styled("Help", title), Line::styled(right, style));
    list(buffer, topics, theme, &parts);
    if !parts.list.is_empty() && !parts.text.is_empty() {
        for y in parts.text.top()..parts.text.bottom() {
            buffer[(parts.text.x - 2, y)].set_symbol(theme.glyphs.border.vertical_left).set_style(style);
        }
    }
    for (row, line) in lines.iter().skip(scroll).take(rows).enumerate() {
        let spans = line.iter().map(|span| Span::styled(span.text.clone(), look(theme, span.look)));
        put(buffer, parts.text, row, &spans.collect::<Line<'_>>());
    }
}

/// How far one has read: nothing while all of it is seen.
fn position(scroll: usize, rows: usize, lines: usize) -> String {
    let last = lines.saturating_sub(rows);
    if rows == 0 || last == 0 { String::new() } else { format!("{}%", 100 * scroll / last) }
}

fn list(buffer: &mut Buffer, topics: &Topics, theme: &Theme, parts: &crate::tui::app::topics::Parts) {
    let area = parts.list;
    let first = topics.first(area.height);
    let alone = parts.text.is_empty();
    let widest = TOPICS.iter().map(|topic| text::width(&topic.title())).max().unwrap_or(0);
    for (row, (at, topic)) in TOPICS.iter().enumerate().skip(first).take(usize::from(area.height)).enumerate()
    {
        let mut line = Line::raw(text::fit(&topic.title(), widest + 2, theme.glyphs.more));
        if alone {
            let room = usize::from(area.width).saturating_sub(widest + 2);
            let summary = text::cut(&topic.summary(), room, theme.glyphs.more);
            line.push_span(Span::styled(summary, theme.style(Role::Dim)));
        }
        put(buffer, area, row, &line);
        if at == topics.choice {
            paint_cursor(buffer, area, row, theme, !topics.reading);
        }
    }
}

fn look(theme: &Theme, look: Look) -> Style {
    match look {
        Look::Plain => theme.style(Role::Text),
        Look::Title | Look::Heading => theme.style(Role::Accent).patch(theme.style(Role::Strong)),
        Look::Strong => theme.style(Role::Strong),
        Look::Emphasised => theme.style(Role::Text).add_modifier(Modifier::ITALIC),
        // Bold too, so that it stands out without colours.
        Look::Code => theme.style(Role::Key),
        Look::Link => theme.style(Role::Text).add_modifier(Modifier::UNDERLINED),
        Look::Muted => theme.style(Role::Dim),
    }
}
