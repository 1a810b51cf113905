//! `xt plot`.

use std::path::PathBuf;

use crate::cli::charts::{Setting, text};
use crate::cli::out::{Out, window};
use crate::cli::select::Place;
use crate::cli::values;
use crate::ops::plot::{Layout, Plotted, Request, X, charts, drawn, save};
use crate::ops::{Context, Result};
use crate::report::Role;

/// Options of `xt plot`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ xt plot run1\n  $ xt plot run1-run3 loss,acc --smooth=0.6 --log-y\n  $ xt plot run1 --metrics=acc --x=time\n  $ xt plot job1 --layout=1x2 --title='The first' --save-to=first.png\n  $ xt plot run1 --x=epoch --json"
)]
pub struct Args {
    /// Runs and jobs: run3, run3-run9, run7.*, job2; a parent stands for its children.
    runs: String,
    /// Metrics: loss,acc, train-*; without, all.
    #[arg(value_name = "METRICS")]
    names: Vec<String>,
    /// The same as an option.
    #[arg(long, value_name = "METRICS")]
    metrics: Vec<String>,
    #[command(flatten)]
    place: Place,
    /// What runs along x: step, time (since the start), call (of the log), or a metric such as epoch.
    #[arg(long, value_name = "WHAT", default_value = "step")]
    x: X,
    /// A logarithmic scale for y.
    #[arg(long)]
    log_y: bool,
    /// Smooth the curves as TensorBoard does: the weight of the past, from 0 to 1.
    #[arg(long, visible_alias = "smoothing-factor", value_name = "WEIGHT", default_value_t = 0.0, value_parser = values::share)]
    smooth: f64,
    /// Rows and columns of charts, such as 2x3.
    #[arg(long, value_name = "RxC")]
    layout: Option<Layout>,
    /// A title above all charts.
    #[arg(long, default_value = "", hide_default_value = true)]
    title: String,
    /// Draw into a file instead: .png or .svg.
    #[arg(long, value_name = "FILE")]
    save_to: Option<PathBuf>,
}

/// Draws metrics.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let request = Request {
        runs: vec![args.runs.clone()],
        ws: args.place.workspace.clone(),
        metrics: args.names.iter().chain(&args.metrics).cloned().collect(),
        x: args.x.clone(),
        log_y: args.log_y,
        smoothing: args.smooth,
    };
    let Plotted { charts, notes } = charts(ctx, &request)?;
    for note in notes {
        out.note(&note);
    }
    if let Some(path) = &args.save_to {
        save(&charts, &args.title, args.layout, path)?;
        out.note(&format!("drawn into {}", path.display()));
    }
    if out.json() {
        out.document(&drawn(&charts))?;
    } else if args.save_to.is_none() {
        if !args.title.is_empty() {
            let mut line = String::new();
            out.paint().write(&mut line, Role::Heading, &crate::model::names::visible(&args.title));
            out.line(&line)?;
        }
        out.text(&text(&charts, &setting(args, charts.len(), out)))?;
    }
    Ok(0)
}

/// Columns of all charts and rows of a figure in a pipe.
const PIPE: (usize, usize) = (80, 14);
/// Columns that a chart should have at least.
const READABLE: usize = 60;
/// Rows of a figure.
const ROWS: std::ops::RangeInclusive<usize> = 8..=20;

fn setting(args: &Args, count: usize, out: &Out) -> Setting {
    let width = out.width().unwrap_or(PIPE.0);
    let layout = args.layout.unwrap_or_else(|| Layout::of(count, width / READABLE));
    // Each chart has its title and the line below it; the shell wants the last one.
    let fitting = |(_, rows): (u16, u16)| usize::from(rows).saturating_sub(1) / layout.rows.max(1);
    let height = window().filter(|_| out.is_terminal()).map_or(PIPE.1 + 2, fitting);
    Setting {
        width,
        height: height.saturating_sub(2).clamp(*ROWS.start(), *ROWS.end()),
        columns: layout.columns,
        unicode: out.is_unicode(),
        paint: out.paint(),
    }
}
