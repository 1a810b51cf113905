//! What can be wrong with a report's specification.

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum ReportError {
    /// No row has a field of that name.
    #[error("`{name}` is no column{}: `--available` lists the columns there are", nearest.as_ref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default())]
    UnknownColumn {
        /// The name.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// Not a column as the column language has them.
    #[error("`{column}` is no column: {why}; write `name`, `name=HEADING` or `name=HEADING:format`")]
    Column {
        /// The column as it was given.
        column: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a format.
    #[error(
        "`{format}` is no format: use one of Python's (`.2f`, `,d`, `.1%`), or $bz (blank if zero), $do (date only), $to (time only), $rt.N (the last N characters), $age, $dur or $bytes"
    )]
    Format {
        /// The format as it was given.
        format: String,
    },
    /// A file whose name does not tell a format reports can be exported in.
    #[error("cannot tell the format of `{file}`: end its name in .csv, .tsv, .txt, .json or .md")]
    Export {
        /// The file.
        file: String,
    },
}
