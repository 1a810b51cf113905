//! Raw lines become lines ready to be drawn: colours, level, number, time, stream, run.

use std::io;
use std::ops::Range;

use super::super::app::log::LogLine;
use super::log_reader::LogReader;
use crate::log::{RawLine, Stamp, Stream, Style, level_of, style_line};

impl LogReader {
    /// Lines up to the end of the log: remembers where the next growth begins and in which style.
    pub(super) fn dressed_to_end(&mut self, raw: Vec<RawLine>) -> io::Result<Vec<LogLine>> {
        let mut styles = std::mem::take(&mut self.styles);
        let mut last = None;
        if let Some(line) = raw.last() {
            // A last line without its newline comes again when it has grown.
            let finished = (line.end - line.start) > line.text.len() as u64;
            self.next = if finished { line.end } else { line.start };
            last = (!finished).then_some(line.start);
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

    /// Lines from anywhere.
    pub(super) fn dressed(&self, raw: Vec<RawLine>, styles: &mut [Style]) -> io::Result<Vec<LogLine>> {
        self.dressing(raw).map(|line| line.map(|(line, raw)| line.styled(&raw, styles))).collect()
    }

    /// What is known of lines: number, time, stream, run.
    fn dressing(&self, raw: Vec<RawLine>) -> impl Iterator<Item = io::Result<(Undressed, RawLine)>> {
        let mut chunk: (Option<Stamp>, Range<u64>) = (None, 0..0);
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
            follows = number
                .filter(|_| line.end < self.index.indexed())
                .map(|n| (line.end, n + u64::from(is_whole)));
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
            unfinished: raw.end == raw.start + raw.text.len() as u64,
            ..LogLine::new(raw.start, raw.end, text, level_of(&raw.text))
        }
    }
}
