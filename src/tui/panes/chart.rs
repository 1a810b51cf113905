//! Charts on the screen: the cells of [`crate::chart`] in the theme's colours.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::chart::{Chart, Glyphs, Ink, sign};
use crate::tui::theme::{Role, Theme};

/// With what a chart is drawn: where curves could be told apart by colours alone and there are none, by signs.
pub fn glyphs(chart: &Chart, theme: &Theme) -> Glyphs {
    let several = chart.curves.iter().filter(|curve| !curve.hidden).count() > 1;
    if theme.glyphs.unicode && (theme.has_colour() || !several) { Glyphs::Braille } else { Glyphs::Signs }
}

/// What a legend shows of a curve.
pub fn key(colour: usize, glyphs: Glyphs) -> char {
    match glyphs {
        Glyphs::Braille => '━',
        Glyphs::Signs => sign(colour),
    }
}

/// Draws a chart; `attempts` are marked where they began, and one curve may stand out.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    chart: &Chart,
    attempts: &[(f64, u64)],
    strong: Option<usize>,
    theme: &Theme,
) {
    let figure = chart.figure(usize::from(area.width), usize::from(area.height), glyphs(chart, theme));
    let curve = |at: usize| theme.style(Role::chart(chart.curves.get(at).map_or(0, |curve| curve.colour)));
    let style = |ink| match ink {
        Ink::Blank => Style::new(),
        Ink::Axis | Ink::Label | Ink::Faint(_) => theme.style(Role::Dim),
        Ink::Cursor => theme.style(Role::Accent),
        Ink::Curve(at) if strong == Some(at) => curve(at).add_modifier(Modifier::BOLD),
        Ink::Curve(at) => curve(at),
    };
    for (y, row) in (area.y..area.bottom()).zip(0..) {
        for (x, cell) in (area.x..area.right()).zip(figure.row(row)) {
            if cell.ink != Ink::Blank {
                buffer[(x, y)].set_char(cell.glyph).set_style(style(cell.ink));
            }
        }
    }
    let line = if theme.glyphs.unicode { '┊' } else { ':' };
    for (at, attempt) in attempts {
        let Some(column) = figure.column_of(*at).and_then(|column| u16::try_from(column).ok()) else {
            continue;
        };
        for (y, row) in (area.y..area.bottom()).zip(0..figure.plot.height) {
            let blank = |column: u16| {
                figure.row(row).get(usize::from(column)).is_some_and(|cell| cell.ink == Ink::Blank)
            };
            let mut put = |column: u16, glyph: char, role| {
                if blank(column) {
                    buffer[(area.x + column, y)].set_char(glyph).set_style(theme.style(role));
                }
            };
            put(column, line, Role::Warning);
            if row == 0 {
                for (glyph, column) in format!("#{attempt}").chars().zip(column + 1..area.width) {
                    put(column, glyph, Role::Warning);
                }
            }
        }
    }
}
