//! Keys, sequences, keymaps that are read meanwhile, and commands that are typed.
// Proves C1 (keys; no key skips a question).

use rstest::rstest;

use super::*;
use crate::tui::app::dialog::{Overlay, PromptKind};
use crate::tui::app::effect::{Target, Verb};
use crate::tui::app::message::Msg;
use crate::tui::app::{Effect, Pane};
use crate::tui::command::Command;
use crate::tui::testing::dump;
use crate::tui::theme::Theme;

#[test]
fn commands_can_be_typed() {
    let (mut world, mut model) = start(":");
    world.type_text(&mut model, "cancel run run40");
    world.press(&mut model, "enter");
    assert!(matches!(&model.overlay, Some(Overlay::Confirm(c)) if c.targets == [Target::Run(path(40, 0))]));
    world.press(&mut model, "n :");
    world.type_text(&mut model, "gotx jobs");
    world.press(&mut model, "enter");
    let Some(Overlay::Prompt(prompt)) = &model.overlay else { panic!("it is gone") };
    assert_eq!((&prompt.kind, prompt.problem.is_some()), (&PromptKind::Command, true));
    world.press(&mut model, "esc :");
    world.type_text(&mut model, "sort loss");
    world.press(&mut model, "enter");
    assert_eq!(model.sort.as_ref().unwrap().field, "metrics.loss");
    world.press(&mut model, ":");
    world.type_text(&mut model, "qui");
    world.press(&mut model, "enter");
    assert!(model.quit);
}

fn keymap(text: &str) -> Msg {
    let loaded = Box::new(crate::tui::keymap::Loaded::of_text(text, std::path::Path::new("keymap.toml")));
    Msg::Keymap { loaded, again: true }
}

#[test]
fn a_keymap_is_taken_while_xt_runs_and_a_broken_one_is_told_and_left() {
    let (mut world, mut model) = start("");
    world.send(&mut model, keymap("[global]\n'f5' = 'quit'\n'q' = 'help'"));
    world.press(&mut model, "q");
    assert!(matches!(model.overlay, Some(Overlay::Help(_))));
    world.press(&mut model, "q");
    assert!(model.overlay.is_none(), "the key that opened it closes it");
    world.send(&mut model, keymap("[global]\n'q' = 'kwit'"));
    assert!(
        model.notices.iter().any(|notice| notice.text.contains("keymap.toml:2:7")),
        "{:?}",
        model.notices
    );
    world.press(&mut model, "f5");
    assert!(model.quit, "the last good one is in force");
}

#[rstest]
#[case("x")]
#[case("cancel run run41.3")]
#[case("cancel run job12")]
fn no_key_skips_the_question(#[case] line: &str) {
    let (mut world, mut model) = start("");
    let line = if line == "x" { "cancel run" } else { line };
    world.send(&mut model, keymap(&format!("[global]\n'y' = '{line}'\n'enter' = '{line}'")));
    world.press(&mut model, "enter");
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))));
    world.press(&mut model, "enter");
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))), "its own key is no answer");
    assert!(
        !world.seen.iter().any(|effect| matches!(effect, Effect::Control { verb: Verb::Cancel { .. }, .. }))
    );
}

#[test]
fn a_sequence_waits_for_its_next_key_and_escape_leaves_it() {
    let (mut world, mut model) = start("g");
    assert_eq!(model.pressed.len(), 1);
    world.press(&mut model, "j");
    assert_eq!((model.focus, model.pressed.len()), (Pane::Jobs, 0));
    world.press(&mut model, "g esc");
    assert_eq!((model.focus, model.pressed.len()), (Pane::Jobs, 0), "esc is no step back here");
    world.press(&mut model, "g q");
    assert!(!model.quit && model.pressed.is_empty(), "a key that leads nowhere does nothing");
}

#[test]
fn what_is_said_names_the_keys_that_are_bound() {
    let said = |text: &str| {
        let (mut world, mut model) = start("");
        world.send(&mut model, keymap(&format!("extends = \"default\"\n{text}")));
        world.press(&mut model, "4 n 3 /");
        let told = model.toasts.back().map(|(notice, _)| notice.text.clone()).unwrap_or_default();
        world.type_text(&mut model, "no such run");
        world.press(&mut model, "enter");
        let nothing = dump(&model, &Theme::new(true, true));
        world.press(&mut model, "esc 7 down e T");
        (told, nothing, dump(&model, &Theme::new(true, true)))
    };
    let (told, nothing, tasks) = said("");
    assert_eq!(told, "nothing to search for yet: / searches");
    assert!(nothing.contains("esc  shows all again") && tasks.contains("x stops it"));
    let own = "[global]\n\"f9\" = \"back\"\n[tasks]\n\"x\" = false\n\"f4\" = \"stop task\"\n[logs]\n\"/\" = false\n";
    let (told, _, tasks) = said(own);
    assert_eq!(told, "nothing to search for yet: `:search` searches");
    assert!(tasks.contains("f4 stops it"), "{tasks}");
    // What a person may not do is not offered.
    let (_, mut model) = start("");
    assert_eq!(model.hint(Command::Cancel, "ends it"), ": x ends it");
    model.readonly = true;
    assert_eq!(model.hint(Command::Cancel, "ends it"), "");
}
