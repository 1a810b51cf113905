//! Keys and what they do: the table is made from the registry's default keys.

mod key;

pub use key::Key;

use super::app::Pane;
use super::command::{Command, REGISTRY, Scope};

/// One key of the table.
#[derive(Clone, Copy, Debug)]
struct Binding {
    key: Key,
    scope: Scope,
    command: Command,
}

/// Which key runs which command, and where.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = REGISTRY.iter().flat_map(|entry| {
            entry.keys.iter().filter_map(|text| Key::parse(text)).map(|key| Binding {
                key,
                scope: entry.scope,
                command: entry.command,
            })
        });
        Self { bindings: bindings.collect() }
    }
}

impl Keymap {
    /// The command of a key in a pane; what a pane binds goes before what holds everywhere.
    pub fn command(&self, key: Key, pane: Pane) -> Option<Command> {
        let fitting =
            || self.bindings.iter().filter(move |binding| binding.key == key && binding.scope.includes(pane));
        fitting()
            .find(|binding| binding.scope != Scope::Global)
            .or_else(|| fitting().next())
            .map(|binding| binding.command)
    }

    /// The keys that run a command in a pane.
    pub fn keys(&self, command: Command, pane: Pane) -> impl Iterator<Item = Key> + '_ {
        self.bindings
            .iter()
            .filter(move |binding| binding.command == command)
            .map(|binding| binding.key)
            .filter(move |key| self.command(*key, pane) == Some(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves C1 (the keymap comes from the registry).
    #[test]
    fn every_default_key_can_be_read_and_none_is_taken_twice_in_a_pane() {
        let keymap = Keymap::default();
        assert_eq!(keymap.bindings.len(), REGISTRY.iter().map(|entry| entry.keys.len()).sum::<usize>());
        for entry in REGISTRY {
            for pane in Pane::ALL.into_iter().filter(|pane| entry.scope.includes(*pane)) {
                assert_eq!(
                    keymap.keys(entry.command, pane).count(),
                    entry.keys.len(),
                    "{} in {pane:?}",
                    entry.name
                );
            }
        }
    }

    #[rstest]
    #[case("/", Pane::Runs, Some(Command::Filter))]
    #[case("/", Pane::Log, Some(Command::Search))]
    #[case("x", Pane::Runs, Some(Command::Cancel))]
    #[case("x", Pane::Workspaces, None)]
    #[case("f", Pane::Runs, None)]
    #[case("ctrl-c", Pane::Log, Some(Command::Quit))]
    fn a_pane_goes_before_the_rest(#[case] key: &str, #[case] pane: Pane, #[case] expected: Option<Command>) {
        assert_eq!(Keymap::default().command(Key::parse(key).unwrap(), pane), expected);
    }
}
