//! `xt view metrics`: the history of metrics, point by point or side by side.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::metric::Series;
use crate::model::names::{nearest, visible, words};
use crate::model::{Run, RunPath, Scalar, Time};
use crate::ops::list::Entry;
use crate::ops::{Context, OpsError, Result};

/// One value of one metric of one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricPoint {
    /// Its run, where several are looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The metric.
    pub name: String,
    /// The step, if the script gave one.
    pub step: Option<Scalar>,
    /// The value.
    pub value: Scalar,
    /// When it was logged.
    pub time: Time,
}

/// Whose metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the script logged.
    Logged,
    /// What was measured of the run and its machine.
    System,
}

/// The series of some runs: all of them, or the metrics that are named, each of which some run must have.
pub fn series(
    ctx: &Context,
    runs: &[Run],
    names: &[String],
    kind: Kind,
) -> Result<Vec<(RunPath, Vec<Series>)>> {
    let wanted: Vec<_> = words(names.iter().map(String::as_str)).map(str::to_owned).collect();
    let mut found = Vec::new();
    for run in runs {
        let path = run.path();
        let series = match kind {
            Kind::Logged => ctx.records.metrics(&path, &wanted)?,
            Kind::System => super::load::series(ctx, &path)?,
        };
        found.push((path, series));
    }
    for name in &wanted {
        let has = |(_, series): &(RunPath, Vec<Series>)| {
            series.iter().any(|series| series.name == *name && !series.points.is_empty())
        };
        if !found.iter().any(has) {
            let logged = runs.iter().flat_map(|run| run.metric_names.iter().chain(run.metrics.keys()));
            let logged = logged.filter(|_| kind == Kind::Logged);
            let read = found.iter().flat_map(|(_, series)| series).map(|series| &series.name);
            let near = nearest(name, logged.chain(read).map(String::as_str)).map(visible);
            return Err(OpsError::Missing { what: "metric", name: visible(name), nearest: near });
        }
    }
    if !wanted.is_empty() {
        for (_, series) in &mut found {
            series.retain(|series| wanted.contains(&series.name));
        }
    }
    Ok(found)
}

/// All points, by run and metric, in the order they were logged.
pub fn points(series: Vec<(RunPath, Vec<Series>)>) -> Vec<MetricPoint> {
    let several = series.len() > 1;
    let mut points = Vec::new();
    for (path, series) in series {
        for Series { name, points: own } in series {
            points.extend(own.into_iter().map(|point| MetricPoint {
                run: several.then(|| path.to_string()),
                name: name.clone(),
                step: point.step.map(number),
                value: point.value,
                time: point.time,
            }));
        }
    }
    points
}

/// The columns and rows of a table with a row for each log call, the metrics side by side.
pub fn side_by_side(series: &[(RunPath, Vec<Series>)]) -> (Vec<String>, Vec<Entry>) {
    let mut columns: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    let mut stepped = false;
    for (path, series) in series {
        let mut calls: BTreeMap<u64, Entry> = BTreeMap::new();
        for one in series {
            for point in &one.points {
                let entry = calls.entry(point.index).or_insert_with(|| {
                    let run = ("run".to_owned(), Scalar::Text(path.run.to_string()));
                    let step = point.step.map(|step| ("step".to_owned(), number(step)));
                    Entry([run].into_iter().chain(step).collect())
                });
                stepped |= point.step.is_some();
                entry.0.insert(format!("metrics.{}", one.name), point.value.clone());
            }
            let column = crate::ops::list::quoted("metrics", &one.name);
            if !one.points.is_empty() && !columns.contains(&column) {
                columns.push(column);
            }
        }
        rows.extend(calls.into_values());
    }
    let run = (series.len() > 1).then(|| "run".to_owned());
    let step = stepped.then(|| "step".to_owned());
    (run.into_iter().chain(step).chain(columns).collect(), rows)
}

/// Steps are whole numbers nearly always, and are to look like that.
fn number(step: f64) -> Scalar {
    #[allow(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    if step.fract() == 0.0 && step.abs() < 1e15 { Scalar::Int(step as i64) } else { Scalar::Float(step) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RunName;
    use crate::model::metric::Point;

    // Proves A6 (metrics of one call side by side, those without a step too).
    #[test]
    fn metrics_of_one_call_share_a_row() {
        let point =
            |index, step, value| Point { index, step, value: Scalar::Float(value), time: Time::default() };
        let loss =
            Series { name: "loss".into(), points: vec![point(0, Some(1.0), 0.5), point(1, Some(2.0), 0.4)] };
        let acc = Series { name: "test acc".into(), points: vec![point(1, Some(2.0), 0.9)] };
        let runs = vec![(RunPath::new("ws1", RunName::top(1)), vec![loss, acc])];
        let (columns, rows) = side_by_side(&runs);
        assert_eq!(columns, ["step", "metrics.\"loss\"", "metrics.\"test acc\""]);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].0.get("step"), Some(&Scalar::Int(2)));
        assert_eq!(rows[1].0.get("metrics.test acc"), Some(&Scalar::Float(0.9)));
        assert_eq!(points(runs).len(), 3);
    }
}
