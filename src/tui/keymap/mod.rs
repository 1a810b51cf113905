//! Keymaps: which key runs which command, and where. Read from TOML; the shipped ones are compiled in.
//!
//! | file | what |
//! | --- | --- |
//! | [`key`], [`sequence`] | keys as people write them |
//! | [`context`] | parts of the screen, and the tables that speak of them |
//! | [`condition`] | `when` |
//! | [`file`] | a keymap out of TOML, and all that is wrong with it |
//! | [`load`] | which file it is, and reading it |
//! | [`page`] | the keys in force as a page of text |
//! | [`reference`] | the keys by command, for the web site |

mod condition;
mod context;
mod file;
mod key;
mod load;
mod page;
mod reference;
mod sequence;

pub use condition::{Fact, Facts};
pub use context::{KeyContext, Table};
pub use key::Key;
pub use load::{Loaded, Source};
pub use page::page;
pub use reference::reference;
pub use sequence::Sequence;

use condition::Condition;
use indexmap::IndexMap;

use super::command::{Command, Danger, Invocation};

/// The keymaps that come with xt, by name.
const SHIPPED: [(&str, &str); 3] = [
    ("default", include_str!("../../../keymaps/default.toml")),
    ("vim", include_str!("../../../keymaps/vim.toml")),
    ("emacs", include_str!("../../../keymaps/emacs.toml")),
];

/// What a sequence runs under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    when: Condition,
    /// The command.
    pub run: Invocation,
    /// What the keymap calls it, if it does.
    desc: Option<String>,
}

impl Choice {
    /// What it does, in a line.
    pub fn doc(&self) -> String {
        match &self.desc {
            Some(desc) => desc.clone(),
            None if self.run.argument.is_empty() => self.run.entry.doc.to_owned(),
            None => self.run.to_string(),
        }
    }

    fn fits(&self, place: Place) -> bool {
        let entry = self.run.entry;
        entry.scope.includes(place.context) && entry.allowed(place.readonly) && self.when.holds(place.facts)
    }
}

/// All that the meaning of a key depends on.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The part of the screen.
    pub context: KeyContext,
    /// What is so.
    pub facts: Facts,
    /// The person may only read.
    pub readonly: bool,
}

/// What some keys mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found<'a> {
    /// They run this.
    Run(&'a Choice),
    /// They begin a sequence.
    Prefix,
    /// Nothing.
    Nothing,
}

/// The sequences of a table in the order of the file. One without choices is unbound, here and in wider tables.
type Bindings = IndexMap<Sequence, Vec<Choice>>;

/// Which key runs which command, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    tables: Vec<(Table, Bindings)>,
}

impl Default for Keymap {
    /// The shipped default.
    fn default() -> Self {
        Self::shipped("default").unwrap_or_else(Self::empty)
    }
}

impl Keymap {
    /// No keys at all.
    fn empty() -> Self {
        Self { tables: Table::all().map(|table| (table, Bindings::new())).collect() }
    }

    /// A keymap that comes with xt.
    fn shipped(name: &str) -> Option<Self> {
        let (name, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
        Some(file::read(text, std::path::Path::new(name)).0)
    }

    fn bindings(&self, table: Table) -> impl Iterator<Item = (&Sequence, &Vec<Choice>)> {
        self.tables.iter().filter(move |(known, _)| *known == table).flat_map(|(_, bindings)| bindings)
    }

    /// What keys pressed one after the other mean; what a part binds goes before what holds everywhere.
    pub fn find(&self, keys: &[Key], place: Place) -> Found<'_> {
        for table in place.context.tables() {
            let mut prefix = false;
            for (sequence, choices) in self.bindings(table) {
                let Some(rest) = sequence.keys().strip_prefix(keys) else { continue };
                let fitting = choices.iter().find(|choice| choice.fits(place));
                match (rest, fitting) {
                    ([], Some(choice)) => return Found::Run(choice),
                    ([], None) if choices.is_empty() => return Found::Nothing,
                    ([_, ..], Some(_)) => prefix = true,
                    _ => {}
                }
            }
            if prefix {
                return Found::Prefix;
            }
        }
        Found::Nothing
    }

    /// What one key runs.
    pub fn command(&self, key: Key, place: Place) -> Option<Command> {
        match self.find(&[key], place) {
            Found::Run(choice) => Some(choice.run.entry.command),
            Found::Prefix | Found::Nothing => None,
        }
    }

    /// Everything that can be pressed somewhere, in the order of the files.
    pub fn in_force(&self, place: Place) -> impl Iterator<Item = (&Sequence, &Choice)> {
        let all = place.context.tables().flat_map(|table| self.bindings(table));
        all.filter_map(move |(sequence, choices)| {
            let choice = choices.iter().find(|choice| choice.fits(place))?;
            self.reaches(sequence, choice, place).then_some((sequence, choice))
        })
    }

    /// Whether a sequence runs this choice: no other table has it, or a part of it, for something else.
    fn reaches(&self, sequence: &Sequence, choice: &Choice, place: Place) -> bool {
        let keys = sequence.keys();
        (1..keys.len()).all(|part| self.find(&keys[..part], place) == Found::Prefix)
            && matches!(self.find(keys, place), Found::Run(found) if std::ptr::eq(found, choice))
    }

    /// The sequences that run a command without an argument.
    pub fn keys(&self, command: Command, place: Place) -> impl Iterator<Item = &Sequence> {
        let all = place.context.tables().flat_map(|table| self.bindings(table));
        all.filter_map(move |(sequence, choices)| {
            let choice = choices.iter().find(|choice| choice.fits(place))?;
            let wanted = choice.run.entry.command == command && choice.run.argument.is_empty();
            (wanted && self.reaches(sequence, choice, place)).then_some(sequence)
        })
    }

    /// What may follow keys that begin a sequence: the next key, and what it does or how many it leads to.
    pub fn following(&self, prefix: &[Key], place: Place) -> Vec<(Key, String)> {
        let mut found: IndexMap<Key, Vec<String>> = IndexMap::new();
        for (sequence, choice) in self.in_force(place) {
            if let Some([next, rest @ ..]) = sequence.keys().strip_prefix(prefix) {
                let more = if rest.is_empty() { choice.doc() } else { String::new() };
                found.entry(*next).or_default().push(more);
            }
        }
        let line = |(key, docs): (Key, Vec<String>)| match docs.as_slice() {
            [one] if !one.is_empty() => (key, one.clone()),
            many => (key, format!("{} more", many.len())),
        };
        found.into_iter().map(line).collect()
    }

    /// Every sequence that is bound anywhere.
    #[cfg(test)]
    pub fn sequences(&self) -> impl Iterator<Item = &Sequence> {
        self.tables.iter().flat_map(|(_, bindings)| bindings.keys())
    }

    /// Whether any key runs a command.
    fn runs(&self, command: Command) -> bool {
        let mut choices = self.tables.iter().flat_map(|(_, bindings)| bindings.values().flatten());
        choices.any(|choice| choice.run.entry.command == command)
    }

    /// Keys that move in one place and destroy in another.
    fn dangerous(&self) -> Vec<(&Sequence, &Choice)> {
        let all = || {
            self.tables
                .iter()
                .flat_map(|(_, bindings)| bindings)
                .flat_map(|(sequence, choices)| choices.iter().map(move |choice| (sequence, choice)))
        };
        let moves = |keys: &Sequence| {
            all().any(|(sequence, choice)| sequence == keys && choice.run.entry.command.is_movement())
        };
        all().filter(|(keys, choice)| choice.run.entry.danger == Danger::Destroys && moves(keys)).collect()
    }
}

#[cfg(test)]
mod tests;
