//! Tables of runs, jobs and whatever else has fields: columns, sorting, grouping, formatting, export. Pure.
//!
//! [`build`] makes a [`Table`] of plain data from a [`Spec`] and some [`Row`]s; [`Table::render`] makes a text
//! for a terminal of it, [`Export::write`] a file.

pub mod columns;
mod error;
mod export;
mod fields;
pub mod format;
mod order;
mod paint;
pub mod shape;
mod sheet;
mod table;

pub use columns::{Column, available_names};
pub use error::ReportError;
pub use export::Export;
pub use fields::{EXPERIMENT, JOB, Kind, Known, RUN, Row, WORKSPACE, record_name};
pub use format::Format;
pub use order::Sort;
pub use paint::{Paint, Role, is_unicode};
pub use sheet::{Sheet, Widths};
pub use table::{Cell, CellKind, Group, Heading, Table};

use crate::model::names::visible;
use crate::model::{Scalar, Status, Time};

/// What a report is to look like.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Spec {
    /// The columns, in the column language; each text may be a list with commas.
    pub columns: Vec<String>,
    /// Further columns.
    pub add_columns: Vec<String>,
    /// Columns without any value are left out: for lists of columns nobody typed.
    pub hide_empty: bool,
    /// The order; without keys the rows stay as they are.
    pub sort: Vec<Sort>,
    /// The column whose values make the sections.
    pub group: Option<String>,
    /// Sections are numbered.
    pub number_groups: bool,
    /// No sections, whatever `group` says.
    pub flat: bool,
    /// Significant digits of numbers without a format.
    pub precision: usize,
    /// The widest a text may be, in columns of the terminal.
    pub max_width: Option<usize>,
    /// Headings nobody gave are in capitals, as `XTLib` has them.
    pub uppercase: bool,
    /// Times without a format are shown as how long ago they were.
    pub ages: bool,
    /// The time zone times are shown in.
    pub zone: jiff::tz::TimeZone,
    /// The present.
    pub now: Time,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            add_columns: Vec::new(),
            hide_empty: false,
            sort: Vec::new(),
            group: None,
            number_groups: false,
            flat: false,
            precision: 4,
            max_width: Some(30),
            uppercase: true,
            ages: false,
            zone: jiff::tz::TimeZone::system(),
            now: Time::now(),
        }
    }
}

/// Makes the table of some rows. Names in `columns`, `sort` and `group` are checked if there are rows.
pub fn build(spec: &Spec, rows: &[&dyn Row]) -> Result<Table, ReportError> {
    let words = spec.columns.iter().chain(&spec.add_columns).flat_map(|list| columns::split(list));
    let asked = words.map(columns::Asked::parse).collect::<Result<Vec<_>, _>>()?;
    let mut columns = columns::resolve(&asked, rows)?;
    if spec.hide_empty {
        columns.retain(|column| rows.iter().any(|row| row.field(&column.field).is_some()));
    }
    let keys = order::resolve(&spec.sort, rows)?;
    let sorted = if keys.is_empty() { rows.to_vec() } else { order::sort(rows, &keys) };

    let mut groups = Vec::new();
    let mut ordered = Vec::with_capacity(sorted.len());
    match spec.group.as_ref().filter(|_| !spec.flat) {
        Some(name) => {
            let field = columns::field(name, rows)?;
            let kind = columns::kind(&field, rows);
            let column = Column { field, name: name.clone(), heading: None, format: None, kind };
            let title = |value: &Scalar| cell(spec, &column, Some(value.clone())).text;
            for (title, members) in order::group(&sorted, &column.field, title) {
                let title = if title.is_empty() { format!("no {}", visible(name)) } else { title };
                let title = if spec.number_groups { format!("{}. {title}", groups.len() + 1) } else { title };
                groups.push(Group { title, rows: ordered.len()..ordered.len() + members.len() });
                ordered.extend(members);
            }
        }
        None => ordered = sorted,
    }

    let cells = |row: &&dyn Row| {
        columns.iter().map(|column| cell(spec, column, row.field(&column.field))).collect::<Vec<_>>()
    };
    let rows = ordered.iter().map(cells).collect();
    let headings = columns.iter().map(|column| heading(spec, column)).collect();
    Ok(Table { headings, rows, groups, footer: None })
}

fn heading(spec: &Spec, column: &Column) -> Heading {
    let text = match &column.heading {
        Some(heading) => heading.clone(),
        None if spec.uppercase => visible(&column.name.to_uppercase()),
        None => visible(&column.name),
    };
    let text = spec.max_width.map_or_else(|| text.clone(), |max| shape::cut(&text, max).into_owned());
    Heading { text, field: column.field.clone(), given: column.heading.is_some() }
}

/// The cell of a value in a column.
fn cell(spec: &Spec, column: &Column, value: Option<Scalar>) -> Cell {
    let Some(value) = value else {
        return Cell { kind: CellKind::Muted, ..Cell::default() };
    };
    let formatted = column.format.as_ref().and_then(|format| format.apply(&value, &spec.zone, spec.now));
    let (text, kind) = match formatted {
        Some(text) => {
            let number = value.as_f64().is_some() && !matches!(value, Scalar::Bool(_));
            (text, if number { CellKind::Number } else { CellKind::Text })
        }
        None => default_text(spec, column, &value),
    };
    let text = visible(&text);
    let text = match spec.max_width {
        Some(max) if kind == CellKind::Text => shape::cut(&text, max).into_owned(),
        _ => text,
    };
    Cell { text, kind, value: Some(value) }
}

fn default_text(spec: &Spec, column: &Column, value: &Scalar) -> (String, CellKind) {
    match (column.kind, value) {
        // A tag without a value is a mark.
        (_, Scalar::Null) if column.field.starts_with("tags.") => ("+".to_owned(), CellKind::Text),
        (_, Scalar::Null) => ("none".to_owned(), CellKind::Muted),
        (Kind::Status, Scalar::Text(word)) => {
            // Lists tell more than the status where there is more: `error 1`, `lost contact`.
            let status = word.split(' ').next().and_then(|first| first.parse().ok());
            (word.clone(), CellKind::Status(status.unwrap_or(Status::Unknown)))
        }
        (Kind::Time, Scalar::Text(text)) => {
            let shown = text.parse::<Time>().ok().and_then(|time| {
                if spec.ages {
                    Some(shape::age(time, spec.now))
                } else {
                    format::local(time, &spec.zone, "%Y-%m-%d %H:%M:%S")
                }
            });
            (shown.unwrap_or_else(|| text.clone()), CellKind::Time)
        }
        (Kind::Duration, Scalar::Int(_) | Scalar::Float(_)) => {
            (value.as_f64().map(shape::duration).unwrap_or_default(), CellKind::Number)
        }
        (_, Scalar::Float(number)) => (shape::significant(*number, spec.precision), CellKind::Number),
        (_, Scalar::Int(_)) => (value.to_string(), CellKind::Number),
        _ => (value.to_string(), CellKind::Text),
    }
}

#[cfg(test)]
mod tests;
