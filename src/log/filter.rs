//! The lines that a filter shows, or that a search hits, found a slice at a time and kept as a [`LineSet`].
//!
//! Lines of more than [`MAX_LINE`](super::MAX_LINE) bytes are judged piece by piece.

use std::io;
use std::ops::ControlFlow;

use super::lines::{RawLine, Window};
use super::lineset::LineSet;
use super::search::{PatternError, Searcher};
use super::source::{Source, Upto};
use super::tail::line_at;

/// What is asked of a line.
#[derive(Clone, Debug)]
pub struct Filter {
    searcher: Searcher,
    /// Lines that do not match are wanted.
    inverted: bool,
}

impl Filter {
    /// A filter as a person types it: a pattern as [`Searcher::pattern`] takes it, or `!` and one that must not match.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let (pattern, inverted) = text.strip_prefix('!').map_or((text, false), |rest| (rest, true));
        Ok(Self { searcher: Searcher::pattern(pattern)?, inverted })
    }
}

impl Filter {
    /// Its pattern.
    pub fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// Whether a line is shown.
    pub fn fits(&self, line: &[u8]) -> bool {
        self.searcher.matches_in(line).next().is_some() != self.inverted
    }
}

impl From<Searcher> for Filter {
    fn from(searcher: Searcher) -> Self {
        Self { searcher, inverted: false }
    }
}

/// The lines of a growing log that fit a filter.
#[derive(Clone, Debug)]
pub struct FilteredLines {
    filter: Filter,
    /// Each line has a number of its own; else neighbours are kept as one.
    numbered: bool,
    set: LineSet,
    judged: u64,
    /// The start of a last line without a newline: it is judged again when it has grown.
    unfinished: Option<u64>,
    matched: u64,
}

impl FilteredLines {
    /// The lines a filter shows, neighbours kept together.
    pub fn shown(filter: Filter) -> Self {
        Self::new(filter, false)
    }

    /// The lines a search hits, each with its number.
    pub fn hits(searcher: Searcher) -> Self {
        Self::new(searcher.into(), true)
    }

    fn new(filter: Filter, numbered: bool) -> Self {
        Self { filter, numbered, set: LineSet::default(), judged: 0, unfinished: None, matched: 0 }
    }

    /// Judges about `budget` further bytes, at least a block, and what was appended since the last call. `also` is asked
    /// of the text of each line that matches. Answers whether all there is is judged.
    pub fn extend(
        &mut self,
        source: &dyn Source,
        budget: u64,
        also: impl Fn(&[u8]) -> bool,
    ) -> io::Result<bool> {
        let len = source.len()?;
        if len <= self.judged {
            return Ok(true);
        }
        if let Some(line) = self.unfinished.take() {
            self.matched -= u64::from(self.set.containing(line).is_some() != self.filter.inverted);
            self.set.cut_last(line);
            self.judged = line;
        }
        let source = Upto { source, len };
        let (inverted, numbered) = (self.filter.inverted, self.numbered);
        let (set, matched, mut shown_to) = (&mut self.set, &mut self.matched, self.judged);
        let resume = self.filter.searcher.each_line(&source, self.judged, budget, |line, text| {
            if inverted {
                *matched += 1;
                set.join(shown_to..line.start);
                shown_to = line.end;
            } else if also(text) {
                *matched += 1;
                if numbered { set.push(line) } else { set.join(line) }
            }
            ControlFlow::Continue(())
        })?;
        self.judged = resume.unwrap_or(len);
        if inverted {
            self.set.join(shown_to..self.judged);
        }
        if resume.is_none() {
            let last = line_at(&source, len - 1)?;
            self.unfinished =
                last.filter(|line| line.end == line.start + line.text.len() as u64).map(|line| line.start);
        }
        Ok(resume.is_none())
    }

    /// What is asked of the lines.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Up to where the log is judged.
    pub fn judged(&self) -> u64 {
        self.judged
    }

    /// How many lines match the pattern (of an inverted filter: are hidden), as far as they are judged.
    pub fn matched(&self) -> u64 {
        self.matched
    }

    /// Whether lines that match are the hidden ones.
    pub fn is_inverted(&self) -> bool {
        self.filter.inverted
    }

    /// The lines.
    pub fn set(&self) -> &LineSet {
        &self.set
    }

    /// Up to `n` of the lines, from the one that `at` lies in or the next one on.
    pub fn lines_after(&self, source: &dyn Source, at: u64, n: usize) -> io::Result<Vec<RawLine>> {
        let mut window = Window::new(source)?;
        let mut lines = Vec::new();
        let begun = self.set.before(at.saturating_add(1));
        let within =
            begun.checked_sub(1).filter(|&last| self.set.nth(last).is_some_and(|range| range.end > at));
        let mut number = within.unwrap_or(begun);
        while lines.len() < n
            && let Some(range) = self.set.nth(number)
        {
            let mut position = range.start.max(at);
            while lines.len() < n && position < range.end {
                let Some(piece) = window.piece_at(position)? else { return Ok(lines) };
                lines.push(window.raw_line(piece)?);
                position = piece.end;
            }
            number += 1;
        }
        Ok(lines)
    }

    /// Up to `n` of the lines before the one that `at` lies in, in the order of the log.
    pub fn lines_before(&self, source: &dyn Source, at: u64, n: usize) -> io::Result<Vec<RawLine>> {
        let mut window = Window::new(source)?;
        let mut end = window.piece_at(at)?.map_or(window.len(), |piece| piece.start);
        let mut lines = Vec::new();
        let mut number = self.set.before(end);
        while lines.len() < n
            && let Some(range) = number.checked_sub(1).and_then(|number| self.set.nth(number))
        {
            end = end.min(range.end);
            while lines.len() < n && end > range.start {
                let Some(piece) = window.piece_at(end - 1)?.filter(|piece| piece.start < end) else { break };
                lines.push(window.raw_line(piece)?);
                end = piece.start;
            }
            number -= 1;
        }
        lines.reverse();
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    // Proves A11 (a log filtered to the lines that match, or do not).
    use super::*;
    use crate::log::lines_after;
    use proptest::prelude::*;
    use rstest::rstest;

    fn texts(lines: Vec<RawLine>) -> Vec<String> {
        lines.into_iter().map(|line| String::from_utf8_lossy(&line.text).into_owned()).collect()
    }

    #[rstest]
    #[case("b", &["ab", "b"])]
    #[case("!b", &["a", "", "c"])]
    #[case("^a", &["a", "ab"])]
    #[case("a(", &[])]
    #[case("!", &[])]
    fn lines_that_match_or_do_not(#[case] filter: &str, #[case] expected: &[&str]) {
        let log = b"a\nab\n\nb\nc".to_vec();
        let mut lines = FilteredLines::shown(Filter::parse(filter).unwrap());
        assert!(lines.extend(&log, u64::MAX, |_| true).unwrap());
        assert_eq!(texts(lines.lines_after(&log, 0, 99).unwrap()), expected);
        assert_eq!(texts(lines.lines_before(&log, u64::MAX, 99).unwrap()), expected);
    }

    #[test]
    fn an_unfinished_line_is_judged_again() {
        let mut log = b"one\ntw".to_vec();
        let mut lines = FilteredLines::shown(Filter::parse("!two").unwrap());
        lines.extend(&log, u64::MAX, |_| true).unwrap();
        assert_eq!(
            (texts(lines.lines_after(&log, 0, 9).unwrap()), lines.matched()),
            (vec!["one".into(), "tw".into()], 0)
        );
        log.extend(b"o\nthree");
        lines.extend(&log, u64::MAX, |_| true).unwrap();
        assert_eq!(
            (texts(lines.lines_after(&log, 0, 9).unwrap()), lines.matched()),
            (vec!["one".into(), "three".into()], 1)
        );
    }

    proptest! {
        #[test]
        fn whatever_grows_in_whatever_steps_the_lines_are_those_of_grep(
            chunks in prop::collection::vec("[ab\n]{0,30}", 1..6),
            inverted: bool,
            numbered: bool,
            (at, n) in (0u64..100, 0usize..12),
        ) {
            let mut log = Vec::new();
            let filter = Filter::parse(if inverted { "!aa" } else { "aa" }).unwrap();
            let mut lines = FilteredLines::new(filter, numbered && !inverted);
            lines.filter.searcher.block = 7;
            for chunk in chunks {
                log.extend(chunk.as_bytes());
                while !lines.extend(&log, 1, |_| true).unwrap() {}
                let all = lines_after(&log, 0, usize::MAX).unwrap();
                let fits = |line: &RawLine| line.text.windows(2).any(|pair| pair == b"aa") != inverted;
                let matches = all.iter().filter(|line| fits(line) != inverted).count() as u64;
                prop_assert_eq!(lines.matched(), matches);
                if numbered && !inverted {
                    prop_assert_eq!(lines.set().len() as u64, matches);
                }
                let here = all.iter().position(|line| line.end > at).unwrap_or(all.len());
                let after: Vec<_> = all[here..].iter().filter(|line| fits(line)).take(n).cloned().collect();
                prop_assert_eq!(lines.lines_after(&log, at, n).unwrap(), after);
                let mut before: Vec<_> = all[..here].iter().rev().filter(|line| fits(line)).take(n).cloned().collect();
                before.reverse();
                prop_assert_eq!(lines.lines_before(&log, at, n).unwrap(), before);
            }
        }
    }
}
