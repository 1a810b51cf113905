//! The bottom line: the keys of the focused pane, from the registry.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::app::click::{Click, Clicks};
use crate::tui::app::dialog::Overlay;
use crate::tui::app::{Model, Screen};
use crate::tui::command::{Command, OverCommand, entries};
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
        _ if !model.pressed.is_empty() => fixed(&[("esc", "leave")]),
        Some(overlay) => of_overlay(model, overlay),
        None => of_pane(model),
    };
    let width = |hint: &Hint| text::width(&hint.shown) + text::width(&hint.word) + 3;
    // The last one, which shows the others, is never left out; half a hint is none.
    let Some(last) = hints.last().map(width) else { return };
    let mut room = (usize::from(area.width) + 1).saturating_sub(last);
    let mut line = Line::raw(" ");
    for (at, hint) in hints.iter().enumerate() {
        let is_last = at + 1 == hints.len();
        if !is_last && width(hint) > room {
            // What is less useful is not shown in its place.
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
    let mut ranked: Vec<(u8, Hint)> = entries()
        .filter(|entry| entry.scope.includes(place.context) && model.can(entry.command))
        .filter_map(|entry| {
            let (rank, word) = entry.hint?;
            let keys = model.keymap.keys(entry.command, place).next()?;
            Some((rank, Hint { keys: Some(keys.clone()), shown: keys.short(), word: word.to_owned() }))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut hints: Vec<Hint> = ranked.into_iter().map(|(_, hint)| hint).collect();
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
    let marks = model.runs.marks.len() + model.runs.to_mark.len() + model.jobs.marks.len();
    if let Some(keys) = back.filter(|_| marks > 0 && model.screen == Screen::Main) {
        let word = format!("unmark {marks}");
        hints.insert(0, Hint { keys: Some(keys.clone()), shown: keys.short(), word });
    }
    hints
}

/// The hints of what lies over the panes. A line to type has none: it stands in their place.
fn of_overlay(model: &Model, overlay: &Overlay) -> Vec<Hint> {
    const ACCEPT: Command = Command::Over(OverCommand::Accept);
    const UP_DOWN: &[Command] = &[Command::Up, Command::Down];
    let close: (&[Command], &str) = (&[Command::Back], "close");
    let leave: (&[Command], &str) = (&[Command::Back], "leave");
    let hints: Vec<(&[Command], &str)> = match overlay {
        Overlay::Prompt(_) => Vec::new(),
        Overlay::Confirm(_) => vec![(UP_DOWN, "scroll")],
        Overlay::Tags(_) => {
            vec![(&[ACCEPT], "save"), (&[Command::Over(OverCommand::Complete)], "complete, next line"), leave]
        }
        Overlay::Rerun(form) => vec![
            (&[ACCEPT], if form.is_single() { "start" } else { "list them" }),
            (UP_DOWN, "line"),
            (&[Command::Over(OverCommand::EditArguments)], if form.is_single() { "in $EDITOR" } else { "" }),
            leave,
        ],
        Overlay::Sort(_) => vec![(&[Command::Open], "sort"), (UP_DOWN, "choose"), leave],
        Overlay::Columns(_) => vec![
            (&[Command::Over(OverCommand::ToggleColumn)], "show or hide"),
            (&[Command::Over(OverCommand::ColumnDown), Command::Over(OverCommand::ColumnUp)], "move"),
            (&[Command::Over(OverCommand::DefaultColumns)], "automatic"),
            (&[Command::Open], "keep"),
            leave,
        ],
        Overlay::Sheet(_) => vec![(&[Command::Copy], "copy line"), (UP_DOWN, "scroll"), close],
        Overlay::Help(_) => vec![(UP_DOWN, "scroll"), (&[Command::Open], "help topics"), close],
        Overlay::Topics(topics) if topics.reading => vec![
            (UP_DOWN, "scroll"),
            (
                &[Command::Over(OverCommand::TopicNext), Command::Over(OverCommand::TopicPrevious)],
                "next and previous",
            ),
            (&[Command::Back], "topics"),
        ],
        Overlay::Topics(_) => vec![(&[Command::Open], "read"), (UP_DOWN, "choose"), close],
    };
    let place = model.place_over(overlay);
    let hint = |(commands, word): (&[Command], &str)| {
        let keys: Vec<&Sequence> =
            commands.iter().filter_map(|command| model.keymap.keys(*command, place).next()).collect();
        let shown: Vec<String> = keys.iter().map(|keys| keys.short()).collect();
        // Arrows stand close together.
        let between = if shown.iter().any(|keys| keys.is_ascii()) { " " } else { "" };
        // Where two are named, a click presses neither.
        let pressed = if let [one] = keys.as_slice() { Some((*one).clone()) } else { None };
        let said = !keys.is_empty() && !word.is_empty();
        said.then(|| Hint { keys: pressed, shown: shown.join(between), word: word.to_owned() })
    };
    let answers: &[(&str, &str)] =
        if matches!(overlay, Overlay::Confirm(_)) { &[("y", "yes"), ("n", "no")] } else { &[] };
    fixed(answers).into_iter().chain(hints.into_iter().filter_map(hint)).collect()
}

/// Keys that no keymap changes.
fn fixed(hints: &[(&str, &str)]) -> Vec<Hint> {
    let hint = |(key, word): &(&str, &str)| Hint {
        keys: Sequence::parse(key).ok(),
        shown: (*key).to_owned(),
        word: (*word).to_owned(),
    };
    hints.iter().map(hint).collect()
}
