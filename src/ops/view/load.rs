//! `xt view node`: what a run and its machine were doing while it ran.

use std::collections::BTreeMap;

use crate::model::load::{self, TOTAL, Unit};
use crate::model::metric::Point;
use crate::model::names::{nearest, visible, words};
use crate::model::{RunPath, Scalar, Time};
use crate::ops::list::{Entry, quoted};
use crate::ops::view::metrics::MetricPoint;
use crate::ops::{Context, OpsError, Result};
use crate::report::shape;

/// Curves have at most so many points: more than a screen has columns. A week at the usual interval has 120,000
/// samples, of which each point then is the mean of some.
const MOST_POINTS: usize = 2048;

/// One quantity over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// The series of [`crate::model::load`].
    pub name: String,
    /// Means of equally many samples each, but for the last; the time is that of the last of them.
    pub points: Vec<(Time, f64)>,
    /// How many samples make a point.
    stride: u32,
    /// How many the last point has.
    filled: u32,
    /// The latest value.
    pub latest: f64,
    /// The highest value.
    pub highest: f64,
    /// The sum of all values.
    sum: f64,
    /// How many values there are.
    pub count: u32,
    /// The most there can be.
    pub most: Option<f64>,
}

impl Curve {
    fn new(name: &str) -> Self {
        let most = load::ceiling(name);
        Self { name: name.to_owned(), stride: 1, most, highest: f64::NEG_INFINITY, ..Self::default() }
    }

    /// The mean of all values.
    pub fn mean(&self) -> f64 {
        self.sum / f64::from(self.count.max(1))
    }

    /// A value in the curve's unit, as people read it.
    pub fn text(&self, value: f64) -> String {
        match load::unit(&self.name) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes were counted")]
            Unit::Bytes => shape::bytes(value.max(0.0) as u64),
            Unit::Percent => format!("{}%", shape::significant((value * 10.0).round() / 10.0, 4)),
            Unit::Count | Unit::Number => shape::significant((value * 100.0).round() / 100.0, 4),
        }
    }

    fn push(&mut self, time: Time, value: f64) {
        if !value.is_finite() {
            return;
        }
        (self.latest, self.highest) = (value, self.highest.max(value));
        (self.sum, self.count) = (self.sum + value, self.count.saturating_add(1));
        match self.points.last_mut() {
            Some((until, mean)) if self.filled < self.stride => {
                self.filled += 1;
                *mean += (value - *mean) / f64::from(self.filled);
                *until = time;
                return;
            }
            _ => {}
        }
        if self.points.len() == MOST_POINTS {
            self.points = self.points.chunks(2).filter_map(halved).collect();
            self.stride = self.stride.saturating_mul(2);
        }
        self.points.push((time, value));
        self.filled = 1;
    }
}

/// One point for two.
fn halved(pair: &[(Time, f64)]) -> Option<(Time, f64)> {
    let (first, last) = (pair.first()?, pair.last()?);
    Some((last.0, first.1.midpoint(last.1)))
}

/// All that was measured while a run ran.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// The curves: the run's own first.
    pub list: Vec<Curve>,
    /// The number of the first sample that is not in them.
    next: u64,
}

impl Curves {
    /// The curves with what has been measured since.
    pub fn read_on(&self, ctx: &Context, run: &RunPath) -> Result<Self> {
        let mut curves = self.clone();
        ctx.records.load(run, self.next, &mut |name, points| curves.take(name, &points))?;
        Ok(curves)
    }

    /// When the first and the last sample were taken.
    pub fn span(&self) -> Option<(Time, Time)> {
        let first = self.list.iter().filter_map(|curve| curve.points.first()).map(|(time, _)| *time).min()?;
        let last = self.list.iter().filter_map(|curve| curve.points.last()).map(|(time, _)| *time).max()?;
        Some((first, last))
    }

    fn take(&mut self, name: &str, points: &[Point]) {
        let Some(last) = points.last() else { return };
        self.next = self.next.max(last.index + 1);
        if let Some(of) = name.strip_suffix(TOTAL) {
            self.curve(of).most = last.value.as_f64();
            return;
        }
        let curve = self.curve(name);
        for point in points {
            if let Some(value) = point.value.as_f64() {
                curve.push(point.time, value);
            }
        }
    }

    fn curve(&mut self, name: &str) -> &mut Curve {
        let place = self.list.iter().position(|curve| curve.name == name);
        let place = place.unwrap_or_else(|| {
            let rank = load::rank(name);
            let place = self.list.partition_point(|curve| load::rank(&curve.name) <= rank);
            self.list.insert(place, Curve::new(name));
            place
        });
        &mut self.list[place]
    }
}

/// Every sample of the named series of a run, or of all, as it was taken.
pub fn samples(ctx: &Context, run: &RunPath, names: &[String]) -> Result<Vec<MetricPoint>> {
    let wanted: Vec<_> = words(names.iter().map(String::as_str)).collect();
    let (mut samples, mut known) = (Vec::new(), Vec::new());
    ctx.records.load(run, 0, &mut |name, points| {
        known.push(name.to_owned());
        if wanted.is_empty() || wanted.contains(&name) {
            samples.extend(points.into_iter().map(|point| {
                let (name, value) = (name.to_owned(), point.value);
                MetricPoint { run: None, name, step: None, value, time: point.time }
            }));
        }
    })?;
    if let Some(name) = wanted.iter().find(|name| known.iter().all(|known| known != *name)) {
        let near = nearest(name, known.iter().map(String::as_str)).map(visible);
        return Err(OpsError::Missing { what: "series", name: visible(name), nearest: near });
    }
    Ok(samples)
}

/// The columns and rows of a table with a row for each sample, the series side by side.
pub fn side_by_side(samples: Vec<MetricPoint>) -> (Vec<String>, Vec<Entry>) {
    let mut columns = vec!["time".to_owned()];
    let mut rows = BTreeMap::new();
    for MetricPoint { name, value, time, .. } in samples {
        let column = quoted("metrics", &name);
        if !columns.contains(&column) {
            columns.push(column);
        }
        let row = rows.entry(time).or_insert_with(|| {
            Entry([("time".to_owned(), Scalar::Text(time.to_string()))].into_iter().collect())
        });
        row.0.insert(format!("metrics.{name}"), value);
    }
    (columns, rows.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;
    use crate::store::LoadSample;

    fn sample(run: &RunPath, second: i32, value: f64) -> LoadSample {
        let mut values = vec![
            ("box.memory".to_owned(), Scalar::Float(value)),
            ("run.cpu".to_owned(), Scalar::Float(250.0)),
        ];
        if second == 0 {
            values.push(("box.memory.total".to_owned(), Scalar::Int(1024)));
        }
        LoadSample { run: run.clone(), time: Time::from_micros(i64::from(second) * 1_000_000), values }
    }

    // Proves C7, A11: curves are read on, whatever was read before.
    #[test]
    fn curves_read_on_are_curves_read_at_once() {
        let world = World::new();
        let run = world.single("ws1");
        let keep = |from: i32, to: i32| {
            let values = (from..to).map(|second| sample(&run, second, f64::from(second % 7)));
            world.ctx.records.keep_load(&values.collect::<Vec<_>>()).unwrap();
        };
        let none = Curves::default();
        assert_eq!(none.read_on(&world.ctx, &run).unwrap(), none);
        keep(0, 100);
        let some = none.read_on(&world.ctx, &run).unwrap();
        assert_eq!(some.read_on(&world.ctx, &run).unwrap(), some);
        keep(100, 170);
        let all = some.read_on(&world.ctx, &run).unwrap();
        assert_eq!(all, none.read_on(&world.ctx, &run).unwrap());
        let memory = &all.list[1];
        assert_eq!((memory.name.as_str(), memory.count, memory.most), ("box.memory", 170, Some(1024.0)));
        assert_eq!((memory.latest, memory.highest, memory.text(memory.latest)), (1.0, 6.0, "1 B".to_owned()));
        assert_eq!(all.list[0].text(250.04), "250%");
        let (first, last) = all.span().unwrap();
        assert_eq!((first.micros(), last.micros()), (0, 169_000_000));
        assert_eq!(samples(&world.ctx, &run, &[]).unwrap().len(), 341);
    }

    #[test]
    fn a_long_curve_keeps_its_shape_in_few_points() {
        let mut curve = Curve::new("box.cpu");
        for second in 0..100_000_i32 {
            curve.push(Time::from_micros(second.into()), f64::from(second));
        }
        assert!(curve.points.len() > MOST_POINTS / 2 && curve.points.len() <= MOST_POINTS);
        assert!(curve.points.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1));
        let (time, mean) = curve.points[0];
        assert_eq!((time.micros(), mean), (63, 31.5));
        assert_eq!((curve.count, curve.latest, curve.mean()), (100_000, 99_999.0, 49_999.5));
        curve.push(Time::default(), f64::NAN);
        assert_eq!(curve.count, 100_000);
    }
}
