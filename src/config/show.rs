//! Every value in force with where it came from.

use super::diagnostic::Origin;
use super::load::Loaded;
use super::tree::{Node, Value};
use crate::model::names::visible;

/// One value as `xt config --show` lists it; safe to print, secrets hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownValue {
    /// Its path, such as `general.workspace`.
    pub path: String,
    /// As it would be written in a file; `null` if it is not set.
    pub value: String,
    /// Where it was written.
    pub origin: Origin,
}

/// Every value in force, in the order of the schema.
pub fn show(loaded: &Loaded) -> Vec<ShownValue> {
    let mut shown = Vec::new();
    walk("", &loaded.config.tree, &mut shown);
    shown
}

fn walk(path: &str, node: &Node, shown: &mut Vec<ShownValue>) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            for (name, node) in map {
                let name = visible(name);
                walk(&if path.is_empty() { name } else { format!("{path}.{name}") }, node, shown);
            }
        }
        value => {
            shown.push(ShownValue {
                path: path.to_owned(),
                value: value.to_string(),
                origin: node.origin.clone(),
            });
        }
    }
}
