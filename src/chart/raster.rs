//! Curves as dots, and dots as characters.
//!
//! Each curve is drawn on dots of its own: the points of a column as one bar from their lowest to their
//! highest, so that no spike is lost, and a line from the last point of a column to the first of the next
//! one that has any. The dots of all curves are then put into cells.

use super::scale::Scale;
use super::series::Series;
use super::trace::Trace;

/// What a canvas is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Two by four dots a cell, in the Braille patterns of Unicode.
    Braille,
    /// One dot a cell: a sign for each curve, which can be told apart without colours and Unicode.
    Signs,
}

impl Glyphs {
    /// Columns and rows of dots in a cell.
    const fn dots(self) -> (usize, usize) {
        match self {
            Self::Braille => (2, 4),
            Self::Signs => (1, 1),
        }
    }
}

/// The signs of curves, in the order of their palette indexes.
const SIGNS: [char; 8] = ['*', '+', 'o', 'x', '#', '@', '%', '&'];

/// The sign of the curve with this palette index.
pub const fn sign(colour: usize) -> char {
    SIGNS[colour % SIGNS.len()]
}

/// The bit of each dot of a Braille pattern, by its row and column.
const BRAILLE: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// A dotted cell: what is to be seen in it, and of which curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dotted {
    /// The character.
    pub glyph: char,
    /// Which of the drawn curves has most of it: counted in the order they were drawn in.
    pub curve: usize,
}

/// One cell while curves are drawn on it.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    dots: u8,
    curve: usize,
    /// The dots of the curve that owns it.
    own: u32,
    /// How much its curve stands out.
    weight: u8,
}

/// Cells on which curves are drawn.
#[derive(Debug)]
pub struct Raster {
    glyphs: Glyphs,
    width: usize,
    height: usize,
    cells: Vec<Cell>,
    /// The dots of the curve that is being drawn.
    layer: Vec<u8>,
    drawn: usize,
}

impl Raster {
    /// An empty canvas of so many cells.
    pub fn new(glyphs: Glyphs, width: usize, height: usize) -> Self {
        let count = width * height;
        Self { glyphs, width, height, cells: vec![Cell::default(); count], layer: vec![0; count], drawn: 0 }
    }

    /// Columns of dots.
    const fn columns(&self) -> usize {
        self.width * self.glyphs.dots().0
    }

    /// Rows of dots.
    const fn rows(&self) -> usize {
        self.height * self.glyphs.dots().1
    }

    /// Draws a curve. In a cell with several curves only those with the greatest weight are seen; the cell
    /// is that curve's that has most dots there, of equals the later one's.
    pub fn draw(&mut self, series: &Series, x: &Scale, y: &Scale, weight: u8) {
        self.layer.fill(0);
        self.trace(&Trace::new(series, x, self.columns()), x, y);
        for (cell, &dots) in self.cells.iter_mut().zip(&self.layer).filter(|(_, dots)| **dots != 0) {
            if weight > cell.weight {
                *cell = Cell::default();
            }
            if weight < cell.weight {
                continue;
            }
            if dots.count_ones() >= cell.own {
                *cell = Cell { dots: cell.dots, curve: self.drawn, own: dots.count_ones(), weight };
            }
            cell.dots |= dots;
        }
        self.drawn += 1;
    }

    #[allow(clippy::cast_precision_loss, reason = "the size of a screen")]
    fn trace(&mut self, trace: &Trace, x: &Scale, y: &Scale) {
        let (columns, rows) = (self.columns() as f64, self.rows() as f64);
        // The place of a point in dots, from the upper left; none for a gap.
        let dot = |(px, py): (f64, f64)| {
            let finite = Some(py).filter(|py| py.is_finite())?;
            Some((x.place(px)? * columns, (1.0 - y.place(finite)?) * rows))
        };
        let mut pen = trace.before.and_then(dot);
        for column in &trace.columns {
            let first = dot(column.first);
            if let (Some(from), Some(to)) = (pen, first) {
                self.line(from, to);
            }
            let low =
                if y.place(column.extent.low).is_some() { column.extent.low } else { column.extent.positive };
            if let (Some((_, bottom)), Some((_, top))) =
                (dot((column.first.0, low)), dot((column.first.0, column.extent.high)))
            {
                self.bar(column.at, top, bottom);
            }
            pen = dot(column.last);
        }
        if let (Some(from), Some(to)) = (pen, trace.after.and_then(dot)) {
            self.line(from, to);
        }
    }

    /// Sets the dots of a column between two heights, in dots from the top.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the canvas"
    )]
    fn bar(&mut self, column: usize, top: f64, bottom: f64) {
        let rows = self.rows();
        // The lower end of the axis is the lower edge of the last dot.
        let edge = |height: f64| if height.total_cmp(&(rows as f64)).is_eq() { height - 0.5 } else { height };
        let (top, bottom) = (edge(top).floor(), edge(bottom).floor());
        if column >= self.columns() || bottom < 0.0 || top >= rows as f64 {
            return;
        }
        let (across, down) = self.glyphs.dots();
        for row in top.max(0.0) as usize..=(bottom as usize).min(rows - 1) {
            let bit = if self.glyphs == Glyphs::Braille { BRAILLE[row % down][column % across] } else { 1 };
            self.layer[row / down * self.width + column / across] |= bit;
        }
    }

    /// Sets the dots on the way from one place to another, further to the right.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the canvas"
    )]
    fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let slope = (to.1 - from.1) / (to.0 - from.0);
        if !slope.is_finite() {
            return;
        }
        let at = |x: f64| from.1 + (x - from.0) * slope;
        let last = (to.0.floor() as usize).min(self.columns().saturating_sub(1));
        for column in from.0.max(0.0) as usize..=last {
            let enters = at(from.0.max(column as f64));
            let leaves = at(to.0.min(column as f64 + 1.0));
            let (top, bottom) = (enters.min(leaves), enters.max(leaves));
            if bottom.floor() - top.floor() <= 1.0 {
                // Flat: one dot a column joins those beside it.
                let middle = f64::midpoint(top, bottom);
                self.bar(column, middle, middle);
            } else {
                self.bar(column, top, bottom);
            }
        }
    }

    /// What is to be seen in a cell.
    pub fn cell(&self, column: usize, row: usize, colour: impl Fn(usize) -> usize) -> Option<Dotted> {
        let cell = self.cells.get(row * self.width + column).filter(|cell| cell.dots != 0)?;
        let glyph = match self.glyphs {
            Glyphs::Braille => char::from_u32(0x2800 + u32::from(cell.dots))?,
            Glyphs::Signs => sign(colour(cell.curve)),
        };
        Some(Dotted { glyph, curve: cell.curve })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::scale::Spread;
    use proptest::prelude::*;

    fn shown(raster: &Raster) -> String {
        let row = |row| -> String {
            let cell = |column| raster.cell(column, row, |curve| curve).map_or(' ', |cell| cell.glyph);
            (0..raster.width).map(cell).collect::<String>().trim_end().to_owned() + "\n"
        };
        (0..raster.height).map(row).collect()
    }

    fn draw(
        glyphs: Glyphs,
        size: (usize, usize),
        curves: &[&Series],
        x: (f64, f64),
        y: (f64, f64),
    ) -> String {
        let mut raster = Raster::new(glyphs, size.0, size.1);
        for series in curves {
            let (x, y) = (Scale::new(Spread::Linear, x.0, x.1), Scale::new(Spread::Linear, y.0, y.1));
            raster.draw(series, &x, &y, 1);
        }
        shown(&raster)
    }

    // Proves C7 (curves as dots): looked at, then kept.
    #[test]
    fn a_falling_and_a_rising_curve() {
        let falling = Series::new((0..=100).map(|i| (f64::from(i), 100.0 / (f64::from(i) / 5.0 + 1.0))));
        let rising = Series::new((0..=100).map(|i| (f64::from(i), f64::from(i))));
        let (x, y) = ((0.0, 100.0), (0.0, 100.0));
        insta::assert_snapshot!("braille", draw(Glyphs::Braille, (30, 8), &[&falling, &rising], x, y));
        insta::assert_snapshot!("signs", draw(Glyphs::Signs, (40, 10), &[&falling, &rising], x, y));
    }

    #[test]
    fn sparse_points_are_joined_gaps_are_not_and_lines_from_outside_come_in() {
        let nan = f64::NAN;
        let points = [
            (-10.0, 0.0),
            (10.0, 10.0),
            (20.0, 10.0),
            (25.0, nan),
            (30.0, 10.0),
            (35.0, nan),
            (40.0, 0.0),
            (90.0, 10.0),
        ];
        let curve = Series::new(points);
        insta::assert_snapshot!("gaps", draw(Glyphs::Braille, (30, 5), &[&curve], (0.0, 60.0), (0.0, 10.0)));
    }

    #[test]
    fn one_spike_in_a_million_points_is_seen() {
        let mut flat: Vec<_> = (0..1_000_000).map(|i| (f64::from(i), 0.0)).collect();
        flat[654_321].1 = 1.0;
        let picture = draw(Glyphs::Signs, (60, 6), &[&Series::new(flat)], (0.0, 1e6), (0.0, 1.0));
        let first = picture.lines().next().unwrap();
        assert_eq!(first.find('*'), Some(39), "{picture}");
        assert_eq!(picture.lines().last().unwrap(), "*".repeat(60));
    }

    #[test]
    fn the_cell_is_its_curves_that_has_most_of_it_and_weight_goes_before() {
        let axis = Scale::new(Spread::Linear, 0.0, 1.0);
        let mut raster = Raster::new(Glyphs::Braille, 1, 1);
        raster.draw(&Series::new([(0.1, 0.0), (0.2, 1.0)]), &axis, &axis, 1);
        raster.draw(&Series::new([(0.9, 0.5)]), &axis, &axis, 1);
        assert_eq!(raster.cell(0, 0, |i| i), Some(Dotted { glyph: '⡧', curve: 0 }));
        raster.draw(&Series::new([(0.9, 0.5)]), &axis, &axis, 2);
        raster.draw(&Series::new([(0.1, 0.0), (0.2, 1.0)]), &axis, &axis, 1);
        assert_eq!(raster.cell(0, 0, |i| i), Some(Dotted { glyph: '⠠', curve: 2 }));
    }

    proptest! {
        #[test]
        fn any_points_on_any_canvas(
            points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..100),
            (width, height) in (0_usize..40, 0_usize..20),
            ends in prop::array::uniform4(any::<f64>()), braille in any::<bool>(), log in any::<bool>(),
        ) {
            let glyphs = if braille { Glyphs::Braille } else { Glyphs::Signs };
            let spread = if log { Spread::Log } else { Spread::Linear };
            let mut raster = Raster::new(glyphs, width, height);
            let (x, y) = (Scale::new(spread, ends[0], ends[1]), Scale::new(spread, ends[2], ends[3]));
            raster.draw(&Series::new(points), &x, &y, 1);
            shown(&raster);
        }

        #[test]
        fn the_extremes_are_visible(
            values in prop::collection::vec(-1e6..1e6, 2..2000), (width, height) in (1_usize..40, 2_usize..20),
        ) {
            let series = Series::new((0_u32..).map(f64::from).zip(values));
            let extent = series.extent(0..series.len());
            let (first, last) = series.x_range().unwrap();
            let picture = draw(Glyphs::Signs, (width, height), &[&series], (first, last), (extent.low, extent.high));
            let rows: Vec<_> = picture.lines().collect();
            let flat = extent.low >= extent.high;
            prop_assert!(flat || rows[0].contains('*'), "{}", picture);
            prop_assert!(flat || rows[height - 1].contains('*'), "{}", picture);
            // Nor has the line a hole.
            prop_assert!((0..width).all(|column| rows.iter().any(|row| row.chars().nth(column) == Some('*'))));
        }
    }
}
