//! Keys: to what lies over the panes, else through the keymap to a command.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::super::dialog::Overlay;
use super::super::effect::{Edit, Effect, TerminalRequest};
use super::super::form::Pressed;
use super::super::model::{Model, Severity};
use super::super::topics::Topics;
use super::mouse::scroll_overlay;
use super::{actions, bulk, prompt};
use crate::tui::command::Command;
use crate::tui::keymap::{Found, Key};

/// Takes in a key.
pub fn key(model: &mut Model, event: KeyEvent, effects: &mut Vec<Effect>) {
    if event.kind == KeyEventKind::Release {
        return;
    }
    match model.overlay.take() {
        Some(overlay) => {
            model.dirty = true;
            over(model, overlay, event, effects);
        }
        None => pane_key(model, Key::from(event), effects),
    }
}

/// A key for the focused pane; it may begin a sequence or go on with one.
fn pane_key(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let mut keys = std::mem::take(&mut model.pressed);
    model.dirty |= !keys.is_empty();
    if !keys.is_empty() && key.code == KeyCode::Esc {
        return;
    }
    keys.push(key);
    match model.keymap.find(&keys, model.place()) {
        Found::Run(choice) => {
            let run = choice.run.clone();
            if let Err(why) = actions::invoke(model, &run, effects) {
                model.tell(Severity::Warning, &why);
            }
        }
        Found::Prefix => {
            model.pressed = keys;
            model.dirty = true;
        }
        Found::Nothing => {}
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

/// A key while something lies over the panes. The overlay is put back unless the key ends it.
fn over(model: &mut Model, mut overlay: Overlay, event: KeyEvent, effects: &mut Vec<Effect>) {
    let key = Key::from(event);
    let leaves = key.code == KeyCode::Esc || key == ctrl('c');
    // What moves in the panes moves here.
    let command = model.keymap.command(key, model.place());
    match &mut overlay {
        Overlay::Confirm(confirm) => {
            let known = confirm.planned.is_some();
            match key.code {
                KeyCode::Char('y' | 'Y') if key.modifiers.is_empty() && known => {
                    return bulk::confirmed(model, confirm, effects);
                }
                KeyCode::Char('n' | 'N' | 'q') => return,
                _ => {}
            }
        }
        Overlay::Help { .. } if matches!(command, Some(Command::Open | Command::FocusNext)) => {
            model.overlay = Some(Overlay::Topics(Topics::default()));
            return;
        }
        Overlay::Topics(topics) => {
            if topics.key(key, command, model.size) {
                model.overlay = Some(overlay);
            }
            return;
        }
        Overlay::Help { .. } => {
            // The key that opened it closes it, too.
            let closing = [Command::Back, Command::Quit, Command::Open, Command::Help];
            if command.is_some_and(|command| closing.contains(&command)) {
                return;
            }
        }
        Overlay::Sheet(sheet) => match command {
            Some(Command::Back | Command::Quit | Command::Describe) => return,
            Some(Command::Bottom) => sheet.step(isize::MAX / 2),
            Some(Command::Copy) => actions::copy_text(model, sheet.selected(), effects),
            _ => {}
        },
        Overlay::Sort(menu) => match command {
            Some(Command::Up) => menu.choice = menu.choice.saturating_sub(1),
            Some(Command::Down) => {
                menu.choice = (menu.choice + 1).min(menu.fields.len().saturating_sub(1));
            }
            Some(Command::Open | Command::Mark) => return actions::sort_chosen(model, menu),
            Some(Command::Back | Command::Quit | Command::Sort) => return,
            _ => {}
        },
        Overlay::Columns(menu) => match key.code {
            KeyCode::Char(' ') => menu.toggle(),
            KeyCode::Char('J') => menu.shift(true),
            KeyCode::Char('K') => menu.shift(false),
            KeyCode::Char('a') => return model.columns = None,
            KeyCode::Enter => return model.columns = Some(menu.chosen()),
            _ if leaves || matches!(command, Some(Command::Back | Command::Quit)) => {
                return model.columns.clone_from(&menu.before);
            }
            _ => {}
        },
        Overlay::Rerun(form) if key == ctrl('e') => {
            if let Some(text) = form.for_editor() {
                effects.push(Effect::Terminal(TerminalRequest::Edit(Edit::Text(text))));
            }
        }
        Overlay::Rerun(form) if !leaves => match form.fields.press(event) {
            Pressed::Done => match form.request() {
                Ok(changes) => return bulk::rerun_filled(model, form.targets.clone(), changes, effects),
                Err(why) => form.problem = Some(why),
            },
            Pressed::Typed => form.typed(),
            Pressed::Moved => {}
        },
        Overlay::Tags(form) if !leaves => match form.press(event) {
            Pressed::Done => match form.request() {
                Ok(asked) => return bulk::tag(model, form.targets.clone(), asked, effects),
                Err(why) => form.problem = Some(why),
            },
            Pressed::Typed => form.problem = None,
            Pressed::Moved => {}
        },
        Overlay::Rerun(_) | Overlay::Tags(_) => {}
        Overlay::Prompt(open) => {
            if leaves {
                prompt::left(model, open);
            } else if let Some(open) = prompt::key(model, (**open).clone(), event, effects) {
                model.overlay = Some(Overlay::Prompt(Box::new(open)));
            }
            return;
        }
    }
    if leaves {
        return;
    }
    if let Some(by) = command.and_then(rows) {
        scroll_overlay(&mut overlay, by);
    }
    if let Overlay::Columns(menu) = &overlay {
        // Seen behind the menu while one chooses.
        model.columns = Some(menu.chosen());
    }
    model.overlay = Some(overlay);
}

const fn ctrl(char: char) -> Key {
    Key { code: KeyCode::Char(char), modifiers: KeyModifiers::CONTROL }
}

/// How far a command scrolls a list that lies over the panes.
const fn rows(command: Command) -> Option<isize> {
    match command {
        Command::Up => Some(-1),
        Command::Down => Some(1),
        Command::PageUp => Some(-10),
        Command::PageDown => Some(10),
        Command::Top => Some(isize::MIN / 2),
        _ => None,
    }
}
