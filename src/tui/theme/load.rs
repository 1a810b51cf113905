//! Which theme a person wants, and putting it together from its layers.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use ratatui::style::{Color, Style};

use super::colour::{self, NAMES};
use super::file::{self, Ink, Layer, Look, Unknown};
use super::glyphs::Glyphs;
use super::role::Role;
use super::{Terminal, Theme, contrast};
use crate::config::{Diagnostic, Severity};
use crate::model::names::{nearest, visible};
use crate::tui::reader::{self, Reader};

/// The themes that come with xt, by name.
pub const SHIPPED: [(&str, &str); 5] = [
    ("default", include_str!("../../../themes/default.toml")),
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../../themes/colour-blind.toml")),
];

/// The user's own theme in the configuration folder, and the folder for more of them.
const FILE: &str = "theme.toml";
const FOLDER: &str = "themes";

/// So many themes may build on one another, and so many of a person's own are listed.
const LAYERS: usize = 8;
const LISTED: usize = 100;

/// Where a theme comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    /// The user's own file; if it does not exist, the default.
    Own,
    /// A theme in the user's folder, or one that comes with xt.
    Name(String),
    /// A file that somebody named: it must exist.
    File(PathBuf),
}

/// Which theme it is, and where themes are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    word: Word,
    config: PathBuf,
}

/// A theme and what was found wrong with its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What it is called.
    pub name: String,
    /// The theme; the default if the file cannot be used.
    pub theme: Theme,
    /// What was found.
    pub findings: Vec<Diagnostic>,
    /// The themes there are, by name.
    pub names: Vec<String>,
}

impl Loaded {
    /// Whether the file cannot be used.
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

impl Source {
    /// What a word means: a theme's name, else a file. Without one it is the user's own file.
    pub fn of(word: Option<&str>, config: &Path) -> Self {
        let word = match word {
            None => Word::Own,
            Some(word) if word.contains('/') || Path::new(word).extension().is_some() => {
                Word::File(PathBuf::from(word))
            }
            Some(word) => Word::Name(word.to_owned()),
        };
        Self { word, config: config.to_path_buf() }
    }

    /// Another theme from the same places.
    #[must_use]
    pub fn other(&self, name: &str) -> Self {
        Self { word: Word::Name(name.to_owned()), ..self.clone() }
    }

    /// The configuration folder.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The folders in which a change can be one of the theme.
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.config.clone(), self.config.join(FOLDER)];
        if let Word::File(path) = &self.word {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            folders.push(folder.unwrap_or_else(|| Path::new(".")).to_path_buf());
        }
        folders
    }

    /// The names of all themes: those of xt, then the user's own.
    pub fn names(&self) -> Vec<String> {
        let shipped = SHIPPED.iter().map(|(name, _)| (*name).to_owned());
        let entries = std::fs::read_dir(self.config.join(FOLDER)).into_iter().flatten().flatten();
        let own = entries.filter_map(|entry| {
            let path = entry.path();
            let name = path.file_stem().filter(|_| path.extension().is_some_and(|end| end == "toml"))?;
            name.to_str().filter(|name| visible(name) == **name).map(str::to_owned)
        });
        let mut own: Vec<String> = own.filter(|name| !is_shipped(name)).take(LISTED).collect();
        own.sort();
        shipped.chain(own).collect()
    }

    /// Reads it and puts it together for a terminal.
    pub fn load(&self, terminal: Terminal) -> Loaded {
        let mut findings = Vec::new();
        let (name, layers) = self.layers(&mut findings);
        let layers = if findings.is_empty() { layers } else { shipped("default") };
        Loaded { name, theme: resolve(&layers, terminal), findings, names: self.names() }
    }

    /// What the theme is, in a line.
    pub fn about(&self) -> String {
        self.layers(&mut Vec::new()).1.pop().map(|layer| layer.about).unwrap_or_default()
    }

    fn layers(&self, findings: &mut Vec<Diagnostic>) -> (String, Vec<Layer>) {
        match &self.word {
            Word::Name(name) => {
                let found = self.named(name, &[]);
                let found = found.map(|(path, text)| self.read(&path, &text, &[], findings));
                let layers = found.unwrap_or_else(|unknown| {
                    let mut finding = reader::about(Path::new(name), Severity::Error, unknown.message);
                    finding.suggestion = unknown.nearest;
                    findings.push(finding);
                    Vec::new()
                });
                (name.clone(), layers)
            }
            Word::Own => {
                let path = self.config.join(FILE);
                match reader::text_of(&path) {
                    Ok(Some(text)) => (FILE.to_owned(), self.read(&path, &text, &[], findings)),
                    Ok(None) => ("default".to_owned(), shipped("default")),
                    Err(finding) => {
                        findings.push(finding);
                        (FILE.to_owned(), Vec::new())
                    }
                }
            }
            Word::File(path) => {
                let name = path.display().to_string();
                let layers = match reader::text_of(path) {
                    Ok(Some(text)) => self.read(path, &text, &[], findings),
                    Ok(None) => {
                        findings.push(reader::about(
                            path,
                            Severity::Error,
                            "there is no such file".to_owned(),
                        ));
                        Vec::new()
                    }
                    Err(finding) => {
                        findings.push(finding);
                        Vec::new()
                    }
                };
                (name, layers)
            }
        }
    }

    /// The file of a name: the user's own goes first, but for a theme that changes the one it is named after.
    fn named(&self, name: &str, open: &[PathBuf]) -> Result<(PathBuf, Cow<'static, str>), Unknown> {
        let unknown = |message: String| {
            let names = self.names();
            let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
            Unknown { message, nearest: near }
        };
        if name.is_empty() || name.contains(['/', '\\', '\0']) || name.starts_with('.') {
            return Err(unknown(format!("`{}` is no name of a theme", visible(name))));
        }
        let path = self.config.join(FOLDER).join(format!("{name}.toml"));
        if !open.contains(&path) {
            match reader::text_of(&path) {
                Ok(Some(text)) => return Ok((path, text.into())),
                Ok(None) => {}
                Err(finding) => return Err(unknown(finding.to_string())),
            }
        }
        let shipped = SHIPPED.iter().find(|(known, _)| *known == name);
        match shipped {
            Some((name, text)) => Ok((PathBuf::from(name), Cow::Borrowed(*text))),
            None if open.contains(&path) => {
                Err(Unknown { message: format!("`{}` inherits from itself", visible(name)), nearest: None })
            }
            None => Err(unknown(format!("there is no theme `{}`", visible(name)))),
        }
    }

    fn read(&self, path: &Path, text: &str, open: &[PathBuf], findings: &mut Vec<Diagnostic>) -> Vec<Layer> {
        let mut open = open.to_vec();
        open.push(path.to_path_buf());
        let inherit = |name: &str| {
            if open.len() > LAYERS {
                let message = format!("more than {LAYERS} themes build on one another");
                return Err(Unknown { message, nearest: None });
            }
            let (path, text) = self.named(name, &open)?;
            let mut findings = Vec::new();
            let layers = self.read(&path, &text, &open, &mut findings);
            match findings.first() {
                None => Ok(layers),
                Some(finding) => Err(Unknown { message: format!("it is broken: {finding}"), nearest: None }),
            }
        };
        let mut reader = Reader::new(text, path);
        let layers = file::read(&mut reader, &inherit);
        findings.append(&mut reader.findings);
        layers
    }
}

fn is_shipped(name: &str) -> bool {
    SHIPPED.iter().any(|(known, _)| *known == name)
}

/// The layers of a theme that comes with xt.
fn shipped(name: &str) -> Vec<Layer> {
    let nowhere = Source { word: Word::Name(name.to_owned()), config: PathBuf::new() };
    let text = SHIPPED.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| *text);
    nowhere.read(Path::new(name), text, &[], &mut Vec::new())
}

/// A theme that comes with xt.
pub fn shipped_theme(name: &str, terminal: Terminal) -> Theme {
    resolve(&shipped(name), terminal)
}

/// Puts the layers together: what a later one says goes before what an earlier one says, on whatever background.
fn resolve(layers: &[Layer], terminal: Terminal) -> Theme {
    let ground = layers.iter().rev().find_map(|layer| layer.background).unwrap_or(terminal.ground);
    let sections = || layers.iter().flat_map(|layer| [&layer.common, layer.on(ground)]);
    let painted = |name: &str| sections().rev().find_map(|section| section.palette.get(name)).copied();
    let ink = |ink: &Ink| match ink {
        Ink::Colour(colour) => *colour,
        Ink::Named(name) => painted(name).or_else(|| colour::parse(name)).unwrap_or(Color::Reset),
    };
    let style = |look: &Look| Style {
        fg: look.fg.as_ref().map(ink),
        bg: look.bg.as_ref().map(ink),
        add_modifier: look.modifiers,
        ..Style::new()
    };
    let mut styles = [Style::new(); Role::COUNT];
    for (role, look) in sections().flat_map(|section| &section.looks) {
        styles[*role as usize] = style(look);
    }
    let wanted = layers.iter().rev().find_map(|layer| layer.unicode).unwrap_or(true);
    let unicode = wanted && terminal.unicode;
    let mut glyphs = if unicode { Glyphs::UNICODE } else { Glyphs::ASCII };
    let signs = layers.iter().flat_map(|layer| &layer.glyphs);
    for (name, sign) in signs.filter(|(_, sign)| unicode || sign.is_ascii()) {
        glyphs.set(name, *sign);
    }
    let (styles, plain) = contrast::on(styles, terminal.depth);
    // The first name is the terminal's default.
    let own = std::array::from_fn(|index| NAMES.get(index + 1).and_then(|(name, _)| painted(name)));
    Theme { styles, plain, own, depth: terminal.depth, glyphs }
}
