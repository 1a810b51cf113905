//! The log tab: a window of lines of a log of any size, and what of it is seen.

mod clock;
mod gutter;
mod jump;
mod line;
mod search;
mod view;

use std::collections::VecDeque;
use std::ops::Range;

pub use clock::Clock;
pub use gutter::Gutter;
pub use jump::Jump;
pub use line::LogLine;
pub use search::{Hits, LineFilter, Search};
pub use view::Anchor;

use super::effect::{Generation, Goal, LogSource, Place};
use super::message::LogEvent;
use crate::model::RunPath;

/// The most lines that are kept; further ones are read again when they are needed.
const WINDOW: usize = 4_000;

/// What is known of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// No log is chosen.
    #[default]
    None,
    /// It is being opened.
    Opening,
    /// It is there.
    Open,
    /// It is not there (yet).
    Missing,
    /// It cannot be read.
    Failed(String),
}

/// The state of the log tab.
#[allow(clippy::struct_excessive_bools, reason = "they are independent switches of the view")]
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Which log.
    pub source: Option<LogSource>,
    /// A log that was asked for, instead of the selected run's.
    pub pinned: Option<LogSource>,
    /// Of which opening answers are taken.
    pub generation: Generation,
    /// What is known of it.
    pub state: State,
    /// The names of merged runs.
    pub runs: Vec<String>,
    /// How many runs are too many to be merged, too.
    pub left_out: usize,
    /// Which attempt of how many it is of.
    pub attempt: Option<(u32, u32)>,
    /// The lines at hand.
    pub lines: VecDeque<LogLine>,
    /// From where to where there are lines to be shown.
    pub bounds: Range<u64>,
    /// Lines of the log, as far as they are counted, and whether all are.
    pub count: Option<(u64, bool)>,
    /// The count when following ended: of what is shown, all lines or those that fit the filter.
    pub count_left: Option<u64>,
    /// Where the view stands.
    pub anchor: Anchor,
    /// The line that was gone to last.
    pub current: Option<u64>,
    /// Long lines are wrapped.
    pub wrap: bool,
    /// Times are shown.
    pub times: bool,
    /// Line numbers are shown.
    pub numbers: bool,
    /// The time zone times are shown in.
    pub clock: Clock,
    /// Columns to the left of the screen, while lines are not wrapped.
    pub column: usize,
    /// The search.
    pub search: Option<Search>,
    /// The filter.
    pub filter: Option<LineFilter>,
    /// The number of the filter, or of there being none: lines that were read under another one are not taken.
    pub filter_number: Generation,
    /// What is looked for.
    pub seeking: Option<Goal>,
    /// The place of a jump is looked for.
    pub jumping: bool,
    /// Lines have been asked for at this place.
    pub asked: Option<Place>,
    /// The numbers of lines have been asked for.
    pub asked_numbers: bool,
    /// The view is to go there, as soon as the lines are read.
    pub jump: Option<Place>,
}

impl Log {
    /// Starts with another log.
    pub fn open(&mut self, source: LogSource, generation: Generation) {
        let before = std::mem::take(self);
        *self = Self {
            pinned: before.pinned,
            wrap: before.wrap,
            times: before.times,
            numbers: before.numbers,
            clock: before.clock,
            search: before.search.map(|search| Search::new(search.pattern)),
            // A reader begins without a filter.
            filter_number: before.filter.as_ref().map(|_| generation).unwrap_or_default(),
            filter: before.filter.map(|filter| LineFilter::new(filter.text)),
            generation,
            source: Some(source),
            state: State::Opening,
            ..Self::default()
        };
    }

    /// Closes it: there is none to be shown.
    pub fn close(&mut self, generation: Generation) {
        let source = LogSource::Controller;
        self.open(source, generation);
        (self.source, self.state) = (None, State::None);
    }

    /// Takes news of the open log in.
    pub fn take(&mut self, event: LogEvent) {
        if let Some(bounds) = event.bounds() {
            self.state = State::Open;
            if bounds.filter != self.filter_number {
                return;
            }
        }
        match event {
            LogEvent::Opened { runs, left_out, attempt } => {
                (self.runs, self.left_out, self.attempt) = (runs, left_out, attempt);
            }
            LogEvent::Page { place, lines, bounds } => self.take_page(place, lines, bounds.range),
            LogEvent::Grown { from, lines, bounds } => self.take_growth(from, lines, bounds.range),
            LogEvent::Counted { lines, complete } => self.take_count(lines, complete),
            LogEvent::Numbered(numbers) => self.take_numbers(&numbers),
            LogEvent::Filtered { shown, judged, complete, bounds } => {
                self.bounds = bounds.range;
                self.drop_outgrown();
                if let Some(filter) = &mut self.filter {
                    // What was found while the log was gone through is not new.
                    let settling = !filter.complete;
                    *filter = LineFilter { shown, judged, complete, ..filter.clone() };
                    if settling && self.count_left.is_some() {
                        self.count_left = Some(shown);
                    }
                }
            }
            LogEvent::Restarted => {
                self.lines.clear();
                self.anchor = Anchor::Follow;
                (self.bounds, self.count, self.count_left, self.asked) = (0..0, None, None, None);
                (self.current, self.seeking, self.jump) = (None, None, None);
            }
            LogEvent::Missing => self.state = State::Missing,
            LogEvent::Failed(why) => self.state = State::Failed(why),
            LogEvent::Found { line, .. } => {
                self.seeking = None;
                self.current = line.or(self.current);
            }
            LogEvent::Hits { count, complete, rank } => {
                if let Some(search) = &mut self.search {
                    search.hits = Some(Hits { count, complete, rank });
                }
            }
            LogEvent::Jumped { at, .. } => {
                self.jumping = false;
                self.current = at.or(self.current);
            }
            LogEvent::Saved(_) => {}
        }
    }

    fn take_page(&mut self, place: Place, lines: Vec<LogLine>, bounds: Range<u64>) {
        self.bounds = bounds;
        self.asked = self.asked.filter(|asked| *asked != place);
        if !self.lacks(place) {
            return;
        }
        let (first, last) = self.span();
        if lines.is_empty() {
            // There is nothing more in this direction, whatever was thought.
            match place {
                Place::Before(_) => self.bounds.start = first,
                Place::After(_) | Place::End => self.bounds.end = last,
                Place::Start | Place::Around(_) => self.bounds = 0..0,
            }
        }
        let arrived = self.jump == Some(place);
        self.jump = self.jump.filter(|_| !arrived);
        match place {
            Place::Before(_) => {
                for line in lines.into_iter().rev() {
                    self.lines.push_front(line);
                }
                self.lines.truncate(WINDOW);
            }
            Place::After(_) => self.append(lines),
            Place::Start | Place::End | Place::Around(_) => self.lines = lines.into(),
        }
        match place {
            Place::Start if arrived => self.anchor = Anchor::Line { start: 0, skip: 0 },
            Place::Around(at) if arrived => self.anchor = Anchor::Line { start: at, skip: 0 },
            _ => {}
        }
    }

    /// Whether the lines at a place are of use: who has gone elsewhere since they were asked for stays there.
    fn lacks(&self, place: Place) -> bool {
        let (first, last) = self.span();
        match place {
            Place::Before(at) => at == first && !self.lines.is_empty(),
            Place::After(at) => at == last && !self.lines.is_empty(),
            Place::End => self.follows() || self.lines.is_empty(),
            place if self.jump == Some(place) => true,
            Place::Start => false,
            Place::Around(at) => {
                self.lines.is_empty() && matches!(self.anchor, Anchor::Line { start, .. } if start == at)
            }
        }
    }

    fn take_growth(&mut self, from: u64, lines: Vec<LogLine>, bounds: Range<u64>) {
        self.bounds = bounds;
        let (_, last) = self.span();
        if self.follows() && (from > last || self.lines.is_empty()) {
            self.lines = lines.into();
        } else if from <= last {
            // A last line that had no newline yet comes again.
            while self.lines.back().is_some_and(|line| line.start >= from) {
                self.lines.pop_back();
            }
            if self.follows() || self.lines.len() + lines.len() <= WINDOW {
                self.append(lines);
            }
        }
        self.drop_outgrown();
    }

    /// A last line that has grown meanwhile is read again, if it still fits the filter.
    fn drop_outgrown(&mut self) {
        let end = self.bounds.end;
        while self.lines.back().is_some_and(|line| line.unfinished && line.end != end) {
            self.lines.pop_back();
        }
    }

    fn append(&mut self, lines: Vec<LogLine>) {
        self.lines.extend(lines);
        let extra = self.lines.len().saturating_sub(WINDOW);
        self.lines.drain(..extra);
    }

    fn take_count(&mut self, lines: u64, complete: bool) {
        // A count that is still under way is no measure of what is new.
        let settling = self.count.is_none_or(|(_, complete)| !complete);
        if settling && self.count_left.is_some() && self.filter.is_none() {
            self.count_left = Some(lines);
        }
        self.count = Some((lines, complete));
        self.asked_numbers = false;
    }

    fn take_numbers(&mut self, numbers: &[(u64, u64)]) {
        // What has no number yet has one when it is counted.
        self.asked_numbers = numbers.is_empty();
        for (start, number) in numbers {
            let at = self.lines.partition_point(|line| line.start < *start);
            if let Some(line) = self.lines.get_mut(at).filter(|line| line.start == *start) {
                line.number = Some(*number);
            }
        }
    }

    /// Where the lines at hand begin and end.
    fn span(&self) -> (u64, u64) {
        let first = self.lines.front().map_or(0, |line| line.start);
        (first, self.lines.back().map_or(first, |line| line.end))
    }

    /// How many lines are shown now: all, or those that fit the filter.
    fn shown(&self) -> Option<u64> {
        match &self.filter {
            Some(filter) => Some(filter.shown),
            None => self.count.map(|(lines, _)| lines),
        }
    }

    /// Lines that came since following ended.
    pub fn new_lines(&self) -> u64 {
        match (self.shown(), self.count_left) {
            (Some(now), Some(then)) if !self.follows() => now.saturating_sub(then),
            _ => 0,
        }
    }

    /// Whether this is the log of a run's present attempt.
    pub fn is_of(&self, path: &RunPath) -> bool {
        matches!(&self.source, Some(LogSource::Run(run)) if run == path)
    }
}

#[cfg(test)]
mod tests;
