//! Tables: plain data, and their text for a pipe or a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use super::paint::{Paint, Role};
use super::shape::{count, cut, width};
use crate::model::{Scalar, Status};

/// A table, ready to be shown. All its texts are free of control characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns.
    pub headings: Vec<Heading>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// The sections the rows fall into, one after the other; none if they are not grouped.
    pub groups: Vec<Group>,
    /// A line below.
    pub footer: Option<String>,
}

/// The head of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// What is shown.
    pub text: String,
    /// The field's name in the records.
    pub field: String,
    /// The heading was given by hand: exports use it too.
    pub given: bool,
}

/// A section of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its title.
    pub title: String,
    /// Its rows, as indices.
    pub rows: Range<usize>,
}

/// What stands in a row under a heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What is shown.
    pub text: String,
    /// How it is shown.
    pub kind: CellKind,
    /// The value itself, for exports; `None` if the row has none.
    pub value: Option<Scalar>,
}

/// How a cell is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellKind {
    /// To the left.
    #[default]
    Text,
    /// To the right.
    Number,
    /// In the status' colour.
    Status(Status),
    /// A moment.
    Time,
    /// Of less interest, or nothing at all.
    Muted,
}

/// Blanks between columns.
const GAP: usize = 2;
/// No column is made narrower than this to fit the terminal.
const NARROWEST: usize = 8;

impl Table {
    /// The table for a pipe: aligned, without colours, as wide as it is.
    pub fn plain(&self) -> String {
        self.render(Paint::plain(), None)
    }

    /// The table for a terminal so many columns wide: wide texts are cut, then columns at the right left out.
    pub fn render(&self, paint: Paint, terminal: Option<usize>) -> String {
        let indent = if self.groups.is_empty() { 0 } else { GAP };
        let columns = self.measure();
        let (columns, hidden) = match terminal {
            Some(room) => fit(columns, room.saturating_sub(indent)),
            None => (columns, 0),
        };
        let mut out = String::new();
        if self.groups.is_empty() {
            self.section(&mut out, paint, &columns, indent, 0..self.rows.len());
        }
        for (i, group) in self.groups.iter().enumerate() {
            if i > 0 {
                out.push('\n');
            }
            paint.write(&mut out, Role::Group, &group.title);
            let _ = writeln!(out, " ({})", count(group.rows.len() as u64));
            self.section(&mut out, paint, &columns, indent, group.rows.clone());
        }
        if hidden > 0 {
            let word = if hidden == 1 { "column" } else { "columns" };
            let note = format!(
                "… {} more {word}: widen the terminal, or choose with --columns",
                count(hidden as u64)
            );
            paint.write(&mut out, Role::Muted, &note);
            out.push('\n');
        }
        if let Some(footer) = &self.footer {
            out.push('\n');
            paint.write(&mut out, Role::Muted, footer);
            out.push('\n');
        }
        out
    }

    fn section(&self, out: &mut String, paint: Paint, columns: &[Layout], indent: usize, rows: Range<usize>) {
        let heads = self.headings.iter().map(|heading| (heading.text.as_str(), Role::Heading));
        line(out, paint, columns, indent, heads);
        for row in self.rows.get(rows).unwrap_or_default() {
            line(out, paint, columns, indent, row.iter().map(|cell| (cell.text.as_str(), cell.kind.role())));
        }
    }

    /// The natural layout of all columns.
    fn measure(&self) -> Vec<Layout> {
        let mut columns: Vec<_> = self.headings.iter().map(|head| Layout::new(width(&head.text))).collect();
        for row in &self.rows {
            for (column, cell) in columns.iter_mut().zip(row) {
                column.width = column.width.max(width(&cell.text));
                match cell.kind {
                    _ if cell.text.is_empty() => {}
                    CellKind::Number => column.numbers = true,
                    CellKind::Text | CellKind::Muted => column.texts = true,
                    CellKind::Status(_) | CellKind::Time => column.others = true,
                }
            }
        }
        columns
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

impl CellKind {
    const fn role(self) -> Role {
        match self {
            Self::Text | Self::Number | Self::Time => Role::Plain,
            Self::Status(status) => Role::Status(status),
            Self::Muted => Role::Muted,
        }
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

fn line<'a>(
    out: &mut String,
    paint: Paint,
    columns: &[Layout],
    indent: usize,
    cells: impl Iterator<Item = (&'a str, Role)>,
) {
    // Blanks are owed until something follows them: lines end in none.
    let mut owed = indent;
    for (column, (text, role)) in columns.iter().zip(cells) {
        let text: Cow<'_, str> = cut(text, column.width);
        let missing = column.width.saturating_sub(width(&text));
        let (before, after) = if column.is_right() { (missing, 0) } else { (0, missing) };
        owed += before;
        if !text.is_empty() {
            out.extend(std::iter::repeat_n(' ', owed));
            owed = 0;
            paint.write(out, role, &text);
        }
        owed += after + GAP;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(text: &str, kind: CellKind) -> Cell {
        Cell { text: text.into(), kind, value: None }
    }

    fn heading(text: &str) -> Heading {
        Heading { text: text.into(), field: text.to_lowercase(), given: false }
    }

    fn sample() -> Table {
        Table {
            headings: ["RUN", "STATUS", "LR", "DESCRIPTION"].map(heading).into(),
            rows: vec![
                vec![
                    cell("run1", CellKind::Text),
                    cell("running", CellKind::Status(Status::Running)),
                    cell("0.03", CellKind::Number),
                    cell("the first attempt at a longer text", CellKind::Text),
                ],
                vec![
                    cell("run10", CellKind::Text),
                    cell("error", CellKind::Status(Status::Error)),
                    cell("12", CellKind::Number),
                    cell("日本語", CellKind::Text),
                ],
                vec![
                    cell("run11", CellKind::Text),
                    cell("lost", CellKind::Status(Status::Lost)),
                    cell("", CellKind::Muted),
                    cell("", CellKind::Muted),
                ],
            ],
            ..Table::default()
        }
    }

    // Proves A7 (tables in a pipe and on a terminal).
    #[test]
    fn a_pipe_gets_aligned_text() {
        let expected = "\
RUN    STATUS     LR  DESCRIPTION
run1   running  0.03  the first attempt at a longer text
run10  error      12  日本語
run11  lost
";
        assert_eq!(sample().plain(), expected);
    }

    #[test]
    fn a_narrow_terminal_cuts_the_widest_texts() {
        let expected = "\
RUN    STATUS     LR  DESCRIPTION
run1   running  0.03  the first at…
run10  error      12  日本語
run11  lost
";
        assert_eq!(sample().render(Paint::plain(), Some(35)), expected);
    }

    #[test]
    fn a_very_narrow_terminal_loses_columns_and_says_so() {
        let text = sample().render(Paint::plain(), Some(24));
        assert!(text.starts_with("RUN    STATUS     LR\n"), "{text}");
        assert!(text.ends_with("… 1 more column: widen the terminal, or choose with --columns\n"), "{text}");
    }

    #[test]
    fn groups_have_titles_and_counts() {
        let mut table = sample();
        table.groups =
            vec![Group { title: "exper1".into(), rows: 0..1 }, Group { title: "exper2".into(), rows: 1..3 }];
        table.footer = Some("3 runs".into());
        let expected = "\
exper1 (1)
  RUN    STATUS     LR  DESCRIPTION
  run1   running  0.03  the first attempt at a longer text

exper2 (2)
  RUN    STATUS     LR  DESCRIPTION
  run10  error      12  日本語
  run11  lost

3 runs
";
        assert_eq!(table.plain(), expected);
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let table = sample();
        let coloured = table.render(Paint::colour(), Some(60));
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(
            anstream::adapter::strip_str(&coloured).to_string(),
            table.render(Paint::plain(), Some(60))
        );
    }

    #[test]
    fn ten_thousand_columns() {
        let names: Vec<_> = (0..10_000).map(|i| format!("m{i}")).collect();
        let table = Table {
            headings: names.iter().map(|name| heading(name)).collect(),
            rows: vec![names.iter().map(|_| cell("0.5", CellKind::Number)).collect(); 20],
            ..Table::default()
        };
        assert_eq!(table.plain().lines().count(), 21);
        let fitted = table.render(Paint::plain(), Some(80));
        assert!(fitted.lines().all(|line| width(line) <= 80), "{fitted}");
        assert!(fitted.contains("more columns"));
    }

    proptest! {
        #[test]
        fn lines_fit_and_have_no_blanks_at_the_end(
            texts in prop::collection::vec(("\\PC{0,30}", "\\PC{0,30}", "[0-9]{1,6}"), 0..6),
            room in 40_usize..100,
        ) {
            let table = Table {
                headings: ["A", "B", "C"].map(heading).into(),
                rows: texts
                    .iter()
                    .map(|(a, b, c)| vec![cell(a.trim(), CellKind::Text), cell(b.trim(), CellKind::Muted), cell(c, CellKind::Number)])
                    .collect(),
                ..Table::default()
            };
            for line in table.render(Paint::plain(), Some(room)).lines() {
                prop_assert!(width(line) <= room, "{}", line);
                prop_assert!(!line.ends_with(' '), "{:?}", line);
            }
        }
    }
}
