//! What stands before the lines: run, number, time. It gives way where the pane is narrow.

use super::Log;
use crate::tui::widgets::text;

/// Columns that are left to the text at least.
const TEXT: usize = 30;

/// The widest name of a run.
const RUN: usize = 12;

/// `14:30:05`, the mark of the standard error, a blank.
const TIME: usize = 10;

/// The widths of the columns before the text; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gutter {
    /// The name of the run, with a blank.
    pub run: usize,
    /// The number, with a blank.
    pub number: usize,
    /// The time and the stream.
    pub time: usize,
}

impl Gutter {
    /// All of it.
    pub const fn width(self) -> usize {
        self.run + self.number + self.time
    }
}

impl Log {
    /// The gutter of a pane so wide.
    pub fn gutter(&self, width: usize) -> Gutter {
        let mut gutter = Gutter::default();
        let fits = |gutter: Gutter| gutter.width() + TEXT <= width;
        if !self.runs.is_empty() {
            let widest = self.runs.iter().map(|run| text::width(run)).max().unwrap_or(0);
            let with = Gutter { run: widest.min(RUN) + 1, ..gutter };
            gutter = if fits(with) { with } else { gutter };
        }
        if self.numbers {
            let digits = self.count.map_or(1, |(lines, _)| lines.max(1).ilog10() as usize + 1);
            let with = Gutter { number: digits.max(4) + 1, ..gutter };
            gutter = if fits(with) { with } else { gutter };
        }
        if self.times {
            let with = Gutter { time: TIME, ..gutter };
            gutter = if fits(with) { with } else { gutter };
        }
        gutter
    }
}
