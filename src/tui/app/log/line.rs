//! A line of a log, ready to be drawn.

use crate::log::{Level, StyledLine};

/// A line of a log, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The byte it begins at.
    pub start: u64,
    /// The byte after it.
    pub end: u64,
    /// What it shows.
    pub text: StyledLine,
    /// How serious it says it is.
    pub level: Option<Level>,
    /// Its number from 1, if it is counted so far.
    pub number: Option<u64>,
    /// When it was begun, in microseconds since the Unix epoch, if it is known.
    pub time: Option<i64>,
    /// It was written to the standard error.
    pub stderr: bool,
    /// Which of the merged runs wrote it.
    pub run: Option<usize>,
    /// It goes on with a line that was too long.
    pub continued: bool,
    /// It has no newline yet: it comes again when it has grown.
    pub unfinished: bool,
}

impl LogLine {
    /// A line of which nothing but its text is known.
    pub fn new(start: u64, end: u64, text: StyledLine, level: Option<Level>) -> Self {
        Self {
            start,
            end,
            text,
            level,
            number: None,
            time: None,
            stderr: false,
            run: None,
            continued: false,
            unfinished: false,
        }
    }
}
