//! Curves that grow: what is new of the metrics of a run, for whoever draws them while it trains.

use std::collections::HashMap;

use super::history::{History, histories};
use super::{X, points};
use crate::chart::Curve;
use crate::model::{RunPath, Time};
use crate::ops::view::run::attempts;
use crate::ops::{Context, Result};
use crate::store::Seen;

/// So many points of the metric along x are read once more: a batch may have come between two reads.
const OVERLAP: u64 = 16;

/// How curves are made of points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// What runs along x.
    pub x: X,
    /// The weight of the past ([`Curve::set_smoothing`]); 0 does not smooth.
    pub smoothing: f64,
}

/// Which metrics of a run to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The run.
    pub run: RunPath,
    /// Where time begins.
    pub started: Time,
    /// How many times it has been started.
    pub attempt: u32,
    /// How the curves are made.
    pub look: Look,
    /// The metrics, each with the number of its points that have been read before.
    pub metrics: Vec<(String, u64)>,
    /// How many points of the metric along x have been read before.
    pub others: u64,
}

impl Question {
    /// The answer where nothing can be read: curves without points.
    pub fn nothing(&self) -> impl Iterator<Item = News> {
        self.metrics.iter().map(|(name, _)| self.unread(name, Points::Whole(Box::default())))
    }

    fn unread(&self, name: &str, points: Points) -> News {
        let (run, name, attempts) = (self.run.clone(), name.to_owned(), Vec::new());
        News { run, name, from: 0, count: 0, others: 0, points, attempts }
    }
}

/// What is new of a metric.
#[derive(Clone, Debug)]
pub struct News {
    /// The run.
    pub run: RunPath,
    /// The metric.
    pub name: String,
    /// How many points had been read before.
    pub from: u64,
    /// How many have come since.
    pub count: u64,
    /// How many points of the metric along x have been read.
    pub others: u64,
    /// The new points.
    pub points: Points,
    /// Where attempts after the first began, and their numbers.
    pub attempts: Vec<(f64, u64)>,
}

/// New points: ready to be drawn, whatever their number.
#[derive(Clone, Debug)]
pub enum Points {
    /// The curve from its beginning.
    Whole(Box<Curve>),
    /// What follows.
    More(Vec<(f64, f64)>),
    /// None: why its history cannot be read.
    Damaged(String),
}

/// Reads what is new. Every metric that was asked for is answered, in the order of the question.
pub fn news(ctx: &Context, question: &Question) -> Result<Vec<News>> {
    let Question { run, started, look, metrics, .. } = question;
    let mut names: Vec<_> = metrics.iter().map(|(name, _)| name.clone()).collect();
    let mut seen: Seen = metrics.iter().cloned().collect();
    let skipped = question.others.saturating_sub(OVERLAP);
    let x = if let X::Metric(name) = &look.x { Some(name) } else { None };
    if let Some(x) = x {
        names.retain(|name| name != x);
        names.push(x.clone());
        // One that is drawn, too, is read from where both can go on.
        let from = seen.get(x).map_or(skipped, |from| skipped.min(*from));
        seen.insert(x.clone(), from);
    }
    // At once: what is logged between two reads would stand over an x that is too old, for good.
    let mut found: HashMap<String, History> = histories(ctx, run, &names, &seen)?;
    let skipped = x.and_then(|x| seen.get(x)).copied().unwrap_or(0);
    let others = match x.and_then(|x| found.remove(x)).transpose() {
        Ok(others) => others,
        // Where they stand cannot be read.
        Err(why) => {
            let damaged = |(name, _): &(String, u64)| question.unread(name, Points::Damaged(why.clone()));
            return Ok(metrics.iter().map(damaged).collect());
        }
    };
    if let (Some(x), Some(others)) = (x, &others)
        && let Some((_, from)) = metrics.iter().find(|(name, _)| name == x)
    {
        let mut own = others.clone();
        own.forget_before(usize::try_from(from - skipped).unwrap_or(usize::MAX));
        found.insert(x.clone(), Ok(own));
    }
    let starts = if question.attempt > 1 { attempts(&ctx.records.events(run)?) } else { Vec::new() };
    let news = metrics.iter().map(|(name, from)| {
        let numbers = match found.remove(name).transpose() {
            Ok(numbers) => numbers.unwrap_or_default(),
            Err(why) => return question.unread(name, Points::Damaged(why)),
        };
        let placed: Vec<_> = points(&numbers, &look.x, *started, others.as_ref()).collect();
        let begun = starts.iter().filter(|attempt| attempt.attempt > 1).filter_map(|attempt| {
            let start = attempt.start_time?;
            let first = numbers.times.partition_point(|time| *time < start);
            Some((placed.get(first)?.0, attempt.attempt))
        });
        let attempts = begun.collect();
        let count = numbers.len() as u64;
        let points = if *from == 0 {
            let mut curve = Curve::default().smoothed(look.smoothing);
            curve.extend(placed);
            Points::Whole(Box::new(curve))
        } else {
            Points::More(placed)
        };
        let others = others.as_ref().map_or(0, |others| skipped + others.len() as u64);
        News { run: run.clone(), name: name.clone(), from: *from, count, others, points, attempts }
    });
    Ok(news.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scalar;
    use crate::ops::testing::World;
    use crate::store::{MetricBatch, NewPoint};

    fn log(world: &World, run: &RunPath, from: u64, calls: std::ops::Range<u32>) {
        let point = |name: &str, call: u32, value: u32| NewPoint {
            name: name.into(),
            step: None,
            time: Time::from_micros(i64::from(call) * 1_000_000),
            value: Scalar::Float(value.into()),
            call: u64::from(call) - from,
        };
        let points = calls.clone().flat_map(|call| {
            // An epoch begins every ten calls.
            let epoch = call.is_multiple_of(10).then(|| point("epoch", call, call / 10));
            epoch.into_iter().chain([point("loss", call, 1000 - call)])
        });
        let batch = MetricBatch {
            run: run.clone(),
            source: "a.jsonl".into(),
            from,
            to: calls.end.into(),
            points: points.collect(),
            hparams: crate::model::Values::new(),
            tags: crate::model::Values::new(),
            events: Vec::new(),
        };
        world.ctx.records.ingest(&[batch]).unwrap();
    }

    fn ask(world: &World, run: &RunPath, x: &str, from: u64, others: u64) -> News {
        let question = Question {
            run: run.clone(),
            started: Time::default(),
            attempt: 1,
            look: Look { x: x.parse().unwrap_or_default(), smoothing: 0.0 },
            metrics: vec![("loss".into(), from)],
            others,
        };
        news(&world.ctx, &question).unwrap().remove(0)
    }

    // Proves A8, C7, R5: a curve that is read on is the curve read at once, whatever runs along x.
    #[test]
    fn what_follows_continues_the_curve() {
        for x in ["step", "time", "epoch", "loss"] {
            let world = World::new();
            let run = world.single("ws1");
            log(&world, &run, 0, 0..25);
            let first = ask(&world, &run, x, 0, 0);
            let Points::Whole(mut curve) = first.points else { panic!("it is the beginning") };
            let others = match x {
                "epoch" => 3,
                "loss" => 25,
                _ => 0,
            };
            assert_eq!((first.from, first.count, first.others), (0, 25, others));
            let none = ask(&world, &run, x, 25, first.others);
            assert!(none.count == 0 && matches!(none.points, Points::More(more) if more.is_empty()));
            log(&world, &run, 25, 25..100);
            let next = ask(&world, &run, x, 25, first.others);
            let Points::More(points) = next.points else { panic!("it is what follows") };
            assert_eq!((points.len(), next.count), (75, 75));
            curve.extend(points);
            let Points::Whole(whole) = ask(&world, &run, x, 0, 0).points else { panic!() };
            assert_eq!((curve.raw().xs(), curve.raw().ys()), (whole.raw().xs(), whole.raw().ys()), "{x}");
        }
    }
}
