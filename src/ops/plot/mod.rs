//! `xt plot`: the metrics of runs as charts, one a metric, the runs laid over each other.

pub mod follow;
mod history;
mod points;
mod save;
mod trend;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use indexmap::IndexSet;
use serde::Serialize;

use history::histories;
pub use points::{X, points};
pub use save::{Layout, save};
pub use trend::Trend;

use crate::chart::{Chart, Curve, Spread};
use crate::model::metric::Numbers;
use crate::model::names::{nearest, visible, words};
use crate::model::{Run, Scalar, Time};
use crate::ops::view::metrics::number;
use crate::ops::{Context, OpsError, Result, select};
use crate::store::Seen;

/// What is to be plotted.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Runs and jobs: names, ranges, wildcards. Jobs and parents stand for what they execute.
    pub runs: Vec<String>,
    /// Where names without a workspace are looked for.
    pub ws: Option<String>,
    /// Metrics, with `*` for any letters; without any, all that tell something.
    pub metrics: Vec<String>,
    /// What runs along x.
    pub x: X,
    /// Whether y is logarithmic.
    pub log_y: bool,
    /// The weight of the past in smoothing, from 0 to 1.
    pub smoothing: f64,
}

/// The charts, and what a person should know of them.
#[derive(Clone, Debug, Default)]
pub struct Plotted {
    /// One chart a metric. A run has the same palette index in all of them.
    pub charts: Vec<Chart>,
    /// What was asked for and is not in them.
    pub notes: Vec<String>,
}

/// One curve, as drawn: what `xt plot --json` tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DrawnCurve {
    /// The metric.
    pub metric: String,
    /// The run.
    pub run: String,
    /// What runs along x.
    pub x_name: String,
    /// Where the points are.
    pub x: Vec<Scalar>,
    /// Their values, smoothed if that was asked for.
    pub y: Vec<Scalar>,
}

/// A run that is plotted.
struct Plot {
    /// What the legend calls it.
    name: String,
    /// Where time begins.
    started: Time,
    /// The history of its metrics.
    metrics: HashMap<String, Numbers>,
    /// Those that cannot be read.
    damaged: Vec<String>,
}

/// Reads the metrics of runs and makes charts of them.
pub fn charts(ctx: &Context, request: &Request) -> Result<Plotted> {
    let runs = select::leaves(ctx, &request.runs, request.ws.as_deref())?;
    let called = called(&runs);
    let existing: IndexSet<_> =
        runs.iter().flat_map(|run| run.metric_names.iter().chain(run.metrics.keys())).cloned().collect();
    if existing.is_empty() {
        let has = if called.len() == 1 { "has" } else { "have" };
        return Err(OpsError::Refused(format!("nothing to plot: {} {has} no metrics yet", few(&called))));
    }
    let names = named(&existing, &request.metrics)?;
    let mut read = names.clone();
    if let X::Metric(name) = &request.x {
        if !existing.contains(name) {
            return Err(missing(&existing, name));
        }
        read.insert(name.clone());
    }
    let read: Vec<_> = read.into_iter().collect();
    let mut plotted = Plotted::default();
    let mut plots = Vec::new();
    for (run, name) in runs.iter().zip(called) {
        let (mut metrics, mut damaged) = (HashMap::new(), Vec::new());
        let found = histories(ctx, &run.path(), &read, &Seen::new())?;
        for (metric, history) in found {
            match history {
                Ok(numbers) => drop(metrics.insert(metric, numbers)),
                Err(why) => {
                    plotted.notes.push(format!("`{}` of {name} is left out: {why}", visible(&metric)));
                    damaged.push(metric);
                }
            }
        }
        plots.push(Plot { name, started: run.start_time.unwrap_or(run.create_time), metrics, damaged });
    }
    let mut chosen = names.clone();
    if request.metrics.is_empty() {
        // What only counts the steps says nothing, unless there is nothing else.
        chosen.retain(|name| tells(&plots, &request.x, name));
        if chosen.is_empty() {
            chosen = names;
        }
    }
    for name in &chosen {
        let chart = chart(request, &plots, name);
        if chart.curves.is_empty() {
            plotted.notes.push(format!("`{}` has no numbers", visible(name)));
            continue;
        }
        let drawn: HashSet<_> = chart.curves.iter().map(|curve| curve.colour).collect();
        let without = plots.iter().enumerate();
        let without = without.filter(|(i, plot)| !drawn.contains(i) && !plot.damaged.contains(name));
        let without: Vec<_> = without.map(|(_, plot)| plot.name.clone()).collect();
        if !without.is_empty() {
            plotted.notes.push(format!("`{}` is not in {}", visible(name), few(&without)));
        }
        plotted.charts.push(chart);
    }
    if plotted.charts.is_empty() {
        let others: Vec<_> = existing.difference(&chosen).map(|name| visible(name)).collect();
        let others = if others.is_empty() { String::new() } else { format!("; there are {}", few(&others)) };
        return Err(OpsError::Refused(format!("nothing to plot: {}{others}", plotted.notes.join("; "))));
    }
    Ok(plotted)
}

/// The chart of one metric.
fn chart(request: &Request, plots: &[Plot], name: &str) -> Chart {
    let mut chart = Chart {
        title: name.to_owned(),
        x_name: visible(&request.x.to_string()),
        x_unit: request.x.unit(),
        ..Chart::default()
    };
    chart.view.y_spread = if request.log_y { Spread::Log } else { Spread::Linear };
    for (i, plot) in plots.iter().enumerate() {
        let Some(numbers) = plot.metrics.get(name) else { continue };
        let others = match &request.x {
            X::Metric(x) => plot.metrics.get(x),
            X::Step | X::Time | X::Call => None,
        };
        let mut curve = Curve::new(&plot.name, i);
        curve.extend(points(numbers, &request.x, plot.started, others));
        if curve.raw().last_value().is_some() {
            curve.set_smoothing(request.smoothing);
            chart.curves.push(curve);
        }
    }
    chart
}

/// Whether a metric is anything but the steps, or what runs along x.
fn tells(plots: &[Plot], x: &X, name: &str) -> bool {
    let differs = |numbers: &Numbers| {
        numbers.values.iter().zip(&numbers.steps).any(|(value, step)| value.total_cmp(step).is_ne())
    };
    *x != X::Metric(name.to_owned()) && plots.iter().filter_map(|plot| plot.metrics.get(name)).any(differs)
}

/// The curves as data.
pub fn drawn(charts: &[Chart]) -> Vec<DrawnCurve> {
    let curve = |chart: &Chart, curve: &Curve| DrawnCurve {
        metric: chart.title.clone(),
        run: curve.name.clone(),
        x_name: chart.x_name.clone(),
        x: curve.drawn().xs().iter().copied().map(number).collect(),
        y: curve.drawn().ys().iter().copied().map(Scalar::Float).collect(),
    };
    charts.iter().flat_map(|chart| chart.curves.iter().map(move |one| curve(chart, one))).collect()
}

/// The metrics that are asked for, of those that exist; without a question, all.
fn named(existing: &IndexSet<String>, asked: &[String]) -> Result<IndexSet<String>> {
    let mut chosen = IndexSet::new();
    for word in words(asked.iter().map(String::as_str)) {
        let pattern = globset::Glob::new(word).ok().filter(|_| word.contains('*'));
        let before = chosen.len();
        match pattern.map(|pattern| pattern.compile_matcher()) {
            _ if existing.contains(word) => drop(chosen.insert(word.to_owned())),
            Some(pattern) => chosen.extend(existing.iter().filter(|name| pattern.is_match(name)).cloned()),
            None => return Err(missing(existing, word)),
        }
        if chosen.len() == before && !chosen.contains(word) {
            return Err(missing(existing, word));
        }
    }
    if chosen.is_empty() { Ok(existing.clone()) } else { Ok(chosen) }
}

/// Says which metrics there are, and which is nearest to one there is not.
fn missing(existing: &IndexSet<String>, name: &str) -> OpsError {
    let names: Vec<_> = existing.iter().map(|name| visible(name)).collect();
    let mut text = format!("there is no metric `{}`; there are {}", visible(name), few(&names));
    if let Some(near) = nearest(name, existing.iter().map(String::as_str)) {
        let _ = write!(text, ": did you mean `{}`?", visible(near));
    }
    OpsError::Refused(text)
}

/// The names of runs; with their workspaces, if they are of several.
fn called(runs: &[Run]) -> Vec<String> {
    let one = runs.windows(2).all(|pair| pair[0].ws == pair[1].ws);
    let name = |run: &Run| if one { run.run_name.to_string() } else { run.path().to_string() };
    runs.iter().map(name).collect()
}

/// `a, b, c and 12 more`.
fn few(names: &[String]) -> String {
    const MOST: usize = 12;
    let mut text = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        let _ = write!(text, " and {} more", names.len() - MOST);
    }
    text
}
