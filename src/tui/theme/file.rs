//! A theme out of TOML: one layer of it, for themes build on one another.

use std::ops::Range;

use indexmap::IndexMap;
use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Ground;
use super::colour::{self, NAMES};
use super::glyphs::Glyphs;
use super::role::{GROUPS, Role};
use crate::model::names::{nearest, visible};
use crate::tui::reader::Reader;

/// The longest line about a theme, in characters.
const ABOUT: usize = 72;

/// The modifiers that a style can have, by the names that themes use.
pub const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// What may stand in a theme's file besides the groups of roles.
pub const OTHERS: [&str; 7] = ["about", "inherits", "background", "palette", "glyphs", "dark", "light"];

type Value<'a> = Spanned<DeValue<'a>>;

/// A colour as a role names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ink {
    /// By its values.
    Colour(Color),
    /// By name: one of the palette, else of the terminal.
    Named(String),
}

/// The style of a role before its colours are looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The colour of the text.
    pub fg: Option<Ink>,
    /// The colour behind it.
    pub bg: Option<Ink>,
    /// All else.
    pub modifiers: Modifier,
}

/// What a theme says, everywhere or on one background.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Its colours by name.
    pub palette: IndexMap<String, Color>,
    /// The styles of roles.
    pub looks: Vec<(Role, Look)>,
}

/// A theme without what it inherits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// What it is, in a line.
    pub about: String,
    /// The background it is made for, whatever the terminal's own is.
    pub background: Option<Ground>,
    /// What holds everywhere.
    pub common: Section,
    /// What holds on a dark background.
    pub dark: Section,
    /// What holds on a light one.
    pub light: Section,
    /// The signs are those of ASCII, or not.
    pub unicode: Option<bool>,
    /// Single signs.
    pub glyphs: Vec<(String, char)>,
}

impl Layer {
    /// What it says on one background alone.
    pub const fn on(&self, ground: Ground) -> &Section {
        match ground {
            Ground::Dark => &self.dark,
            Ground::Light => &self.light,
        }
    }

    fn names(&self, name: &str, ground: Ground) -> bool {
        [&self.common, self.on(ground)].iter().any(|section| section.palette.contains_key(name))
    }
}

/// The layers that a name stands for, the widest first, or why there are none.
pub type Inherit<'a> = &'a dyn Fn(&str) -> Result<Vec<Layer>, Unknown>;

/// Why nothing can be inherited from a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What is wrong.
    pub message: String,
    /// The theme that was probably meant.
    pub nearest: Option<String>,
}

/// Reads a theme: the layers it is made of, the widest first. With any finding they should not be used.
pub fn read(reader: &mut Reader<'_>, inherit: Inherit<'_>) -> Vec<Layer> {
    let Some(root) = reader.table() else { return Vec::new() };
    let root = root.get_ref();
    let mut layers = match root.get("inherits").map(|value| (value, value.get_ref().as_str())) {
        Some((_, Some("none"))) => Vec::new(),
        None => inherit("default").unwrap_or_default(),
        Some((value, None)) => {
            reader.error(value.span(), "`inherits` must be the name of a theme, or \"none\"", None);
            Vec::new()
        }
        Some((value, Some(name))) => inherit(name).unwrap_or_else(|unknown| {
            reader.error(value.span(), &unknown.message, unknown.nearest.as_deref());
            Vec::new()
        }),
    };
    let mut own = Palettes { reader, inherited: &layers, layer: Layer::default() }.read(root);
    let mut looks = Looks { reader, inherited: &layers, layer: &own };
    let common = looks.section(root, &[Ground::Dark, Ground::Light], &OTHERS);
    let dark = looks.ground(root, "dark", Ground::Dark);
    let light = looks.ground(root, "light", Ground::Light);
    (own.common.looks, own.dark.looks, own.light.looks) = (common, dark, light);
    head(reader, root, &mut own);
    layers.push(own);
    layers
}

/// What holds for the theme as a whole.
fn head(reader: &mut Reader<'_>, root: &DeTable<'_>, layer: &mut Layer) {
    if let Some(value) = root.get("about") {
        match value.get_ref().as_str() {
            Some(text) if text.chars().count() <= ABOUT => layer.about = visible(text),
            _ => reader.error(
                value.span(),
                &format!("`about` must be a text of at most {ABOUT} characters"),
                None,
            ),
        }
    }
    if let Some(value) = root.get("background") {
        match value.get_ref().as_str() {
            Some("dark") => layer.background = Some(Ground::Dark),
            Some("light") => layer.background = Some(Ground::Light),
            other => {
                let near = other.and_then(|word| nearest(word, ["dark", "light"]));
                reader.error(value.span(), "`background` must be \"dark\" or \"light\"", near);
            }
        }
    }
    let Some(value) = root.get("glyphs") else { return };
    let DeValue::Table(signs) = value.get_ref() else {
        return reader.error(
            value.span(),
            "`glyphs` must be a table: set = \"ascii\", running = \"*\"",
            None,
        );
    };
    for (name, value) in signs {
        let text = value.get_ref().as_str();
        match (name.get_ref().as_ref(), text) {
            ("set", Some("unicode")) => layer.unicode = Some(true),
            ("set", Some("ascii")) => layer.unicode = Some(false),
            ("set", _) => {
                let near = text.and_then(|word| nearest(word, ["unicode", "ascii"]));
                reader.error(value.span(), "`set` must be \"unicode\" or \"ascii\"", near);
            }
            (known, text) if Glyphs::NAMES.contains(&known) => match text.and_then(Glyphs::sign) {
                Some(sign) => layer.glyphs.push((known.to_owned(), sign)),
                None => reader.error(
                    value.span(),
                    &format!("`{known}` must be one character, one column wide"),
                    None,
                ),
            },
            (other, _) => {
                let message = format!("there is no glyph `{}`", visible(other));
                let known = Glyphs::NAMES.into_iter().chain(["set"]);
                reader.error(name.span(), &message, nearest(other, known));
            }
        }
    }
}

/// Reads the palettes, which the roles need.
struct Palettes<'a, 'r> {
    reader: &'a mut Reader<'r>,
    inherited: &'a [Layer],
    layer: Layer,
}

impl Palettes<'_, '_> {
    fn read(mut self, root: &DeTable<'_>) -> Layer {
        self.layer.common.palette = self.palette(root);
        self.layer.dark.palette = self.under(root, "dark");
        self.layer.light.palette = self.under(root, "light");
        self.layer
    }

    fn under(&mut self, root: &DeTable<'_>, name: &str) -> IndexMap<String, Color> {
        let section = root.get(name).and_then(|value| value.get_ref().as_table());
        section.map(|section| self.palette(section)).unwrap_or_default()
    }

    fn palette(&mut self, section: &DeTable<'_>) -> IndexMap<String, Color> {
        let mut palette = IndexMap::new();
        let Some(value) = section.get("palette") else { return palette };
        let DeValue::Table(colours) = value.get_ref() else {
            self.reader.error(value.span(), "`palette` must be a table of colours", None);
            return palette;
        };
        for (name, value) in colours {
            if let Some(colour) = self.colour(value) {
                palette.insert(name.get_ref().to_string(), colour);
            }
        }
        palette
    }

    /// A colour of a palette: it says which, or is another name for one that is known already.
    fn colour(&mut self, value: &Value<'_>) -> Option<Color> {
        let word = match ink(self.reader, value)? {
            Ink::Colour(colour) => return Some(colour),
            Ink::Named(word) => word,
        };
        let mut inherited = self.inherited.iter().rev();
        let found = inherited.find_map(|layer| layer.common.palette.get(&word)).copied();
        let found = found.or_else(|| colour::parse(&word));
        if found.is_none() {
            let names = self.inherited.iter().flat_map(|layer| layer.common.palette.keys());
            unknown_colour(self.reader, value.span(), &word, names.map(String::as_str));
        }
        found
    }
}

/// A colour as it is written, or none, and a finding, if it is none at all.
fn ink(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Ink> {
    let (found, message) = match value.get_ref() {
        DeValue::String(word) if !word.starts_with('#') => return Some(Ink::Named(word.to_string())),
        DeValue::String(word) => {
            (colour::parse(word), format!("`{}` is no colour: #rrggbb has six digits", visible(word)))
        }
        DeValue::Integer(number) => {
            let index = u8::from_str_radix(number.as_str(), number.radix()).ok();
            (index.map(Color::Indexed), "the number of a colour is 0 to 255".to_owned())
        }
        _ => (None, "a colour is a name, \"#rrggbb\", or a number from 0 to 255".to_owned()),
    };
    if found.is_none() {
        reader.error(value.span(), &message, None);
    }
    found.map(Ink::Colour)
}

fn unknown_colour<'n>(
    reader: &mut Reader<'_>,
    span: Range<usize>,
    word: &str,
    palette: impl Iterator<Item = &'n str>,
) {
    let message = format!("there is no colour `{}`", visible(word));
    let near = nearest(word, palette.chain(NAMES.iter().map(|(name, _)| *name))).map(visible);
    reader.error(span, &message, near.as_deref());
}

/// Reads the styles of the roles.
struct Looks<'a, 'r> {
    reader: &'a mut Reader<'r>,
    inherited: &'a [Layer],
    /// The palettes of this one.
    layer: &'a Layer,
}

impl Looks<'_, '_> {
    fn ground(&mut self, root: &DeTable<'_>, name: &str, ground: Ground) -> Vec<(Role, Look)> {
        let Some(value) = root.get(name) else { return Vec::new() };
        let DeValue::Table(section) = value.get_ref() else {
            self.reader.error(value.span(), &format!("`{name}` must be a table"), None);
            return Vec::new();
        };
        self.section(section, &[ground], &["palette"])
    }

    /// The roles of a table that is used on these backgrounds; `others` may stand there, too.
    fn section(&mut self, section: &DeTable<'_>, grounds: &[Ground], others: &[&str]) -> Vec<(Role, Look)> {
        let mut looks = Vec::new();
        for (name, value) in section {
            let word = name.get_ref().as_ref();
            if others.contains(&word) {
                continue;
            }
            let Some((group, roles)) = GROUPS.iter().find(|(group, _)| *group == word) else {
                let message = format!("there is no group of roles `{}`", visible(word));
                let known = GROUPS.iter().map(|(group, _)| *group).chain(others.iter().copied());
                self.reader.error(name.span(), &message, nearest(word, known));
                continue;
            };
            let DeValue::Table(said) = value.get_ref() else {
                let message = format!("`{group}` is a group of roles: write `{group}.{}`", roles[0].0);
                self.reader.error(value.span(), &message, None);
                continue;
            };
            for (name, value) in said {
                let word = name.get_ref().as_ref();
                let Some((_, role)) = roles.iter().find(|(known, _)| *known == word) else {
                    let message = format!("there is no role `{group}.{}`", visible(word));
                    let near = nearest(word, roles.iter().map(|(name, _)| *name));
                    let near = near.map(|near| format!("{group}.{near}"));
                    self.reader.error(name.span(), &message, near.as_deref());
                    continue;
                };
                if let Some(look) = self.look(value, grounds) {
                    looks.push((*role, look));
                }
            }
        }
        looks
    }

    fn look(&mut self, value: &Value<'_>, grounds: &[Ground]) -> Option<Look> {
        let DeValue::Table(fields) = value.get_ref() else {
            return self.ink(value, grounds).map(|ink| Look { fg: Some(ink), ..Look::default() });
        };
        let mut look = Look::default();
        let mut fine = true;
        for (name, value) in fields {
            let word = name.get_ref().as_ref();
            if word == "fg" || word == "bg" {
                let ink = self.ink(value, grounds);
                fine &= ink.is_some();
                *(if word == "fg" { &mut look.fg } else { &mut look.bg }) = ink;
                continue;
            }
            let modifier = MODIFIERS.iter().find(|(known, _)| *known == word);
            match (modifier, value.get_ref().as_bool()) {
                (Some((_, modifier)), Some(on)) => look.modifiers.set(*modifier, on),
                (Some((known, _)), None) => {
                    self.reader.error(value.span(), &format!("`{known}` must be true or false"), None);
                    fine = false;
                }
                (None, _) => {
                    let known = MODIFIERS.iter().map(|(name, _)| *name).chain(["fg", "bg"]);
                    let message = format!("a style has no `{}`", visible(word));
                    self.reader.error(name.span(), &message, nearest(word, known));
                    fine = false;
                }
            }
        }
        fine.then_some(look)
    }

    /// A colour that every background of the table knows.
    fn ink(&mut self, value: &Value<'_>, grounds: &[Ground]) -> Option<Ink> {
        let word = match ink(self.reader, value)? {
            Ink::Named(word) if colour::parse(&word).is_none() => word,
            known => return Some(known),
        };
        let layers = || self.inherited.iter().chain([self.layer]);
        let lacks = |ground: &&Ground| !layers().any(|layer| layer.names(&word, **ground));
        let missing: Vec<&Ground> = grounds.iter().filter(lacks).collect();
        match missing.as_slice() {
            [] => return Some(Ink::Named(word)),
            [ground] if grounds.len() > 1 => {
                let message = format!("`{}` is no colour on a {ground} background", visible(&word));
                self.reader.error(value.span(), &message, None);
            }
            [ground, ..] => {
                let sections = layers().flat_map(|layer| [&layer.common, layer.on(**ground)]);
                let names: Vec<String> =
                    sections.flat_map(|section| section.palette.keys().cloned()).collect();
                unknown_colour(self.reader, value.span(), &word, names.iter().map(String::as_str));
            }
        }
        None
    }
}
