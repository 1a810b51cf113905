//! The detail pane: the selected run, a tab at a time.

mod log;
mod metrics;
mod node;
mod picture;
pub mod rows;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::click::Click;
use crate::tui::app::{Model, Pane, Tab};
use crate::tui::panes::Drawn;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::block;
use crate::tui::widgets::text;

/// A first column and a width.
type Place = (usize, usize);

/// Draws it, and tells what it came to.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme, drawn: &mut Drawn) {
    if area.is_empty() {
        return;
    }
    let focused = model.focus == Pane::Detail;
    let state = match model.detail.tab {
        Tab::Log => {
            // The name and the tab go before it.
            let name = log::name(model).map_or(0, |name| text::width(&name) + 3) + Tab::Log.title().len();
            log::state(model, theme, usize::from(area.width).saturating_sub(name + 7))
        }
        Tab::Node => node::state(model, theme),
        Tab::Metrics => metrics::state(model, theme),
        Tab::Files if model.detail.picture.is_some() => picture::state(model, theme),
        _ => rows::state(model, theme),
    };
    let room = usize::from(area.width).saturating_sub(state.width() + 7);
    let (title, tabs) = title(model, theme, focused, room);
    for (tab, place) in tabs {
        // Behind the corner and a blank.
        drawn.clicks.add(area, 0, (place.0 + 2, place.1), Click::Tab(tab));
    }
    let inner = block(buffer, area, theme, focused, &title, state);
    match model.detail.tab {
        Tab::Log => drawn.log_lines_built = log::draw(buffer, inner, model, theme),
        Tab::Metrics => drawn.charts_built = metrics::draw(buffer, inner, model, theme, &mut drawn.clicks),
        Tab::Node => node::draw(buffer, inner, model, theme),
        Tab::Files if model.detail.picture.is_some() => {
            drawn.picture = picture::draw(buffer, inner, model, theme);
        }
        Tab::Params | Tab::Files | Tab::Events => rows::draw(buffer, inner, model, theme),
    }
}

/// The run's name and the tabs, with the place of each: close together where there is little room; only the one
/// that is shown where there is not enough even so.
fn title(model: &Model, theme: &Theme, focused: bool, room: usize) -> (Line<'static>, Vec<(Tab, Place)>) {
    let dim = theme.style(Role::Dim);
    let (mut line, mut places) = (Line::default(), Vec::new());
    let on_log = model.detail.tab == Tab::Log;
    let own = || model.runs.selected().map(|run| run.run_name.to_string());
    let name = if on_log { log::name(model).or_else(own) } else { own() };
    if let Some(name) = name {
        line.push_span(Span::styled(name, theme.title(focused)));
        line.push_span(Span::styled(format!(" {} ", theme.glyphs.dot), dim));
    }
    let tabs: Vec<Span<'static>> = Tab::ALL
        .into_iter()
        .map(|tab| {
            let style = if tab == model.detail.tab { theme.title(focused) } else { dim };
            Span::styled(tab.title(), style)
        })
        .collect();
    let bar = theme.glyphs.border.vertical_left;
    let width = |gap: usize| tabs.iter().map(|tab| tab.width() + gap).sum::<usize>();
    let between = [format!(" {bar} "), bar.to_owned()];
    let between = between.into_iter().find(|bar| {
        let gap = text::width(bar);
        line.width() + width(gap) <= room + gap
    });
    for (tab, span) in Tab::ALL.into_iter().zip(tabs) {
        if between.is_none() && tab != model.detail.tab {
            continue;
        }
        if let Some(between) = between.as_ref().filter(|_| tab != Tab::ALL[0]) {
            line.push_span(Span::styled(between.clone(), dim));
        }
        places.push((tab, (line.width(), span.width())));
        line.push_span(span);
    }
    (line, places)
}
