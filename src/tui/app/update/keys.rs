//! Keys: to what lies over the panes, else through the keymap to a command.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_textarea::TextArea;

use super::super::dialog::{Overlay, Prompt, PromptKind, field};
use super::super::effect::Effect;
use super::super::model::Model;
use super::actions;
use super::mouse::scroll_overlay;
use crate::tui::command;
use crate::tui::keymap::Key;

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
        None => {
            if let Some(command) = model.keymap.command(Key::from(event), model.key_context()) {
                actions::perform(model, command, effects);
            }
        }
    }
}

/// Takes in a pasted text: into a field, on one line.
pub fn paste(model: &mut Model, text: &str) {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match &mut model.overlay {
        Some(Overlay::Prompt(prompt)) => {
            prompt.input.insert_str(line);
            let prompt = prompt.clone();
            model.overlay = Some(Overlay::Prompt(Box::new(actions::typed(model, *prompt))));
        }
        Some(Overlay::Rerun(form)) => {
            let at = form.focus;
            form.fields[at].insert_str(line);
        }
        _ => return,
    }
    model.dirty = true;
}

/// A key while something lies over the panes. The overlay is put back unless the key ends it.
fn over(model: &mut Model, mut overlay: Overlay, event: KeyEvent, effects: &mut Vec<Effect>) {
    let key = Key::from(event);
    let leaves = key.code == KeyCode::Esc || key == ctrl('c');
    match &mut overlay {
        Overlay::Confirm(confirm) => {
            let known = confirm.planned.is_some();
            match key.code {
                KeyCode::Char('y' | 'Y') if key.modifiers.is_empty() && known => {
                    return actions::cancel_confirmed(model, confirm, effects);
                }
                KeyCode::Char('n' | 'N' | 'q') => return,
                _ => {}
            }
        }
        Overlay::Help { .. } | Overlay::Errors { .. } | Overlay::Tasks { .. } => {
            if matches!(key.code, KeyCode::Char('q' | '?' | '!' | 'T') | KeyCode::Enter) {
                return;
            }
        }
        Overlay::Sort(menu) => match key.code {
            KeyCode::Up | KeyCode::Char('k') => menu.choice = menu.choice.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => {
                menu.choice = (menu.choice + 1).min(menu.fields.len().saturating_sub(1));
            }
            KeyCode::Enter | KeyCode::Char(' ') => return actions::sort_chosen(model, menu),
            KeyCode::Char('q' | 'S') => return,
            _ => {}
        },
        Overlay::Columns(menu) => match key.code {
            KeyCode::Char(' ') => menu.toggle(),
            KeyCode::Char('J') => menu.shift(true),
            KeyCode::Char('K') => menu.shift(false),
            KeyCode::Char('a') => return model.columns = None,
            KeyCode::Enter => return model.columns = Some(menu.chosen()),
            KeyCode::Char('q') => return model.columns.clone_from(&menu.before),
            _ if leaves => return model.columns.clone_from(&menu.before),
            _ => {}
        },
        Overlay::Rerun(form) => match key.code {
            KeyCode::Enter => match form.request() {
                Ok(request) => return actions::rerun_confirmed(model, &form.run, request, effects),
                Err(why) => form.problem = Some(why),
            },
            KeyCode::Tab | KeyCode::BackTab | KeyCode::Up | KeyCode::Down => form.focus = 1 - form.focus,
            _ if !leaves => {
                form.problem = None;
                let at = form.focus;
                type_into(&mut form.fields[at], event);
            }
            _ => {}
        },
        Overlay::Prompt(prompt) => {
            if leaves {
                actions::prompt_left(model, prompt);
            } else if let Some(prompt) = prompt_key(model, (**prompt).clone(), event, effects) {
                model.overlay = Some(Overlay::Prompt(Box::new(prompt)));
            }
            return;
        }
    }
    if leaves {
        return;
    }
    if let Some(by) = rows(key.code) {
        scroll_overlay(&mut overlay, by);
    }
    if let Overlay::Columns(menu) = &overlay {
        // Seen behind the menu while one chooses.
        model.columns = Some(menu.chosen());
    }
    model.overlay = Some(overlay);
}

/// A key while a line is typed; the line, unless it is done.
fn prompt_key(
    model: &mut Model,
    mut prompt: Prompt,
    event: KeyEvent,
    effects: &mut Vec<Effect>,
) -> Option<Prompt> {
    let completions = || {
        let text = prompt.text();
        if prompt.kind == PromptKind::Command { command::complete(&text) } else { Vec::new() }
    };
    match event.code {
        KeyCode::Enter => return actions::prompt_done(model, prompt, effects),
        KeyCode::Up => prompt.choice = prompt.choice.saturating_sub(1),
        KeyCode::Down => prompt.choice = (prompt.choice + 1).min(completions().len().saturating_sub(1)),
        KeyCode::Tab => {
            if let Some(entry) = completions().get(prompt.choice) {
                let space = if entry.argument.is_empty() { "" } else { " " };
                prompt.input = field(&format!("{}{space}", entry.name));
                prompt.choice = 0;
            }
        }
        // An empty line, and one more step back: it is left.
        KeyCode::Backspace if prompt.text().is_empty() => {
            actions::prompt_left(model, &prompt);
            return None;
        }
        _ => {
            type_into(&mut prompt.input, event);
            prompt = actions::typed(model, prompt);
        }
    }
    Some(prompt)
}

/// Lets a field of one line take a key.
fn type_into(area: &mut TextArea<'static>, event: KeyEvent) {
    let key = Key::from(event);
    // These would break the line.
    if key == ctrl('m') || key == ctrl('j') {
        return;
    }
    area.input(event);
}

const fn ctrl(char: char) -> Key {
    Key { code: KeyCode::Char(char), modifiers: KeyModifiers::CONTROL }
}

/// How far a key scrolls a list that lies over the panes.
const fn rows(code: KeyCode) -> Option<isize> {
    match code {
        KeyCode::Up | KeyCode::Char('k') => Some(-1),
        KeyCode::Down | KeyCode::Char('j') => Some(1),
        KeyCode::PageUp => Some(-10),
        KeyCode::PageDown => Some(10),
        KeyCode::Home | KeyCode::Char('g') => Some(isize::MIN),
        _ => None,
    }
}
