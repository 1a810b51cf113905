//! What a terminal can show pictures with.

use super::{Canvas, Pictures, Ways};
use crate::tui::theme::Terminal;

/// What a terminal can show pictures with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// The ways it has.
    pub ways: Ways,
    /// Width and height of a cell in pixels, where they are known.
    pub cell: Option<(u16, u16)>,
    /// Its colours and signs.
    pub terminal: Terminal,
}

impl Means {
    /// What the environment tells.
    pub fn from_env(wanted: Pictures, var: impl Fn(&str) -> Option<String>) -> Self {
        let terminal = Terminal::from_env(&var);
        Self { ways: Ways::from_env(wanted, var), cell: None, terminal }
    }

    /// Room of so many columns and rows for a picture; none where none are shown, or where there is none.
    pub fn canvas(&self, room: (u16, u16)) -> Option<Canvas> {
        let way = self.ways.way().filter(|_| room.0 > 0 && room.1 > 0)?;
        Some(Canvas { room, cell: self.cell, way, tmux: self.ways.tmux, terminal: self.terminal })
    }
}
