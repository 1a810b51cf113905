//! Runs side by side: a table of what they were given and came to, their metrics laid over each other, a legend.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{board, chart};
use crate::chart::Unit;
use crate::model::names::visible;
use crate::tui::app::Model;
use crate::tui::app::click::{Click, Clicks};
use crate::tui::app::compare::{Compare, Row};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, empty, put};
use crate::tui::widgets::text;

/// Columns of a run's values, and of the names.
const VALUE: usize = 9;
const NAMES: (usize, usize) = (8, 24);

/// Draws the screen; answers how many charts it drew.
pub fn draw(buffer: &mut Buffer, body: Rect, model: &Model, theme: &Theme, clicks: &mut Clicks) -> usize {
    let compare = &model.compare;
    let areas = compare.areas(body);
    table(buffer, areas.table, compare, theme, clicks);
    if areas.frame.is_empty() {
        return 0;
    }
    let focused = !compare.on_table;
    let title = Line::styled("Metrics", theme.title(focused));
    block(buffer, areas.frame, theme, focused, &title, board::state(&compare.board, theme));
    if let Some(why) = compare.failed.as_ref().or(compare.board.failed.as_ref()) {
        let why = text::cut(why, 200, theme.glyphs.more);
        empty(buffer, areas.charts, &[Line::styled(why, theme.style(Role::Error))]);
        return 0;
    }
    if compare.loaded && compare.board.count().0 == 0 {
        let said = if compare.board.is_empty() { "no metrics yet" } else { "no metric is called like this" };
        empty(buffer, areas.charts, &[Line::styled(said, theme.style(Role::Dim))]);
    }
    let latest = |_: &str| None;
    let strong = Some(compare.member());
    let charts = board::draw(buffer, areas.charts, &compare.board, &latest, focused, strong, theme, clicks);
    legend(buffer, areas.legend, compare, theme, clicks);
    charts
}

/// How a run is told apart: its line, and its name's style.
fn mark(compare: &Compare, at: usize, theme: &Theme) -> (String, Style) {
    let member = compare.board.members().get(at);
    if member.is_none_or(|member| member.hidden) {
        return (" ".to_owned(), theme.style(Role::Dim));
    }
    let glyphs = compare.board.chart().map(|panel| chart::glyphs(&panel.chart, theme));
    let several = if theme.glyphs.unicode && theme.has_colour() {
        crate::chart::Glyphs::Braille
    } else {
        crate::chart::Glyphs::Signs
    };
    (chart::key(at, glyphs.unwrap_or(several)).to_string(), theme.style(Role::chart(at)))
}

fn table(buffer: &mut Buffer, area: Rect, compare: &Compare, theme: &Theme, clicks: &mut Clicks) {
    let focused = compare.on_table;
    let dim = theme.style(Role::Dim);
    let mut title = Line::styled("Compare", theme.title(focused));
    if compare.loaded {
        let count = format!(" {} {} runs", theme.glyphs.dot, compare.runs().len());
        title.push_span(Span::styled(count, dim));
    }
    let what = if compare.all { "all values" } else { "what differs" };
    let inner = block(buffer, area, theme, focused, &title, Line::styled(what, dim));
    if compare.runs().is_empty() || inner.is_empty() {
        if compare.loaded {
            empty(buffer, inner, &[Line::styled("these runs are gone", dim)]);
        }
        return;
    }
    let seen = compare.rows.iter().skip(compare.top).take(usize::from(inner.height).saturating_sub(1));
    let wide = seen.clone().map(|row| match row {
        Row::Section(_) => 0,
        Row::Value { name, .. } => text::width(&visible(name)) + 1,
    });
    let room = usize::from(inner.width);
    let names = wide.max().unwrap_or(0).clamp(NAMES.0, NAMES.1).min(room / 2);
    let columns = (room.saturating_sub(names) / (VALUE + 1)).max(1);
    let first = compare.member() / columns * columns;
    let shown = first..(first + columns).min(compare.runs().len());
    let mut heading = Line::raw(" ".repeat(names));
    for at in shown.clone() {
        let (sign, style) = mark(compare, at, theme);
        let name = text::fit_right(&compare.runs()[at].run_name.to_string(), VALUE - 1, theme.glyphs.more);
        clicks.add(inner, 0, (heading.width(), VALUE + 1), Click::Member(at));
        let style = if at == compare.member() { style.patch(theme.style(Role::Cursor)) } else { style };
        heading.push_span(Span::raw(" "));
        heading.push_span(Span::styled(format!("{sign}{name}"), style));
    }
    put(buffer, inner, 0, &heading);
    for (line, row) in seen.enumerate() {
        put(buffer, inner, line + 1, &row_line(row, compare, shown.clone(), names, theme));
    }
}

fn row_line(
    row: &Row,
    compare: &Compare,
    shown: std::ops::Range<usize>,
    names: usize,
    theme: &Theme,
) -> Line<'static> {
    let dim = theme.style(Role::Dim);
    let (name, differs) = match row {
        Row::Section(part) => return Line::styled(part.title(), theme.style(Role::Heading)),
        Row::Value { name, differs, .. } => (visible(name), *differs),
    };
    let style = if differs { theme.style(Role::Text) } else { dim };
    let mut line = Line::from(Span::styled(text::fit(&name, names, theme.glyphs.more), dim));
    for at in shown {
        let value = compare.runs().get(at).and_then(|run| row.value(run)).map(text::value);
        let value = value.as_deref().unwrap_or(theme.glyphs.none);
        line.push_span(Span::styled(format!(" {}", text::fit_right(value, VALUE, theme.glyphs.more)), style));
    }
    line
}

/// The runs with their values of the selected metric: at the cursor, or else the latest, and the least and the most.
fn legend(buffer: &mut Buffer, area: Rect, compare: &Compare, theme: &Theme, clicks: &mut Clicks) {
    let height = usize::from(area.height);
    if height == 0 {
        return;
    }
    let first = compare.member() / height * height;
    let panel = compare.board.chart();
    let entries = panel.map(|panel| panel.chart.legend()).unwrap_or_default();
    let dim = theme.style(Role::Dim);
    for (row, (at, member)) in compare.board.members().iter().enumerate().skip(first).take(height).enumerate()
    {
        clicks.add(area, u16::try_from(row).unwrap_or(0), (0, usize::from(area.width)), Click::Member(at));
        let (sign, style) = mark(compare, at, theme);
        let selected = at == compare.member();
        let here = if selected { theme.glyphs.here } else { " " };
        let name = text::fit(&member.name, 10, theme.glyphs.more);
        let name_style = if member.hidden {
            dim
        } else if selected {
            theme.style(Role::Key)
        } else {
            Style::new()
        };
        let mut line = Line::from(vec![
            Span::styled(here.to_owned(), theme.style(Role::Accent)),
            Span::styled(format!("{sign}{sign} "), style),
            Span::styled(name, name_style),
        ]);
        let entry = entries.iter().find(|entry| entry.curve == at);
        if member.hidden {
            line.push_span(Span::styled("     hidden", dim));
        } else if let Some(why) = panel.and_then(|panel| panel.damage(at)) {
            let room = usize::from(area.width).saturating_sub(line.width() + 1);
            let why = text::cut(why, room, theme.glyphs.more);
            line.push_span(Span::styled(format!(" {why}"), theme.style(Role::Error)));
        } else if let Some(entry) = entry {
            line.push_span(Span::styled(
                text::fit_right(&entry.label(), 10, theme.glyphs.more),
                theme.style(Role::Strong),
            ));
            if let Some(x) = entry.x.zip(panel).filter(|(_, panel)| panel.chart.view.cursor.is_some()) {
                line.push_span(Span::styled(format!(" at {}", x.1.chart.x_label(x.0)), dim));
            }
            let extent = panel.and_then(|panel| {
                let series = panel.chart.curves.get(at)?.raw();
                Some(series.extent(0..series.len())).filter(|extent| !extent.is_empty())
            });
            if let Some(extent) = extent {
                let (low, high) = (Unit::Number.text(extent.low), Unit::Number.text(extent.high));
                let more = Span::styled(format!("   least {low:<9}  most {high}"), dim);
                if line.width() + more.width() <= usize::from(area.width) {
                    line.push_span(more);
                }
            }
        }
        put(buffer, area, row, &line);
    }
}
