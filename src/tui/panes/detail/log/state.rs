//! What the border says of the log: what it is, where the view stands, what is searched, how many lines there are.

use ratatui::text::{Line, Span};

use super::running;
use crate::tui::app::Model;
use crate::tui::app::effect::{Goal, LogSource};
use crate::tui::app::log::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;

/// The longest pattern that is shown whole.
const PATTERN: usize = 20;

/// What the log is of.
pub fn name(model: &Model) -> Option<String> {
    let log = &model.log;
    let merged = |word: &str| match log.left_out {
        0 => word.to_owned(),
        more => format!("{word}, {more} more left out"),
    };
    Some(match log.source.as_ref()? {
        LogSource::Controller => "controller".to_owned(),
        LogSource::Run(path) | LogSource::Attempt(path, _) => match log.attempt {
            Some((attempt, all)) if all > 1 => format!("{} attempt {attempt} of {all}", path.run),
            _ => path.run.to_string(),
        },
        LogSource::File { run, path } => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            format!("{} {}", run.run, text::cut(&name, 30, "…"))
        }
        LogSource::Runs(runs) => merged(&format!("{} runs", runs.len())),
        LogSource::Job { job, .. } if log.runs.is_empty() => job.to_string(),
        LogSource::Job { job, .. } => merged(&format!("{job}, {} runs", log.runs.len())),
    })
}

/// A part of the line, and how much it matters where there is no room for all: the least first.
struct Part {
    spans: Vec<Span<'static>>,
    weight: u8,
}

/// The state of the view in at most `room` columns.
pub fn state(model: &Model, theme: &Theme, room: usize) -> Line<'static> {
    let log = &model.log;
    if log.state != State::Open {
        return Line::default();
    }
    let parts =
        [search(model, theme), filter(model, theme), Some(position(model, theme)), lines(model, theme)];
    let mut parts: Vec<Part> = parts.into_iter().flatten().collect();
    let separator = format!(" {} ", theme.glyphs.dot);
    let width = |parts: &[Part]| {
        let texts: usize = parts.iter().flat_map(|part| &part.spans).map(Span::width).sum();
        texts + 3 * parts.len().saturating_sub(1)
    };
    while parts.len() > 1 && width(&parts) > room {
        let least = parts.iter().enumerate().min_by_key(|(_, part)| part.weight).map_or(0, |(at, _)| at);
        parts.remove(least);
    }
    let mut line = Line::default();
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            line.push_span(Span::styled(separator.clone(), theme.style(Role::Dim)));
        }
        line.spans.extend(part.spans);
    }
    line
}

/// Follow or paused, and what came since.
fn position(model: &Model, theme: &Theme) -> Part {
    let log = &model.log;
    let mut spans = Vec::new();
    if log.follows() {
        let (said, role) = if running(model) { ("follow", Role::Good) } else { ("end", Role::Dim) };
        spans.push(Span::styled(said, theme.style(role)));
    } else if super::is_file(model) {
        spans.push(Span::styled("file", theme.style(Role::Dim)));
    } else {
        spans.push(Span::styled("paused", theme.style(Role::Warning)));
        let new = log.new_lines();
        if new > 0 {
            spans.push(Span::styled(format!(" +{} new", text::count(new)), theme.style(Role::Accent)));
        }
    }
    Part { spans, weight: 3 }
}

fn filter(model: &Model, theme: &Theme) -> Option<Part> {
    let filter = model.log.filter.as_ref()?;
    let sign = if filter.complete { "" } else { theme.glyphs.more };
    let of =
        model.log.count.map_or_else(String::new, |(lines, _)| format!(" of {} lines", text::count(lines)));
    let pattern = text::cut(&filter.text, PATTERN, theme.glyphs.more);
    let spans = vec![
        Span::styled(format!("&{pattern}"), theme.style(Role::Accent)),
        Span::styled(format!(" {}{sign}{of}", text::count(filter.shown)), theme.style(Role::Dim)),
    ];
    Some(Part { spans, weight: 2 })
}

fn search(model: &Model, theme: &Theme) -> Option<Part> {
    let log = &model.log;
    let more = theme.glyphs.more;
    let Some(search) = &log.search else {
        let seeks = log.seeking == Some(Goal::Error);
        let spans = vec![Span::styled(format!("next error{more}"), theme.style(Role::Dim))];
        return seeks.then_some(Part { spans, weight: 1 });
    };
    let pattern = text::cut(&search.pattern, PATTERN, more);
    let said = match search.hits {
        _ if log.seeking.is_some() => format!(" {more}"),
        None => String::new(),
        Some(hits) => {
            let count = text::count(hits.count);
            let sign = if hits.complete { "" } else { "+" };
            match hits.rank {
                Some((_, rank)) => format!(" {} of {count}{sign}", text::count(rank)),
                None => format!(" {count}{sign}"),
            }
        }
    };
    let spans = vec![
        Span::styled(format!("/{pattern}"), theme.style(Role::Accent)),
        Span::styled(said, theme.style(Role::Dim)),
    ];
    // Who searches has paused the log and knows it.
    Some(Part { spans, weight: 4 })
}

fn lines(model: &Model, theme: &Theme) -> Option<Part> {
    let (lines, complete) = model.log.count.filter(|_| model.log.filter.is_none())?;
    let sign = if complete { "" } else { "+" };
    let noun = if lines == 1 { "line" } else { "lines" };
    let said = format!("{}{sign} {noun}", text::count(lines));
    Some(Part { spans: vec![Span::styled(said, theme.style(Role::Dim))], weight: 0 })
}
