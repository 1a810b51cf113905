//! The filter language of lists: `lr<0.1`, `status=error`, `metrics.acc>.9`.

/// A condition on a run or a job.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// A field compared with a value.
    Compare {
        /// The field's name: `status`, `hparams.lr`, a bare `lr`.
        field: String,
        /// The comparison.
        op: Op,
        /// The value; `$none` is [`super::Scalar::Null`].
        value: super::Scalar,
    },
    /// All of these.
    All(Vec<Filter>),
    /// Any of these.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
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
    /// The field has a value.
    Exists,
}
