//! Panes that are hidden and shown again.
// Proves C1 (panes hidden; what has the keys is always on the screen).

use rstest::rstest;

use super::*;
use crate::tui::app::{Pane, Tab};

fn shown(model: &Model) -> Vec<Pane> {
    Pane::ALL.into_iter().filter(|pane| model.layout.shows(*pane)).collect()
}

#[rstest]
// Its room and the keys go to another, which the focus then goes by.
#[case("2 H", Pane::Runs, &[Pane::Workspaces, Pane::Runs, Pane::Detail])]
#[case("2 H 1 tab", Pane::Runs, &[Pane::Workspaces, Pane::Runs, Pane::Detail])]
#[case("2 H shift-tab shift-tab", Pane::Detail, &[Pane::Workspaces, Pane::Runs, Pane::Detail])]
#[case("1 H 2 H left", Pane::Runs, &[Pane::Runs, Pane::Detail])]
#[case("4 H right", Pane::Runs, &[Pane::Workspaces, Pane::Jobs, Pane::Runs])]
#[case("H left", Pane::Jobs, &[Pane::Workspaces, Pane::Jobs, Pane::Detail])]
// What somebody asks for is shown.
#[case("2 H 2", Pane::Jobs, &Pane::ALL)]
#[case("4 H 6", Pane::Detail, &Pane::ALL)]
#[case("4 H enter", Pane::Detail, &Pane::ALL)]
#[case("H H H", Pane::Workspaces, &[Pane::Workspaces])]
#[case("H H H H Z", Pane::Workspaces, &Pane::ALL)]
// One step back leads to nothing that is hidden.
#[case("1 H 2 H esc esc", Pane::Runs, &[Pane::Runs, Pane::Detail])]
#[case("3 H 4 esc", Pane::Workspaces, &[Pane::Workspaces, Pane::Jobs, Pane::Detail])]
fn panes_are_hidden_and_come_back(#[case] keys: &str, #[case] focus: Pane, #[case] left: &[Pane]) {
    let (_, model) = start(keys);
    assert_eq!((model.focus, shown(&model).as_slice()), (focus, left));
    assert!(!model.areas().pane(focus).is_empty());
}

#[test]
fn hiding_the_pane_that_is_zoomed_shows_the_others() {
    let (_, model) = start("4 z H");
    assert!(!model.layout.zoom && !model.areas().runs.is_empty() && model.areas().detail.is_empty());
}

#[test]
fn the_way_back_is_told_with_the_keys_that_are_in_force() {
    let told = |keys| start(keys).1.toasts.back().unwrap().0.text.clone();
    assert_eq!(told("2 H"), "hid the jobs: 2 shows them again, Z all panes");
    assert_eq!(told("6 H"), "hid the tabs of the run: 6 shows them again, Z all panes");
    assert_eq!(told("H H H H"), "this is the last pane: it stays");
    let (mut world, mut model) = start("6");
    model.keymap = crate::tui::keymap::Source::of(Some("emacs"), std::path::Path::new("")).load().keymap;
    world.press(&mut model, "ctrl-x 0");
    assert_eq!(model.detail.tab, Tab::Params);
    assert_eq!(
        model.toasts.back().unwrap().0.text,
        "hid the tabs of the run: 6 shows them again, Z all panes"
    );
}
