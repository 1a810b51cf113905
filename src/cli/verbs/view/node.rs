//! `xt view node`.

use crate::cli::out::Out;
use crate::cli::page::local;
use crate::cli::select::Place;
use crate::model::load;
use crate::model::names::visible;
use crate::ops::view::load::{Curve, Curves, samples};
use crate::ops::{Context, Result, select};
use crate::report::{Cell, CellKind, Heading, Table, shape};

/// Options of `xt view node`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "One core kept busy is 100 % of the run's CPU; the box's CPU is in percent of all cores.\nMemory counts what processes share once for each of them.\nA run without GPUs of its own shows those of the machine.\n\nExamples:\n  $ xt view node run1\n  $ xt view node run1 --json\n  $ xt view metrics run1 --system --export=load.csv"
)]
pub struct Args {
    /// The run.
    run: String,
    #[command(flatten)]
    place: Place,
}

/// Shows what a run and its machine were doing while it ran.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let run = select::run(ctx, &args.run, args.place.ws())?;
    if out.json() {
        return out.document(&samples(ctx, &run.path(), &[])?);
    }
    let curves = Curves::default().read_on(ctx, &run.path())?;
    let Some((first, last)) = curves.span() else {
        let why = if ctx.config.logging.load_interval.is_zero() {
            "logging.load-interval is 0: nothing is measured"
        } else if run.status.is_final() {
            "it was over before it was measured, or nothing was measured then"
        } else {
            "nothing has been measured yet"
        };
        out.note(&format!("{}: {why}", run.path()));
        return Ok(());
    };
    let most = curves.list.iter().map(|curve| curve.count).max().unwrap_or(0);
    let seconds = last.since(first).as_secs_f64();
    out.note(&format!(
        "{} on {}: {most} measurements from {}, over {}",
        run.path(),
        visible(run.box_name.as_deref().unwrap_or("no machine")),
        local(first),
        shape::duration(seconds)
    ));
    let headings = ["QUANTITY", "LATEST", "MEAN", "MAX", "OF"];
    let heading = |text: &str| Heading { text: text.to_owned(), field: text.to_lowercase(), given: false };
    out.table(&Table {
        headings: headings.map(heading).into(),
        rows: curves.list.iter().map(row).collect(),
        ..Table::default()
    })
}

fn row(curve: &Curve) -> Vec<Cell> {
    let cell = |text: String, kind| Cell { text, kind, value: None };
    let number = |value: f64| cell(curve.text(value), CellKind::Number);
    vec![
        cell(visible(&load::label(&curve.name)), CellKind::Text),
        number(curve.latest),
        number(curve.mean()),
        number(curve.highest),
        cell(curve.most.map(|most| curve.text(most)).unwrap_or_default(), CellKind::Number),
    ]
}
