//! A keymap out of TOML. All that can be understood is taken; all that cannot is told with its place.

use std::ops::Range;
use std::path::Path;

use indexmap::IndexSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::condition::{Condition, Fact};
use super::context::{KeyContext, Table};
use super::sequence::{Sequence, SequenceError};
use super::{Choice, Keymap, SHIPPED};
use crate::config::Diagnostic;
use crate::model::names::{nearest, visible};
use crate::tui::command::{Invocation, LineError};
use crate::tui::reader::Reader;

/// The longest description, in characters.
const DESCRIPTION: usize = 60;

type Value<'a> = Spanned<DeValue<'a>>;

/// Reads a keymap; with any finding that is an error it should not be used.
pub fn read(text: &str, path: &Path) -> (Keymap, Vec<Diagnostic>) {
    let mut reader = Reader::new(text, path);
    let Some(root) = reader.table() else { return (Keymap::empty(), reader.findings) };
    let mut keymap =
        root.get_ref().get("extends").map_or_else(Keymap::default, |value| base(&mut reader, value));
    for (name, value) in root.get_ref() {
        if name.get_ref() == "extends" {
            continue;
        }
        let Some(table) = Table::all().find(|table| table.name() == name.get_ref()) else {
            let message = format!("there is no part of the screen called `{}`", visible(name.get_ref()));
            let known = Table::all().map(Table::name).chain(["extends"]);
            reader.error(name.span(), &message, nearest(name.get_ref(), known));
            continue;
        };
        match value.get_ref() {
            DeValue::Table(bindings) => {
                TableReader { reader: &mut reader, table }.read(&mut keymap, bindings);
            }
            _ => reader.error(name.span(), &format!("`{}` must be a table of keys", table.name()), None),
        }
    }
    (keymap, reader.findings)
}

/// The map that this one changes.
fn base(reader: &mut Reader<'_>, value: &Value<'_>) -> Keymap {
    let known = || SHIPPED.iter().map(|(name, _)| *name).chain(["none"]);
    match value.get_ref().as_str() {
        Some("none") => Keymap::empty(),
        Some(name) if known().any(|known| known == name) => {
            Keymap::shipped(name).unwrap_or_else(Keymap::empty)
        }
        other => {
            let near = other.and_then(|name| nearest(name, known()));
            let names = known().collect::<Vec<_>>().join(", ");
            reader.error(value.span(), &format!("`extends` must be one of {names}"), near);
            Keymap::default()
        }
    }
}

/// Reads one table.
struct TableReader<'a, 'r> {
    reader: &'a mut Reader<'r>,
    table: Table,
}

impl TableReader<'_, '_> {
    fn read(&mut self, keymap: &mut Keymap, bindings: &DeTable<'_>) {
        let mut said: IndexSet<Sequence> = IndexSet::new();
        // What is unbound comes first: `"y" = false` beside `"y y"` makes room for it.
        let unbinds = |value: &Value<'_>| value.get_ref().as_bool() == Some(false);
        let (first, then) = bindings.iter().partition::<Vec<_>, _>(|(_, value)| unbinds(value));
        for (name, value) in first.into_iter().chain(then) {
            let keys = match Sequence::parse(name.get_ref()) {
                Ok(keys) => keys,
                Err(why) => {
                    let near = match &why {
                        SequenceError::NoKey(word) => super::key::nearest(word),
                        _ => None,
                    };
                    self.reader.error(name.span(), &why.to_string(), near);
                    continue;
                }
            };
            if self.table.contexts().any(KeyContext::is_typing)
                && keys.keys().first().is_some_and(|k| k.is_text())
            {
                let message =
                    format!("`{keys}` is text in [{}]; a key with ctrl or alt is not", self.table.name());
                self.reader.error(name.span(), &message, None);
                continue;
            }
            let Some(choices) = self.choices(value) else { continue };
            if let Some(other) = said.iter().find(|other| overlap(other, &keys)) {
                let message =
                    format!("`{keys}` and `{other}` cannot both be bound: one begins like the other");
                self.reader.error(name.span(), &message, None);
                continue;
            }
            if !choices.is_empty() {
                said.insert(keys.clone());
            }
            if let Some((_, bound)) = keymap.tables.iter_mut().find(|(known, _)| *known == self.table) {
                // What the other map had on these keys, or on a part of them, is gone.
                bound.retain(|other, _| *other == keys || !overlap(other, &keys));
                bound.insert(keys, choices);
            }
        }
    }

    /// What a sequence runs; empty when it is unbound, none when it is wrong.
    fn choices(&mut self, value: &Value<'_>) -> Option<Vec<Choice>> {
        match value.get_ref() {
            DeValue::Boolean(false) => Some(Vec::new()),
            DeValue::Array(list) if list.is_empty() => {
                self.reader.error(value.span(), "an empty list runs nothing; `false` unbinds", None);
                None
            }
            DeValue::Array(list) => {
                // All of them are looked at, for all mistakes at once.
                let choices: Vec<_> = list.iter().map(|value| self.choice(value)).collect();
                choices.into_iter().collect()
            }
            _ => self.choice(value).map(|choice| vec![choice]),
        }
    }

    fn choice(&mut self, value: &Value<'_>) -> Option<Choice> {
        match value.get_ref() {
            DeValue::String(line) => {
                let run = self.command(line, value.span())?;
                Some(Choice { when: Condition::default(), run, desc: None })
            }
            DeValue::Table(fields) => self.long_choice(fields, value.span()),
            _ => {
                let message = "a key runs a command (a text), `{ run = …, desc = …, when = … }`, a list of these, \
                               or nothing (`false`)";
                self.reader.error(value.span(), message, None);
                None
            }
        }
    }

    fn long_choice(&mut self, fields: &DeTable<'_>, span: Range<usize>) -> Option<Choice> {
        const FIELDS: [&str; 3] = ["run", "desc", "when"];
        let (mut run, mut desc, mut when) = (None, None, Condition::default());
        let mut fine = true;
        for (name, value) in fields {
            let Some(text) = value.get_ref().as_str() else {
                self.reader.error(
                    value.span(),
                    &format!("`{}` must be a text", visible(name.get_ref())),
                    None,
                );
                fine = false;
                continue;
            };
            match name.get_ref().as_ref() {
                "run" => {
                    run = self.command(text, value.span());
                    fine &= run.is_some();
                }
                "desc" if text.chars().count() > DESCRIPTION => {
                    self.reader.error(value.span(), &format!("longer than {DESCRIPTION} characters"), None);
                    fine = false;
                }
                "desc" => desc = Some(visible(text)),
                "when" => match Condition::parse(text) {
                    Ok(condition) => when = condition,
                    Err(word) => {
                        let names = || Fact::ALL.iter().map(|(name, _)| *name);
                        let known = names().collect::<Vec<_>>().join(", ");
                        let word = visible(&word);
                        let message =
                            format!("`{word}` is no condition; joined by &&, with ! for not: {known}");
                        self.reader.error(value.span(), &message, nearest(&word, names()));
                        fine = false;
                    }
                },
                other => {
                    let message = format!("a key has no field `{}`", visible(other));
                    self.reader.error(name.span(), &message, nearest(other, FIELDS));
                    fine = false;
                }
            }
        }
        if run.is_none() && fine {
            self.reader.error(span, "`run` is missing: the command that the key runs", None);
        }
        run.filter(|_| fine).map(|run| Choice { when, run, desc })
    }

    fn command(&mut self, line: &str, span: Range<usize>) -> Option<Invocation> {
        match Invocation::parse(line) {
            Ok(run) => {
                if self.table.contexts().any(|context| run.entry.scope.includes(context)) {
                    return Some(run);
                }
                let fits = |table: &Table| {
                    // What is for every screen belongs there, though it does nothing in popups.
                    let own = |context: &KeyContext| *table != Table::Global || !context.is_popup();
                    table.contexts().filter(own).all(|context| run.entry.scope.includes(context))
                };
                let place = Table::all().find(fits).map_or("", Table::name);
                let message = format!(
                    "`{}` does nothing in [{}]; its place is [{place}]",
                    run.entry.name,
                    self.table.name()
                );
                self.reader.error(span, &message, None);
                None
            }
            Err(why) => {
                let near = match &why {
                    LineError::Unknown { nearest, .. } => *nearest,
                    LineError::Argument { .. } => None,
                };
                self.reader.error(span, &why.to_string(), near);
                None
            }
        }
    }
}

/// Whether one of two sequences begins with the other.
fn overlap(one: &Sequence, other: &Sequence) -> bool {
    one.keys().starts_with(other.keys()) || other.keys().starts_with(one.keys())
}
