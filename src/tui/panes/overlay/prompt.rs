//! A line to type in place of the hints, with what it may become above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::tui::app::Model;
use crate::tui::app::dialog::{Prompt, PromptKind};
use crate::tui::command;
use crate::tui::keymap::Sequence;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::field::field;
use crate::tui::widgets::frame::{block, paint_cursor, put};
use crate::tui::widgets::text;

/// A line to type in place of the hints (in the log: under it), with what it may become above it.
pub fn draw(buffer: &mut Buffer, model: &Model, prompt: &Prompt, theme: &Theme) -> Option<Position> {
    let (columns, rows) = model.size;
    let bottom = rows.checked_sub(1)?;
    let row = Rect { x: 0, y: bottom, width: columns, height: 1 };
    Clear.render(row, buffer);
    let sign = match prompt.kind {
        PromptKind::Command => " : ",
        PromptKind::Filter | PromptKind::Search => " / ",
        PromptKind::SaveFile => " save as ",
        PromptKind::Priority => " priority ",
        PromptKind::Lines => " & ",
        PromptKind::Jump => " J ",
        PromptKind::Save => " W ",
    };
    buffer.set_stringn(0, bottom, sign, usize::from(columns), theme.style(Role::Key));
    let note = match (&prompt.problem, prompt.kind) {
        (Some(problem), _) => Line::styled(format!("{problem} "), theme.style(Role::Error)),
        (None, PromptKind::Filter) if prompt.text().trim().is_empty() => {
            Line::styled("words, or status=error, lr<0.1 … ", theme.style(Role::Dim))
        }
        (None, PromptKind::Filter) => {
            let matches = format!("{} found ", text::count(model.runs.len() as u64));
            Line::styled(matches, theme.style(Role::Dim))
        }
        (None, PromptKind::Lines) if prompt.text().is_empty() => {
            Line::styled("a pattern, or !pattern; empty: all lines ", theme.style(Role::Dim))
        }
        (None, PromptKind::Jump) if prompt.text().is_empty() => {
            Line::styled("a line (42) or a time: 14:30, -10m, 2026-11-25 9:00 ", theme.style(Role::Dim))
        }
        (None, PromptKind::Save) => Line::styled("save the lines in this file ", theme.style(Role::Dim)),
        _ => Line::default(),
    };
    let taken = u16::try_from(note.width()).unwrap_or(columns).min(columns.saturating_sub(20));
    let x = u16::try_from(sign.len()).unwrap_or(3);
    let area = Rect { x, y: bottom, width: columns.saturating_sub(taken + x + 1), height: 1 };
    if area.width == 0 {
        return None;
    }
    buffer.set_line(columns - taken, bottom, &note, taken);
    if prompt.kind == PromptKind::Command {
        completions(buffer, model, prompt, theme);
    }
    Some(field(buffer, area, &prompt.input, "", theme))
}

fn completions(buffer: &mut Buffer, model: &Model, prompt: &Prompt, theme: &Theme) {
    const SHOWN: usize = 10;
    let found = command::complete(&prompt.text(), model.readonly);
    let (columns, rows) = model.size;
    let height = u16::try_from(found.len().min(SHOWN) + 2).unwrap_or(0).min(rows.saturating_sub(1));
    if found.is_empty() || height < 3 {
        return;
    }
    let area = Rect { x: 0, y: rows - 1 - height, width: columns.min(76), height };
    let inner = block(buffer, area, theme, true, &Line::default(), Line::default());
    let room = usize::from(inner.height);
    let top = (prompt.choice + 1).saturating_sub(room);
    for (row, (at, entry)) in found.iter().enumerate().skip(top).take(room).enumerate() {
        let key =
            model.keymap.keys(entry.command, model.place()).next().map(Sequence::short).unwrap_or_default();
        let name = format!("{} {}", entry.name, entry.argument);
        let line = Line::from(vec![
            Span::raw(" "),
            Span::raw(text::fit(&name, 26, theme.glyphs.more)),
            Span::styled(text::fit(&key, 8, theme.glyphs.more), theme.style(Role::Key)),
            Span::styled(entry.doc, theme.style(Role::Dim)),
        ]);
        put(buffer, inner, row, &line);
        if at == prompt.choice {
            paint_cursor(buffer, inner, row, theme, true);
        }
    }
}
