//! A screen as text with its styles.

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;

use crate::tui::app::Model;
use crate::tui::panes::{self, Drawn};
use crate::tui::theme::Theme;

/// Draws a model; what it cost, and the screen.
pub fn draw(model: &Model, theme: &Theme) -> (Drawn, Buffer) {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    let mut drawn = Drawn::default();
    terminal.draw(|frame| drawn = panes::draw(frame, model, theme)).unwrap();
    (drawn, terminal.backend().buffer().clone())
}

/// A screen as text: each row's glyphs, and below all the styles of its stretches.
pub fn dump(model: &Model, theme: &Theme) -> String {
    let (_, buffer) = draw(model, theme);
    let (mut glyphs, mut styles) = (String::new(), String::new());
    for y in 0..buffer.area.height {
        let row: Vec<&Cell> = (0..buffer.area.width).map(|x| &buffer[(x, y)]).collect();
        let text: String = row.iter().map(|cell| cell.symbol()).collect();
        let _ = writeln!(glyphs, "{}", text.trim_end());
        let mut from = 0;
        let mut parts = Vec::new();
        for x in 1..=row.len() {
            if x == row.len() || look(row[x]) != look(row[from]) {
                if !look(row[from]).is_empty() {
                    parts.push(format!("{from}-{} {}", x - 1, look(row[from])));
                }
                from = x;
            }
        }
        if !parts.is_empty() {
            let _ = writeln!(styles, "{y:>2}: {}", parts.join(", "));
        }
    }
    format!("{glyphs}---\n{styles}")
}

fn look(cell: &Cell) -> String {
    let mut parts = Vec::new();
    if cell.fg != ratatui::style::Color::Reset {
        parts.push(format!("{:?}", cell.fg).to_lowercase());
    }
    if cell.bg != ratatui::style::Color::Reset {
        parts.push(format!("on-{:?}", cell.bg).to_lowercase());
    }
    for (name, _) in cell.modifier.iter_names().filter(|(_, m)| *m != Modifier::empty()) {
        parts.push(name.to_lowercase());
    }
    parts.join("+")
}
