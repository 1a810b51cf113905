//! Pictures that a run saved: opened, gone through, read again, closed.
// Proves C1, C7 (pictures of a run).

use std::sync::Arc;

use rstest::rstest;

use super::*;
use crate::store::Changes;
use crate::tui::app::message::{Answer, ListAnswer, ListData, Msg};
use crate::tui::app::update;
use crate::tui::picture::{Means, Pictures, Way};
use crate::tui::testing::draw;
use crate::tui::theme::{Ground, Theme};

/// The open picture and how many columns and rows it takes on the screen.
fn seen(model: &Model) -> Option<(String, u16, u16)> {
    let (drawn, _) = draw(model, &Theme::new(true, true));
    let place = drawn.picture?;
    Some((model.detail.picture.as_ref()?.file.clone(), place.width, place.height))
}

fn open(model: &Model) -> Option<&str> {
    model.detail.picture.as_ref().map(|picture| picture.file.as_str())
}

#[test]
fn a_picture_is_opened_enlarged_gone_through_and_closed() {
    let (mut world, mut model) = start("7 down down enter");
    assert_eq!(open(&model), Some("after/output/loss.png"));
    let (_, width, height) = seen(&model).unwrap();
    world.press(&mut model, "z");
    let (_, wide, high) = seen(&model).unwrap();
    assert!(wide > width && high > height, "it fills the room there is");
    // The same keys as in the list, and to the sides.
    for (keys, expected) in [
        ("right", "after/output/samples.png"),
        ("right", "after/output/samples.png"),
        ("k", "after/output/loss.png"),
        ("up", "after/output/loss.png"),
        ("l", "after/output/samples.png"),
        ("left", "after/output/loss.png"),
    ] {
        world.press(&mut model, keys);
        assert_eq!(
            (open(&model), model.detail.file().unwrap().1.as_str()),
            (Some(expected), expected),
            "{keys}"
        );
    }
    world.press(&mut model, "S");
    assert!(model.overlay.is_some(), "it is saved as other files are");
    world.press(&mut model, "esc esc");
    assert!(!model.layout.zoom && model.detail.picture.is_some());
    world.press(&mut model, "esc");
    assert_eq!((open(&model), model.detail.selected().as_deref()), (None, Some("after/output/loss.png")));
    world.press(&mut model, "enter 6 7");
    assert_eq!(open(&model), None, "another tab closes it");
}

#[test]
fn another_run_shows_its_picture_of_the_same_name() {
    let (mut world, mut model) = start("7 G enter 3");
    let before = model.detail.picture.as_ref().unwrap().run.clone();
    world.press(&mut model, "down");
    let picture = model.detail.picture.as_ref().unwrap();
    assert_eq!((picture.file.as_str(), picture.run != before), ("after/output/samples.png", true));
    assert!(seen(&model).is_some());
}

/// The questions for pictures among some effects.
fn asked(effects: Vec<Effect>) -> Vec<(Generation, bool)> {
    let one = |list| match list {
        List::Picture { generation, known, .. } => Some((generation, known.is_some())),
        _ => None,
    };
    lists(effects).into_iter().filter_map(one).collect()
}

#[test]
fn it_is_read_once_for_its_room_and_again_when_the_run_changes() {
    let (mut world, mut model) = start("7 G enter");
    let tick = |model: &mut Model| update(model, Msg::Clock { now: model.now, uptime: model.uptime });
    assert_eq!(asked(tick(&mut model)), []);
    let effects = update(&mut model, Msg::Resize(100, 30));
    assert!(matches!(asked(effects)[..], [(_, false)]), "another room");
    world.send(&mut model, Msg::Resize(120, 40));
    let run = model.runs.selected().unwrap().as_ref().clone();
    let changes = Changes { runs: vec![run], stamp: 3, ..Changes::default() };
    let mut effects = update(&mut model, Msg::Changed(changes));
    let mut questions = Vec::new();
    while let Some(effect) = effects.pop() {
        if matches!(effect, Effect::List(List::Picture { .. })) {
            questions.extend(asked(vec![effect.clone()]));
        }
        effects.extend(world.answer(effect).into_iter().flat_map(|msg| update(&mut model, msg)));
    }
    assert!(matches!(questions[..], [(_, true)]), "its file is looked at: {questions:?}");
    assert!(seen(&model).is_some(), "it stays until there is another");
}

#[test]
fn what_cannot_be_shown_says_why() {
    let (_, mut model) = start("7 G enter");
    let generation = model.generations.picture;
    let why = "after/output/samples.png: the picture is damaged or not complete (unexpected end)";
    let answer = ListAnswer { generation, kind: ListKind::Picture, result: Err(why.to_owned()) };
    update(&mut model, Msg::List(answer));
    assert_eq!(seen(&model), None);
    let (_, buffer) = draw(&model, &Theme::new(true, true));
    let text: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
    assert!(text.contains("damaged or not complete"), "{text}");
}

#[test]
fn pictures_that_are_off_are_told_of() {
    let (mut world, mut model) = start("");
    model.means = Means::from_env(Pictures::Off, |_| None);
    world.press(&mut model, "7 G enter");
    assert_eq!(open(&model), None);
    let (notice, _) = model.toasts.back().unwrap();
    assert!(notice.text.contains("PNG image, and pictures are off: S saves it"), "{}", notice.text);
}

#[rstest]
#[case(Answer::Kitty(true), Way::Kitty)]
#[case(Answer::Name("foot(1.16.2)".into()), Way::Sixel)]
#[case(Answer::Name("XTerm(390)".into()), Way::Blocks)]
fn what_the_terminal_answers_changes_how_it_is_shown(#[case] answer: Answer, #[case] expected: Way) {
    let (mut world, mut model) = start("7 G enter");
    let whole = |model: &Model| model.detail.picture.as_ref().and_then(|picture| picture.shown().cloned());
    let before = whole(&model).unwrap();
    world.send(&mut model, Msg::Answer(answer));
    assert_eq!(model.means.ways.way(), Some(expected));
    assert_eq!(whole(&model).unwrap() != before, expected != Way::Blocks);
}

#[test]
fn the_theme_follows_the_background_the_terminal_tells() {
    let (_, mut model) = start("");
    let told = |model: &mut Model, colour| update(model, Msg::Answer(Answer::Background(colour)));
    assert_eq!(told(&mut model, [0, 43, 54]), [], "dark it was");
    assert_eq!(told(&mut model, [253, 246, 227]), [Effect::Ground(Ground::Light)]);
}

/// What lies over a picture that is all in one cell hides it, and it comes back.
#[test]
fn overlays_lie_over_pictures() {
    for way in [Way::Blocks, Way::Kitty, Way::Sixel, Way::Iterm2] {
        let (mut world, mut model) = start("");
        model.means = Means::from_env(Pictures::By(way), |_| None);
        world.press(&mut model, "7 G enter z");
        let frame = |model: &Model| draw(model, &Theme::new(true, true)).1;
        let alone = frame(&model);
        world.press(&mut model, "?");
        let covered = frame(&model);
        let text: String = covered.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert!(text.contains("Keys"), "{way:?}");
        let picture = alone.content.iter().map(|cell| cell.symbol().len()).max().unwrap();
        let longest = covered.content.iter().map(|cell| cell.symbol().len()).max().unwrap();
        assert_eq!(longest < 100, way != Way::Kitty || picture < 100, "{way:?}");
        world.press(&mut model, "esc");
        assert_eq!(frame(&model), alone, "{way:?}");
    }
}

#[test]
fn an_answer_for_another_picture_is_dropped() {
    let (mut world, mut model) = start("7 G enter");
    let first = model.generations.picture;
    let shown = model.detail.picture.as_ref().unwrap().shown().cloned().unwrap();
    world.press(&mut model, "left");
    let now = model.detail.picture.as_ref().unwrap().shown().cloned();
    let answer = ListAnswer {
        generation: first,
        kind: ListKind::Picture,
        result: Ok(ListData::Picture(Some(Arc::new(shown)))),
    };
    update(&mut model, Msg::List(answer));
    assert_eq!(model.detail.picture.as_ref().unwrap().shown().cloned(), now);
}
