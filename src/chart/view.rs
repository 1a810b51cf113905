//! What part of a chart is looked at.

use super::curve::Curve;
use super::pyramid::Extent;
use super::scale::{Scale, Spread};

/// What a chart shows: everything there is, or a stretch of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// The stretch of x; without one, from the first to the last point, however many come.
    pub x: Option<(f64, f64)>,
    /// The stretch of y; without one, from the lowest to the highest value in sight.
    pub y: Option<(f64, f64)>,
    /// How x is spread.
    pub x_spread: Spread,
    /// How y is spread.
    pub y_spread: Spread,
    /// Where values are read.
    pub cursor: Option<f64>,
}

/// Both axes of a chart, as a view makes them of its curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// From left to right.
    pub x: Scale,
    /// From the bottom to the top.
    pub y: Scale,
}

impl View {
    /// The axes for some curves.
    pub fn window(&self, curves: &[Curve]) -> Window {
        let (low, high) = self.x.unwrap_or_else(|| {
            let ranges = seen(curves).filter_map(|curve| {
                let series = curve.drawn();
                let (first, last) = series.x_range()?;
                // Where zero has no place, the axis begins at the first point that has one.
                let positive = || series.xs().get(series.xs().partition_point(|&x| x <= 0.0)).copied();
                let first = if self.x_spread == Spread::Log { positive()? } else { first };
                Some((first, last))
            });
            ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0.0, 1.0))
        });
        let x = Scale::new(self.x_spread, low, high);
        let (low, high) = self.y.unwrap_or_else(|| {
            // The points behind a smoothed curve are seen too.
            let series = seen(curves).flat_map(|curve| [curve.raw(), curve.drawn()]);
            let seen = series.map(|series| series.extent(series.between(x.low(), x.high())));
            let extent = seen.fold(Extent::EMPTY, Extent::and);
            match self.y_spread {
                _ if extent.is_empty() => (0.0, 1.0),
                Spread::Linear => (extent.low, extent.high),
                Spread::Log => (extent.positive, extent.high),
            }
        });
        Window { x, y: Scale::new(self.y_spread, low, high) }
    }

    /// Everything again.
    pub const fn fit(&mut self) {
        (self.x, self.y) = (None, None);
    }

    /// Shows `factor` times as much of x (0.5 zooms in) around a value, and of y what fits.
    pub fn zoom(&mut self, window: &Window, factor: f64, around: f64) {
        let place = window.x.place(around).unwrap_or(0.5).clamp(0.0, 1.0);
        self.set_x(window.x.zoomed(factor, place));
    }

    /// Moves along x by a share of what is seen: to the right, if it is positive.
    pub fn pan(&mut self, window: &Window, share: f64) {
        self.set_x(window.x.moved(share));
    }

    /// Shows `factor` times as much of y around a value.
    pub fn zoom_y(&mut self, window: &Window, factor: f64, around: f64) {
        let place = window.y.place(around).unwrap_or(0.5).clamp(0.0, 1.0);
        let scale = window.y.zoomed(factor, place);
        self.y = Some((scale.low(), scale.high()));
    }

    /// Moves along y by a share of what is seen: upwards, if it is positive.
    pub fn pan_y(&mut self, window: &Window, share: f64) {
        let scale = window.y.moved(share);
        self.y = Some((scale.low(), scale.high()));
    }

    /// Moves the cursor by a share of what is seen; it appears at the right end, and stays in sight.
    pub fn move_cursor(&mut self, window: &Window, share: f64) {
        let place = self.cursor.and_then(|x| window.x.place(x)).unwrap_or(1.0);
        self.cursor = Some(window.x.value((place + share).clamp(0.0, 1.0)));
    }

    const fn set_x(&mut self, scale: Scale) {
        self.x = Some((scale.low(), scale.high()));
    }
}

/// The curves that are not hidden.
fn seen(curves: &[Curve]) -> impl Iterator<Item = &Curve> {
    curves.iter().filter(|curve| !curve.hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves() -> Vec<Curve> {
        let mut a = Curve::new("a", 0);
        a.extend((0..=10).map(|x| (f64::from(x), f64::from(x) - 2.0)));
        let mut b = Curve::new("b", 1);
        b.extend([(5.0, 100.0), (20.0, f64::NAN)]);
        vec![a, b, Curve::new("empty", 2)]
    }

    fn ends(window: &Window) -> String {
        let Window { x, y } = window;
        format!("{} {} {} {}", x.low(), x.high(), y.low(), y.high())
    }

    // Proves C7 (zoom, pan, fit, cursor).
    #[test]
    fn a_view_fits_what_there_is_and_what_is_in_sight() {
        let curves = curves();
        let mut view = View::default();
        assert_eq!(ends(&view.window(&curves)), "0 20 -2 100");
        assert_eq!(ends(&view.window(&[])), "0 1 0 1");
        view.zoom(&view.window(&curves), 0.1, 0.0);
        assert_eq!(ends(&view.window(&curves)), "0 2 -2 0", "y fits what is in sight");
        view.pan(&view.window(&curves), 0.5);
        assert_eq!(ends(&view.window(&curves)), "1 3 -1 1");
        view.fit();
        let mut others = curves.clone();
        others[1].hidden = true;
        assert_eq!(ends(&view.window(&others)), "0 10 -2 8", "what is hidden needs no room");
        view.y_spread = Spread::Log;
        assert_eq!(ends(&view.window(&curves)), "0 20 1 100", "zero has no place");
        view.x_spread = Spread::Log;
        assert!(ends(&view.window(&curves)).starts_with("1 20 "));
    }

    #[test]
    fn a_stretch_of_y_is_kept() {
        let curves = curves();
        let mut view = View { y: Some((0.0, 10.0)), ..View::default() };
        view.zoom_y(&view.window(&curves), 0.5, 10.0);
        assert_eq!(view.y, Some((5.0, 10.0)));
        view.pan_y(&view.window(&curves), -1.0);
        assert_eq!(view.y, Some((0.0, 5.0)));
    }

    #[test]
    fn the_cursor_comes_from_the_right_and_stays_in_sight() {
        let window = View::default().window(&curves());
        let mut view = View::default();
        view.move_cursor(&window, -0.25);
        assert_eq!(view.cursor, Some(15.0));
        view.move_cursor(&window, 9.0);
        assert_eq!(view.cursor, Some(20.0));
    }
}
