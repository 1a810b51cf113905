//! Anything that can happen, in any order.
// Proves C1 (nothing panics), S3, S7 (the selection stays with its run).

use proptest::prelude::*;

use super::*;
use crate::model::Status;
use crate::store::{Changes, Gone};
use crate::tui::app::message::Msg;
use crate::tui::app::model::Model;
use crate::tui::keymap::Keymap;
use crate::tui::testing::{World, draw, dump, run};
use crate::tui::theme::Theme;

/// Anything that can happen.
#[derive(Clone, Debug)]
enum Happening {
    Key(String),
    Text(String),
    Resize(u16, u16),
    Mouse(u16, u16, u8),
    Change(usize, usize),
    Delete(usize),
    Insert(u64),
    Grow(String),
}

fn happening() -> impl Strategy<Value = Happening> {
    let keys: Vec<String> =
        Keymap::default().sequences().map(ToString::to_string).chain(["y", "n"].map(str::to_owned)).collect();
    prop_oneof![
        8 => prop::sample::select(keys).prop_map(Happening::Key),
        1 => "[ -~é漢🚀]{0,6}".prop_map(Happening::Text),
        2 => (0u16..140, 0u16..50).prop_map(|(w, h)| Happening::Resize(w, h)),
        2 => (0u16..140, 0u16..50, 0u8..4).prop_map(|(x, y, kind)| Happening::Mouse(x, y, kind)),
        2 => (0usize..30, 0usize..11).prop_map(|(at, status)| Happening::Change(at, status)),
        1 => (0usize..30).prop_map(Happening::Delete),
        1 => (42u64..90).prop_map(Happening::Insert),
        1 => ".{0,40}\n?".prop_map(Happening::Grow),
    ]
}

fn happen(world: &mut World, model: &mut Model, happening: &Happening) {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut changes = Changes { stamp: 2, ..Changes::default() };
    match happening {
        Happening::Key(key) => return world.press(model, key),
        Happening::Text(text) => return world.send(model, Msg::Paste(text.clone())),
        Happening::Resize(width, height) => return world.send(model, Msg::Resize(*width, *height)),
        Happening::Mouse(column, row, kind) => {
            let kind = match kind {
                0 => MouseEventKind::ScrollDown,
                1 => MouseEventKind::Drag(MouseButton::Left),
                2 => MouseEventKind::Up(MouseButton::Left),
                _ => MouseEventKind::Down(MouseButton::Left),
            };
            let event = MouseEvent { kind, column: *column, row: *row, modifiers: KeyModifiers::NONE };
            return world.send(model, Msg::Mouse(event));
        }
        Happening::Change(at, status) => {
            let at = at % world.runs.len().max(1);
            if let Some((_, run)) = world.runs.get_mut(at) {
                run.status = Status::ALL[*status];
                changes.runs.push(run.clone());
            }
        }
        Happening::Delete(at) => {
            if world.runs.len() > 1 {
                let (_, run) = world.runs.remove(at % world.runs.len());
                changes.gone.push(Gone::Run(run.path()));
            }
        }
        Happening::Insert(number) => {
            let new = run(*number, 0, 12, Status::Running);
            let id = i64::try_from(1_000 + number).unwrap();
            if !world.runs.iter().any(|(key, _)| *key == id) {
                world.runs.push((id, new.clone()));
                world.runs.sort_by_key(|(_, run)| std::cmp::Reverse(run.run_num));
                changes.runs.push(new);
            }
        }
        Happening::Grow(text) => {
            return world.grow(model, text);
        }
    }
    world.send(model, Msg::Changed(changes));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_nothing_panics(happenings in prop::collection::vec(happening(), 1..60)) {
        let (mut world, mut model) = start("");
        for (at, one) in happenings.iter().enumerate() {
            happen(&mut world, &mut model, one);
            if at % 4 == 0 {
                let (cost, _) = draw(&model, &Theme::new(true, true));
                prop_assert!(cost.runs_built <= model.runs_height());
            }
        }
    }

    #[test]
    fn changes_never_move_the_cursor_to_another_run(
        happenings in prop::collection::vec(
            happening().prop_filter("a change", |h| {
                matches!(h, Happening::Change(..) | Happening::Delete(_) | Happening::Insert(_))
            }),
            1..60,
        ),
    ) {
        let (mut world, mut model) = start("down down");
        for one in &happenings {
            let before = model.runs.selected().unwrap().path();
            happen(&mut world, &mut model, one);
            let exists = world.runs.iter().any(|(_, run)| run.path() == before);
            prop_assert!(!exists || model.runs.selected().unwrap().path() == before);
            let name = model.runs.selected().unwrap().run_name.to_string();
            let screen = dump(&model, &Theme::new(true, true));
            prop_assert!(screen.lines().any(|line| line.contains(&format!(" {name} "))), "{} is not seen", name);
        }
    }
}
