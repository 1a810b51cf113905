//! The layout of tables. One that is too long to be held is measured piece by piece, and then printed likewise.

use std::borrow::Cow;
use std::ops::Range;

use super::paint::{Paint, Role};
use super::shape::{count, cut, width};
use super::table::{CellKind, Table};

/// Blanks between columns.
pub(super) const GAP: usize = 2;
/// No column is made narrower than this to fit the terminal.
const NARROWEST: usize = 8;

/// How wide the columns of a table want to be.
#[derive(Clone, Debug, Default)]
pub struct Widths {
    columns: Vec<Layout>,
}

impl Widths {
    /// Takes in a table, or a further piece of one; all pieces have the same columns.
    pub fn widen(&mut self, table: &Table) {
        if self.columns.is_empty() {
            self.columns = table.headings.iter().map(|head| Layout::new(width(&head.text))).collect();
        }
        for row in &table.rows {
            for (column, cell) in self.columns.iter_mut().zip(row) {
                column.width = column.width.max(width(&cell.text));
                match cell.kind {
                    _ if cell.text.is_empty() => {}
                    CellKind::Number => column.numbers = true,
                    CellKind::Text | CellKind::Muted => column.texts = true,
                    CellKind::Status(_) | CellKind::Time => column.others = true,
                }
            }
        }
    }

    /// Leaves a column out.
    pub fn remove(&mut self, column: usize) {
        if column < self.columns.len() {
            self.columns.remove(column);
        }
    }

    /// Of each column whether it holds numbers alone, which stand to the right.
    pub fn are_right(&self) -> impl Iterator<Item = bool> + '_ {
        self.columns.iter().map(Layout::is_right)
    }

    /// The layout for a terminal so many columns wide, or for a pipe.
    pub fn sheet(&self, paint: Paint, terminal: Option<usize>, indent: usize) -> Sheet {
        let columns = self.columns.clone();
        let (columns, hidden) = match terminal {
            Some(room) => fit(columns, room.saturating_sub(indent)),
            None => (columns, 0),
        };
        Sheet { columns, hidden, paint, indent }
    }
}

/// Prints the pieces of a table.
#[derive(Clone, Debug)]
pub struct Sheet {
    columns: Vec<Layout>,
    hidden: usize,
    paint: Paint,
    indent: usize,
}

impl Sheet {
    /// The headings of a table, and some of its rows.
    pub fn section(&self, out: &mut String, table: &Table, rows: Range<usize>) {
        self.head(out, table);
        self.rows(out, table, rows);
    }

    /// The headings of a table.
    pub fn head(&self, out: &mut String, table: &Table) {
        self.line(out, table.headings.iter().map(|heading| (heading.text.as_str(), Role::Heading)));
    }

    /// Some rows of a table.
    pub fn rows(&self, out: &mut String, table: &Table, rows: Range<usize>) {
        for row in table.rows.get(rows).unwrap_or_default() {
            self.line(out, row.iter().map(|cell| (cell.text.as_str(), cell.kind.role())));
        }
    }

    /// What stands below the last row: how many columns had no room.
    pub fn foot(&self, out: &mut String) {
        if self.hidden == 0 {
            return;
        }
        let word = if self.hidden == 1 { "column" } else { "columns" };
        let note = format!(
            "… {} more {word}: widen the terminal, or choose with --columns",
            count(self.hidden as u64)
        );
        self.paint.write(out, Role::Muted, &note);
        out.push('\n');
    }

    fn line<'a>(&self, out: &mut String, cells: impl Iterator<Item = (&'a str, Role)>) {
        // Blanks are owed until something follows them: lines end in none.
        let mut owed = self.indent;
        for (column, (text, role)) in self.columns.iter().zip(cells) {
            let text: Cow<'_, str> = cut(text, column.width);
            let missing = column.width.saturating_sub(width(&text));
            let (before, after) = if column.is_right() { (missing, 0) } else { (0, missing) };
            owed += before;
            if !text.is_empty() {
                out.extend(std::iter::repeat_n(' ', owed));
                owed = 0;
                self.paint.write(out, role, &text);
            }
            owed += after + GAP;
        }
        out.push('\n');
    }
}

/// How a column is laid out.
#[derive(Clone, Debug)]
struct Layout {
    width: usize,
    numbers: bool,
    texts: bool,
    others: bool,
}

impl Layout {
    const fn new(width: usize) -> Self {
        Self { width, numbers: false, texts: false, others: false }
    }

    const fn is_right(&self) -> bool {
        self.numbers && !self.texts && !self.others
    }

    /// Half a number or a time would be wrong; half a text is still a hint.
    const fn can_shrink(&self) -> bool {
        !self.others && (self.texts || !self.numbers)
    }
}

/// Makes columns fit: the widest texts are narrowed to a common width; where that does not do, columns at the
/// right are left out, and their number told.
fn fit(mut columns: Vec<Layout>, room: usize) -> (Vec<Layout>, usize) {
    let total = |columns: &[Layout]| {
        columns.iter().map(|column| column.width + GAP).sum::<usize>().saturating_sub(GAP)
    };
    let all = columns.len();
    let narrowest =
        |column: &Layout| if column.can_shrink() { column.width.min(NARROWEST) } else { column.width };
    let mut used = 0;
    let fitting = columns.iter().take_while(|column| {
        used += narrowest(column) + GAP;
        used <= room + GAP
    });
    // The first column names the row: it stays.
    let kept = fitting.count().max(1);
    columns.truncate(kept);
    let excess = total(&columns).saturating_sub(room);
    if excess > 0 {
        let mut shrinkable: Vec<_> = columns.iter_mut().filter(|column| column.can_shrink()).collect();
        narrow(&mut shrinkable, excess);
    }
    (columns, all.saturating_sub(kept))
}

/// Takes `excess` columns of the terminal from the widest of these.
fn narrow(columns: &mut [&mut Layout], mut excess: usize) {
    columns.sort_by_key(|column| std::cmp::Reverse(column.width));
    for level in 1..=columns.len() {
        // The first `level` columns are equally wide; bring them down to the next one's width, or less far.
        let next = columns.get(level).map_or(NARROWEST, |column| column.width).max(NARROWEST);
        let Some(width) = columns.first().map(|column| column.width) else { return };
        let step = width.saturating_sub(next).min(excess.div_ceil(level));
        for column in columns.iter_mut().take(level) {
            column.width -= step;
        }
        excess = excess.saturating_sub(step * level);
        if excess == 0 {
            return;
        }
    }
}
