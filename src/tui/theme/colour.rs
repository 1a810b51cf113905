//! Colours as themes write them, and what is left of them on a terminal that has fewer.

use ratatui::style::{Color, Style};

/// The colours that every terminal has, by the names that themes use.
pub const NAMES: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// A colour out of a name or `#rrggbb`.
pub fn parse(word: &str) -> Option<Color> {
    let Some(digits) = word.strip_prefix('#') else {
        return NAMES.iter().find(|(name, _)| *name == word).map(|(_, colour)| *colour);
    };
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok().map(Color::from_u32)
}

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None, or none are wanted.
    None,
    /// The 16 that are the terminal's own.
    Ansi16,
    /// These, a cube of 216 and 24 greys.
    Ansi256,
    /// Red, green and blue of 8 bits each.
    True,
}

impl Depth {
    /// Whether there are any.
    pub const fn has_colour(self) -> bool {
        !matches!(self, Self::None)
    }

    /// The nearest colour that the terminal has.
    pub fn colour(self, colour: Color) -> Color {
        match (self, colour) {
            (Self::None, _) => Color::Reset,
            (Self::Ansi256, Color::Rgb(red, green, blue)) => indexed([red, green, blue]),
            (Self::Ansi16, Color::Rgb(red, green, blue)) => named([red, green, blue]),
            (Self::Ansi16, Color::Indexed(index)) => match NAMES.get(usize::from(index) + 1) {
                Some((_, colour)) => *colour,
                None => named(rgb_of(index)),
            },
            _ => colour,
        }
    }

    /// A style in the colours that the terminal has.
    pub fn style(self, style: Style) -> Style {
        if self == Self::None {
            return Style { fg: None, bg: None, underline_color: None, ..style };
        }
        let near = |colour: Option<Color>| colour.map(|colour| self.colour(colour));
        Style { fg: near(style.fg), bg: near(style.bg), ..style }
    }
}

/// The steps of the cube of 256 colours.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The values of a colour above the first 16 of 256.
fn rgb_of(index: u8) -> [u8; 3] {
    let cube = index.saturating_sub(16);
    if cube >= 216 {
        return [8 + 10 * (cube - 216); 3];
    }
    [cube / 36, cube / 6 % 6, cube % 6].map(|step| STEPS[usize::from(step)])
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.into_iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

/// The nearest of 256 colours; not of the first 16, which look different everywhere.
fn indexed(wanted: [u8; 3]) -> Color {
    let nearest = (16..=255).min_by_key(|index| distance(rgb_of(*index), wanted));
    Color::Indexed(nearest.unwrap_or(16))
}

/// How bright a colour is, 0 to 255 (the luma of Rec. 709).
pub fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 2126 * u32::from(red) + 7152 * u32::from(green) + 722 * u32::from(blue);
    u8::try_from(sum / 10_000).unwrap_or(u8::MAX)
}

/// The one of 16 colours that means the same: by hue where there is one, for the nearest values of a pastel red are
/// those of grey.
fn named(wanted: [u8; 3]) -> Color {
    const COLOURFUL: i32 = 48;
    let [red, green, blue] = wanted.map(i32::from);
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let (chroma, luma) = (most - least, luma(wanted));
    if chroma < COLOURFUL {
        return match luma {
            0..48 => Color::Black,
            48..144 => Color::DarkGray,
            144..216 => Color::Gray,
            _ => Color::White,
        };
    }
    let hue = if most == red {
        60 * (green - blue) / chroma
    } else if most == green {
        120 + 60 * (blue - red) / chroma
    } else {
        240 + 60 * (red - green) / chroma
    };
    let bright = luma >= 120;
    let (bright_one, normal) = match hue.rem_euclid(360) {
        25..75 => (Color::LightYellow, Color::Yellow),
        75..160 => (Color::LightGreen, Color::Green),
        160..200 => (Color::LightCyan, Color::Cyan),
        200..260 => (Color::LightBlue, Color::Blue),
        260..335 => (Color::LightMagenta, Color::Magenta),
        _ => (Color::LightRed, Color::Red),
    };
    if bright { bright_one } else { normal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    // Proves C1 (16/256/true colour).
    #[rstest]
    #[case("#f7768e", Color::LightRed, 210)]
    #[case("#9ece6a", Color::LightGreen, 149)]
    #[case("#ffb454", Color::LightYellow, 215)]
    #[case("#1a1b26", Color::Black, 234)]
    #[case("#2f4d7a", Color::Blue, 24)]
    #[case("#c0caf5", Color::LightBlue, 153)]
    #[case("#565f89", Color::Blue, 60)]
    #[case("#ffffff", Color::White, 231)]
    #[case("#b4231f", Color::Red, 124)]
    fn a_colour_keeps_its_meaning_where_there_are_fewer(
        #[case] word: &str,
        #[case] of16: Color,
        #[case] of256: u8,
    ) {
        let colour = parse(word).unwrap();
        assert_eq!(Depth::Ansi16.colour(colour), of16);
        assert_eq!(Depth::Ansi256.colour(colour), Color::Indexed(of256));
        assert_eq!(Depth::True.colour(colour), colour);
        assert_eq!(Depth::None.style(Style::new().fg(colour).bg(colour)), Style::new());
    }

    #[rstest]
    #[case("bright-red", Some(Color::LightRed))]
    #[case("default", Some(Color::Reset))]
    #[case("#123", None)]
    #[case("#12345g", None)]
    #[case("#+12345", None)]
    #[case("crimson", None)]
    fn colours_as_they_are_written(#[case] word: &str, #[case] expected: Option<Color>) {
        assert_eq!(parse(word), expected);
    }

    proptest! {
        #[test]
        fn a_terminal_gets_no_colour_it_does_not_have(red: u8, green: u8, blue: u8, index: u8) {
            for colour in [Color::Rgb(red, green, blue), Color::Indexed(index)] {
                prop_assert!(NAMES.iter().any(|(_, known)| *known == Depth::Ansi16.colour(colour)));
                prop_assert!(matches!(Depth::Ansi256.colour(colour), Color::Indexed(_)));
            }
        }
    }
}
