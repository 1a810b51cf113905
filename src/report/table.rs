//! Tables: plain data, and their text for a pipe or a terminal.

use std::fmt::Write as _;
use std::ops::Range;

use super::paint::{Paint, Role};
use super::shape::count;
use super::sheet::{GAP, Widths};
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

impl Table {
    /// A table of what the caller puts together; the fields are called as the headings are.
    pub fn of(headings: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        Self { headings: headings.iter().map(|text| Heading::plain(text)).collect(), rows, ..Self::default() }
    }
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

impl Heading {
    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), field: text.to_lowercase(), given: false }
    }
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

impl Table {
    /// The table for a pipe: aligned, without colours, as wide as it is.
    pub fn plain(&self) -> String {
        self.render(Paint::plain(), None)
    }

    /// The table for a terminal so many columns wide: wide texts are cut, then columns at the right left out.
    pub fn render(&self, paint: Paint, terminal: Option<usize>) -> String {
        let indent = if self.groups.is_empty() { 0 } else { GAP };
        let mut widths = Widths::default();
        widths.widen(self);
        let sheet = widths.sheet(paint, terminal, indent);
        let mut out = String::new();
        if self.groups.is_empty() {
            sheet.section(&mut out, self, 0..self.rows.len());
        }
        for (i, group) in self.groups.iter().enumerate() {
            if i > 0 {
                out.push('\n');
            }
            paint.write(&mut out, Role::Group, &group.title);
            let _ = writeln!(out, " ({})", count(group.rows.len() as u64));
            sheet.section(&mut out, self, group.rows.clone());
        }
        sheet.foot(&mut out);
        if let Some(footer) = &self.footer {
            out.push('\n');
            paint.write(&mut out, Role::Muted, footer);
            out.push('\n');
        }
        out
    }
}

impl CellKind {
    pub(super) const fn role(self) -> Role {
        match self {
            Self::Text | Self::Number | Self::Time => Role::Plain,
            Self::Status(status) => Role::Status(status),
            Self::Muted => Role::Muted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::shape::width;
    use proptest::prelude::*;

    fn cell(text: &str, kind: CellKind) -> Cell {
        Cell { text: text.into(), kind, value: None }
    }

    fn sample() -> Table {
        Table {
            headings: ["RUN", "STATUS", "LR", "DESCRIPTION"].map(Heading::plain).into(),
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
            headings: names.iter().map(|name| Heading::plain(name)).collect(),
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
                headings: ["A", "B", "C"].map(Heading::plain).into(),
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
