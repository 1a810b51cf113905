//! What clap knows about the verbs, as plain data for the web site: syntax, options, values, examples.

use clap::builder::StyledStr;
use clap::{Arg, CommandFactory as _};

use super::grammar::Cli;
use crate::help::reference::{Command, CommandOption, Note, OptionGroup};
use crate::help::site::Material;
use crate::tui;

/// Everything the web site is made of.
pub fn material() -> Material {
    Material { version: env!("CARGO_PKG_VERSION").to_owned(), commands: commands(), keys: tui::keys() }
}

/// The whole grammar with what clap derives: usage lines, and global options in their places.
pub fn grammar() -> clap::Command {
    let mut grammar = Cli::command();
    grammar.build();
    grammar
}

/// The program, and every verb with its nouns after it.
pub fn commands() -> Vec<Command> {
    let mut commands = Vec::new();
    collect(&mut grammar(), &mut Vec::new(), &mut commands);
    commands
}

fn collect(command: &mut clap::Command, path: &mut Vec<String>, all: &mut Vec<Command>) {
    all.push(describe(command, path));
    for sub in command.get_subcommands_mut() {
        let is_claps_own = sub.get_name() == "help" && !path.is_empty();
        if !sub.is_hide_set() && !is_claps_own {
            path.push(sub.get_name().to_owned());
            collect(sub, path, all);
            path.pop();
        }
    }
}

fn describe(command: &mut clap::Command, path: &[String]) -> Command {
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage:").unwrap_or(&usage).trim().to_owned();
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (notes, examples) = notes_and_examples(&after);
    let text = |text: Option<&StyledStr>| text.map(ToString::to_string).unwrap_or_default();
    Command {
        path: path.to_vec(),
        about: text(command.get_about()),
        usage,
        aliases: command.get_visible_aliases().map(str::to_owned).collect(),
        groups: groups(command, path.is_empty()),
        notes,
        examples,
    }
}

/// The text after the options: paragraphs, and the lines that show what to type.
fn notes_and_examples(text: &str) -> (Vec<Note>, Vec<String>) {
    let examples = text.lines().filter_map(|line| line.trim().strip_prefix("$ ").map(str::to_owned));
    let parts = text.split("\n\n").filter(|part| !part.trim().is_empty() && !part.starts_with("Examples:"));
    let notes = parts.map(|part| {
        // What is set in is to be typed or written into a file.
        if part.lines().all(|line| line.starts_with("  ")) {
            return Note::Code(part.lines().map(|line| line.trim().to_owned()).collect());
        }
        Note::Text(part.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    (notes.collect(), examples.collect())
}

/// Options by their headings, in the order in which clap shows them.
fn groups(command: &clap::Command, is_program: bool) -> Vec<OptionGroup> {
    let mut groups: Vec<OptionGroup> = Vec::new();
    let shown = |arg: &&Arg| {
        let is_claps_own = matches!(arg.get_id().as_str(), "help" | "version");
        // The options of every verb stand once, on the page of the program.
        !arg.is_hide_set() && !is_claps_own && (is_program || !arg.is_global_set())
    };
    let (mut positionals, options): (Vec<_>, Vec<_>) =
        command.get_arguments().filter(shown).partition(|arg| arg.is_positional());
    positionals.sort_by_key(|arg| arg.get_index());
    for arg in positionals.into_iter().chain(options) {
        let title = match arg.get_help_heading() {
            Some(heading) => heading,
            None if is_program => "Before the command",
            None if arg.is_positional() => "Arguments",
            None => "Options",
        };
        let option = option(arg);
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) => group.options.push(option),
            None => groups.push(OptionGroup { title: title.to_owned(), options: vec![option] }),
        }
    }
    groups
}

fn option(arg: &Arg) -> CommandOption {
    let takes_values = arg.get_action().takes_values();
    let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    let values = arg.get_possible_values().into_iter().filter(|value| takes_values && !value.is_hide_set());
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    CommandOption {
        spelling: format!("{short}{arg}"),
        help,
        values: values
            .map(|value| {
                let help = value.get_help().map(ToString::to_string).unwrap_or_default();
                (value.get_name().to_owned(), help)
            })
            .collect(),
        default: arg
            .get_default_values()
            .iter()
            .filter(|_| takes_values && !arg.is_hide_default_value_set())
            .map(|value| value.to_string_lossy().into_owned())
            .collect(),
        aliases: arg
            .get_visible_aliases()
            .unwrap_or_default()
            .into_iter()
            .map(|alias| format!("--{alias}"))
            .collect(),
    }
}

/// The verb (and noun) that some words name, however they are shortened; its help as a text for a terminal.
pub fn find(words: &[String]) -> Result<StyledStr, Unknown> {
    let mut grammar = grammar();
    let mut command = &mut grammar;
    for (depth, word) in words.iter().enumerate() {
        let Some(name) = named(command, word) else {
            let names: Vec<_> = command.get_subcommands().filter(|sub| !sub.is_hide_set()).collect();
            let names = names.into_iter().map(clap::Command::get_name);
            let nearest = crate::model::names::nearest(word, names).map(str::to_owned);
            return Err(Unknown { depth, nearest });
        };
        let Some(sub) = command.find_subcommand_mut(&name) else {
            return Err(Unknown { depth, nearest: None });
        };
        command = sub;
    }
    Ok(command.render_long_help())
}

/// No verb or noun has the word's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Which word it is, counted from 0.
    pub depth: usize,
    /// The nearest there is.
    pub nearest: Option<String>,
}

/// The subcommand of a name, an alias, or the beginning of either that no other has.
fn named(command: &clap::Command, word: &str) -> Option<String> {
    if let Some(exact) = command.find_subcommand(word) {
        return Some(exact.get_name().to_owned());
    }
    let mut fitting = command
        .get_subcommands()
        .filter(|sub| sub.get_name_and_visible_aliases().iter().any(|name| name.starts_with(word)));
    let first = fitting.next()?;
    fitting.next().is_none().then(|| first.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    // Proves B12 (syntax, options, values and examples of every command, written once).
    use super::*;

    #[test]
    fn every_verb_and_noun_is_described() {
        fn count(command: &clap::Command) -> usize {
            let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
            1 + shown.map(count).sum::<usize>()
        }
        let commands = commands();
        assert_eq!(commands.len(), count(&Cli::command()));
        for command in &commands {
            assert!(!command.about.is_empty() && !command.usage.is_empty(), "{command:?}");
        }
    }

    #[test]
    fn options_have_their_values_and_the_global_ones_stand_once() {
        let commands = commands();
        let runs = commands.iter().find(|command| command.name() == "xt list runs").unwrap();
        let options = || runs.groups.iter().flat_map(|group| &group.options);
        let errors = options().find(|option| option.spelling.starts_with("--errors")).unwrap();
        assert_eq!(errors.values[0].0, "hide");
        assert!(options().any(|option| option.spelling == "-w, --workspace <WORKSPACE>"));
        assert!(options().all(|option| option.spelling != "--json"));
        assert_eq!(runs.groups[0].title, "Arguments");
        let everywhere = commands[0].groups.iter().find(|group| group.title == "Everywhere").unwrap();
        assert!(everywhere.options.iter().any(|option| option.spelling == "--json"));
    }

    #[test]
    fn notes_and_examples_are_told_apart() {
        let (notes, examples) =
            notes_and_examples("One\ntwo.\n\n    three\n    four\n\nExamples:\n  $ xt a\n  $ xt b");
        let text = Note::Text("One two.".into());
        assert_eq!(notes, [text, Note::Code(vec!["three".into(), "four".into()])]);
        assert_eq!(examples, ["xt a", "xt b"]);
    }

    #[test]
    fn words_may_be_shortened() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(find(&words("li run")).unwrap().to_string().contains("xt list runs"));
        assert!(find(&words("view log")).unwrap().to_string().contains("xt view console"));
        assert_eq!(find(&words("list rnus")), Err(Unknown { depth: 1, nearest: Some("runs".into()) }));
    }
}
