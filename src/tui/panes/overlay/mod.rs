//! What lies over the panes: questions, forms, lines to type, lists to look at, toasts.

mod about;
mod columns;
mod form;
mod help;
mod prompt;
mod question;
mod rerun;
mod sort;
mod tags;
mod toast;
mod topics;
mod which_key;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;

use crate::tui::app::Model;
use crate::tui::app::dialog::Overlay;
use crate::tui::app::model::Severity;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::block;

/// Draws it, and the toasts; answers where the cursor is, if something is typed. A picture keeps its colours behind it.
pub fn draw(buffer: &mut Buffer, model: &Model, theme: &Theme, picture: Option<Rect>) -> Option<Position> {
    let overlay = model.overlay.as_ref();
    if overlay.is_some_and(|overlay| !matches!(overlay, Overlay::Prompt(_))) {
        step_back(buffer, theme, picture.unwrap_or_default());
    }
    toast::draw(buffer, model, theme);
    let cursor = overlay.and_then(|overlay| over(buffer, model, overlay, theme));
    which_key::draw(buffer, model, theme);
    cursor
}

fn over(buffer: &mut Buffer, model: &Model, overlay: &Overlay, theme: &Theme) -> Option<Position> {
    match overlay {
        Overlay::Confirm(confirm) => {
            question::draw(buffer, model, confirm, theme);
            None
        }
        Overlay::Rerun(form) => rerun::draw(buffer, model, form, theme),
        Overlay::Tags(form) => tags::draw(buffer, model, form, theme),
        Overlay::Prompt(prompt) => prompt::draw(buffer, model, prompt, theme),
        Overlay::Sort(menu) => {
            sort::draw(buffer, model, menu, theme);
            None
        }
        Overlay::Columns(menu) => {
            columns::draw(buffer, model, menu, theme);
            None
        }
        Overlay::Sheet(sheet) => {
            about::draw(buffer, model, sheet, theme);
            None
        }
        Overlay::Help(guide) => {
            help::draw(buffer, model, guide, theme);
            None
        }
        Overlay::Topics(reader) => {
            topics::draw(buffer, model, reader, theme);
            None
        }
    }
}

/// All but the last line, and a picture, steps back behind what lies over it.
fn step_back(buffer: &mut Buffer, theme: &Theme, picture: Rect) {
    let area = Rect { height: buffer.area.height.saturating_sub(1), ..buffer.area };
    for position in area.positions().filter(|position| !picture.contains(*position)) {
        buffer[position].set_style(Style::reset()).set_style(theme.style(Role::Dim));
    }
}

/// A rectangle in the middle of the screen, as large as asked where there is room.
fn centred(model: &Model, width: usize, height: usize) -> Rect {
    let (columns, rows) = model.size;
    let width =
        u16::try_from(width).unwrap_or(columns).min(columns.saturating_sub(if columns > 50 { 4 } else { 0 }));
    let height =
        u16::try_from(height).unwrap_or(rows).min(rows.saturating_sub(if rows > 12 { 2 } else { 0 }));
    Rect { x: (columns - width) / 2, y: (rows - height) / 2, width, height }
}

/// A framed popup; answers its inside, with a margin where there is room for one.
fn popup(buffer: &mut Buffer, area: Rect, theme: &Theme, title: &str, right: Line<'static>) -> Rect {
    let style = theme.style(Role::Accent).patch(theme.style(Role::Strong));
    let inner = block(buffer, area, theme, true, &Line::styled(title.to_owned(), style), right);
    if inner.width > 30 { Rect { x: inner.x + 1, width: inner.width - 2, ..inner } } else { inner }
}

/// The look of how serious something is.
pub const fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::Good => Role::Good,
        Severity::Warning => Role::Warning,
        Severity::Error => Role::Error,
    }
}
