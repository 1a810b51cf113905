use super::*;
use proptest::prelude::*;

/// Any layout, with any panes hidden but the one that has the focus.
fn layout() -> impl Strategy<Value = (Layout, Pane)> {
    let sizes = (-600i16..600, -600i16..600, -600i16..600);
    let chosen = (any::<bool>(), any::<[bool; 4]>(), 0usize..4);
    (sizes, chosen).prop_map(|((left, runs, workspaces), (zoom, mut hidden, focus))| {
        hidden[focus] = false;
        (Layout { zoom, left, runs, workspaces, hidden }, Pane::ALL[focus])
    })
}

proptest! {
    // Proves C1 (any size; panes zoomed, hidden and resized).
    #[test]
    fn panes_never_overlap_or_leave_the_screen_and_fill_it(
        (width, height) in (0u16..300, 0u16..120),
        (layout, focus) in layout(),
    ) {
        let areas = layout.areas((width, height), focus);
        let screen = Rect { x: 0, y: 0, width, height };
        let all = [areas.header, areas.hints, areas.workspaces, areas.jobs, areas.runs, areas.detail];
        for (i, a) in all.iter().enumerate() {
            prop_assert_eq!(a.intersection(screen).area(), a.area());
            for b in &all[i + 1..] {
                prop_assert!(a.is_empty() || b.is_empty() || a.intersection(*b).is_empty());
            }
        }
        prop_assert_eq!(all.iter().map(|area| area.area()).sum::<u32>(), screen.area());
        if width > 0 && height > 2 {
            prop_assert!(!areas.pane(focus).is_empty());
        }
        for pane in Pane::ALL {
            prop_assert!(layout.shows(pane) || areas.pane(pane).is_empty());
        }
    }

    #[test]
    fn one_pane_is_always_left_and_gets_the_keys(
        (mut layout, mut focus) in layout(),
        hidden in prop::collection::vec(0usize..4, 0..9),
    ) {
        for at in hidden {
            if let Some(next) = layout.hide(Pane::ALL[at]).filter(|_| Pane::ALL[at] == focus) {
                focus = next;
            }
            prop_assert!(layout.shows(focus));
            prop_assert!(layout.shows(layout.step(focus, true)) && layout.shows(layout.step(focus, false)));
        }
        layout.show_all();
        prop_assert!(Pane::ALL.into_iter().all(|pane| layout.shows(pane)));
    }

    #[test]
    fn a_border_stays_under_the_hand_that_moves_it(
        (layout, focus) in layout(), (column, row) in (0u16..120, 0u16..40), by in -3i16..=3,
    ) {
        let areas = layout.areas((120, 40), focus);
        if let Some(border) = areas.border_at(column, row) {
            let mut moved = layout.checked();
            moved.drag(border, by);
            let after = moved.areas((120, 40), focus);
            // It follows, unless it stands at its edge.
            let went = after.distance(border, column, row) - areas.distance(border, column, row);
            prop_assert!(went == -by || went.abs() <= by.abs());
        }
    }
}

#[test]
fn the_room_of_what_is_hidden_goes_to_its_neighbours() {
    let size = (120, 40);
    let mut layout = Layout::default();
    let all = layout.areas(size, Pane::Runs);
    layout.hide(Pane::Workspaces);
    let areas = layout.areas(size, Pane::Runs);
    assert_eq!((areas.jobs.height, areas.runs), (38, all.runs));
    assert_eq!(areas.border_at(areas.runs.x, 20), Some(Border::Left));
    assert_eq!(areas.border_at(3, areas.jobs.y), None, "above it is the header");
    layout.hide(Pane::Jobs);
    let areas = layout.areas(size, Pane::Runs);
    assert_eq!((areas.runs.width, areas.detail.width), (120, 120));
    assert_eq!(layout.hide(Pane::Runs), Some(Pane::Detail));
    assert_eq!(layout.areas(size, Pane::Detail).detail, Rect { x: 0, y: 1, width: 120, height: 38 });
    assert_eq!(layout.hide(Pane::Detail), None, "it is the last one");
    assert_eq!(layout.areas(size, Pane::Jobs).jobs.width, 30, "what has the focus is seen");
    assert_eq!(layout.areas((60, 20), Pane::Detail).detail.height, 18);
}
