//! The table of runs: which columns have room, how wide they are, and what stands in their cells.

use std::ops::Range;

use super::columns::{TREND, arrange, automatic, heading};
use super::model::Model;
use crate::model::{Run, Scalar, Time};
use crate::tui::widgets::text;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field it shows and sorts by.
    pub field: String,
    /// Columns of the terminal.
    pub width: usize,
    /// Its cells stand at the right.
    pub right: bool,
}

/// Columns before the first: mark, sign, blanks.
pub const LEAD: usize = 4;

/// Columns of a curve.
pub const TREND_WIDTH: usize = 8;

/// Blanks between columns.
pub const GAP: usize = 2;

/// The columns that fit, each as wide as what is seen needs: those a person chose in their order, else the
/// essential ones first.
pub fn columns(model: &Model, seen: Range<usize>, width: usize) -> Vec<Column> {
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
    let cells = docs.iter().map(|run| text::width(&cell(run, &field, model)));
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

/// What stands in a cell.
pub fn cell(run: &Run, field: &str, model: &Model) -> String {
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
