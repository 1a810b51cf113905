//! By which protocol a terminal shows pictures: what the person wants, what the environment tells, what the
//! terminal answers.

use std::fmt;
use std::str::FromStr;

/// What the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pictures {
    /// The best that the terminal is known to show.
    #[default]
    Auto,
    /// This way, whatever is known.
    By(Way),
    /// No pictures.
    Off,
}

/// A way to show a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Kitty's graphics protocol, where a character of the text carries each cell of the picture.
    Kitty,
    /// Sixel graphics.
    Sixel,
    /// The protocol of iTerm2.
    Iterm2,
    /// Two points a cell, in colours; every terminal can.
    Blocks,
}

impl Pictures {
    /// All of them, by the words a person writes.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("auto", Self::Auto),
        ("kitty", Self::By(Way::Kitty)),
        ("sixel", Self::By(Way::Sixel)),
        ("iterm2", Self::By(Way::Iterm2)),
        ("blocks", Self::By(Way::Blocks)),
        ("off", Self::Off),
    ];
}

impl fmt::Display for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(_, known)| known == self);
        f.write_str(word.map_or("", |(word, _)| *word))
    }
}

impl FromStr for Pictures {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::WORDS.iter().find(|(word, _)| *word == text);
        found
            .map(|(_, choice)| *choice)
            .ok_or_else(|| format!("write one of {}", Self::WORDS.map(|(word, _)| word).join(", ")))
    }
}

/// Terminals by what they call themselves, in `TERM`, in `TERM_PROGRAM` or when asked. Konsole and `WezTerm` say yes
/// to kitty's protocol but do not know characters that carry a picture.
const KNOWN: [(&str, Way); 10] = [
    ("kitty", Way::Kitty),
    ("ghostty", Way::Kitty),
    ("wezterm", Way::Iterm2),
    ("iterm", Way::Iterm2),
    ("mintty", Way::Iterm2),
    ("konsole", Way::Iterm2),
    ("foot", Way::Sixel),
    ("contour", Way::Sixel),
    ("mlterm", Way::Sixel),
    ("yaft", Way::Sixel),
];

/// What is known of how a terminal shows pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    wanted: Pictures,
    /// What the terminal is by its name.
    named: Option<Way>,
    /// It says that it knows kitty's protocol.
    kitty: bool,
    /// Something between xt and the terminal does not let pictures through.
    between: bool,
    /// That is tmux, which lets through what is wrapped.
    pub tmux: bool,
}

impl Ways {
    /// What the environment tells.
    pub fn from_env(wanted: Pictures, var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let tmux = set("TMUX").is_some();
        let between = tmux
            || ["STY", "ZELLIJ"].iter().any(|name| set(name).is_some())
            || ["screen", "tmux"].iter().any(|name| term.starts_with(name));
        let program = || set("TERM_PROGRAM").or_else(|| set("LC_TERMINAL")).unwrap_or_default();
        let named = named(&term).or_else(|| named(&program()));
        Self { wanted, named, kitty: false, between, tmux }
    }

    /// Whether an answer of the terminal would tell more.
    pub fn wants_to_know(self) -> bool {
        self.wanted == Pictures::Auto && !self.between && self.named.is_none()
    }

    /// The terminal has told its name.
    pub fn take_name(&mut self, name: &str) {
        self.named = self.named.or_else(|| named(name));
    }

    /// The terminal has told whether it knows kitty's protocol.
    pub fn take_kitty(&mut self, known: bool) {
        self.kitty = known;
    }

    /// The way to show pictures now; none if nobody wants any.
    pub fn way(self) -> Option<Way> {
        match self.wanted {
            Pictures::Off => None,
            Pictures::By(way) => Some(way),
            Pictures::Auto if self.between => Some(Way::Blocks),
            Pictures::Auto => Some(self.named.unwrap_or(if self.kitty { Way::Kitty } else { Way::Blocks })),
        }
    }
}

fn named(name: &str) -> Option<Way> {
    let name = name.to_ascii_lowercase();
    KNOWN.iter().find(|(known, _)| name.contains(known)).map(|(_, way)| *way)
}

#[cfg(test)]
mod tests {
    // Proves C1 (pictures by what the terminal knows: kitty, sixel, iTerm2, half blocks).
    use super::*;
    use rstest::rstest;

    fn ways(wanted: &str, env: &[(&str, &str)]) -> Ways {
        let var = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Ways::from_env(wanted.parse().unwrap(), var)
    }

    #[rstest]
    #[case("auto", &[("TERM", "xterm-kitty")], Some(Way::Kitty), false)]
    #[case("auto", &[("TERM", "foot-extra")], Some(Way::Sixel), false)]
    #[case("auto", &[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], Some(Way::Iterm2), false)]
    #[case("auto", &[("TERM", "xterm-256color")], Some(Way::Blocks), true)]
    #[case("auto", &[("TERM", "tmux-256color"), ("TMUX", "/tmp/x")], Some(Way::Blocks), false)]
    #[case("auto", &[("TERM", "xterm-kitty"), ("TMUX", "/tmp/x")], Some(Way::Blocks), false)]
    #[case("auto", &[("TERM", "screen-256color")], Some(Way::Blocks), false)]
    #[case("kitty", &[("TERM", "xterm-256color"), ("TMUX", "/tmp/x")], Some(Way::Kitty), false)]
    #[case("blocks", &[("TERM", "xterm-kitty")], Some(Way::Blocks), false)]
    #[case("off", &[("TERM", "xterm-kitty")], None, false)]
    fn the_environment_tells(
        #[case] wanted: &str,
        #[case] env: &[(&str, &str)],
        #[case] way: Option<Way>,
        #[case] asks: bool,
    ) {
        let ways = ways(wanted, env);
        assert_eq!((ways.way(), ways.wants_to_know()), (way, asks));
        assert_eq!(ways.wanted.to_string(), wanted);
    }

    #[rstest]
    #[case(Some("kitty(0.35.2)"), false, Way::Kitty)]
    #[case(Some("WezTerm 20240203"), true, Way::Iterm2)]
    #[case(Some("XTerm(390)"), false, Way::Blocks)]
    #[case(Some("rio 0.2"), true, Way::Kitty)]
    #[case(None, true, Way::Kitty)]
    #[case(None, false, Way::Blocks)]
    fn the_terminal_tells(#[case] name: Option<&str>, #[case] kitty: bool, #[case] way: Way) {
        let mut known = ways("auto", &[("TERM", "xterm-256color")]);
        known.take_kitty(kitty);
        known.take_name(name.unwrap_or_default());
        assert_eq!(known.way(), Some(way));
        let mut forced = ways("sixel", &[]);
        forced.take_kitty(kitty);
        assert_eq!(forced.way(), Some(Way::Sixel));
    }

    #[test]
    fn what_is_no_way_is_told() {
        assert_eq!(
            "png".parse::<Pictures>().unwrap_err(),
            "write one of auto, kitty, sixel, iterm2, blocks, off"
        );
    }
}
