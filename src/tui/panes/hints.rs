//! The bottom line: the keys of the focused pane, from the registry.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::Model;
use crate::tui::app::dialog::{Overlay, PromptKind};
use crate::tui::command::REGISTRY;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;

/// Draws it.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) {
    let hints = match &model.overlay {
        Some(overlay) => of_overlay(overlay),
        None => of_pane(model),
    };
    let mut line = Line::raw(" ");
    let mut left = usize::from(area.width).saturating_sub(1);
    for (key, word) in hints {
        // Half a hint is none.
        let width = key.chars().count() + word.chars().count() + 3;
        if width > left + 2 {
            break;
        }
        left = left.saturating_sub(width);
        line.push_span(Span::styled(key, theme.style(Role::Key)));
        line.push_span(Span::styled(format!(" {word}  "), theme.style(Role::Dim)));
    }
    put(buffer, area, 0, &line);
}

/// The hints of a pane. The help comes before what may not fit.
fn of_pane(model: &Model) -> Vec<(String, String)> {
    let mut hints: Vec<(String, String)> = REGISTRY
        .iter()
        .filter(|entry| entry.scope.includes(model.focus))
        .filter_map(|entry| {
            let key = model.keymap.keys(entry.command, model.focus).next()?;
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
        },
        Overlay::Sort(_) => &[("enter", "sort"), ("↑↓", "choose"), ("esc", "leave")],
        Overlay::Help { .. } | Overlay::Errors { .. } | Overlay::Tasks { .. } => {
            &[("esc", "close"), ("↑↓", "scroll")]
        }
    };
    hints.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect()
}
