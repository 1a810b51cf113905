//! A line to type in place of the hints, with what it may become above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::model::names::visible;
use crate::tui::app::Model;
use crate::tui::app::dialog::{Prompt, PromptKind};
use crate::tui::app::effect::{Target, names};
use crate::tui::app::message::Planned;
use crate::tui::app::palette;
use crate::tui::command::{Command, Invocation};
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
    let sign = match &prompt.kind {
        PromptKind::Command => " : ",
        PromptKind::Filter | PromptKind::Search | PromptKind::Metrics => " / ",
        PromptKind::SaveFile { .. } => " save as ",
        PromptKind::Priority(_) => " priority ",
        PromptKind::Lines => " & ",
        PromptKind::Jump => " J ",
        PromptKind::Save(_) => " W ",
    };
    buffer.set_stringn(0, bottom, sign, usize::from(columns), theme.style(Role::Key));
    let note = match (&prompt.problem, &prompt.kind) {
        (Some(problem), _) => Line::styled(format!("{problem} "), theme.style(Role::Error)),
        (None, PromptKind::Filter) if prompt.text().trim().is_empty() => {
            Line::styled("words, or status=error, lr<0.1 … ", theme.style(Role::Dim))
        }
        (None, PromptKind::Filter) => {
            let matches = format!("{} found ", text::count(model.runs.len() as u64));
            Line::styled(matches, theme.style(Role::Dim))
        }
        (None, PromptKind::Command) if filters(&prompt.text()) => {
            let matches = format!("{} found ", text::count(model.runs.len() as u64));
            Line::styled(matches, theme.style(Role::Dim))
        }
        (None, PromptKind::Command) => match &prompt.preview.ends {
            Some(Ok(ends)) if ends.is_empty() => {
                Line::styled("nothing of it is running or waiting ", theme.style(Role::Dim))
            }
            Some(Err(why)) => Line::styled(format!("{why} "), theme.style(Role::Warning)),
            _ => Line::default(),
        },
        (None, PromptKind::Lines) if prompt.text().is_empty() => {
            Line::styled("a pattern, or !pattern; empty: all lines ", theme.style(Role::Dim))
        }
        (None, PromptKind::Jump) if prompt.text().is_empty() => {
            Line::styled("a line (42) or a time: 14:30, -10m, 2026-11-25 9:00 ", theme.style(Role::Dim))
        }
        (None, PromptKind::Metrics) => {
            let (found, all) = model.charts().count();
            let said = format!("{} of {} metrics ", text::count(found as u64), text::count(all as u64));
            Line::styled(said, theme.style(Role::Dim))
        }
        (None, PromptKind::SaveFile { run, file }) => {
            let file = text::cut(&visible(file), usize::from(columns / 3), theme.glyphs.more);
            Line::styled(format!("{file} of {} ", run.run), theme.style(Role::Dim))
        }
        (None, PromptKind::Priority(jobs)) => {
            let jobs: Vec<Target> = jobs.iter().copied().map(Target::Job).collect();
            Line::styled(format!("of {} ", names(&jobs)), theme.style(Role::Dim))
        }
        (None, PromptKind::Save(_)) => Line::styled("save the lines in this file ", theme.style(Role::Dim)),
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
        boxes(buffer, model, prompt, theme);
    }
    Some(field(buffer, area, &prompt.input, "", theme))
}

/// Whether a command line filters the runs while it is typed.
fn filters(text: &str) -> bool {
    Invocation::parse(text)
        .is_ok_and(|line| line.entry.command == Command::Filter && !line.argument.is_empty())
}

/// What the line may become, and above it what it would do.
fn boxes(buffer: &mut Buffer, model: &Model, prompt: &Prompt, theme: &Theme) {
    let mut bottom = model.size.1.saturating_sub(1);
    if !prompt.found.is_empty() {
        bottom = completions(buffer, (model, bottom), prompt, theme);
    }
    if let Some(Ok(ends)) = &prompt.preview.ends
        && !ends.is_empty()
    {
        preview(buffer, (model, bottom), ends, theme);
    }
}

/// A frame of so many lines above a row; answers its inside, and none if there is no room.
fn frame_above(
    buffer: &mut Buffer,
    (model, bottom): (&Model, u16),
    lines: usize,
    theme: &Theme,
    title: &Line<'static>,
) -> Option<Rect> {
    let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).min(bottom);
    let area = Rect { x: 0, y: bottom.checked_sub(height)?, width: model.size.0.min(76), height };
    (height >= 3).then(|| block(buffer, area, theme, true, title, Line::default()))
}

fn completions(buffer: &mut Buffer, (model, bottom): (&Model, u16), prompt: &Prompt, theme: &Theme) -> u16 {
    const SHOWN: usize = 10;
    const NAME: usize = 26;
    let found = &prompt.found;
    // A preview needs room, too.
    let shown = if prompt.preview.targets.is_empty() { SHOWN } else { SHOWN / 2 };
    let lines = found.len().min(shown);
    let Some(inner) = frame_above(buffer, (model, bottom), lines, theme, &Line::default()) else {
        return bottom;
    };
    let chosen = palette::is_chosen(prompt);
    let room = usize::from(inner.height);
    let top = (prompt.choice + 1).saturating_sub(room);
    for (row, (at, candidate)) in found.iter().enumerate().skip(top).take(room).enumerate() {
        let key = candidate.command.and_then(|entry| model.keymap.keys(entry.command, model.place()).next());
        let argument = candidate.command.map(|entry| entry.argument.to_string()).unwrap_or_default();
        let mut line = Line::raw(" ");
        let name = text::cut(&candidate.name, NAME, theme.glyphs.more);
        for (place, letter) in (0..).zip(name.chars()) {
            let style =
                if candidate.matched.contains(&place) { theme.style(Role::Match) } else { Style::new() };
            line.push_span(Span::styled(letter.to_string(), style));
        }
        let rest = (NAME + 1).saturating_sub(text::width(&name));
        let argument = format!(" {argument}");
        line.push_span(Span::styled(text::fit(&argument, rest, theme.glyphs.more), theme.style(Role::Dim)));
        let key = key.map(Sequence::short).unwrap_or_default();
        line.push_span(Span::styled(
            format!("{} ", text::fit(&key, 7, theme.glyphs.more)),
            theme.style(Role::Key),
        ));
        let doc =
            text::cut(&candidate.doc, usize::from(inner.width).saturating_sub(NAME + 10), theme.glyphs.more);
        line.push_span(Span::styled(doc, theme.style(Role::Dim)));
        put(buffer, inner, row, &line);
        if at == prompt.choice && chosen {
            paint_cursor(buffer, inner, row, theme, true);
        }
    }
    inner.y.saturating_sub(1)
}

/// What a command would end.
fn preview(buffer: &mut Buffer, (model, bottom): (&Model, u16), ends: &[Planned], theme: &Theme) {
    const SHOWN: usize = 8;
    let said = format!("would end {}", text::count(ends.len() as u64));
    let title = Line::styled(said, theme.style(Role::Warning));
    let lines = ends.len().min(SHOWN);
    let Some(inner) = frame_above(buffer, (model, bottom), lines, theme, &title) else { return };
    let room = usize::from(inner.height);
    for (row, end) in ends.iter().take(room).enumerate() {
        if row + 1 == room && ends.len() > room {
            let more = format!(" {} {} more", theme.glyphs.more, text::count((ends.len() - row) as u64));
            return put(buffer, inner, row, &Line::styled(more, theme.style(Role::Dim)));
        }
        let detail = text::cut(&end.detail, usize::from(inner.width).saturating_sub(26), theme.glyphs.more);
        let status = end.status.unwrap_or(crate::model::Status::Unknown);
        let line = Line::from(vec![
            Span::raw(" "),
            Span::styled(theme.glyphs.status(status), theme.status(status)),
            Span::raw(" "),
            Span::styled(
                text::fit(&end.target.to_string(), 10, theme.glyphs.more),
                theme.style(Role::Strong),
            ),
            Span::styled(format!(" {status:<10} "), theme.status(status)),
            Span::styled(detail, theme.style(Role::Dim)),
        ]);
        put(buffer, inner, row, &line);
    }
}
