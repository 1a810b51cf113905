//! Writing filters so that they read back the same.

use std::fmt;

use super::{Filter, LOGGED, Op, Scalar, is_name, is_word, read_word};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare { field, op: Op::Exists, .. } => {
                write_field(f, field)?;
                if LOGGED.iter().any(|prefix| field.len() > prefix.len() && field.starts_with(prefix)) {
                    return Ok(());
                }
                f.write_str("=$exists")
            }
            Self::Compare { field, op, value } => {
                write_field(f, field)?;
                f.write_str(op.symbol())?;
                write_value(f, *op, value)
            }
            Self::All(members) => write_group(f, members, " and "),
            Self::Any(members) => write_group(f, members, " or "),
            Self::Not(inner) => {
                f.write_str("not ")?;
                write_member(f, inner)
            }
        }
    }
}

fn write_group(f: &mut fmt::Formatter<'_>, members: &[Filter], between: &str) -> fmt::Result {
    for (i, member) in members.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        write_member(f, member)?;
    }
    Ok(())
}

fn write_member(f: &mut fmt::Formatter<'_>, member: &Filter) -> fmt::Result {
    match member {
        Filter::All(_) | Filter::Any(_) => write!(f, "({member})"),
        Filter::Compare { .. } | Filter::Not(_) => write!(f, "{member}"),
    }
}

fn write_field(f: &mut fmt::Formatter<'_>, field: &str) -> fmt::Result {
    let keyword = ["and", "or", "not"].iter().any(|word| field.eq_ignore_ascii_case(word));
    if !field.is_empty() && !keyword && field.chars().all(is_name) {
        return f.write_str(field);
    }
    // The prefix stays outside, where the eye looks for it.
    let prefix = LOGGED.into_iter().find(|prefix| field.starts_with(prefix)).unwrap_or_default();
    f.write_str(prefix)?;
    write_quoted(f, '"', &field[prefix.len()..])
}

fn write_value(f: &mut fmt::Formatter<'_>, op: Op, value: &Scalar) -> fmt::Result {
    match value {
        Scalar::Null => f.write_str("$none"),
        Scalar::Bool(b) => write!(f, "${b}"),
        Scalar::Int(i) => write!(f, "{i}"),
        Scalar::Float(x) if x.is_nan() => f.write_str("$nan"),
        // With its point, so that 1.0 stays a float.
        Scalar::Float(x) => write!(f, "{x:?}"),
        Scalar::Text(text) if text.is_empty() && op != Op::Match => f.write_str("$empty"),
        Scalar::Text(text) | Scalar::Json(text) => {
            let bare = op != Op::Match
                && !text.starts_with('$')
                && text.chars().all(is_word)
                && matches!(read_word(text), Scalar::Text(_));
            if bare { f.write_str(text) } else { write_quoted(f, '\'', text) }
        }
    }
}

fn write_quoted(f: &mut fmt::Formatter<'_>, quote: char, text: &str) -> fmt::Result {
    use fmt::Write as _;
    f.write_char(quote)?;
    for c in text.chars() {
        if c == quote || c == '\\' {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char(quote)
}
