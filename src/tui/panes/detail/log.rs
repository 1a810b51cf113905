//! The log tab: of the selected run, or the controller's.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::log::{self, Level, Searcher, StyledLine};
use crate::tui::app::Model;
use crate::tui::app::log::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{empty, put};
use crate::tui::widgets::text;

/// Draws it into the inside of the pane; answers how many lines it put together.
pub fn draw(buffer: &mut Buffer, inner: Rect, model: &Model, theme: &Theme) -> usize {
    let inner = failure(buffer, inner, model, theme);
    match &model.log.state {
        State::None | State::Opening => 0,
        State::Failed(why) => {
            empty(
                buffer,
                inner,
                &[Line::styled(text::cut(why, 200, theme.glyphs.more), theme.style(Role::Error))],
            );
            0
        }
        State::Open if model.log.size > 0 => lines(buffer, inner, model, theme),
        State::Missing | State::Open => {
            let said = if running(model) { "nothing printed yet" } else { "it printed nothing" };
            empty(buffer, inner, &[Line::styled(said, theme.style(Role::Dim))]);
            0
        }
    }
}

fn running(model: &Model) -> bool {
    model.controller_log || model.runs.selected().is_some_and(|run| !run.status.is_final())
}

/// Follow or paused, and how many lines there are.
pub fn state(model: &Model, theme: &Theme) -> Line<'static> {
    let log = &model.log;
    if log.state != State::Open {
        return Line::default();
    }
    let dim = theme.style(Role::Dim);
    let mut line = Line::default();
    if let Some(search) = &log.search {
        let sign = if search.running { theme.glyphs.more } else { "" };
        let pattern = text::cut(&search.pattern, 20, theme.glyphs.more);
        line.push_span(Span::styled(format!("/{pattern}{sign}"), theme.style(Role::Accent)));
        line.push_span(Span::styled(format!(" {} ", theme.glyphs.dot), dim));
    }
    if log.follows() {
        let said = if running(model) { "follow" } else { "end" };
        line.push_span(Span::styled(said, if running(model) { theme.style(Role::Good) } else { dim }));
    } else {
        line.push_span(Span::styled("paused", theme.style(Role::Warning)));
        let new = log.new_lines();
        if new > 0 {
            line.push_span(Span::styled(format!(" +{} new", text::count(new)), theme.style(Role::Accent)));
        }
    }
    if let Some((lines, complete)) = log.count {
        let sign = if complete { "" } else { "+" };
        let noun = if lines == 1 { "line" } else { "lines" };
        line.push_span(Span::styled(
            format!(" {} {}{sign} {noun}", theme.glyphs.dot, text::count(lines)),
            dim,
        ));
    }
    line
}

/// How a failed run ended, above its last lines; answers what is left below.
fn failure(buffer: &mut Buffer, inner: Rect, model: &Model, theme: &Theme) -> Rect {
    let lines = model.failure_lines();
    let rows = lines.len().min(usize::from(inner.height) / 2);
    for (row, text) in lines.iter().take(rows).enumerate() {
        let role = if row == 0 { Role::Error } else { Role::Dim };
        let sign = if row == 0 { theme.glyphs.failed } else { " " };
        let text = text::cut(text, usize::from(inner.width).saturating_sub(3), theme.glyphs.more);
        let line = Line::from(vec![
            Span::styled(format!("{sign} "), theme.style(role)),
            Span::styled(text, theme.style(role)),
        ]);
        put(buffer, inner, row, &line);
    }
    let rows = u16::try_from(rows).unwrap_or(0);
    Rect { y: inner.y + rows, height: inner.height - rows, ..inner }
}

fn lines(buffer: &mut Buffer, inner: Rect, model: &Model, theme: &Theme) -> usize {
    let log = &model.log;
    let (width, height) = (usize::from(inner.width), usize::from(inner.height));
    let (first, mut skip) = log.first_seen(width, height);
    let searcher = log.search.as_ref().and_then(|search| Searcher::literal(&search.pattern).ok());
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
        let hit = log.search.as_ref().and_then(|search| search.hit) == Some(line.start);
        for part in parts.into_iter().skip(skip) {
            put(buffer, inner, row, &styled(&part, line.level, theme));
            if let Some(searcher) = &searcher {
                highlight(buffer, inner, row, (&part, searcher), theme, hit);
            }
            row += 1;
        }
        skip = 0;
    }
    built
}

fn styled(line: &StyledLine, level: Option<Level>, theme: &Theme) -> Line<'static> {
    let base = match level {
        Some(Level::Trace | Level::Debug) => theme.style(Role::LogDebug),
        Some(Level::Info) | None => Style::new(),
        Some(Level::Warning) => theme.style(Role::LogWarning),
        Some(Level::Error) => theme.style(Role::LogError),
    };
    let spans = line
        .spans
        .iter()
        .map(|span| Span::styled(span.text.clone(), base.patch(theme.foreign(style_of(span.style)))));
    Line::from(spans.collect::<Vec<_>>())
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

/// Marks what a search finds in a row.
fn highlight(
    buffer: &mut Buffer,
    inner: Rect,
    row: usize,
    (line, searcher): (&StyledLine, &Searcher),
    theme: &Theme,
    hit: bool,
) {
    let text = line.text();
    let Ok(y) = u16::try_from(row) else { return };
    if y >= inner.height {
        return;
    }
    for found in searcher.matches_in(text.as_bytes()) {
        let columns =
            |to: usize| StyledLine::plain(text.get(..to).unwrap_or_default(), log::Style::default()).width();
        let (from, to) = (columns(found.start), columns(found.end).min(usize::from(inner.width)));
        let Ok(x) = u16::try_from(from) else { continue };
        let area = Rect {
            x: inner.x.saturating_add(x),
            y: inner.y + y,
            width: u16::try_from(to.saturating_sub(from)).unwrap_or(0),
            height: 1,
        };
        let style = theme.style(Role::Found);
        let style = if hit { style.add_modifier(Modifier::BOLD) } else { style };
        buffer.set_style(area.intersection(inner), style);
    }
}
