//! The question before something is done: what exactly, then yes or no.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{centred, popup};
use crate::tui::app::Model;
use crate::tui::app::dialog::Confirm;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// The question before something is done: what exactly, then yes or no.
pub fn draw(buffer: &mut Buffer, model: &Model, confirm: &Confirm, theme: &Theme) {
    let planned = confirm.planned.as_deref();
    let ws = model.scope.ws.as_deref();
    let title = confirm.act.question(&confirm.targets, ws);
    let lines = planned.map_or(1, <[_]>::len).clamp(1, 12);
    let area = centred(model, 64, lines + 6);
    let inner = popup(buffer, area, theme, &title, Line::default());
    let room = usize::from(inner.height).saturating_sub(3).max(1);
    let dim = theme.style(Role::Dim);
    match planned {
        None => put(buffer, inner, 1, &Line::styled(format!("looking{}", theme.glyphs.more), dim)),
        Some([]) => put(buffer, inner, 1, &Line::styled(confirm.act.nothing(), dim)),
        Some(ends) => {
            let scroll = confirm.scroll.min(ends.len().saturating_sub(room));
            let seen = ends.iter().skip(scroll).take(room);
            let names: Vec<String> = seen.clone().map(|end| end.target.seen_from(ws)).collect();
            let longest = names.iter().map(|name| text::width(name)).max().unwrap_or(0);
            let name_width = longest.max(10).min(usize::from(inner.width) / 2);
            for (row, (end, name)) in seen.zip(&names).enumerate() {
                let used = name_width + 14;
                let detail =
                    text::cut(&end.detail, usize::from(inner.width).saturating_sub(used), theme.glyphs.more);
                let mut line = Line::default();
                if let Some(status) = end.status {
                    line.push_span(Span::styled(theme.glyphs.status(status), theme.status(status)));
                    let name = text::fit(name, name_width, theme.glyphs.more);
                    line.push_span(Span::styled(format!(" {name}"), theme.style(Role::Strong)));
                    line.push_span(Span::styled(format!(" {status:<10} "), theme.status(status)));
                } else {
                    line.push_span(Span::styled(format!("{name}  "), theme.style(Role::Strong)));
                }
                line.push_span(Span::styled(detail, dim));
                let top = usize::from(inner.height > 4);
                put(buffer, inner, top + row, &line);
            }
        }
    }
    let total = planned.map_or(0, <[_]>::len);
    let word = confirm.act.word();
    let note = confirm.act.note(&confirm.targets);
    let mut ask = vec![
        Span::styled("y", theme.style(Role::Key)),
        Span::raw(if total > 1 { format!(" {word} all {total}") } else { format!(" {word}") }),
        Span::raw("   "),
        Span::styled("n", theme.style(Role::Key)),
        Span::raw(" leave"),
    ];
    if !note.is_empty() {
        ask.push(Span::styled(format!("   {note}"), dim));
    }
    put(buffer, inner, usize::from(inner.height).saturating_sub(1), &Line::from(ask));
}
