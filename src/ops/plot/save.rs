//! Charts into files.

use std::path::Path;
use std::str::FromStr;

use crate::chart::Chart;
use crate::chart::picture::{png, svg};
use crate::ops::{OpsError, Result};

/// How charts are arranged: rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Rows; there are more if the charts need them.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

impl Layout {
    /// The most rows or columns anybody can want.
    const MOST: usize = 100;

    /// So many charts side by side in so many columns.
    pub fn of(charts: usize, columns: usize) -> Self {
        let columns = columns.clamp(1, charts.max(1));
        Self { rows: charts.div_ceil(columns), columns }
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let number = |word: &str| word.trim().parse().ok().filter(|n| (1..=Self::MOST).contains(n));
        let pair =
            text.split_once(['x', 'X']).and_then(|(rows, columns)| Some((number(rows)?, number(columns)?)));
        let (rows, columns) = pair.ok_or("write ROWSxCOLUMNS, such as 2x3")?;
        Ok(Self { rows, columns })
    }
}

/// Draws charts into a file, .png or .svg.
pub fn save(charts: &[Chart], title: &str, layout: Option<Layout>, path: &Path) -> Result<()> {
    let kind = kind(path)?;
    let columns = layout.map_or_else(|| usual_columns(charts.len()), |layout| layout.columns);
    let mut runs = charts.iter().flat_map(|chart| chart.curves.iter().map(|curve| &curve.name));
    let title = match runs.next() {
        // A single run needs no legend, but a name.
        Some(first) if title.is_empty() && runs.all(|other| other == first) => first,
        _ => title,
    };
    let picture = svg(title, charts, columns);
    let bytes = match kind {
        Kind::Svg => picture.into_bytes(),
        Kind::Png => png(&picture).map_err(|error| OpsError::Refused(error.to_string()))?,
    };
    std::fs::write(path, bytes).map_err(OpsError::io("write", path))
}

/// About as many rows as columns.
const fn usual_columns(charts: usize) -> usize {
    match charts {
        0 | 1 => 1,
        2..=4 => 2,
        _ => 3,
    }
}

enum Kind {
    Png,
    Svg,
}

fn kind(path: &Path) -> Result<Kind> {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    match end.as_deref() {
        Some("png") => Ok(Kind::Png),
        Some("svg") => Ok(Kind::Svg),
        _ => Err(OpsError::Refused(format!(
            "cannot tell what kind of picture {} is to be; name it .png or .svg",
            path.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves A8 (layout, save).
    #[test]
    fn layouts_are_rows_by_columns() {
        assert_eq!("2x3".parse(), Ok(Layout { rows: 2, columns: 3 }));
        for wrong in ["", "2", "0x1", "x", "2x3x4", "101x1", "-1x2"] {
            assert!(wrong.parse::<Layout>().is_err(), "{wrong}");
        }
        assert_eq!(Layout::of(5, 2), Layout { rows: 3, columns: 2 });
        assert_eq!(Layout::of(1, 9), Layout { rows: 1, columns: 1 });
    }

    #[test]
    fn a_file_says_by_its_name_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let chart = Chart::default();
        for (name, start) in [("a.PNG", &b"\x89PNG"[..]), ("b.svg", b"<svg")] {
            let path = folder.path().join(name);
            save(std::slice::from_ref(&chart), "", None, &path).unwrap();
            assert!(std::fs::read(path).unwrap().starts_with(start));
        }
        let error = save(&[chart], "", None, Path::new("c.pdf")).unwrap_err();
        assert!(error.to_string().ends_with("name it .png or .svg"), "{error}");
    }
}
