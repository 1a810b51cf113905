//! The log pane: a window of lines of a file of any size, and what of it is seen.

use std::collections::VecDeque;

use super::effect::{Generation, LogSource, Place};
use super::message::LogEvent;
use crate::log::{Level, StyledLine};
use crate::model::RunPath;

/// The most lines that are kept; further ones are read again when they are needed.
const WINDOW: usize = 4_000;

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
}

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

/// Where the view stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// At the end, and stays there.
    #[default]
    Follow,
    /// The line that begins at this byte is the first seen, without so many of its rows.
    Line {
        /// The line's first byte.
        start: u64,
        /// Rows of it above the screen.
        skip: usize,
    },
}

/// A search in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The text.
    pub pattern: String,
    /// The line it was found in last.
    pub hit: Option<u64>,
    /// It is under way.
    pub running: bool,
}

/// The state of the log pane.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Which log.
    pub source: Option<LogSource>,
    /// What the person chose to see instead of the selected run's log.
    pub pinned: Option<LogSource>,
    /// Of which opening answers are taken.
    pub generation: Generation,
    /// What is known of it.
    pub state: State,
    /// The lines at hand.
    pub lines: VecDeque<LogLine>,
    /// The size of the file.
    pub size: u64,
    /// Lines of the file, as far as they are counted, and whether all are.
    pub count: Option<(u64, bool)>,
    /// The count when following ended.
    pub count_left: Option<u64>,
    /// Where the view stands.
    pub anchor: Anchor,
    /// Long lines are wrapped.
    pub wrap: bool,
    /// Columns to the left of the screen, while lines are not wrapped.
    pub column: usize,
    /// The search.
    pub search: Option<Search>,
    /// Lines have been asked for at this place.
    pub asked: Option<Place>,
    /// The view is to go there, as soon as the lines are read.
    pub jump: Option<Place>,
}

impl Log {
    /// Starts with another log.
    pub fn open(&mut self, source: LogSource, generation: Generation) {
        let (wrap, search, pinned) = (self.wrap, self.search.take(), self.pinned.take());
        *self = Self {
            wrap,
            search,
            pinned,
            generation,
            source: Some(source),
            state: State::Opening,
            ..Self::default()
        };
        if let Some(search) = &mut self.search {
            search.hit = None;
            search.running = false;
        }
    }

    /// Whether the view follows the end.
    pub fn follows(&self) -> bool {
        self.anchor == Anchor::Follow
    }

    /// Lines that came since following ended.
    pub fn new_lines(&self) -> u64 {
        match (self.count, self.count_left) {
            (Some((now, _)), Some(then)) if !self.follows() => now.saturating_sub(then),
            _ => 0,
        }
    }

    /// Where the lines at hand begin and end.
    fn span(&self) -> (u64, u64) {
        let first = self.lines.front().map_or(0, |line| line.start);
        (first, self.lines.back().map_or(first, |line| line.end))
    }

    /// Takes news of the open log in.
    pub fn take(&mut self, event: LogEvent) {
        match event {
            LogEvent::Page { place, lines, size } => self.take_page(place, lines, size),
            LogEvent::Grown { from, lines, size } => self.take_growth(from, lines, size),
            LogEvent::Counted { lines, complete } => {
                // A count that is still under way is no measure of what is new.
                if self.count.is_none_or(|(_, complete)| !complete) && self.count_left.is_some() {
                    self.count_left = Some(lines);
                }
                self.count = Some((lines, complete));
            }
            LogEvent::Restarted => {
                self.lines.clear();
                self.anchor = Anchor::Follow;
                (self.size, self.count, self.count_left, self.asked) = (0, None, None, None);
            }
            LogEvent::Missing => self.state = State::Missing,
            LogEvent::Failed(why) => self.state = State::Failed(why),
            LogEvent::Found(found) => {
                if let Some(search) = &mut self.search {
                    search.running = false;
                    search.hit = found.or(search.hit);
                }
            }
        }
    }

    fn take_page(&mut self, place: Place, lines: Vec<LogLine>, size: u64) {
        self.state = State::Open;
        self.size = self.size.max(size);
        self.asked = self.asked.filter(|asked| *asked != place);
        self.jump = self.jump.filter(|jump| *jump != place);
        let (first, last) = self.span();
        match place {
            Place::Before(at) if at == first && !self.lines.is_empty() => {
                for line in lines.into_iter().rev() {
                    self.lines.push_front(line);
                }
                self.lines.truncate(WINDOW);
            }
            Place::After(at) if at == last && !self.lines.is_empty() => self.append(lines),
            Place::Before(_) | Place::After(_) => {}
            Place::Start | Place::End | Place::Around(_) => {
                self.lines = lines.into();
                match place {
                    Place::Start => self.anchor = Anchor::Line { start: 0, skip: 0 },
                    Place::Around(at) => self.anchor = Anchor::Line { start: at, skip: 0 },
                    _ => {}
                }
            }
        }
    }

    fn take_growth(&mut self, from: u64, lines: Vec<LogLine>, size: u64) {
        self.state = State::Open;
        self.size = size;
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
    }

    fn append(&mut self, lines: Vec<LogLine>) {
        self.lines.extend(lines);
        let extra = self.lines.len().saturating_sub(WINDOW);
        self.lines.drain(..extra);
    }

    /// The rows a line takes.
    fn rows_of(&self, line: &LogLine, width: usize) -> usize {
        if self.wrap { line.text.width().div_ceil(width.max(1)).max(1) } else { 1 }
    }

    /// The first line seen and how many of its rows are above the screen.
    pub fn first_seen(&self, width: usize, height: usize) -> (usize, usize) {
        match self.anchor {
            Anchor::Follow => self.above_end(width, height),
            Anchor::Line { start, skip } => {
                let at = self.lines.partition_point(|line| line.end <= start);
                // The last line is never higher than at the bottom.
                (at, skip).min(self.above_end(width, height))
            }
        }
    }

    /// What is the first line seen when the last row of the last line is at the bottom.
    fn above_end(&self, width: usize, height: usize) -> (usize, usize) {
        let mut rows = 0;
        for (at, line) in self.lines.iter().enumerate().rev() {
            rows += self.rows_of(line, width);
            if rows >= height {
                return (at, rows - height);
            }
        }
        (0, 0)
    }

    /// Moves the view by rows. Any move up ends following; a move down that reaches the end begins it again.
    pub fn scroll(&mut self, by: isize, width: usize, height: usize) {
        if self.follows() && by >= 0 {
            return;
        }
        let (mut at, mut skip) = self.first_seen(width, height);
        let mut left = by.unsigned_abs();
        if by < 0 {
            while left > 0 {
                if skip > 0 {
                    let step = skip.min(left);
                    skip -= step;
                    left -= step;
                } else if at > 0 {
                    at -= 1;
                    skip = self.lines.get(at).map_or(1, |line| self.rows_of(line, width));
                } else {
                    break;
                }
            }
        } else {
            let end = self.above_end(width, height);
            while left > 0 && (at, skip) < end {
                let rows = self.lines.get(at).map_or(1, |line| self.rows_of(line, width));
                skip += 1;
                left -= 1;
                if skip >= rows {
                    (at, skip) = (at + 1, 0);
                }
            }
            if (at, skip) >= end && self.span().1 >= self.size {
                return self.set_follow(true, width, height);
            }
        }
        self.anchor_at(at, skip);
    }

    fn anchor_at(&mut self, at: usize, skip: usize) {
        self.leave_end();
        let start = self.lines.get(at).map_or(0, |line| line.start);
        self.anchor = Anchor::Line { start, skip };
    }

    /// Follows the end, or stops where the view is.
    pub fn set_follow(&mut self, follow: bool, width: usize, height: usize) {
        if follow {
            self.jump = None;
            self.anchor = Anchor::Follow;
            self.count_left = None;
        } else if self.follows() {
            let (at, skip) = self.first_seen(width, height);
            self.anchor_at(at, skip);
        }
    }

    /// Goes to the first line.
    pub fn go_to_start(&mut self) {
        self.leave_end();
        if self.span().0 == 0 {
            self.anchor = Anchor::Line { start: 0, skip: 0 };
        } else {
            self.jump = Some(Place::Start);
        }
    }

    /// Goes to the line that begins at this byte, with some of the lines before it.
    pub fn show(&mut self, at: u64, width: usize, height: usize) {
        self.leave_end();
        let (first, last) = self.span();
        if (first..last).contains(&at) {
            self.anchor = Anchor::Line { start: at, skip: 0 };
            self.scroll(-isize::try_from(height / 3).unwrap_or(0), width, height);
        } else {
            self.jump = Some(Place::Around(at));
        }
    }

    /// Where a search goes on: behind or before the line found last; without one, from the screen.
    pub fn search_from(&self, forward: bool, width: usize, height: usize) -> u64 {
        match (self.search.as_ref().and_then(|search| search.hit), forward) {
            (Some(hit), false) => hit,
            (Some(hit), true) => self
                .lines
                .iter()
                .find(|line| line.start == hit)
                .map_or(hit.saturating_add(1), |line| line.end),
            (None, false) if self.follows() => self.size,
            (None, _) => {
                let (first, _) = self.first_seen(width, height);
                self.lines.get(first).map_or(0, |line| line.start)
            }
        }
    }

    /// Whether this is the log of a run.
    pub fn is_of(&self, path: &RunPath) -> bool {
        matches!(&self.source, Some(LogSource::Run(run)) if run == path)
    }

    fn leave_end(&mut self) {
        if self.follows() {
            self.count_left = self.count.map(|(lines, _)| lines);
        }
    }

    /// The place where lines are missing for this view, and a screenful beyond it, if any are.
    pub fn wanted(&self, width: usize, height: usize) -> Option<Place> {
        if self.state != State::Open || self.asked.is_some() {
            return None;
        }
        if self.jump.is_some() || self.lines.is_empty() {
            return self.jump;
        }
        let (first, last) = self.span();
        if self.follows() {
            return (last < self.size).then_some(Place::End);
        }
        let (at, _) = self.first_seen(width, height);
        if at < height && first > 0 {
            return Some(Place::Before(first));
        }
        (self.lines.len() - at.min(self.lines.len()) < 2 * height && last < self.size)
            .then_some(Place::After(last))
    }
}

#[cfg(test)]
mod tests {
    // Proves A11, B43 (a log of any size, followed, with nothing dropped).
    use super::*;
    use crate::log::Style;
    use proptest::prelude::*;

    fn line(n: u64) -> LogLine {
        let text = StyledLine::plain(format!("line {n}"), Style::default());
        LogLine { start: n * 10, end: n * 10 + 10, text, level: None }
    }

    fn lines(range: std::ops::Range<u64>) -> Vec<LogLine> {
        range.map(line).collect()
    }

    fn opened(range: std::ops::Range<u64>) -> Log {
        let mut log = Log::default();
        log.open(LogSource::Controller, Generation(1));
        let size = range.end * 10;
        log.take(LogEvent::Page { place: Place::End, lines: lines(range), size });
        log
    }

    #[test]
    fn following_stays_at_the_end_and_a_move_up_pauses_it() {
        let mut log = opened(0..100);
        log.take(LogEvent::Counted { lines: 100, complete: true });
        assert_eq!(log.first_seen(80, 10), (90, 0));
        log.take(LogEvent::Grown { from: 1000, lines: lines(100..110), size: 1100 });
        assert_eq!(log.first_seen(80, 10), (100, 0));
        log.take(LogEvent::Counted { lines: 110, complete: true });
        log.scroll(-3, 80, 10);
        assert!(!log.follows());
        log.take(LogEvent::Grown { from: 1100, lines: lines(110..230), size: 2300 });
        log.take(LogEvent::Counted { lines: 230, complete: true });
        assert_eq!((log.first_seen(80, 10), log.new_lines()), ((97, 0), 120));
        log.set_follow(true, 80, 10);
        assert_eq!((log.first_seen(80, 10), log.new_lines()), ((220, 0), 0));
    }

    #[test]
    fn an_unfinished_last_line_is_replaced_by_its_next_form() {
        let mut log = opened(0..3);
        let grown = LogLine { end: 45, ..line(2) };
        log.take(LogEvent::Grown { from: 20, lines: vec![grown], size: 45 });
        assert_eq!((log.lines.len(), log.lines.back().unwrap().end), (3, 45));
    }

    #[test]
    fn a_burst_larger_than_the_window_is_jumped_over_while_following_and_can_be_read_back() {
        let mut log = opened(0..100);
        log.take(LogEvent::Grown { from: 90_000, lines: lines(9_000..9_500), size: 95_000 });
        assert_eq!(log.lines.len(), 500);
        log.scroll(-500, 80, 10);
        assert_eq!(log.wanted(80, 10), Some(Place::Before(90_000)));
        log.take(LogEvent::Page { place: Place::Before(90_000), lines: lines(8_900..9_000), size: 95_000 });
        assert_eq!(log.first_seen(80, 10).0, 100, "the view stays where it was");
    }

    #[test]
    fn while_paused_a_burst_leaves_a_gap_that_is_read_when_it_is_reached() {
        let mut log = opened(0..100);
        log.scroll(-1, 80, 10);
        log.take(LogEvent::Grown { from: 90_000, lines: lines(9_000..9_500), size: 95_000 });
        assert_eq!(log.lines.len(), 100);
        assert_eq!(log.wanted(80, 10), Some(Place::After(1_000)));
    }

    proptest! {
        #[test]
        fn scrolling_never_leaves_the_lines(
            moves in prop::collection::vec((-50isize..50, any::<bool>(), 1usize..40), 1..60),
        ) {
            let mut log = opened(0..120);
            for (by, wrap, width) in moves {
                log.wrap = wrap;
                log.scroll(by, width, 7);
                let (at, _) = log.first_seen(width, 7);
                prop_assert!(at < log.lines.len());
            }
        }
    }
}
