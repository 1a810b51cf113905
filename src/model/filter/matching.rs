//! Whether a thing passes a filter.

use std::cmp::Ordering;

use regex::Regex;

use super::{Filter, Op, Scalar};

impl Filter {
    /// Whether a thing whose fields `field` tells passes.
    ///
    /// - Numbers compare with numbers, truth values among them as 0 and 1. `NaN` equals `NaN` alone and is
    ///   neither less nor greater than anything.
    /// - Texts (and lists and maps, as their JSON text) compare with texts, character by character; so do
    ///   times, which are texts in RFC 3339.
    /// - A text equals a number if it reads as that number (`version=1.10` finds the text `1.10`, and `1.1`;
    ///   `version='1.10'` finds the text `1.10` alone), and a truth value if it is its word in any case. It
    ///   is neither less nor greater than either.
    /// - A field without a value equals `$none` alone, differs from everything else, and passes no other
    ///   comparison. `$exists` alone tells a tag without a value from no tag.
    /// - Patterns and regular expressions look at the value as it is displayed.
    ///
    /// To look at many things, take a [`Filter::matcher`] once.
    pub fn matches(&self, field: &dyn Fn(&str) -> Option<Scalar>) -> bool {
        self.matcher().matches(field)
    }

    /// The filter with its patterns compiled.
    pub fn matcher(&self) -> Matcher {
        Matcher(Node::new(self))
    }
}

/// A filter ready to look at many things; its answers are those of [`Filter::matches`].
#[derive(Clone, Debug)]
pub struct Matcher(Node);

impl Matcher {
    /// Whether a thing whose fields `field` tells passes.
    pub fn matches(&self, field: &dyn Fn(&str) -> Option<Scalar>) -> bool {
        self.0.matches(field)
    }
}

#[derive(Clone, Debug)]
enum Node {
    Compare {
        field: String,
        op: Op,
        value: Scalar,
    },
    /// `None` is a pattern that cannot be compiled: nothing matches it.
    Pattern {
        field: String,
        regex: Option<Regex>,
        wanted: bool,
    },
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

impl Node {
    fn new(filter: &Filter) -> Self {
        match filter {
            Filter::Compare { field, op, value } => {
                let regex = match (op, value) {
                    (Op::Match, value) => Some(search_regex(&value.to_string())),
                    (Op::Eq | Op::Ne, Scalar::Text(text)) => pattern_regex(text),
                    _ => None,
                };
                let field = field.clone();
                match regex {
                    Some(regex) => Self::Pattern { field, regex: regex.ok(), wanted: *op != Op::Ne },
                    None => Self::Compare { field, op: *op, value: value.clone() },
                }
            }
            Filter::All(members) => Self::All(members.iter().map(Self::new).collect()),
            Filter::Any(members) => Self::Any(members.iter().map(Self::new).collect()),
            Filter::Not(inner) => Self::Not(Box::new(Self::new(inner))),
        }
    }

    fn matches(&self, field: &dyn Fn(&str) -> Option<Scalar>) -> bool {
        match self {
            Self::Compare { field: name, op, value } => compare(field(name).as_ref(), *op, value),
            Self::Pattern { field: name, regex, wanted } => {
                let found = match (field(name), regex) {
                    (None | Some(Scalar::Null), _) | (_, None) => false,
                    (Some(Scalar::Text(text) | Scalar::Json(text)), Some(regex)) => regex.is_match(&text),
                    (Some(value), Some(regex)) => regex.is_match(&value.to_string()),
                };
                found == *wanted
            }
            Self::All(members) => members.iter().all(|member| member.matches(field)),
            Self::Any(members) => members.iter().any(|member| member.matches(field)),
            Self::Not(inner) => !inner.matches(field),
        }
    }
}

/// Whether one comparison holds, as told at [`Filter::matches`]; patterns are compiled anew each time.
pub fn compare(field: Option<&Scalar>, op: Op, value: &Scalar) -> bool {
    if op == Op::Exists {
        return field.is_some();
    }
    let field = field.unwrap_or(&Scalar::Null);
    let matches = |regex: Result<Regex, _>| {
        !matches!(field, Scalar::Null) && regex.is_ok_and(|regex| regex.is_match(&field.to_string()))
    };
    let equal = || match value {
        Scalar::Text(text) => pattern_regex(text).map_or_else(|| equal(field, value), matches),
        _ => equal(field, value),
    };
    match op {
        Op::Eq => equal(),
        Op::Ne => !equal(),
        Op::Match => matches(search_regex(&value.to_string())),
        Op::Lt => order(field, value).is_some_and(Ordering::is_lt),
        Op::Le => order(field, value).is_some_and(Ordering::is_le),
        Op::Gt => order(field, value).is_some_and(Ordering::is_gt),
        Op::Ge => order(field, value).is_some_and(Ordering::is_ge),
        Op::Exists => true,
    }
}

fn equal(field: &Scalar, value: &Scalar) -> bool {
    match (as_text(field), as_text(value)) {
        (Some(text), None) => reads_as(text, value),
        (None, Some(text)) => reads_as(text, field),
        // Within a kind the sorting order and equality are one.
        _ => field == value,
    }
}

fn order(field: &Scalar, value: &Scalar) -> Option<Ordering> {
    match (as_text(field), as_text(value)) {
        (Some(a), Some(b)) => Some(a.cmp(b)),
        (None, None) => {
            let (a, b) = (field.as_f64()?, value.as_f64()?);
            (!a.is_nan() && !b.is_nan()).then(|| field.order(value))
        }
        _ => None,
    }
}

fn as_text(value: &Scalar) -> Option<&str> {
    match value {
        Scalar::Text(text) | Scalar::Json(text) => Some(text),
        Scalar::Null | Scalar::Bool(_) | Scalar::Int(_) | Scalar::Float(_) => None,
    }
}

/// Whether a text says the same as a value that is none.
fn reads_as(text: &str, value: &Scalar) -> bool {
    match value {
        Scalar::Bool(b) => text.eq_ignore_ascii_case(if *b { "true" } else { "false" }),
        Scalar::Int(_) | Scalar::Float(_) => match Scalar::from_word(text) {
            number @ (Scalar::Int(_) | Scalar::Float(_)) => number == *value,
            _ => false,
        },
        Scalar::Null | Scalar::Text(_) | Scalar::Json(_) => false,
    }
}

/// The expression of `~`.
pub(super) fn search_regex(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(pattern)
}

/// The expression of a text with `*` and `?`; a text without them needs none.
pub(super) fn pattern_regex(text: &str) -> Option<Result<Regex, regex::Error>> {
    text.contains(['*', '?']).then(|| {
        let escaped = regex::escape(text).replace(r"\*", ".*").replace(r"\?", ".");
        Regex::new(&format!("(?s)^{escaped}$"))
    })
}
