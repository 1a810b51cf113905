//! What an open log's reader does in slices, the most urgent first: the way to the next hit or error, the filter, jumps,
//! the hits of the search, the count of lines, a copy.

use std::io;
use std::ops::Range;

use super::super::app::effect::Goal;
use super::super::app::message::LogEvent;
use super::log_reader::{LogReader, Seek};
use crate::log::{FilteredLines, Found, Level, level_of, line_at, lines_before};

/// How much of a log is read in one slice: some milliseconds.
const SLICE: u64 = 16 << 20;

impl LogReader {
    /// Whether something is left to be done in slices.
    pub const fn has_work(&self) -> bool {
        self.seek.is_some()
            || !self.filtered
            || !self.all_hit
            || !self.counted
            || self.save.is_some()
            || self.wanted_line.is_some()
    }

    /// Does a slice of the most urgent work.
    pub fn work(&mut self) -> io::Result<Vec<LogEvent>> {
        if let Some(seek) = self.seek.take() {
            return self.go_on_seeking(seek);
        }
        if !self.filtered {
            return Ok(vec![self.go_on_filtering()?]);
        }
        if let Some(line) = self.wanted_line
            && (self.counted || self.index.lines() > line)
        {
            self.wanted_line = None;
            return Ok(vec![self.jump_to_line(line)?]);
        }
        if let (Some(hits), false) = (&mut self.hits, self.all_hit) {
            let filter = self.filter.as_ref().map(FilteredLines::filter);
            let also = |text: &[u8]| filter.is_none_or(|filter| filter.fits(text));
            self.all_hit = hits.extend(self.origin.source(), SLICE, also)?;
            return Ok(vec![self.hits_so_far()]);
        }
        if !self.counted {
            let progress = self.index.extend(self.origin.source(), 2 * SLICE)?;
            self.counted = progress.is_complete();
            return Ok(vec![LogEvent::Counted { lines: progress.lines, complete: self.counted }]);
        }
        Ok(self.go_on_saving())
    }

    /// Copies some more of what is being saved.
    pub(super) fn go_on_saving(&mut self) -> Vec<LogEvent> {
        let Some(save) = self.save.take() else { return Vec::new() };
        match save.step(&self.origin, self.filter.as_ref()) {
            Ok(save) => {
                self.save = Some(save);
                Vec::new()
            }
            Err(saved) => vec![LogEvent::Saved(saved)],
        }
    }

    fn go_on_seeking(&mut self, seek: Seek) -> io::Result<Vec<LogEvent>> {
        let filter = self.filter.as_ref().map(FilteredLines::filter);
        let accept = |_: &Range<u64>, text: &[u8]| {
            (seek.goal != Goal::Error || level_of(text) == Some(Level::Error))
                && filter.is_none_or(|filter| filter.fits(text))
        };
        let found =
            seek.searcher.next_line(self.origin.source(), seek.from, seek.direction, SLICE, accept)?;
        let line = match found {
            Found::Match(line) => Some(line.offset),
            Found::NotYet(from) => {
                self.seek = Some(Seek { from, ..seek });
                return Ok(Vec::new());
            }
            Found::End => None,
        };
        let mut events = vec![LogEvent::Found { goal: seek.goal, line }];
        if seek.goal == Goal::Hit && line.is_some() {
            self.hit = line;
            events.push(self.hits_so_far());
        }
        Ok(events)
    }

    /// How many hits there are, and which of them was found last.
    fn hits_so_far(&self) -> LogEvent {
        let Some(hits) = &self.hits else {
            return LogEvent::Hits { count: 0, complete: true, rank: None };
        };
        let is_known = |line: &u64| self.all_hit || *line < hits.judged();
        let rank =
            self.hit.filter(is_known).map(|line| (line, hits.set().before(line.saturating_add(1)) as u64));
        LogEvent::Hits { count: hits.set().len() as u64, complete: self.all_hit, rank }
    }

    fn go_on_filtering(&mut self) -> io::Result<LogEvent> {
        let mut shown = 0;
        let mut judged = self.size;
        if let Some(filter) = &mut self.filter {
            self.filtered = filter.extend(self.origin.source(), SLICE, |_| true)?;
            judged = filter.judged();
            shown = filter.matched();
            if filter.is_inverted() {
                // All lines but those: they must be counted as far as they are judged.
                while self.index.indexed() < judged {
                    let step = judged - self.index.indexed();
                    let before = self.index.indexed();
                    self.index.extend(self.origin.source(), step)?;
                    if self.index.indexed() <= before {
                        break;
                    }
                }
                let lines = if self.index.indexed() == judged {
                    Some(self.index.lines())
                } else {
                    self.index.line_of_offset(judged, self.origin.source())?
                };
                shown = lines.unwrap_or(shown).saturating_sub(filter.matched());
            }
        }
        Ok(LogEvent::Filtered { shown, judged, complete: self.filtered, bounds: self.bounds() })
    }

    fn jump_to_line(&self, line: u64) -> io::Result<LogEvent> {
        let last = self.index.lines().saturating_sub(1);
        let source = self.origin.source();
        Ok(match self.index.offset_of_line(line.min(last), source)? {
            Some(at) if line > last => {
                LogEvent::Jumped { at: Some(at), note: Some(format!("the last line is {}", last + 1)) }
            }
            Some(at) => LogEvent::Jumped { at: Some(at), note: None },
            None => LogEvent::Jumped { at: None, note: Some("the log has no such line".into()) },
        })
    }

    pub(super) fn jump_to_time(&self, micros: i64) -> io::Result<LogEvent> {
        let source = self.origin.source();
        Ok(match self.origin.offset_at(micros)? {
            Ok(Some(at)) => {
                // A chunk may begin within a line; the first line that begins in it is meant.
                let line = line_at(source, at)?
                    .map_or(at, |line| if line.start < at { line.end } else { line.start });
                LogEvent::Jumped { at: Some(line), note: None }
            }
            Ok(None) => {
                let last = lines_before(source, u64::MAX, 1)?.first().map(|line| line.start);
                LogEvent::Jumped { at: last, note: Some("nothing was written so late".into()) }
            }
            Err(why) => LogEvent::Jumped { at: None, note: Some(why.into()) },
        })
    }
}
