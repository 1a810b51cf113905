//! The search and the filter, and where the next hit or error is looked for.

use super::Log;
use crate::log::{Filter, Searcher};
use crate::tui::app::effect::{Generation, Goal, Place};

/// A search in the log.
#[derive(Clone, Debug)]
pub struct Search {
    /// As it was typed.
    pub pattern: String,
    /// The same to find what is to be highlighted.
    pub searcher: Option<Searcher>,
    /// What is known of its hits.
    pub hits: Option<Hits>,
}

impl Search {
    /// A search that has hit nothing yet.
    pub fn new(pattern: String) -> Self {
        Self { searcher: Searcher::pattern(&pattern).ok(), pattern, hits: None }
    }
}

/// Lines that a search has hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hits {
    /// How many.
    pub count: u64,
    /// The whole log has been searched.
    pub complete: bool,
    /// The line found last, and which of them it is, from 1.
    pub rank: Option<(u64, u64)>,
}

/// A filter of the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFilter {
    /// As it was typed: a pattern, or `!` and one that must not match.
    pub text: String,
    /// Lines it shows so far.
    pub shown: u64,
    /// Up to where the log is judged.
    pub judged: u64,
    /// All of it is judged.
    pub complete: bool,
}

impl LineFilter {
    /// A filter that has not begun yet.
    pub const fn new(text: String) -> Self {
        Self { text, shown: 0, judged: 0, complete: false }
    }
}

impl Log {
    /// Searches for something else, or no more.
    pub fn set_search(&mut self, pattern: Option<String>) {
        self.search = pattern.map(Search::new);
    }

    /// Shows other lines, which bear a number no lines had before. The view stays where it is.
    pub fn set_filter(
        &mut self,
        text: Option<String>,
        number: Generation,
        (width, height): (usize, usize),
    ) -> Result<(), String> {
        if let Some(text) = &text {
            Filter::parse(text).map_err(|error| error.to_string())?;
        }
        let here = (!self.follows()).then(|| self.first_seen(width, height).0);
        let here = here.and_then(|at| self.lines.get(at)).map(|line| line.start);
        (self.filter, self.filter_number) = (text.map(LineFilter::new), number);
        self.lines.clear();
        self.bounds = 0..0;
        (self.asked, self.seeking, self.count_left) = (None, None, None);
        if let Some(here) = here {
            self.count_left = self.shown();
            self.jump = Some(Place::Around(here));
        }
        Ok(())
    }

    /// Where looking for something goes on: behind or before the line gone to last, if it is seen; else from the edge of
    /// the screen.
    pub fn look_from(&self, goal: Goal, forward: bool, width: usize, height: usize) -> u64 {
        // Whoever types ahead means the place they are going to.
        match self.jump {
            Some(Place::Start) => return 0,
            Some(Place::Around(at)) => return at,
            _ => {}
        }
        let (first, _) = self.first_seen(width, height);
        let mut seen = self.seen(width, height);
        let current = self.seen(width, height).find(|line| Some(line.start) == self.current);
        // A search that has just been typed takes the line it is on, too.
        let again = goal == Goal::Error
            || self.search.as_ref().is_some_and(|search| search.hits.is_some_and(|hits| hits.rank.is_some()));
        match (current, forward) {
            (Some(line), true) if again => line.end,
            (Some(line), _) => line.start,
            (None, false) if self.follows() => self.bounds.end,
            (None, false) => seen.by_ref().last().map_or(self.bounds.start, |line| line.end),
            (None, true) => self.lines.get(first).map_or(0, |line| line.start),
        }
    }
}
