//! Keys in what lies over the panes: which command they run is the keymap's matter there too, letters that are
//! typed are text, and the answer to a question is fixed.

use crossterm::event::{KeyCode, KeyEvent};

use super::super::dialog::Overlay;
use super::super::effect::{Edit, Effect, TerminalRequest};
use super::super::form::Pressed;
use super::super::guide::Guide;
use super::super::model::Model;
use super::super::topics::Topics;
use super::keys::{Meaning, meaning};
use super::{actions, bulk, prompt};
use crate::tui::command::{Command, OverCommand};
use crate::tui::keymap::Key;

/// A key while something lies over the panes. It is put back unless the key ends it, or opens another in its place.
pub fn key(model: &mut Model, overlay: Overlay, event: KeyEvent, effects: &mut Vec<Effect>) {
    model.dirty = true;
    let key = Key::from(event);
    if let Overlay::Confirm(confirm) = &overlay {
        match answer(key) {
            Some(true) if confirm.planned.is_some() => {
                model.pressed.clear();
                return bulk::confirmed(model, confirm, effects);
            }
            Some(false) => return model.pressed.clear(),
            _ => {}
        }
    }
    let command = match meaning(model, key, model.place_over(&overlay)) {
        Meaning::Run(line) => Some(line.entry.command),
        Meaning::Taken => return model.overlay = Some(overlay),
        Meaning::Nothing => None,
    };
    let rest = match overlay {
        Overlay::Rerun(_) | Overlay::Tags(_) => form(model, overlay, command, event, effects),
        Overlay::Prompt(open) => {
            let open = prompt::key(model, *open, command, event, effects);
            open.map(|open| Overlay::Prompt(Box::new(open)))
        }
        _ => popup(model, overlay, (command, key), effects),
    };
    // What was done may have opened something else.
    model.overlay = rest.or_else(|| model.overlay.take());
}

/// The answer to a question. It is no part of the keymap, so that none can skip a question.
const fn answer(key: Key) -> Option<bool> {
    match key.code {
        _ if !key.modifiers.is_empty() => None,
        KeyCode::Char('y' | 'Y') => Some(true),
        KeyCode::Char('n' | 'N') => Some(false),
        _ => None,
    }
}

fn popup(
    model: &mut Model,
    mut overlay: Overlay,
    (command, key): (Option<Command>, Key),
    effects: &mut Vec<Effect>,
) -> Option<Overlay> {
    let Some(command) = command else {
        // The key that opened it closes it, too.
        let opener = overlay.opener();
        let closes = opener.is_some() && opener == model.keymap.command(key, model.place());
        return if closes {
            popup(model, overlay, (Some(Command::Back), key), effects)
        } else {
            Some(overlay)
        };
    };
    match (&mut overlay, command) {
        (Overlay::Topics(topics), _) => return topics.take(command, model.size).then_some(overlay),
        (Overlay::Columns(menu), Command::Back | Command::Quit) => {
            model.columns.clone_from(&menu.before);
            return None;
        }
        (_, Command::Back | Command::Quit) => return None,
        (Overlay::Help(_), Command::Open | Command::FocusNext) => {
            return Some(Overlay::Topics(Topics::default()));
        }
        (Overlay::Sheet(sheet), Command::Copy) => actions::copy_text(model, sheet.selected(), effects),
        (Overlay::Sort(menu), Command::Open) => {
            actions::sort_chosen(model, menu);
            return None;
        }
        (Overlay::Columns(menu), Command::Open) => {
            model.columns = Some(menu.chosen());
            return None;
        }
        (Overlay::Columns(_), Command::Over(OverCommand::DefaultColumns)) => {
            model.columns = None;
            return None;
        }
        (Overlay::Columns(menu), Command::Over(OverCommand::ToggleColumn)) => menu.toggle(),
        (Overlay::Columns(menu), Command::Over(OverCommand::ColumnDown)) => menu.shift(true),
        (Overlay::Columns(menu), Command::Over(OverCommand::ColumnUp)) => menu.shift(false),
        _ => {}
    }
    if let Some(by) = command.rows() {
        overlay.step(by, model.size);
    }
    if let Overlay::Columns(menu) = &overlay {
        // Seen behind the menu while one chooses.
        model.columns = Some(menu.chosen());
    }
    Some(overlay)
}

fn form(
    model: &mut Model,
    mut overlay: Overlay,
    command: Option<Command>,
    event: KeyEvent,
    effects: &mut Vec<Effect>,
) -> Option<Overlay> {
    if command == Some(Command::Back) {
        return None;
    }
    match &mut overlay {
        Overlay::Rerun(form) if command == Some(Command::Over(OverCommand::EditArguments)) => {
            if let Some(text) = form.for_editor() {
                effects.push(Effect::Terminal(TerminalRequest::Edit(Edit::Text(text))));
            }
        }
        Overlay::Rerun(form) => match form.fields.press(command, event) {
            Pressed::Done => match form.request() {
                Ok(changes) => {
                    bulk::rerun_filled(model, form.targets.clone(), changes, effects);
                    return None;
                }
                Err(why) => form.problem = Some(why),
            },
            Pressed::Typed => form.typed(),
            Pressed::Moved => {}
        },
        Overlay::Tags(form) => match form.press(command, event) {
            Pressed::Done => match form.request() {
                Ok(asked) => {
                    bulk::tag(model, form.targets.clone(), asked, effects);
                    return None;
                }
                Err(why) => form.problem = Some(why),
            },
            Pressed::Typed => form.problem = None,
            Pressed::Moved => {}
        },
        _ => {}
    }
    Some(overlay)
}

/// Shows the keys that work now.
pub fn show_keys(model: &mut Model) {
    let guide = Guide::new(model);
    super::show(model, Overlay::Help(guide));
}
