//! The merged configuration as a tree of typed values that know where they came from.

use std::fmt;

use indexmap::IndexMap;

use super::diagnostic::Origin;
use super::secret::Secret;
use crate::model::names::visible;

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What is in force.
    pub value: Value,
    /// Where it was written; for a map, where it first appeared.
    pub origin: Origin,
}

/// A value of the type its key has in the schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not set.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number; of seconds or minutes where the key says so.
    Number(f64),
    /// Text, with its `$username` and `~` expanded.
    Text(String),
    /// A password, a key, or a reference to one.
    Secret(Secret),
    /// A list of texts.
    List(Vec<String>),
    /// A section, an entry, or a map of names.
    Map(IndexMap<String, Node>),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, whole or not, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The secret, if it is one.
    pub fn as_secret(&self) -> Option<&Secret> {
        match self {
            Self::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[String]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&IndexMap<String, Node>> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    /// As it would be written in a file, on one line; secrets stay hidden.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(&in_quotes(text)),
            Self::Secret(secret) => write!(f, "{secret}"),
            Self::List(list) => {
                let items: Vec<_> = list.iter().map(|item| in_quotes(item)).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Map(map) => {
                let items: Vec<_> =
                    map.iter().map(|(name, node)| format!("{}: {}", visible(name), node.value)).collect();
                write!(f, "{{{}}}", items.join(", "))
            }
        }
    }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", visible(&text.replace('\\', "\\\\").replace('"', "\\\"")))
}
