//! Charts in characters: side by side, each with its title and its curves' last values above it.

use crate::chart::{Cell, Chart, Entry, Figure, Glyphs, Ink, sign};
use crate::model::names::visible;
use crate::report::{Paint, Role, shape};

/// Columns between two charts.
const GAP: usize = 3;

/// How charts are set.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Columns of characters for all of them.
    pub width: usize,
    /// Rows of characters for the figure of each.
    pub height: usize,
    /// How many stand side by side.
    pub columns: usize,
    /// Whether there is Unicode.
    pub unicode: bool,
    /// Whether there are colours.
    pub paint: Paint,
}

impl Setting {
    /// Braille dots, unless curves could not be told apart.
    fn glyphs(&self, charts: &[Chart]) -> Glyphs {
        let several = charts.iter().any(|chart| chart.curves.len() > 1);
        if self.unicode && (self.paint.is_coloured() || !several) { Glyphs::Braille } else { Glyphs::Signs }
    }
}

/// Draws charts as text.
pub fn text(charts: &[Chart], setting: &Setting) -> String {
    let columns = setting.columns.max(1);
    let width = setting.width.saturating_sub(GAP * (columns - 1)) / columns;
    let glyphs = setting.glyphs(charts);
    let mut out = String::new();
    let mut cut = false;
    for (number, row) in charts.chunks(columns).enumerate() {
        out.push_str(if number > 0 { "\n" } else { "" });
        let figures: Vec<_> = row.iter().map(|chart| chart.figure(width, setting.height, glyphs)).collect();
        let mut line = Line::new(setting.paint);
        for (i, (chart, figure)) in row.iter().zip(&figures).enumerate() {
            line.go_to(i * (width + GAP) + figure.plot.left);
            cut |= !head(&mut line, chart, i * (width + GAP) + width, glyphs);
        }
        line.end(&mut out);
        for cell_row in 0..setting.height {
            let mut line = Line::new(setting.paint);
            for (i, (chart, figure)) in row.iter().zip(&figures).enumerate() {
                line.go_to(i * (width + GAP));
                cells(&mut line, chart, figure, cell_row);
            }
            line.end(&mut out);
        }
    }
    if cut {
        legend(&mut out, charts, setting, glyphs);
    }
    out
}

/// The title and as many curves as fit before a column; answers whether all did.
fn head(line: &mut Line, chart: &Chart, end: usize, glyphs: Glyphs) -> bool {
    let room = end.saturating_sub(line.width);
    line.write(Role::Heading, &shape::cut(&visible(&chart.title), room));
    for entry in chart.legend() {
        let key = key(&entry, glyphs);
        let value = entry.label();
        if line.width + 3 + shape::width(&key) + 1 + value.len() > end {
            return false;
        }
        line.write(Role::Plain, "   ");
        line.write(Role::Curve(entry.colour), &key);
        line.write(Role::Plain, &format!(" {value}"));
    }
    true
}

/// A curve in the legend: how it is drawn, and its name.
fn key(entry: &Entry, glyphs: Glyphs) -> String {
    let line = match glyphs {
        Glyphs::Braille => '━',
        Glyphs::Signs => sign(entry.colour),
    };
    format!("{line} {}", visible(&entry.name))
}

fn cells(line: &mut Line, chart: &Chart, figure: &Figure, row: usize) {
    let colour = |curve: usize| chart.curves.get(curve).map_or(0, |curve| curve.colour);
    let role = |ink| match ink {
        Ink::Axis | Ink::Label | Ink::Cursor => Role::Muted,
        Ink::Curve(curve) => Role::Curve(colour(curve)),
        Ink::Faint(curve) => Role::Behind(colour(curve)),
        Ink::Blank => Role::Plain,
    };
    for piece in figure.row(row).chunk_by(|a, b| a.ink == b.ink) {
        let text: String = piece.iter().map(|cell| cell.glyph).collect();
        match piece {
            [Cell { ink: Ink::Blank, .. }, ..] => line.go_to(line.width + piece.len()),
            [first, ..] => line.write(role(first.ink), &text),
            [] => {}
        }
    }
}

/// All curves, in as many lines as they need.
fn legend(out: &mut String, charts: &[Chart], setting: &Setting, glyphs: Glyphs) {
    let mut entries: Vec<_> = charts.iter().flat_map(Chart::legend).collect();
    entries.sort_by(|a, b| (a.colour, &a.name).cmp(&(b.colour, &b.name)));
    entries.dedup_by(|a, b| (a.colour, &a.name) == (b.colour, &b.name));
    let mut line = Line::new(setting.paint);
    for entry in entries {
        let key = key(&entry, glyphs);
        if line.width > 0 && line.width + 3 + shape::width(&key) > setting.width {
            std::mem::replace(&mut line, Line::new(setting.paint)).end(out);
        }
        if line.width > 0 {
            line.write(Role::Plain, "   ");
        }
        line.write(Role::Curve(entry.colour), &key);
    }
    line.end(out);
}

/// A line in the making, which knows how wide it is.
struct Line {
    paint: Paint,
    text: String,
    width: usize,
    /// Blanks that come only if something follows.
    pending: usize,
}

impl Line {
    const fn new(paint: Paint) -> Self {
        Self { paint, text: String::new(), width: 0, pending: 0 }
    }

    fn write(&mut self, role: Role, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', std::mem::take(&mut self.pending)));
        self.paint.write(&mut self.text, role, text);
        self.width += shape::width(text);
    }

    fn go_to(&mut self, column: usize) {
        let more = column.saturating_sub(self.width);
        self.pending += more;
        self.width += more;
    }

    fn end(self, out: &mut String) {
        out.push_str(&self.text);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Curve;

    fn charts() -> Vec<Chart> {
        let curve = |colour: usize, factor: f64| {
            let mut curve = Curve::new(format!("run{}", colour + 1), colour);
            curve.extend((0..50).map(|i| (f64::from(i), factor / (1.0 + f64::from(i)))));
            curve
        };
        let chart = |title: &str, curves| Chart {
            title: title.into(),
            x_name: "step".into(),
            curves,
            ..Chart::default()
        };
        vec![chart("loss", vec![curve(0, 2.0), curve(1, 1.0)]), chart("acc", vec![curve(1, 3.0)])]
    }

    fn setting(width: usize, columns: usize, unicode: bool) -> Setting {
        Setting { width, height: 7, columns, unicode, paint: Paint::plain() }
    }

    // Proves A8 (charts on a terminal and in a pipe): looked at, then kept.
    #[test]
    fn charts_stand_side_by_side_or_below_each_other() {
        insta::assert_snapshot!("side_by_side", text(&charts(), &setting(90, 2, true)));
        insta::assert_snapshot!("one_below_the_other", text(&charts()[1..], &setting(50, 1, true)));
        insta::assert_snapshot!("narrow", text(&charts(), &setting(24, 1, false)));
    }

    #[test]
    fn colours_make_dots_possible_for_several_curves() {
        let plain = text(&charts(), &setting(60, 1, true));
        assert!(plain.contains('*') && plain.is_ascii(), "{plain}");
        let coloured = text(&charts(), &Setting { paint: Paint::colour(), ..setting(60, 1, true) });
        assert!(coloured.contains("\u{1b}[36m━ run1") && coloured.contains("\u{1b}[33m━ run2"), "{coloured}");
        assert!(!coloured.contains('*'));
    }
}
