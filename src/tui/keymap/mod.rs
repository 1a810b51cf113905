//! Keys and what they do: the table is made from the registry's default keys.

mod context;
mod key;

pub use context::KeyContext;
pub use key::Key;

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
    /// The command of a key in a part of the screen; what a part binds goes before what holds everywhere.
    pub fn command(&self, key: Key, context: KeyContext) -> Option<Command> {
        let fitting = || {
            self.bindings.iter().filter(move |binding| binding.key == key && binding.scope.includes(context))
        };
        fitting()
            .find(|binding| binding.scope != Scope::Global)
            .or_else(|| fitting().next())
            .map(|binding| binding.command)
    }

    /// The keys that run a command in a part of the screen.
    pub fn keys(&self, command: Command, context: KeyContext) -> impl Iterator<Item = Key> + '_ {
        self.bindings
            .iter()
            .filter(move |binding| binding.command == command)
            .map(|binding| binding.key)
            .filter(move |key| self.command(*key, context) == Some(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::Tab;
    use crate::tui::command::LogCommand;
    use rstest::rstest;

    // Proves C1 (the keymap comes from the registry).
    #[test]
    fn every_default_key_can_be_read_and_none_is_taken_twice_in_a_pane() {
        let keymap = Keymap::default();
        assert_eq!(keymap.bindings.len(), REGISTRY.iter().map(|entry| entry.keys.len()).sum::<usize>());
        for entry in REGISTRY {
            for context in KeyContext::all().filter(|context| entry.scope.includes(*context)) {
                assert_eq!(
                    keymap.keys(entry.command, context).count(),
                    entry.keys.len(),
                    "{} in {context:?}",
                    entry.name
                );
            }
        }
    }

    #[rstest]
    #[case("/", KeyContext::Runs, Some(Command::Filter))]
    #[case("/", KeyContext::Detail(Tab::Log), Some(Command::Log(LogCommand::Search)))]
    #[case("x", KeyContext::Runs, Some(Command::Cancel))]
    #[case("x", KeyContext::Workspaces, None)]
    #[case("f", KeyContext::Runs, None)]
    #[case("ctrl-c", KeyContext::Detail(Tab::Log), Some(Command::Quit))]
    fn a_pane_goes_before_the_rest(
        #[case] key: &str,
        #[case] context: KeyContext,
        #[case] expected: Option<Command>,
    ) {
        assert_eq!(Keymap::default().command(Key::parse(key).unwrap(), context), expected);
    }
}
