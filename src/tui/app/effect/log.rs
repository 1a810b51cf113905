//! What is asked of the reader of logs.

use std::path::PathBuf;

use super::Generation;
use crate::model::{JobName, RunPath};

/// Which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The console of a run's present or last attempt.
    Run(RunPath),
    /// The console of one attempt of a run.
    Attempt(RunPath, u32),
    /// The consoles of some runs, merged by time.
    Runs(Vec<RunPath>),
    /// The consoles of all runs of a job, merged by time.
    Job {
        /// Its workspace.
        ws: String,
        /// The job.
        job: JobName,
    },
    /// The controller's own log.
    Controller,
    /// A text file of a run.
    File {
        /// The run.
        run: RunPath,
        /// Where it is.
        path: PathBuf,
    },
}

/// What one goes to in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// What the search finds.
    Hit,
    /// A line that says it is an error.
    Error,
}

/// Where one jumps to in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JumpTo {
    /// The line with this number, from 1.
    Line(u64),
    /// What was written at this time (microseconds since the Unix epoch) or later.
    Time(i64),
}

/// A place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first lines.
    Start,
    /// The last lines.
    End,
    /// The lines before the one that begins at this byte.
    Before(u64),
    /// The lines from this byte on.
    After(u64),
    /// The lines around this byte.
    Around(u64),
}

/// A request to the log's reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogRequest {
    /// Open a log at its end and follow it; the log that was open is closed.
    Open {
        /// Which opening this is.
        generation: Generation,
        /// Which log.
        source: LogSource,
    },
    /// Read lines.
    Page {
        /// Of which opening.
        generation: Generation,
        /// Where.
        place: Place,
        /// How many.
        lines: usize,
    },
    /// Show only the lines that fit a filter, or all again.
    Filter {
        /// Of which opening.
        generation: Generation,
        /// What is read under it bears this number.
        number: Generation,
        /// As it was typed: a pattern, or `!` and one that must not match.
        filter: Option<String>,
    },
    /// Search for something else: its hits are counted from now on.
    Hits {
        /// Of which opening.
        generation: Generation,
        /// The pattern, if there is still one.
        pattern: Option<String>,
    },
    /// Find the next line of a kind.
    Find {
        /// Of which opening.
        generation: Generation,
        /// What is looked for.
        goal: Goal,
        /// Forwards: what begins at this byte or after it; backwards: what begins before it.
        from: u64,
        /// Towards the end.
        forward: bool,
    },
    /// Find a place.
    Jump {
        /// Of which opening.
        generation: Generation,
        /// The place.
        to: JumpTo,
    },
    /// Tell the numbers of lines.
    Number {
        /// Of which opening.
        generation: Generation,
        /// Where they begin.
        starts: Vec<u64>,
    },
    /// Write the lines that are shown to a file.
    Save {
        /// Of which opening.
        generation: Generation,
        /// The file.
        path: String,
        /// Write over a file that is there.
        overwrite: bool,
    },
    /// Close the log.
    Close,
}
