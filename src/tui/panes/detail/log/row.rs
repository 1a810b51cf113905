//! The rows of the log: what stands before a line, its text in its colours, what the search has hit in it.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::log::{self, Level, Searcher, StyledLine};
use crate::tui::app::log::{Gutter, LogLine};
use crate::tui::app::{Model, Pane};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{paint_cursor, put};
use crate::tui::widgets::text;

/// Draws the lines that are seen; answers how many it put together.
pub fn lines(buffer: &mut Buffer, inner: Rect, model: &Model, theme: &Theme) -> usize {
    let log = &model.log;
    let gutter = log.gutter(usize::from(inner.width));
    let (width, height) = (usize::from(inner.width) - gutter.width(), usize::from(inner.height));
    let (first, mut skip) = log.first_seen(width, height);
    let searcher = log.search.as_ref().and_then(|search| search.searcher.as_ref());
    let (mut row, mut built) = (0, 0);
    for line in log.lines.iter().skip(first) {
        if row >= height {
            break;
        }
        built += 1;
        let parts = if log.wrap {
            line.text.wrap(width.max(1))
        } else {
            vec![line.text.slice_columns(log.column, log.column + width)]
        };
        let found = searcher.map_or_else(Vec::new, |searcher| columns_found(&line.text, searcher));
        let current = log.current == Some(line.start);
        let mut column = if log.wrap { 0 } else { log.column };
        for (at, part) in parts.into_iter().enumerate() {
            let columns = column..column + part.width();
            column = columns.end;
            if at < skip || row >= height {
                continue;
            }
            let mut spans = if at == 0 { before(line, gutter, model, theme) } else { blank(gutter) };
            spans.extend(styled(&part, line.level, theme));
            put(buffer, inner, row, &Line::from(spans));
            if current {
                paint_cursor(buffer, inner, row, theme, model.focus == Pane::Detail);
            }
            for range in &found {
                highlight(buffer, inner, row, gutter.width(), (range, &columns), theme);
            }
            row += 1;
        }
        skip = 0;
    }
    built
}

/// What stands before a line.
fn before(line: &LogLine, gutter: Gutter, model: &Model, theme: &Theme) -> Vec<Span<'static>> {
    let (dim, more) = (theme.style(Role::Dim), theme.glyphs.more);
    let mut spans = Vec::new();
    if gutter.run > 0 {
        let run = line.run.unwrap_or(0);
        let name = model.log.runs.get(run).map_or("", String::as_str);
        let style = theme.style(Role::chart(run));
        spans.push(Span::styled(format!("{} ", text::fit(name, gutter.run - 1, more)), style));
    }
    if gutter.number > 0 {
        let number = line.number.filter(|_| !line.continued).map(|number| number.to_string());
        spans.push(Span::styled(format!("{:>1$} ", number.unwrap_or_default(), gutter.number - 1), dim));
    }
    if gutter.time > 0 {
        let time = line.time.map(|micros| model.log.clock.time_of_day(micros)).unwrap_or_default();
        spans.push(Span::styled(format!("{time:8}"), dim));
        let mark = if line.stderr { "!" } else { " " };
        spans.push(Span::styled(format!("{mark} "), theme.style(Role::Warning)));
    }
    spans
}

fn blank(gutter: Gutter) -> Vec<Span<'static>> {
    vec![Span::raw(" ".repeat(gutter.width()))]
}

/// The columns of a line that a search hits.
fn columns_found(line: &StyledLine, searcher: &Searcher) -> Vec<Range<usize>> {
    let text = line.text();
    let column = |to: usize| text::width(text.get(..to).unwrap_or_default());
    searcher.matches_in(text.as_bytes()).map(|found| column(found.start)..column(found.end)).collect()
}

fn styled(line: &StyledLine, level: Option<Level>, theme: &Theme) -> Vec<Span<'static>> {
    let base = match level {
        Some(Level::Trace | Level::Debug) => theme.style(Role::LogDebug),
        Some(Level::Info) | None => Style::new(),
        Some(Level::Warning) => theme.style(Role::LogWarning),
        Some(Level::Error) => theme.style(Role::LogError),
    };
    let spans = line.spans.iter();
    spans
        .map(|span| Span::styled(span.text.clone(), base.patch(theme.foreign(style_of(span.style)))))
        .collect()
}

/// A log's style as ratatui has it.
fn style_of(style: log::Style) -> Style {
    let mut out = Style { fg: style.fg.map(colour_of), bg: style.bg.map(colour_of), ..Style::new() };
    let modifiers = [
        (style.bold, Modifier::BOLD),
        (style.dim, Modifier::DIM),
        (style.italic, Modifier::ITALIC),
        (style.underline, Modifier::UNDERLINED),
        (style.reverse, Modifier::REVERSED),
        (style.strike, Modifier::CROSSED_OUT),
    ];
    for (_, modifier) in modifiers.into_iter().filter(|(on, _)| *on) {
        out = out.add_modifier(modifier);
    }
    out
}

fn colour_of(colour: log::Color) -> Color {
    match colour {
        log::Color::Indexed(index) => Color::Indexed(index),
        log::Color::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}

/// Marks what of a hit is in a row that shows these columns of its line.
fn highlight(
    buffer: &mut Buffer,
    inner: Rect,
    row: usize,
    indent: usize,
    (found, shown): (&Range<usize>, &Range<usize>),
    theme: &Theme,
) {
    let (from, to) = (found.start.max(shown.start), found.end.min(shown.end));
    let place = |column: usize| u16::try_from(indent + column - shown.start).ok();
    let (Some(x), Some(end), Ok(y)) =
        (place(from.max(shown.start)), place(to.max(shown.start)), u16::try_from(row))
    else {
        return;
    };
    if y < inner.height && x < end {
        let area = Rect { x: inner.x.saturating_add(x), y: inner.y + y, width: end - x, height: 1 };
        let style = theme.style(Role::Found);
        // On the current line, too, a hit stands out.
        let style = if theme.has_colour() { style.remove_modifier(Modifier::REVERSED) } else { style };
        buffer.set_style(area.intersection(inner), style);
    }
}
