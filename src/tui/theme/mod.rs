//! Colours and glyphs by what they mean. Nothing else in the UI names a colour.

mod glyphs;

pub use glyphs::Glyphs;

use ratatui::style::{Color, Modifier, Style};

use crate::model::Status;
use crate::report::is_unicode;

/// What a piece of the screen means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// The title of a pane.
    Title,
    /// The title of the focused pane.
    TitleFocused,
    /// Text that steps back: labels, units, what is not selected.
    Dim,
    /// Text that matters.
    Strong,
    /// The one accent: what is focused, what can be done.
    Accent,
    /// The border of a pane.
    Border,
    /// The border of the focused pane.
    BorderFocused,
    /// The selected row of the focused pane.
    Cursor,
    /// The selected row of another pane.
    CursorAway,
    /// A marked row's mark.
    Mark,
    /// A heading of a column.
    Heading,
    /// A key in the hints and the help.
    Key,
    /// Something went well.
    Good,
    /// Something needs a look.
    Warning,
    /// Something went wrong.
    Error,
    /// Text that a search has found.
    Found,
    /// A place to type.
    Field,
    /// The first line of a chart.
    Chart1,
    /// The second.
    Chart2,
    /// The third.
    Chart3,
    /// The fourth.
    Chart4,
    /// The fifth.
    Chart5,
    /// The sixth.
    Chart6,
    /// The seventh.
    Chart7,
    /// The eighth.
    Chart8,
}

/// The look of the UI.
#[derive(Clone, Debug)]
pub struct Theme {
    colour: bool,
    /// The signs it draws.
    pub glyphs: Glyphs,
}

impl Theme {
    /// On the terminal's own 16 colours (or none), with Unicode or ASCII signs.
    pub const fn new(colour: bool, unicode: bool) -> Self {
        Self { colour, glyphs: if unicode { Glyphs::UNICODE } else { Glyphs::ASCII } }
    }

    /// What the environment asks for: `NO_COLOR`, `XT_ASCII=1`, a locale that is not UTF-8.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Self {
        let no_color = var("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self::new(!no_color, is_unicode(var))
    }

    /// Whether it has colours.
    pub const fn has_colour(&self) -> bool {
        self.colour
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        let plain = Style::new();
        let style = match role {
            Role::Text => plain,
            // Said, not left open: the border's colour would take its place.
            Role::Title => plain.fg(Color::Reset),
            Role::Dim | Role::Border | Role::Heading => plain.fg(Color::DarkGray),
            Role::Strong | Role::CursorAway => plain.add_modifier(Modifier::BOLD),
            Role::Accent | Role::BorderFocused => plain.fg(Color::Cyan),
            Role::Cursor => plain.add_modifier(Modifier::REVERSED),
            Role::Mark => plain.fg(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Key | Role::TitleFocused => plain.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            Role::Good => plain.fg(Color::Green),
            Role::Warning => plain.fg(Color::Yellow),
            Role::Error => plain.fg(Color::Red),
            Role::Found => plain.fg(Color::Black).bg(Color::Yellow),
            Role::Field => plain.add_modifier(Modifier::UNDERLINED),
            Role::Chart1 => plain.fg(Color::Cyan),
            Role::Chart2 => plain.fg(Color::Yellow),
            Role::Chart3 => plain.fg(Color::Magenta),
            Role::Chart4 => plain.fg(Color::Green),
            Role::Chart5 => plain.fg(Color::Blue),
            Role::Chart6 => plain.fg(Color::Red),
            Role::Chart7 => plain.fg(Color::LightCyan),
            Role::Chart8 => plain.fg(Color::LightMagenta),
        };
        if self.colour { style } else { without_colour(role, style) }
    }

    /// The style of a pane's title.
    pub fn title(&self, focused: bool) -> Style {
        self.style(if focused { Role::TitleFocused } else { Role::Title })
    }

    /// The style of a status; its glyph says the same without colour.
    pub fn status(&self, status: Status) -> Style {
        self.style(match status {
            Status::Running | Status::Spawning | Status::Completed => Role::Good,
            Status::Error | Status::Aborted => Role::Error,
            Status::Lost => Role::Warning,
            Status::Created | Status::Allocating | Status::Queued | Status::Cancelled | Status::Unknown => {
                Role::Dim
            }
        })
    }

    /// A style that comes from a log, as this theme allows it.
    pub fn foreign(&self, style: Style) -> Style {
        if self.colour { style } else { Style { fg: None, bg: None, underline_color: None, ..style } }
    }
}

/// Without colours some roles must still stand out, by modifiers every terminal has.
fn without_colour(role: Role, style: Style) -> Style {
    let bare = Style { fg: None, bg: None, ..style };
    match role {
        Role::Dim | Role::Border | Role::Heading => bare.add_modifier(Modifier::DIM),
        Role::BorderFocused | Role::TitleFocused | Role::Error => bare.add_modifier(Modifier::BOLD),
        Role::Found => bare.add_modifier(Modifier::REVERSED),
        _ => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves C1 (NO_COLOR, ASCII).
    #[rstest]
    #[case(&[], true, true)]
    #[case(&[("NO_COLOR", "1")], false, true)]
    #[case(&[("NO_COLOR", "")], true, true)]
    #[case(&[("LANG", "C")], true, false)]
    #[case(&[("LANG", "C"), ("LC_ALL", "de_DE.UTF-8")], true, true)]
    #[case(&[("LANG", "en_US.utf8"), ("XT_ASCII", "1")], true, false)]
    fn the_environment_decides(#[case] env: &[(&str, &str)], #[case] colour: bool, #[case] unicode: bool) {
        let var = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let theme = Theme::from_env(var);
        assert_eq!((theme.colour, theme.glyphs == Glyphs::UNICODE), (colour, unicode));
    }

    #[test]
    fn without_colour_no_role_has_one_and_the_cursor_is_still_seen() {
        let theme = Theme::new(false, true);
        for role in [Role::Text, Role::Dim, Role::Accent, Role::Cursor, Role::Error, Role::Found, Role::Key] {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert!(theme.style(Role::Cursor).add_modifier.contains(Modifier::REVERSED));
    }
}
