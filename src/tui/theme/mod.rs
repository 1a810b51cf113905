//! Colours and glyphs by what they mean. Nothing else in the UI names a colour.
//!
//! | file | what |
//! | --- | --- |
//! | [`role`] | what a piece of the screen can mean |
//! | [`colour`] | colours as people write them, and on terminals that have fewer |
//! | [`glyphs`] | signs, in Unicode and in ASCII |
//! | [`terminal`] | what the terminal can show |
//! | [`file`] | a theme out of TOML, and all that is wrong with it |
//! | [`load`] | which themes there are, and putting one together |
//! | [`contrast`] | what must stand out whatever a theme says |

mod colour;
mod contrast;
mod file;
mod glyphs;
mod load;
mod role;
mod terminal;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub use colour::NAMES as COLOURS;
#[cfg(test)]
pub use file::MODIFIERS;
pub use glyphs::Glyphs;
pub use load::{Loaded, Source};
#[cfg(test)]
pub use role::GROUPS;
pub use role::Role;
pub use terminal::Terminal;

use std::fmt;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Style};

use crate::model::Status;
use colour::Depth;

/// What is behind the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Something dark.
    Dark,
    /// Something light.
    Light,
}

impl Ground {
    /// What a colour (red, green, blue) is.
    pub fn of(colour: [u8; 3]) -> Self {
        if colour::luma(colour) > 127 { Self::Light } else { Self::Dark }
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dark => "dark",
            Self::Light => "light",
        })
    }
}

/// The look of the UI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    styles: [Style; Role::COUNT],
    /// The colours of the screen where nothing else is said.
    plain: Style,
    /// What the palette has in place of the terminal's own 16 colours, for what scripts print.
    own: [Option<Color>; 16],
    depth: Depth,
    /// The signs it draws.
    pub glyphs: Glyphs,
}

impl Theme {
    /// On the terminal's own 16 colours (or none), with Unicode or ASCII signs.
    pub fn new(colour: bool, unicode: bool) -> Self {
        let depth = if colour { Depth::Ansi16 } else { Depth::None };
        load::shipped_theme("default", Terminal { depth, unicode, ground: Ground::Dark })
    }

    /// A shipped theme with colours of its own, on a terminal with 256 of them.
    #[cfg(test)]
    pub fn shipped(name: &str) -> Self {
        load::shipped_theme(name, Terminal { depth: Depth::Ansi256, unicode: true, ground: Ground::Dark })
    }

    /// Whether it has colours.
    pub const fn has_colour(&self) -> bool {
        self.depth.has_colour()
    }

    /// The style of a role.
    pub const fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The style of a pane's title.
    pub const fn title(&self, focused: bool) -> Style {
        self.style(if focused { Role::TitleFocused } else { Role::Title })
    }

    /// The style of a status; its glyph says the same without colour.
    pub const fn status(&self, status: Status) -> Style {
        self.style(match status {
            Status::Running => Role::Running,
            Status::Spawning => Role::Starting,
            Status::Completed => Role::Completed,
            Status::Error | Status::Aborted => Role::Failed,
            Status::Lost => Role::Lost,
            Status::Cancelled => Role::Cancelled,
            Status::Created | Status::Allocating | Status::Queued | Status::Unknown => Role::Waiting,
        })
    }

    /// A style that comes from a log, as this theme and the terminal allow it.
    pub fn foreign(&self, style: Style) -> Style {
        let own = |colour: Option<Color>| match colour {
            Some(Color::Indexed(index @ 0..16)) => self.own[usize::from(index)].or(colour),
            colour => colour,
        };
        self.depth.style(Style { fg: own(style.fg), bg: own(style.bg), ..style })
    }

    /// Gives a drawn screen the signs the terminal has, and its own colours, where the theme has them, in place of the
    /// terminal's.
    pub fn paint(&self, buffer: &mut Buffer) {
        if self.glyphs.more.is_ascii() {
            self.spell(buffer);
        }
        let colour = |colour: Option<Color>| colour.filter(|colour| *colour != Color::Reset);
        let (fg, bg) = (colour(self.plain.fg), colour(self.plain.bg));
        if fg.is_none() && bg.is_none() {
            return;
        }
        for cell in &mut buffer.content {
            if let Some(fg) = fg.filter(|_| cell.fg == Color::Reset) {
                cell.fg = fg;
            }
            if let Some(bg) = bg.filter(|_| cell.bg == Color::Reset) {
                cell.bg = bg;
            }
        }
    }

    /// Writes the signs of texts, which are no glyphs of the theme, in ASCII.
    fn spell(&self, buffer: &mut Buffer) {
        for cell in &mut buffer.content {
            let plain = match cell.symbol() {
                "…" => self.glyphs.more,
                "·" => self.glyphs.dot,
                "•" => "*",
                "↑" => "^",
                "↓" => "v",
                "←" => "<",
                "→" => ">",
                _ => continue,
            };
            cell.set_symbol(plain);
        }
    }
}
