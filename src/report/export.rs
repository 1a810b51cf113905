//! Tables as files: csv, tab-separated text, JSON, Markdown.
//!
//! Csv and tab-separated text carry the values in full, times in RFC 3339, under the fields' names in the
//! records (or the headings that were given by hand). Spreadsheets execute text that begins like a formula,
//! and names, tags and descriptions may come from anybody who can write to the store: such text gets an
//! apostrophe in front, which spreadsheets take for "this is text". Numbers are never changed, and JSON
//! carries every text as it is. Markdown carries what is shown.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use super::ReportError;
use super::sheet::Widths;
use super::table::{Cell, Heading, Table};
use crate::model::Scalar;
use crate::model::names::visible;

/// A format of an exported table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// Values separated by tabs; tabs and line ends within them are written `\t`, `\n`.
    Tsv,
    /// An array of objects.
    Json,
    /// A table in Markdown.
    Markdown,
}

impl Export {
    /// The format that a file's name asks for.
    pub fn of(file: &Path) -> Result<Self, ReportError> {
        let extension =
            file.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("tsv" | "txt") => Ok(Self::Tsv),
            Some("json") => Ok(Self::Json),
            Some("md" | "markdown") => Ok(Self::Markdown),
            _ => Err(ReportError::Export { file: visible(&file.to_string_lossy()) }),
        }
    }

    /// The table in this format.
    pub fn write(self, table: &Table) -> String {
        let mut widths = Widths::default();
        widths.widen(table);
        let mut out = self.head(table, &widths);
        self.rows(&mut out, table, true);
        out + self.tail(table.rows.is_empty())
    }

    /// What stands before the rows of a table that is written in pieces.
    pub fn head(self, table: &Table, widths: &Widths) -> String {
        match self {
            Self::Json => "[".to_owned(),
            Self::Markdown if table.groups.is_empty() => markdown_head(table, widths),
            Self::Markdown => String::new(),
            Self::Csv | Self::Tsv => {
                self.line(table.headings.iter().map(|heading| harmless(heading.export_name())))
            }
        }
    }

    /// A piece of the rows, which may be the first.
    pub fn rows(self, out: &mut String, table: &Table, is_first: bool) {
        match self {
            Self::Json => json_rows(out, table, is_first),
            Self::Markdown => markdown_rows(out, table),
            Self::Csv | Self::Tsv => {
                out.extend(table.rows.iter().map(|row| self.line(row.iter().map(exported))));
            }
        }
    }

    /// What stands behind the rows.
    pub const fn tail(self, is_empty: bool) -> &'static str {
        match self {
            Self::Json if is_empty => "]\n",
            Self::Json => "\n]\n",
            _ => "",
        }
    }

    /// A line of separated values.
    fn line(self, fields: impl Iterator<Item = String>) -> String {
        if self == Self::Csv {
            fields.map(quote_csv).collect::<Vec<_>>().join(",") + "\r\n"
        } else {
            fields.map(|field| visible(&field)).collect::<Vec<_>>().join("\t") + "\n"
        }
    }
}

fn exported(cell: &Cell) -> String {
    match &cell.value {
        Some(Scalar::Text(text) | Scalar::Json(text)) => harmless(text),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// Text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if formula { format!("'{text}") } else { text.to_owned() }
}

fn quote_csv(text: String) -> String {
    let blank_edges = text.starts_with(' ') || text.ends_with(' ');
    if blank_edges || text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn json_rows(out: &mut String, table: &Table, is_first: bool) {
    for (number, row) in table.rows.iter().enumerate() {
        let pairs = table.headings.iter().zip(row).map(|(heading, cell)| {
            (heading.field.clone(), cell.value.as_ref().map_or(Value::Null, Value::from))
        });
        let object = format!("{:#}", Value::Object(pairs.collect::<Map<_, _>>()));
        out.push_str(if is_first && number == 0 { "\n  " } else { ",\n  " });
        // A line end within a text is escaped: these are the document's own.
        out.push_str(&object.replace('\n', "\n  "));
    }
}

fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn markdown_head(table: &Table, widths: &Widths) -> String {
    let heads = table.headings.iter().map(|heading| escape_markdown(&heading.text));
    let rules = widths.are_right().map(|right| if right { "---:" } else { "---" });
    let (heads, rules) = (heads.collect::<Vec<_>>().join(" | "), rules.collect::<Vec<_>>().join(" | "));
    format!("| {heads} |\n| {rules} |\n")
}

fn markdown_rows(out: &mut String, table: &Table) {
    let rows = |out: &mut String, rows: &[Vec<Cell>]| {
        for row in rows {
            let cells = row.iter().map(|cell| escape_markdown(&cell.text));
            let _ = writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "));
        }
    };
    if table.groups.is_empty() {
        return rows(out, &table.rows);
    }
    let mut widths = Widths::default();
    widths.widen(table);
    for group in &table.groups {
        let between = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{between}### {}\n", escape_markdown(&group.title));
        out.push_str(&markdown_head(table, &widths));
        rows(out, table.rows.get(group.rows.clone()).unwrap_or_default());
    }
}

impl Heading {
    fn export_name(&self) -> &str {
        if self.given { &self.text } else { &self.field }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::CellKind;
    use proptest::prelude::*;
    use rstest::rstest;

    fn table(values: Vec<Option<Scalar>>) -> Table {
        let cell = |value: Option<Scalar>| Cell {
            text: value.as_ref().map(|value| visible(&value.to_string())).unwrap_or_default(),
            kind: match value {
                Some(Scalar::Int(_) | Scalar::Float(_)) => CellKind::Number,
                _ => CellKind::Text,
            },
            value,
        };
        Table {
            headings: vec![
                Heading { text: "RUN".into(), field: "run_name".into(), given: false },
                Heading { text: "Rate".into(), field: "hparams.lr".into(), given: true },
            ],
            rows: values
                .into_iter()
                .map(|value| vec![cell(Some(Scalar::Text("run1".into()))), cell(value)])
                .collect(),
            ..Table::default()
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "beside `None` in the tables")]
    fn text(text: &str) -> Option<Scalar> {
        Some(Scalar::Text(text.into()))
    }

    // Proves A7, B33 (export).
    #[rstest]
    #[case(Some(Scalar::Float(0.1 + 0.2)), "0.30000000000000004")]
    #[case(Some(Scalar::Float(-0.5)), "-0.5")]
    #[case(Some(Scalar::Float(f64::NAN)), "NaN")]
    #[case(Some(Scalar::Bool(true)), "true")]
    #[case(Some(Scalar::Null), "")]
    #[case(None, "")]
    #[case(text("a,b"), "\"a,b\"")]
    #[case(text("say \"hi\""), "\"say \"\"hi\"\"\"")]
    #[case(text("a\nb"), "\"a\nb\"")]
    #[case(text(" a"), "\" a\"")]
    #[case(text("=SUM(A1)"), "'=SUM(A1)")]
    #[case(text("@x"), "'@x")]
    #[case(text("-v --fast"), "'-v --fast")]
    #[case(text("-5"), "-5")]
    fn csv(#[case] value: Option<Scalar>, #[case] expected: &str) {
        let csv = Export::Csv.write(&table(vec![value]));
        assert_eq!(csv, format!("run_name,Rate\r\nrun1,{expected}\r\n"));
    }

    #[test]
    fn tab_separated_text_keeps_a_row_on_a_line() {
        let text = Export::Tsv.write(&table(vec![text("a\tb\nc\u{1b}[31m")]));
        assert_eq!(text, "run_name\tRate\nrun1\ta\\tb\\nc\\u{1b}[31m\n");
    }

    #[test]
    fn json_has_the_records_names_and_types() {
        let json = Export::Json.write(&table(vec![
            Some(Scalar::Float(0.5)),
            Some(Scalar::Int(3)),
            Some(Scalar::Float(f64::NAN)),
            Some(Scalar::Json("[1,2]".into())),
            text("=x"),
            None,
        ]));
        let rows: Value = serde_json::from_str(&json).unwrap();
        let values: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["hparams.lr"]).collect();
        assert_eq!(serde_json::to_string(&values).unwrap(), r#"[0.5,3,"NaN",[1,2],"=x",null]"#);
        assert_eq!(rows[0]["run_name"], "run1");
        assert_eq!(Export::Json.write(&table(vec![])), "[]\n");
    }

    #[test]
    fn markdown_is_a_table_whatever_the_text() {
        let markdown = Export::Markdown.write(&table(vec![text("a|b\n<script>")]));
        assert_eq!(markdown, "| RUN | Rate |\n| --- | --- |\n| run1 | a\\|b\\\\n\\<script\\> |\n");
        let numbers = Export::Markdown.write(&table(vec![Some(Scalar::Int(3))]));
        assert!(numbers.contains("| --- | ---: |"), "{numbers}");
    }

    #[rstest]
    #[case("a.csv", Some(Export::Csv))]
    #[case("a.TXT", Some(Export::Tsv))]
    #[case("a.b.json", Some(Export::Json))]
    #[case("a.md", Some(Export::Markdown))]
    #[case("csv", None)]
    #[case("a.pdf", None)]
    fn the_files_name_tells_the_format(#[case] file: &str, #[case] expected: Option<Export>) {
        assert_eq!(Export::of(Path::new(file)).ok(), expected);
    }

    /// A reader of RFC 4180, to check the writer.
    fn read_csv(text: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut field)),
                '\r' if !quoted => {
                    chars.next();
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
                _ => field.push(c),
            }
        }
        rows
    }

    proptest! {
        #[test]
        fn csv_reads_back(texts in prop::collection::vec(any::<String>(), 0..5)) {
            let csv = Export::Csv.write(&table(texts.iter().map(|one| text(one)).collect()));
            let rows = read_csv(&csv);
            prop_assert_eq!(rows.len(), texts.len() + 1);
            for (row, text) in rows.iter().skip(1).zip(&texts) {
                prop_assert_eq!(&row[1], &harmless(text));
            }
        }
    }
}
