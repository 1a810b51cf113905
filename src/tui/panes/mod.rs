//! The screen: one file a pane. Drawing reads the model and changes nothing.

mod board;
mod chart;
mod compare;
mod detail;
mod header;
mod hints;
mod jobs;
mod ledger;
mod nodes;
mod overlay;
mod runs;
mod workspaces;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::app::click::Clicks;
use super::app::detail::Picture;
use super::app::{Model, Screen};
use super::theme::Theme;

/// What a frame came to: what it cost, for the tests that hold it down, and what of it can be clicked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Rows of runs that were put together.
    pub runs_built: usize,
    /// Lines of the log that were put together.
    pub log_lines_built: usize,
    /// Charts of metrics that were drawn.
    pub charts_built: usize,
    /// Where the open picture is, if it is seen.
    pub picture: Option<Rect>,
    /// What can be clicked.
    pub clicks: Clicks,
}

/// Draws the whole screen.
pub fn draw(frame: &mut Frame<'_>, model: &Model, theme: &Theme) -> Drawn {
    let areas = model.areas();
    let mut drawn = Drawn::default();
    let buffer = frame.buffer_mut();
    header::draw(buffer, areas.header, model, theme);
    match model.screen {
        Screen::Main => {
            workspaces::draw(buffer, areas.workspaces, model, theme);
            jobs::draw(buffer, areas.jobs, model, theme);
            drawn.runs_built = runs::draw(buffer, areas.runs, model, theme, &mut drawn.clicks);
            detail::draw(buffer, areas.detail, model, theme, &mut drawn);
        }
        Screen::Nodes => nodes::draw(buffer, model.body(), model, theme),
        Screen::Compare => {
            drawn.charts_built = compare::draw(buffer, model.body(), model, theme, &mut drawn.clicks);
        }
        Screen::Tasks => ledger::tasks(buffer, model.body(), model, theme),
        Screen::Errors => ledger::errors(buffer, model.body(), model, theme),
    }
    hints::draw(buffer, areas.hints, model, theme, &mut drawn.clicks);
    let cursor = overlay::draw(buffer, model, theme, drawn.picture);
    theme.paint(buffer);
    let shown = model.detail.picture.as_ref().and_then(Picture::shown);
    if let (Some(place), Some(shown)) = (drawn.picture, shown) {
        shown.cells.give_way(buffer, place);
    }
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    drawn
}

#[cfg(test)]
mod tests;
