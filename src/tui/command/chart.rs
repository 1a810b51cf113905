//! Looking at charts, and at runs side by side.

use super::{Argument, Command, Entry, Scope};

/// What is done with charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChartCommand {
    /// Make the axis of the values logarithmic, or linear again.
    Log,
    /// Smooth more.
    Smooth,
    /// Smooth less.
    Rough,
    /// Choose what runs along x.
    Axis,
    /// Show less of x.
    ZoomIn,
    /// Show more of x.
    ZoomOut,
    /// Show less of the values.
    ZoomYIn,
    /// Show more of the values.
    ZoomYOut,
    /// Move to the left.
    PanLeft,
    /// Move to the right.
    PanRight,
    /// Show everything.
    Fit,
    /// Show only metrics with some words in their names.
    Find,
    /// Show runs side by side.
    Compare,
    /// Draw the selected run's curves, or not.
    Hide,
    /// Show what all runs have in common, or only what differs.
    All,
    /// The run after.
    RunNext,
    /// The run before.
    RunPrevious,
}

const fn chart(command: ChartCommand, name: &'static str, doc: &'static str) -> Entry {
    Entry::new(Command::Chart(command), name, doc).scope(Scope::Charts)
}

/// The commands.
pub const ENTRIES: &[Entry] = &[
    Entry::new(
        Command::Chart(ChartCommand::Compare),
        "compare",
        "the marked runs, or the job's, side by side",
    )
    .scope(Scope::Endable),
    chart(ChartCommand::Hide, "hide run", "draw the run's curves, or not")
        .scope(Scope::Compare)
        .hint(1, "hide"),
    chart(ChartCommand::All, "all values", "all values, or only those that differ")
        .scope(Scope::Compare)
        .hint(1, "all"),
    chart(ChartCommand::RunNext, "next run", "the run after").scope(Scope::Compare),
    chart(ChartCommand::RunPrevious, "previous run", "the run before").scope(Scope::Compare),
    chart(ChartCommand::Find, "metrics", "only metrics with these words")
        .takes(Argument::Text)
        .hint(2, "find"),
    chart(ChartCommand::Log, "log scale", "a logarithmic axis, or a linear one").hint(2, "log scale"),
    chart(ChartCommand::Smooth, "smooth", "smooth more").hint(2, "smooth"),
    chart(ChartCommand::Rough, "smooth less", "smooth less"),
    chart(ChartCommand::Axis, "x axis", "along x: step, time, epoch, any metric")
        .takes(Argument::Text)
        .hint(3, "x axis"),
    chart(ChartCommand::ZoomIn, "zoom in", "show less, around the cursor").hint(3, "zoom"),
    chart(ChartCommand::ZoomOut, "zoom out", "show more"),
    chart(ChartCommand::ZoomYIn, "zoom y in", "less of the values, around the latest"),
    chart(ChartCommand::ZoomYOut, "zoom y out", "more of the values"),
    chart(ChartCommand::PanLeft, "pan left", "move to the left"),
    chart(ChartCommand::PanRight, "pan right", "move to the right"),
    chart(ChartCommand::Fit, "fit", "show everything again"),
];
