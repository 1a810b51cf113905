//! The block-by-block part of a search, see [`search`](super::search).

use std::cell::OnceCell;
use std::io;
use std::ops::{ControlFlow, Range};

use memchr::{memchr, memrchr};
use regex::bytes::Regex;

use super::lines::{MAX_LINE, Piece, Window, span};
use super::search::{Found, Match, Searcher};
use super::source::Source;

/// How much of a long line is searched behind a piece, for matches that begin in the piece.
const MARGIN: u64 = 4 * 1024;

/// How much of a long line before a piece is looked at: a character, for word boundaries.
const CONTEXT: u64 = 4;

/// How many lines a block may propose in vain before its other lines are searched one by one. An expression that reaches
/// over many lines would otherwise be run over the whole block for each of them.
const MAX_VAIN: usize = 16;

/// A line, or a piece of one, that the expression proposes.
struct Proposed {
    piece: Piece,
    /// The match that proposed it lies within it.
    certain: bool,
    /// Its text in the block, if all of it is there.
    at_hand: Option<Range<usize>>,
}

/// A search under way: a block of text, and a window to find the lines in it.
pub(super) struct Scan<'a> {
    searcher: &'a Searcher,
    source: &'a dyn Source,
    pub window: Window<'a>,
    text: Vec<u8>,
    /// Where `text` begins in the source.
    base: u64,
    /// What is looked for before the expression, once the first block has shown what is rare.
    literal: OnceCell<Option<&'a Regex>>,
}

impl<'a> Scan<'a> {
    pub fn new(searcher: &'a Searcher, source: &'a dyn Source) -> io::Result<Self> {
        Ok(Self {
            searcher,
            source,
            window: Window::new(source)?,
            text: Vec::new(),
            base: 0,
            literal: OnceCell::new(),
        })
    }

    /// `low` is the start of a line or of a piece of one. Returns where to go on, unless it is done or `each` broke off.
    pub fn forward(
        &mut self,
        low: u64,
        budget: u64,
        mut each: impl FnMut(Match) -> ControlFlow<()>,
    ) -> io::Result<Option<u64>> {
        self.blocks(low, budget, |scan, low, high| scan.visit(low, high, &mut each))
    }

    /// The same, line by line.
    pub fn forward_lines(
        &mut self,
        low: u64,
        budget: u64,
        mut each: impl FnMut(Range<u64>, &[u8]) -> ControlFlow<()>,
    ) -> io::Result<Option<u64>> {
        self.blocks(low, budget, |scan, low, high| scan.visit_lines(low, high, &mut each))
    }

    fn blocks(
        &mut self,
        mut low: u64,
        budget: u64,
        mut visit: impl FnMut(&mut Self, u64, u64) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<Option<u64>> {
        let stop = low.saturating_add(budget);
        while low < self.window.len() {
            let high = self.block_from(low)?;
            if visit(self, low, high)?.is_break() {
                return Ok(None);
            }
            low = high;
            if low >= stop && low < self.window.len() {
                return Ok(Some(low));
            }
        }
        Ok(None)
    }

    /// Where the line or piece ends before which a search backwards from `from` begins.
    fn end_of_line(&mut self, from: u64) -> io::Result<u64> {
        Ok(match self.window.piece_at(from)? {
            Some(here) if here.start == from => from,
            Some(here) => here.end,
            None => self.window.len(),
        })
    }

    /// The last match that begins before `from`.
    pub fn backward(&mut self, from: u64, budget: u64) -> io::Result<Found> {
        self.blocks_backward(from, budget, |scan, low, high| {
            let mut last = None;
            let _ = scan.visit(low, high, |found| {
                if found.offset >= from {
                    return ControlFlow::Break(());
                }
                last = Some(found);
                ControlFlow::Continue(())
            })?;
            Ok(last)
        })
    }

    /// The last line that begins before `from`, matches, and is accepted.
    pub fn backward_lines(
        &mut self,
        from: u64,
        budget: u64,
        mut accept: impl FnMut(&Range<u64>, &[u8]) -> bool,
    ) -> io::Result<Found> {
        self.blocks_backward(from, budget, |scan, low, high| {
            let mut last = None;
            let _ = scan.visit_lines(low, high, |line, text| {
                if line.start >= from {
                    return ControlFlow::Break(());
                }
                if accept(&line, text) {
                    last = Some(Match { offset: line.start, len: line.end - line.start });
                }
                ControlFlow::Continue(())
            })?;
            Ok(last)
        })
    }

    fn blocks_backward(
        &mut self,
        from: u64,
        budget: u64,
        mut last_in: impl FnMut(&mut Self, u64, u64) -> io::Result<Option<Match>>,
    ) -> io::Result<Found> {
        let mut high = self.end_of_line(from)?;
        let stop = high.saturating_sub(budget);
        while high > 0 {
            let low = self.block_to(high)?;
            if let Some(found) = last_in(self, low, high)? {
                return Ok(Found::Match(found));
            }
            high = low;
            if high <= stop && high > 0 {
                return Ok(Found::NotYet(high));
            }
        }
        Ok(Found::End)
    }

    /// Reads the block that begins at `low`, which is the start of a line or piece, and finds an end for it that is one
    /// too: the last newline in it, or a cut of a long line.
    fn block_from(&mut self, low: u64) -> io::Result<u64> {
        let target = (low + self.searcher.block).min(self.window.len());
        self.read(low.saturating_sub(CONTEXT), target)?;
        if target == self.window.len() {
            return Ok(target);
        }
        let tail = target.saturating_sub(MAX_LINE).max(low);
        if let Some(newline) = memrchr(b'\n', self.text_of(tail, target)) {
            return Ok(tail + newline as u64 + 1);
        }
        let high = self.boundary(target, low)?;
        self.read(low.saturating_sub(CONTEXT), high + MARGIN)?;
        Ok(high)
    }

    /// The same backwards: `high` is the end of a line or piece.
    fn block_to(&mut self, high: u64) -> io::Result<u64> {
        let target = high.saturating_sub(self.searcher.block);
        self.read(target.saturating_sub(CONTEXT), high + MARGIN)?;
        if target == 0 {
            return Ok(0);
        }
        let head = (target + MAX_LINE).min(high - 1);
        if let Some(newline) = memchr(b'\n', self.text_of(target, head)) {
            return Ok(target + newline as u64 + 1);
        }
        let low = self.window.piece_at(target)?.map_or(target, |piece| piece.start);
        self.read(low.saturating_sub(CONTEXT), high + MARGIN)?;
        Ok(low)
    }

    /// The start of the piece `target` lies in, or its end where it starts at `low` or before.
    fn boundary(&mut self, target: u64, low: u64) -> io::Result<u64> {
        Ok(match self.window.piece_at(target)? {
            Some(piece) if piece.start > low => piece.start,
            Some(piece) => piece.end,
            None => self.window.len(),
        })
    }

    fn read(&mut self, from: u64, to: u64) -> io::Result<()> {
        let to = to.min(self.window.len());
        self.text.resize(span(to.saturating_sub(from)), 0);
        let read = self.source.read_full_at(from, &mut self.text)?;
        self.text.truncate(read);
        self.base = from;
        Ok(())
    }

    fn text_of(&self, from: u64, to: u64) -> &[u8] {
        let held = self.text.len();
        let low = span(from.saturating_sub(self.base)).min(held);
        &self.text[low..span(to.saturating_sub(self.base)).clamp(low, held)]
    }

    /// Shows `each` the matches that begin in `low..high`, in order, until it breaks off.
    fn visit(
        &mut self,
        low: u64,
        high: u64,
        mut each: impl FnMut(Match) -> ControlFlow<()>,
    ) -> io::Result<ControlFlow<()>> {
        let mut vain = 0;
        let mut at = low;
        while let Some(proposed) = self.proposed(at, high, vain)? {
            let matches = self.matches_of(proposed.piece)?;
            if matches.is_empty() {
                vain += 1;
            }
            for found in matches {
                if each(found).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            at = proposed.piece.end;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Shows `each` the lines (or pieces) in `low..high` that match, in order, with their text, until it breaks off.
    fn visit_lines(
        &mut self,
        low: u64,
        high: u64,
        mut each: impl FnMut(Range<u64>, &[u8]) -> ControlFlow<()>,
    ) -> io::Result<ControlFlow<()>> {
        let mut vain = 0;
        let mut at = low;
        while let Some(Proposed { piece, certain, at_hand }) = self.proposed(at, high, vain)? {
            at = piece.end;
            if !certain && self.matches_of(piece)?.is_empty() {
                vain += 1;
                continue;
            }
            let text = match at_hand {
                Some(text) => &self.text[text],
                None => self.window.get(piece.start, piece.text_end)?,
            };
            if each(piece.start..piece.end, text).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The next line (or piece) in `at..high` that may match.
    fn proposed(&mut self, at: u64, high: u64, vain: usize) -> io::Result<Option<Proposed>> {
        if at >= high {
            return Ok(None);
        }
        if vain >= MAX_VAIN || self.searcher.line_by_line {
            return Ok(self.window.piece_at(at)?.map(|piece| Proposed {
                piece,
                certain: false,
                at_hand: None,
            }));
        }
        let mut from = span(at - self.base);
        if from > self.text.len() {
            return Ok(None);
        }
        match self.with_literal(from, high) {
            ControlFlow::Break(proposed) => return Ok(proposed),
            ControlFlow::Continue(passed) => from = passed,
        }
        let Some(found) = self.searcher.regex.find_at(&self.text, from) else { return Ok(None) };
        if self.base + found.start() as u64 >= high {
            return Ok(None);
        }
        if let Some(line) = self.line_at_hand(found.start(), from) {
            let certain = found.end() <= line.start + self.text_of_line(&line).len();
            return Ok(Some(self.whole(&line, certain)));
        }
        let at = self.base + found.start() as u64;
        Ok(self.window.piece_at(at)?.map(|piece| Proposed { piece, certain: false, at_hand: None }))
    }

    /// The next line that has a text which every match has, and matches: all others are passed over without a look.
    /// It breaks with the answer; else the expression decides from the position on to which it has come: in a line that
    /// is not at hand, or because too many lines have the text in vain.
    fn with_literal(&self, from: usize, high: u64) -> ControlFlow<Option<Proposed>, usize> {
        let searcher = self.searcher;
        let Some(literal) = *self.literal.get_or_init(|| searcher.literals.rarest_in(&self.text)) else {
            return ControlFlow::Continue(from);
        };
        let mut at = from;
        for _ in 0..MAX_VAIN {
            let Some(found) = literal.find_at(&self.text, at) else { return ControlFlow::Break(None) };
            let Some(line) = self.line_at_hand(found.start(), at) else { break };
            if self.base + line.start as u64 >= high {
                return ControlFlow::Break(None);
            }
            if searcher.regex.is_match(self.text_of_line(&line)) {
                return ControlFlow::Break(Some(self.whole(&line, true)));
            }
            at = line.end;
        }
        ControlFlow::Continue(at)
    }

    /// Proposes a line that is at hand.
    fn whole(&self, line: &Range<usize>, certain: bool) -> Proposed {
        let position = |index: usize| self.base + index as u64;
        let text_end = line.end - 1;
        let piece = Piece {
            start: position(line.start),
            end: position(line.end),
            text_end: position(text_end),
            continued: false,
        };
        Proposed { piece, certain, at_hand: Some(line.start..text_end) }
    }

    /// What of a line that is at hand is searched.
    fn text_of_line(&self, line: &Range<usize>) -> &[u8] {
        let text = &self.text[line.start..line.end - 1];
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    /// The line that `at` lies in, with its newline, if it is short and all of it is in the block. `from` is the start of a
    /// line or piece before it.
    fn line_at_hand(&self, at: usize, from: usize) -> Option<Range<usize>> {
        let start = match memrchr(b'\n', &self.text[from..at]) {
            Some(newline) => from + newline + 1,
            None if from == 0 && self.base == 0 => 0,
            None => (from.checked_sub(1).and_then(|before| self.text.get(before)) == Some(&b'\n'))
                .then_some(from)?,
        };
        let text_end = at + memchr(b'\n', &self.text[at..])?;
        (text_end - start <= span(MAX_LINE)).then_some(start..text_end + 1)
    }

    /// The matches of a line that begin in this piece of it.
    fn matches_of(&mut self, piece: Piece) -> io::Result<Vec<Match>> {
        let from = if piece.continued { piece.start - CONTEXT } else { piece.start };
        let mut to = piece.text_end;
        let is_cut = piece.text_end == piece.end && piece.end < self.window.len();
        if is_cut {
            let margin = piece.end + MARGIN;
            to = self.window.newline_from(piece.end, margin)?.unwrap_or(margin);
        }
        let mut text = self.window.get(from, to)?;
        text = text.strip_suffix(b"\r").unwrap_or(text);
        let begins_here = |found: &Range<usize>| !is_cut || from + (found.start as u64) < piece.end;
        Ok(self
            .searcher
            .matches_from(text, span(piece.start - from))
            .take_while(begins_here)
            .map(|found| Match { offset: from + found.start as u64, len: found.len() as u64 })
            .collect())
    }
}
