//! The runs: a table of which only the seen rows are put together.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::chart::sparkline;
use crate::model::{Run, Scalar, Time};
use crate::tui::app::click::{Click, Clicks};
use crate::tui::app::columns::{TREND, arrange, automatic, heading};
use crate::tui::app::effect::Target;
use crate::tui::app::trends;
use crate::tui::app::{Model, Pane};
use crate::tui::command::Command;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, empty, paint_cursor, put};
use crate::tui::widgets::text;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    /// The field it shows and sorts by.
    field: String,
    width: usize,
    right: bool,
}

/// Columns before the first: mark, sign, blanks.
const LEAD: usize = 4;

/// Columns of a curve.
const TREND_WIDTH: usize = 8;

/// Blanks between columns.
const GAP: usize = 2;

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
    let seen = top..(top + height).min(model.runs.len());
    let columns = columns(model, seen.clone(), usize::from(inner.width));
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

/// The columns that fit, each as wide as what is seen needs: those a person chose in their order, else the
/// essential ones first.
fn columns(model: &Model, seen: std::ops::Range<usize>, width: usize) -> Vec<Column> {
    let docs: Vec<&Run> = seen
        .filter_map(|row| model.runs.key(row))
        .filter_map(|key| model.runs.doc(key.id))
        .map(AsRef::as_ref)
        .collect();
    let mut chosen = Vec::new();
    let mut left = width.saturating_sub(LEAD);
    for field in model.columns.clone().unwrap_or_else(|| automatic(model)) {
        let column = column(field, &docs, model);
        let essential = matches!(column.field.as_str(), "run_num" | "status");
        if column.width + GAP > left && !essential {
            continue;
        }
        let width = column.width.min(left);
        left = left.saturating_sub(width + GAP);
        chosen.push(Column { width, ..column });
    }
    if model.columns.is_none() {
        arrange(&mut chosen, |column| &column.field);
    }
    chosen
}

/// A column as wide as its heading and its cells, within limits.
fn column(field: String, docs: &[&Run], model: &Model) -> Column {
    const MOST: usize = 18;
    if field == TREND {
        return Column { field, width: TREND_WIDTH, right: false };
    }
    let least = match field.as_str() {
        "run_num" => 7,
        "status" => 9,
        "duration" => 6,
        _ => 5,
    };
    let cells = docs.iter().map(|run| text::width(&cell_text(run, &field, model)));
    let needed = cells.chain([text::width(heading(&field)) + 1]).max().unwrap_or(0);
    // Words stand at the left, numbers at the right.
    let right = match field.as_str() {
        "run_num" | "status" => false,
        "duration" => true,
        field => !docs.iter().any(|run| matches!(run.field(field), Some(Scalar::Text(_)))),
    };
    let right = right && field != "box_name";
    Column { field, width: needed.clamp(least, MOST), right }
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
            field => cell_text(run, field, model),
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
    sparkline(&trend.values, TREND_WIDTH, theme.glyphs.is_unicode())
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

fn cell_text(run: &Run, field: &str, model: &Model) -> String {
    let ago = |time: Option<Time>| {
        let seconds = time.map(|time| model.now.since(time).as_secs_f64());
        seconds.map(|seconds| format!("{} ago", text::duration(seconds))).unwrap_or_default()
    };
    match field {
        "run_num" => run.run_name.to_string(),
        "status" => {
            let pending = model.runs.pending.get(&run.path()).copied();
            text::status(run, pending, model.lost_contact(run.box_name.as_deref())).into_owned()
        }
        "duration" => run.duration(model.now).map(text::duration).unwrap_or_default(),
        "created" => ago(Some(run.create_time)),
        "started" => ago(run.start_time),
        "ended" => ago(run.end_time),
        field => run.field(field).as_ref().map(text::value).unwrap_or_default(),
    }
}
