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
    format!("{}---\n{}", glyphs(&buffer), styles(&buffer))
}

/// The text of each row.
pub fn glyphs(buffer: &Buffer) -> String {
    rows(buffer).fold(String::new(), |mut all, row| {
        let text: String = row.iter().map(Cell::symbol).collect();
        let _ = writeln!(all, "{}", text.trim_end());
        all
    })
}

/// The styles of each row's stretches, for the rows that have any.
pub fn styles(buffer: &Buffer) -> String {
    rows(buffer).enumerate().fold(String::new(), |mut all, (y, row)| {
        let (mut x, mut parts) = (0, Vec::new());
        for stretch in row.chunk_by(|one, next| look(one) == look(next)) {
            let look = look(&stretch[0]);
            let end = x + stretch.len();
            if !look.is_empty() {
                parts.push(format!("{x}-{} {look}", end - 1));
            }
            x = end;
        }
        if !parts.is_empty() {
            let _ = writeln!(all, "{y:>2}: {}", parts.join(", "));
        }
        all
    })
}

fn rows(buffer: &Buffer) -> std::slice::Chunks<'_, Cell> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1))
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
