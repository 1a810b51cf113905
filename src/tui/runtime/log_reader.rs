//! Reads an open log: pages, growth, and in slices whatever takes longer. Blocking; called from the log's task only.
//!
//! Everything that reads the whole log (a filter, the hits of a search, the way to the next one, the count of lines, a
//! copy) goes on a slice at a time in [`LogReader::work`], the most urgent first, so that a question about the screen
//! waits a few milliseconds at most, and a newer question takes the place of an older one at once.

use std::io;

use super::super::app::effect::{Goal, JumpTo, LogRequest, Place};
use super::super::app::log::LogLine;
use super::super::app::message::LogEvent;
use super::log_origin::Origin;
use super::log_save::Save;
use crate::log::{
    Direction, Filter, FilteredLines, Found, Level, LineIndex, RawLine, Searcher, Stamp, Stream, Style,
    level_of, line_at, lines_after, lines_before, start_of_last_lines, style_line,
};

/// Lines of growth that are passed on; those before them are read again when somebody looks.
const GROWTH: usize = 500;

/// The most bytes of growth that are looked at, and of a page.
const GROWTH_BYTES: u64 = 1 << 20;

/// How much of a log is read in one slice of work: some milliseconds.
const SLICE: u64 = 16 << 20;

/// An open log.
pub struct LogReader {
    origin: Origin,
    index: LineIndex,
    counted: bool,
    /// Where the next growth begins: behind the last finished line that was passed on.
    next: u64,
    /// The size when it was looked at last.
    size: u64,
    /// The style the next line begins in, of each of the merged runs.
    styles: Vec<Style>,
    filter: Option<FilteredLines>,
    filtered: bool,
    hits: Option<FilteredLines>,
    all_hit: bool,
    /// The line a search found last.
    hit: Option<u64>,
    seek: Option<Seek>,
    /// A line number that is to be found when the index has come so far.
    wanted_line: Option<u64>,
    save: Option<Save>,
}

/// On the way to the next hit or error.
struct Seek {
    goal: Goal,
    searcher: Searcher,
    from: u64,
    direction: Direction,
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
        self.size = self.origin.source().len()?;
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
            LogRequest::Filter { filter, .. } => {
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
                Ok(save) => self.save = Some(save),
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
        self.size = size;
        (self.counted, self.all_hit, self.filtered) = (false, self.hits.is_none(), self.filter.is_none());
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
        (self.index, self.counted) = (LineIndex::default(), false);
        if let Some(filter) = self.filter.take() {
            self.filter = Some(FilteredLines::shown(filter.filter().clone()));
            self.filtered = false;
        }
        self.search_again();
        (self.seek, self.hit, self.save) = (None, None, None);
        Ok(vec![LogEvent::Restarted, self.end(GROWTH)?])
    }

    /// Whether something is left to be done in slices.
    pub const fn has_work(&self) -> bool {
        self.seek.is_some()
            || !self.filtered
            || !self.all_hit
            || !self.counted
            || self.save.is_some()
            || self.wanted_line.is_some()
    }

    /// Does a slice of the most urgent work.
    pub fn work(&mut self) -> io::Result<Vec<LogEvent>> {
        if let Some(seek) = self.seek.take() {
            return self.go_on_seeking(seek);
        }
        if !self.filtered {
            return Ok(vec![self.go_on_filtering()?]);
        }
        if let Some(line) = self.wanted_line
            && (self.counted || self.index.lines() > line)
        {
            self.wanted_line = None;
            return Ok(vec![self.jump_to_line(line)?]);
        }
        if let (Some(hits), false) = (&mut self.hits, self.all_hit) {
            let filter = self.filter.as_ref().map(FilteredLines::filter);
            let also = |text: &[u8]| filter.is_none_or(|filter| filter.fits(text));
            self.all_hit = hits.extend(self.origin.source(), SLICE, also)?;
            return Ok(vec![self.hits_so_far()]);
        }
        if !self.counted {
            let progress = self.index.extend(self.origin.source(), 2 * SLICE)?;
            self.counted = progress.is_complete();
            return Ok(vec![LogEvent::Counted { lines: progress.lines, complete: self.counted }]);
        }
        if let Some(save) = self.save.take() {
            match save.step(&self.origin, self.filter.as_ref()) {
                Ok(save) => self.save = Some(save),
                Err(saved) => return Ok(vec![LogEvent::Saved(saved)]),
            }
        }
        Ok(Vec::new())
    }

    fn go_on_seeking(&mut self, seek: Seek) -> io::Result<Vec<LogEvent>> {
        let filter = self.filter.as_ref().map(FilteredLines::filter);
        let accept = |_: &std::ops::Range<u64>, text: &[u8]| {
            (seek.goal != Goal::Error || level_of(text) == Some(Level::Error))
                && filter.is_none_or(|filter| filter.fits(text))
        };
        let found = seek.searcher.next_line(self.origin.source(), seek.from, seek.direction, SLICE, accept)?;
        let line = match found {
            Found::Match(line) => Some(line.offset),
            Found::NotYet(from) => {
                self.seek = Some(Seek { from, ..seek });
                return Ok(Vec::new());
            }
            Found::End => None,
        };
        let mut events = vec![LogEvent::Found { goal: seek.goal, line }];
        if seek.goal == Goal::Hit && line.is_some() {
            self.hit = line;
            events.push(self.hits_so_far());
        }
        Ok(events)
    }

    /// How many hits there are, and which of them was found last.
    fn hits_so_far(&self) -> LogEvent {
        let Some(hits) = &self.hits else {
            return LogEvent::Hits { count: 0, complete: true, rank: None };
        };
        let is_known = |line: &u64| self.all_hit || *line < hits.judged();
        let rank = self.hit.filter(is_known).map(|line| (line, hits.set().before(line.saturating_add(1)) as u64));
        LogEvent::Hits { count: hits.set().len() as u64, complete: self.all_hit, rank }
    }

    fn go_on_filtering(&mut self) -> io::Result<LogEvent> {
        let mut shown = 0;
        let mut judged = self.size;
        if let Some(filter) = &mut self.filter {
            self.filtered = filter.extend(self.origin.source(), SLICE, |_| true)?;
            judged = filter.judged();
            shown = filter.matched();
            if filter.is_inverted() {
                // All lines but those: they must be counted as far as they are judged.
                while self.index.indexed() < judged {
                    let step = judged - self.index.indexed();
                    let before = self.index.indexed();
                    self.index.extend(self.origin.source(), step)?;
                    if self.index.indexed() <= before {
                        break;
                    }
                }
                let lines = if self.index.indexed() == judged {
                    Some(self.index.lines())
                } else {
                    self.index.line_of_offset(judged, self.origin.source())?
                };
                shown = lines.unwrap_or(shown).saturating_sub(filter.matched());
            }
        }
        Ok(LogEvent::Filtered { shown, judged, complete: self.filtered, bounds: self.bounds() })
    }

    fn jump_to_line(&self, line: u64) -> io::Result<LogEvent> {
        let last = self.index.lines().saturating_sub(1);
        let source = self.origin.source();
        Ok(match self.index.offset_of_line(line.min(last), source)? {
            Some(at) if line > last => LogEvent::Jumped { at: Some(at), note: Some(format!("the last line is {}", last + 1)) },
            Some(at) => LogEvent::Jumped { at: Some(at), note: None },
            None => LogEvent::Jumped { at: None, note: Some("the log has no such line".into()) },
        })
    }

    fn jump_to_time(&self, micros: i64) -> io::Result<LogEvent> {
        let source = self.origin.source();
        Ok(match self.origin.offset_at(micros)? {
            Ok(Some(at)) => {
                // A chunk may begin within a line; the first line that begins in it is meant.
                let line = line_at(source, at)?.map_or(at, |line| if line.start < at { line.end } else { line.start });
                LogEvent::Jumped { at: Some(line), note: None }
            }
            Ok(None) => {
                let last = lines_before(source, u64::MAX, 1)?.first().map(|line| line.start);
                LogEvent::Jumped { at: last, note: Some("nothing was written so late".into()) }
            }
            Err(why) => LogEvent::Jumped { at: None, note: Some(why.into()) },
        })
    }

    /// From where to where lines are shown.
    fn bounds(&self) -> std::ops::Range<u64> {
        self.filter.as_ref().map_or(0..self.size, |filter| filter.set().bounds())
    }

    /// The number (from 1) of the line at `start`, if it is counted so far.
    fn number(&self, start: u64) -> io::Result<Option<u64>> {
        Ok(self.index.line_of_offset(start, self.origin.source())?.map(|number| number + 1))
    }

    /// Lines up to the end of the log: remembers where the next growth begins and in which style.
    fn dressed_to_end(&mut self, raw: Vec<RawLine>) -> io::Result<Vec<LogLine>> {
        let mut styles = std::mem::take(&mut self.styles);
        let mut last = None;
        if let Some(line) = raw.last() {
            // A last line without its newline comes again when it has grown.
            let finished = (line.end - line.start) > line.text.len() as u64;
            self.next = if finished { line.end } else { line.start };
            last = (!finished).then(|| line.start);
        }
        let mut before = styles.clone();
        let mut lines = Vec::with_capacity(raw.len());
        for line in self.dressing(raw) {
            let (line, raw) = line?;
            if last == Some(raw.start) {
                before.clone_from(&styles);
            }
            lines.push(line.styled(&raw, &mut styles));
        }
        self.styles = if last.is_some() { before } else { styles };
        Ok(lines)
    }

    fn dressed(&self, raw: Vec<RawLine>, styles: &mut [Style]) -> io::Result<Vec<LogLine>> {
        self.dressing(raw).map(|line| line.map(|(line, raw)| line.styled(&raw, styles))).collect()
    }

    /// What is known of lines: number, time, stream, run.
    fn dressing(&self, raw: Vec<RawLine>) -> impl Iterator<Item = io::Result<(Undressed, RawLine)>> {
        let mut chunk: (Option<Stamp>, std::ops::Range<u64>) = (None, 0..0);
        // The line before: where it ended, and the number of the one after it.
        let mut follows: Option<(u64, u64)> = None;
        raw.into_iter().map(move |line| {
            if !chunk.1.contains(&line.start) {
                let (stamp, until) = self.origin.stamp(line.start)?;
                chunk = (stamp, line.start..until);
            }
            let number = match follows {
                Some((end, number)) if end == line.start => Some(number),
                _ => self.number(line.start)?,
            };
            let is_whole = line.end > line.start + line.text.len() as u64;
            follows = number.filter(|_| line.end < self.index.indexed()).map(|n| (line.end, n + u64::from(is_whole)));
            let run = self.origin.run_at(line.start);
            Ok((Undressed { number, stamp: chunk.0, run }, line))
        })
    }
}

/// What is known of a line besides its text.
struct Undressed {
    number: Option<u64>,
    stamp: Option<Stamp>,
    run: Option<usize>,
}

impl Undressed {
    /// With its text, in the style its run was in.
    fn styled(self, raw: &RawLine, styles: &mut [Style]) -> LogLine {
        let style = styles.get_mut(self.run.unwrap_or(0));
        let (text, next) = style_line(&raw.text, style.as_deref().copied().unwrap_or_default());
        if let Some(style) = style {
            *style = next;
        }
        LogLine {
            number: self.number,
            time: self.stamp.map(|stamp| stamp.time_micros),
            stderr: self.stamp.is_some_and(|stamp| stamp.stream == Stream::Stderr),
            run: self.run,
            continued: raw.continued,
            ..LogLine::new(raw.start, raw.end, text, level_of(&raw.text))
        }
    }
}
