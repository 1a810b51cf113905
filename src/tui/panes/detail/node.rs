//! What the selected run and its machine are doing: a curve for each quantity, over the same time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::chart;
use crate::model::load;
use crate::ops::view::load::Curve;
use crate::tui::app::board::Grid;
use crate::tui::app::{Model, Pane};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{empty, put};
use crate::tui::widgets::text;

/// The least columns and rows of a curve with its title: their shapes say enough.
const LEAST: (u16, u16) = (32, 4);

/// How many measurements there are.
pub fn state(model: &Model, theme: &Theme) -> Line<'static> {
    let count =
        model.detail.load.curves().and_then(|curves| curves.list.iter().map(|curve| curve.count).max());
    let said = count.map(|count| format!("{} samples", text::count(count.into()))).unwrap_or_default();
    Line::styled(said, theme.style(Role::Dim))
}

/// Draws as many curves as there is room for, the selected one among them.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) {
    let load = &model.detail.load;
    if let Some(why) = &load.failed {
        let why = text::cut(why, 200, theme.glyphs.more);
        return empty(buffer, area, &[Line::styled(why, theme.style(Role::Error))]);
    }
    let Some(curves) = load.curves() else { return };
    if curves.span().is_none() {
        let ended = model.runs.selected().is_some_and(|run| run.status.is_final());
        let said = if ended { "it was over before it was measured" } else { "nothing measured yet" };
        return empty(buffer, area, &[Line::styled(said, theme.style(Role::Dim))]);
    }
    let selected = model.detail.cursor.row();
    for (at, cell) in Grid::of(area, curves.list.len(), selected, LEAST).cells() {
        let (Some(curve), Some(drawn)) = (curves.list.get(at), load.charts().get(at)) else { continue };
        let focused = at == selected && model.focus == Pane::Detail;
        put(buffer, cell, 0, &title(curve, focused, cell.width, theme));
        let below = Rect { y: cell.y + 1, height: cell.height.saturating_sub(1), ..cell };
        chart::draw(buffer, below, drawn, &[], None, theme);
    }
}

fn title(curve: &Curve, selected: bool, width: u16, theme: &Theme) -> Line<'static> {
    let dim = theme.style(Role::Dim);
    let name = text::fit(&load::label(&curve.name), 13, theme.glyphs.more);
    let latest = text::fit_right(&curve.text(curve.latest), 10, theme.glyphs.more);
    let sign = if selected { theme.glyphs.here } else { " " };
    let mut line = Line::from(vec![
        Span::styled(sign.to_owned(), theme.style(Role::Accent)),
        Span::styled(name, theme.style(if selected { Role::Key } else { Role::Text })),
        Span::styled(latest, theme.style(Role::Strong)),
    ]);
    let (mean, max) = (curve.text(curve.mean()), curve.text(curve.highest));
    let more = [format!("  mean {mean}  max {max}"), format!("  max {max}")];
    let more = more.into_iter().find(|more| line.width() + text::width(more) <= usize::from(width));
    line.extend(more.map(|more| Span::styled(more, dim)));
    line
}
