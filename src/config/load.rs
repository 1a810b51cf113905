//! Reads the layers and puts them together.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use super::diagnostic::{Diagnostic, Origin, Severity, quoted};
use super::merge::{complete, defaults, put_over};
use super::schema::{self, Kind, SECTIONS};
use super::sources::Sources;
use super::tree::Node;
use super::typed::Config;
use super::validate::{Place, Validator, Words};
use super::yaml::{self, Content, Mark, Raw};
use crate::model::names::words as list_words;

const MAX_BYTES: u64 = 1024 * 1024;
const PREFIX: &str = "XT_CONFIG__";
const CONVENIENT: [(&str, &str); 4] = [
    ("XT_WORKSPACE", "general.workspace"),
    ("XT_EXPERIMENT", "general.experiment"),
    ("XT_USERNAME", "general.username"),
    ("XT_TARGET", "xt-services.target"),
];

/// A configuration that is usable whatever was wrong with its sources, and what was wrong.
#[derive(Debug)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// Everything found, in the order of the layers.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// What is wrong; a verb that finds any lists them and does nothing.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|found| found.severity == Severity::Error)
    }
}

/// Reads every layer. A file that cannot be understood contributes nothing; of one that can, each erroneous
/// value leaves the layer below in force.
pub fn load(sources: &Sources) -> Loaded {
    let words = Words::new(sources);
    let mut diagnostics = Vec::new();
    let root = defaults(&words, &mut diagnostics);
    let mut layers = Layers { root, words, findings: diagnostics };

    if let Some(path) = &sources.user_file {
        layers.file(path, Trust::Own);
    }
    match (&sources.explicit, &sources.project_file) {
        (Some(path), _) => layers.file(path, Trust::Named),
        (None, Some(path)) if !is_same(path, sources.user_file.as_deref()) => layers.file(path, Trust::Found),
        _ => {}
    }
    for (name, path) in CONVENIENT {
        if let Some(value) = sources.variable(name) {
            layers.assign(path, value, &Place::Env(name.into()));
        }
    }
    for (name, value) in &sources.env {
        if let Some(rest) = name.strip_prefix(PREFIX).filter(|_| !value.is_empty()) {
            layers.assign(&path_of_variable(rest), value, &Place::Env(name.as_str().into()));
        }
    }
    for (path, value) in &sources.options {
        layers.assign(path, value, &Place::Option);
    }

    let Layers { mut root, words, mut findings } = layers;
    complete(&mut root, &words, &mut findings);
    Loaded { config: Config::new(root), diagnostics: findings }
}

/// How a file came to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// It is the user's own.
    Own,
    /// The user named it, so it must exist.
    Named,
    /// It lay in the working directory.
    Found,
}

struct Layers {
    root: Node,
    words: Words,
    findings: Vec<Diagnostic>,
}

impl Layers {
    fn file(&mut self, path: &Path, trust: Trust) {
        let shared: Arc<Path> = path.into();
        let mut fail = |message: String| {
            let origin = Origin::File { path: Arc::clone(&shared), line: 0, column: 0 };
            self.findings.push(Diagnostic { severity: Severity::Error, origin, message, suggestion: None });
        };
        let (bytes, readable) = match read(path, trust) {
            Ok(Some(found)) => found,
            Ok(None) => return,
            Err(message) => return fail(message),
        };
        let place = Place::File { path: Arc::clone(&shared), found: trust == Trust::Found, readable };
        let mut validator = Validator::new(&place, &self.words, &mut self.findings);
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => {
                return validator.error(
                    mark_after(&bytes[..error.valid_up_to()]),
                    "this is not UTF-8 text; save the file as UTF-8".to_owned(),
                );
            }
        };
        let document = match yaml::parse(text) {
            Ok(document) => document,
            Err(error) => return validator.error(error.mark, error.message),
        };
        for (mark, name) in document.duplicates {
            validator.warning(mark, format!("{} is written twice; the last one counts", quoted(&name)));
        }
        if let Some(node) = document.root.and_then(|raw| validator.layer(&raw)) {
            put_over(&mut self.root, node, place.found());
        }
    }

    /// One value from the environment or the command line, as a layer of its own.
    fn assign(&mut self, path: &str, value: &str, place: &Place) {
        let mut validator = Validator::new(place, &self.words, &mut self.findings);
        let (steps, kind) = match schema::resolve(path) {
            Ok((steps, _)) if steps.is_empty() => {
                return validator.error(Mark::default(), "name a value as `section.key`".to_owned());
            }
            Ok(found) => found,
            Err(unknown) => return validator.unknown(Mark::default(), unknown),
        };
        let mut raw = match raw_of(kind, value) {
            Ok(raw) => raw,
            Err(error) => return validator.error(error.mark, format!("{}: {}", quoted(path), error.message)),
        };
        for step in steps.into_iter().rev() {
            let entry = IndexMap::from([(step.to_owned(), (Mark::default(), raw))]);
            raw = Raw { mark: Mark::default(), content: Content::Map(entry) };
        }
        if let Some(node) = validator.layer(&raw) {
            put_over(&mut self.root, node, false);
        }
    }
}

/// The bytes of a file that exists, and whether others can read it.
fn read(path: &Path, trust: Trust) -> Result<Option<(Vec<u8>, bool)>, String> {
    let failed = |error: std::io::Error| format!("cannot read this file: {error}");
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && trust != Trust::Named => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    };
    // Opening a pipe that nobody writes to would wait for ever; one that was named has its writer.
    if metadata.is_dir() || (trust != Trust::Named && !metadata.is_file()) {
        return Err("this is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("this file is larger than 1 MiB, too large for a configuration".to_owned());
    }
    Ok(Some((bytes, readable_by_others(&metadata))))
}

#[cfg(unix)]
fn readable_by_others(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0
}

#[cfg(not(unix))]
fn readable_by_others(_: &std::fs::Metadata) -> bool {
    false
}

/// Standing in the configuration folder, the user's own file is no stranger's.
fn is_same(path: &Path, other: Option<&Path>) -> bool {
    other.is_some_and(|other| match (path.canonicalize(), other.canonicalize()) {
        (Ok(path), Ok(other)) => path == other,
        _ => false,
    })
}

fn mark_after(valid: &[u8]) -> Mark {
    let text = String::from_utf8_lossy(valid);
    let last = text.rsplit('\n').next().unwrap_or_default();
    Mark { line: text.matches('\n').count() + 1, column: last.chars().count() + 1 }
}

/// What stands after [`PREFIX`] as a path: keys are written with `_` for `-`, names of entries as they are.
fn path_of_variable(rest: &str) -> String {
    let as_key = |word: &str| word.to_lowercase().replace('_', "-");
    let (section, rest) = rest.split_once("__").unwrap_or((rest, ""));
    let section = as_key(section);
    let kind = SECTIONS.iter().find(|key| key.name == section).map(|key| key.kind);
    let split = match kind {
        Some(Kind::Entries(_)) => rest.rsplit_once("__").map(|(entry, key)| (entry.to_owned(), as_key(key))),
        Some(Kind::TextMap) => None,
        _ => Some(
            rest.split_once("__")
                .map_or((as_key(rest), String::new()), |(key, name)| (as_key(key), name.to_owned())),
        ),
    };
    let (first, second) = split.unwrap_or((rest.to_owned(), String::new()));
    [section, first, second].into_iter().filter(|step| !step.is_empty()).collect::<Vec<_>>().join(".")
}

/// A value as a file would have it. Texts are taken as they are, without YAML's rules for quotes and colons.
fn raw_of(kind: Kind, value: &str) -> Result<Raw, yaml::SyntaxError> {
    let content = match kind {
        Kind::Text | Kind::Path | Kind::Address | Kind::Secret | Kind::Choice(_) => {
            Content::Scalar { text: value.to_owned(), plain: value == "null" }
        }
        Kind::TextList | Kind::Patterns if !value.trim_start().starts_with('[') => {
            let item = |word: &str| Raw {
                mark: Mark::default(),
                content: Content::Scalar { text: word.to_owned(), plain: false },
            };
            Content::List(list_words([value]).map(item).collect())
        }
        _ => {
            let root = yaml::parse(value)?.root;
            root.map_or_else(|| Content::Scalar { text: String::new(), plain: true }, |raw| raw.content)
        }
    };
    Ok(Raw { mark: Mark::default(), content })
}
