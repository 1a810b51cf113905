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
mod tests {
    // Proves A11 (search in the log pane) and the design of L3 of the targets (search in slices, both ways).
    use super::*;
    use crate::log::lines_after;
    use proptest::prelude::*;
    use rstest::rstest;

    /// All matches by definition: line by line over the whole text.
    fn naive(searcher: &Searcher, bytes: &[u8]) -> Vec<Match> {
        let mut matches = Vec::new();
        let mut start = 0;
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            matches.extend(
                searcher
                    .regex
                    .find_iter(text)
                    .map(|found| Match { offset: start + found.start() as u64, len: found.len() as u64 }),
            );
            start += line.len() as u64;
        }
        matches
    }

    /// All matches by walking, in slices of `budget` bytes.
    fn walk(searcher: &Searcher, bytes: &Vec<u8>, direction: Direction, budget: u64) -> Vec<Match> {
        let mut matches = Vec::new();
        let mut from = if direction == Direction::Forward { 0 } else { bytes.len() as u64 + 1 };
        loop {
            match searcher.next_match(bytes, from, direction, budget).unwrap() {
                Found::Match(found) => {
                    matches.push(found);
                    from = if direction == Direction::Forward { found.offset + 1 } else { found.offset };
                }
                Found::NotYet(resume) => {
                    assert_ne!(resume, from, "always on");
                    from = resume;
                }
                Found::End => break,
            }
        }
        if direction == Direction::Backward {
            matches.reverse();
        }
        matches
    }

    /// The lines that match, by walking in slices.
    fn walk_lines(searcher: &Searcher, bytes: &Vec<u8>, budget: u64) -> Vec<Range<u64>> {
        let (mut lines, mut from) = (Vec::new(), Some(0));
        while let Some(at) = from {
            from = searcher
                .each_line(bytes, at, budget, |line, text| {
                    let end = usize::try_from(line.end).unwrap();
                    assert!(bytes[..end].strip_suffix(b"\n").unwrap_or(&bytes[..end]).ends_with(text));
                    lines.push(line);
                    ControlFlow::Continue(())
                })
                .unwrap();
        }
        lines
    }

    /// The lines that match, from one to the next.
    fn step_lines(searcher: &Searcher, bytes: &Vec<u8>, direction: Direction, budget: u64) -> Vec<u64> {
        let mut starts = Vec::new();
        let mut from = if direction == Direction::Forward { 0 } else { bytes.len() as u64 };
        loop {
            match searcher.next_line(bytes, from, direction, budget, |_, _| true).unwrap() {
                Found::Match(line) => {
                    starts.push(line.offset);
                    from = if direction == Direction::Forward { line.offset + line.len } else { line.offset };
                }
                Found::NotYet(resume) => from = resume,
                Found::End => break,
            }
        }
        if direction == Direction::Backward {
            starts.reverse();
        }
        starts
    }

    fn check(searcher: &Searcher, bytes: &Vec<u8>, budget: u64) {
        let expected = naive(searcher, bytes);
        let mut lines: Vec<Range<u64>> = Vec::new();
        for found in &expected {
            // A match at the very end, behind the last newline, is in no line.
            let Some(line) = crate::log::line_at(bytes, found.offset).unwrap() else { continue };
            if lines.last().is_none_or(|last| last.start < line.start) {
                lines.push(line.start..line.end);
            }
        }
        assert_eq!(walk_lines(searcher, bytes, budget), lines, "line by line");
        let starts: Vec<u64> = lines.iter().map(|line| line.start).collect();
        for direction in [Direction::Forward, Direction::Backward] {
            assert_eq!(step_lines(searcher, bytes, direction, budget), starts, "{direction:?}");
        }
        assert_eq!(walk(searcher, bytes, Direction::Forward, budget), expected, "forwards");
        assert_eq!(walk(searcher, bytes, Direction::Backward, budget), expected, "backwards");
    }

    #[rstest]
    #[case("error", "An Error here", true)]
    #[case("Error", "an error here", false)]
    #[case(r"\Srror", "ERROR", true)]
    #[case("größe", "GRÖSSE GRÖẞE", true)]
    fn lower_case_finds_either(#[case] pattern: &str, #[case] text: &str, #[case] found: bool) {
        assert_eq!(Searcher::regex(pattern).unwrap().matches_in(text.as_bytes()).next().is_some(), found);
    }

    #[rstest]
    #[case("E1124 10:22:33.123456 123 main.cc:3] failed")]
    #[case("F0101 00:00:12.5 1 x.cc:1] ERROR")]
    #[case("ValueError: bad shape")]
    #[case("thread 'main' panicked at src/main.rs:3:5:")]
    #[case(r#"{"level":"critical"}"#)]
    fn likely_errors_are_proposed(#[case] line: &str) {
        assert!(Searcher::likely_errors().unwrap().matches_in(line.as_bytes()).next().is_some());
    }

    #[test]
    fn a_literal_has_no_syntax() {
        let searcher = Searcher::literal("loss[0] = (x)").unwrap();
        assert_eq!(searcher.matches_in(b"the Loss[0] = (x)").next(), Some(4..17));
    }

    #[test]
    fn a_bad_pattern_says_what_is_wrong() {
        let message = Searcher::regex("(unclosed").unwrap_err().to_string();
        assert_eq!(message, "cannot search for `(unclosed`: unclosed group");
    }

    #[rstest]
    #[case("needle")]
    #[case("^a")]
    #[case("a$")]
    #[case("^$")]
    #[case("a*")]
    #[case(r"a\s+b")]
    #[case("[^x]+x")]
    #[case("(?s)a.*b")]
    #[case(r"\Aa")]
    #[case(r"b\z")]
    #[case("(?-m)^a")]
    #[case(r"\bab\b|\Bb")]
    #[case("\n")]
    fn walking_finds_what_the_definition_does(#[case] pattern: &str) {
        let text = "a b\r\nab\n\n xa\nneedle needleneedle\nb\na\r\n\r\nbbb ab xx a\tb".repeat(7);
        let mut searcher = Searcher::regex(pattern).unwrap();
        for block in [1, 5, 64, 100_000] {
            searcher.block = block;
            for budget in [1, 50, u64::MAX] {
                check(&searcher, &text.clone().into_bytes(), budget);
            }
        }
    }

    #[rstest]
    #[case("needle")]
    #[case(r"\d+needle")]
    fn matches_across_the_cuts_of_a_long_line_are_found(#[case] pattern: &str) {
        let mut bytes = vec![b'.'; 400_000];
        for at in (20_480..390_000).step_by(20_480).flat_map(|at| [at - 5, at + 7_000]) {
            bytes[at..at + 8].copy_from_slice(b"12needle");
        }
        bytes[10] = b'\n';
        let cut = lines_after(&bytes, 11, 2).unwrap()[1].start;
        let cut = usize::try_from(cut).unwrap();
        assert!((1..8).any(|back| bytes[cut - back..].starts_with(b"12needle")), "a match lies across a cut");
        let mut searcher = Searcher::regex(pattern).unwrap();
        for block in [70_000, BLOCK] {
            searcher.block = block;
            check(&searcher, &bytes, 1);
        }
    }

    #[test]
    fn a_cut_is_no_word_boundary_and_no_start_of_a_line() {
        let mut bytes = vec![b'x'; 400_000];
        for at in (20_980..390_000).step_by(20_480) {
            bytes[at] = b' ';
        }
        check(&Searcher::regex(r"\bx").unwrap(), &bytes, 1);
        check(&Searcher::regex(r"^x| x").unwrap(), &bytes, 1);
    }

    #[test]
    fn a_slice_of_a_search_reads_no_more_than_its_budget() {
        let bytes = "nothing to be found here\n".repeat(100_000).into_bytes();
        let searcher = Searcher::literal("needle").unwrap();
        let Found::NotYet(resume) = searcher.next_match(&bytes, 0, Direction::Forward, 1).unwrap() else {
            panic!("the log is longer than a block");
        };
        assert!(resume <= BLOCK && resume > BLOCK / 2);
        let end = bytes.len() as u64;
        let Found::NotYet(resume) = searcher.next_match(&bytes, end, Direction::Backward, 1).unwrap() else {
            panic!("the log is longer than a block");
        };
        assert!(end - resume <= BLOCK && end - resume > BLOCK / 2);
    }

    proptest! {
        #[test]
        fn any_bytes_any_pattern_any_block(
            bytes in prop::collection::vec(
                prop_oneof![3 => Just(b'\n'), 1 => Just(b'\r'), 8 => b'a'..=b'd', 1 => any::<u8>()], 0..200),
            pattern in prop_oneof![
                "[a-d]{1,3}",
                prop::sample::select(vec!["[a-d]+$", "^[a-d]", "[^a]{1,2}b", "a|[cd]+", r"\b.", r"a\B", "[^a]*c", "c*", r"\w+"])
                    .prop_map(str::to_owned),
            ],
            (block, budget) in (1u64..80, 1u64..100),
        ) {
            let mut searcher = Searcher::regex(&pattern).unwrap();
            searcher.block = block;
            check(&searcher, &bytes, budget);
        }

        #[test]
        fn any_lines_with_texts_that_matches_have_within_them(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "step ", "1", "22", "99999 ", "ERROR", "error", "Straße", "STRASSE", "\u{17f}tep", " ", "\r", "\n", "\r\n", "\n",
                ]),
                0..60,
            ),
            broken in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
            pattern in prop::sample::select(vec![
                r"step \d+99999 ", r"\d+(99999 |ERROR)+", r"^.* ERROR$", r"\d\s+ERROR", r"[^x]+Stra(ß|SS)e", r"\w+ error", r"\d* ?straße",
                r"\d+\bstep\b", r"(?-u)\d[^\n]*\xFF", r"\AStep|\d+ERROR\z", r".*99999 $", r"\d{2,}step(?:99999 |ERROR)",
            ]),
            (block, budget) in (1u64..120, 1u64..150),
        ) {
            let mut bytes = words.concat().into_bytes();
            if !bytes.is_empty() {
                for at in &broken {
                    *at.get_mut(&mut bytes) = 0xFF;
                }
            }
            let mut searcher = Searcher::regex(pattern).unwrap();
            searcher.block = block;
            check(&searcher, &bytes, budget);
        }
    }
}
