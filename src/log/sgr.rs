//! "Select graphic rendition" (SGR): the escape sequence for colours and attributes. ECMA-48; colours beyond the first
//! eight as xterm has them, with `;` or, as ITU-T T.416 has it, with `:`.

use super::style::{Color, Style};

/// The style after a "select graphic rendition" sequence with these parameters.
pub(super) fn apply_sgr(mut style: Style, params: &str) -> Style {
    let mut params = params.split(';');
    while let Some(param) = params.next() {
        let (code, sub) = param.split_once(':').map_or((param, None), |(code, sub)| (code, Some(sub)));
        let Some(code) = number(code) else { continue };
        match code {
            0 => style = Style::default(),
            1 => style.bold = true,
            2 => style.dim = true,
            3 => style.italic = true,
            4 => style.underline = sub != Some("0"),
            7 => style.reverse = true,
            9 => style.strike = true,
            21 => style.underline = true,
            22 => (style.bold, style.dim) = (false, false),
            23 => style.italic = false,
            24 => style.underline = false,
            27 => style.reverse = false,
            29 => style.strike = false,
            30..=37 => style.fg = Some(Color::Indexed(code - 30)),
            39 => style.fg = None,
            40..=47 => style.bg = Some(Color::Indexed(code - 40)),
            49 => style.bg = None,
            90..=97 => style.fg = Some(Color::Indexed(code - 90 + 8)),
            100..=107 => style.bg = Some(Color::Indexed(code - 100 + 8)),
            38 | 48 | 58 => {
                let color = sub.map_or_else(|| color_of_params(&mut params), color_of_sub_params);
                match code {
                    38 => style.fg = color.or(style.fg),
                    48 => style.bg = color.or(style.bg),
                    // The colour of underlines is not kept.
                    _ => {}
                }
            }
            // Blinking, hiding, fonts, frames.
            _ => {}
        }
    }
    style
}

/// A parameter of an escape sequence: 0 if it is left out, `None` if it is not a number below 256.
fn number(param: &str) -> Option<u8> {
    if param.is_empty() { Some(0) } else { param.parse().ok() }
}

/// The colour that the parameters behind a 38, 48 or 58 name: `5;n` or `2;r;g;b`.
fn color_of_params<'a>(params: &mut impl Iterator<Item = &'a str>) -> Option<Color> {
    match number(params.next()?)? {
        5 => number(params.next()?).map(Color::Indexed),
        2 => {
            let (r, g, b) = (params.next()?, params.next()?, params.next()?);
            Some(Color::Rgb(number(r)?, number(g)?, number(b)?))
        }
        _ => None,
    }
}

/// The colour that sub-parameters name: `5:n`, `2:r:g:b` or, with a colour space, `2::r:g:b`.
fn color_of_sub_params(sub: &str) -> Option<Color> {
    let parts: Vec<&str> = sub.split(':').collect();
    match parts.as_slice() {
        ["5", index, ..] => number(index).map(Color::Indexed),
        ["2", r, g, b] | ["2", _, r, g, b, ..] => Some(Color::Rgb(number(r)?, number(g)?, number(b)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    // Proves A11 (the log pane: colours kept).
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("31", Style { fg: Some(Color::Indexed(1)), ..Style::default() })]
    #[case("97;104", Style { fg: Some(Color::Indexed(15)), bg: Some(Color::Indexed(12)), ..Style::default() })]
    #[case("38;5;208", Style { fg: Some(Color::Indexed(208)), ..Style::default() })]
    #[case("38:5:208", Style { fg: Some(Color::Indexed(208)), ..Style::default() })]
    #[case("38;2;1;2;3;1", Style { fg: Some(Color::Rgb(1, 2, 3)), bold: true, ..Style::default() })]
    #[case("48:2:1:2:3", Style { bg: Some(Color::Rgb(1, 2, 3)), ..Style::default() })]
    #[case("48:2::1:2:3", Style { bg: Some(Color::Rgb(1, 2, 3)), ..Style::default() })]
    #[case("58;5;1;9", Style { strike: true, ..Style::default() })]
    #[case("58;2;7;7;7", Style::default())]
    #[case("4:3", Style { underline: true, ..Style::default() })]
    #[case("4;4:0", Style::default())]
    #[case("2;3;7", Style { dim: true, italic: true, reverse: true, ..Style::default() })]
    #[case("1;2;3;4;7;9;22;23;24;27;29", Style::default())]
    #[case("31;", Style::default())]
    #[case("31;39", Style::default())]
    #[case("38;5;300", Style::default())]
    #[case("38", Style::default())]
    #[case("8", Style::default())]
    fn colours_and_attributes(#[case] params: &str, #[case] expected: Style) {
        assert_eq!(apply_sgr(Style::default(), params), expected);
    }
}
