//! The column language: `name`, `name=HEADING`, `name=HEADING:format`, `name:format`, `hparams.*`.

use std::collections::HashSet;

use indexmap::IndexSet;
use regex::Regex;

use super::fields::{self, Kind};
use super::{Format, ReportError, Row};
use crate::model::names::{nearest, visible};

/// A column as it was asked for; its name may be an alias or a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name.
    pub name: String,
    /// The heading, if one was given.
    pub heading: Option<String>,
    /// The format, if one was given.
    pub format: Option<Format>,
    /// A part of the name stood in quotes: it is no pattern.
    quoted: bool,
}

/// A column of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field as the records call it: `run_name`, `hparams.lr`.
    pub field: String,
    /// The name as it was asked for, without `hparams.` and the like.
    pub name: String,
    /// The heading, if one was given.
    pub heading: Option<String>,
    /// The format, if one was given.
    pub format: Option<Format>,
    /// What the field holds.
    pub kind: Kind,
}

/// Splits a list of columns at its commas, those in quotes and in formats (`steps:,`) excepted.
pub fn split(list: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quote, mut before) = (0, None, ' ');
    for (at, c) in list.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '`' => quote = Some(c),
            None if c == ',' && before != ':' => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    parts.push(&list[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

impl Asked {
    /// Reads one column. A name with `=`, `:` or `,` stands in back or double quotes, in part or as a whole.
    pub fn parse(text: &str) -> Result<Self, ReportError> {
        let wrong = |why| ReportError::Column { column: visible(text), why };
        let mut name = String::new();
        let mut quoted = false;
        let mut chars = text.chars();
        let mut after = None;
        while let Some(c) = chars.next() {
            match c {
                '"' | '`' => {
                    quoted = true;
                    loop {
                        match chars.next() {
                            Some(end) if end == c => break,
                            Some(inner) => name.push(inner),
                            None => return Err(wrong("a quote is never closed")),
                        }
                    }
                }
                '=' | ':' => {
                    after = Some(c);
                    break;
                }
                _ => name.push(c),
            }
        }
        let name = if quoted { name } else { name.trim().to_owned() };
        if name.is_empty() {
            return Err(wrong("it has no name"));
        }
        let rest = chars.as_str();
        let (heading, format) = match after {
            Some('=') => match rest.split_once(':') {
                Some((heading, format)) => (Some(heading), Some(format)),
                None => (Some(rest), None),
            },
            Some(_) => (None, Some(rest)),
            None => (None, None),
        };
        let heading = heading.map(str::trim).filter(|heading| !heading.is_empty()).map(visible);
        Ok(Self { name, heading, format: format.map(Format::parse).transpose()?, quoted })
    }

    fn is_pattern(&self) -> bool {
        !self.quoted && self.name.contains(['*', '?'])
    }
}

/// The columns of a report over some rows: aliases resolved, patterns expanded in the order in which names
/// are first met.
pub fn resolve(asked: &[Asked], rows: &[&dyn Row]) -> Result<Vec<Column>, ReportError> {
    let mut columns = Vec::new();
    let explicit: Vec<_> = asked
        .iter()
        .map(|one| (!one.is_pattern()).then(|| field(&one.name, rows)).transpose())
        .collect::<Result<_, _>>()?;
    let mut taken: HashSet<String> = explicit.iter().flatten().cloned().collect();
    let mut available = None;
    for (one, explicit) in asked.iter().zip(explicit) {
        if let Some(field) = explicit {
            columns.push(column(field, Some(&one.name), one, rows));
            continue;
        }
        let pattern = regex::escape(&one.name).replace(r"\*", ".*").replace(r"\?", ".");
        let pattern = Regex::new(&format!("(?s)^{pattern}$")).map_err(|_| ReportError::Column {
            column: visible(&one.name),
            why: "the pattern is too long",
        })?;
        for name in available.get_or_insert_with(|| available_names(rows)).iter() {
            if pattern.is_match(name) && taken.insert(name.clone()) {
                columns.push(column(name.clone(), None, one, rows));
            }
        }
    }
    Ok(columns)
}

fn column(field: String, asked_name: Option<&str>, asked: &Asked, rows: &[&dyn Row]) -> Column {
    let name = bare(asked_name.unwrap_or(&field)).to_owned();
    // A heading for many columns would make them look the same.
    let heading = asked_name.and(asked.heading.clone());
    let kind = kind(&field, rows);
    Column { field, name, heading, format: asked.format.clone(), kind }
}

/// What a field holds.
pub(super) fn kind(field: &str, rows: &[&dyn Row]) -> Kind {
    known(rows, field).map_or(Kind::Value, |known| known.kind)
}

/// The field a name means: an alias, a name with its prefix, or a bare hyperparameter, metric or tag.
pub fn field(name: &str, rows: &[&dyn Row]) -> Result<String, ReportError> {
    if let Some(known) = known(rows, name) {
        return Ok(known.name.to_owned());
    }
    if fields::LOGGED.iter().any(|prefix| name.len() > prefix.len() && name.starts_with(prefix)) {
        return Ok(name.to_owned());
    }
    for prefix in fields::LOGGED {
        let full = format!("{prefix}{name}");
        if rows.iter().any(|row| row.field(&full).is_some()) {
            return Ok(full);
        }
    }
    // Without rows nothing is known of what they might have.
    if rows.is_empty() || rows.iter().any(|row| row.field(name).is_some()) {
        return Ok(name.to_owned());
    }
    let words = available_names(rows);
    let standard = rows.first().map(|row| row.fields()).unwrap_or_default();
    let mut candidates: Vec<&str> = words.iter().map(|word| bare(word)).collect();
    for known in standard {
        for alias in known.names() {
            candidates.push(alias);
        }
    }
    let nearest = nearest(name, candidates).map(visible);
    Err(ReportError::UnknownColumn { name: visible(name), nearest })
}

/// All names that have a value in some row: standard fields first, then what scripts logged.
pub fn available_names(rows: &[&dyn Row]) -> IndexSet<String> {
    let standard = rows.first().map(|row| row.fields()).unwrap_or_default();
    let mut names: IndexSet<String> = standard
        .iter()
        .filter(|known| rows.iter().any(|row| row.field(known.name).is_some()))
        .map(|known| known.name.to_owned())
        .collect();
    for prefix in fields::LOGGED {
        let mut met: IndexSet<&str> = IndexSet::new();
        for row in rows {
            // XTLib notes the name of the step among the metrics, as `$step_name`.
            met.extend(
                row.names_under(prefix.trim_end_matches('.'))
                    .into_iter()
                    .filter(|name| !name.starts_with('$')),
            );
        }
        names.extend(met.into_iter().map(|name| format!("{prefix}{name}")));
    }
    names
}

fn known(rows: &[&dyn Row], name: &str) -> Option<&'static fields::Known> {
    rows.first()?.fields().iter().find(|known| known.names().any(|one| one == name))
}

/// A name without the kind of value it is.
fn bare(name: &str) -> &str {
    fields::LOGGED.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}
