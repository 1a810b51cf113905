//! The question before something is ended: what exactly, then yes or no.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{centred, popup};
use crate::tui::app::Model;
use crate::tui::app::dialog::Confirm;
use crate::tui::app::effect::{Target, names};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// The question before something is ended: what exactly, then yes or no.
pub fn draw(buffer: &mut Buffer, model: &Model, confirm: &Confirm, theme: &Theme) {
    let planned = confirm.planned.as_deref();
    let title = match confirm.targets.as_slice() {
        [target] => format!("Kill {target}?"),
        many => format!("Kill {}?", names(many)),
    };
    let lines = planned.map_or(1, <[_]>::len).clamp(1, 12);
    let area = centred(model, 64, lines + 6);
    let inner = popup(buffer, area, theme, &title, Line::default());
    let room = usize::from(inner.height).saturating_sub(3).max(1);
    let dim = theme.style(Role::Dim);
    match planned {
        None => put(buffer, inner, 1, &Line::styled(format!("looking{}", theme.glyphs.more), dim)),
        Some([]) => put(buffer, inner, 1, &Line::styled("nothing of it is running or waiting", dim)),
        Some(ends) => {
            let scroll = confirm.scroll.min(ends.len().saturating_sub(room));
            for (row, end) in ends.iter().skip(scroll).take(room).enumerate() {
                let used = 24;
                let detail =
                    text::cut(&end.detail, usize::from(inner.width).saturating_sub(used), theme.glyphs.more);
                let line = Line::from(vec![
                    Span::styled(theme.glyphs.status(end.status), theme.status(end.status)),
                    Span::raw(" "),
                    Span::styled(
                        text::fit(&end.target.to_string(), 10, theme.glyphs.more),
                        theme.style(Role::Strong),
                    ),
                    Span::styled(format!(" {:<10} ", end.status), theme.status(end.status)),
                    Span::styled(detail, dim),
                ]);
                let top = usize::from(inner.height > 4);
                put(buffer, inner, top + row, &line);
            }
        }
    }
    let total = planned.map_or(0, <[_]>::len);
    let mut ask = vec![
        Span::styled("y", theme.style(Role::Key)),
        Span::raw(if total > 1 { format!(" kill all {total}") } else { " kill".to_owned() }),
        Span::raw("   "),
        Span::styled("n", theme.style(Role::Key)),
        Span::raw(" leave"),
    ];
    if confirm.targets.iter().any(|target| matches!(target, Target::Job(_))) {
        ask.push(Span::styled("   waiting runs will not start", dim));
    }
    put(buffer, inner, usize::from(inner.height).saturating_sub(1), &Line::from(ask));
}
