//! Where the view stands: following, scrolling, jumping, and which lines it lacks.

use super::{Log, LogLine, State};
use crate::tui::app::effect::Place;

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

impl Log {
    /// Whether the view follows the end.
    pub fn follows(&self) -> bool {
        self.anchor == Anchor::Follow
    }

    /// The rows a line takes.
    fn rows_of(&self, line: &LogLine, width: usize) -> usize {
        if self.wrap { line.text.rows(width) } else { 1 }
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

    /// The lines that are seen.
    pub fn seen(&self, width: usize, height: usize) -> impl Iterator<Item = &LogLine> {
        let (first, skip) = self.first_seen(width, height);
        let mut rows = 0;
        self.lines.iter().skip(first).take_while(move |line| {
            let begins = rows < height + skip;
            rows += self.rows_of(line, width);
            begins
        })
    }

    /// The line in a row of the screen.
    pub fn line_in_row(&self, row: usize, width: usize, height: usize) -> Option<&LogLine> {
        let (_, skip) = self.first_seen(width, height);
        let mut rows = 0;
        self.seen(width, height).find(|line| {
            rows += self.rows_of(line, width);
            rows > row + skip
        })
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
            if (at, skip) >= end && self.span().1 >= self.bounds.end {
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
            self.go_nowhere();
            self.anchor = Anchor::Follow;
            self.count_left = None;
        } else if self.follows() {
            let (at, skip) = self.first_seen(width, height);
            self.anchor_at(at, skip);
        }
    }

    /// Forgets where one was about to go.
    const fn go_nowhere(&mut self) {
        (self.jump, self.seeking, self.jumping) = (None, None, false);
    }

    /// Goes to the first line.
    pub fn go_to_start(&mut self) {
        self.go_nowhere();
        self.leave_end();
        if self.span().0 <= self.bounds.start && !self.lines.is_empty() {
            self.anchor = Anchor::Line { start: 0, skip: 0 };
        } else {
            self.jump = Some(Place::Start);
        }
    }

    /// Goes to the line that begins at this byte; it is read first if it is not at hand.
    pub fn show(&mut self, at: u64, width: usize, height: usize) {
        let (first, last) = self.span();
        if (first..last).contains(&at) {
            self.arrive(at, width, height);
        } else {
            self.leave_end();
            self.jump = Some(Place::Around(at));
        }
    }

    /// Shows the line at this byte, or the next one there is, with some of the lines before it.
    pub fn arrive(&mut self, at: u64, width: usize, height: usize) {
        self.leave_end();
        self.jump = None;
        let mut index = self.lines.partition_point(|line| line.end <= at);
        let mut room = height / 3;
        while let Some(line) = index.checked_sub(1).and_then(|before| self.lines.get(before)) {
            let rows = self.rows_of(line, width);
            if rows > room {
                break;
            }
            room -= rows;
            index -= 1;
        }
        let start = self.lines.get(index).map_or(at, |line| line.start);
        self.anchor = Anchor::Line { start, skip: 0 };
    }

    fn leave_end(&mut self) {
        if self.follows() {
            self.count_left = self.shown();
            // Until what is gone to is there, the view stays.
            let start = self.lines.back().map_or(0, |line| line.start);
            self.anchor = Anchor::Line { start, skip: 0 };
        }
    }

    /// The place where lines are missing for this view, and a screenful beyond it, if any are.
    pub fn wanted(&self, width: usize, height: usize) -> Option<Place> {
        if self.state != State::Open || self.asked.is_some() {
            return None;
        }
        if let Some(jump) = self.jump {
            return Some(jump).filter(|jump| self.is_judged(*jump));
        }
        let (first, last) = self.span();
        if self.follows() {
            return (last < self.bounds.end).then_some(Place::End);
        }
        if let (true, Anchor::Line { start, .. }) = (self.lines.is_empty(), self.anchor) {
            return (!self.bounds.is_empty()).then_some(Place::Around(start));
        }
        let (at, _) = self.first_seen(width, height);
        if at < height && first > self.bounds.start {
            return Some(Place::Before(first));
        }
        (self.lines.len() - at.min(self.lines.len()) < 2 * height && last < self.bounds.end)
            .then_some(Place::After(last))
    }

    /// Whether a filter has come to a place.
    fn is_judged(&self, place: Place) -> bool {
        match (&self.filter, place) {
            (Some(filter), Place::Around(at)) => filter.complete || filter.judged > at,
            _ => true,
        }
    }

    /// Lines on the screen whose numbers are known by now and have not been asked for.
    pub fn unnumbered(&self, width: usize, height: usize) -> Vec<u64> {
        if !self.numbers || self.asked_numbers || !self.count.is_some_and(|(_, complete)| complete) {
            return Vec::new();
        }
        self.seen(width, height).filter(|line| line.number.is_none()).map(|line| line.start).collect()
    }
}
