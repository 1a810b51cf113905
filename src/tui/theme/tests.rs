//! Themes out of text and folders, and what is left of them on every terminal.
// Proves C1 (semantic roles, inheritance, palette, dark and light, glyphs; readable in 16 colours and without colour).

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use ratatui::style::Modifier;
use rstest::rstest;

use super::load::SHIPPED;
use super::*;

const TERMINAL: Terminal = Terminal { depth: Depth::True, unicode: true, ground: Ground::Dark };
const DEPTHS: [Depth; 4] = [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::True];

/// A configuration folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("themes")).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn own(text: &str, terminal: Terminal) -> Loaded {
    let folder = folder(&[("theme.toml", text)]);
    Source::of(None, folder.path()).load(terminal)
}

fn findings(text: &str) -> Vec<String> {
    let told = own(text, TERMINAL).findings;
    told.iter().map(|found| found.to_string().rsplit_once("theme.toml:").unwrap().1.to_owned()).collect()
}

#[test]
fn the_shipped_themes_are_sound_and_say_what_they_are() {
    let source = Source::of(None, Path::new("/nowhere"));
    assert!(source.names().iter().eq(SHIPPED.iter().map(|(name, _)| *name)));
    for name in source.names() {
        assert_eq!(source.other(&name).load(TERMINAL).findings, []);
        assert!(!source.other(&name).about().is_empty());
    }
    assert_eq!(
        source.load(TERMINAL),
        Loaded { name: "default".into(), ..source.other("default").load(TERMINAL) }
    );
}

#[test]
fn a_theme_says_what_differs_and_a_palette_recolours_what_it_inherits() {
    let text = "[palette]\ngreen = '#00ff01'\n[status]\nfailed = { fg = 'green', italic = true }\n[glyphs]\nrunning = '★'";
    let theme = own(text, TERMINAL).theme;
    let green = Color::Rgb(0, 255, 1);
    assert_eq!(theme.style(Role::Running), Style::new().fg(green));
    assert_eq!(theme.style(Role::Failed), Style::new().fg(green).add_modifier(Modifier::ITALIC));
    assert_eq!(theme.style(Role::Warning), Style::new().fg(Color::Yellow));
    assert_eq!((theme.glyphs.running, theme.glyphs.failed), ("★", "✗"));
    let ascii = own(text, Terminal { unicode: false, ..TERMINAL }).theme;
    assert_eq!(ascii.glyphs, Glyphs::ASCII);
}

#[test]
fn a_palette_recolours_what_scripts_print() {
    let theme = own("[palette]\nyellow = '#010203'", TERMINAL).theme;
    let printed = |index| theme.foreign(Style::new().fg(Color::Indexed(index))).fg;
    assert_eq!((printed(3), printed(4)), (Some(Color::Rgb(1, 2, 3)), Some(Color::Indexed(4))));
}

#[rstest]
#[case("", Ground::Dark, Color::Rgb(1, 1, 1))]
#[case("", Ground::Light, Color::Rgb(2, 2, 2))]
#[case("background = 'light'", Ground::Dark, Color::Rgb(2, 2, 2))]
#[case("inherits = 'light'", Ground::Dark, Color::Rgb(2, 2, 2))]
fn sections_speak_of_one_background(#[case] head: &str, #[case] ground: Ground, #[case] expected: Color) {
    let text = format!(
        "{head}\n[status]\nlost = 'mine'\n[dark.palette]\nmine = '#010101'\n[light.palette]\nmine = '#020202'"
    );
    let loaded = own(&text, Terminal { ground, ..TERMINAL });
    assert_eq!((loaded.findings.len(), loaded.theme.style(Role::Lost).fg), (0, Some(expected)));
}

#[test]
fn what_a_theme_says_goes_before_a_section_of_the_one_it_inherits() {
    let folder = folder(&[
        ("themes/a.toml", "about = 'first'\n[light.text]\naccent = 'red'\n[text]\naccent = 'blue'"),
        ("themes/b.toml", "inherits = 'a'\n[text]\naccent = 'green'"),
        ("themes/dark.toml", "inherits = 'dark'\n[text]\naccent = 'bright-red'"),
    ]);
    let light = Terminal { ground: Ground::Light, ..TERMINAL };
    let accent = |name: &str| {
        let loaded = Source::of(Some(name), folder.path()).load(light);
        assert_eq!(loaded.findings, []);
        loaded.theme.style(Role::Accent).fg
    };
    assert_eq!((accent("a"), accent("b")), (Some(Color::Red), Some(Color::Green)));
    // One's own theme can change the shipped one of the same name.
    assert_eq!(accent("dark"), Some(Color::LightRed));
    let names = Source::of(None, folder.path()).names();
    assert_eq!(names[SHIPPED.len()..], ["a", "b"]);
}

#[rstest]
#[case(
    "[status]\nruning = 'red'",
    "2:1: error: there is no role `status.runing`; did you mean `status.running`?"
)]
#[case(
    "[statos]\nrunning = 'red'",
    "1:2: error: there is no group of roles `statos`; did you mean `status`?"
)]
#[case("[status]\nrunning = 'gren'", "2:11: error: there is no colour `gren`; did you mean `green`?")]
#[case(
    "[palette]\nmint='#00ff00'\n[log]\nerror = { bg = 'mimt' }",
    "4:16: error: there is no colour `mimt`; did you mean `mint`?"
)]
#[case("[log]\nerror = '#12345'", "2:9: error: `#12345` is no colour: #rrggbb has six digits")]
#[case("[log]\nerror = 256", "2:9: error: the number of a colour is 0 to 255")]
#[case("[log]\nerror = { blod = true }", "2:11: error: a style has no `blod`; did you mean `bold`?")]
#[case("[log]\nerror = { bold = 1 }", "2:18: error: `bold` must be true or false")]
#[case("status = 'red'", "1:10: error: `status` is a group of roles: write `status.running`")]
#[case("inherits = 'drak'", "1:12: error: there is no theme `drak`; did you mean `dark`?")]
#[case("inherits = '../x'", "1:12: error: `../x` is no name of a theme")]
#[case(
    "background = 'lihgt'",
    "1:14: error: `background` must be \"dark\" or \"light\"; did you mean `light`?"
)]
#[case("[glyphs]\nruning = 'x'", "2:1: error: there is no glyph `runing`; did you mean `running`?")]
#[case("[glyphs]\nrunning = '日'", "2:11: error: `running` must be one character, one column wide")]
#[case(
    "[dark.palette]\nx = '#000000'\n[log]\nerror = 'x'",
    "4:9: error: `x` is no colour on a light background"
)]
#[case("[log]\nerror = ", "2:9: error: ")]
fn mistakes_are_told_with_their_place(#[case] text: &str, #[case] expected: &str) {
    let found = findings(text);
    assert!(found.len() == 1 && found[0].starts_with(expected), "{found:#?}");
}

#[test]
fn nothing_inherits_from_itself() {
    let folder = folder(&[("themes/a.toml", "inherits = 'b'"), ("themes/b.toml", "inherits = 'a'")]);
    let loaded = Source::of(Some("a"), folder.path()).load(TERMINAL);
    let said = loaded.findings[0].to_string();
    assert!(
        said.contains("a.toml:1:12: error: it is broken: ") && said.contains("inherits from itself"),
        "{said}"
    );
    assert_eq!(loaded.theme, load::shipped_theme("default", TERMINAL));
}

#[test]
fn a_theme_that_is_not_there_is_told() {
    let folder = folder(&[]);
    let said = |word| Source::of(Some(word), folder.path()).load(TERMINAL).findings[0].to_string();
    assert!(said("drak").contains("there is no theme `drak`; did you mean `dark`?"));
    assert!(said("./my.toml").contains("there is no such file"));
}

/// The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
fn ratio(one: Color, other: Color) -> f64 {
    let light = |colour: Color| {
        let Color::Rgb(red, green, blue) = colour else { panic!("{colour}") };
        let linear = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    };
    let (one, other) = (light(one), light(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[rstest]
#[case("dark", Ground::Dark, 4.5)]
#[case("light", Ground::Light, 4.5)]
#[case("high-contrast", Ground::Dark, 7.0)]
#[case("high-contrast", Ground::Light, 7.0)]
#[case("colour-blind", Ground::Dark, 4.5)]
#[case("colour-blind", Ground::Light, 4.5)]
fn every_text_of_the_shipped_themes_has_contrast(
    #[case] name: &str,
    #[case] ground: Ground,
    #[case] least: f64,
) {
    let theme = load::shipped_theme(name, Terminal { ground, ..TERMINAL });
    let own = |colour: Option<Color>, else_: Color| {
        colour.filter(|colour| matches!(colour, Color::Rgb(..))).unwrap_or(else_)
    };
    let (black, white) = (Color::Rgb(16, 16, 16), Color::Rgb(250, 250, 250));
    let (fore, back) = if ground == Ground::Dark { (white, black) } else { (black, white) };
    let (fore, back) = (own(theme.plain.fg, fore), own(theme.plain.bg, back));
    for role in Role::all().filter(|role| *role != Role::Border) {
        let style = theme.style(role);
        let fg = if style.fg == Some(Color::Black) { black } else { own(style.fg, fore) };
        let ratio = ratio(fg, own(style.bg, back));
        assert!(ratio >= least, "{role} on {ground}: {ratio:.1}");
    }
}

/// What a person must be able to tell apart, at this depth.
fn check_readable(theme: &Theme) -> Result<(), TestCaseError> {
    let shown = |colour: Option<Color>| colour.filter(|colour| *colour != Color::Reset);
    let seen = |role: Role| {
        let style = theme.style(role);
        let (fg, bg) = (shown(style.fg).or(shown(theme.plain.fg)), shown(style.bg).or(shown(theme.plain.bg)));
        (fg, bg, style.add_modifier)
    };
    let plain = (shown(theme.plain.fg), shown(theme.plain.bg), Modifier::empty());
    for role in Role::all() {
        let (fg, bg, _) = seen(role);
        prop_assert!(fg.is_none() || fg != bg, "{role} is invisible: {theme:?}");
        if theme.depth == Depth::None {
            prop_assert_eq!((fg, bg), (None, None));
        }
    }
    for role in [Role::Error, Role::Failed, Role::LogError] {
        prop_assert_ne!(seen(role), plain, "{} is like any text: {:?}", role, theme);
    }
    for role in [Role::Cursor, Role::Found] {
        let (_, bg, modifiers) = seen(role);
        prop_assert!(bg != plain.1 || modifiers.contains(Modifier::REVERSED), "{role} is no bar");
    }
    Ok(())
}

#[test]
fn the_shipped_themes_can_be_read_on_every_terminal() {
    for (name, _) in SHIPPED {
        for depth in DEPTHS {
            for ground in [Ground::Dark, Ground::Light] {
                let theme = load::shipped_theme(name, Terminal { depth, ground, unicode: true });
                check_readable(&theme).unwrap();
                let differ = |one: Role, other: Role| {
                    assert_ne!(theme.style(one), theme.style(other), "{name} {depth:?}");
                };
                differ(Role::Failed, Role::Completed);
                differ(Role::TitleFocused, Role::Title);
                if depth > Depth::None {
                    differ(Role::Error, Role::Warning);
                    differ(Role::Error, Role::Good);
                    differ(Role::BorderFocused, Role::Border);
                }
            }
        }
    }
}

#[test]
fn a_theme_paints_what_is_left_open_and_nothing_else() {
    let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 2, 1));
    buffer[(1, 0)].set_style(Style::new().fg(Color::Red).bg(Color::Blue));
    let before = buffer.clone();
    Theme::new(true, true).paint(&mut buffer);
    assert_eq!(buffer, before);
    own("[text]\nplain = { fg = '#010203', bg = '#040506' }", TERMINAL).theme.paint(&mut buffer);
    assert_eq!((buffer[(0, 0)].fg, buffer[(0, 0)].bg), (Color::Rgb(1, 2, 3), Color::Rgb(4, 5, 6)));
    assert_eq!(buffer[(1, 0)], before[(1, 0)]);
}

proptest! {
    #[test]
    fn any_text_is_a_theme_or_told_why_not(text in r#"(\[(palette|status|dark|light\.log|glyphs|x)\]|(running|error|inherits|set|"[^"]*") = ('[a-z#0-9]{0,8}'|-?[0-9]{1,4}|true|\{ (fg|bg|bold|x) = ('red'|1|false|'#ffffff') \})|[ -~]{0,12}|\n){0,12}"#) {
        let mut reader = crate::tui::reader::Reader::new(&text, Path::new("theme.toml"));
        let _ = file::read(&mut reader, &|_| Ok(Vec::new()));
        for found in &reader.findings {
            prop_assert!(!found.to_string().contains('\n'));
        }
    }

    #[test]
    fn any_colours_can_be_read_on_every_terminal(colours in prop::collection::vec((0_usize..Role::COUNT, any::<[u8; 3]>(), any::<Option<[u8; 3]>>()), 0..24)) {
        let hex = |[red, green, blue]: [u8; 3]| format!("'#{red:02x}{green:02x}{blue:02x}'");
        let mut text = String::new();
        let mut said = std::collections::HashSet::new();
        for (at, fg, bg) in colours.into_iter().filter(|(at, ..)| said.insert(*at)) {
            let role = Role::all().nth(at).unwrap();
            let bg = bg.map(|bg| format!(", bg = {}", hex(bg))).unwrap_or_default();
            let _ = writeln!(text, "{role} = {{ fg = {}{bg} }}", hex(fg));
        }
        for depth in DEPTHS {
            let loaded = own(&text, Terminal { depth, ..TERMINAL });
            prop_assert_eq!(&loaded.findings, &[]);
            check_readable(&loaded.theme)?;
        }
    }
}
