//! Charts side by side, each with its title.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chart;
use crate::chart::Unit;
use crate::model::names::visible;
use crate::tui::app::board::{Board, Panel};
use crate::tui::app::click::{Click, Clicks};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// How charts are looked at: what runs along x, smoothing, words, which of how many.
pub fn state(board: &Board, theme: &Theme) -> Line<'static> {
    let mut parts = Vec::new();
    if !board.pattern.is_empty() {
        let words = text::cut(&board.pattern, 20, theme.glyphs.more);
        parts.push(Span::styled(format!("/{words}"), theme.style(Role::Accent)));
    }
    let dim = theme.style(Role::Dim);
    let (found, _) = board.count();
    if found > 0 {
        if board.look.smoothing > 0.0 {
            parts.push(Span::styled(format!("smooth {}", board.look.smoothing), theme.style(Role::Accent)));
        }
        if let Some((low, high)) = board.view.x {
            let unit = board.effective().x.unit();
            let said = format!("{} to {}", unit.text(low), unit.text(high));
            parts.push(Span::styled(said, theme.style(Role::Accent)));
        }
        if let Some((low, high)) = board.selected().and_then(|name| board.view_of(name).y) {
            let said = format!("y {} to {}", Unit::Number.text(low), Unit::Number.text(high));
            parts.push(Span::styled(said, theme.style(Role::Accent)));
        }
        let missing = board.missing_x().map(|name| format!(" (no {})", visible(name))).unwrap_or_default();
        let x = board.effective().x.to_string();
        parts.push(Span::styled(format!("x {}{missing}", visible(&x)), dim));
        let (row, all) = (board.row() as u64 + 1, found as u64);
        parts.push(Span::styled(format!("{}/{}", text::count(row), text::count(all)), dim));
    }
    let mut line = Line::default();
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            line.push_span(Span::styled(format!(" {} ", theme.glyphs.dot), dim));
        }
        line.push_span(part);
    }
    line
}

/// Draws the charts that are seen; answers how many. `latest` tells the latest value of a metric as its run's
/// record has it.
#[allow(clippy::too_many_arguments, reason = "a pane's own and what is drawn")]
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    board: &Board,
    latest: &dyn Fn(&str) -> Option<String>,
    focused: bool,
    strong: Option<usize>,
    theme: &Theme,
    clicks: &mut Clicks,
) -> usize {
    let grid = board.grid(area);
    for (row, cell) in grid.cells() {
        let Some((name, panel)) = board.panel(row) else { continue };
        clicks.add_area(cell, Click::Chart(row));
        let selected = row == board.row();
        let title = title(board, name, panel, latest(name), selected && focused, cell.width, theme);
        put(buffer, cell, 0, &title);
        let below = Rect { y: cell.y + 1, height: cell.height.saturating_sub(1), ..cell };
        let Some(panel) = panel.filter(|panel| panel.is_read()) else { continue };
        if panel.chart.curves.iter().all(|curve| curve.hidden || curve.raw().last_value().is_none()) {
            let why = (0..panel.chart.curves.len()).find_map(|at| panel.damage(at));
            let (said, role) = why.map_or(("no numbers", Role::Dim), |why| (why, Role::Error));
            let said = text::cut(said, usize::from(below.width), theme.glyphs.more);
            put(buffer, below, 0, &Line::styled(said, theme.style(role)));
            continue;
        }
        chart::draw(buffer, below, &panel.chart, &panel.attempts, strong, theme);
    }
    grid.shown
}

/// A metric's name, its latest value or the one at the cursor, and how far what is seen reaches.
fn title(
    board: &Board,
    name: &str,
    panel: Option<&Panel>,
    latest: Option<String>,
    selected: bool,
    width: u16,
    theme: &Theme,
) -> Line<'static> {
    let dim = theme.style(Role::Dim);
    let width = usize::from(width);
    let name_room = (width / 2).max(8);
    let sign = if selected { theme.glyphs.here } else { " " };
    let mut line = Line::from(vec![
        Span::styled(sign.to_owned(), theme.style(Role::Accent)),
        Span::styled(
            text::cut(&visible(name), name_room, theme.glyphs.more),
            theme.style(if selected { Role::Key } else { Role::Text }),
        ),
    ]);
    let mut more = Vec::new();
    if let Some(panel) = panel.filter(|panel| panel.is_read()) {
        let single = board.members().len() == 1;
        let entry = if single { panel.chart.legend().into_iter().next() } else { None };
        match (&entry, panel.chart.view.cursor) {
            (Some(entry), Some(_)) => {
                let at = entry.x.map(|x| format!(" at {}", panel.chart.x_label(x))).unwrap_or_default();
                more.push(Span::styled(format!("  {}", entry.label()), theme.style(Role::Strong)));
                more.push(Span::styled(at, dim));
            }
            // The record is as new as can be, and knows what is no number.
            (Some(_), None) => {
                let latest = latest.unwrap_or_default();
                more.push(Span::styled(
                    format!("  {}", text::cut(&latest, 12, "")),
                    theme.style(Role::Strong),
                ));
            }
            _ => {}
        }
        let window = panel.chart.window();
        let seen = panel.chart.curves.iter().filter(|curve| !curve.hidden).map(|curve| {
            let series = curve.raw();
            series.extent(series.between(window.x.low(), window.x.high()))
        });
        let extent = seen.reduce(crate::chart::pyramid::Extent::and).filter(|extent| !extent.is_empty());
        if let Some(extent) = extent {
            let (low, high) = (Unit::Number.text(extent.low), Unit::Number.text(extent.high));
            more.push(Span::styled(format!("  {low} to {high}"), dim));
        }
    } else {
        more.push(Span::styled(format!(" {}", theme.glyphs.more), dim));
    }
    if board.is_log(name) {
        more.push(Span::styled("  log", theme.style(Role::Accent)));
    }
    for span in more {
        if line.width() + span.width() <= width {
            line.push_span(span);
        }
    }
    line
}
