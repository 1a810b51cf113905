//! What may be written: the one table behind validation, defaults, template and documentation.

mod places;
mod reports;
mod running;
pub mod words;

use std::fmt;

use super::diagnostic::{quoted, suggest};

/// A section, or a key of one: name, type, default and meaning.
#[derive(Debug)]
pub struct Key {
    /// The name as written in a file.
    pub name: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// The default as YAML; empty if there is none.
    pub default: &'static str,
    /// One line: what it does.
    pub doc: &'static str,
    /// What else holds for it.
    pub rules: &'static [Rule],
}

/// What may stand at a key.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number within these bounds, inclusive.
    Int {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A number, not negative.
    Number,
    /// A length of time in seconds.
    Seconds,
    /// A length of time in minutes.
    Minutes,
    /// Any text.
    Text,
    /// A path on this machine; `~` is the home folder.
    Path,
    /// A host, as `ssh` takes it.
    Address,
    /// A password or key, or a reference to one.
    Secret,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of texts; a single one may stand without brackets.
    TextList,
    /// A list of patterns of files; a single one may stand without brackets.
    Patterns,
    /// Names and texts.
    TextMap,
    /// Environment variables; those named like a secret are treated as one.
    Variables,
    /// These keys.
    Keys(&'static [Key]),
    /// Named entries, each with these keys.
    Entries(&'static [Key]),
}

/// What else holds for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `null` switches it off although it has a default.
    Unsettable,
    /// Understood so that files of `XTLib` load; without effect.
    Ignored,
    /// Checked and kept, but nothing in xt goes by it yet, nor by what a section holds.
    Idle,
    /// An entry must have it.
    Required,
    /// Not in the file of a working directory, which may be a stranger's: it could run commands, or send data elsewhere.
    Trusted,
    /// Such an entry in the file of a working directory replaces a lower layer's entry as a whole, so that it
    /// cannot send that entry's credentials elsewhere.
    Sealed,
}

const IDLE: &[Rule] = &[Rule::Idle];

impl Key {
    const fn new(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Self {
        Self { name, kind, default, doc, rules: &[] }
    }

    /// A key of `XTLib` that has no meaning here.
    const fn ignored(name: &'static str, kind: Kind) -> Self {
        let doc = "accepted from XTLib's files, without effect";
        Self { name, kind, default: "", doc, rules: &[Rule::Ignored] }
    }

    const fn with(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// Whether a rule holds for this key.
    pub fn has(&self, rule: Rule) -> bool {
        self.rules.contains(&rule)
    }

    /// What whoever writes it should know: that it changes nothing, and why.
    pub(super) fn idle(&self) -> Option<&'static str> {
        if self.has(Rule::Ignored) {
            Some("is XTLib's and has no meaning here")
        } else if self.has(Rule::Idle) {
            Some("has no effect yet")
        } else {
            None
        }
    }

    /// Whether `null` is a value of its own, and not merely nothing said: a section whose lines are all commented
    /// out must leave the defaults in force.
    pub(super) fn can_be_null(&self) -> bool {
        let holds_others =
            matches!(self.kind, Kind::Keys(_) | Kind::Entries(_) | Kind::TextMap | Kind::Variables);
        !holds_others && (self.default.is_empty() || self.has(Rule::Unsettable))
    }
}

impl Kind {
    const COUNT: Self = Self::Int { min: 0, max: 1_000_000_000 };
    const POSITIVE: Self = Self::Int { min: 1, max: 1_000_000_000 };
}

impl fmt::Display for Kind {
    /// What is expected, to follow "this must be".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "true or false",
            Self::Int { min, max } if *max < 1_000_000 => {
                return write!(f, "a whole number from {min} to {max}");
            }
            Self::Int { min, .. } => return write!(f, "a whole number, at least {min}"),
            Self::Number => "a number, not negative",
            Self::Seconds => "a number of seconds",
            Self::Minutes => "a number of minutes",
            Self::Text => "a text",
            Self::Path => "a path",
            Self::Address => "a host: `name`, `user@name` or an ssh address",
            Self::Secret => "a secret: `$env:NAME`, `$file:path`, `$cmd:command`, or the value itself",
            Self::Choice(words) => return write!(f, "one of {}", words.join(", ")),
            Self::TextList => "a list of texts",
            Self::Patterns => "a list of patterns of files",
            Self::TextMap => "a map of names and texts",
            Self::Variables => "a map of variables and their values",
            Self::Keys(_) => "a map of keys",
            Self::Entries(_) => "a map of named entries",
        })
    }
}

/// Every section of `xt_config.yaml`, in the order of the template.
pub const SECTIONS: &[Key] = &[
    running::GENERAL,
    running::NOTIFY,
    places::XT_SERVICES,
    places::EXTERNAL_SERVICES,
    places::COMPUTE_TARGETS,
    places::BOXES,
    places::SETUPS,
    places::DOCKERS,
    running::CODE,
    running::AFTER_FILES,
    running::DATA,
    running::MODEL,
    running::LOGGING,
    running::HYPERPARAMETER_SEARCH,
    running::EARLY_STOPPING,
    reports::RUN_REPORTS,
    reports::JOB_REPORTS,
    reports::HYPERPARAMETER_EXPLORER,
    reports::TENSORBOARD,
    running::COMMANDS,
    places::SCRIPT_LAUNCH_PREFIX,
    running::AML_OPTIONS,
    places::AZURE_BATCH_IMAGES,
    running::INTERNAL,
    places::PROVIDERS,
];

/// A path that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    pub message: String,
    pub suggestion: Option<String>,
}

/// Splits a path such as `boxes.vm1.example.com.max-runs` into its steps, names of entries kept whole, and
/// says what may stand where it leads.
pub(super) fn resolve(path: &str) -> Result<(Vec<&str>, Kind), Unknown> {
    let mut steps = Vec::new();
    let mut kind = Kind::Keys(SECTIONS);
    let mut rest = path;
    while !rest.is_empty() {
        let (step, after) = match kind {
            Kind::Keys(_) => rest.split_once('.').unwrap_or((rest, "")),
            // The name of an entry may hold dots; the keys that follow it are known.
            Kind::Entries(keys) => rest
                .rsplit_once('.')
                .filter(|(_, last)| keys.iter().any(|key| key.name == *last))
                .unwrap_or((rest, "")),
            _ => (rest, ""),
        };
        kind = match kind {
            Kind::Keys(keys) => child(keys, step, &steps)?.kind,
            Kind::Entries(keys) => Kind::Keys(keys),
            Kind::TextMap | Kind::Variables => Kind::Text,
            _ => {
                let message =
                    format!("{} is a single value, it has no key {}", quoted(&steps.join(".")), quoted(rest));
                return Err(Unknown { message, suggestion: None });
            }
        };
        steps.push(step);
        rest = after;
    }
    Ok((steps, kind))
}

/// The key of that name, or what to say if there is none.
pub(super) fn child(keys: &'static [Key], name: &str, path: &[&str]) -> Result<&'static Key, Unknown> {
    if let Some(key) = keys.iter().find(|key| key.name == name) {
        return Ok(key);
    }
    let message = if path.is_empty() {
        format!("there is no section {}", quoted(name))
    } else {
        format!("{} has no key {}", quoted(&path.join(".")), quoted(name))
    };
    let near = suggest(name, keys.iter().map(|key| key.name));
    Err(Unknown { message, suggestion: near.or_else(|| elsewhere(name)) })
}

/// A key of exactly that name in some section: people remember the key and forget where it belongs.
fn elsewhere(name: &str) -> Option<String> {
    SECTIONS.iter().find_map(|section| match section.kind {
        Kind::Keys(keys) if keys.iter().any(|key| key.name == name) => {
            Some(format!("{}.{name}", section.name))
        }
        _ => None,
    })
}
