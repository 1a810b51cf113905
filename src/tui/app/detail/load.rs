//! The load of the selected run: read once, and read on while it runs.

use std::sync::Arc;

use crate::chart::{Chart, Curve as Drawn, Unit, View};
use crate::model::load::{self, label, unit};
use crate::model::{RunPath, Time};
use crate::ops::view::load::{Curve, Curves};

/// Points further apart than so many usual distances have a gap between them: nobody measured there.
const GAP: f64 = 4.0;

/// The curves of the run that is shown, or was asked for.
#[derive(Clone, Debug, Default)]
pub struct Load {
    run: Option<RunPath>,
    curves: Option<Arc<Curves>>,
    charts: Vec<Chart>,
    /// More may have been measured.
    pub stale: bool,
    /// Why they cannot be read.
    pub failed: Option<String>,
}

impl Load {
    /// The curves, once they have been read.
    pub fn curves(&self) -> Option<&Curves> {
        self.curves.as_deref()
    }

    /// The run they are of.
    pub const fn run(&self) -> Option<&RunPath> {
        self.run.as_ref()
    }

    /// Is about this run from now on; of another one than before nothing is known.
    pub fn turn_to(&mut self, run: &RunPath) {
        if self.run.as_ref() != Some(run) {
            *self = Self { run: Some(run.clone()), stale: true, ..Self::default() };
        }
    }

    /// What is to be read on.
    pub fn known(&self) -> Arc<Curves> {
        self.curves.clone().unwrap_or_default()
    }

    /// The same to be drawn, one for one.
    pub fn charts(&self) -> &[Chart] {
        &self.charts
    }

    /// Takes curves that were read; time is counted from the start of the run.
    pub fn take(&mut self, curves: Arc<Curves>, started: Option<Time>) {
        let span = curves.span().unwrap_or_default();
        let started = started.unwrap_or(span.0);
        self.charts = curves.list.iter().map(|curve| chart(curve, span, started)).collect();
        (self.curves, self.failed) = (Some(curves), None);
    }
}

/// The chart of a quantity, from nothing to the most there can be, or was.
fn chart(curve: &Curve, span: (Time, Time), started: Time) -> Chart {
    #[allow(clippy::cast_precision_loss, reason = "microseconds within some years are exact")]
    let seconds = |time: Time| time.micros().saturating_sub(started.micros()) as f64 / 1e6;
    let most = curve.highest.max(curve.most.unwrap_or(0.0)).max(0.0);
    let y_unit = match unit(&curve.name) {
        load::Unit::Percent => Unit::Percent,
        load::Unit::Bytes => Unit::Bytes,
        load::Unit::Count | load::Unit::Number => Unit::Number,
    };
    // The run's own and what it shares with others are told apart.
    let colour = if curve.name.starts_with("run.") { 3 } else { 0 };
    let mut drawn = Drawn::new(label(&curve.name), colour);
    drawn.extend(with_gaps(curve.points.iter().map(|(time, value)| (seconds(*time), *value)).collect()));
    Chart {
        title: label(&curve.name),
        x_name: "time".to_owned(),
        x_unit: Unit::Seconds,
        y_unit,
        curves: vec![drawn],
        view: View {
            x: Some((seconds(span.0), seconds(span.1))),
            y: Some((0.0, if most > 0.0 { most } else { 1.0 })),
            ..View::default()
        },
    }
}

/// Points with a gap where nobody measured.
fn with_gaps(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return points };
    #[allow(clippy::cast_precision_loss, reason = "a count of points")]
    let usual = (last.0 - first.0) / (points.len().saturating_sub(1).max(1)) as f64;
    let mut all = Vec::with_capacity(points.len());
    for (x, y) in points {
        let before = all.last().map(|(before, _)| *before);
        if let Some(before) = before.filter(|before| x - before > usual * GAP) {
            all.push((f64::midpoint(before, x), f64::NAN));
        }
        all.push((x, y));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves C7 (gaps where nothing was measured).
    #[test]
    fn there_are_gaps_where_nobody_measured() {
        let points = |seconds: &[f64]| seconds.iter().map(|second| (*second, 1.0)).collect::<Vec<_>>();
        let gaps = |seconds: &[f64]| with_gaps(points(seconds)).iter().filter(|(_, y)| y.is_nan()).count();
        assert_eq!(gaps(&[0.0, 1.0, 2.0, 3.0, 8.0, 9.0]), 0, "less than four usual distances of two seconds");
        assert_eq!(gaps(&[0.0, 1.0, 2.0, 3.0, 8.0, 9.0, 90.0]), 1);
        assert_eq!((gaps(&[]), gaps(&[1.0])), (0, 0));
    }
}
