//! Styled lines as text for a terminal.

use std::fmt::Write as _;

use super::style::{Color, Style, StyledLine};

/// A line with the escape sequences of its colours and attributes, or without any.
pub fn painted(line: &StyledLine, coloured: bool) -> String {
    if !coloured {
        return line.text();
    }
    let mut out = String::new();
    for span in &line.spans {
        let style = ansi(span.style);
        let _ = write!(out, "{style}{}{style:#}", span.text);
    }
    out
}

fn ansi(style: Style) -> anstyle::Style {
    let colour = |colour: Color| match colour {
        Color::Indexed(index) => {
            let index = anstyle::Ansi256Color(index);
            index.into_ansi().map_or(anstyle::Color::Ansi256(index), anstyle::Color::Ansi)
        }
        Color::Rgb(r, g, b) => anstyle::Color::Rgb(anstyle::RgbColor(r, g, b)),
    };
    let effects = [
        (style.bold, anstyle::Effects::BOLD),
        (style.dim, anstyle::Effects::DIMMED),
        (style.italic, anstyle::Effects::ITALIC),
        (style.underline, anstyle::Effects::UNDERLINE),
        (style.reverse, anstyle::Effects::INVERT),
        (style.strike, anstyle::Effects::STRIKETHROUGH),
    ];
    let effects = effects.into_iter().filter(|(on, _)| *on).map(|(_, effect)| effect);
    anstyle::Style::new()
        .fg_color(style.fg.map(colour))
        .bg_color(style.bg.map(colour))
        .effects(effects.fold(anstyle::Effects::new(), |all, effect| all | effect))
}

#[cfg(test)]
mod tests {
    // Proves A11 (colours of a log are kept).
    use super::super::ansi::style_line;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_painted_is_shown_as_it_was(text in "(\x1b\\[(1|2|3|4|7|9|31|92|48;5;200|38;2;1;2;3|0)m|[a-zé日 ]){0,20}") {
            let (line, _) = style_line(text.as_bytes(), Style::default());
            prop_assert_eq!(style_line(painted(&line, true).as_bytes(), Style::default()).0, line.clone());
            prop_assert_eq!(painted(&line, false), line.text());
        }
    }
}
