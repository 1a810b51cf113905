//! Reads an open log: pages, growth, line count. Blocking; called from the log's task only.

use std::io;
use std::sync::Arc;

use super::super::app::effect::Place;
use super::super::app::log::LogLine;
use super::super::app::message::LogEvent;
use crate::log::{
    FileSource, FileState, LineIndex, RawLine, Source, Style, level_of, line_at, lines_after, lines_before,
    start_of_last_lines, style_line,
};

/// Lines of growth that are passed on; those before them are read again when somebody looks.
const GROWTH: usize = 500;

/// The most bytes of growth that are looked at, and of a page.
const GROWTH_BYTES: u64 = 1 << 20;

/// How much is indexed in one step.
const INDEX_STEP: u64 = 64 << 20;

/// An open log.
pub struct LogReader {
    source: Arc<FileSource>,
    index: LineIndex,
    /// Where the next growth begins: behind the last finished line that was passed on.
    next: u64,
    /// The size when it was looked at last.
    size: u64,
    /// The style the next line begins in.
    style: Style,
    counted: bool,
}

impl LogReader {
    /// Opens a file.
    pub fn open(path: &std::path::Path) -> io::Result<Self> {
        let source = Arc::new(FileSource::open(path)?);
        Ok(Self {
            source,
            index: LineIndex::default(),
            next: 0,
            size: 0,
            style: Style::default(),
            counted: false,
        })
    }

    /// The file, for a search beside it.
    pub fn source(&self) -> Arc<FileSource> {
        Arc::clone(&self.source)
    }

    /// The last lines; growth is told from there on.
    pub fn end(&mut self, lines: usize) -> io::Result<LogEvent> {
        self.size = self.source.len()?;
        let lines = lines_before(&*self.source, self.size, lines)?;
        self.style = Style::default();
        let lines = self.styled_to_end(lines);
        Ok(LogEvent::Page { place: Place::End, lines, size: self.size })
    }

    /// Lines at a place.
    pub fn page(&mut self, place: Place, count: usize) -> io::Result<LogEvent> {
        let source = &*self.source;
        let lines = match place {
            Place::End => return self.end(count),
            Place::Start => lines_after(source, 0, count)?,
            Place::Before(at) => lines_before(source, at, count)?,
            Place::After(at) => lines_after(source, at, count)?,
            Place::Around(at) => {
                let mut lines = lines_before(source, at, count / 2)?;
                lines.extend(lines_after(source, at, count / 2)?);
                lines
            }
        };
        let mut style = Style::default();
        let lines = lines.into_iter().map(|line| styled(&line, &mut style)).collect();
        Ok(LogEvent::Page { place, lines, size: self.size.max(source.len()?) })
    }

    /// What came since the last look, or that the file is another now.
    pub fn growth(&mut self) -> io::Result<Vec<LogEvent>> {
        if self.source.state()? == FileState::Replaced {
            let path = self.source.path().to_owned();
            *self = Self::open(&path)?;
            return Ok(vec![LogEvent::Restarted, self.end(GROWTH)?]);
        }
        let size = self.source.len()?;
        if size < self.size {
            (self.index, self.counted) = (LineIndex::default(), false);
            return Ok(vec![LogEvent::Restarted, self.end(GROWTH)?]);
        }
        if size == self.size {
            return Ok(Vec::new());
        }
        self.size = size;
        self.counted = false;
        let tail = start_of_last_lines(&*self.source, GROWTH as u64, GROWTH_BYTES)?;
        let from = if tail > self.next {
            self.style = Style::default();
            // The tail may begin within a line that is longer than all of it.
            line_at(&*self.source, tail)?.map_or(tail, |line| line.start)
        } else {
            self.next
        };
        let lines = lines_after(&*self.source, from, GROWTH + 1)?;
        let lines = self.styled_to_end(lines);
        Ok(vec![LogEvent::Grown { from, lines, size }])
    }

    /// Whether lines are still to be counted.
    pub const fn counts(&self) -> bool {
        !self.counted
    }

    /// Counts some more lines.
    pub fn count(&mut self) -> io::Result<LogEvent> {
        let progress = self.index.extend(&*self.source, INDEX_STEP)?;
        self.counted = progress.is_complete();
        Ok(LogEvent::Counted { lines: progress.lines, complete: self.counted })
    }

    /// Lines up to the end of the file: remembers where the next growth begins and in which style.
    fn styled_to_end(&mut self, lines: Vec<RawLine>) -> Vec<LogLine> {
        let mut out = Vec::with_capacity(lines.len());
        for line in lines {
            let before = self.style;
            out.push(styled(&line, &mut self.style));
            // A last line without its newline comes again when it has grown.
            let finished = (line.end - line.start) > line.text.len() as u64;
            self.next = if finished { line.end } else { line.start };
            if !finished {
                self.style = before;
            }
        }
        out
    }
}

fn styled(line: &RawLine, style: &mut Style) -> LogLine {
    let (text, next) = style_line(&line.text, *style);
    *style = next;
    LogLine { start: line.start, end: line.end, text, level: level_of(&line.text) }
}

#[cfg(test)]
mod tests {
    // Proves A11, B43, C6 (nothing of a followed log is lost).
    use super::*;
    use std::io::Write;

    fn log() -> (tempfile::TempDir, std::fs::File, LogReader) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("console.log");
        let file = std::fs::File::create(&path).unwrap();
        let reader = LogReader::open(&path).unwrap();
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
        reader.end(10).unwrap();
        assert!(reader.growth().unwrap().is_empty());
        write!(file, "one\ntw").unwrap();
        assert_eq!(texts(&reader.growth().unwrap()), ["one", "tw"]);
        write!(file, "o\nthree\n").unwrap();
        assert_eq!(texts(&reader.growth().unwrap()), ["two", "three"]);
        assert_eq!(reader.count().unwrap(), LogEvent::Counted { lines: 3, complete: true });
    }

    #[test]
    fn a_burst_is_told_by_its_end() {
        let (_folder, mut file, mut reader) = log();
        reader.end(10).unwrap();
        let burst: Vec<String> = (0..5000).map(|n| format!("line {n}")).collect();
        writeln!(file, "{}", burst.join("\n")).unwrap();
        let events = reader.growth().unwrap();
        let texts = texts(&events);
        assert_eq!((texts.len(), texts.last().unwrap().as_str()), (GROWTH, "line 4999"));
        let LogEvent::Grown { from, .. } = events[0] else { panic!("{events:?}") };
        let page = reader.page(Place::Before(from), 2).unwrap();
        assert_eq!(self::texts(&[page]), ["line 4498", "line 4499"]);
    }

    #[test]
    fn a_truncated_log_begins_anew() {
        let (_folder, mut file, mut reader) = log();
        writeln!(file, "a long first line").unwrap();
        reader.end(10).unwrap();
        file.set_len(0).unwrap();
        let events = reader.growth().unwrap();
        assert_eq!(events[0], LogEvent::Restarted);
    }
}
