//! The metrics of the selected run, each as a chart.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::board;
use crate::tui::app::click::Clicks;
use crate::tui::app::{Model, Pane};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::empty;
use crate::tui::widgets::text;

/// How the charts are looked at.
pub fn state(model: &Model, theme: &Theme) -> Line<'static> {
    board::state(&model.board, theme)
}

/// Draws the charts that are seen; answers how many.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme, clicks: &mut Clicks) -> usize {
    let charts = &model.board;
    let dim = theme.style(Role::Dim);
    if let Some(why) = &charts.failed {
        let why = text::cut(why, 200, theme.glyphs.more);
        empty(buffer, area, &[Line::styled(why, theme.style(Role::Error))]);
        return 0;
    }
    let Some(run) = model.runs.selected() else { return 0 };
    if charts.is_empty() && !charts.members().is_empty() {
        let said = if run.status.is_final() { "it logged no metrics" } else { "no metrics yet" };
        let code = |text: &'static str| Line::styled(format!("{text:<38}"), theme.style(Role::Key));
        let how = Line::styled("a Python script logs some like this:", dim);
        let lines = [
            Line::styled(said, theme.style(Role::Strong)),
            Line::default(),
            how,
            Line::default(),
            code("import xt"),
            code("xt.Run().log_metrics({\"loss\": 0.41})"),
        ];
        // With little room, what matters.
        let from = if area.height > 6 { 0 } else { 4 };
        empty(buffer, area, if area.height < 2 { &lines[..1] } else { &lines[from..] });
        return 0;
    }
    if charts.count().0 == 0 && !charts.pattern.is_empty() {
        let said = Line::from(vec![
            Span::styled("no metric is called like ", dim),
            Span::raw(text::cut(&charts.pattern, 40, theme.glyphs.more)),
        ]);
        empty(buffer, area, &[said]);
        return 0;
    }
    let latest = |name: &str| run.metrics.get(name).map(text::value);
    board::draw(buffer, area, charts, &latest, model.focus == Pane::Detail, None, theme, clicks)
}
