//! The runs: a table of which only the seen rows are put together.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::model::{Run, Scalar};
use crate::tui::app::{Model, Pane};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, empty, paint_cursor, put};
use crate::tui::widgets::text;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    kind: Kind,
    heading: String,
    /// The field it sorts by.
    field: String,
    width: usize,
    right: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Name,
    Status,
    Time,
    Hparam(String),
    Metric(String),
    Box,
}

/// Blanks between columns.
const GAP: usize = 2;

/// Draws them; answers how many rows it put together.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) -> usize {
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
    let seen = top..(top + height).min(model.runs.len());
    let columns = columns(model, seen.clone(), usize::from(inner.width));
    if heading > 0 {
        put(buffer, inner, 0, &heading_line(&columns, model, theme));
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
    if !runs.marks.is_empty() {
        line.push_span(Span::styled(format!(" {dot} "), dim));
        line.push_span(Span::styled(format!("{} marked", runs.marks.len()), theme.style(Role::Mark)));
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
    let command = |before: &'static str, name: &'static str| {
        Line::from(vec![Span::styled(before, dim), Span::styled(name, theme.style(Role::Key))])
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
        return vec![
            Line::styled("No run matches", theme.style(Role::Text)),
            Line::default(),
            command("esc  ", "shows all again"),
        ];
    }
    let head = if model.scope.ws.is_some() { "No runs here yet" } else { "Nothing has been run yet" };
    vec![
        Line::styled(head, theme.style(Role::Strong)),
        Line::default(),
        command("your script   ", "xt run train.py"),
        command("or a demo     ", "xt demo        "),
    ]
}

/// The columns that fit, the essential ones first; each as wide as what is seen needs.
fn columns(model: &Model, seen: std::ops::Range<usize>, width: usize) -> Vec<Column> {
    let docs: Vec<&Run> = seen
        .filter_map(|row| model.runs.key(row))
        .filter_map(|key| model.runs.doc(key.id))
        .map(AsRef::as_ref)
        .collect();
    let mut chosen = Vec::new();
    let mut left = width.saturating_sub(4);
    for mut column in candidates(model) {
        if let Kind::Hparam(name) = &column.kind {
            // Words stand at the left, numbers at the right.
            column.right = !docs.iter().any(|run| matches!(run.hparams.get(name), Some(Scalar::Text(_))));
        }
        let cells = docs.iter().map(|run| cell_text(run, &column.kind, model).chars().count());
        let needed = cells.chain([column.heading.chars().count() + 1]).max().unwrap_or(0);
        column.width = needed.clamp(column.width, 18);
        let essential = matches!(column.kind, Kind::Name | Kind::Status);
        if column.width + GAP > left && !essential {
            continue;
        }
        column.width = column.width.min(left);
        left = left.saturating_sub(column.width + GAP);
        chosen.push(column);
    }
    chosen.sort_by_key(|column| match column.kind {
        Kind::Name => 0,
        Kind::Status => 1,
        Kind::Time => 2,
        Kind::Hparam(_) => 3,
        Kind::Metric(_) => 4,
        Kind::Box => 5,
    });
    chosen
}

/// All columns there could be, with their least widths: in the order in which they are given room.
fn candidates(model: &Model) -> Vec<Column> {
    let column = |kind, heading: &str, field: &str, width, right| Column {
        kind,
        heading: heading.to_owned(),
        field: field.to_owned(),
        width,
        right,
    };
    let named = |name: &String, prefix: &str, kind: fn(String) -> Kind| {
        column(kind(name.clone()), name, &format!("{prefix}.{name}"), 5, true)
    };
    let found = &model.runs.columns;
    let mut hparams = found.hparams.iter().map(|name| named(name, "hparams", Kind::Hparam));
    let mut metrics = found.metrics.iter().map(|name| named(name, "metrics", Kind::Metric));
    let mut all = vec![
        column(Kind::Name, "run", "run_num", 7, false),
        column(Kind::Status, "status", "status", 9, false),
        column(Kind::Time, "time", "duration", 6, true),
    ];
    all.extend(metrics.next());
    all.extend(hparams.next());
    all.extend(metrics.next());
    all.extend(hparams.next());
    all.push(column(Kind::Box, "box", "box_name", 5, false));
    all.extend(metrics);
    all
}

fn heading_line(columns: &[Column], model: &Model, theme: &Theme) -> Line<'static> {
    let style = theme.style(Role::Heading);
    let sort = model.sort.as_ref();
    let mut line = Line::raw("    ");
    for column in columns {
        let sign = match sort {
            Some(sort) if sort.field == column.field && sort.descending => theme.glyphs.descending,
            Some(sort) if sort.field == column.field => theme.glyphs.ascending,
            _ => "",
        };
        let role = if sign.is_empty() { style } else { theme.style(Role::Accent) };
        let heading = format!("{}{sign}", column.heading);
        let heading = format!("{}{:GAP$}", fitted(&heading, column, theme), "");
        line.push_span(Span::styled(heading, role));
    }
    line
}

fn row_line(row: usize, columns: &[Column], model: &Model, theme: &Theme) -> Line<'static> {
    let Some(key) = model.runs.key(row) else { return Line::default() };
    let marked = model.runs.marks.contains_key(&key.id);
    let mut line = Line::default();
    line.push_span(if marked {
        Span::styled(theme.glyphs.mark, theme.style(Role::Mark))
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
        let cell = cell_text(run, &column.kind, model);
        // The blanks after a cell are its own: a change of style costs more bytes than they do.
        let cell = format!("{}{:GAP$}", fitted(&cell, column, theme), "");
        line.push_span(Span::styled(cell, cell_style(column, style, theme)));
    }
    line
}

fn fitted(text: &str, column: &Column, theme: &Theme) -> String {
    let fit = if column.right { text::fit_right } else { text::fit };
    fit(text, column.width, theme.glyphs.more)
}

fn cell_style(column: &Column, status: Style, theme: &Theme) -> Style {
    match column.kind {
        Kind::Status => status,
        Kind::Time | Kind::Box => theme.style(Role::Dim),
        Kind::Name | Kind::Hparam(_) | Kind::Metric(_) => theme.style(Role::Text),
    }
}

fn cell_text(run: &Run, kind: &Kind, model: &Model) -> String {
    match kind {
        Kind::Name => run.run_name.to_string(),
        Kind::Status => {
            let pending = model.runs.pending.get(&run.path()).copied();
            text::status(run, pending, model.lost_contact(run.box_name.as_deref())).into_owned()
        }
        Kind::Time => run.duration(model.now).map(text::duration).unwrap_or_default(),
        Kind::Hparam(name) => run.hparams.get(name).map(text::value).unwrap_or_default(),
        Kind::Metric(name) => run.metrics.get(name).map(text::value).unwrap_or_default(),
        Kind::Box => run.box_name.clone().unwrap_or_default(),
    }
}
