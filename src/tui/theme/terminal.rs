//! What the terminal can show, as far as the environment tells. Where that says nothing of the background, the terminal
//! is asked for it after the first frame.

use super::colour::Depth;
use crate::report::is_unicode;
use crate::tui::theme::Ground;

/// What the terminal can show, and what the person wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Its colours.
    pub depth: Depth,
    /// It reads UTF-8.
    pub unicode: bool,
    /// What is behind the text.
    pub ground: Ground,
}

impl Terminal {
    /// What the environment says: `NO_COLOR`, `COLORTERM`, `TERM`, `COLORFGBG`, `XT_ASCII=1`, a locale that is
    /// not UTF-8.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let depth = if set("NO_COLOR").is_some() {
            Depth::None
        } else {
            depth(&set("COLORTERM").unwrap_or_default(), &set("TERM").unwrap_or_default())
        };
        // Most terminals are dark.
        let ground = Self::ground_from_env(&var).unwrap_or(Ground::Dark);
        Self { depth, unicode: is_unicode(&var), ground }
    }

    /// What is behind the text, if the environment says so.
    pub fn ground_from_env(var: impl Fn(&str) -> Option<String>) -> Option<Ground> {
        var("COLORFGBG").and_then(|colours| ground(&colours))
    }
}

fn depth(colorterm: &str, term: &str) -> Depth {
    // These have them, and a login over SSH does not take COLORTERM along.
    const TRUE: [&str; 6] = ["kitty", "alacritty", "ghostty", "wezterm", "foot", "direct"];
    if matches!(colorterm, "truecolor" | "24bit") || TRUE.iter().any(|name| term.contains(name)) {
        Depth::True
    } else if term.contains("256color") {
        Depth::Ansi256
    } else {
        Depth::Ansi16
    }
}

/// The last number of COLORFGBG is that of the background.
fn ground(colours: &str) -> Option<Ground> {
    match colours.rsplit(';').next()?.parse() {
        Ok(7 | 9..=15) => Some(Ground::Light),
        Ok(0..=8) => Some(Ground::Dark),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves C1 (NO_COLOR, ASCII, 16/256/true colour, light and dark terminals).
    #[rstest]
    #[case(&[], Depth::Ansi16, true)]
    #[case(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")], Depth::None, true)]
    #[case(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")], Depth::True, true)]
    #[case(&[("LANG", "C"), ("TERM", "xterm-256color")], Depth::Ansi256, false)]
    #[case(&[("LANG", "C"), ("LC_ALL", "de_DE.UTF-8"), ("TERM", "linux")], Depth::Ansi16, true)]
    #[case(&[("LANG", "en_US.utf8"), ("XT_ASCII", "1"), ("TERM", "xterm-kitty")], Depth::True, false)]
    fn the_environment_decides(#[case] env: &[(&str, &str)], #[case] depth: Depth, #[case] unicode: bool) {
        let var = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let terminal = Terminal::from_env(var);
        assert_eq!((terminal.depth, terminal.unicode), (depth, unicode));
    }

    #[rstest]
    #[case("", None)]
    #[case("15;0", Some(Ground::Dark))]
    #[case("0;15", Some(Ground::Light))]
    #[case("0;default;7", Some(Ground::Light))]
    #[case("15;default", None)]
    #[case("7;8", Some(Ground::Dark))]
    #[case("7;16", None)]
    fn light_and_dark(#[case] colours: &str, #[case] expected: Option<Ground>) {
        assert_eq!(ground(colours), expected);
    }

    #[rstest]
    #[case([0, 0, 0], Ground::Dark)]
    #[case([0, 43, 54], Ground::Dark)]
    #[case([253, 246, 227], Ground::Light)]
    #[case([0, 0, 255], Ground::Dark)]
    fn a_background_is_light_or_dark(#[case] colour: [u8; 3], #[case] expected: Ground) {
        assert_eq!(Ground::of(colour), expected);
    }
}
