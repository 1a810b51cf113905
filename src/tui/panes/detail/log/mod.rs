//! The log tab: of the selected run, of several, or the controller's.

mod row;
mod state;

pub use state::{name, state};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::Model;
use crate::tui::app::effect::LogSource;
use crate::tui::app::log::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{empty, put};
use crate::tui::widgets::text;

/// Draws it into the inside of the pane; answers how many lines it put together.
pub fn draw(buffer: &mut Buffer, inner: Rect, model: &Model, theme: &Theme) -> usize {
    let inner = failure(buffer, inner, model, theme);
    let log = &model.log;
    let (said, role) = match &log.state {
        State::None | State::Opening => return 0,
        State::Failed(why) => (text::cut(why, 200, theme.glyphs.more), Role::Error),
        State::Open if !log.lines.is_empty() => return row::lines(buffer, inner, model, theme),
        State::Open if log.filter.as_ref().is_some_and(|filter| filter.complete) => {
            ("no line fits the filter".to_owned(), Role::Dim)
        }
        State::Open if log.filter.is_some() => (format!("filtering{}", theme.glyphs.more), Role::Dim),
        State::Missing | State::Open if let Some(awaited) = awaited(model) => (awaited, Role::Dim),
        State::Missing | State::Open if is_file(model) => ("the file is empty".to_owned(), Role::Dim),
        State::Missing | State::Open if running(model) => ("nothing printed yet".to_owned(), Role::Dim),
        State::Missing | State::Open => ("it printed nothing".to_owned(), Role::Dim),
    };
    empty(buffer, inner, &[Line::styled(said, theme.style(role))]);
    0
}

/// Whether it is a file that a run left.
fn is_file(model: &Model) -> bool {
    matches!(model.log.source, Some(LogSource::File { .. }))
}

/// What is said in place of the log of a run that has not started.
fn awaited(model: &Model) -> Option<String> {
    let log = &model.log;
    let own = log.pinned.is_none() && log.runs.is_empty() && !model.controller_log;
    let run = model.runs.selected().filter(|run| own && run.status.is_waiting())?;
    model.detail.known(&run.path())?.page.awaited()
}

/// Whether something may still be added.
fn running(model: &Model) -> bool {
    if is_file(model) {
        return false;
    }
    let several = !model.log.runs.is_empty();
    several || model.controller_log || model.runs.selected().is_some_and(|run| !run.status.is_final())
}

/// How a failed run ended, above its last lines; answers what is left below.
fn failure(buffer: &mut Buffer, inner: Rect, model: &Model, theme: &Theme) -> Rect {
    let lines = model.failure_lines();
    let rows = lines.len().min(usize::from(inner.height) / 2);
    for (row, text) in lines.iter().take(rows).enumerate() {
        let role = if row == 0 { Role::Error } else { Role::Dim };
        let sign = if row == 0 { theme.glyphs.failed } else { " " };
        let text = text::cut(text, usize::from(inner.width).saturating_sub(3), theme.glyphs.more);
        let line = Line::from(vec![
            Span::styled(format!("{sign} "), theme.style(role)),
            Span::styled(text, theme.style(role)),
        ]);
        put(buffer, inner, row, &line);
    }
    let rows = u16::try_from(rows).unwrap_or(0);
    Rect { y: inner.y + rows, height: inner.height - rows, ..inner }
}
