//! S3: one frame of the terminal UI, the selection moving, for lists of every length.
//!
//! `cargo bench --bench frame`; the rows that are built are those that are seen, however many there are.

#![allow(missing_docs, clippy::unwrap_used, reason = "a bench")]

use criterion::{Criterion, criterion_group, criterion_main};
use xt::tui::bench::Screen;

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

criterion_group!(benches, frames);
criterion_main!(benches);
