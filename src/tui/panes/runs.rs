//! The runs: a table of which only the seen rows are put together.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::chart::sparkline;
use crate::model::Run;
use crate::tui::app::click::{Click, Clicks};
use crate::tui::app::columns::{TREND, heading};
use crate::tui::app::effect::Target;
use crate::tui::app::table::{self, Column, GAP, LEAD, TREND_WIDTH};
use crate::tui::app::trends;
use crate::tui::app::{Model, Pane};
use crate::tui::command::Command;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, empty, paint_cursor, put};
use crate::tui::widgets::text;

/// Draws them; answers how many rows it put together.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme, clicks: &mut Clicks) -> usize {
    if area.is_empty() {
        return 0;
    }
    let focused = model.focus == Pane::Runs;
    let (title, right) = (title(model, theme, focused), position(model, theme));
    let inner = block(buffer, area, theme, focused, &title, right);
    if model.runs.is_empty() {
        empty(buffer, inner, &nothing(model, theme));
        return 0;
    }
    let height = model.runs_height();
    let heading = usize::from(inner.height) - height.min(usize::from(inner.height));
    let top = model.runs.cursor.top();
    let seen = model.runs.seen(height);
    let columns = table::columns(model, seen.clone(), usize::from(inner.width));
    if heading > 0 {
        put(buffer, inner, 0, &heading_line(&columns, model, theme));
        let mut at = LEAD;
        for column in &columns {
            if column.field != TREND {
                clicks.add(inner, 0, (at, column.width), Click::Sort(column.field.clone()));
            }
            at += column.width + GAP;
        }
    }
    for row in seen.clone() {
        let line = row - top + heading;
        put(buffer, inner, line, &row_line(row, &columns, model, theme));
        if row == model.runs.cursor.row() {
            paint_cursor(buffer, inner, line, theme, focused);
        }
    }
    seen.len()
}

fn title(model: &Model, theme: &Theme, focused: bool) -> Line<'static> {
    let runs = &model.runs;
    let mut line = Line::styled("Runs", theme.title(focused));
    let dim = theme.style(Role::Dim);
    let dot = theme.glyphs.dot;
    if runs.query.is_some() {
        let shown = text::count(runs.len() as u64);
        let counts = if model.filter.filter.is_some() {
            format!(" {dot} {shown} of {}", text::count(runs.counts.total as u64))
        } else {
            format!(" {dot} {shown}")
        };
        line.push_span(Span::styled(counts, dim));
    }
    if !model.filter.text.is_empty() {
        line.push_span(Span::styled(format!(" {dot} "), dim));
        let filter = text::cut(&model.filter.text, 40, theme.glyphs.more);
        line.push_span(Span::styled(filter, theme.style(Role::Accent)));
    }
    if runs.is_marking() {
        let count = (runs.marks.len() + runs.to_mark.len()) as u64;
        let more = if runs.to_mark.is_empty() { "" } else { theme.glyphs.more };
        line.push_span(Span::styled(format!(" {dot} "), dim));
        line.push_span(Span::styled(format!("{} marked{more}", text::count(count)), theme.style(Role::Mark)));
    }
    line
}

/// Which row of how many is selected, where the list is longer than the pane.
fn position(model: &Model, theme: &Theme) -> Line<'static> {
    if model.runs.len() <= model.runs_height() {
        return Line::default();
    }
    let (row, all) = (model.runs.cursor.row() as u64 + 1, model.runs.len() as u64);
    Line::styled(format!("{}/{}", text::count(row), text::count(all)), theme.style(Role::Dim))
}

/// What an empty list says: why it is empty and what to do.
fn nothing(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let dim = theme.style(Role::Dim);
    let command = |before: &str, name: &'static str| {
        Line::from(vec![Span::styled(before.to_owned(), dim), Span::styled(name, theme.style(Role::Key))])
    };
    if let Some(why) = &model.runs.failed {
        return vec![
            Line::styled("The runs cannot be read", theme.style(Role::Error)),
            Line::styled(text::cut(why, 200, theme.glyphs.more), dim),
        ];
    }
    if !model.tree.loaded || (model.runs.query.is_none() && model.scope.ws.is_some()) {
        return Vec::new();
    }
    if model.filter.filter.is_some() {
        let mut lines = vec![Line::styled("No run matches", theme.style(Role::Text))];
        if let Some(key) = model.how(Command::Back) {
            lines.extend([Line::default(), command(&format!("{key}  "), "shows all again")]);
        }
        return lines;
    }
    let head = if model.scope.ws.is_some() { "No runs here yet" } else { "Nothing has been run yet" };
    vec![
        Line::styled(head, theme.style(Role::Strong)),
        Line::default(),
        command("your script   ", "xt run train.py"),
        command("or a demo     ", "xt demo        "),
    ]
}

fn heading_line(columns: &[Column], model: &Model, theme: &Theme) -> Line<'static> {
    let style = theme.style(Role::Heading);
    let sort = model.sort.as_ref();
    let mut line = Line::raw(" ".repeat(LEAD));
    for column in columns {
        let sign = match sort {
            Some(sort) if sort.field == column.field && sort.descending => theme.glyphs.descending,
            Some(sort) if sort.field == column.field => theme.glyphs.ascending,
            _ => "",
        };
        let role = if sign.is_empty() { style } else { theme.style(Role::Accent) };
        let heading = format!("{}{sign}", heading(&column.field));
        let heading = format!("{}{:GAP$}", fitted(&heading, column, theme), "");
        line.push_span(Span::styled(heading, role));
    }
    line
}

fn row_line(row: usize, columns: &[Column], model: &Model, theme: &Theme) -> Line<'static> {
    let Some(key) = model.runs.key(row) else { return Line::default() };
    let marked = model.runs.marks.contains_key(&key.id);
    let mut line = Line::default();
    let watched = !model.watched.is_empty()
        && model.runs.doc(key.id).is_some_and(|run| model.watched.contains(&Target::Run(run.path())));
    line.push_span(if marked {
        Span::styled(theme.glyphs.mark, theme.style(Role::Mark))
    } else if watched {
        Span::styled(theme.glyphs.watched, theme.style(Role::Accent))
    } else {
        Span::raw(" ")
    });
    let Some(run) = model.runs.doc(key.id) else {
        // Its document is on the way; the glyph is known already.
        line.push_span(Span::styled(theme.glyphs.status(key.status), theme.status(key.status)));
        line.push_span(Span::styled(format!("  {}", theme.glyphs.more), theme.style(Role::Dim)));
        return line;
    };
    let lost = run.status.is_active() && model.lost_contact(run.box_name.as_deref());
    let (glyph, style) = if lost {
        (theme.glyphs.unknown, theme.style(Role::Warning))
    } else {
        (theme.glyphs.status(run.status), theme.status(run.status))
    };
    line.push_span(Span::styled(format!("{glyph}  "), style));
    for column in columns {
        let cell = match column.field.as_str() {
            TREND => curve(run, model, theme),
            field => table::cell(run, field, model),
        };
        // The blanks after a cell are its own: a change of style costs more bytes than they do.
        let cell = format!("{}{:GAP$}", fitted(&cell, column, theme), "");
        line.push_span(Span::styled(cell, cell_style(column, style, theme)));
    }
    line
}

/// A metric's history in a cell.
fn curve(run: &Run, model: &Model, theme: &Theme) -> String {
    let metric = trends::metric(model).unwrap_or_default();
    let Some(trend) = model.trends.of(&run.path(), &metric) else { return String::new() };
    if trend.damaged {
        return "damaged".to_owned();
    }
    sparkline(&trend.values, TREND_WIDTH, theme.glyphs.unicode)
}

fn fitted(text: &str, column: &Column, theme: &Theme) -> String {
    let fit = if column.right { text::fit_right } else { text::fit };
    fit(text, column.width, theme.glyphs.more)
}

fn cell_style(column: &Column, status: Style, theme: &Theme) -> Style {
    match column.field.as_str() {
        "status" => status,
        TREND => theme.style(Role::chart(0)),
        "run_num" => theme.style(Role::Text),
        field if field.contains('.') => theme.style(Role::Text),
        _ => theme.style(Role::Dim),
    }
}
