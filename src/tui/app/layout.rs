//! Where the panes are: a pure function of the screen's size and what the person chose.

use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};

/// A pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pane {
    /// Workspaces with their experiments.
    Workspaces,
    /// Jobs.
    Jobs,
    /// Runs.
    Runs,
    /// The selected run: its log, its numbers, its files.
    Detail,
}

impl Pane {
    /// All panes in the order of the focus.
    pub const ALL: [Self; 4] = [Self::Workspaces, Self::Jobs, Self::Runs, Self::Detail];

    /// The pane after this, or before it, around the ends.
    #[must_use]
    pub fn step(self, forward: bool) -> Self {
        let by = if forward { 1 } else { Self::ALL.len() - 1 };
        Self::ALL[(self.place() + by) % Self::ALL.len()]
    }

    /// Its name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workspaces => "the workspaces",
            Self::Jobs => "the jobs",
            Self::Runs => "the runs",
            Self::Detail => "the tabs of the run",
        }
    }

    const fn place(self) -> usize {
        match self {
            Self::Workspaces => 0,
            Self::Jobs => 1,
            Self::Runs => 2,
            Self::Detail => 3,
        }
    }
}

/// A border between panes that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Beside the left column.
    Left,
    /// Between the workspaces and the jobs.
    Workspaces,
    /// Between the runs and the detail.
    Runs,
}

/// How the person divided the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// One pane alone.
    pub zoom: bool,
    /// Columns more (or fewer) for the left column.
    pub left: i16,
    /// Rows more (or fewer) for the runs.
    pub runs: i16,
    /// Rows more (or fewer) for the workspaces.
    pub workspaces: i16,
    /// Which panes are hidden, in the order of [`Pane::ALL`]; never all of them.
    hidden: [bool; 4],
}

/// The parts of the screen. A pane that is not shown is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The top line.
    pub header: Rect,
    /// The bottom line.
    pub hints: Rect,
    /// Workspaces.
    pub workspaces: Rect,
    /// Jobs.
    pub jobs: Rect,
    /// Runs.
    pub runs: Rect,
    /// The selected run.
    pub detail: Rect,
}

/// A border is moved by so much at the most.
const MOST: i16 = 500;

/// The smallest screen with two columns.
const WIDE: (u16, u16) = (80, 24);

impl Areas {
    /// Where a pane is.
    pub const fn pane(&self, pane: Pane) -> Rect {
        match pane {
            Pane::Workspaces => self.workspaces,
            Pane::Jobs => self.jobs,
            Pane::Runs => self.runs,
            Pane::Detail => self.detail,
        }
    }

    /// The inside of a pane: without its border.
    pub fn inner(&self, pane: Pane) -> Rect {
        let area = self.pane(pane);
        Rect {
            x: area.x.saturating_add(1),
            y: area.y.saturating_add(1),
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        }
    }

    /// The border at a place of the screen: where two frames touch.
    pub fn border_at(&self, column: u16, row: u16) -> Option<Border> {
        let touches = |first: u16, at: u16| at == first || at.saturating_add(1) == first;
        let right = if self.runs.is_empty() { self.detail } else { self.runs };
        let left = self.left();
        let two_columns = !left.is_empty() && right.x > 0 && right.x == left.right();
        let within = |pane: Rect| pane.left() <= column && column < pane.right();
        let below = |pane: Rect| pane.y > self.header.bottom();
        if two_columns && touches(right.x, column) && row >= left.y && row < self.hints.y {
            Some(Border::Left)
        } else if within(self.jobs) && below(self.jobs) && touches(self.jobs.y, row) {
            Some(Border::Workspaces)
        } else if within(self.detail) && below(self.detail) && touches(self.detail.y, row) {
            Some(Border::Runs)
        } else {
            None
        }
    }

    /// How far a border is from a place: columns to the right, or rows down.
    pub fn distance(&self, border: Border, column: u16, row: u16) -> i16 {
        let by = |to: u16, from: u16| i16::try_from(i32::from(to) - i32::from(from)).unwrap_or(0);
        match border {
            Border::Left => by(column, self.left().right()),
            Border::Workspaces => by(row, self.jobs.y),
            Border::Runs => by(row, self.detail.y),
        }
    }

    /// What there is of the left column at its top.
    const fn left(&self) -> Rect {
        if self.workspaces.is_empty() { self.jobs } else { self.workspaces }
    }

    /// The pane at a place of the screen.
    pub fn at(&self, column: u16, row: u16) -> Option<Pane> {
        Pane::ALL.into_iter().find(|pane| self.pane(*pane).contains((column, row).into()))
    }
}

impl Layout {
    /// Divides a screen.
    pub fn areas(self, (width, height): (u16, u16), focus: Pane) -> Areas {
        let header_rows = u16::from(height >= 5);
        let hint_rows = u16::from(height >= 8);
        let body = Rect {
            x: 0,
            y: header_rows,
            width,
            height: height.saturating_sub(header_rows).saturating_sub(hint_rows),
        };
        let mut areas = Areas {
            header: Rect { x: 0, y: 0, width, height: header_rows },
            hints: Rect { x: 0, y: height.saturating_sub(hint_rows), width, height: hint_rows },
            ..Areas::default()
        };
        if self.zoom {
            *areas.pane_mut(focus) = body;
        } else if width >= WIDE.0 && height >= WIDE.1 {
            self.two_columns(body, focus, &mut areas);
        } else {
            self.stacked(body, focus, &mut areas);
        }
        areas
    }

    fn two_columns(self, body: Rect, focus: Pane, areas: &mut Areas) {
        let shows = |pane| self.shows(pane) || pane == focus;
        let usual = (body.width / 4).clamp(22, 32);
        let left = shifted(usual, self.left, 14, body.width.saturating_sub(40));
        let left_is_shown = shows(Pane::Workspaces) || shows(Pane::Jobs);
        let right_is_shown = shows(Pane::Runs) || shows(Pane::Detail);
        let (column, rest) = split_columns(body, part(left, body.width, (left_is_shown, right_is_shown)));
        let trees = shifted(column.height * 2 / 5, self.workspaces, 4, column.height.saturating_sub(4));
        let trees = part(trees, column.height, (shows(Pane::Workspaces), shows(Pane::Jobs)));
        (areas.workspaces, areas.jobs) = split_rows(column, trees);
        let runs = shifted(rest.height * 9 / 20, self.runs, 4, rest.height.saturating_sub(4));
        let runs = part(runs, rest.height, (shows(Pane::Runs), shows(Pane::Detail)));
        (areas.runs, areas.detail) = split_rows(rest, runs);
    }

    /// One above the other: the lists share a place, the log is below while there is room.
    fn stacked(self, body: Rect, focus: Pane, areas: &mut Areas) {
        let lists = [Pane::Runs, Pane::Jobs, Pane::Workspaces];
        let list = if focus == Pane::Detail {
            lists.into_iter().find(|list| self.shows(*list))
        } else {
            Some(focus)
        };
        match list {
            Some(list) if body.height >= 9 && (self.shows(Pane::Detail) || focus == Pane::Detail) => {
                let rows = shifted(body.height / 2, self.runs, 4, body.height.saturating_sub(4));
                (*areas.pane_mut(list), areas.detail) = split_rows(body, rows);
            }
            _ => *areas.pane_mut(focus) = body,
        }
    }

    /// Whether a pane is not hidden. (One that has the focus is on the screen in any case.)
    pub const fn shows(self, pane: Pane) -> bool {
        !self.hidden[pane.place()]
    }

    /// Shows a pane again.
    pub const fn show(&mut self, pane: Pane) {
        self.hidden[pane.place()] = false;
    }

    /// Shows all panes again.
    pub const fn show_all(&mut self) {
        (self.zoom, self.hidden) = (false, [false; 4]);
    }

    /// Hides a pane and answers the one that gets the keys then; none, and nothing happens, if it is the last one.
    pub fn hide(&mut self, pane: Pane) -> Option<Pane> {
        let others = [Pane::Runs, Pane::Detail, Pane::Jobs, Pane::Workspaces];
        let next = others.into_iter().find(|other| *other != pane && self.shows(*other))?;
        (self.zoom, self.hidden[pane.place()]) = (false, true);
        Some(next)
    }

    /// The next pane that is shown, or the one before.
    pub fn step(self, from: Pane, forward: bool) -> Pane {
        let mut pane = from.step(forward);
        while pane != from && !self.shows(pane) {
            pane = pane.step(forward);
        }
        pane
    }

    /// A layout that somebody else wrote, with what is absurd cut off.
    #[must_use]
    pub fn checked(self) -> Self {
        let limit = |value: i16| value.clamp(-MOST, MOST);
        let hidden = if self.hidden == [true; 4] { [false; 4] } else { self.hidden };
        let (left, runs, workspaces) = (limit(self.left), limit(self.runs), limit(self.workspaces));
        Self { left, runs, workspaces, hidden, ..self }
    }

    /// Moves a border to the right, or down.
    pub fn drag(&mut self, border: Border, by: i16) {
        let value = match border {
            Border::Left => &mut self.left,
            Border::Workspaces => &mut self.workspaces,
            Border::Runs => &mut self.runs,
        };
        *value = value.saturating_add(by).clamp(-MOST, MOST);
    }

    /// Gives a pane more room, or less.
    pub fn resize(&mut self, pane: Pane, by: i16) {
        let moved = |value: i16, by: i16| value.saturating_add(by).clamp(-MOST, MOST);
        match pane {
            Pane::Workspaces | Pane::Jobs => self.left = moved(self.left, 2 * by),
            Pane::Runs => self.runs = moved(self.runs, by),
            Pane::Detail => self.runs = moved(self.runs, -by),
        }
    }
}

impl Areas {
    const fn pane_mut(&mut self, pane: Pane) -> &mut Rect {
        match pane {
            Pane::Workspaces => &mut self.workspaces,
            Pane::Jobs => &mut self.jobs,
            Pane::Runs => &mut self.runs,
            Pane::Detail => &mut self.detail,
        }
    }
}

fn shifted(usual: u16, by: i16, least: u16, most: u16) -> u16 {
    usual.saturating_add_signed(by).clamp(least, most.max(least))
}

/// What the first of two parts gets: its share where both are shown, else all or nothing.
const fn part(share: u16, whole: u16, shown: (bool, bool)) -> u16 {
    match shown {
        (true, true) => share,
        (true, false) => whole,
        (false, _) => 0,
    }
}

fn split_columns(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
}

fn split_rows(area: Rect, above: u16) -> (Rect, Rect) {
    let above = above.min(area.height);
    (Rect { height: above, ..area }, Rect { y: area.y + above, height: area.height - above, ..area })
}

#[cfg(test)]
mod tests;
