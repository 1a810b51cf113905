//! A chart drawn into cells: axes, labels, curves, cursor.

use unicode_width::UnicodeWidthChar as _;

use super::curve::Curve;
use super::raster::{Glyphs, Raster};
use super::ticks::{Tick, Unit, number, ticks};
use super::view::{View, Window};

/// A chart: curves over one x, and what of them is looked at.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// What its y is, as the script named it: faces make it visible.
    pub title: String,
    /// What its x is.
    pub x_name: String,
    /// What the numbers along x are.
    pub x_unit: Unit,
    /// What the values are.
    pub y_unit: Unit,
    /// The curves; later ones are drawn over earlier ones.
    pub curves: Vec<Curve>,
    /// What of them is looked at.
    pub view: View,
}

/// What a cell belongs to; faces give it a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// Nothing.
    #[default]
    Blank,
    /// An axis and its ticks.
    Axis,
    /// The label of a tick, the name of x.
    Label,
    /// A curve, by its index in [`Chart::curves`].
    Curve(usize),
    /// The points behind a smoothed curve.
    Faint(usize),
    /// The line of the cursor.
    Cursor,
}

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// One character, one column wide.
    pub glyph: char,
    /// What it belongs to.
    pub ink: Ink,
}

const BLANK: Cell = Cell { glyph: ' ', ink: Ink::Blank };

/// What a curve is called, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its index in [`Chart::curves`].
    pub curve: usize,
    /// Its index in the palette.
    pub colour: usize,
    /// Its name.
    pub name: String,
    /// Its value at the cursor, or else its last one.
    pub value: Option<f64>,
    /// Where the value stands.
    pub x: Option<f64>,
}

impl Entry {
    /// The value, to four digits.
    pub fn label(&self) -> String {
        self.value.map(number).unwrap_or_default()
    }
}

/// A drawn chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Columns of cells.
    pub width: usize,
    /// Rows of cells.
    pub height: usize,
    /// Where the curves are.
    pub plot: Area,
    /// The axes.
    pub window: Window,
    cells: Vec<Cell>,
}

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Columns to its left.
    pub left: usize,
    /// Rows above it.
    pub top: usize,
    /// Its columns.
    pub width: usize,
    /// Its rows.
    pub height: usize,
}

/// The lines of axes.
struct Lines {
    vertical: char,
    horizontal: char,
    corner: char,
    tick_left: char,
    tick_down: char,
}

impl Lines {
    const fn of(glyphs: Glyphs) -> Self {
        match glyphs {
            Glyphs::Braille => {
                Self { vertical: '│', horizontal: '─', corner: '└', tick_left: '┤', tick_down: '┬' }
            }
            Glyphs::Signs => {
                Self { vertical: '|', horizontal: '-', corner: '+', tick_left: '+', tick_down: '+' }
            }
        }
    }
}

/// Below this size axes would leave nothing for the curves; with these rows less, there is none for x.
const LEAST: (usize, usize) = (16, 5);
const ROWS_OF_X: usize = 2;
/// Rows from one label of y to the next.
const ROWS_A_LABEL: usize = 3;
/// Columns that the name of x may take.
const LONGEST_NAME: usize = 8;
/// Columns from one label of x to the next.
const COLUMNS_A_LABEL: usize = 11;

impl Chart {
    /// The axes.
    pub fn window(&self) -> Window {
        self.view.window(&self.curves)
    }

    /// Draws the chart into cells, at a cost that depends on their number and not on that of the points.
    pub fn figure(&self, width: usize, height: usize, glyphs: Glyphs) -> Figure {
        let window = self.window();
        let y_axis = width >= LEAST.0 && height >= LEAST.1 - ROWS_OF_X;
        let x_axis = y_axis && height >= LEAST.1;
        let below = if x_axis { ROWS_OF_X } else { 0 };
        let y_ticks = ticks(&window.y, self.y_unit, ((height - below) / ROWS_A_LABEL).max(2));
        let labels = y_ticks.iter().map(|tick| tick.label.len()).max().unwrap_or(0);
        // The name of x stands below the labels of y.
        let name = if x_axis { self.x_name.chars().count().min(LONGEST_NAME) } else { 0 };
        let left = if y_axis { (labels.max(name) + 2).min(width / 2) } else { 0 };
        let plot = Area { left, top: 0, width: width - left, height: height - below };
        let mut figure = Figure { width, height, plot, window, cells: vec![BLANK; width * height] };
        let lines = Lines::of(glyphs);
        if y_axis {
            figure.y_axis(&y_ticks, &lines);
        }
        if x_axis {
            let most = plot.width / COLUMNS_A_LABEL;
            figure.x_axis(&ticks(&window.x, self.x_unit, most), &self.x_name, &lines);
        }
        if let Some(column) = self.view.cursor.and_then(|x| figure.column_of(x)) {
            for row in 0..plot.height {
                figure.put(column, row, Lines::of(glyphs).vertical, Ink::Cursor);
            }
        }
        self.draw_curves(&mut figure, glyphs);
        figure
    }

    /// The curves that are not hidden, with their indexes.
    fn seen(&self) -> impl Iterator<Item = (usize, &Curve)> {
        self.curves.iter().enumerate().filter(|(_, curve)| !curve.hidden)
    }

    fn draw_curves(&self, figure: &mut Figure, glyphs: Glyphs) {
        let (plot, window) = (figure.plot, figure.window);
        let mut raster = Raster::new(glyphs, plot.width, plot.height);
        let mut inks = Vec::new();
        for (i, curve) in self.seen() {
            if curve.smoothing() > 0.0 {
                raster.draw(curve.raw(), &window.x, &window.y, 1);
                inks.push(Ink::Faint(i));
            }
        }
        for (i, curve) in self.seen() {
            raster.draw(curve.drawn(), &window.x, &window.y, 2);
            inks.push(Ink::Curve(i));
        }
        let colour = |drawn: usize| match inks.get(drawn) {
            Some(Ink::Curve(i) | Ink::Faint(i)) => self.curves[*i].colour,
            _ => 0,
        };
        for row in 0..plot.height {
            for column in 0..plot.width {
                if let Some(dotted) = raster.cell(column, row, colour) {
                    figure.put(plot.left + column, plot.top + row, dotted.glyph, inks[dotted.curve]);
                }
            }
        }
    }

    /// The legend: every curve that is not hidden, with its value at the cursor, or else its last one.
    pub fn legend(&self) -> Vec<Entry> {
        let entry = |(i, curve): (usize, &Curve)| {
            let series = curve.drawn();
            let point = match self.view.cursor {
                Some(x) => series.nearest(x),
                None => series.last_value().zip(series.x_range()).map(|(y, (_, x))| (x, y)),
            };
            Entry {
                curve: i,
                colour: curve.colour,
                name: curve.name.clone(),
                value: point.map(|(_, y)| y),
                x: point.map(|(x, _)| x),
            }
        };
        self.seen().map(entry).collect()
    }

    /// An x, as its axis labels it but to four digits.
    pub fn x_label(&self, x: f64) -> String {
        self.x_unit.text(x)
    }
}

impl Figure {
    /// The cells of a row.
    pub fn row(&self, row: usize) -> &[Cell] {
        self.cells.get(row * self.width..(row + 1) * self.width).unwrap_or_default()
    }

    /// The x in the middle of a column of cells; none beside the curves.
    pub fn x_at(&self, column: usize) -> Option<f64> {
        let inside = column.checked_sub(self.plot.left).filter(|column| *column < self.plot.width)?;
        #[allow(clippy::cast_precision_loss, reason = "a column of a screen")]
        Some(self.window.x.value((inside as f64 + 0.5) / self.plot.width as f64))
    }

    /// The column of cells an x is in; none, if it is out of sight.
    pub fn column_of(&self, x: f64) -> Option<usize> {
        let place = self.window.x.place(x).filter(|place| (0.0..=1.0).contains(place))?;
        (self.plot.width > 0).then(|| self.plot.left + cell_at(place, self.plot.width))
    }

    fn put(&mut self, column: usize, row: usize, glyph: char, ink: Ink) {
        if column < self.width
            && let Some(cell) = self.cells.get_mut(row * self.width + column)
        {
            *cell = Cell { glyph, ink };
        }
    }

    fn write(&mut self, column: usize, row: usize, text: &str) {
        for (place, glyph) in text.chars().enumerate() {
            // A cell holds one column: names come from anybody.
            let fits = glyph.width() == Some(1);
            self.put(column + place, row, if fits { glyph } else { '?' }, Ink::Label);
        }
    }

    fn y_axis(&mut self, ticks: &[Tick], lines: &Lines) {
        let axis = self.plot.left - 1;
        for row in 0..self.plot.height {
            self.put(axis, row, lines.vertical, Ink::Axis);
        }
        let mut free = self.plot.height;
        for Tick { value, label } in ticks {
            let Some(place) = self.window.y.place(*value) else { continue };
            let row = cell_at(1.0 - place.clamp(0.0, 1.0), self.plot.height);
            if row < free && label.len() < axis {
                self.put(axis, row, lines.tick_left, Ink::Axis);
                self.write(axis - 1 - label.len(), row, label);
                free = row;
            }
        }
    }

    fn x_axis(&mut self, ticks: &[Tick], name: &str, lines: &Lines) {
        let Area { left, width, height, .. } = self.plot;
        self.put(left - 1, height, lines.corner, Ink::Axis);
        for column in 0..width {
            self.put(left + column, height, lines.horizontal, Ink::Axis);
        }
        let name: String = name.chars().take(left.saturating_sub(2)).collect();
        self.write(left.saturating_sub(2) - name.chars().count(), height + 1, &name);
        let mut free = left - 1;
        for Tick { value, label } in ticks {
            let Some(column) = self.column_of(*value) else { continue };
            self.put(column, height, lines.tick_down, Ink::Axis);
            // The last label ends with the axis.
            let most = self.width.saturating_sub(label.len());
            let from = column.saturating_sub(label.len() / 2).min(most);
            if from >= free {
                self.write(from, height + 1, label);
                free = from + label.len() + 1;
            }
        }
    }
}

/// The cell of so many in which a place between 0 and 1 lies.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cell of a screen"
)]
fn cell_at(place: f64, count: usize) -> usize {
    ((place * count as f64).max(0.0) as usize).min(count.saturating_sub(1))
}

#[cfg(test)]
mod tests;
