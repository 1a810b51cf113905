//! The sidecar of a console log: when each part was written, and to which stream.
//!
//! One fixed record for each chunk that was read from the script, in the order of the log: bytes 0..8 the chunk's offset
//! in the log, bytes 8..16 `(microseconds since the Unix epoch << 8) | stream`, both little-endian. Records follow their
//! data, so the end of a log may have none yet; a torn last record is ignored. Nothing is held in memory: a query is a
//! binary search by positioned reads.

use std::io;
use std::ops::Range;

use super::source::Source;

/// The length of a record in bytes.
pub const RECORD_LEN: usize = 16;

/// How many records are read at a time by who goes through them.
const BATCH: usize = 256;

/// The largest time a record can hold: it has 56 bits for it (the year 4253).
const MAX_TIME: u64 = (1 << 56) - 1;

/// Where a script wrote something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// The standard output.
    Stdout,
    /// The standard error.
    Stderr,
}

impl Stream {
    const fn code(self) -> u8 {
        match self {
            Self::Stdout => 1,
            Self::Stderr => 2,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Stdout),
            2 => Some(Self::Stderr),
            _ => None,
        }
    }
}

/// One chunk of a log as its sidecar describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Where in the log the chunk starts.
    pub offset: u64,
    /// When it was read from the script, in microseconds since the Unix epoch.
    pub time_micros: i64,
    /// The stream it was written to.
    pub stream: Stream,
}

impl Record {
    /// The record as it is written. A time before 1970 is written as 0.
    pub fn to_bytes(self) -> [u8; RECORD_LEN] {
        let time = u64::try_from(self.time_micros).unwrap_or(0).min(MAX_TIME);
        let stamp = (time << 8) | u64::from(self.stream.code());
        let mut bytes = [0; RECORD_LEN];
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..].copy_from_slice(&stamp.to_le_bytes());
        bytes
    }

    /// Reads a record; `None` if it names no known stream.
    pub fn from_bytes(bytes: &[u8; RECORD_LEN]) -> Option<Self> {
        let (offset, stamp) = words(bytes);
        let stream = Stream::from_code(stamp.to_le_bytes()[0])?;
        Some(Self { offset, time_micros: time_of(stamp), stream })
    }
}

fn words(bytes: &[u8; RECORD_LEN]) -> (u64, u64) {
    let (mut offset, mut stamp) = ([0; 8], [0; 8]);
    offset.copy_from_slice(&bytes[..8]);
    stamp.copy_from_slice(&bytes[8..]);
    (u64::from_le_bytes(offset), u64::from_le_bytes(stamp))
}

fn time_of(stamp: u64) -> i64 {
    i64::try_from(stamp >> 8).unwrap_or(i64::MAX)
}

/// When something was written, and to which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Microseconds since the Unix epoch.
    pub time_micros: i64,
    /// The stream it was written to.
    pub stream: Stream,
}

/// A sidecar as it is at one moment. Cheap to make: make another to see what was appended since.
#[derive(Clone, Copy)]
pub struct Sidecar<'a> {
    source: &'a dyn Source,
    records: u64,
}

impl<'a> Sidecar<'a> {
    /// The whole records that `source` holds now.
    pub fn new(source: &'a dyn Source) -> io::Result<Self> {
        Ok(Self { source, records: source.len()? / RECORD_LEN as u64 })
    }

    /// When, and to which stream, the byte at `offset` of the log was written. `None` before the first record, and where
    /// the record is damaged. Behind the last record it answers with that record: what came later has none yet.
    pub fn at(&self, offset: u64) -> io::Result<Option<Stamp>> {
        Ok(self.chunk(offset)?.and_then(|(stamp, _)| stamp))
    }

    /// The chunk that holds the byte at `offset`: its stamp, `None` where the record is damaged, and where the next one
    /// begins, `None` while it is the last. Nothing before the first record.
    pub fn chunk(&self, offset: u64) -> io::Result<Option<(Option<Stamp>, Option<u64>)>> {
        let behind = self.partition(|record_offset, _| record_offset <= offset)?;
        let Some(bytes) = behind.checked_sub(1).map(|index| self.bytes(index)).transpose()?.flatten() else {
            return Ok(None);
        };
        let stamp = Record::from_bytes(&bytes)
            .map(|record| Stamp { time_micros: record.time_micros, stream: record.stream });
        Ok(Some((stamp, self.bytes(behind)?.map(|bytes| words(&bytes).0))))
    }

    /// Where in the log the first chunk starts that was written at `time_micros` or later.
    pub fn offset_at(&self, time_micros: i64) -> io::Result<Option<u64>> {
        let index = self.partition(|_, stamp| time_of(stamp) < time_micros)?;
        Ok(self.bytes(index)?.map(|bytes| words(&bytes).0))
    }

    /// The byte ranges of `stream` within `within`, neighbours joined, in order. The last chunk is taken to reach to the
    /// end of `within`.
    pub fn ranges(&self, stream: Stream, within: Range<u64>) -> io::Result<Ranges<'a>> {
        let first = self.partition(|offset, _| offset <= within.start)?.saturating_sub(1);
        Ok(Ranges { records: Records::new(*self), stream, within, next: first, failed: false })
    }

    /// The first record of which `before` (of its offset and its stamp) is false; a sorted sidecar is assumed, and an
    /// unsorted one gives some record.
    fn partition(&self, before: impl Fn(u64, u64) -> bool) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.records);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.bytes(middle)?.map(|bytes| words(&bytes)) {
                Some((offset, stamp)) if before(offset, stamp) => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    fn bytes(&self, index: u64) -> io::Result<Option<[u8; RECORD_LEN]>> {
        if index >= self.records {
            return Ok(None);
        }
        let mut bytes = [0; RECORD_LEN];
        let read = self.source.read_full_at(index * RECORD_LEN as u64, &mut bytes)?;
        Ok((read == RECORD_LEN).then_some(bytes))
    }

    fn batch(&self, first: u64) -> io::Result<Vec<[u8; RECORD_LEN]>> {
        let count = usize::try_from(self.records.saturating_sub(first)).unwrap_or(BATCH).min(BATCH);
        let mut bytes = vec![0; count * RECORD_LEN];
        let read = self.source.read_full_at(first * RECORD_LEN as u64, &mut bytes)?;
        Ok(bytes[..read].as_chunks().0.to_vec())
    }
}

/// The records of a sidecar for who goes through them: many are read at once.
pub(super) struct Records<'a> {
    sidecar: Sidecar<'a>,
    first: u64,
    batch: Vec<[u8; RECORD_LEN]>,
}

impl<'a> Records<'a> {
    /// Those of a sidecar.
    pub const fn new(sidecar: Sidecar<'a>) -> Self {
        Self { sidecar, first: 0, batch: Vec::new() }
    }

    /// Where in the log the chunk of record `index` starts.
    pub fn start_of(&mut self, index: u64) -> io::Result<Option<u64>> {
        Ok(self.bytes(index)?.map(|bytes| words(&bytes).0))
    }

    /// When the chunk of record `index` was written.
    pub fn time_of(&mut self, index: u64) -> io::Result<Option<i64>> {
        Ok(self.bytes(index)?.map(|bytes| time_of(words(&bytes).1)))
    }

    fn bytes(&mut self, index: u64) -> io::Result<Option<[u8; RECORD_LEN]>> {
        let held = self.first..self.first + self.batch.len() as u64;
        if !held.contains(&index) && index < self.sidecar.records {
            // Who looks at the next one looks at the one before, too.
            self.first = index.saturating_sub(1);
            self.batch = self.sidecar.batch(self.first)?;
        }
        let at = index.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        Ok(at.and_then(|at| self.batch.get(at)).copied())
    }
}

/// The byte ranges of one stream; see [`Sidecar::ranges`].
pub struct Ranges<'a> {
    records: Records<'a>,
    stream: Stream,
    within: Range<u64>,
    next: u64,
    failed: bool,
}

impl Ranges<'_> {
    fn advance(&mut self) -> io::Result<Option<Range<u64>>> {
        let mut start = None;
        while let Some(bytes) = self.records.bytes(self.next)? {
            let (offset, _) = words(&bytes);
            let ours = Record::from_bytes(&bytes).is_some_and(|record| record.stream == self.stream);
            let clipped = offset.clamp(self.within.start, self.within.end.max(self.within.start));
            match start {
                None if offset >= self.within.end => return Ok(None),
                None if ours => start = Some(clipped),
                Some(from) if !ours => {
                    // Empty where it lies before the wanted part.
                    if from < clipped {
                        return Ok(Some(from..clipped));
                    }
                    start = None;
                }
                _ => {}
            }
            self.next += 1;
        }
        Ok(start.map(|start| start..self.within.end).filter(|range| !range.is_empty()))
    }
}

impl Iterator for Ranges<'_> {
    type Item = io::Result<Range<u64>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.advance().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}

#[cfg(test)]
mod tests {
    // Proves A11 (console views: `--stderr`, times), P9 of the targets (damaged files do no harm).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn written(records: &[(u64, i64, Stream)]) -> Vec<u8> {
        records
            .iter()
            .flat_map(|&(offset, time_micros, stream)| Record { offset, time_micros, stream }.to_bytes())
            .collect()
    }

    fn sample() -> Vec<u8> {
        use Stream::{Stderr, Stdout};
        written(&[
            (0, 100, Stdout),
            (10, 200, Stderr),
            (15, 200, Stderr),
            (20, 300, Stdout),
            (30, 400, Stderr),
        ])
    }

    #[test]
    fn the_layout_is_fixed() {
        let record = Record { offset: 0x0102, time_micros: 0x0A0B, stream: Stream::Stderr };
        let bytes = [0x02, 0x01, 0, 0, 0, 0, 0, 0, 2, 0x0B, 0x0A, 0, 0, 0, 0, 0];
        assert_eq!(record.to_bytes(), bytes);
        assert_eq!(Record::from_bytes(&bytes), Some(record));
    }

    #[test]
    fn times_out_of_range_do_not_touch_the_stream() {
        for time_micros in [i64::MIN, -1, i64::MAX] {
            let bytes = Record { offset: 7, time_micros, stream: Stream::Stdout }.to_bytes();
            assert_eq!(Record::from_bytes(&bytes).unwrap().stream, Stream::Stdout);
        }
    }

    #[rstest]
    #[case(0, Some((100, Stream::Stdout)))]
    #[case(9, Some((100, Stream::Stdout)))]
    #[case(10, Some((200, Stream::Stderr)))]
    #[case(29, Some((300, Stream::Stdout)))]
    #[case(1 << 40, Some((400, Stream::Stderr)))]
    fn a_position_has_the_stamp_of_its_chunk(#[case] offset: u64, #[case] expected: Option<(i64, Stream)>) {
        let bytes = sample();
        let stamp = Sidecar::new(&bytes).unwrap().at(offset).unwrap();
        assert_eq!(stamp, expected.map(|(time_micros, stream)| Stamp { time_micros, stream }));
    }

    #[test]
    fn a_torn_last_record_is_ignored() {
        let mut bytes = sample();
        bytes.truncate(bytes.len() - 1);
        let sidecar = Sidecar::new(&bytes).unwrap();
        assert_eq!(sidecar.at(1000).unwrap(), Some(Stamp { time_micros: 300, stream: Stream::Stdout }));
        let empty = Vec::new();
        assert_eq!(Sidecar::new(&empty).unwrap().at(0).unwrap(), None);
    }

    #[rstest]
    #[case(0, Some(0))]
    #[case(100, Some(0))]
    #[case(101, Some(10))]
    #[case(200, Some(10))]
    #[case(201, Some(20))]
    #[case(401, None)]
    fn a_time_has_a_position(#[case] time: i64, #[case] expected: Option<u64>) {
        let bytes = sample();
        assert_eq!(Sidecar::new(&bytes).unwrap().offset_at(time).unwrap(), expected);
    }

    #[rstest]
    #[case(Stream::Stderr, 0..40, vec![10..20, 30..40])]
    #[case(Stream::Stderr, 12..35, vec![12..20, 30..35])]
    #[case(Stream::Stderr, 20..30, vec![])]
    #[case(Stream::Stdout, 0..40, vec![0..10, 20..30])]
    #[case(Stream::Stdout, 5..25, vec![5..10, 20..25])]
    #[case(Stream::Stdout, 40..40, vec![])]
    fn a_stream_has_its_ranges(
        #[case] stream: Stream,
        #[case] within: Range<u64>,
        #[case] expected: Vec<Range<u64>>,
    ) {
        let bytes = sample();
        let ranges = Sidecar::new(&bytes).unwrap().ranges(stream, within).unwrap();
        assert_eq!(ranges.collect::<io::Result<Vec<_>>>().unwrap(), expected);
    }

    proptest! {
        #[test]
        fn ranges_of_both_streams_partition_the_log(
            chunks in prop::collection::vec((1u64..50, any::<bool>()), 0..600),
            cut in (0u64..2000, 0u64..2000),
        ) {
            let mut offset = 0;
            let mut owner = Vec::new();
            let mut bytes = Vec::new();
            for (len, err) in chunks {
                let stream = if err { Stream::Stderr } else { Stream::Stdout };
                bytes.extend(Record { offset, time_micros: 1, stream }.to_bytes());
                owner.extend(std::iter::repeat_n(stream, usize::try_from(len).unwrap()));
                offset += len;
            }
            let within = cut.0.min(offset)..cut.1.min(offset);
            let sidecar = Sidecar::new(&bytes).unwrap();
            for stream in [Stream::Stdout, Stream::Stderr] {
                let got: Vec<u64> = sidecar.ranges(stream, within.clone()).unwrap().flat_map(Result::unwrap).collect();
                let naive: Vec<u64> = within.clone().filter(|&at| owner[usize::try_from(at).unwrap()] == stream).collect();
                prop_assert_eq!(got, naive);
            }
        }

        #[test]
        fn any_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..200), at: u64, time: i64) {
            let sidecar = Sidecar::new(&bytes).unwrap();
            sidecar.at(at).unwrap();
            sidecar.offset_at(time).unwrap();
            for range in sidecar.ranges(Stream::Stderr, 0..at).unwrap() {
                prop_assert!(range.unwrap().end <= at);
            }
        }
    }
}
