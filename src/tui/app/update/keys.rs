//! Keys: through the keymap to a command, in the panes and in what lies over them.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::super::dialog::Overlay;
use super::super::effect::Effect;
use super::super::model::{Model, Severity};
use super::{actions, over, prompt};
use crate::tui::command::Invocation;
use crate::tui::keymap::{Found, Key, Place};

/// Takes in a key.
pub fn key(model: &mut Model, event: KeyEvent, effects: &mut Vec<Effect>) {
    if event.kind == KeyEventKind::Release {
        return;
    }
    if model.overlay.is_some() && model.uptime < model.unread_until {
        return;
    }
    if let Some(overlay) = model.overlay.take() {
        return over::key(model, overlay, event, effects);
    }
    if let Meaning::Run(line) = meaning(model, Key::from(event), model.place())
        && let Err(why) = actions::invoke(model, &line, effects)
    {
        model.tell(Severity::Warning, &why);
    }
}

/// What a key means after those that were pressed before it.
pub enum Meaning {
    /// It runs this.
    Run(Invocation),
    /// It begins a sequence, goes on with one or leaves it.
    Taken,
    /// Nothing.
    Nothing,
}

/// What a key means at a place.
pub fn meaning(model: &mut Model, key: Key, place: Place) -> Meaning {
    let mut keys = std::mem::take(&mut model.pressed);
    let begun = !keys.is_empty();
    model.dirty |= begun;
    if begun && key.code == KeyCode::Esc {
        return Meaning::Taken;
    }
    keys.push(key);
    match model.keymap.find(&keys, place) {
        Found::Run(choice) => Meaning::Run(choice.run.clone()),
        Found::Prefix => {
            model.pressed = keys;
            model.dirty = true;
            Meaning::Taken
        }
        Found::Nothing if begun => Meaning::Taken,
        Found::Nothing => Meaning::Nothing,
    }
}

/// Takes in a pasted text: into a field, on one line.
pub fn paste(model: &mut Model, text: &str) {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match &mut model.overlay {
        Some(Overlay::Prompt(open)) => {
            open.input.insert_str(line);
            let open = open.clone();
            model.overlay = Some(Overlay::Prompt(Box::new(prompt::typed(model, *open))));
        }
        Some(Overlay::Rerun(form)) => {
            if let Some(field) = form.fields.focused() {
                field.input.insert_str(line);
            }
            form.typed();
        }
        Some(Overlay::Tags(form)) => {
            if let Some(field) = form.fields.focused() {
                field.input.insert_str(line);
            }
        }
        _ => return,
    }
    model.dirty = true;
}
