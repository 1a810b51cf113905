//! Anything that can happen, in any order, while the executor answers at once, late, or with errors.
// Proves C1 (nothing panics, the screen is honest), S3, S7 (the selection stays with its run).

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::model::Status;
use crate::store::{Changes, Gone};
use crate::tui::app::dialog::Overlay;
use crate::tui::app::message::Msg;
use crate::tui::app::model::{Model, Stale};
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
    /// On one of the lanes that have something to do, the next thing happens; what is read may fail.
    Step(usize, bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    let keys: Vec<String> =
        Keymap::default().sequences().map(ToString::to_string).chain(["y", "n"].map(str::to_owned)).collect();
    prop_oneof![
        8 => prop::sample::select(keys).prop_map(Happening::Key),
        1 => "[ -~é漢🚀]{0,6}".prop_map(Happening::Text),
        2 => (0u16..140, 0u16..50).prop_map(|(w, h)| Happening::Resize(w, h)),
        2 => (0u16..140, 0u16..50, 0u8..4).prop_map(|(x, y, kind)| Happening::Mouse(x, y, kind)),
        4 => change(),
        1 => ".{0,40}\n?".prop_map(Happening::Grow),
    ]
}

/// The same, and between it the executor does and delivers one thing after the other.
fn late_happening(failing: f64) -> impl Strategy<Value = Happening> {
    let step = (any::<usize>(), prop::bool::weighted(failing));
    prop_oneof![1 => happening(), 2 => step.prop_map(|(lane, fails)| Happening::Step(lane, fails))]
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
        Happening::Step(at, fails) => {
            let lanes = world.lanes();
            if let Some(lane) = lanes.get(at % lanes.len().max(1)) {
                world.step(model, *lane, *fails);
            }
            return;
        }
    }
    world.send(model, Msg::Changed(changes));
}

/// What happens, one after the other, the same each time.
fn chain(kinds: impl Strategy<Value = Happening>) -> impl Iterator<Item = Happening> {
    let mut runner = TestRunner::deterministic();
    std::iter::repeat_with(move || kinds.new_tree(&mut runner).unwrap().current())
}

/// Another state of the records.
fn change() -> impl Strategy<Value = Happening> {
    prop_oneof![
        2 => (0usize..30, 0usize..11).prop_map(|(at, status)| Happening::Change(at, status)),
        1 => (0usize..30).prop_map(Happening::Delete),
        1 => (42u64..90).prop_map(Happening::Insert),
    ]
}

/// What is seen: the screen, and what lies over it.
fn view(model: &Model) -> String {
    let over = match &model.overlay {
        None => "nothing",
        Some(Overlay::Confirm(_)) => "question",
        Some(Overlay::Rerun(_)) => "rerun",
        Some(Overlay::Tags(_)) => "tags",
        Some(Overlay::Prompt(_)) => "prompt",
        Some(Overlay::Sort(_)) => "sort",
        Some(Overlay::Columns(_)) => "columns",
        Some(Overlay::Sheet(_)) => "sheet",
        Some(Overlay::Help { .. }) => "keys",
        Some(Overlay::Topics(_)) => "topics",
    };
    format!("{:?} below {over}", model.screen)
}

#[test]
fn ten_thousand_keys_and_resizes_reach_every_view_and_nothing_panics() {
    let (mut world, mut model) = start("");
    let theme = Theme::new(true, true);
    let mut views = BTreeSet::new();
    for (at, one) in chain(happening()).take(20_000).enumerate() {
        happen(&mut world, &mut model, &one);
        if views.insert(view(&model)) || at % 16 == 0 {
            let (cost, _) = draw(&model, &theme);
            assert!(cost.runs_built <= model.runs_height());
        }
    }
    let reached = |part: &str| views.iter().any(|view| view.contains(part));
    for screen in ["Main", "Compare", "Nodes", "Tasks", "Errors"] {
        assert!(reached(screen), "{screen}: {views:?}");
    }
    for over in ["question", "rerun", "tags", "prompt", "sort", "columns", "sheet", "keys", "topics"] {
        assert!(reached(over), "{over}: {views:?}");
    }
}

/// A hundred thousand with `XT_SOAK=1`.
#[test]
fn many_changes_never_move_the_cursor_to_another_run() {
    let (mut world, mut model) = start("down down");
    let (mut kept, count) = (0, if std::env::var_os("XT_SOAK").is_some() { 100_000 } else { 2_000 });
    for (at, one) in chain(change()).take(count).enumerate() {
        let before = model.runs.selected().unwrap().path();
        happen(&mut world, &mut model, &one);
        if world.runs.iter().any(|(_, run)| run.path() == before) {
            assert_eq!(model.runs.selected().unwrap().path(), before, "after {one:?}");
            kept += 1;
        }
        if at % 32 == 0 {
            let name = model.runs.selected().unwrap().run_name.to_string();
            let screen = dump(&model, &Theme::new(true, true));
            let is_seen = screen.lines().any(|line| line.contains(&format!(" {name} ")));
            assert!(is_seen, "{name} is not seen after {one:?}");
        }
    }
    assert!(10 * kept > 9 * count, "most of the time the run was there: {kept}");
}

/// The screen after everything on it has been read once more.
fn read_anew(world: &mut World, model: &Model) -> String {
    let mut model = model.clone();
    world.late = false;
    model.stale = Stale { tree: true, jobs: true, index: true };
    let runs = world.runs.iter().map(|(_, run)| run.clone()).collect();
    let (jobs, workspaces) = (world.jobs.clone(), true);
    world.send(&mut model, Msg::Changed(Changes { stamp: 3, runs, jobs, workspaces, ..Changes::default() }));
    shown(&model)
}

fn shown(model: &Model) -> String {
    dump(model, &Theme::new(true, true))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_nothing_panics(
        late: bool,
        happenings in prop::collection::vec(late_happening(0.2), 1..80),
    ) {
        let mut world = World::usual();
        world.late = late;
        let mut model = world.model((120, 40));
        for (at, one) in happenings.iter().enumerate() {
            happen(&mut world, &mut model, one);
            if at % 4 == 0 {
                let (cost, _) = draw(&model, &Theme::new(true, true));
                prop_assert!(cost.runs_built <= model.runs_height());
            }
        }
        world.fail_all(&mut model);
        read_anew(&mut world, &model);
    }

    #[test]
    fn when_everything_is_delivered_the_screen_is_as_if_it_were_read_anew(
        happenings in prop::collection::vec(late_happening(0.0), 1..80),
    ) {
        let (mut world, mut model) = start("");
        world.late = true;
        for one in &happenings {
            happen(&mut world, &mut model, one);
        }
        world.catch_up(&mut model);
        let shown = shown(&model);
        prop_assert_eq!(shown, read_anew(&mut world, &model));
    }

    #[test]
    fn changes_never_move_the_cursor_to_another_run(
        late: bool,
        happenings in prop::collection::vec(
            late_happening(0.0).prop_filter("a change", |h| {
                use Happening::{Change, Delete, Insert, Step};
                matches!(h, Change(..) | Delete(_) | Insert(_) | Step(..))
            }),
            1..60,
        ),
    ) {
        let (mut world, mut model) = start("down down");
        world.late = late;
        for one in &happenings {
            let before = model.runs.cursor.selected().unwrap();
            happen(&mut world, &mut model, one);
            let listed = model.runs.all_ids().contains(&before);
            prop_assert!(!listed || model.runs.cursor.selected() == Some(before));
            let screen = dump(&model, &Theme::new(true, true));
            prop_assert!(late || model.runs.selected().is_some());
            if let Some(run) = model.runs.selected() {
                let name = format!(" {} ", run.run_name);
                prop_assert!(screen.lines().any(|line| line.contains(&name)), "{} is not seen", name);
            }
        }
        world.catch_up(&mut model);
        let selected = model.runs.cursor.selected();
        prop_assert!(world.runs.iter().any(|(id, _)| Some(*id) == selected));
    }
}
