//! What a click does beside selecting: drawing says where, the update does it.

use ratatui::layout::{Position, Rect};

use super::tab::Tab;
use crate::tui::keymap::Sequence;

/// What a place of the screen does when it is clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Click {
    /// Shows a tab.
    Tab(Tab),
    /// Sorts the runs by a field; once more turns the order around.
    Sort(String),
    /// Selects a chart by its row.
    Chart(usize),
    /// Selects a compared run.
    Member(usize),
    /// The same as keys, one after the other.
    Keys(Sequence),
}

/// The places of the latest frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clicks(Vec<(Rect, Click)>);

impl Clicks {
    /// Columns `from..from + width` of a row of an area, as far as they are inside.
    pub fn add(&mut self, area: Rect, row: u16, (from, width): (usize, usize), click: Click) {
        let x = area.x.saturating_add(u16::try_from(from).unwrap_or(u16::MAX));
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        let place = Rect { x, y: area.y.saturating_add(row), width, height: 1 }.intersection(area);
        if !place.is_empty() {
            self.0.push((place, click));
        }
    }

    /// A whole area.
    pub fn add_area(&mut self, area: Rect, click: Click) {
        if !area.is_empty() {
            self.0.push((area, click));
        }
    }

    /// What is at a place.
    pub fn at(&self, column: u16, row: u16) -> Option<&Click> {
        let place = Position { x: column, y: row };
        self.0.iter().find(|(area, _)| area.contains(place)).map(|(_, click)| click)
    }
}
