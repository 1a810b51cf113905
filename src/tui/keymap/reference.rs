//! The keys of a keymap for the web site: by the groups of the registry, every command once.

use indexmap::IndexMap;

use super::context::Table;
use super::{Keymap, Sequence};
use crate::help::reference::{KeyGroup, KeyHelp};
use crate::tui::command::{Command, GROUPS, Group};

/// The keys, and the commands that have none.
pub fn reference(keymap: &Keymap) -> Vec<KeyGroup> {
    let group = |group: &Group| KeyGroup {
        title: group.title.to_owned(),
        keys: keys(keymap, group),
        over: group.entries.iter().all(|entry| !entry.can_be_typed()),
    };
    GROUPS.iter().map(group).collect()
}

fn keys(keymap: &Keymap, group: &Group) -> Vec<KeyHelp> {
    group.entries.iter().flat_map(|entry| of_command(keymap, entry.command, entry.name, entry.doc)).collect()
}

/// A command's rows: one, and one more for each argument that a key gives it.
fn of_command(keymap: &Keymap, command: Command, name: &str, doc: &str) -> Vec<KeyHelp> {
    let mut rows: IndexMap<String, KeyHelp> = IndexMap::new();
    let row =
        |command: &str, doc: &str| KeyHelp { keys: Vec::new(), command: command.into(), doc: doc.into() };
    rows.insert(name.to_owned(), row(name, doc));
    for (keys, choices) in Table::all().flat_map(|table| keymap.bindings(table)) {
        for choice in choices.iter().filter(|choice| choice.run.entry.command == command) {
            let line = choice.run.to_string();
            let entry = rows.entry(line.clone()).or_insert_with(|| row(&line, &choice.doc()));
            let keys = Sequence::to_string(keys);
            if !entry.keys.contains(&keys) {
                entry.keys.push(keys);
            }
        }
    }
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    // Proves B12 (the keys page comes from the keymap that is in force).
    use super::*;

    #[test]
    fn every_command_is_told_with_its_keys() {
        let groups = reference(&Keymap::default());
        let all: Vec<_> = groups.iter().flat_map(|group| &group.keys).collect();
        let of = |command: &str| all.iter().find(|key| key.command == command).unwrap();
        assert_eq!(of("cancel run").keys, ["x"]);
        assert!(of("quit").keys.contains(&"ctrl-c".to_owned()));
        assert_eq!(of("filter").doc, "find runs: words, or lr<0.1");
        assert!(all.len() >= crate::tui::command::entries().count());
    }
}
