//! Puts one layer over another, and completes what no layer said.

use indexmap::IndexMap;

use super::diagnostic::{Diagnostic, Severity, quoted};
use super::schema::{Key, Kind, Rule, SECTIONS};
use super::tree::{Node, Value};
use super::validate::{Place, Validator, Words};
use super::yaml;

/// What is in force when nobody says anything.
pub(super) fn defaults(words: &Words, findings: &mut Vec<Diagnostic>) -> Node {
    filled(SECTIONS, IndexMap::new(), words, findings)
}

/// Puts `over` onto `base`: maps merge by name, everything else replaces.
///
/// `found` is set for the file of a working directory, whose entries replace sealed ones as a whole.
pub(super) fn put_over(base: &mut Node, over: Node, found: bool) {
    let sealed = |name: &str| found && SECTIONS.iter().any(|key| key.name == name && key.has(Rule::Sealed));
    let (Value::Map(sections), Value::Map(over)) = (&mut base.value, over.value) else { return };
    for (name, node) in over {
        match (sections.get_mut(&name).map(|section| &mut section.value), node.value) {
            (Some(Value::Map(entries)), Value::Map(over)) if sealed(&name) => entries.extend(over),
            (Some(_), value) => {
                if let Some(section) = sections.get_mut(&name) {
                    merge(section, Node { value, origin: node.origin });
                }
            }
            (None, value) => {
                sections.insert(name, Node { value, origin: node.origin });
            }
        }
    }
}

fn merge(base: &mut Node, over: Node) {
    match (&mut base.value, over.value) {
        (Value::Map(entries), Value::Map(over)) => {
            for (name, node) in over {
                match entries.get_mut(&name) {
                    Some(entry) => merge(entry, node),
                    None => {
                        entries.insert(name, node);
                    }
                }
            }
        }
        (value, over_value) => {
            *value = over_value;
            base.origin = over.origin;
        }
    }
}

/// Gives each named entry its defaults, and drops those that lack what they must have.
pub(super) fn complete(root: &mut Node, words: &Words, findings: &mut Vec<Diagnostic>) {
    let Value::Map(sections) = &mut root.value else { return };
    for section in SECTIONS {
        let (Kind::Entries(keys), Some(Value::Map(entries))) =
            (section.kind, sections.get_mut(section.name).map(|node| &mut node.value))
        else {
            continue;
        };
        for (name, node) in std::mem::take(entries) {
            let Value::Map(written) = node.value else { continue };
            let done = filled(keys, written, words, findings);
            let missing: Vec<_> =
                keys.iter().filter(|key| key.has(Rule::Required) && is_unset(&done, key)).collect();
            for key in &missing {
                findings.push(Diagnostic {
                    severity: Severity::Error,
                    origin: node.origin.clone(),
                    message: format!(
                        "{} lacks the key `{}`: {}",
                        quoted(&format!("{}.{name}", section.name)),
                        key.name,
                        key.doc
                    ),
                    suggestion: None,
                });
            }
            if missing.is_empty() {
                entries.insert(name, Node { origin: node.origin, ..done });
            }
        }
    }
}

fn is_unset(entry: &Node, key: &Key) -> bool {
    let value = entry.value.as_map().and_then(|entry| entry.get(key.name)).map(|node| &node.value);
    matches!(value, None | Some(Value::Null))
}

/// The keys in the order of the schema, with the default where nothing is written.
fn filled(
    keys: &'static [Key],
    mut written: IndexMap<String, Node>,
    words: &Words,
    findings: &mut Vec<Diagnostic>,
) -> Node {
    let mut map = IndexMap::new();
    for key in keys {
        let node = written.swap_remove(key.name).or_else(|| default(key, words, findings));
        if let Some(node) = node {
            map.insert(key.name.to_owned(), node);
        }
    }
    Node { value: Value::Map(map), origin: super::Origin::Default }
}

fn default(key: &'static Key, words: &Words, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    if let (Kind::Keys(keys), false) = (key.kind, key.has(Rule::Ignored)) {
        return Some(filled(keys, IndexMap::new(), words, findings));
    }
    if key.has(Rule::Ignored) {
        return None;
    }
    let origin = super::Origin::Default;
    match (key.default, key.kind) {
        ("", Kind::Entries(_) | Kind::TextMap | Kind::Variables) => {
            Some(Node { value: Value::Map(IndexMap::new()), origin })
        }
        ("", _) => Some(Node { value: Value::Null, origin }),
        (text, _) => {
            let raw = yaml::parse(text).ok()?.root?;
            Validator::new(&Place::Default, words, findings).key(key, &raw)
        }
    }
}
