//! The block-by-block part of a search, see [`search`](super::search).

use std::io;
use std::ops::{ControlFlow, Range};

use memchr::{memchr, memrchr};

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

/// A search under way: a block of text, and a window to find the lines in it.
pub(super) struct Scan<'a> {
    searcher: &'a Searcher,
    source: &'a dyn Source,
    pub window: Window<'a>,
    text: Vec<u8>,
    /// Where `text` begins in the source.
    base: u64,
}

impl<'a> Scan<'a> {
    pub fn new(searcher: &'a Searcher, source: &'a dyn Source) -> io::Result<Self> {
        Ok(Self { searcher, source, window: Window::new(source)?, text: Vec::new(), base: 0 })
    }

    /// `low` is the start of a line or of a piece of one. Returns where to go on, unless it is done or `each` broke off.
    pub fn forward(
        &mut self,
        mut low: u64,
        budget: u64,
        mut each: impl FnMut(Match) -> ControlFlow<()>,
    ) -> io::Result<Option<u64>> {
        let stop = low.saturating_add(budget);
        while low < self.window.len() {
            let high = self.block_from(low)?;
            if self.visit(low, high, &mut each)?.is_break() {
                return Ok(None);
            }
            low = high;
            if low >= stop && low < self.window.len() {
                return Ok(Some(low));
            }
        }
        Ok(None)
    }

    /// `high` is the end of a line or of a piece of one.
    pub fn backward(&mut self, mut high: u64, from: u64, budget: u64) -> io::Result<Found> {
        let stop = high.saturating_sub(budget);
        while high > 0 {
            let low = self.block_to(high)?;
            let mut last = None;
            let _ = self.visit(low, high, |found| {
                if found.offset >= from {
                    return ControlFlow::Break(());
                }
                last = Some(found);
                ControlFlow::Continue(())
            })?;
            if let Some(found) = last {
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
        while at < high {
            if vain < MAX_VAIN && !self.searcher.line_by_line {
                let from = span(at - self.base);
                if from > self.text.len() {
                    break;
                }
                let Some(proposed) = self.searcher.regex.find_at(&self.text, from) else { break };
                at = self.base + proposed.start() as u64;
            }
            let Some(piece) = self.window.piece_at(at)?.filter(|_| at < high) else { break };
            let matches = self.matches_of(piece)?;
            if matches.is_empty() {
                vain += 1;
            }
            for found in matches {
                if each(found).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            at = piece.end;
        }
        Ok(ControlFlow::Continue(()))
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
