//! The bottom line: the keys of the focused pane, from the registry.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::Model;
use crate::tui::app::click::{Click, Clicks};
use crate::tui::app::dialog::{Overlay, PromptKind};
use crate::tui::command::REGISTRY;
use crate::tui::keymap::Key;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// Draws it.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme, clicks: &mut Clicks) {
    let hints = match &model.overlay {
        Some(overlay) => of_overlay(overlay),
        None => of_pane(model),
    };
    let width = |(key, word): &(String, String)| text::width(key) + text::width(word) + 3;
    // The last one, which shows the others, is never left out; half a hint is none.
    let mut room = (usize::from(area.width) + 1).saturating_sub(hints.last().map_or(0, width));
    let mut line = Line::raw(" ");
    for (at, hint) in hints.iter().enumerate() {
        let last = at + 1 == hints.len();
        if !last && width(hint) > room {
            room = 0;
            continue;
        }
        room = room.saturating_sub(width(hint));
        if let Some(key) = Key::parse(&hint.0) {
            clicks.add(area, 0, (line.width(), width(hint) - 2), Click::Key(key));
        }
        line.push_span(Span::styled(hint.0.clone(), theme.style(Role::Key)));
        line.push_span(Span::styled(format!(" {}  ", hint.1), theme.style(Role::Dim)));
    }
    put(buffer, area, 0, &line);
}

/// The hints of a pane: what can be done now.
fn of_pane(model: &Model) -> Vec<(String, String)> {
    let mut hints: Vec<(String, String)> = REGISTRY
        .iter()
        .filter(|entry| entry.scope.includes(model.key_context()) && model.can(entry.command))
        .filter_map(|entry| {
            let key = model.keymap.keys(entry.command, model.key_context()).next()?;
            Some((key.short(), entry.hint?.to_owned()))
        })
        .collect();
    if !model.runs.marks.is_empty() {
        hints.insert(0, ("esc".to_owned(), format!("unmark {}", model.runs.marks.len())));
    }
    hints
}

fn of_overlay(overlay: &Overlay) -> Vec<(String, String)> {
    let hints: &[(&str, &str)] = match overlay {
        Overlay::Confirm(_) => &[("y", "yes"), ("n", "no"), ("↑↓", "scroll")],
        Overlay::Rerun(_) => &[("enter", "start"), ("tab", "next field"), ("esc", "leave")],
        Overlay::Prompt(prompt) => match prompt.kind {
            PromptKind::Command => {
                &[("enter", "run"), ("tab", "complete"), ("↑↓", "choose"), ("esc", "leave")]
            }
            PromptKind::Filter => &[("enter", "keep"), ("esc", "as before")],
            PromptKind::Search => &[("enter", "search"), ("esc", "leave")],
            PromptKind::Lines => &[("enter", "filter"), ("esc", "leave")],
            PromptKind::Jump => &[("enter", "go there"), ("esc", "leave")],
            PromptKind::Save => &[("enter", "save"), ("esc", "leave")],
        },
        Overlay::Sort(_) => &[("enter", "sort"), ("↑↓", "choose"), ("esc", "leave")],
        Overlay::Columns(_) => &[
            ("space", "show or hide"),
            ("J K", "move"),
            ("a", "automatic"),
            ("enter", "keep"),
            ("esc", "leave"),
        ],
        Overlay::Help { .. } | Overlay::Errors { .. } | Overlay::Tasks { .. } => {
            &[("esc", "close"), ("↑↓", "scroll")]
        }
    };
    hints.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect()
}
