//! Charts: R5 (history loaded from the store; a live batch whatever the history), S3 (a figure of any length).
//!
//! `cargo bench --bench chart`; with `XT_BENCH_SMALL=1` at a size that only shows that it works.

#![allow(missing_docs, clippy::unwrap_used, reason = "a bench")]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use xt::chart::{Chart, Curve, Glyphs};
use xt::model::metric::Point;
use xt::model::{Job, Run, RunName, RunPath, Scalar, Time};
use xt::ops::plot::{X, points};
use xt::store::sqlite::{Durability, Sqlite};
use xt::store::{MetricBatch, NewPoint, NewRun, Records, Seen, Submission};

fn small() -> bool {
    std::env::var_os("XT_BENCH_SMALL").is_some()
}

/// A loss as training makes it: falling, with noise in every digit.
fn value(step: u32) -> f64 {
    let noise = f64::from(step.wrapping_mul(2_654_435_761) >> 8) / 16_777_216.0;
    2.0 / (1.0 + f64::from(step) / 500.0) + noise * 0.1
}

fn point(step: u32) -> Point {
    let micros = 1_790_000_000_000_000 + i64::from(step) * 52_000 + i64::from(step % 977);
    Point {
        index: step.into(),
        step: Some(step.into()),
        value: Scalar::Float(value(step)),
        time: Time::from_micros(micros),
    }
}

/// A curve of a metric, out of the store.
fn curve(store: &Sqlite, run: &RunPath, metric: &str) -> Curve {
    let mut curve = Curve::new("run1", 0);
    for numbers in store.numbers(run, &[metric.to_owned()], &Seen::new()).unwrap() {
        curve.extend(points(&numbers, &X::Step, Time::default(), None));
    }
    curve
}

/// R5: a hundred charts of ten metrics out of the store, on two threads.
fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("R5 load 100 charts");
    group.sample_size(10);
    let metrics: Vec<_> = (0..10).map(|metric| format!("m{metric}")).collect();
    for count in if small() { vec![4_000] } else { vec![4_000, 400_000] } {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("records.db"), Durability::System).unwrap();
        let run = submit(&store);
        let all: Vec<_> = (0..count).map(point).collect();
        for (number, (metric, points)) in (0_u64..)
            .zip(metrics.iter().flat_map(|metric| all.chunks(50_000).map(move |points| (metric, points))))
        {
            store.ingest(&[batch(&run, metric, number, points)]).unwrap();
        }
        assert_eq!(curve(&store, &run, "m9").drawn().len(), count as usize);
        group.throughput(Throughput::Elements(u64::from(count) * 100));
        for threads in [1, 2] {
            let name =
                format!("{count} points each, {threads} thread{}", if threads == 1 { "" } else { "s" });
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    std::thread::scope(|scope| {
                        for _ in 0..threads {
                            scope.spawn(|| {
                                for chart in 0..100 / threads {
                                    black_box(curve(&store, &run, &metrics[chart % metrics.len()]));
                                }
                            });
                        }
                    });
                });
            });
        }
    }
    group.finish();
}

/// R5: a live batch of 100 points appended, smoothed and drawn, for histories of every length.
fn live(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("R5 live batch of 100 points");
    for count in if small() { [1_000, 10_000] } else { [1_000, 1_000_000] } {
        let mut curve = Curve::new("run1", 0).smoothed(0.9);
        curve.extend((0..count).map(|step| (f64::from(step), value(step))));
        let mut chart = Chart { curves: vec![curve], ..Chart::default() };
        let mut step = count;
        group.bench_function(BenchmarkId::new("append, smooth and draw", count), |bencher| {
            bencher.iter(|| {
                chart.curves[0].extend((step..step + 100).map(|step| (f64::from(step), value(step))));
                step += 100;
                black_box(chart.figure(120, 40, Glyphs::Braille));
            });
        });
    }
    group.finish();
}

/// S3: one figure, by the points behind it and by the number of its curves.
fn figures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("S3 figure of 120x40");
    for (curves, count) in [(1, 1_000), (1, if small() { 10_000 } else { 1_000_000 }), (16, 10_000)] {
        let curve = |colour| {
            let mut curve = Curve::new("run1", colour);
            curve.extend((0..count).map(|step| (f64::from(step), value(step))));
            curve
        };
        let chart = Chart { curves: (0..curves).map(curve).collect(), ..Chart::default() };
        let name = format!("{curves} x {count} points");
        group.bench_function(name, |bencher| bencher.iter(|| chart.figure(120, 40, Glyphs::Braille)));
    }
    group.finish();
}

/// R5: what is new in a run, out of the store, for histories of every length.
fn feed(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("R5 new points out of the store");
    for count in if small() { [1_000, 10_000] } else { [1_000, 1_000_000] } {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("records.db"), Durability::System).unwrap();
        let run = submit(&store);
        let all: Vec<_> = (0..count).map(point).collect();
        for (number, points) in (0_u64..).zip(all.chunks(50_000)) {
            store.ingest(&[batch(&run, "loss", number, points)]).unwrap();
        }
        let seen = Seen::from([("loss".to_owned(), u64::from(count) - 100)]);
        let names = ["loss".to_owned()];
        group.bench_function(BenchmarkId::new("the last 100 points of", count), |bencher| {
            bencher.iter_batched(
                || (),
                |()| assert_eq!(store.numbers(&run, &names, &seen).unwrap()[0].len(), 100),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn submit(store: &Sqlite) -> RunPath {
    let job = Job { ws_name: "ws1".into(), hold: true, ..Job::default() };
    let run = Run { ws: "ws1".into(), ..Run::default() };
    let runs = vec![NewRun { run, events: Vec::new() }];
    store.submit(&Submission { token: "token".into(), job, runs, parent: None }).unwrap();
    RunPath::new("ws1", RunName::top(1))
}

fn batch(run: &RunPath, metric: &str, number: u64, points: &[Point]) -> MetricBatch {
    let new = |(call, point): (u64, &Point)| NewPoint {
        name: metric.into(),
        step: point.step,
        time: point.time,
        value: point.value.clone(),
        call,
    };
    MetricBatch {
        run: run.clone(),
        source: "bench.jsonl".into(),
        from: number,
        to: number + 1,
        points: (0..).zip(points).map(new).collect(),
        hparams: xt::model::Values::new(),
        tags: xt::model::Values::new(),
        events: Vec::new(),
    }
}

criterion_group!(benches, figures, live, feed, loading);
criterion_main!(benches);
