//! What can be wrong with a filter.

/// Why a text is no filter. Columns are counted in characters, from 1.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum FilterError {
    /// A word without an operator: a text to search for.
    #[error(
        "column {column}: `{word}` is no condition: compare it with a value, as in `{word}=1`, or write `tags.{word}` for a tag"
    )]
    BareWord {
        /// Where.
        column: usize,
        /// The word.
        word: String,
    },
    /// Something else stands where a field's name is expected.
    #[error(
        "column {column}: expected the name of a field, found {found}: write a condition such as `lr<0.1`, and names with other characters in quotes: `metrics.\"test loss\"<1`"
    )]
    NoField {
        /// Where.
        column: usize,
        /// What stands there.
        found: String,
    },
    /// No such operator.
    #[error("column {column}: `{op}` is no operator: use {instead}")]
    UnknownOperator {
        /// Where.
        column: usize,
        /// What stands there.
        op: String,
        /// What to write.
        instead: &'static str,
    },
    /// The value is missing.
    #[error(
        "column {column}: expected a value after `{condition}`: write `{condition}1`, or `{condition}$none` for no value"
    )]
    NoValue {
        /// Where.
        column: usize,
        /// The condition so far.
        condition: String,
    },
    /// A character in a value that needs quotes.
    #[error("column {column}: `{found}` cannot stand in a value without quotes: write `'{value}'`")]
    Unquoted {
        /// Where.
        column: usize,
        /// The character.
        found: char,
        /// The value up to the next blank.
        value: String,
    },
    /// A quote or a parenthesis is not closed.
    #[error("column {column}: the `{open}` is never closed: add `{close}`")]
    Unclosed {
        /// Where it was opened.
        column: usize,
        /// The opening character.
        open: char,
        /// The closing one.
        close: char,
    },
    /// A word after `$` that means nothing.
    #[error("column {column}: `{word}` means nothing: use {}, or put it in quotes", super::parse::SYMBOLS.join(", "))]
    UnknownSymbol {
        /// Where.
        column: usize,
        /// The word.
        word: String,
    },
    /// A value that nothing is less or greater than.
    #[error("column {column}: nothing is less or greater than `{word}`: use `=` or `!=`")]
    NoOrder {
        /// Where.
        column: usize,
        /// The value.
        word: String,
    },
    /// Not a regular expression.
    #[error("column {column}: `{pattern}` is no regular expression: {why}")]
    Regex {
        /// Where.
        column: usize,
        /// The expression.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// A parenthesis that closes nothing.
    #[error("column {column}: the `)` closes nothing: remove it, or put the value in quotes")]
    Stray {
        /// Where.
        column: usize,
    },
    /// Longer than anybody needs.
    #[error("the filter has {length} bytes: {} are the most", super::parse::MAX_LENGTH)]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Nested deeper than anybody needs.
    #[error("column {column}: nested deeper than {} levels: remove parentheses", super::parse::MAX_DEPTH)]
    TooDeep {
        /// Where.
        column: usize,
    },
}

impl FilterError {
    /// Where the trouble is, in characters from 1.
    pub const fn column(&self) -> usize {
        match self {
            Self::BareWord { column, .. }
            | Self::NoField { column, .. }
            | Self::UnknownOperator { column, .. }
            | Self::NoValue { column, .. }
            | Self::Unquoted { column, .. }
            | Self::Unclosed { column, .. }
            | Self::UnknownSymbol { column, .. }
            | Self::NoOrder { column, .. }
            | Self::Regex { column, .. }
            | Self::Stray { column }
            | Self::TooDeep { column } => *column,
            Self::TooLong { .. } => 1,
        }
    }
}
