//! Which stretch of a merged log comes from which part, in about three bytes each: ten runs that write fifty lines a
//! second make forty million in a day.

use super::varint;

/// How many segments share one entry of the directory, and how many more for each part: an entry holds a position of each.
const BLOCK: usize = 64;
const BLOCK_PER_PART: usize = 8;

/// A stretch of the merged log that comes from one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Where it begins in the merged log.
    pub at: u64,
    /// Where the next one begins.
    pub end: u64,
    /// Where it begins in its part.
    pub from: u64,
    /// The number of its part.
    pub part: usize,
    /// Its last byte is a newline that its part has not.
    pub closed: bool,
}

impl Segment {
    /// Where the bytes end that its part has.
    pub fn text_end(&self) -> u64 {
        self.end - u64::from(self.closed)
    }
}

/// The segments of a merged log, in order. Those of one part follow each other in it without a gap, so of each only the
/// part and the length are kept, as variable-length integers, in blocks of which it is known where in the merged log and
/// in each part they begin.
#[derive(Clone, Debug, Default)]
pub(super) struct Segments {
    blocks: Vec<Block>,
    bytes: Vec<u8>,
    /// For each block the position in each of the parts there were.
    positions: Vec<u64>,
    /// Those in `bytes`.
    stored: usize,
    /// Up to where in each part its segments in `bytes` reach.
    taken: Vec<u64>,
    /// The last one, which may still grow.
    last: Option<Segment>,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    /// The number of its first segment, and where that begins in the merged log.
    first: usize,
    at: u64,
    /// Where it begins in the encoded bytes and in the positions.
    byte: usize,
    position: usize,
}

impl Segments {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.stored + usize::from(self.last.is_some())
    }

    /// The length of the merged log.
    pub fn len(&self) -> u64 {
        self.last.map_or(0, |last| last.end)
    }

    /// Goes on with `text` bytes of a part; `closed` adds the newline that it lacks.
    pub fn add(&mut self, part: usize, text: u64, closed: bool) {
        let len = text + u64::from(closed);
        match &mut self.last {
            Some(last) if last.part == part && !last.closed => {
                last.end += len;
                last.closed = closed;
            }
            _ => {
                self.store_last();
                let (at, from) = (self.len(), self.taken.get(part).copied().unwrap_or(0));
                self.last = Some(Segment { at, end: at + len, from, part, closed });
            }
        }
    }

    /// The segment with this number, from 0.
    pub fn nth(&self, n: usize) -> Option<Segment> {
        let block = self.blocks.partition_point(|block| block.first <= n);
        self.blocks_from(block).find(|(number, _)| *number == n).map(|(_, segment)| segment)
    }

    /// The segments from the one on that `offset` lies in.
    pub fn from(&self, offset: u64) -> impl Iterator<Item = Segment> {
        let block = self.blocks.partition_point(|block| block.at <= offset);
        self.blocks_from(block).map(|(_, segment)| segment).skip_while(move |segment| segment.end <= offset)
    }

    fn store_last(&mut self) {
        let Some(last) = self.last else { return };
        let first = self.blocks.last().map_or(0, |block| block.first);
        if self.blocks.is_empty() || self.stored - first >= BLOCK + BLOCK_PER_PART * self.taken.len() {
            let (byte, position) = (self.bytes.len(), self.positions.len());
            self.blocks.push(Block { first: self.stored, at: last.at, byte, position });
            self.positions.extend(&self.taken);
        }
        let text = last.text_end() - last.at;
        varint::push(&mut self.bytes, last.part as u64);
        varint::push(&mut self.bytes, text << 1 | u64::from(last.closed));
        self.stored += 1;
        if self.taken.len() <= last.part {
            self.taken.resize(last.part + 1, 0);
        }
        self.taken[last.part] = last.from + text;
    }

    /// The segments, with their numbers, from the last of the first `blocks` blocks on.
    fn blocks_from(&self, blocks: usize) -> impl Iterator<Item = (usize, Segment)> {
        let block = blocks.checked_sub(1).and_then(|number| self.blocks.get(number)).copied();
        let positions = block.map_or(&[][..], |block| {
            let next = self.blocks.get(blocks).map_or(self.positions.len(), |next| next.position);
            &self.positions[block.position..next]
        });
        let start = block.unwrap_or(Block {
            first: self.stored,
            at: self.len(),
            byte: self.bytes.len(),
            position: 0,
        });
        let (mut at, mut byte, mut taken) = (start.at, start.byte, positions.to_vec());
        let stored = (start.first..self.stored).map(move |number| {
            let part = usize::try_from(varint::read(&self.bytes, &mut byte)).unwrap_or(usize::MAX);
            let len = varint::read(&self.bytes, &mut byte);
            let (text, closed) = (len >> 1, len & 1 == 1);
            if taken.len() <= part {
                taken.resize(part + 1, 0);
            }
            let segment = Segment { at, end: at + text + (len & 1), from: taken[part], part, closed };
            taken[part] += text;
            at = segment.end;
            (number, segment)
        });
        stored.chain(self.last.map(|last| (self.stored, last)))
    }
}

#[cfg(test)]
mod tests {
    // Proves the design of S6 of the targets (ten logs merged for a day fit into memory).
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_segment_takes_about_three_bytes() {
        let mut segments = Segments::default();
        for line in 0..1_000_000 {
            segments.add(line % 10, 60 + line as u64 % 100, false);
        }
        let bytes =
            segments.bytes.len() + segments.positions.len() * 8 + segments.blocks.len() * size_of::<Block>();
        assert!(bytes < 3_800_000, "{bytes} bytes");
        assert_eq!(segments.nth(999_999).map(|last| last.part), Some(9));
    }

    proptest! {
        #[test]
        fn they_are_the_list_they_were_made_from(
            steps in prop::collection::vec((0usize..5, 1u64..300, prop::bool::weighted(0.05)), 0..600),
            probes in prop::collection::vec(any::<prop::sample::Index>(), 20),
        ) {
            let (mut segments, mut naive) = (Segments::default(), Vec::<Segment>::new());
            let mut taken = [0; 5];
            for (part, text, closed) in steps {
                segments.add(part, text, closed);
                let (at, from) = (naive.last().map_or(0, |last| last.end), taken[part]);
                taken[part] += text;
                let end = at + text + u64::from(closed);
                match naive.last_mut() {
                    Some(last) if last.part == part && !last.closed => (last.end, last.closed) = (end, closed),
                    _ => naive.push(Segment { at, end, from, part, closed }),
                }
            }
            prop_assert_eq!(segments.count(), naive.len());
            prop_assert_eq!(segments.len(), naive.last().map_or(0, |last| last.end));
            prop_assert_eq!(segments.nth(naive.len()), None);
            prop_assert_eq!(segments.from(segments.len()).next(), None);
            for probe in probes.iter().filter(|_| !naive.is_empty()) {
                let n = probe.index(naive.len());
                prop_assert_eq!(segments.nth(n), Some(naive[n]));
                let offset = probe.index(usize::try_from(segments.len()).unwrap()) as u64;
                let rest: Vec<_> = naive.iter().copied().filter(|segment| segment.end > offset).collect();
                prop_assert_eq!(segments.from(offset).collect::<Vec<_>>(), rest);
            }
        }
    }
}
