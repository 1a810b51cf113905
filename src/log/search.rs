//! Search in a log, forwards and backwards, a bounded amount of work at a time.
//!
//! What counts as a match is defined line by line: the matches of a line are those that the regular expression finds one
//! after the other from its start (`foo.*` cannot reach into the next line, `^` and `$` mean the line's ends, where `\r\n`
//! is one end). Finding them is done block by block: the same expression runs over a block of many lines at once, at the
//! full speed of the `regex` crate, and only proposes lines; the lines it proposes are then searched as defined. Where
//! every match contains a rare text, that text proposes them, and the expression sees those lines alone
//! (`literal`).
//!
//! Lines of more than [`MAX_LINE`](super::MAX_LINE) bytes are searched in their pieces, each with a margin, so that
//! matches across cuts are found; in such lines a match of more than 4 KiB may be shortened or missed.

use std::io;
use std::ops::{ControlFlow, Range};

use regex::bytes::{Regex, RegexBuilder};

use super::literal::Literals;
use super::scan::Scan;
use super::source::Source;

/// What is read and searched at once.
const BLOCK: u64 = 256 * 1024;

/// Which way to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end of the log.
    Forward,
    /// Towards its start.
    Backward,
}

/// Where a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Its first byte.
    pub offset: u64,
    /// Its length in bytes; 0 is possible (`^$`).
    pub len: u64,
}

/// What a slice of a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The next match.
    Match(Match),
    /// The budget is used up: go on from this offset.
    NotYet(u64),
    /// There is none from the given offset to the end of the log (or to its start).
    End,
}

impl Found {
    /// A match, or where to go on, if there is either.
    fn of(found: Option<Match>, resume: Option<u64>) -> Self {
        found.map(Self::Match).or(resume.map(Self::NotYet)).unwrap_or(Self::End)
    }
}

/// A regular expression that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot search for `{pattern}`: {reason}")]
pub struct PatternError {
    /// The pattern as it was given.
    pub pattern: String,
    /// What is wrong with it, in one line.
    pub reason: String,
}

/// A compiled search.
#[derive(Debug, Clone)]
pub struct Searcher {
    pub(super) regex: Regex,
    /// What lines that match contain.
    pub(super) literals: Literals,
    /// Whether the expression may ask for the ends of the text (`\A`, `(?-m)^`), which a block has not where a line has.
    pub(super) line_by_line: bool,
    /// How much is read and searched at once.
    pub(super) block: u64,
}

impl Searcher {
    /// A search for `text` as it stands; if it has no capital letter, in either case.
    pub fn literal(text: &str) -> Result<Self, PatternError> {
        Self::compile(&regex::escape(text), text)
    }

    /// A search for a regular expression (the syntax of the `regex` crate); if it has no capital letter, in either case.
    pub fn regex(pattern: &str) -> Result<Self, PatternError> {
        Self::compile(pattern, pattern)
    }

    /// A search as a person types it: a regular expression, or, if it cannot be one (`f(x`), the text as it stands.
    pub fn pattern(text: &str) -> Result<Self, PatternError> {
        Self::regex(text).or_else(|_| Self::literal(text))
    }

    /// A search for what lines that report an error have in common, fast enough for a whole log; what it proposes is to be
    /// judged by [`level_of`](super::level_of).
    pub fn likely_errors() -> Result<Self, PatternError> {
        const WORDS: [&str; 10] = [
            "err",
            "fatal",
            "crit",
            "severe",
            "panic",
            "emerg",
            "alert",
            "exception",
            "traceback",
            "segmentation",
        ];
        // Of glog's `E1124 10:22:33` the letter and the month's first digit: literals alone are fast.
        let glog_and_exits = ["E0", "E1", "F0", "F1", "KeyboardInterrupt", "SystemExit"];
        let mut parts = glog_and_exits.map(str::to_owned).to_vec();
        for word in WORDS {
            let (first, rest) = word.split_at(1);
            parts.extend([word.to_owned(), word.to_uppercase(), first.to_uppercase() + rest]);
        }
        Self::regex(&parts.join("|"))
    }

    fn compile(pattern: &str, given: &str) -> Result<Self, PatternError> {
        let case_insensitive = !has_capital(pattern);
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(case_insensitive)
            .multi_line(true)
            .crlf(true)
            .build()
            .map_err(|error| PatternError { pattern: given.to_owned(), reason: reason(&error) })?;
        let line_by_line = pattern.contains(r"\A") || pattern.contains(r"\z") || clears_flags(pattern);
        let literals = Literals::of(pattern, case_insensitive);
        Ok(Self { regex, literals, line_by_line, block: BLOCK })
    }

    /// The matches in one line, from its start, none overlapping: what to highlight.
    pub fn matches_in(&self, line: &[u8]) -> impl Iterator<Item = Range<usize>> {
        self.matches_from(line, 0)
    }

    /// The matches in `line` from position `at`, which is judged by what stands before it.
    pub(super) fn matches_from(&self, line: &[u8], mut at: usize) -> impl Iterator<Item = Range<usize>> {
        let mut last_end = None;
        std::iter::from_fn(move || {
            loop {
                let found = (at <= line.len()).then(|| self.regex.find_at(line, at)).flatten()?;
                at = found.end() + usize::from(found.is_empty());
                // An empty match right behind another one is not one more.
                if !found.is_empty() || last_end != Some(found.end()) {
                    last_end = Some(found.end());
                    return Some(found.range());
                }
            }
        })
    }

    /// The first match that begins at `from` or behind it, or (backwards) the last one that begins before it. Searches
    /// about `budget` bytes, at least one block, then answers [`Found::NotYet`] with the offset to go on from.
    pub fn next_match(
        &self,
        source: &dyn Source,
        from: u64,
        direction: Direction,
        budget: u64,
    ) -> io::Result<Found> {
        match direction {
            Direction::Forward => {
                let mut first = None;
                let resume = self.each_match(source, from, budget, |found| {
                    first = Some(found);
                    ControlFlow::Break(())
                })?;
                Ok(Found::of(first, resume))
            }
            Direction::Backward => Scan::new(self, source)?.backward(from, budget),
        }
    }

    /// Shows `each` the matches that begin at `from` or behind it, in order, until it breaks off or about `budget` bytes
    /// (at least one block) are searched: what a filter or a count of all matches needs. Returns the offset to go on from
    /// if there is more to search, and `None` at the end of the log and where `each` broke off.
    pub fn each_match(
        &self,
        source: &dyn Source,
        from: u64,
        budget: u64,
        mut each: impl FnMut(Match) -> ControlFlow<()>,
    ) -> io::Result<Option<u64>> {
        let mut scan = Scan::new(self, source)?;
        // An empty match may lie at the very end.
        let last = scan.window.len().saturating_sub(1);
        let Some(here) = scan.window.piece_at(from.min(last))? else { return Ok(None) };
        scan.forward(here.start, budget, |found| {
            if found.offset < from { ControlFlow::Continue(()) } else { each(found) }
        })
    }
}

impl Searcher {
    /// Shows `each` the lines (or pieces of over-long ones) from the one at `from` on that match, with their text, in
    /// order, until it breaks off or about `budget` bytes (at least one block) are searched. Returns as
    /// [`Searcher::each_match`].
    pub fn each_line(
        &self,
        source: &dyn Source,
        from: u64,
        budget: u64,
        each: impl FnMut(Range<u64>, &[u8]) -> ControlFlow<()>,
    ) -> io::Result<Option<u64>> {
        let mut scan = Scan::new(self, source)?;
        let Some(here) = scan.window.piece_at(from)? else { return Ok(None) };
        scan.forward_lines(here.start, budget, each)
    }

    /// The first line that begins at `from` or behind it, or (backwards) the last one that begins before it, that matches
    /// and that `accept` takes. Searches as [`Searcher::next_match`]; the match is the whole line.
    pub fn next_line(
        &self,
        source: &dyn Source,
        from: u64,
        direction: Direction,
        budget: u64,
        mut accept: impl FnMut(&Range<u64>, &[u8]) -> bool,
    ) -> io::Result<Found> {
        match direction {
            Direction::Forward => {
                let mut first = None;
                let resume = self.each_line(source, from, budget, |line, text| {
                    if line.start < from || !accept(&line, text) {
                        return ControlFlow::Continue(());
                    }
                    first = Some(Match { offset: line.start, len: line.end - line.start });
                    ControlFlow::Break(())
                })?;
                Ok(Found::of(first, resume))
            }
            Direction::Backward => Scan::new(self, source)?.backward_lines(from, budget, accept),
        }
    }
}

/// Whether a pattern asks for a capital letter; those of its escapes (`\S`, `\W`) are none.
fn has_capital(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(ch) = chars.next() {
        if ch == '\\' {
            chars.next();
        } else if ch.is_uppercase() {
            return true;
        }
    }
    false
}

/// Whether a pattern switches a flag off within itself.
fn clears_flags(pattern: &str) -> bool {
    pattern
        .split("(?")
        .skip(1)
        .any(|rest| rest.chars().take_while(|ch| !matches!(ch, ':' | ')')).any(|ch| ch == '-'))
}

/// The last line of the error: the ones before it draw the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests;
