//! The workspaces with their experiments.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::tree::Row;
use crate::tui::app::{Model, Pane};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, empty, paint_cursor, put};
use crate::tui::widgets::text;

/// Draws them.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) {
    let focused = model.focus == Pane::Workspaces;
    let title = Line::styled("Workspaces", theme.title(focused));
    let inner = block(buffer, area, theme, focused, &title, Line::default());
    let tree = &model.tree;
    if tree.loaded && tree.rows.is_empty() {
        return empty(buffer, inner, &[Line::styled("none yet", theme.style(Role::Dim))]);
    }
    let rows = tree.rows.iter().enumerate().skip(tree.cursor.top()).take(usize::from(inner.height));
    for (at, row) in rows {
        let line = at - tree.cursor.top();
        put(buffer, inner, line, &row_line(model, *row, usize::from(inner.width), theme));
        if at == tree.cursor.row() {
            paint_cursor(buffer, inner, line, theme, focused);
        }
    }
}

/// From so many columns on, a row tells more than its name and how many runs it has.
const WIDE: usize = 60;

fn row_line(model: &Model, row: Row, width: usize, theme: &Theme) -> Line<'static> {
    let tree = &model.tree;
    let (name, experiment) = tree.names(row);
    let (indent, name, count, running, failed, about) = match row {
        Row::Workspace(at) => {
            let workspace = &tree.workspaces[at];
            let sign = match (tree.has_children(name), tree.open.contains(name)) {
                (false, _) => " ",
                (true, false) => theme.glyphs.closed,
                (true, true) => theme.glyphs.open,
            };
            (
                format!("{sign} "),
                name,
                workspace.run_count,
                workspace.running,
                workspace.failed,
                workspace.description.as_str(),
            )
        }
        Row::Experiment(at) => {
            let of = &tree.experiments[at];
            ("    ".to_owned(), experiment.unwrap_or_default(), of.run_count, of.running, of.failed, "")
        }
    };
    let glyph = match (running, failed) {
        (0, 0) => Span::raw(" "),
        (0, _) => Span::styled(theme.glyphs.failed, theme.style(Role::Failed)),
        _ => Span::styled(theme.glyphs.running, theme.style(Role::Running)),
    };
    let more = theme.glyphs.more;
    let count = text::count(count);
    let column = if width < WIDE { width } else { WIDE / 2 };
    let used = indent.chars().count() + count.len() + 4;
    let mut line = Line::from(vec![
        Span::styled(indent, theme.style(Role::Dim)),
        Span::raw(text::fit(name, column.saturating_sub(used), more)),
        Span::raw(" "),
        glyph,
        Span::raw(" "),
        Span::styled(count, theme.style(Role::Dim)),
        Span::raw(" "),
    ]);
    if width >= WIDE {
        let counts = text::counts(&[(running, "running"), (failed, "failed")]);
        let rest = format!(" {}  {about}", text::fit(&counts, 24, more));
        line.push_span(Span::styled(text::cut(&rest, width - column, more), theme.style(Role::Dim)));
    }
    line
}
