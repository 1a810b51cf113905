//! The filter language of lists: `lr<0.1`, `status=error`, `metrics.acc>.9`.
//!
//! ```text
//! any       = all { ("or" | "|") all }
//! all       = one { ["and" | "&" | ","] one }
//! one       = ("not" | "!") one | "(" any ")" | condition
//! condition = field operator value | "tags."… | "hparams."… | "metrics."…
//! operator  = "=" "==" "!=" "<>" "<" "<=" ">" ">=" "~" ":regex:" ":exists:"
//! value     = word | 'text' | "text" | "$none" | "$empty" | "$true" | "$false" | "$nan" | "$exists"
//! ```
//!
//! - A **field** is made of letters, digits and `_ - . / @ % # +`; anything else stands in back or double
//!   quotes, for the whole name or a part of it: `metrics."test loss"<.5`.
//! - A **word** that reads as a number is one, `true` and `false` are truth values, all else is text. Text in
//!   quotes is always text and may hold blanks and operators: `description="a = b"`. In quotes a backslash
//!   takes the special meaning from a quote or a backslash, and is itself before anything else.
//! - In a text compared with `=` or `!=`, `*` stands for any characters and `?` for one, quoted or not.
//! - `~` looks for a regular expression anywhere in the text.
//! - A name alone is a condition only with one of the three prefixes: the run has such a tag, with or without
//!   a value. Any other word alone is [`FilterError::BareWord`]: a text to search for, not a filter.
//!
//! What the comparisons mean is told at [`Filter::matches`].

mod display;
mod error;
mod matching;
mod parse;
#[cfg(test)]
mod tests;

pub use error::FilterError;
pub use matching::{Matcher, compare};

use super::Scalar;

/// A condition on a run or a job.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// A field compared with a value.
    Compare {
        /// The field's name: `status`, `hparams.lr`, a bare `lr`.
        field: String,
        /// The comparison.
        op: Op,
        /// The value; `$none` is [`Scalar::Null`], and so is what [`Op::Exists`] has.
        value: Scalar,
    },
    /// All of these.
    All(Vec<Filter>),
    /// Any of these.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
}

impl Filter {
    /// Reads a filter; an empty text is the filter that everything passes.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }
}

impl std::str::FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=` or `==`: equal; a text with `*` or `?` matches as a pattern.
    Eq,
    /// `!=` or `<>`: not equal.
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `~`: the text matches a regular expression.
    Match,
    /// The field is there, if only as a tag without a value.
    Exists,
}

impl Op {
    /// The operator as it is written; [`Op::Exists`] is written `=$exists`.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Eq | Self::Exists => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Match => "~",
        }
    }
}

/// The kinds of values scripts log: their names may stand alone as a condition.
const LOGGED: [&str; 3] = ["hparams.", "metrics.", "tags."];

/// A character that may stand in a field's name without quotes.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '%' | '#' | '+')
}

/// A character that may stand in a value without quotes.
fn is_word(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !"=<>!~,&|()'\"`".contains(c)
}

/// What a word means as a value: a number, a truth value, else the text itself.
fn read_word(word: &str) -> Scalar {
    match Scalar::from_word(word) {
        // `optimizer=none` looks for that text; nothing is written `$none`, as in XTLib.
        Scalar::Null => Scalar::Text(word.to_owned()),
        value => value,
    }
}
