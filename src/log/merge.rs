//! Several logs as one, line by line in the order in which their lines began to be written.
//!
//! The merged log is itself a [`Source`]: its bytes are the whole lines of its parts, one after the other, so that
//! everything that reads a log (index, search, filter, pages) reads this one, too. What is known of it is a list of
//! segments: which part goes on where. It only ever grows at its end: a line that comes late is put behind what is there.
//! An unfinished last line waits until it is finished or its part is known to be.

use std::io;
use std::sync::Arc;

use super::lines::{Window, span};
use super::segments::Segments;
use super::sidecar::{Sidecar, Stamp};
use super::source::Source;

/// Bytes that threads can share.
pub type SharedSource = Arc<dyn Source + Send + Sync>;

/// One of the logs.
#[derive(Clone)]
pub struct Part {
    /// Its bytes.
    pub log: SharedSource,
    /// When they were written; without it, its lines are put at the end as they are found.
    pub sidecar: Option<SharedSource>,
    /// Nothing will be added to it: its last line counts without a newline.
    pub finished: bool,
}

/// Several logs, merged.
#[derive(Default)]
pub struct Merged {
    parts: Vec<Part>,
    cursors: Vec<Cursor>,
    segments: Segments,
}

/// How far a part is merged.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    /// Bytes of the part that are in the merged log: whole lines.
    taken: u64,
    /// The number of the sidecar's record that the next of them has, or a later one.
    record: u64,
    /// Its last line has been closed.
    closed: bool,
}

/// The next stretch of a part.
struct Next {
    time: i64,
    end: u64,
    record: u64,
    closes: bool,
}

impl Merged {
    /// Adds a log; its number is how many there were before.
    pub fn add(&mut self, part: Part) {
        self.parts.push(part);
        self.cursors.push(Cursor::default());
    }

    /// How many logs there are.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Says that nothing will be added to a log.
    pub fn finish(&mut self, part: usize) {
        if let Some(part) = self.parts.get_mut(part) {
            part.finished = true;
        }
    }

    /// Takes in what was written since the last call, about `budget` bytes of it. Answers whether that was all.
    pub fn extend(&mut self, budget: u64) -> io::Result<bool> {
        let stop = self.segments.len().saturating_add(budget);
        let parts = self.parts.clone();
        let mut readers = Vec::new();
        for part in &parts {
            let sidecar = part.sidecar.as_deref().map(|source| Sidecar::new(source)).transpose()?;
            readers.push(Reader { window: Window::new(&*part.log)?, sidecar, finished: part.finished });
        }
        let mut waiting = Vec::new();
        for (number, reader) in readers.iter_mut().enumerate() {
            waiting.push(reader.next(self.cursors[number])?);
        }
        // The heap holds the number of each part that has something, the earliest first.
        let mut heap: std::collections::BinaryHeap<_> = waiting
            .iter()
            .enumerate()
            .filter_map(|(number, next)| next.as_ref().map(|next| std::cmp::Reverse((next.time, number))))
            .collect();
        while let Some(std::cmp::Reverse((_, number))) = heap.pop() {
            let Some(next) = waiting[number].take() else { continue };
            self.take(number, &next);
            let following = readers[number].next(self.cursors[number])?;
            if let Some(following) = &following {
                heap.push(std::cmp::Reverse((following.time, number)));
            }
            waiting[number] = following;
            if self.segments.len() >= stop && !heap.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn take(&mut self, number: usize, next: &Next) {
        let cursor = &mut self.cursors[number];
        self.segments.add(number, next.end - cursor.taken, next.closes);
        *cursor = Cursor { taken: next.end, record: next.record, closed: cursor.closed || next.closes };
    }

    /// Which part the byte at `offset` comes from, and where it is in it.
    pub fn origin(&self, offset: u64) -> Option<(usize, u64)> {
        let segment = self.segments.from(offset).next()?;
        Some((segment.part, segment.from + (offset - segment.at)))
    }

    /// When, and to which stream, the byte at `offset` was written.
    pub fn stamp(&self, offset: u64) -> io::Result<Option<Stamp>> {
        let Some((part, at)) = self.origin(offset) else { return Ok(None) };
        let Some(sidecar) = self.parts.get(part).and_then(|part| part.sidecar.as_deref()) else {
            return Ok(None);
        };
        Sidecar::new(sidecar)?.at(at)
    }

    /// Where the first line is that was written at `time_micros` or later.
    pub fn offset_at(&self, time_micros: i64) -> io::Result<Option<u64>> {
        let (mut low, mut high) = (0, self.segments.count());
        while low < high {
            let middle = low + (high - low) / 2;
            let at = self.segments.nth(middle).map_or(self.segments.len(), |segment| segment.at);
            if self.stamp(at)?.is_some_and(|stamp| stamp.time_micros < time_micros) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // It may lie within the segment before, which is of one part.
        if let Some(segment) = low.checked_sub(1).and_then(|before| self.segments.nth(before)) {
            let sidecar = self.parts.get(segment.part).and_then(|part| part.sidecar.as_deref());
            let sidecar = sidecar.map(|source| Sidecar::new(source)).transpose()?;
            let within = sidecar.map(|sidecar| sidecar.offset_at(time_micros)).transpose()?.flatten();
            let at = within.filter(|&at| at > segment.from).map(|at| segment.at + (at - segment.from));
            if let Some(at) = at.filter(|&at| at < segment.end) {
                return Ok(Some(at));
            }
        }
        Ok(self.segments.nth(low).map(|segment| segment.at))
    }
}

impl Source for Merged {
    fn len(&self) -> io::Result<u64> {
        Ok(self.segments.len())
    }

    /// Fills the buffer from as many segments as it takes: lines are short, and finding a segment is not free.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        for segment in self.segments.from(offset) {
            let at = offset + read as u64;
            let Some(part) = self.parts.get(segment.part) else { break };
            let room = span(segment.text_end().saturating_sub(at)).min(buf.len() - read);
            let (from, within) = (segment.from + (at - segment.at), &mut buf[read..read + room]);
            let got = part.log.read_full_at(from, within)?;
            read += got;
            if got < room || read == buf.len() {
                break;
            }
            if segment.closed {
                buf[read] = b'\n';
                read += 1;
            }
        }
        Ok(read)
    }
}

/// Reads the stretches of one part.
struct Reader<'a> {
    window: Window<'a>,
    sidecar: Option<Sidecar<'a>>,
    finished: bool,
}

impl Reader<'_> {
    /// The whole lines from `cursor` on that have the same time.
    fn next(&mut self, cursor: Cursor) -> io::Result<Option<Next>> {
        let (from, len) = (cursor.taken, self.window.len());
        if from >= len || cursor.closed {
            return Ok(None);
        }
        let mut record = cursor.record;
        let mut time = i64::MAX;
        let mut end = None;
        if let Some(sidecar) = &self.sidecar {
            // The record of the next line is the last that begins before it or at it.
            while sidecar.start_of(record + 1)?.is_some_and(|start| start <= from) {
                record += 1;
            }
            time = sidecar.time_of(record)?.unwrap_or(i64::MAX);
            if let Some(boundary) = sidecar.start_of(record + 1)? {
                end = self.line_from(boundary)?;
            }
        }
        let (end, closes) = match end {
            Some(end) => (end, false),
            None => match self.window.newline_before(len, from)? {
                _ if self.finished && self.is_open(len)? => (len, true),
                Some(newline) => (newline + 1, false),
                None => return Ok(None),
            },
        };
        Ok(Some(Next { time, end, record, closes }))
    }

    /// Where the first line begins at `at` or behind it, if its newline is there.
    fn line_from(&mut self, at: u64) -> io::Result<Option<u64>> {
        // A record that points behind the end is damaged.
        let Some(&before) = self.window.get(at.saturating_sub(1), at)?.first() else { return Ok(None) };
        if before == b'\n' {
            return Ok(Some(at));
        }
        Ok(self.window.newline_from(at, u64::MAX)?.map(|newline| newline + 1))
    }

    fn is_open(&mut self, len: u64) -> io::Result<bool> {
        Ok(self.window.get(len - 1, len)?.first() != Some(&b'\n'))
    }
}

#[cfg(test)]
mod tests {
    // Proves A11, B43 (the logs of several runs as one, by time, nothing dropped).
    use super::super::sidecar::{Record, Stream};
    use super::super::tail::lines_after;
    use super::*;
    use proptest::prelude::*;
    use std::sync::Mutex;

    /// A log that can grow.
    #[derive(Default)]
    struct Growing(Mutex<Vec<u8>>);

    impl Source for Growing {
        fn len(&self) -> io::Result<u64> {
            Source::len(&*self.0.lock().unwrap())
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            self.0.lock().unwrap().read_at(offset, buf)
        }
    }

    #[derive(Default)]
    struct Run {
        log: Arc<Growing>,
        sidecar: Arc<Growing>,
    }

    impl Run {
        fn write(&self, time_micros: i64, text: &str) {
            let offset = self.log.len().unwrap();
            self.log.0.lock().unwrap().extend(text.as_bytes());
            let record = Record { offset, time_micros, stream: Stream::Stdout };
            self.sidecar.0.lock().unwrap().extend(record.to_bytes());
        }

        fn part(&self) -> Part {
            Part { log: self.log.clone(), sidecar: Some(self.sidecar.clone()), finished: false }
        }
    }

    fn merged(runs: &[Run]) -> Merged {
        let mut merged = Merged::default();
        for run in runs {
            merged.add(run.part());
        }
        merged
    }

    fn lines(merged: &Merged) -> Vec<String> {
        let lines = lines_after(merged, 0, usize::MAX).unwrap();
        let text = |line: super::super::RawLine| {
            let (part, _) = merged.origin(line.start).unwrap();
            format!("{part} {}", String::from_utf8_lossy(&line.text))
        };
        lines.into_iter().map(text).collect()
    }

    #[test]
    fn lines_are_in_the_order_of_their_times() {
        let runs = [Run::default(), Run::default()];
        runs[0].write(10, "a\n");
        runs[1].write(15, "x\ny\n");
        runs[0].write(20, "b\nc ");
        runs[1].write(25, "z\n");
        runs[0].write(30, "ends\nd\n");
        let mut merged = merged(&runs);
        assert!(merged.extend(u64::MAX).unwrap());
        assert_eq!(lines(&merged), ["0 a", "1 x", "1 y", "0 b", "0 c ends", "1 z", "0 d"]);
        assert_eq!(merged.stamp(0).unwrap().unwrap().time_micros, 10);
        let late = merged.offset_at(26).unwrap().unwrap();
        assert_eq!(merged.origin(late), Some((0, 11)));
        assert_eq!(merged.offset_at(31).unwrap(), None);
    }

    #[test]
    fn an_unfinished_line_waits_until_it_or_its_run_is_finished() {
        let runs = [Run::default(), Run::default()];
        runs[0].write(10, "50%");
        runs[1].write(11, "x\n");
        let mut merged = merged(&runs);
        merged.extend(u64::MAX).unwrap();
        assert_eq!(lines(&merged), ["1 x"]);
        runs[0].write(12, "\r100%");
        merged.extend(u64::MAX).unwrap();
        assert_eq!(lines(&merged), ["1 x"]);
        merged.finish(0);
        merged.extend(u64::MAX).unwrap();
        runs[1].write(13, "y\n");
        merged.extend(u64::MAX).unwrap();
        assert_eq!(lines(&merged), ["1 x", "0 50%\r100%", "1 y"]);
    }

    #[test]
    fn a_log_without_times_is_not_lost() {
        let runs = [Run::default(), Run::default()];
        runs[0].write(10, "a\n");
        runs[1].write(5, "x\n");
        let mut merged = Merged::default();
        merged.add(runs[0].part());
        merged.add(Part { sidecar: None, ..runs[1].part() });
        merged.extend(u64::MAX).unwrap();
        assert_eq!(lines(&merged), ["0 a", "1 x"]);
    }

    proptest! {
        #[test]
        fn every_line_of_every_log_is_there_once_and_in_its_order(
            writes in prop::collection::vec((0usize..3, 0i64..4, "[a-c\\n]{0,8}", any::<bool>()), 0..60),
            budget in 1u64..40,
        ) {
            let runs = [Run::default(), Run::default(), Run::default()];
            let mut merged = merged(&runs);
            let mut time = 0;
            for (run, later, text, look) in writes {
                time += later;
                runs[run].write(time, &text);
                if look {
                    while !merged.extend(budget).unwrap() {}
                }
            }
            (0..3).for_each(|run| merged.finish(run));
            while !merged.extend(budget).unwrap() {}
            let shown = lines(&merged);
            for (number, run) in runs.iter().enumerate() {
                let log = run.log.0.lock().unwrap();
                let text = String::from_utf8_lossy(&log);
                let expected: Vec<String> = text.lines().map(|line| format!("{number} {line}")).collect();
                let ours: Vec<&String> = shown.iter().filter(|line| line.starts_with(&number.to_string())).collect();
                prop_assert_eq!(ours, expected.iter().collect::<Vec<_>>());
            }
        }

        #[test]
        fn damaged_sidecars_do_no_harm(
            log in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200),
            sidecar in prop::collection::vec(any::<u8>(), 0..120),
            small in prop::collection::vec(0u64..220, 0..8),
        ) {
            for bytes in [sidecar, small.iter().flat_map(|&offset| Record { offset, time_micros: 1, stream: Stream::Stderr }.to_bytes()).collect()] {
                let mut merged = Merged::default();
                let len = log.len() as u64;
                merged.add(Part { log: Arc::new(log.clone()), sidecar: Some(Arc::new(bytes)), finished: true });
                merged.extend(u64::MAX).unwrap();
                let closed = u64::from(log.last().is_some_and(|&byte| byte != b'\n'));
                prop_assert_eq!(merged.len().unwrap(), len + closed);
            }
        }
    }
}
