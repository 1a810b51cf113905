//! Where lines begin and end, found locally: from any position, reading a bounded part around it.
//!
//! A line ends with `\n`. A line of more than [`MAX_LINE`] bytes is shown in pieces of at most that many, so that nobody
//! ever holds more. Where it is cut does not depend on where one started reading: cuts lie at multiples of a fixed grid
//! in the file, moved back a little, to the last `\r` (a progress bar that has been redrawn for hours is then cut between
//! two of its pictures) or at least to the start of a UTF-8 character. Whether a line is that long is decided by looking
//! for its ends within [`MAX_LINE`] bytes of the position. Numbering counts lines, not pieces.

use std::io;

use memchr::{memchr, memrchr};

use super::source::Source;

/// The most bytes of text one [`RawLine`] holds; longer lines are cut into pieces.
pub const MAX_LINE: u64 = 64 * 1024;

/// How far before its grid point a cut may lie.
const SLACK: u64 = 4 * 1024;

/// The distance of two grid points: even with the slack no piece is longer than [`MAX_LINE`].
const GRID: u64 = MAX_LINE - SLACK;

/// What is read at a time.
const BLOCK: u64 = 64 * 1024;

/// A line as it is in the file, or a piece of one that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLine {
    /// Where it starts in the file.
    pub start: u64,
    /// Where the next one starts: behind the text and its newline, if it has one.
    pub end: u64,
    /// Its bytes without the newline; at most [`MAX_LINE`].
    pub text: Vec<u8>,
    /// Whether the line began before this piece.
    pub continued: bool,
}

/// The extent of a [`RawLine`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub start: u64,
    pub end: u64,
    /// Where the newline is, or `end` without one.
    pub text_end: u64,
    pub continued: bool,
}

/// A part of a source held in memory, moved to wherever something is asked for.
pub(super) struct Window<'a> {
    source: &'a dyn Source,
    len: u64,
    base: u64,
    bytes: Vec<u8>,
}

/// A difference of two positions as a length in memory. Windows are small, so it always fits.
pub(super) fn span(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

impl<'a> Window<'a> {
    /// A window over what `source` holds now; what is appended later is not seen.
    pub fn new(source: &'a dyn Source) -> io::Result<Self> {
        Ok(Self { source, len: source.len()?, base: 0, bytes: Vec::new() })
    }

    /// The length of the source when the window was made, or what a later read found to be left of it.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The bytes `from..to`, as far as there are any.
    pub fn get(&mut self, from: u64, to: u64) -> io::Result<&[u8]> {
        let to = to.min(self.len);
        if from >= to {
            return Ok(&[]);
        }
        if from < self.base || to > self.base + self.bytes.len() as u64 {
            let base = from / BLOCK * BLOCK;
            let end = to.next_multiple_of(BLOCK).min(self.len);
            self.bytes.resize(span(end - base), 0);
            let read = self.source.read_full_at(base, &mut self.bytes)?;
            self.bytes.truncate(read);
            self.base = base;
            if base + (read as u64) < end {
                self.len = base + read as u64;
            }
        }
        let held = self.bytes.len();
        Ok(&self.bytes[span(from - self.base).min(held)..span(to - self.base).min(held)])
    }

    /// The last newline in `floor..before`.
    pub fn newline_before(&mut self, before: u64, floor: u64) -> io::Result<Option<u64>> {
        let mut position = before.min(self.len);
        while position > floor {
            let low = floor.max((position - 1) / BLOCK * BLOCK);
            if let Some(index) = memrchr(b'\n', self.get(low, position)?) {
                return Ok(Some(low + index as u64));
            }
            position = low;
        }
        Ok(None)
    }

    /// The first newline in `from..ceiling`.
    pub fn newline_from(&mut self, from: u64, ceiling: u64) -> io::Result<Option<u64>> {
        let mut position = from;
        while position < ceiling.min(self.len) {
            let high = ceiling.min((position / BLOCK + 1) * BLOCK);
            if let Some(index) = memchr(b'\n', self.get(position, high)?) {
                return Ok(Some(position + index as u64));
            }
            position = high;
        }
        Ok(None)
    }

    /// The line, or the piece of a line, that `offset` lies in; `None` at the end of the source.
    pub fn piece_at(&mut self, offset: u64) -> io::Result<Option<Piece>> {
        if offset >= self.len {
            return Ok(None);
        }
        let floor = offset.saturating_sub(MAX_LINE + 1);
        let line_start = match self.newline_before(offset, floor)? {
            Some(newline) => Some(newline + 1),
            None => (floor == 0).then_some(0),
        };
        if let Some(start) = line_start {
            if let Some(newline) = self.newline_from(offset, start + MAX_LINE + 1)? {
                return Ok(Some(Piece { start, end: newline + 1, text_end: newline, continued: false }));
            }
            if self.len <= start + MAX_LINE {
                return Ok(Some(Piece { start, end: self.len, text_end: self.len, continued: false }));
            }
        }
        self.piece_of_long_line(offset, line_start).map(Some)
    }

    /// The piece `offset` lies in, of a line known to be too long; `line_start` where it is near enough to be known.
    fn piece_of_long_line(&mut self, offset: u64, line_start: Option<u64>) -> io::Result<Piece> {
        let point = offset / GRID;
        let mut start = None;
        for point in [point + 1, point, point.saturating_sub(1)] {
            let cut = self.cut(point * GRID)?;
            start = cut.filter(|&cut| cut <= offset && line_start.is_none_or(|line_start| cut > line_start));
            if start.is_some() {
                break;
            }
        }
        let mut limit = offset + MAX_LINE;
        for point in [point + 1, point + 2] {
            if let Some(cut) = self.cut(point * GRID)?.filter(|&cut| cut > offset) {
                limit = cut;
                break;
            }
        }
        let newline = self.newline_from(offset, limit)?;
        let text_end = newline.unwrap_or(limit.min(self.len));
        Ok(Piece {
            // Only a source that shrinks meanwhile has neither a start nor a cut before the offset.
            start: start.or(line_start).unwrap_or(offset),
            end: newline.map_or(text_end, |newline| newline + 1),
            text_end,
            continued: start.is_some(),
        })
    }

    /// Where the grid point `at` cuts its line; `None` if it does not lie within one.
    fn cut(&mut self, at: u64) -> io::Result<Option<u64>> {
        let low = at.saturating_sub(SLACK);
        if at == 0 || at >= self.len {
            return Ok(None);
        }
        let Some((&here, before)) = self.get(low, at + 1)?.split_last() else {
            return Ok(None);
        };
        let line = memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        if here == b'\n' || line == before.len() {
            return Ok(None);
        }
        if let Some(redraw) = memrchr(b'\r', &before[line + 1..]) {
            return Ok(Some(low + (line + 1 + redraw) as u64));
        }
        let is_continuation = |byte: u8| byte & 0xC0 == 0x80;
        let mut cut = at;
        if is_continuation(here) {
            let lead = before.iter().rev().take(3).position(|&byte| !is_continuation(byte));
            let lead =
                lead.map(|back| before.len() - 1 - back).filter(|&lead| lead > line && before[lead] >= 0xC0);
            cut = lead.map_or(at, |lead| low + lead as u64);
        }
        Ok(Some(cut))
    }

    /// The line of `piece` with its text.
    pub fn raw_line(&mut self, piece: Piece) -> io::Result<RawLine> {
        let text = self.get(piece.start, piece.text_end)?.to_vec();
        Ok(RawLine { start: piece.start, end: piece.end, text, continued: piece.continued })
    }
}

#[cfg(test)]
mod tests {
    // Proves A11 (views of a log) and P9 of the targets (100 MB lines, invalid UTF-8, bounded memory).
    use super::*;
    use proptest::prelude::*;

    fn pieces(bytes: &Vec<u8>) -> Vec<Piece> {
        let mut window = Window::new(bytes).unwrap();
        let mut pieces = Vec::new();
        let mut position = 0;
        while let Some(piece) = window.piece_at(position).unwrap() {
            assert!(piece.end > position, "always forward");
            position = piece.end;
            pieces.push(piece);
        }
        pieces
    }

    /// Every position of a piece must lead to that very piece.
    fn check(bytes: &Vec<u8>, probes: impl Iterator<Item = u64>) {
        let all = pieces(bytes);
        let mut expected = 0;
        for piece in &all {
            assert_eq!(piece.start, expected);
            assert!(piece.text_end - piece.start <= MAX_LINE);
            assert!(piece.end > piece.start);
            expected = piece.end;
        }
        assert_eq!(expected, bytes.len() as u64);
        let starts = all.iter().filter(|piece| !piece.continued).count();
        let lines = bytes.split_inclusive(|&byte| byte == b'\n').count();
        assert_eq!(starts, lines, "one uncontinued piece a line");
        let mut window = Window::new(bytes).unwrap();
        for probe in probes.filter(|&probe| probe < bytes.len() as u64) {
            let index = all.partition_point(|piece| piece.end <= probe);
            assert_eq!(window.piece_at(probe).unwrap(), Some(all[index]), "from {probe}");
        }
    }

    #[test]
    fn a_line_of_the_limit_is_whole_and_one_byte_more_is_cut() {
        for (len, cut) in [(MAX_LINE, false), (MAX_LINE + 1, true)] {
            for end in ["", "\n", "\nnext\n"] {
                let bytes = [b"first\n", "x".repeat(span(len)).as_bytes(), end.as_bytes()].concat();
                assert_eq!(
                    pieces(&bytes).iter().any(|piece| piece.continued),
                    cut,
                    "{len} bytes, then {end:?}"
                );
                check(&bytes, (0..bytes.len() as u64).step_by(13));
            }
        }
    }

    #[test]
    fn a_newline_on_the_grid_is_no_piece_of_its_own() {
        let bytes = [b"x".repeat(span(2 * GRID)), b"\nnext".to_vec()].concat();
        let ends: Vec<u64> = pieces(&bytes).iter().map(|piece| piece.end).collect();
        assert_eq!(ends, [GRID, 2 * GRID + 1, 2 * GRID + 5]);
        check(&bytes, 2 * GRID - 3..2 * GRID + 5);
    }

    #[test]
    fn cuts_respect_characters() {
        for shift in 0..4 {
            let text = format!("{}{}", "a".repeat(shift), "😀".repeat(50_000));
            for piece in pieces(&text.clone().into_bytes()) {
                assert!(text.get(span(piece.start)..span(piece.text_end)).is_some());
            }
        }
    }

    #[test]
    fn cuts_respect_progress_pictures() {
        let bytes = b"\r  1234/20000 [=====>     ]".repeat(20_000);
        let all = pieces(&bytes);
        assert!(all.len() > 3);
        for piece in all {
            assert_eq!(bytes[span(piece.start)], b'\r');
        }
    }

    #[test]
    fn a_source_that_shrinks_is_read_as_far_as_it_goes() {
        struct Shrinking(Vec<u8>);
        impl Source for Shrinking {
            fn len(&self) -> io::Result<u64> {
                Ok(1 << 30)
            }
            fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
                self.0.read_at(offset, buf)
            }
        }
        let source = Shrinking(b"one\ntwo\nthree".to_vec());
        let mut window = Window::new(&source).unwrap();
        let piece = window.piece_at(9).unwrap().unwrap();
        assert_eq!(window.raw_line(piece).unwrap().text, b"three");
        for offset in [500, 70_000, 1 << 29] {
            let mut window = Window::new(&source).unwrap();
            if let Some(piece) = window.piece_at(offset).unwrap() {
                assert!(window.raw_line(piece).unwrap().text.len() as u64 <= MAX_LINE);
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_the_same_lines_from_everywhere(bytes in prop::collection::vec(
            prop_oneof![4 => Just(b'\n'), 1 => Just(b'\r'), 8 => any::<u8>()], 0..400)) {
            check(&bytes, 0..bytes.len() as u64);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn long_lines_are_cut_the_same_from_everywhere(
            runs in prop::collection::vec(
                (prop_oneof![Just(&b"x"[..]), Just("é".as_bytes()), Just("😀".as_bytes()), Just(&b"\xFF\x80"[..]),
                    Just(&b"\r12%"[..]), Just(&b"\x80"[..])], prop_oneof![1u64..5000, 50_000u64..70_000], any::<bool>()), 1..6),
            probes in prop::collection::vec(any::<prop::sample::Index>(), 60),
        ) {
            let mut bytes = Vec::new();
            for (unit, len, newline) in runs {
                bytes.extend(unit.iter().cycle().take(span(len)));
                bytes.extend(newline.then_some(b'\n'));
            }
            let near_grid = (1..8).flat_map(|point| point * GRID - 3..point * GRID + 3);
            let anywhere: Vec<u64> = probes.iter().map(|probe| probe.index(bytes.len()) as u64).collect();
            check(&bytes, anywhere.into_iter().chain(near_grid));
        }
    }
}
