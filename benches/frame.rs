//! S3: one frame of the terminal UI, the selection moving, for lists of every length, and of a run's charts; S7: what a
//! refresh of many rows costs the UI thread; R5: a batch of new points read, taken in and drawn, whatever the history.
//!
//! `cargo bench --bench frame`; the rows that are built are those that are seen, however many there are.

#![allow(missing_docs, clippy::unwrap_used, reason = "a bench")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use xt::tui::bench::{Refresh, Screen};

fn frames(criterion: &mut Criterion) {
    let mut built = Vec::new();
    for rows in [1_000, 1_000_000] {
        let mut screen = Screen::new(rows).unwrap();
        built.push(screen.step().unwrap());
        criterion.bench_function(&format!("S3 a frame of {rows} rows"), |bencher| {
            bencher.iter(|| screen.step().unwrap());
        });
    }
    assert_eq!(built[0], built[1]);
}

fn refresh(criterion: &mut Criterion) {
    for rows in if std::env::var_os("XT_BENCH_SMALL").is_some() { [100, 1_000] } else { [10_000, 100_000] } {
        let changed = rows.min(10_000);
        let mut screen = Screen::new(rows).unwrap();
        for _ in 0..3 {
            screen.step().unwrap();
        }
        let selected = screen.selected();
        criterion.bench_function(&format!("S7 a refresh of {changed} of {rows} rows"), |bencher| {
            let refresh = |refresh| screen.refresh(refresh).unwrap();
            bencher.iter_batched(|| Refresh::of(changed, rows), refresh, BatchSize::LargeInput);
        });
        assert_eq!(screen.selected(), selected);
    }
}

fn charts(criterion: &mut Criterion) {
    for points in [1_000, if std::env::var_os("XT_BENCH_SMALL").is_some() { 10_000 } else { 1_000_000 }] {
        let mut screen = Screen::metrics(16, points).unwrap();
        assert_eq!(screen.look().unwrap(), 16);
        criterion.bench_function(&format!("S3 a frame of 16 charts of {points} points"), |bencher| {
            bencher.iter(|| screen.look().unwrap());
        });
        criterion.bench_function(
            &format!("R5 100 points more in each of 16 charts of {points}"),
            |bencher| {
                bencher.iter(|| screen.batch(100).unwrap());
            },
        );
    }
}

criterion_group!(benches, frames, refresh, charts);
criterion_main!(benches);
