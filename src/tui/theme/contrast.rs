//! What makes a theme readable on every terminal: where there are fewer colours, or none, the selected row, errors
//! and what was found must still stand out.

use ratatui::style::{Color, Modifier, Style};

use super::colour::{Depth, luma};
use super::role::Role;

/// The styles in the colours of a terminal, and the colours of plain text.
pub fn on(mut styles: [Style; Role::COUNT], depth: Depth) -> ([Style; Role::COUNT], Style) {
    let text = &mut styles[Role::Text as usize];
    let plain = depth.style(Style { fg: text.fg, bg: text.bg, ..Style::new() });
    // What is plain is painted last, wherever nothing else has said a colour.
    (text.fg, text.bg) = (None, None);
    for role in Role::all() {
        let style = &mut styles[role as usize];
        *style = if depth == Depth::None {
            without_colour(role, depth.style(*style))
        } else {
            with_fewer(role, depth.style(*style), plain)
        };
    }
    (styles, plain)
}

fn with_fewer(role: Role, style: Style, plain: Style) -> Style {
    let mut style = seen(style, plain);
    if role == Role::Cursor && !stands_out(style, plain) {
        style = style.add_modifier(Modifier::REVERSED);
    }
    if matches!(role, Role::Error | Role::Failed | Role::LogError) && says_nothing(style, plain) {
        style = style.add_modifier(Modifier::BOLD);
    }
    if role == Role::Found && !stands_out(style, plain) {
        style = style.add_modifier(Modifier::REVERSED);
    }
    style
}

/// Text of the colour of its background is black or white instead.
fn seen(style: Style, plain: Style) -> Style {
    let shown = |colour: Option<Color>| colour.filter(|colour| *colour != Color::Reset);
    let bg = shown(style.bg).or(shown(plain.bg));
    match (shown(style.fg).or(shown(plain.fg)), bg) {
        (Some(fg), Some(bg)) if fg == bg => style.fg(if is_bright(bg) { Color::Black } else { Color::White }),
        _ => style,
    }
}

/// Whether a bar in this style can be told from the rows above and below.
fn stands_out(style: Style, plain: Style) -> bool {
    let bg = |style: Style| style.bg.unwrap_or(Color::Reset);
    style.add_modifier.contains(Modifier::REVERSED) || (style.bg.is_some() && bg(style) != bg(plain))
}

fn says_nothing(style: Style, plain: Style) -> bool {
    let fg = |style: Style| style.fg.unwrap_or(Color::Reset);
    style.add_modifier.is_empty()
        && (style.fg.is_none() || fg(style) == fg(plain))
        && !stands_out(style, plain)
}

fn is_bright(colour: Color) -> bool {
    match colour {
        Color::Rgb(red, green, blue) => luma([red, green, blue]) >= 128,
        Color::Indexed(index @ 16..=231) => (index - 16) % 36 >= 18,
        Color::Indexed(index @ 232..) => index >= 244,
        Color::Indexed(index) => index >= 7 && index != 8,
        Color::Black | Color::Red | Color::Blue | Color::Magenta | Color::DarkGray => false,
        _ => true,
    }
}

/// Without colours some roles must still stand out, by modifiers every terminal has.
fn without_colour(role: Role, style: Style) -> Style {
    match role {
        Role::Dim | Role::Border | Role::Heading | Role::Waiting | Role::Cancelled | Role::LogDebug => {
            style.add_modifier(Modifier::DIM)
        }
        Role::BorderFocused
        | Role::TitleFocused
        | Role::Error
        | Role::Failed
        | Role::LogError
        | Role::CursorAway
        | Role::Key
        | Role::Mark => style.add_modifier(Modifier::BOLD),
        Role::Cursor | Role::Found => style.remove_modifier(Modifier::DIM).add_modifier(Modifier::REVERSED),
        // The focused one alone is bold.
        Role::Title => Style { add_modifier: style.add_modifier.difference(Modifier::BOLD), ..style },
        Role::Field | Role::Match => style.add_modifier(Modifier::UNDERLINED),
        _ => style,
    }
}
