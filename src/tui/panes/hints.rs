//! The bottom line: the keys of the focused pane, from the registry.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::click::{Click, Clicks};
use crate::tui::app::dialog::{Overlay, PromptKind};
use crate::tui::app::{Model, Screen};
use crate::tui::command::{Command, entries};
use crate::tui::keymap::Sequence;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::put;
use crate::tui::widgets::text;

/// A key, as it is pressed and as it is shown, and what it does.
struct Hint {
    keys: Option<Sequence>,
    shown: String,
    word: String,
}

/// Draws it.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme, clicks: &mut Clicks) {
    let hints = match &model.overlay {
        Some(overlay) => of_overlay(overlay),
        None if !model.pressed.is_empty() => fixed(&[("esc", "leave")]),
        None => of_pane(model),
    };
    let width = |hint: &Hint| text::width(&hint.shown) + text::width(&hint.word) + 3;
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
        if let Some(keys) = &hint.keys {
            clicks.add(area, 0, (line.width(), width(hint) - 2), Click::Keys(keys.clone()));
        }
        line.push_span(Span::styled(hint.shown.clone(), theme.style(Role::Key)));
        line.push_span(Span::styled(format!(" {}  ", hint.word), theme.style(Role::Dim)));
    }
    put(buffer, area, 0, &line);
}

/// The hints of a pane: what can be done now.
fn of_pane(model: &Model) -> Vec<Hint> {
    let place = model.place();
    let mut hints: Vec<Hint> = entries()
        .filter(|entry| entry.scope.includes(place.context) && model.can(entry.command))
        .filter_map(|entry| {
            let hint = entry.hint?;
            let keys = model.keymap.keys(entry.command, place).next()?;
            Some(Hint { keys: Some(keys.clone()), shown: keys.short(), word: hint.to_owned() })
        })
        .collect();
    let own: &[(Command, &str)] = match model.screen {
        Screen::Main if model.on_picture() => {
            &[(Command::Left, "before"), (Command::Right, "next"), (Command::Back, "close")]
        }
        Screen::Main => &[],
        Screen::Tasks | Screen::Errors => &[(Command::Copy, "copy"), (Command::Back, "back")],
        Screen::Nodes => &[
            (Command::Open, "its runs"),
            (Command::ControllerLog, "controller log"),
            (Command::Back, "back"),
        ],
        Screen::Compare => &[(Command::Back, "back"), (Command::FocusNext, "table or charts")],
    };
    let own = own.iter().filter_map(|(command, word)| {
        let keys = model.keymap.keys(*command, place).next()?;
        Some(Hint { keys: Some(keys.clone()), shown: keys.short(), word: (*word).to_owned() })
    });
    hints.splice(0..0, own);
    let back = model.keymap.keys(Command::Back, place).next();
    let marks = model.runs.marks.len() + model.jobs.marks.len();
    if let Some(keys) = back.filter(|_| marks > 0 && model.screen == Screen::Main) {
        let word = format!("unmark {marks}");
        hints.insert(0, Hint { keys: Some(keys.clone()), shown: keys.short(), word });
    }
    hints
}

fn of_overlay(overlay: &Overlay) -> Vec<Hint> {
    let hints: &[(&str, &str)] = match overlay {
        Overlay::Confirm(_) => &[("y", "yes"), ("n", "no"), ("↑↓", "scroll")],
        Overlay::Tags(_) => &[("enter", "save"), ("tab", "next line"), ("esc", "leave")],
        Overlay::Rerun(_) => &[("enter", "start"), ("tab", "next field"), ("esc", "leave")],
        Overlay::Prompt(prompt) => match prompt.kind {
            PromptKind::Command => {
                &[("enter", "run"), ("tab", "complete"), ("↑↓", "choose"), ("esc", "leave")]
            }
            PromptKind::Filter | PromptKind::Metrics => &[("enter", "keep"), ("esc", "as before")],
            PromptKind::Priority => &[("enter", "set"), ("esc", "leave")],
            PromptKind::Search => &[("enter", "search"), ("esc", "leave")],
            PromptKind::Lines => &[("enter", "filter"), ("esc", "leave")],
            PromptKind::Jump => &[("enter", "go there"), ("esc", "leave")],
            PromptKind::Save | PromptKind::SaveFile => &[("enter", "save"), ("esc", "leave")],
        },
        Overlay::Sort(_) => &[("enter", "sort"), ("↑↓", "choose"), ("esc", "leave")],
        Overlay::Columns(_) => &[
            ("space", "show or hide"),
            ("J K", "move"),
            ("a", "automatic"),
            ("enter", "keep"),
            ("esc", "leave"),
        ],
        Overlay::Sheet(_) => &[("y", "copy line"), ("↑↓", "scroll"), ("esc", "close")],
        Overlay::Help { .. } => &[("esc", "close"), ("↑↓", "scroll"), ("enter", "help topics")],
        Overlay::Topics(topics) if topics.reading => {
            &[("↑↓", "scroll"), ("n p", "next and previous"), ("esc", "topics")]
        }
        Overlay::Topics(_) => &[("enter", "read"), ("↑↓", "choose"), ("esc", "close")],
    };
    fixed(hints)
}

/// Keys that no keymap changes. Where two are named, a click presses neither.
fn fixed(hints: &[(&str, &str)]) -> Vec<Hint> {
    let hint = |(key, word): &(&str, &str)| Hint {
        keys: Sequence::parse(key).ok().filter(|keys| keys.keys().len() == 1),
        shown: (*key).to_owned(),
        word: (*word).to_owned(),
    };
    hints.iter().map(hint).collect()
}
