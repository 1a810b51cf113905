//! A set of lines of a log, kept as byte ranges in a few bytes each: what a filter shows, what a search has hit.

use std::ops::Range;

use super::varint;

/// How many ranges share one entry of the directory.
const BLOCK: usize = 64;

/// Sorted byte ranges that do not overlap. They are added at the end; the last can be cut off again.
///
/// The distances from end to start and from start to end are variable-length integers (LEB128), two to five bytes a
/// range, in blocks whose first start is known.
#[derive(Clone, Debug, Default)]
pub struct LineSet {
    blocks: Vec<Block>,
    bytes: Vec<u8>,
    /// Those in `bytes`.
    stored: usize,
    /// The end of the last of those in `bytes`.
    stored_end: u64,
    /// The last one, which may still grow.
    last: Option<Range<u64>>,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    /// Where it begins in the encoded bytes.
    at: usize,
    /// The start of its first range.
    start: u64,
}

impl LineSet {
    /// How many ranges there are.
    pub fn len(&self) -> usize {
        self.stored + usize::from(self.last.is_some())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// Adds a range behind all others; one that begins before their end, or is empty, is left out.
    pub fn push(&mut self, range: Range<u64>) {
        if range.is_empty() || self.last.as_ref().is_some_and(|last| range.start < last.end) {
            return;
        }
        if let Some(last) = self.last.replace(range) {
            self.store(&last);
        }
    }

    /// Adds a range behind all others, as one with the last if they touch.
    pub fn join(&mut self, range: Range<u64>) {
        match &mut self.last {
            Some(last) if last.end == range.start && !range.is_empty() => last.end = range.end,
            _ => self.push(range),
        }
    }

    /// Cuts off what lies at `at` or behind it, as far as the last range reaches.
    pub fn cut_last(&mut self, at: u64) {
        match &mut self.last {
            Some(last) if last.start >= at => {
                self.last = None;
                if self.stored > 0 {
                    self.last = self.nth(self.stored - 1);
                    self.unstore();
                }
            }
            Some(last) => last.end = last.end.min(at),
            None => {}
        }
    }

    /// The range with this number, from 0.
    pub fn nth(&self, n: usize) -> Option<Range<u64>> {
        if n == self.stored {
            return self.last.clone();
        }
        if n > self.stored {
            return None;
        }
        self.block(n / BLOCK).nth(n % BLOCK)
    }

    /// How many ranges begin before `at`.
    pub fn before(&self, at: u64) -> usize {
        if self.last.as_ref().is_some_and(|last| last.start < at) {
            return self.len();
        }
        let Some(block) = self.blocks.partition_point(|block| block.start < at).checked_sub(1) else {
            return 0;
        };
        block * BLOCK + self.block(block).take_while(|range| range.start < at).count()
    }

    /// The range that `at` lies in.
    pub fn containing(&self, at: u64) -> Option<Range<u64>> {
        let n = self.before(at.saturating_add(1)).checked_sub(1)?;
        self.nth(n).filter(|range| range.contains(&at))
    }

    /// From the start of the first to the end of the last.
    pub fn bounds(&self) -> Range<u64> {
        let first = self.nth(0).map_or(0, |range| range.start);
        first..self.last.as_ref().map_or(first, |last| last.end)
    }

    fn store(&mut self, range: &Range<u64>) {
        let mut gap = range.start - self.stored_end;
        if self.stored.is_multiple_of(BLOCK) {
            self.blocks.push(Block { at: self.bytes.len(), start: range.start });
            gap = 0;
        }
        varint::push(&mut self.bytes, gap);
        varint::push(&mut self.bytes, range.end - range.start);
        self.stored += 1;
        self.stored_end = range.end;
    }

    /// Takes the last stored range out of the bytes.
    fn unstore(&mut self) {
        let n = self.stored - 1;
        let block = n / BLOCK;
        let mut decoder = self.block(block);
        decoder.by_ref().take(n % BLOCK).for_each(drop);
        let (at, end) = (decoder.at, decoder.end);
        self.bytes.truncate(at);
        if n.is_multiple_of(BLOCK) {
            self.blocks.pop();
            self.stored_end =
                n.checked_sub(1).and_then(|before| self.nth(before)).map_or(0, |range| range.end);
        } else {
            self.stored_end = end;
        }
        self.stored = n;
    }

    fn block(&self, number: usize) -> Decoder<'_> {
        let (at, start) =
            self.blocks.get(number).map_or((self.bytes.len(), 0), |block| (block.at, block.start));
        let left = self.stored.saturating_sub(number * BLOCK).min(BLOCK);
        Decoder { bytes: &self.bytes, at, end: start, left }
    }
}

/// Reads the ranges of one block.
struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The end of the range before.
    end: u64,
    left: usize,
}

impl Iterator for Decoder<'_> {
    type Item = Range<u64>;

    fn next(&mut self) -> Option<Range<u64>> {
        self.left = self.left.checked_sub(1)?;
        let start = self.end + varint::read(self.bytes, &mut self.at);
        self.end = start + varint::read(self.bytes, &mut self.at);
        Some(start..self.end)
    }
}

#[cfg(test)]
mod tests {
    // Proves the design of L2 and L3 of the targets (a few bytes a hit, found by place and by number).
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hit_takes_a_few_bytes() {
        let mut set = LineSet::default();
        for line in 0..1_000_000_u64 {
            set.push(line * 700..line * 700 + 330);
        }
        let bytes = set.bytes.len() + set.blocks.len() * size_of::<Block>();
        assert!(bytes < 4_300_000, "{bytes} bytes");
        assert_eq!(set.nth(999_999), Some(699_999_300..699_999_630));
    }

    proptest! {
        #[test]
        fn it_is_the_list_it_was_made_from(
            steps in prop::collection::vec((prop_oneof![Just(0u64), 1u64..300, any::<u32>().prop_map(u64::from)], 1u64..200, any::<bool>(), 0u8..12), 0..400),
            probes in prop::collection::vec(any::<prop::sample::Index>(), 20),
        ) {
            let (mut set, mut naive) = (LineSet::default(), Vec::<Range<u64>>::new());
            let mut end = 0;
            for (gap, len, join, cut) in steps {
                let range = end + gap..end + gap + len;
                end = range.end;
                if join {
                    set.join(range.clone());
                    match naive.last_mut() {
                        Some(last) if last.end == range.start => last.end = range.end,
                        _ => naive.push(range),
                    }
                } else {
                    set.push(range.clone());
                    naive.push(range);
                }
                if cut == 0 {
                    let last = naive.last().unwrap().clone();
                    set.cut_last(last.start);
                    naive.pop();
                    end = last.start;
                } else if cut == 1 && len > 1 {
                    set.cut_last(end - 1);
                    naive.last_mut().unwrap().end -= 1;
                    end -= 1;
                }
            }
            prop_assert_eq!(set.len(), naive.len());
            for (n, range) in naive.iter().enumerate() {
                prop_assert_eq!(set.nth(n), Some(range.clone()));
            }
            prop_assert_eq!(set.nth(naive.len()), None);
            for probe in probes {
                let at = probe.index(usize::try_from(end).unwrap() + 2) as u64;
                prop_assert_eq!(set.before(at), naive.iter().filter(|range| range.start < at).count());
                prop_assert_eq!(set.containing(at), naive.iter().find(|range| range.contains(&at)).cloned());
            }
            let bounds = naive.first().map_or(0, |r| r.start)..naive.last().map_or(0, |r| r.end);
            prop_assert_eq!(set.bounds(), bounds);
        }
    }
}
