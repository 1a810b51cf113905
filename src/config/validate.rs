//! Checks a layer against the schema and turns it into typed values; what is wrong is reported and left out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use saphyr::Scalar;

use super::diagnostic::{Diagnostic, Origin, Severity, quoted, suggest};
use super::patterns::Patterns;
use super::schema::{self, Key, Kind, Rule, SECTIONS, Unknown};
use super::secret::{Secret, expand_home, names_secret};
use super::sources::Sources;
use super::tree::{Node, Value};
use super::yaml::{Content, Mark, Raw};

/// The longest time a key may name, in its own unit: far beyond use, far below what a `Duration` holds.
const LONGEST: f64 = 1e9;

/// What `$username`, `$current_conda_env` and `~` stand for.
#[derive(Debug, Default)]
pub(super) struct Words {
    username: Option<String>,
    conda: Option<String>,
    home: Option<PathBuf>,
}

impl Words {
    pub fn new(sources: &Sources) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| sources.variable(name)).map(str::to_owned);
        Self {
            username: first(&["USER", "LOGNAME", "USERNAME"]).or_else(|| sources.account.clone()),
            conda: first(&["CONDA_DEFAULT_ENV"]),
            home: first(&["HOME", "USERPROFILE"]).map(PathBuf::from),
        }
    }

    fn expand(&self, text: &str) -> String {
        let mut text = text.replace("$username", self.username.as_deref().unwrap_or("unknown"));
        if let Some(conda) = &self.conda {
            text = text.replace("$current_conda_env", conda);
        }
        text
    }
}

/// What a layer was read from.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Default,
    File {
        path: Arc<Path>,
        /// It may be somebody else's work: it was found in the working directory.
        found: bool,
        /// Other users of the machine can read it.
        readable: bool,
    },
    Env(Arc<str>),
    Option,
}

impl Place {
    pub fn at(&self, mark: Mark) -> Origin {
        match self {
            Self::Default => Origin::Default,
            Self::File { path, .. } => {
                Origin::File { path: Arc::clone(path), line: mark.line, column: mark.column }
            }
            Self::Env(name) => Origin::Env(Arc::clone(name)),
            Self::Option => Origin::Option,
        }
    }

    /// Whether a stranger may have written it.
    pub fn found(&self) -> bool {
        matches!(self, Self::File { found: true, .. })
    }

    fn folder(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => path.parent(),
            _ => None,
        }
    }
}

/// One layer on its way from text to values.
pub(super) struct Validator<'a> {
    pub place: &'a Place,
    pub words: &'a Words,
    pub findings: &'a mut Vec<Diagnostic>,
    path: Vec<String>,
    /// It has been said that nothing goes by what is read now.
    idle: bool,
}

impl<'a> Validator<'a> {
    pub fn new(place: &'a Place, words: &'a Words, findings: &'a mut Vec<Diagnostic>) -> Self {
        Self { place, words, findings, path: Vec::new(), idle: false }
    }

    /// A whole layer: sections by name.
    pub fn layer(&mut self, raw: &Raw) -> Option<Node> {
        match &raw.content {
            Content::Map(entries) => Some(self.keys(SECTIONS, entries, raw.mark)),
            _ if is_null(raw) => None,
            _ => {
                self.error(raw.mark, "this file must be a map of sections, such as `general:`".to_owned());
                None
            }
        }
    }

    /// The value of one key; nothing if it is wrong or says nothing.
    pub fn key(&mut self, key: &Key, raw: &Raw) -> Option<Node> {
        if key.has(Rule::Trusted) && self.place.found() {
            let message = format!(
                "{} can make xt run commands or call other machines, and this file came with its folder; write it in your own \
                 configuration, or name this file with --xt-config",
                self.shown()
            );
            self.error(raw.mark, message);
            return None;
        }
        if is_null(raw) {
            return key.can_be_null().then(|| self.node(raw, Value::Null));
        }
        self.value(key.kind, key.can_be_null(), raw)
    }

    fn value(&mut self, kind: Kind, can_be_null: bool, raw: &Raw) -> Option<Node> {
        let value = match (kind, &raw.content) {
            (Kind::Keys(keys), Content::Map(entries)) => return Some(self.keys(keys, entries, raw.mark)),
            (Kind::Entries(keys), Content::Map(entries)) => {
                return Some(self.each(entries, raw.mark, |this, raw| match &raw.content {
                    Content::Map(entries) => Some(this.keys(keys, entries, raw.mark)),
                    _ if is_null(raw) => Some(this.keys(keys, &IndexMap::new(), raw.mark)),
                    _ => this.mismatch("a map of keys", raw),
                }));
            }
            (Kind::TextMap, Content::Map(entries)) => {
                return Some(self.each(entries, raw.mark, |this, raw| this.value(Kind::Text, false, raw)));
            }
            (Kind::Variables, Content::Map(entries)) => {
                return Some(self.each(entries, raw.mark, Self::variable));
            }
            (Kind::TextList, Content::List(items)) => self.texts(items),
            (Kind::TextList, Content::Scalar { .. }) => self.texts(std::slice::from_ref(raw)),
            (Kind::Patterns, Content::List(items)) => return self.patterns(items, raw),
            (Kind::Patterns, Content::Scalar { .. }) => {
                return self.patterns(std::slice::from_ref(raw), raw);
            }
            (Kind::Secret, Content::Scalar { text, .. }) => self.secret(text, raw.mark),
            (_, Content::Scalar { text, plain }) => self.scalar(kind, can_be_null, text, *plain),
            _ => None,
        };
        match value {
            Some(value) => Some(self.node(raw, value)),
            // What is wrong with a secret has been said, without showing it.
            None if matches!((kind, &raw.content), (Kind::Secret, Content::Scalar { .. })) => None,
            None => {
                let expected = kind.to_string();
                self.mismatch_of(kind, &expected, raw)
            }
        }
    }

    fn keys(&mut self, keys: &'static [Key], entries: &IndexMap<String, (Mark, Raw)>, mark: Mark) -> Node {
        let mut map = IndexMap::new();
        for (name, (at, raw)) in entries {
            let path: Vec<_> = self.path.iter().map(String::as_str).collect();
            match schema::child(keys, name, &path) {
                Ok(key) => {
                    self.path.push(name.clone());
                    let outside = self.idle;
                    self.tell_idle(key, *at, raw);
                    if let Some(node) = self.key(key, raw) {
                        map.insert(name.clone(), node);
                    }
                    self.idle = outside;
                    self.path.pop();
                }
                Err(unknown) => self.unknown(*at, unknown),
            }
        }
        Node { value: Value::Map(map), origin: self.place.at(mark) }
    }

    /// Tells once, at the outermost place, that what somebody wrote there changes nothing.
    fn tell_idle(&mut self, key: &Key, at: Mark, raw: &Raw) {
        if let (Some(why), false, false) = (key.idle(), self.idle, is_null(raw)) {
            self.idle = true;
            if !matches!(self.place, Place::Default) {
                let message = format!("{} {why}", self.shown());
                self.report(Severity::Note, at, message, None);
            }
        }
    }

    fn each(
        &mut self,
        entries: &IndexMap<String, (Mark, Raw)>,
        mark: Mark,
        mut check: impl FnMut(&mut Self, &Raw) -> Option<Node>,
    ) -> Node {
        let mut map = IndexMap::new();
        for (name, (at, raw)) in entries {
            self.path.push(name.clone());
            if name.is_empty() || name.chars().any(char::is_control) {
                self.error(*at, format!("{} is not usable as a name", quoted(name)));
            } else if let Some(node) = check(self, raw) {
                map.insert(name.clone(), node);
            }
            self.path.pop();
        }
        Node { value: Value::Map(map), origin: self.place.at(mark) }
    }

    fn scalar(&self, kind: Kind, can_be_null: bool, text: &str, plain: bool) -> Option<Value> {
        // XTLib wrote "no limit" as -1.
        if can_be_null && plain && text == "-1" && !matches!(kind, Kind::Text | Kind::Path) {
            return Some(Value::Null);
        }
        match kind {
            Kind::Bool => truth(text, plain).map(Value::Bool),
            Kind::Int { min, max } => match Scalar::parse_from_cow(text.into()) {
                Scalar::Integer(number) if plain && (min..=max).contains(&number) => Some(Value::Int(number)),
                _ => None,
            },
            Kind::Number | Kind::Seconds | Kind::Minutes => match Scalar::parse_from_cow(text.into()) {
                _ if !plain => None,
                #[allow(clippy::cast_precision_loss, reason = "beyond 2^53 it is out of range anyway")]
                Scalar::Integer(number) => Some(number as f64),
                Scalar::FloatingPoint(number) => Some(number.into_inner()),
                _ => None,
            }
            .filter(|number| (0.0..=LONGEST).contains(number))
            .map(Value::Number),
            Kind::Text => Some(Value::Text(self.words.expand(text))),
            Kind::Path => {
                let path = expand_home(&self.words.expand(text), self.words.home.as_deref());
                Some(Value::Text(path.to_string_lossy().into_owned()))
            }
            Kind::Address => Some(self.words.expand(text)).filter(|text| is_address(text)).map(Value::Text),
            Kind::Choice(words) => words.contains(&text).then(|| Value::Text(text.to_owned())),
            Kind::Secret
            | Kind::TextList
            | Kind::Patterns
            | Kind::TextMap
            | Kind::Variables
            | Kind::Keys(_)
            | Kind::Entries(_) => None,
        }
    }

    fn texts(&self, items: &[Raw]) -> Option<Value> {
        items
            .iter()
            .map(|item| match &item.content {
                Content::Scalar { text, .. } => Some(self.words.expand(text)),
                _ => None,
            })
            .collect::<Option<_>>()
            .map(Value::List)
    }

    /// Patterns are read here, where it can be said what is wrong with one.
    fn patterns(&mut self, items: &[Raw], raw: &Raw) -> Option<Node> {
        let Some(Value::List(patterns)) = self.texts(items) else {
            return self.mismatch("a list of patterns of files", raw);
        };
        if let Err(error) = Patterns::of_paths(patterns.iter().map(String::as_str)) {
            let place = patterns.iter().position(|pattern| *pattern == error.pattern);
            let mark = place.and_then(|place| items.get(place)).map_or(raw.mark, |item| item.mark);
            self.error(mark, format!("{}: {error}", self.shown()));
            return None;
        }
        Some(self.node(raw, Value::List(patterns)))
    }

    fn secret(&mut self, text: &str, mark: Mark) -> Option<Value> {
        let secret = Secret::parse(text, self.place.folder(), self.words.home.as_deref());
        if secret.is_command() && self.place.found() {
            let message = format!(
                "{} names a command to run, and this file came with its folder; write it in your own \
                 configuration, or name this file with --xt-config",
                self.shown()
            );
            self.error(mark, message);
            return None;
        }
        if secret.is_exposed() && matches!(self.place, Place::File { readable: true, .. }) {
            let message = format!(
                "other users of this machine can read the secret {}; make the file yours alone (`chmod 600`), \
                 or write `$env:NAME` or `$file:path` instead",
                self.shown()
            );
            self.warning(mark, message);
        }
        Some(Value::Secret(secret))
    }

    /// An environment variable: plain text, unless it refers to a secret or its name says it is one.
    fn variable(&mut self, raw: &Raw) -> Option<Node> {
        let Content::Scalar { text, .. } = &raw.content else {
            return self.mismatch("a text", raw);
        };
        let name = self.path.last().map(String::as_str).unwrap_or_default();
        if name.starts_with("XT_") || name.contains('=') {
            let message = format!(
                "{} cannot be set: names hold no `=`, and those with `XT_` are xt's own",
                self.shown()
            );
            self.error(raw.mark, message);
            return None;
        }
        if text.contains('\0') {
            return self.mismatch("a text without NUL", raw);
        }
        let value = if Secret::is_reference(text) || names_secret(name) {
            self.secret(text, raw.mark)?
        } else if is_null(raw) {
            Value::Text(String::new())
        } else {
            Value::Text(self.words.expand(text))
        };
        Some(self.node(raw, value))
    }

    fn node(&self, raw: &Raw, value: Value) -> Node {
        Node { value, origin: self.place.at(raw.mark) }
    }

    fn mismatch(&mut self, expected: &str, raw: &Raw) -> Option<Node> {
        self.mismatch_of(Kind::Text, expected, raw)
    }

    fn mismatch_of(&mut self, kind: Kind, expected: &str, raw: &Raw) -> Option<Node> {
        let (found, suggestion) = match (&raw.content, kind) {
            (Content::Scalar { text, .. }, Kind::Choice(words)) => {
                (quoted(text), suggest(text, words.iter().copied()))
            }
            (Content::Scalar { text, plain: true }, _) => (quoted(text), None),
            (Content::Scalar { text, plain: false }, _) => (format!("the text {}", quoted(text)), None),
            (Content::List(_), _) => ("a list".to_owned(), None),
            (Content::Map(_), _) => ("a map".to_owned(), None),
        };
        let message = format!("{} must be {expected}, not {found}", self.shown());
        self.report(Severity::Error, raw.mark, message, suggestion);
        None
    }

    fn shown(&self) -> String {
        quoted(&self.path.join("."))
    }

    pub fn error(&mut self, mark: Mark, message: String) {
        self.report(Severity::Error, mark, message, None);
    }

    pub fn warning(&mut self, mark: Mark, message: String) {
        self.report(Severity::Warning, mark, message, None);
    }

    pub fn unknown(&mut self, mark: Mark, unknown: Unknown) {
        self.report(Severity::Error, mark, unknown.message, unknown.suggestion);
    }

    fn report(&mut self, severity: Severity, mark: Mark, message: String, suggestion: Option<String>) {
        self.findings.push(Diagnostic { severity, origin: self.place.at(mark), message, suggestion });
    }
}

fn is_null(raw: &Raw) -> bool {
    matches!(&raw.content, Content::Scalar { text, plain: true }
        if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
}

/// `XTLib` read YAML 1.1, with its `yes` and `no`, and took the quoted words too.
fn truth(text: &str, plain: bool) -> Option<bool> {
    match (text, plain) {
        ("true", _) | ("True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON", true) => Some(true),
        ("false", _) | ("False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF", true) => Some(false),
        _ => None,
    }
}

/// An address is an argument of `ssh`: it must not look like an option of it.
fn is_address(text: &str) -> bool {
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    !host.is_empty()
        && !text.starts_with('-')
        && !host.starts_with('-')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}
