//! Forms: lines to type in, each with a name and what it was before.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::TextArea;

use super::dialog::{field, text_of};
use crate::tui::command::{Command, OverCommand};
use crate::tui::keymap::Key;

/// One line of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub label: String,
    /// What is typed.
    pub input: TextArea<'static>,
    /// What stood there before; none if nobody knows.
    pub original: Option<String>,
    /// What is said while it is empty.
    pub hint: String,
}

impl Field {
    /// A line with what is there already.
    pub fn new(label: &str, original: &str, hint: &str) -> Self {
        let (label, hint) = (label.to_owned(), hint.to_owned());
        Self { label, input: field(original), original: Some(original.to_owned()), hint }
    }

    /// What stands there.
    pub fn text(&self) -> String {
        text_of(&self.input)
    }

    /// Puts a text there.
    pub fn set(&mut self, text: &str) {
        self.input = field(text);
    }

    /// Whether something else stands there than before.
    pub fn is_changed(&self) -> bool {
        self.original.as_deref().unwrap_or_default() != self.text()
    }

    /// What stands there, if it is something else than before.
    pub fn changed(&self) -> Option<String> {
        self.is_changed().then(|| self.text())
    }
}

/// The lines of a form, and which of them gets the keys.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// The lines.
    pub list: Vec<Field>,
    /// The line that gets the keys.
    pub focus: usize,
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// The form is filled in.
    Done,
    /// The line with the focus may have changed.
    Typed,
    /// Another line has the focus.
    Moved,
}

impl Fields {
    /// The line that gets the keys.
    pub fn focused(&mut self) -> Option<&mut Field> {
        self.list.get_mut(self.focus)
    }

    /// Takes a key in, and the command it runs.
    pub fn press(&mut self, command: Option<Command>, event: KeyEvent) -> Pressed {
        match command {
            Some(Command::Over(OverCommand::Accept)) => return Pressed::Done,
            Some(Command::Over(OverCommand::Complete)) => self.step(1),
            Some(command) => self.step(command.rows().unwrap_or(0)),
            None => {
                if let Some(field) = self.focused() {
                    type_into(&mut field.input, event);
                }
                return Pressed::Typed;
            }
        }
        Pressed::Moved
    }

    /// Line by line one goes around the ends, with larger steps up to them.
    fn step(&mut self, by: isize) {
        let last = self.list.len().saturating_sub(1);
        self.focus = match (by, self.focus) {
            (1, at) if at == last => 0,
            (-1, 0) => last,
            (by, at) => at.saturating_add_signed(by).min(last),
        };
    }
}

/// Lets a field of one line take a key.
pub fn type_into(area: &mut TextArea<'static>, event: KeyEvent) {
    let key = Key::from(event);
    let is_ctrl = |char| key == Key { code: KeyCode::Char(char), modifiers: KeyModifiers::CONTROL };
    if is_ctrl('u') {
        // As shells have it.
        area.delete_line_by_head();
    } else if !is_ctrl('m') && !is_ctrl('j') {
        // Those would break the line.
        area.input(event);
    }
}
