//! Reads an open log: pages, growth, and in slices whatever takes longer. Blocking; called from the log's task only.
//!
//! Everything that reads the whole log (a filter, the hits of a search, the way to the next one, the count of lines, a
//! copy) goes on a slice at a time in [`LogReader::work`], the most urgent first, so that a question about the screen
//! waits a few milliseconds at most, and a newer question takes the place of an older one at once.

use std::io;

use super::super::app::effect::{Generation, Goal, JumpTo, LogRequest, Place};
use super::super::app::message::{Bounds, LogEvent};
use super::log_origin::Origin;
use super::log_save::Save;
use crate::log::{
    Direction, Filter, FilteredLines, LineIndex, Searcher, Style, line_at, lines_after, lines_before,
    start_of_last_lines,
};

/// Lines of growth that are passed on; those before them are read again when somebody looks.
const GROWTH: usize = 500;

/// The most bytes of growth that are looked at, and of a page.
const GROWTH_BYTES: u64 = 1 << 20;

/// An open log.
pub struct LogReader {
    pub(super) origin: Origin,
    pub(super) index: LineIndex,
    pub(super) counted: bool,
    /// Where the next growth begins: behind the last finished line that was passed on.
    pub(super) next: u64,
    /// The size when it was looked at last.
    pub(super) size: u64,
    /// The style the next line begins in, of each of the merged runs.
    pub(super) styles: Vec<Style>,
    pub(super) filter: Option<FilteredLines>,
    /// The number the filter was set with.
    filter_number: Generation,
    pub(super) filtered: bool,
    pub(super) hits: Option<FilteredLines>,
    pub(super) all_hit: bool,
    /// The line a search found last.
    pub(super) hit: Option<u64>,
    pub(super) seek: Option<Seek>,
    /// A line number that is to be found when the index has come so far.
    pub(super) wanted_line: Option<u64>,
    pub(super) save: Option<Save>,
}

/// On the way to the next hit or error.
pub(super) struct Seek {
    pub goal: Goal,
    pub searcher: Searcher,
    pub from: u64,
    pub direction: Direction,
}

impl LogReader {
    /// Takes a log.
    pub fn new(origin: Origin) -> Self {
        let styles = vec![Style::default(); origin.runs().len().max(1)];
        Self {
            origin,
            index: LineIndex::default(),
            counted: false,
            next: 0,
            size: 0,
            styles,
            filter: None,
            filter_number: Generation::default(),
            filtered: true,
            hits: None,
            all_hit: true,
            hit: None,
            seek: None,
            wanted_line: None,
            save: None,
        }
    }

    /// What the log is.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The last lines; growth is told from there on.
    pub fn end(&mut self, lines: usize) -> io::Result<LogEvent> {
        // If it is shorter, the next look finds out why.
        self.grow_to(self.origin.source().len()?);
        let raw = match &self.filter {
            Some(filter) => filter.lines_before(self.origin.source(), u64::MAX, lines)?,
            None => lines_before(self.origin.source(), self.size, lines)?,
        };
        self.styles.fill(Style::default());
        let lines = self.dressed_to_end(raw)?;
        Ok(LogEvent::Page { place: Place::End, lines, bounds: self.bounds() })
    }

    /// Answers a request, or begins to.
    pub fn answer(&mut self, request: LogRequest) -> io::Result<Vec<LogEvent>> {
        match request {
            LogRequest::Page { place, lines, .. } => return Ok(vec![self.page(place, lines)?]),
            LogRequest::Number { starts, .. } => {
                let numbers = starts.into_iter().map(|start| Ok((start, self.number(start)?)));
                let numbers = numbers.collect::<io::Result<Vec<_>>>()?;
                let known = numbers.into_iter().filter_map(|(start, number)| Some((start, number?)));
                return Ok(vec![LogEvent::Numbered(known.collect())]);
            }
            LogRequest::Filter { number, filter, .. } => {
                self.filter_number = number;
                // It was tried when it was typed.
                self.filter = filter.and_then(|text| Filter::parse(&text).ok()).map(FilteredLines::shown);
                self.filtered = self.filter.is_none();
                self.search_again();
                if self.filter.is_none() {
                    return Ok(vec![LogEvent::Filtered {
                        shown: 0,
                        judged: self.size,
                        complete: true,
                        bounds: self.bounds(),
                    }]);
                }
            }
            LogRequest::Hits { pattern, .. } => {
                self.hit = None;
                self.hits = pattern.and_then(|text| Searcher::pattern(&text).ok()).map(FilteredLines::hits);
                self.all_hit = self.hits.is_none();
                if self.hits.is_none() {
                    self.seek = None;
                }
            }
            LogRequest::Find { goal, from, forward, .. } => {
                let searcher = match (goal, &self.hits) {
                    (Goal::Error, _) => Searcher::likely_errors().ok(),
                    (Goal::Hit, Some(hits)) => Some(hits.filter().searcher().clone()),
                    (Goal::Hit, None) => None,
                };
                let direction = if forward { Direction::Forward } else { Direction::Backward };
                self.seek = searcher.map(|searcher| Seek { goal, searcher, from, direction });
            }
            LogRequest::Jump { to: JumpTo::Line(line), .. } => self.wanted_line = Some(line.max(1) - 1),
            LogRequest::Jump { to: JumpTo::Time(micros), .. } => return Ok(vec![self.jump_to_time(micros)?]),
            LogRequest::Save { path, overwrite, .. } => match Save::begin(&path, overwrite, self.size) {
                Ok(save) => {
                    let before = self.save.replace(save);
                    return Ok(stopped(before, "another one was asked for").into_iter().collect());
                }
                Err(saved) => return Ok(vec![LogEvent::Saved(saved)]),
            },
            // The executor's own.
            LogRequest::Open { .. } | LogRequest::Close => {}
        }
        Ok(Vec::new())
    }

    /// Under another filter, or in another file, the hits are others.
    fn search_again(&mut self) {
        if let Some(hits) = self.hits.take() {
            self.hits = Some(FilteredLines::hits(hits.filter().searcher().clone()));
            self.all_hit = false;
        }
    }

    fn page(&mut self, place: Place, count: usize) -> io::Result<LogEvent> {
        let source = self.origin.source();
        let before = |at, n| match &self.filter {
            Some(filter) => filter.lines_before(source, at, n),
            None => lines_before(source, at, n),
        };
        let after = |at, n| match &self.filter {
            Some(filter) => filter.lines_after(source, at, n),
            None => lines_after(source, at, n),
        };
        let raw = match place {
            Place::End => return self.end(count),
            Place::Start => after(0, count)?,
            Place::Before(at) => before(at, count)?,
            Place::After(at) => after(at, count)?,
            Place::Around(at) => [before(at, count / 2)?, after(at, count / 2)?].concat(),
        };
        let mut styles = vec![Style::default(); self.styles.len()];
        let lines = self.dressed(raw, &mut styles)?;
        Ok(LogEvent::Page { place, lines, bounds: self.bounds() })
    }

    /// Whoever finds the log longer than it was, what reads all of it has to go on.
    const fn grow_to(&mut self, size: u64) {
        if size > self.size {
            self.size = size;
            (self.counted, self.all_hit, self.filtered) = (false, self.hits.is_none(), self.filter.is_none());
        }
    }

    /// What came since the last look, or that the file is another now.
    pub fn look(&mut self) -> io::Result<Vec<LogEvent>> {
        if self.origin.replaced()? {
            return self.restarted();
        }
        self.origin.advance()?;
        let size = self.origin.source().len()?;
        if size < self.size {
            return self.restarted();
        }
        if size == self.size {
            return Ok(Vec::new());
        }
        self.grow_to(size);
        if self.filter.is_some() {
            // Told of when it is judged.
            return Ok(Vec::new());
        }
        if self.index.indexed() >= self.next {
            // What follows the counted part is counted at once: the lines come with their numbers.
            self.index.extend(self.origin.source(), GROWTH_BYTES)?;
        }
        let tail = start_of_last_lines(self.origin.source(), GROWTH as u64, GROWTH_BYTES)?;
        let from = if tail > self.next {
            self.styles.fill(Style::default());
            // The tail may begin within a line that is longer than all of it.
            line_at(self.origin.source(), tail)?.map_or(tail, |line| line.start)
        } else {
            self.next
        };
        let lines = lines_after(self.origin.source(), from, GROWTH + 1)?;
        let lines = self.dressed_to_end(lines)?;
        Ok(vec![LogEvent::Grown { from, lines, bounds: self.bounds() }])
    }

    fn restarted(&mut self) -> io::Result<Vec<LogEvent>> {
        (self.index, self.counted, self.size) = (LineIndex::default(), false, 0);
        if let Some(filter) = self.filter.take() {
            self.filter = Some(FilteredLines::shown(filter.filter().clone()));
            self.filtered = false;
        }
        self.search_again();
        (self.seek, self.hit) = (None, None);
        let stopped = stopped(self.save.take(), "the log began anew");
        Ok([LogEvent::Restarted, self.end(GROWTH)?].into_iter().chain(stopped).collect())
    }

    /// From where to where lines are shown.
    pub(super) fn bounds(&self) -> Bounds {
        let range = self.filter.as_ref().map_or(0..self.size, |filter| filter.set().bounds());
        Bounds { filter: self.filter_number, range }
    }

    /// The number (from 1) of the line at `start`, if it is counted so far.
    pub(super) fn number(&self, start: u64) -> io::Result<Option<u64>> {
        Ok(self.index.line_of_offset(start, self.origin.source())?.map(|number| number + 1))
    }
}

/// Tells that a copy was stopped, if there was one.
fn stopped(save: Option<Save>, why: &str) -> Option<LogEvent> {
    save.map(|save| LogEvent::Saved(save.stopped(why)))
}

#[cfg(test)]
mod tests {
    // Proves A11, B43, C6 and the design of L4 of the targets (nothing of a followed log is lost).
    use super::super::super::app::message::Saved;
    use super::super::verbs::Console;
    use super::*;
    use std::io::Write;

    fn log() -> (tempfile::TempDir, std::fs::File, LogReader) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("console.log");
        let file = std::fs::File::create(&path).unwrap();
        let place = Console { log: path, sidecar: None, attempt: None, finished: false };
        let mut reader = LogReader::new(Origin::at(&place).unwrap());
        reader.end(10).unwrap();
        (folder, file, reader)
    }

    fn texts(events: &[LogEvent]) -> Vec<String> {
        let lines = events.iter().flat_map(|event| match event {
            LogEvent::Grown { lines, .. } | LogEvent::Page { lines, .. } => lines.as_slice(),
            _ => &[],
        });
        lines.map(|line| line.text.text()).collect()
    }

    #[test]
    fn growth_is_told_once_and_an_unfinished_line_again() {
        let (_folder, mut file, mut reader) = log();
        assert!(reader.look().unwrap().is_empty());
        write!(file, "one\ntw").unwrap();
        assert_eq!(texts(&reader.look().unwrap()), ["one", "tw"]);
        write!(file, "o\nthree\n").unwrap();
        assert_eq!(texts(&reader.look().unwrap()), ["two", "three"]);
        assert_eq!(reader.work().unwrap(), [LogEvent::Counted { lines: 3, complete: true }]);
        assert!(!reader.has_work());
    }

    #[test]
    fn an_unfinished_line_begins_again_in_the_style_it_began_in() {
        let (_folder, mut file, mut reader) = log();
        write!(file, "\x1b[31mred\nhalf \x1b[0m").unwrap();
        reader.look().unwrap();
        writeln!(file, "plain").unwrap();
        let events = reader.look().unwrap();
        let [LogEvent::Grown { lines, .. }] = &events[..] else { panic!("{events:?}") };
        let spans: Vec<_> =
            lines[0].text.spans.iter().map(|span| (span.text.as_str(), span.style.fg.is_some())).collect();
        assert_eq!(spans, [("half ", true), ("plain", false)]);
    }

    #[test]
    fn a_burst_is_told_by_its_end_and_every_line_of_it_can_be_read_back() {
        let (_folder, mut file, mut reader) = log();
        for burst in 0..4 {
            for line in 0..5000 {
                writeln!(file, "line {}", burst * 5000 + line).unwrap();
            }
            let events = reader.look().unwrap();
            let texts = texts(&events);
            assert_eq!(
                (texts.len(), texts.last().unwrap()),
                (GROWTH, &format!("line {}", burst * 5000 + 4999))
            );
        }
        assert_eq!(reader.work().unwrap(), [LogEvent::Counted { lines: 20_000, complete: true }]);
        let (mut at, mut read) = (0, Vec::new());
        while let LogEvent::Page { lines, .. } = reader.page(Place::After(at), 400).unwrap()
            && let Some(last) = lines.last()
        {
            at = last.end;
            assert!(lines.iter().all(|line| line.number.is_some()));
            read.extend(lines.into_iter().map(|line| line.text.text()));
        }
        assert_eq!(read, (0..20_000).map(|line| format!("line {line}")).collect::<Vec<_>>());
    }

    #[test]
    fn a_truncated_log_begins_anew_with_its_filter() {
        let (_folder, mut file, mut reader) = log();
        writeln!(file, "a long first line").unwrap();
        reader.look().unwrap();
        reader
            .answer(LogRequest::Filter {
                generation: Generation::default(),
                number: Generation::default(),
                filter: Some("b".into()),
            })
            .unwrap();
        while reader.has_work() {
            reader.work().unwrap();
        }
        file.set_len(0).unwrap();
        assert_eq!(reader.look().unwrap()[0], LogEvent::Restarted);
        std::os::unix::fs::FileExt::write_all_at(&file, b"a\nb\n", 0).unwrap();
        reader.look().unwrap();
        let LogEvent::Filtered { shown, complete, .. } = reader.work().unwrap().remove(0) else {
            panic!("no filter")
        };
        assert_eq!((shown, complete), (1, true));
    }

    #[test]
    fn a_copy_that_is_stopped_is_told() {
        let (folder, mut file, mut reader) = log();
        writeln!(file, "a long first line").unwrap();
        reader.look().unwrap();
        let save = |reader: &mut LogReader, name: &str| {
            let path = folder.path().join(name).to_string_lossy().into_owned();
            let generation = Generation::default();
            reader.answer(LogRequest::Save { generation, path, overwrite: false }).unwrap()
        };
        let is_stopped = |event: &LogEvent, name: &str, why: &str| matches!(event, LogEvent::Saved(Saved::Failed(told)) if told.contains(name) && told.ends_with(why));
        assert!(save(&mut reader, "first").is_empty());
        let events = save(&mut reader, "second");
        assert!(is_stopped(&events[0], "first", "another one was asked for"), "{events:?}");
        file.set_len(0).unwrap();
        let events = reader.look().unwrap();
        assert!(is_stopped(&events[2], "second", "the log began anew"), "{events:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left of them");
    }

    #[test]
    fn a_newer_search_takes_the_place_of_one_under_way() {
        let (_folder, mut file, mut reader) = log();
        file.write_all(&b"nothing to be found in here, not even at the end\n".repeat(500_000)).unwrap();
        writeln!(file, "needle").unwrap();
        reader.look().unwrap();
        let find = |reader: &mut LogReader, pattern: &str| {
            let generation = Generation::default();
            reader.answer(LogRequest::Hits { generation, pattern: Some(pattern.into()) }).unwrap();
            reader.answer(LogRequest::Find { generation, goal: Goal::Hit, from: 0, forward: true }).unwrap();
        };
        find(&mut reader, "absent");
        assert!(reader.work().unwrap().is_empty(), "a slice, and no more");
        find(&mut reader, "needle");
        let found = loop {
            if let [LogEvent::Found { line, .. }, ..] = reader.work().unwrap()[..] {
                break line;
            }
        };
        assert_eq!(found, Some(24_500_000));
    }
}
