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
use super::sidecar::{Records, Sidecar, Stamp};
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
    /// Up to here there is no newline behind what is taken: a progress bar may grow for hours.
    bare: u64,
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
            let records = sidecar.map(Records::new);
            readers.push(Reader { window: Window::new(&*part.log)?, records, finished: part.finished });
        }
        let mut waiting = Vec::new();
        for (number, reader) in readers.iter_mut().enumerate() {
            waiting.push(reader.next(&mut self.cursors[number])?);
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
            let following = readers[number].next(&mut self.cursors[number])?;
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
        let closed = cursor.closed || next.closes;
        *cursor = Cursor { taken: next.end, record: next.record, bare: next.end, closed };
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
    records: Option<Records<'a>>,
    finished: bool,
}

impl Reader<'_> {
    /// The whole lines from `cursor` on that have the same time.
    fn next(&mut self, cursor: &mut Cursor) -> io::Result<Option<Next>> {
        let (from, len) = (cursor.taken, self.window.len());
        let bare = cursor.bare.clamp(from, len.max(from));
        if from >= len || cursor.closed {
            return Ok(None);
        }
        let mut record = cursor.record;
        let mut time = i64::MAX;
        let mut end = None;
        if let Some(records) = &mut self.records {
            // The record of the next line is the last that begins before it or at it.
            while records.start_of(record + 1)?.is_some_and(|start| start <= from) {
                record += 1;
            }
            time = records.time_of(record)?.unwrap_or(i64::MAX);
            if let Some(boundary) = records.start_of(record + 1)? {
                end = self.line_from(boundary.max(bare))?;
            }
        }
        let (end, closes) = match end {
            Some(end) => (end, false),
            None => match self.window.newline_before(len, bare)? {
                _ if self.finished && self.is_open(len)? => (len, true),
                Some(newline) => (newline + 1, false),
                None => {
                    cursor.bare = len;
                    return Ok(None);
                }
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
mod tests;
