//! Keys in what lies over the panes follow the keymap.
// Proves C1 (every key can be rebound, also in lists, forms and lines; no key skips a question).

use rstest::rstest;

use super::*;
use crate::tui::app::dialog::{Overlay, Prompt};
use crate::tui::app::effect::Verb;
use crate::tui::app::message::Msg;
use crate::tui::keymap::{Loaded, Source};

/// The usual world after some keys of a keymap, which is a shipped one or a text.
fn with(keymap: &str, keys: &str) -> (World, Model) {
    let path = std::path::Path::new("");
    let loaded = match Source::of(Some(keymap), path) {
        Source::Named(_) => Loaded::of_text(keymap, path),
        shipped => shipped.load(),
    };
    assert!(!loaded.is_broken(), "{:?}", loaded.findings);
    let mut world = World::usual();
    let mut model = world.model((100, 30));
    world.send(&mut model, Msg::Keymap { loaded: Box::new(loaded), again: false });
    world.press(&mut model, keys);
    (world, model)
}

/// The selected row, or the first line that is seen.
fn row(model: &Model) -> usize {
    match model.overlay.as_ref().expect("it is gone") {
        Overlay::Sort(menu) => menu.choice,
        Overlay::Columns(menu) => menu.choice,
        Overlay::Sheet(sheet) => sheet.cursor.row(),
        Overlay::Help(guide) => guide.scroll(model.size),
        Overlay::Topics(topics) if topics.reading => topics.scroll,
        Overlay::Topics(topics) => topics.choice,
        Overlay::Rerun(form) => form.fields.focus,
        Overlay::Tags(form) => form.fields.focus,
        Overlay::Prompt(prompt) => prompt.choice,
        Overlay::Confirm(confirm) => confirm.scroll,
    }
}

#[rstest]
#[case("default", "S j j k", 1)]
#[case("default", "C down down up", 1)]
#[case("default", "? j j", 2)]
#[case("default", "2 d pgdn", 10)]
#[case("default", "* x j j j k", 2)]
#[case("default", "r down down up", 1)]
#[case("default", "r shift-tab", 8)]
#[case("default", "r pgdn", 8)]
#[case("default", ": down down down", 3)]
#[case("vim", "S j j k", 1)]
#[case("vim", "? ctrl-d ctrl-u j", 1)]
#[case("vim", "C ctrl-d g g j", 1)]
#[case("vim", "2 K j j k", 1)]
#[case("vim", "r ctrl-n ctrl-n ctrl-p", 1)]
#[case("emacs", "S ctrl-n ctrl-n ctrl-p", 1)]
#[case("emacs", "C ctrl-v alt-< ctrl-n", 1)]
#[case("emacs", "ctrl-h ctrl-n ctrl-n", 2)]
#[case("emacs", "? enter ctrl-n ctrl-n ctrl-p", 1)]
#[case("emacs", "? enter enter ctrl-n ctrl-n", 2)]
#[case("emacs", "2 d ctrl-n ctrl-n", 2)]
#[case("emacs", "* x ctrl-n ctrl-n", 2)]
#[case("emacs", "r ctrl-n ctrl-n ctrl-p", 1)]
#[case("emacs", "t ctrl-n", 1)]
#[case("emacs", "alt-x ctrl-n ctrl-n ctrl-n", 3)]
fn one_moves_as_everywhere(#[case] keymap: &str, #[case] keys: &str, #[case] expected: usize) {
    assert_eq!(row(&with(keymap, keys).1), expected);
}

#[rstest]
#[case("default", "S")]
#[case("default", "C")]
#[case("default", "r")]
#[case("default", ":")]
#[case("default", "?")]
#[case("default", "x")]
fn escape_and_ctrl_c_leave_and_a_persons_own_key_too(#[case] keymap: &str, #[case] opens: &str) {
    for leaves in ["esc", "ctrl-c"] {
        let (_, model) = with(keymap, &format!("{opens} {leaves}"));
        assert!(model.overlay.is_none() && !model.quit, "{leaves}");
    }
    let own = "[popup]\n'f9' = 'back'\n[form]\n'f9' = 'back'\n[prompt]\n'f9' = 'back'";
    assert!(with(own, &format!("{opens} f9")).1.overlay.is_none());
    assert!(with("emacs", &format!("{opens} ctrl-g")).1.overlay.is_none());
}

#[rstest]
#[case("S", "S")]
#[case("C", "C")]
#[case("?", "?")]
#[case("? enter", "?")]
#[case("2 d", "d")]
fn the_key_that_opened_it_closes_it(#[case] opens: &str, #[case] key: &str) {
    assert!(with("default", &format!("{opens} {key}")).1.overlay.is_none());
}

#[rstest]
#[case("esc", true)]
#[case("C", true)]
#[case("enter", false)]
fn columns_that_were_only_tried_are_put_back(#[case] leave: &str, #[case] back: bool) {
    let (_, model) = with("default", &format!("C down space {leave}"));
    assert_eq!(model.columns.is_none(), back, "{:?}", model.columns);
}

fn prompt(model: &Model) -> &Prompt {
    let Some(Overlay::Prompt(prompt)) = &model.overlay else { panic!("it is gone") };
    prompt
}

#[rstest]
#[case("default", ":", "ctrl-p ctrl-p")]
#[case("default", ":", "up up")]
#[case("default", ": x", "ctrl-p ctrl-p")]
#[case("emacs", "alt-x", "alt-p alt-p")]
#[case("[prompt]\n'f7' = 'history back'", ":", "f7 f7")]
fn history_has_its_keys(#[case] keymap: &str, #[case] opens: &str, #[case] back: &str) {
    let (mut world, mut model) = with(keymap, "");
    model.history = vec!["zoom".into(), "grow".into()];
    world.press(&mut model, opens);
    world.press(&mut model, back);
    assert_eq!(prompt(&model).text(), "zoom");
    world.press(&mut model, if keymap == "emacs" { "alt-n alt-n" } else { "ctrl-n ctrl-n" });
    assert_eq!(prompt(&model).text(), "", "beyond the last one");
    // Other lines remember nothing.
    world.press(&mut model, "esc / up ctrl-p");
    assert_eq!(prompt(&model).text(), "");
}

#[test]
fn letters_are_text_and_what_is_not_bound_edits_it() {
    let (mut world, mut model) = with("emacs", "r");
    let text = |model: &Model| match &model.overlay {
        Some(Overlay::Rerun(form)) => form.fields.list[0].text(),
        _ => panic!("it is gone"),
    };
    world.press(&mut model, "ctrl-a q j ctrl-e k ctrl-x");
    assert_eq!((text(&model).as_str(), model.pressed.len()), ("qj--lr=.03k", 1));
    world.press(&mut model, "ctrl-e");
    assert!(matches!(world.seen.last(), Some(Effect::Terminal(_))), "a sequence");
    // And one that leads nowhere is no text.
    world.press(&mut model, "ctrl-x z");
    assert_eq!((text(&model).as_str(), model.pressed.len()), ("qj--lr=.03k", 0));
}

#[test]
fn a_form_is_filled_in_with_a_persons_own_keys() {
    let own = "[form]\n'enter' = 'complete'\n'ctrl-s' = 'accept'";
    let (mut world, mut model) = with(own, "t");
    world.type_text(&mut model, "best");
    world.press(&mut model, "enter");
    assert!(world.seen.is_empty() && row(&model) == 1);
    world.press(&mut model, "ctrl-s");
    assert!(model.overlay.is_none() && world.seen.len() == 1);
}

#[test]
fn no_keymap_answers_a_question() {
    let own = "[popup]\n'y' = 'down'\n'n' = 'down'\n'enter' = 'open'\n'f5' = 'open'";
    let (mut world, mut model) = with(own, "x");
    let asked = world.seen.len();
    world.press(&mut model, "enter f5");
    assert!(matches!(model.overlay, Some(Overlay::Confirm(_))) && world.seen.len() == asked);
    world.press(&mut model, "n");
    assert!(model.overlay.is_none() && world.seen.len() == asked);
    world.press(&mut model, "x y");
    let done = |effect: &Effect| matches!(effect, Effect::Control { verb: Verb::Cancel { .. }, .. });
    assert!(model.overlay.is_none() && world.seen.iter().filter(|effect| done(effect)).count() == 1);
}

#[test]
fn the_end_of_the_keys_is_the_end() {
    let (mut world, mut model) = with("default", "? G");
    let end = row(&model);
    assert!(end > 0);
    world.press(&mut model, "j k");
    assert_eq!(row(&model), end - 1);
}
