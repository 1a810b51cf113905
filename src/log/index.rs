//! Line numbers of a log: from a number to a position and back.
//!
//! The index keeps no position of any line. It keeps, for each block of 64 KiB, how many newlines come before it. Building
//! it is counting newlines and nothing else, which runs at the speed of memory; a look-up is a binary search and a scan of
//! one block, whether the log has a billion empty lines or one line of a gigabyte; and it takes 8 bytes a block: 400 KB
//! for 3.3 GB.

use std::io;

use memchr::memchr_iter;

use super::lines::span;
use super::source::Source;

/// The distance of two entries in bytes.
const BLOCK: u64 = 64 * 1024;

/// What is read at a time.
const READ: u64 = 4 * BLOCK;

/// How much of the end of the indexed part is kept to see whether the file is still the same.
const ANCHOR: usize = 64;

/// A line index that grows with its log.
#[derive(Debug, Clone)]
pub struct LineIndex {
    /// For each block begun, the number of newlines before it.
    newlines_before: Vec<u64>,
    newlines: u64,
    indexed: u64,
    /// The last bytes indexed, at most [`ANCHOR`].
    anchor: Vec<u8>,
}

/// How far an index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes indexed so far.
    pub indexed: u64,
    /// Bytes there are.
    pub total: u64,
    /// Lines in the indexed part; a last one without a newline counts.
    pub lines: u64,
    /// The log had been truncated or rewritten, and the index began anew: positions known before mean nothing now.
    pub restarted: bool,
}

impl Progress {
    /// Whether everything there was is indexed.
    pub fn is_complete(&self) -> bool {
        self.indexed >= self.total
    }
}

impl Default for LineIndex {
    fn default() -> Self {
        Self { newlines_before: vec![0], newlines: 0, indexed: 0, anchor: Vec::new() }
    }
}

impl LineIndex {
    /// Indexes up to about `budget` further bytes (at least one read, so that it always gets on) and what was appended
    /// since the last call. If the file is no longer what was indexed, it begins anew.
    pub fn extend(&mut self, source: &dyn Source, budget: u64) -> io::Result<Progress> {
        let total = source.len()?;
        let restarted = !self.still_fits(source, total)?;
        if restarted {
            *self = Self::default();
        }
        let target = total.min(self.indexed.saturating_add(budget.max(1)));
        let mut buffer = vec![0; span((target - self.indexed).min(READ))];
        while self.indexed < target {
            let wanted = span((target - self.indexed).min(READ));
            let read = source.read_full_at(self.indexed, &mut buffer[..wanted])?;
            self.push(&buffer[..read]);
            if read < wanted {
                break;
            }
        }
        Ok(Progress { indexed: self.indexed, total, lines: self.lines(), restarted })
    }

    /// The number of lines in the indexed part; a last one without a newline counts.
    pub fn lines(&self) -> u64 {
        let open = self.anchor.last().is_some_and(|&byte| byte != b'\n');
        self.newlines + u64::from(open)
    }

    /// The number of bytes indexed.
    pub fn indexed(&self) -> u64 {
        self.indexed
    }

    /// Where line `n` (from 0) starts; `None` if it is not indexed, or no longer in the file.
    pub fn offset_of_line(&self, n: u64, source: &dyn Source) -> io::Result<Option<u64>> {
        if n >= self.lines() {
            return Ok(None);
        }
        // It starts behind the n-th newline, which is in the last block with fewer before it.
        let Some(block) = self.newlines_before.partition_point(|&before| before < n).checked_sub(1) else {
            return Ok(Some(0));
        };
        let start = block as u64 * BLOCK;
        let bytes = self.read(source, start, start + BLOCK)?;
        let nth = span(n - self.newlines_before[block] - 1);
        Ok(memchr_iter(b'\n', &bytes).nth(nth).map(|newline| start + newline as u64 + 1))
    }

    /// The number (from 0) of the line that `offset` lies in; `None` if it is not indexed. The end of the indexed part
    /// belongs to the line that begins or goes on there.
    pub fn line_of_offset(&self, offset: u64, source: &dyn Source) -> io::Result<Option<u64>> {
        let block = span(offset / BLOCK);
        match self.newlines_before.get(block) {
            Some(before) if offset <= self.indexed => {
                let bytes = self.read(source, block as u64 * BLOCK, offset)?;
                Ok(Some(before + memchr_iter(b'\n', &bytes).count() as u64))
            }
            _ => Ok(None),
        }
    }

    fn push(&mut self, mut bytes: &[u8]) {
        let kept = bytes.len().min(ANCHOR);
        self.anchor.extend_from_slice(&bytes[bytes.len() - kept..]);
        self.anchor.drain(..self.anchor.len().saturating_sub(ANCHOR));
        while !bytes.is_empty() {
            let room = span(BLOCK - self.indexed % BLOCK);
            let (block, rest) = bytes.split_at(room.min(bytes.len()));
            self.newlines += memchr_iter(b'\n', block).count() as u64;
            self.indexed += block.len() as u64;
            if self.indexed.is_multiple_of(BLOCK) {
                self.newlines_before.push(self.newlines);
            }
            bytes = rest;
        }
    }

    /// Whether the bytes that were indexed last are still where they were.
    fn still_fits(&self, source: &dyn Source, total: u64) -> io::Result<bool> {
        if total < self.indexed {
            return Ok(false);
        }
        let bytes = self.read(source, self.indexed - self.anchor.len() as u64, self.indexed)?;
        Ok(bytes == self.anchor)
    }

    fn read(&self, source: &dyn Source, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; span(to.min(self.indexed).saturating_sub(from))];
        let read = source.read_full_at(from, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    // Proves A11 (numbered log views) and the design of L2 of the targets (a sparse index).
    use super::*;
    use proptest::prelude::*;

    fn indexed(bytes: &Vec<u8>) -> LineIndex {
        let mut index = LineIndex::default();
        assert!(index.extend(bytes, u64::MAX).unwrap().is_complete());
        index
    }

    fn naive_starts(bytes: &[u8]) -> Vec<u64> {
        bytes
            .split_inclusive(|&byte| byte == b'\n')
            .scan(0, |next, line| {
                let start = *next;
                *next += line.len() as u64;
                Some(start)
            })
            .collect()
    }

    fn check(index: &LineIndex, bytes: &Vec<u8>) {
        let starts = naive_starts(bytes);
        assert_eq!(index.lines(), starts.len() as u64);
        for (line, &start) in starts.iter().enumerate() {
            assert_eq!(index.offset_of_line(line as u64, bytes).unwrap(), Some(start));
            assert_eq!(index.line_of_offset(start, bytes).unwrap(), Some(line as u64));
        }
        assert_eq!(index.offset_of_line(starts.len() as u64, bytes).unwrap(), None);
        assert_eq!(index.line_of_offset(bytes.len() as u64 + 1, bytes).unwrap(), None);
    }

    #[test]
    fn lines_across_blocks_are_found() {
        let block = span(BLOCK);
        for len in [1, 7, 330, block - 1, block, block + 1, 3 * block + 5] {
            let bytes = [vec![b'x'; len - 1], vec![b'\n']].concat().repeat(400_000 / len + 2);
            let index = indexed(&bytes);
            let lines = bytes.len() / len;
            assert_eq!(index.lines(), lines as u64);
            for line in (0..lines).step_by(lines / 9 + 1).chain([lines - 1]) {
                let offset = (line * len) as u64;
                assert_eq!(
                    index.offset_of_line(line as u64, &bytes).unwrap(),
                    Some(offset),
                    "line {line} of {len}"
                );
                let last = offset + len as u64 - 1;
                assert_eq!(index.line_of_offset(last, &bytes).unwrap(), Some(line as u64));
            }
        }
    }

    #[test]
    fn it_is_sparse() {
        let bytes = "x\n".repeat(500_000).into_bytes();
        assert!(indexed(&bytes).newlines_before.len() <= bytes.len() / span(BLOCK) + 1);
    }

    #[test]
    fn a_budget_bounds_one_step_and_steps_reach_the_end() {
        let bytes = "some line\n".repeat(100_000).into_bytes();
        let mut index = LineIndex::default();
        let mut steps = 0;
        while !index.extend(&bytes, 100_000).unwrap().is_complete() {
            steps += 1;
            assert_eq!(index.indexed(), steps * 100_000);
        }
        assert_eq!((steps, index.lines()), (9, 100_000));
    }

    #[test]
    fn truncated_and_rewritten_logs_begin_anew() {
        let mut log = b"one\ntwo\nthree\n".to_vec();
        let mut index = indexed(&log);
        log.truncate(4);
        let progress = index.extend(&log, u64::MAX).unwrap();
        assert_eq!((progress.restarted, progress.lines), (true, 1));

        let rewritten = b"a completely different\nand longer\nlog\n".to_vec();
        let progress = index.extend(&rewritten, u64::MAX).unwrap();
        assert_eq!((progress.restarted, progress.lines), (true, 3));
        check(&index, &rewritten);
        assert!(!index.extend(&rewritten, u64::MAX).unwrap().restarted);
    }

    #[test]
    fn looking_up_in_a_log_that_shrank_is_not_fatal() {
        let log = "line\n".repeat(1000).into_bytes();
        let index = indexed(&log);
        let shorter = log[..10].to_vec();
        assert_eq!(index.offset_of_line(900, &shorter).unwrap(), None);
        index.line_of_offset(4000, &shorter).unwrap();
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_chunking_give_the_naive_index(
            chunks in prop::collection::vec(
                prop::collection::vec(prop_oneof![1 => Just(b'\n'), 2 => any::<u8>()], 0..60), 0..8),
        ) {
            let mut log = Vec::new();
            let mut index = LineIndex::default();
            for chunk in chunks {
                log.extend(chunk);
                prop_assert!(!index.extend(&log, u64::MAX).unwrap().restarted);
                check(&index, &log);
            }
        }
    }
}
