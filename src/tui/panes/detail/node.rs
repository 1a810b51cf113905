//! What the selected run and its machine are doing: a curve for each quantity, over the same time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::curve::{self, SCALE};
use crate::model::{Time, load};
use crate::ops::view::load::Curve;
use crate::tui::app::{Model, Pane};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{empty, put};
use crate::tui::widgets::text;

/// From this width on, two curves stand side by side.
const WIDE: u16 = 64;

/// The rows of a curve with its title.
const ROWS: (u16, u16) = (2, 8);

/// How many measurements there are.
pub fn state(model: &Model, theme: &Theme) -> Line<'static> {
    let count =
        model.detail.load.curves().and_then(|curves| curves.list.iter().map(|curve| curve.count).max());
    let said = count.map(|count| format!("{} samples", text::count(count.into()))).unwrap_or_default();
    Line::styled(said, theme.style(Role::Dim))
}

/// Draws as many curves as there is room for, the selected one among them.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) {
    if let Some(why) = &model.detail.load.failed {
        let why = text::cut(why, 200, theme.glyphs.more);
        return empty(buffer, area, &[Line::styled(why, theme.style(Role::Error))]);
    }
    let Some(curves) = model.detail.load.curves() else { return };
    let Some(span) = curves.span() else {
        let ended = model.runs.selected().is_some_and(|run| run.status.is_final());
        let said = if ended { "it was over before it was measured" } else { "nothing measured yet" };
        return empty(buffer, area, &[Line::styled(said, theme.style(Role::Dim))]);
    };
    if area.height < 3 || area.width <= SCALE {
        return;
    }
    let columns = if area.width >= WIDE { 2 } else { 1 };
    let room = area.height - 1;
    let wanted = u16::try_from(curves.list.len().div_ceil(columns)).unwrap_or(u16::MAX).max(1);
    let height = (room / wanted).clamp(ROWS.0, ROWS.1.max(ROWS.0));
    let rows = usize::from(room / height).max(1);
    let selected = model.detail.cursor.row();
    let first = (selected / columns + 1).saturating_sub(rows) * columns;
    let width = area.width / u16::try_from(columns).unwrap_or(1);
    let seen = curves.list.iter().enumerate().skip(first).take(rows * columns);
    for ((at, curve), place) in seen.zip(0_usize..) {
        let (row, column) = (place / columns, place % columns);
        let (x, y) = (offset(column, width), offset(row, height));
        let cell = Rect { x: area.x + x, y: area.y + y, width: width - 1, height }.intersection(area);
        let title = title(curve, at == selected && model.focus == Pane::Detail, cell.width, theme);
        put(buffer, cell, 0, &title);
        let plot = Rect { y: cell.y + 1, height: cell.height.saturating_sub(1), ..cell };
        curve::draw(buffer, plot, curve, span, style(curve, theme), theme);
    }
    let used = offset(rows.min(usize::from(wanted)), height).min(room);
    for column in 0..columns.min(curves.list.len()) {
        let line = Rect { x: area.x + offset(column, width), y: area.y + used, width: width - 1, height: 1 };
        put(buffer, line, 0, &axis(span, model, line.width, theme));
    }
}

fn offset(place: usize, size: u16) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX).saturating_mul(size)
}

/// The run's own and what it shares with others are told apart.
fn style(curve: &Curve, theme: &Theme) -> Style {
    let own = curve.name.starts_with("run.");
    theme.style(if own { Role::Good } else { Role::Accent })
}

fn title(curve: &Curve, selected: bool, width: u16, theme: &Theme) -> Line<'static> {
    let dim = theme.style(Role::Dim);
    let name = text::fit(&load::label(&curve.name), 13, theme.glyphs.more);
    let latest = text::fit_right(&curve.text(curve.latest), 10, theme.glyphs.more);
    let mut line = Line::from(vec![
        Span::styled(name, theme.style(if selected { Role::Key } else { Role::Text })),
        Span::styled(latest, theme.style(Role::Strong)),
    ]);
    let (mean, max) = (curve.text(curve.mean()), curve.text(curve.highest));
    let more = [format!("  mean {mean}  max {max}"), format!("  max {max}")];
    let more = more.into_iter().find(|more| line.width() + text::width(more) <= usize::from(width));
    line.extend(more.map(|more| Span::styled(more, dim)));
    line
}

/// The time from the first to the last measurement, counted from the start of the run.
fn axis((first, last): (Time, Time), model: &Model, width: u16, theme: &Theme) -> Line<'static> {
    let start = model.runs.selected().and_then(|run| run.start_time).unwrap_or(first);
    let since = |time: Time| text::duration(time.since(start).as_secs_f64()).trim_start().to_owned();
    let (left, right) = (since(first), since(last));
    let room = usize::from(width.saturating_sub(SCALE));
    let dashes = room.saturating_sub(text::width(&left) + text::width(&right) + 2);
    let line = theme.glyphs.border.horizontal_top.repeat(dashes);
    Line::styled(format!("{}{left} {line} {right}", " ".repeat(usize::from(SCALE))), theme.style(Role::Dim))
}
