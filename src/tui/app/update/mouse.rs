//! The mouse: a click selects, gives the focus or does what it is on, the wheel scrolls what it is over, and
//! borders can be dragged.

use crossterm::event::{KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::super::click::Click;
use super::super::dialog::Overlay;
use super::super::effect::Effect;
use super::super::layout::Pane;
use super::super::model::Model;
use super::super::screen::Screen;
use super::super::tab::Tab;
use super::{actions, keys, log, navigate};

/// Rows a turn of the wheel moves.
const WHEEL: isize = 3;

/// Takes in what the mouse did.
pub fn mouse(model: &mut Model, event: MouseEvent, effects: &mut Vec<Effect>) {
    match event.kind {
        MouseEventKind::Drag(MouseButton::Left) => return drag(model, event),
        MouseEventKind::Up(_) => {
            model.dragged = None;
            return;
        }
        _ => {}
    }
    let by = match event.kind {
        MouseEventKind::ScrollUp => -WHEEL,
        MouseEventKind::ScrollDown => WHEEL,
        MouseEventKind::Down(MouseButton::Left) => 0,
        _ => return,
    };
    model.dirty = true;
    let clicked_on = model.clicks.at(event.column, event.row).filter(|_| by == 0).cloned();
    match (&mut model.overlay, clicked_on) {
        // The hints are those of what lies over the panes.
        (_, Some(click @ Click::Keys(_))) | (None, Some(click)) => return clicked(model, click, effects),
        (Some(Overlay::Topics(topics)), _) if by == 0 => {
            return topics.click(event.column, event.row, model.size);
        }
        (Some(overlay), _) => return overlay.step(by, model.size),
        (None, None) => {}
    }
    match model.screen {
        Screen::Main => {}
        Screen::Nodes => return nodes(model, by, event.row),
        Screen::Tasks | Screen::Errors => return ledger(model, by, event.row),
        Screen::Compare => return compare(model, by, (event.column, event.row)),
    }
    if by == 0 {
        model.dragged = model.areas().border_at(event.column, event.row);
    }
    let Some(pane) = model.areas().at(event.column, event.row) else {
        return;
    };
    if by == 0 {
        click(model, pane, event.row);
    } else {
        navigate::step(model, pane, by);
    }
}

/// On the screen of machines.
fn nodes(model: &mut Model, by: isize, row: u16) {
    let selected = model.nodes.cursor.row();
    let (list, _) = model.nodes.areas(model.body());
    // Below the border and the heading.
    let line = row.checked_sub(list.y + 2).map(usize::from);
    let row = match by {
        0 => line
            .filter(|line| *line < model.nodes.rows(model.body()))
            .map(|line| model.nodes.cursor.top() + line),
        by => Some(selected.saturating_add_signed(by.signum())),
    };
    if let Some(row) = row.filter(|row| *row < model.nodes.list.len()) {
        model.nodes.select(row);
    }
}

/// On the screen of compared runs: the table, the charts or the legend.
fn compare(model: &mut Model, by: isize, (column, row): (u16, u16)) {
    let (body, place) = (model.body(), Position::new(column, row));
    let areas = model.compare.areas(body);
    if by == 0 {
        // What is clicked on gets the keys.
        model.compare.on_table = areas.table.contains(place);
    } else if areas.table.contains(place) {
        model.compare.scroll(by, body);
    } else if areas.legend.contains(place) {
        model.compare.step(by.signum());
    } else if areas.frame.contains(place) {
        model.compare.board.step(by.signum());
    }
}

/// On the screens of tasks and errors.
fn ledger(model: &mut Model, by: isize, row: u16) {
    let (selected, top) = model.ledger_rows();
    let rows = super::super::ledger::rows(model.body());
    // Below the border.
    let line = row.checked_sub(model.body().y + 1).map(usize::from).filter(|line| *line < rows);
    let row = match by {
        0 => line.map(|line| top + line),
        by => Some(selected.saturating_add_signed(by.signum())),
    };
    if let Some(row) = row.filter(|row| *row < model.ledger_len()) {
        model.select_in_ledger(row);
    }
}

/// Does what a place is there for.
fn clicked(model: &mut Model, click: Click, effects: &mut Vec<Effect>) {
    match click {
        Click::Tab(tab) => navigate::show_tab(model, tab),
        Click::Chart(row) => {
            match model.screen {
                Screen::Main => navigate::focus(model, Pane::Detail),
                _ => model.compare.on_table = false,
            }
            model.charts_mut().select(row);
        }
        Click::Member(at) => model.compare.select(at),
        Click::Sort(field) => actions::sort_by(model, field),
        Click::Keys(sequence) => {
            for key in sequence.keys() {
                keys::key(model, KeyEvent::new(key.code, key.modifiers), effects);
            }
        }
    }
}

/// The border that was taken hold of follows the mouse.
fn drag(model: &mut Model, event: MouseEvent) {
    let Some(border) = model.dragged else { return };
    let by = model.areas().distance(border, event.column, event.row);
    if by == 0 {
        return;
    }
    model.layout.drag(border, by);
    // Against the edge the border stays: what it could not follow would make it lag behind on the way back.
    let rest = model.areas().distance(border, event.column, event.row);
    model.layout.drag(border, -rest);
    model.dirty = true;
}

fn click(model: &mut Model, pane: Pane, row: u16) {
    navigate::focus(model, pane);
    // The screen may be divided otherwise now that the focus has moved.
    let inner = model.areas().inner(pane);
    let Some(line) = row.checked_sub(inner.y).filter(|line| *line < inner.height).map(usize::from) else {
        return;
    };
    match pane {
        Pane::Detail if model.detail.tab == Tab::Log => log::click(model, line),
        Pane::Detail if model.on_picture() => {}
        Pane::Detail => {
            model.detail.select(model.detail.cursor.top() + line);
        }
        Pane::Workspaces if model.tree.cursor.top() + line < model.tree.rows.len() => {
            model.tree.select(model.tree.cursor.top() + line);
            navigate::scope_from_tree(model);
        }
        Pane::Jobs if model.jobs.cursor.top() + line < model.jobs.list.len() => {
            model.jobs.cursor.select(model.jobs.cursor.top() + line, &model.jobs.keys);
            navigate::scope_from_jobs(model);
        }
        Pane::Runs => {
            let heading = usize::from(inner.height) - model.runs_height();
            let row = line.checked_sub(heading).map(|line| model.runs.cursor.top() + line);
            if let Some(row) = row.filter(|row| *row < model.runs.len()) {
                model.runs.select(row);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    // Proves C1 (mouse: select, scroll, drag borders, click tabs, headings and hints).
    use super::*;
    use crate::model::Scalar;
    use crate::store::Changes;
    use crate::tui::app::Msg;
    use crate::tui::testing::{World, draw};
    use crate::tui::theme::Theme;
    use crossterm::event::KeyModifiers;
    use ratatui::layout::Rect;

    struct Hand {
        world: World,
        model: Model,
    }

    impl Hand {
        fn new() -> Self {
            let mut world = World::usual();
            let model = world.model((120, 40));
            let mut hand = Self { world, model };
            hand.look();
            hand
        }

        /// A frame is drawn: only then one knows what can be clicked.
        fn look(&mut self) -> String {
            let (drawn, buffer) = draw(&self.model, &Theme::new(true, true));
            self.model.clicks = drawn.clicks;
            let rows = (0..40).map(|y| (0..120).map(|x| buffer[(x, y)].symbol()).collect::<String>());
            rows.collect::<Vec<_>>().join("\n")
        }

        fn does(&mut self, kind: MouseEventKind, (column, row): (u16, u16)) {
            let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
            self.world.send(&mut self.model, Msg::Mouse(event));
        }

        fn clicks(&mut self, word: &str) {
            let screen = self.look();
            let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(word)).unwrap();
            let column = line[..line.find(word).unwrap()].chars().count();
            let place = (u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
            self.does(MouseEventKind::Down(MouseButton::Left), place);
            self.does(MouseEventKind::Up(MouseButton::Left), place);
        }
    }

    #[test]
    fn tabs_headings_and_hints_are_clicked() {
        let mut hand = Hand::new();
        hand.clicks("Files");
        assert_eq!((hand.model.focus, hand.model.detail.tab), (Pane::Detail, Tab::Files));
        hand.clicks("console.txt");
        assert_eq!(hand.model.detail.selected().as_deref(), Some("after/output/console.txt"));
        hand.clicks("loss");
        let field = |hand: &Hand| hand.model.sort.clone().map(|sort| (sort.field, sort.descending));
        assert_eq!(field(&hand), Some(("metrics.loss".into(), false)));
        hand.clicks("loss");
        assert_eq!(field(&hand), Some(("metrics.loss".into(), true)));
        hand.clicks("? keys");
        assert!(matches!(hand.model.overlay, Some(Overlay::Help(_))));
    }

    #[test]
    fn the_wheel_scrolls_what_it_is_over() {
        let mut hand = Hand::new();
        for (_, run) in &mut hand.world.runs {
            let named = (0..40).map(|i| (format!("h{i:02}"), Scalar::Int(i)));
            run.hparams.extend(named);
        }
        let runs = hand.world.runs.iter().map(|(_, run)| run.clone()).collect();
        hand.world.send(&mut hand.model, Msg::Changed(Changes { stamp: 2, runs, ..Changes::default() }));
        hand.world.press(&mut hand.model, "2 v A");
        hand.look();
        let areas = hand.model.compare.areas(hand.model.body());
        let at = |area: Rect| (area.x + 2, area.y + area.height / 2);
        let state = |hand: &Hand| {
            (hand.model.compare.top, hand.model.compare.board.row(), hand.model.compare.member())
        };
        assert_eq!(state(&hand), (0, 0, 0));
        hand.does(MouseEventKind::ScrollDown, at(areas.table));
        assert_eq!(state(&hand), (3, 0, 0));
        hand.does(MouseEventKind::ScrollDown, at(areas.charts));
        assert_eq!(state(&hand), (3, 1, 0));
        hand.does(MouseEventKind::ScrollDown, at(areas.legend));
        assert_eq!(state(&hand), (3, 1, 1));
        hand.does(MouseEventKind::Down(MouseButton::Left), at(areas.table));
        assert!(hand.model.compare.on_table);
        // The last row can be reached.
        for _ in 0..40 {
            hand.does(MouseEventKind::ScrollDown, at(areas.table));
        }
        assert!(hand.look().contains("epoch "), "{}", hand.look());
    }

    #[test]
    fn borders_follow_the_mouse_and_come_back() {
        let mut hand = Hand::new();
        let areas = hand.model.areas();
        let (down, drag) = (MouseEventKind::Down(MouseButton::Left), MouseEventKind::Drag(MouseButton::Left));
        hand.does(down, (areas.runs.x, 5));
        hand.does(drag, (areas.runs.x + 7, 9));
        assert_eq!(hand.model.areas().runs.x, areas.runs.x + 7);
        // Far beyond the edge, and back: the border is under the mouse again at once.
        hand.does(drag, (119, 9));
        hand.does(drag, (areas.runs.x, 9));
        assert_eq!(hand.model.areas().runs.x, areas.runs.x);
        hand.does(MouseEventKind::Up(MouseButton::Left), (areas.runs.x, 9));
        hand.does(drag, (3, 9));
        assert_eq!(hand.model.areas(), areas);
        hand.does(down, (100, areas.detail.y));
        hand.does(drag, (100, areas.detail.y - 4));
        assert_eq!(hand.model.areas().detail.y, areas.detail.y - 4);
        hand.does(MouseEventKind::Up(MouseButton::Left), (100, areas.detail.y - 4));
        hand.does(down, (5, areas.jobs.y));
        hand.does(drag, (5, areas.jobs.y + 3));
        assert_eq!(hand.model.areas().jobs.y, areas.jobs.y + 3);
    }
}
