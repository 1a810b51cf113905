//! `xt view node`.

use super::record::RunArgs;
use crate::cli::out::Out;
use crate::cli::page::local;
use crate::model::load;
use crate::model::names::visible;
use crate::ops::view::load::{Curve, Curves, samples};
use crate::ops::{Context, Result};
use crate::report::{Cell, CellKind, Table, shape};

/// Shows what a run and its machine were doing while it ran.
pub fn run(ctx: &Context, args: &RunArgs, out: &mut Out) -> Result<()> {
    let run = args.find(ctx)?;
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
    let rows = curves.list.iter().map(row).collect();
    out.table(&Table::of(&["QUANTITY", "LATEST", "MEAN", "MAX", "OF"], rows))
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
