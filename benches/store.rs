//! What happens in the store: lists (R1, R2), ingestion (R4), submits behind a long queue (N1).
//!
//! `cargo bench --bench store`; with `XT_BENCH_SMALL=1` at a size that only shows that it works. With
//! `XT_BENCH_FILL=<home>` it makes a store of 30,000 runs there and measures nothing: `list_runs.py` uses it. With
//! `XT_BENCH_REFRESH=<home>` it has 10,000 runs of the store there log something every second until it is ended:
//! `screen.py` uses it.

#![allow(missing_docs, clippy::unwrap_used, reason = "a bench")]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use xt::model::filter::Filter;
use xt::model::{Job, Run, RunName, RunPath, Scalar, Time, Values};
use xt::store::sqlite::{Durability, Sqlite};
use xt::store::{MetricBatch, NewPoint, NewRun, Records, RunQuery, SortKey, Submission};

fn small() -> bool {
    std::env::var_os("XT_BENCH_SMALL").is_some()
}

/// A store of runs with 20 hyperparameters and 20 metrics each, all waiting.
fn store(folder: &Path, runs: usize) -> Sqlite {
    let store = Sqlite::open(folder.join("records.db"), Durability::System).unwrap();
    for chunk in 0..runs.div_ceil(1000) {
        let runs = (0..runs.min(1000)).map(|index| new_run(chunk * 1000 + index)).collect();
        store.submit(&submission(runs)).unwrap();
    }
    store
}

fn submission(runs: Vec<NewRun>) -> Submission {
    let job = Job {
        ws_name: "ws1".into(),
        exper_name: "exper1".into(),
        started: Time::now(),
        hold: true,
        ..Job::default()
    };
    Submission { token: uuid::Uuid::new_v4().to_string(), job, runs, parent: None }
}

fn new_run(index: usize) -> NewRun {
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let value = |place: usize| Scalar::Float(((index * 7919 + place * 104_729) % 10_007) as f64 / 10_007.0);
    let values =
        |prefix: &str| (0..20).map(|place| (format!("{prefix}{place}"), value(place))).collect::<Values>();
    let run = Run {
        ws: "ws1".into(),
        exper_name: "exper1".into(),
        create_time: Time::now(),
        hparams: values("p"),
        metrics: values("m"),
        ..Run::default()
    };
    NewRun { run, events: Vec::new() }
}

fn lists(criterion: &mut Criterion) {
    if let Some(home) = std::env::var_os("XT_BENCH_FILL") {
        let path = store_of(&home);
        let folder = path.parent().unwrap();
        std::fs::create_dir_all(folder).unwrap();
        store(folder, 30_000);
        std::process::exit(0);
    }
    if let Some(home) = std::env::var_os("XT_BENCH_REFRESH") {
        refresh(&Sqlite::open(store_of(&home), Durability::System).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let count = if small() { 1000 } else { 30_000 };
    let store = store(folder.path(), count);
    let query = RunQuery {
        ws: Some("ws1".into()),
        filter: Some(Filter::parse("hparams.p3<0.5 metrics.m4>0.25").unwrap()),
        sort: vec![SortKey { field: "metrics.m7".into(), descending: true }],
        last: Some(25),
        ..RunQuery::default()
    };
    criterion.bench_function(&format!("R1 filter and sort {count} runs"), |bencher| {
        bencher.iter(|| store.runs(&query).unwrap());
    });
    let all = RunQuery { ws: Some("ws1".into()), ..RunQuery::default() };
    criterion.bench_function(&format!("S1 index of {count} runs"), |bencher| {
        bencher.iter(|| store.run_index(&all).unwrap());
    });
    store.submit(&submission(vec![new_run(0)])).unwrap();
    let since = store.stamp().unwrap() - 1;
    criterion.bench_function("R2 one change", |bencher| bencher.iter(|| store.changes(since, 500).unwrap()));
}

fn store_of(home: &OsStr) -> PathBuf {
    Path::new(home).join("data/store/records.db")
}

/// The latest 10,000 runs log a metric each, once a second.
fn refresh(store: &Sqlite) -> ! {
    let query = RunQuery { ws: Some("ws1".into()), last: Some(10_000), ..RunQuery::default() };
    let runs: Vec<RunPath> = store.runs(&query).unwrap().iter().map(Run::path).collect();
    for step in 0_u32.. {
        let begun = Instant::now();
        for runs in runs.chunks(500) {
            let batches: Vec<_> = runs.iter().map(|run| logged(run, step)).collect();
            store.ingest(&batches).unwrap();
        }
        println!("10,000 runs have logged within {} ms", begun.elapsed().as_millis());
        std::thread::sleep(Duration::from_secs(1).saturating_sub(begun.elapsed()));
    }
    std::process::exit(0)
}

fn logged(run: &RunPath, step: u32) -> MetricBatch {
    let value = Scalar::Float(1.0 / f64::from(step + 1));
    let point = NewPoint {
        name: "loss".into(),
        step: Some(step.into()),
        time: Time::now(),
        value,
        call: step.into(),
    };
    MetricBatch {
        run: run.clone(),
        source: "bench.jsonl".into(),
        from: step.into(),
        to: u64::from(step) + 1,
        points: vec![point],
        hparams: Values::new(),
        tags: Values::new(),
        events: Vec::new(),
    }
}

fn ingestion(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), 1);
    let run = RunPath::new("ws1", RunName::top(1));
    let count: u32 = if small() { 1000 } else { 100_000 };
    let mut from = 0;
    let mut group = criterion.benchmark_group("R4");
    group.throughput(Throughput::Elements(count.into())).sample_size(10);
    group.bench_function("ingest points of ten metrics", |bencher| {
        bencher.iter_batched(
            || {
                let mut lines = String::new();
                for step in 0..count / 10 {
                    let data: Vec<_> =
                        (0..10).map(|metric| format!("\"m{metric}\":{}", f64::from(step) / 7.0)).collect();
                    let _ = writeln!(
                        lines,
                        "{{\"event\":\"metrics\",\"time\":1790000000.5,\"step\":{step},\"data\":{{{}}}}}",
                        data.join(",")
                    );
                }
                lines.into_bytes()
            },
            |bytes| {
                let batch: MetricBatch = xt::node::events::batch(&run, "bench.jsonl", from, &bytes);
                from = batch.to;
                assert_eq!(batch.points.len(), count as usize);
                store.ingest(&[batch]).unwrap();
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// What training does: a point of each of a hundred metrics at a time, whatever history there is.
fn trickle(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), 1);
    let run = RunPath::new("ws1", RunName::top(1));
    let mut group = criterion.benchmark_group("R4 trickle");
    for history in if small() { [10, 100] } else { [10, 3_000] } {
        let ingested = store.ingested(&run).unwrap();
        let mut from = ingested.first().map_or(0, |(_, to)| *to);
        let mut next = |steps: u32| {
            let data: Vec<_> =
                (0..100).map(|metric| format!("\"m{metric}\":{}", f64::from(steps) / 7.0)).collect();
            let line =
                format!("{{\"event\":\"metrics\",\"time\":1790000000.5,\"data\":{{{}}}}}\n", data.join(","));
            let bytes = line.repeat(steps as usize).into_bytes();
            let batch = xt::node::events::batch(&run, "bench.jsonl", from, &bytes);
            from = batch.to;
            batch
        };
        store.ingest(&[next(history)]).unwrap();
        group.throughput(Throughput::Elements(100));
        group.bench_function(format!("a point of 100 metrics after {history}"), |bencher| {
            bencher.iter_batched(|| next(1), |batch| store.ingest(&[batch]).unwrap(), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn submits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("N1");
    for queued in if small() { [0, 1000] } else { [0, 100_000] } {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), queued);
        group.bench_function(format!("submit with {queued} queued"), |bencher| {
            bencher.iter_batched(
                || submission(vec![new_run(0)]),
                |submission| store.submit(&submission).unwrap(),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, lists, ingestion, trickle, submits);
criterion_main!(benches);
