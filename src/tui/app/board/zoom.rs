//! What is seen of the axes: x is the same for all charts, y each chart's own.

use super::Board;
use crate::chart::{Curve, Spread, View, Window};

/// How much a step of zoom shows of what was seen, and by how much of it a step of panning moves.
const ZOOM: f64 = 0.5;
const PAN: f64 = 0.25;

/// What is done with charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Shows less of x.
    ZoomIn,
    /// Shows more of x.
    ZoomOut,
    /// Shows less of the selected chart's values.
    ZoomYIn,
    /// Shows more of the selected chart's values.
    ZoomYOut,
    /// Moves to the left.
    PanLeft,
    /// Moves to the right.
    PanRight,
    /// Shows everything again.
    Fit,
}

impl Board {
    /// Changes what is seen.
    pub fn turn(&mut self, turn: Turn) {
        let Some(window) = self.window() else { return };
        let middle = window.x.value(0.5);
        let around = self.view.cursor.unwrap_or(middle);
        match turn {
            Turn::ZoomIn => self.view.zoom(&window, ZOOM, around),
            Turn::ZoomOut if self.view.x.is_none() => {}
            Turn::ZoomOut => {
                self.view.zoom(&window, 1.0 / ZOOM, around);
                self.fit_if_all();
            }
            Turn::ZoomYIn => self.zoom_y(ZOOM),
            Turn::ZoomYOut => self.zoom_y(1.0 / ZOOM),
            Turn::PanLeft => self.view.pan(&window, -PAN),
            Turn::PanRight => self.view.pan(&window, PAN),
            Turn::Fit => self.fit(),
        }
    }

    /// Shows everything again, in all charts.
    pub fn fit(&mut self) {
        self.view.fit();
        self.y.clear();
    }

    /// Who sees everything sees what comes, too.
    fn fit_if_all(&mut self) {
        let all = View { x: None, ..self.view };
        let Some(panel) = self.chart() else { return };
        let (all, seen) = (all.window(&panel.chart.curves), self.view.window(&panel.chart.curves));
        if seen.x.low() <= all.x.low() && seen.x.high() >= all.x.high() {
            self.view.fit();
        }
    }

    /// Shows `factor` times as much of the selected chart's values, around those at the cursor, or else the latest:
    /// that is where one wants to look when a value far away has made the rest flat.
    fn zoom_y(&mut self, factor: f64) {
        let (Some(name), Some(panel)) = (self.selected().map(str::to_owned), self.chart()) else { return };
        let curves = &panel.chart.curves;
        let mut view = self.view_of(&name);
        let window = view.window(curves);
        let x = view.cursor.unwrap_or(window.x.high());
        let Some(around) = middle(curves, x) else { return };
        view.zoom_y(&window, factor, around);
        let (seen, all) = (view.window(curves).y, View { y: None, ..view }.window(curves).y);
        match view.y.filter(|_| seen.low() > all.low() || seen.high() < all.high()) {
            Some(y) => self.y.insert(name, y),
            // Who sees everything sees what comes, too.
            None => self.y.remove(&name),
        };
    }

    /// What is seen of a metric's chart.
    pub fn view_of(&self, name: &str) -> View {
        let y_spread = if self.is_log(name) { Spread::Log } else { Spread::Linear };
        View { y_spread, y: self.y.get(name).copied(), ..self.view }
    }

    /// The axes of the selected chart.
    pub(super) fn window(&self) -> Option<Window> {
        Some(self.view.window(&self.chart()?.chart.curves))
    }
}

/// The value in the middle of those that curves have near a place on x.
fn middle(curves: &[Curve], x: f64) -> Option<f64> {
    let seen = curves.iter().filter(|curve| !curve.hidden);
    let mut values: Vec<f64> =
        seen.filter_map(|curve| curve.drawn().nearest(x)).map(|(_, y)| y).filter(|y| y.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
