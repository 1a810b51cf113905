//! Shipped keymaps, a person's own, and what can be wrong with one.
// Proves C1 (keymaps as files: every default key can be rebound, conditions, sequences, mistakes by line and column).

use std::path::Path;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::tui::app::Tab;
use crate::tui::command::entries;

fn own(text: &str) -> Keymap {
    let loaded = Loaded::of_text(text, Path::new("keymap.toml"));
    assert_eq!(loaded.findings, []);
    loaded.keymap
}

fn at(context: KeyContext) -> Place {
    Place { context, facts: Facts::default(), readonly: false }
}

fn keys(text: &str) -> Vec<Key> {
    Sequence::parse(text).unwrap().keys().to_vec()
}

fn runs(keymap: &Keymap, text: &str, place: Place) -> String {
    match keymap.find(&keys(text), place) {
        Found::Run(choice) => choice.run.to_string(),
        Found::Prefix => "…".to_owned(),
        Found::Nothing => String::new(),
    }
}

#[test]
fn the_shipped_keymaps_are_sound() {
    for (name, text) in SHIPPED {
        let loaded = Loaded::of_text(text, Path::new(name));
        assert_eq!(loaded.findings, [], "{name}: also no key that moves here and destroys there");
        let destroying = loaded.keymap.tables.iter().flat_map(|(_, bindings)| bindings.values().flatten());
        assert!(
            destroying.filter(|choice| choice.run.entry.danger == Danger::Destroys).count() > 0,
            "{name}"
        );
    }
}

#[rstest]
#[case("default")]
#[case("vim")]
#[case("emacs")]
fn what_a_shipped_keymap_binds_can_be_pressed_somewhere(#[case] name: &str) {
    let keymap = Keymap::shipped(name).unwrap();
    // Half of the conditions hold, then the other half.
    let facts = |so: bool| Fact::ALL.iter().fold(Facts::default(), |facts, (_, fact)| facts.with(*fact, so));
    let open = facts(false).with(Fact::TreeOpen, true);
    for (table, bindings) in &keymap.tables {
        for (sequence, choices) in bindings.iter().filter(|(_, choices)| !choices.is_empty()) {
            let pressed = table.contexts().any(|context| {
                [facts(true), facts(false), open].into_iter().any(|facts| {
                    keymap
                        .in_force(Place { context, facts, readonly: false })
                        .any(|(keys, _)| keys == sequence)
                })
            });
            assert!(pressed, "{name}: [{}] {sequence} {choices:?}", table.name());
        }
    }
}

#[test]
fn every_command_has_a_default_key_but_those_that_are_typed() {
    let keymap = Keymap::default();
    let without: Vec<_> =
        entries().filter(|entry| !keymap.runs(entry.command)).map(|entry| entry.name).collect();
    assert_eq!(without, ["workspace", "theme", "keymap", "help topics"]);
}

#[test]
fn every_default_key_can_be_rebound_and_unbound() {
    let keymap = Keymap::default();
    for (table, bindings) in &keymap.tables {
        for (sequence, choices) in bindings {
            let choice = &choices[0];
            let context = table.contexts().find(|c| choice.run.entry.scope.includes(*c)).unwrap();
            let other = match (choice.run.entry.name, context) {
                ("accept", FORM | PROMPT) => "back",
                (_, FORM | PROMPT) => "accept",
                ("down", _) => "up",
                _ => "down",
            };
            let text = format!("[{}]\n{:?} = {other:?}", table.name(), sequence.to_string());
            // Warnings are allowed: it may have been the last key of `command`.
            let rebound = Loaded::of_text(&text, Path::new("k"));
            assert!(!rebound.is_broken(), "{text} {:?}", rebound.findings);
            assert_eq!(runs(&rebound.keymap, &sequence.to_string(), at(context)), other, "{text}");
            let text = format!("[{}]\n{:?} = false", table.name(), sequence.to_string());
            let unbound = Loaded::of_text(&text, Path::new("k")).keymap;
            assert_eq!(runs(&unbound, &sequence.to_string(), at(context)), "", "{text}");
        }
    }
}

const RUNS: KeyContext = KeyContext::Runs;
const POPUP: KeyContext = KeyContext::Popup;
const TOPICS: KeyContext = KeyContext::Topics;
const FORM: KeyContext = KeyContext::Form;
const PROMPT: KeyContext = KeyContext::Prompt;
const LOG: KeyContext = KeyContext::Detail(Tab::Log);

#[rstest]
#[case("", "/", RUNS, "filter")]
#[case("", "/", LOG, "search")]
#[case("", "x", RUNS, "cancel run")]
#[case("", "x", KeyContext::Workspaces, "")]
#[case("", "f", RUNS, "")]
#[case("", "ctrl-c", LOG, "quit")]
#[case("", "g", RUNS, "…")]
#[case("", "g j", RUNS, "goto jobs")]
#[case("", "g q", RUNS, "")]
// A part of the screen goes before all of it.
#[case(
    "[global]\n'f5' = 'help'\n[list]\n'f5' = 'redraw'\n[runs]\n'f5' = 'sort loss'",
    "f5",
    RUNS,
    "sort loss"
)]
#[case("[global]\n'f5' = 'help'\n[list]\n'f5' = 'redraw'", "f5", KeyContext::Jobs, "redraw")]
#[case("[global]\n'f5' = 'help'\n[list]\n'f5' = 'redraw'", "f5", LOG, "help")]
// A part can leave out what holds everywhere.
#[case("[runs]\n'q' = false", "q", RUNS, "")]
#[case("[runs]\n'q' = false", "q", LOG, "quit")]
// A sequence takes the place of a key, and a key that of sequences.
#[case("[global]\n'q q' = 'quit'", "q", LOG, "…")]
#[case("[global]\n'q' = false\n'q q' = 'quit'", "q q", LOG, "quit")]
#[case("[global]\n'g' = 'top'", "g", LOG, "top")]
#[case("[global]\n'g' = 'top'", "g j", LOG, "")]
#[case("extends = 'vim'", "Z Z", LOG, "quit")]
#[case("extends = 'emacs'\n[global]\n'j' = 'down'", "j", LOG, "down")]
#[case("[global]\n'j' = 'quit'\n':' = 'command'", "k", LOG, "up")]
// What lies over the panes: one moves there as everywhere, and nothing acts.
#[case("", "j", POPUP, "down")]
#[case("", "x", POPUP, "")]
#[case("", "?", POPUP, "")]
#[case("", "space", POPUP, "page down")]
#[case("", "space", KeyContext::Columns, "toggle column")]
#[case("", "n", TOPICS, "next topic")]
#[case("", "g g", TOPICS, "top")]
#[case("extends = 'vim'", "ctrl-d", POPUP, "page down")]
#[case("extends = 'emacs'", "ctrl-n", TOPICS, "down")]
#[case("extends = 'emacs'", "j", POPUP, "")]
#[case("[popup]\n'f5' = 'down'", "f5", TOPICS, "down")]
#[case("[popup]\n'f5' = 'down'", "f5", RUNS, "")]
// Where text is typed nothing is bound but what is named.
#[case("", "j", FORM, "")]
#[case("", "ctrl-z", PROMPT, "")]
#[case("", "enter", FORM, "accept")]
#[case("", "tab", PROMPT, "complete")]
#[case("extends = 'emacs'", "ctrl-e", FORM, "")]
#[case("extends = 'emacs'", "ctrl-x ctrl-e", FORM, "edit arguments")]
#[case("[form]\n'f5' = 'accept'", "f5", PROMPT, "")]
#[case("[runs]\n'K' = 'cancel run run41.*'", "K", RUNS, "cancel run run41.*")]
fn a_persons_own_keys(
    #[case] text: &str,
    #[case] pressed: &str,
    #[case] context: KeyContext,
    #[case] expected: &str,
) {
    assert_eq!(runs(&own(text), pressed, at(context)), expected);
}

#[test]
fn conditions_choose_the_first_that_holds_and_else_the_wider_table() {
    let keymap = own("[runs]\n'f5' = [{ when = 'marks.any', run = 'mark none' },\n  \
                      { when = '!run.active', run = 'rerun' }]\n[global]\n'f5' = 'help'");
    let with = |facts| Place { facts, ..at(RUNS) };
    let active = Facts::default().with(Fact::RunActive, true);
    assert_eq!(runs(&keymap, "f5", with(active.with(Fact::MarksAny, true))), "mark none");
    assert_eq!(runs(&keymap, "f5", with(Facts::default())), "rerun");
    assert_eq!(runs(&keymap, "f5", with(active)), "help");
}

#[test]
fn who_may_only_read_has_no_key_that_writes() {
    let keymap = own("[global]\n'f5' = 'cancel run job1'");
    for context in KeyContext::all() {
        let place = Place { readonly: true, ..at(context) };
        assert!(keymap.in_force(place).all(|(_, choice)| choice.run.entry.danger == Danger::Harmless));
        // A task is the screen's own.
        let expected = if context == KeyContext::Tasks { "stop task" } else { "" };
        assert_eq!(runs(&keymap, "x", place), expected);
    }
    assert!(page(&keymap, false).contains("cancel run") && !page(&keymap, true).contains("cancel run"));
}

#[test]
fn after_a_prefix_the_next_keys_are_told() {
    let keymap = own(
        "[global]\n'g b' = { run = 'sort loss', desc = 'Best first' }\n'g x a' = 'help'\n'g x b' = 'quit'",
    );
    let told = |context| -> Vec<String> {
        let following = keymap.following(&keys("g"), at(context));
        following.into_iter().map(|(key, doc)| format!("{key} {doc}")).collect()
    };
    for line in ["j the jobs", "x 2 more", "b Best first"] {
        assert!(told(RUNS).contains(&line.to_owned()), "{line}: {:?}", told(RUNS));
    }
    assert!(!told(LOG).iter().any(|line| line.starts_with("b ")), "a log is not sorted");
}

#[rstest]
#[case("[runs\n", "keymap.toml:1:6: error: ")]
#[case(
    "extends = 'vi'",
    "keymap.toml:1:11: error: `extends` must be one of default, vim, emacs, none; did you mean `vim`?"
)]
#[case(
    "[run]\n'x' = 'help'",
    "keymap.toml:1:2: error: there is no part of the screen called `run`; did you mean `runs`?"
)]
#[case(
    "[runs]\n\n  'x' = 'kancel run'",
    "keymap.toml:3:9: error: there is no command `kancel run`; did you mean `cancel run`?"
)]
#[case(
    "[runs]\n'x' = 'quit now'",
    "keymap.toml:2:7: error: `quit` takes nothing after it, but `now` follows"
)]
#[case("[jobs]\n'é' = 'wrap'", "keymap.toml:2:7: error: `wrap` does nothing in [jobs]; its place is [logs]")]
#[case(
    "[runs]\n'ctlr-x' = 'help'",
    "keymap.toml:2:1: error: there is no key `ctlr-x`; keys are written like"
)]
#[case("[runs]\n'entr' = 'help'", "did you mean `enter`?")]
#[case("[runs]\n'a b' = 'help'\n'a' = 'help'", "keymap.toml:3:1: error: `a` and `a b` cannot both be bound")]
#[case("[runs]\n'a' = 3", "keymap.toml:2:7: error: a key runs a command (a text)")]
#[case("[runs]\n'a' = true", "keymap.toml:2:7: error: a key runs a command (a text)")]
#[case("[runs]\n'a' = []", "`false` unbinds")]
#[case("[runs]\n'a' = { desc = 'x' }", "keymap.toml:2:7: error: `run` is missing")]
#[case(
    "[runs]\n'a' = { run = 'help', wen = 'marks.any' }",
    "keymap.toml:2:23: error: a key has no field `wen`; did you mean `when`?"
)]
#[case("[runs]\n'a' = { run = 'help', when = 'mark.any' }", "did you mean `marks.any`?")]
#[case(
    "[form]\n'x' = 'accept'",
    "keymap.toml:2:1: error: `x` is text in [form]; a key with ctrl or alt is not"
)]
#[case("[prompt]\n'space k' = 'accept'", "`space k` is text in [prompt]")]
#[case(
    "[global]\n'f5' = 'accept'",
    "keymap.toml:2:8: error: `accept` does nothing in [global]; its place is [form]"
)]
#[case(
    "[prompt]\n'f5' = 'zoom'",
    "keymap.toml:2:8: error: `zoom` does nothing in [prompt]; its place is [global]"
)]
#[case("runs = 'x'", "keymap.toml:1:1: error: `runs` must be a table of keys")]
#[case("[runs]\n'\\u001b' = 'help'\n\"\\u001b[2J\" = 'help'", "there is no key `\\u{1b}[2J`")]
fn mistakes_are_told_with_their_place(#[case] text: &str, #[case] expected: &str) {
    let loaded = Loaded::of_text(text, Path::new("keymap.toml"));
    assert!(loaded.is_broken());
    let told: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|line| line.contains(expected)), "{told:#?}");
    assert!(told.iter().all(|line| !line.contains(char::is_control)));
    assert_eq!(loaded.keymap, Keymap::default());
}

#[rstest]
#[case("[runs]\n'down' = 'cancel run'", "`down` moves in one place and runs `cancel run` in another")]
#[case("[global]\n'q' = false\n'ctrl-c' = false", "no key runs `quit`")]
#[case("[form]\n'esc' = false\n'ctrl-c' = false", "no key runs `back` in [form]")]
#[case("[prompt]\n'enter' = false", "no key runs `accept` in [prompt]")]
#[case("[global]\n'esc' = false", "no key runs `back` in [popup]")]
#[case("extends = 'none'\n[global]\n'q' = 'quit'\n':' = 'command'", "no key runs `accept` in [form]")]
fn what_is_hardly_meant_is_a_warning(#[case] text: &str, #[case] expected: &str) {
    let loaded = Loaded::of_text(text, Path::new("keymap.toml"));
    assert!(!loaded.is_broken());
    assert!(loaded.findings.iter().any(|finding| finding.message == expected), "{:?}", loaded.findings);
}

#[test]
fn a_file_is_read_and_one_that_is_not_there_is_the_default_unless_it_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = Source::of(None, folder.path());
    assert!(file.load().findings.is_empty());
    std::fs::write(folder.path().join("keymap.toml"), "[global]\n'f5' = 'help'").unwrap();
    assert_eq!(runs(&file.load().keymap, "f5", at(RUNS)), "help");
    std::fs::write(folder.path().join("keymap.toml"), [0xff]).unwrap();
    assert!(file.load().is_broken());
    std::fs::write(folder.path().join("keymap.toml"), vec![b'#'; 100_000]).unwrap();
    assert!(file.load().is_broken());
    let named = Source::of(Some("no/such.toml"), folder.path());
    assert!(named.load().findings[0].message.contains("default, vim, emacs"));
    assert_eq!(Source::of(Some("vim"), folder.path()), Source::Shipped("vim"));
}

/// Something like a keymap, right or wrong.
fn like_a_keymap() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["global", "runs", "logs", "list", "x", "extends"]);
    let key = prop::sample::select(vec!["x", "g j", "g", "ctrl-", "esc", "", "é", "a b c d", "g j k"]);
    let value = prop::sample::select(vec![
        "false",
        "true",
        "1",
        "[]",
        "{}",
        "'help'",
        "'sort loss'",
        "'cancel run'",
        "'nothing'",
        "{ run = 'help' }",
        "{ run = 'mark', when = '!marks.any && x' }",
        "[{ run = 'mark', when = 'marks.any' }, 'help']",
        "[[false]]",
    ]);
    let line = (name, key, value).prop_map(|(name, key, value)| format!("[{name}]\n\"{key}\" = {value}\n"));
    prop::collection::vec(line, 0..6).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = Loaded::of_text(&text, Path::new("k"));
    }

    #[test]
    fn nothing_like_a_keymap_panics_and_no_key_hides_a_longer_one(text in like_a_keymap()) {
        let loaded = Loaded::of_text(&text, Path::new("k"));
        let place = at(RUNS);
        for (sequence, choice) in loaded.keymap.in_force(place) {
            prop_assert_eq!(loaded.keymap.find(sequence.keys(), place), Found::Run(choice));
        }
        let _ = (page(&loaded.keymap, true), loaded.keymap.following(&[], place));
    }
}
