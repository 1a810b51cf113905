//! What runs of the tests' world have logged, and the load of their machine.

use crate::chart::Curve;
use crate::model::{RunPath, Scalar};
use crate::ops::plot::Trend;
use crate::ops::plot::follow::{News, Points, Question};
use crate::ops::view::load::Curves;
use crate::store::LoadSample;

use super::World;
use super::records::at;

/// A value that a run has logged: a loss that falls, what rises, and now and then nothing.
pub(super) fn logged(run: &RunPath, metric: &str, i: u32) -> f64 {
    let (x, child) = (f64::from(i), f64::from(u32::try_from(run.run.child).unwrap_or(0)));
    let noise = f64::from(i.wrapping_mul(2_654_435_761) >> 16) / 65_536.0 - 0.5;
    match metric {
        "epoch" => f64::from(i / 10),
        "loss" => 2.0 / (1.0 + x / (20.0 + 15.0 * child)) + 0.1 * noise,
        _ if (120..130).contains(&i) => f64::NAN,
        _ => 0.9 - 0.7 / (1.0 + x / (30.0 + 9.0 * child)) + 0.02 * noise,
    }
}

/// Two minutes of load, with a pause in the middle.
pub(super) fn load(run: &RunPath) -> Curves {
    let home = crate::ops::testing::World::new();
    let path = home.single(&run.ws);
    let sample = |step: i32| {
        let x = f64::from(step);
        let mut values = vec![
            ("run.cpu".to_owned(), 150.0 + 40.0 * (x / 9.0).sin()),
            ("run.memory".to_owned(), 6e8 + 4e8 * (1.0 - (-x / 20.0).exp())),
            ("run.processes".to_owned(), if step < 5 { 1.0 } else { 5.0 }),
            ("gpu0.busy".to_owned(), if step % 12 < 9 { 95.0 } else { 20.0 }),
            ("gpu0.memory".to_owned(), 2.1e10),
            ("box.cpu".to_owned(), 40.0 + 3.0 * f64::from(step % 5)),
            ("box.memory".to_owned(), 9e9 + 1e7 * x),
            ("box.load".to_owned(), 2.0 + x / 100.0),
            ("box.disk.free".to_owned(), 4.4e11),
        ];
        if step == 0 {
            values.push(("box.memory.total".to_owned(), 3.2e10));
            values.push(("gpu0.memory.total".to_owned(), 2.4e10));
        }
        let values = values.into_iter().map(|(name, value)| (name, Scalar::Float(value))).collect();
        LoadSample { run: path.clone(), time: at(i64::from(step) - 128), values }
    };
    let samples: Vec<_> = (0..126).filter(|step| !(60..72).contains(step)).map(sample).collect();
    home.ctx.records.keep_load(&samples).unwrap();
    Curves::default().read_on(&home.ctx, &path).unwrap()
}

impl World {
    /// The curves in the table, read on.
    pub(super) fn trends(&self, wanted: Vec<(RunPath, String, Trend)>) -> Vec<(RunPath, String, Trend)> {
        let read = |(run, metric, _): (RunPath, String, Trend)| {
            let mut trend = Trend::default();
            trend.extend(&(0..self.points).map(|i| logged(&run, &metric, i)).collect::<Vec<_>>());
            (run, metric, trend)
        };
        wanted.into_iter().map(read).collect()
    }

    /// What every run has logged of some metrics, and not been read.
    pub(super) fn news(&self, question: &Question) -> Vec<News> {
        let point = |name: &str, i: u64| {
            let i = u32::try_from(i).unwrap();
            (f64::from(i * 10), logged(&question.run, name, i))
        };
        let mut all = news(question, u64::from(self.points), point);
        if question.attempt > 1 {
            for news in &mut all {
                news.attempts.push((800.0, 2));
            }
        }
        all
    }
}

/// What a run that has logged so many points of each metric answers.
pub fn news(question: &Question, logged: u64, point: impl Fn(&str, u64) -> (f64, f64)) -> Vec<News> {
    let news = |(name, from): &(String, u64)| {
        let points: Vec<_> = (*from..logged).map(|i| point(name, i)).collect();
        let count = points.len() as u64;
        let points = if *from == 0 {
            let mut curve = Curve::default().smoothed(question.look.smoothing);
            curve.extend(points);
            Points::Whole(Box::new(curve))
        } else {
            Points::More(points)
        };
        News {
            run: question.run.clone(),
            name: name.clone(),
            from: *from,
            count,
            others: 0,
            points,
            attempts: Vec::new(),
        }
    };
    question.metrics.iter().map(news).collect()
}
