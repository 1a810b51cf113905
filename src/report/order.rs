//! Sorting and grouping rows in memory.

use std::cmp::Ordering;

use indexmap::IndexMap;

use super::fields::Kind;
use super::{Row, columns};
use crate::model::{JobName, RunName, Scalar};

/// A key to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column's name or alias.
    pub column: String,
    /// From the largest to the smallest.
    pub descending: bool,
}

/// Sorts rows, those that are equal in all keys staying as they are.
///
/// The order is [`Scalar::order`]; names of runs and jobs go by their numbers. In both directions numbers come
/// before `NaN`, and what has no value comes last: whoever sorts by the best metric wants to see it first.
pub fn sort<'a>(rows: &[&'a dyn Row], keys: &[(String, Kind, bool)]) -> Vec<&'a dyn Row> {
    let mut keyed: Vec<(Vec<Option<Scalar>>, &dyn Row)> = rows
        .iter()
        .map(|row| (keys.iter().map(|(field, kind, _)| key(*row, field, *kind)).collect(), *row))
        .collect();
    keyed.sort_by(|(a, _), (b, _)| {
        keys.iter()
            .zip(a.iter().zip(b))
            .map(|((_, _, descending), (a, b))| compare(a.as_ref(), b.as_ref(), *descending))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}

fn key(row: &dyn Row, field: &str, kind: Kind) -> Option<Scalar> {
    let value = row.field(field).filter(|value| !matches!(value, Scalar::Null))?;
    let number = match (&value, kind) {
        (Scalar::Text(name), Kind::Name) => match name.parse::<RunName>() {
            Ok(run) => Some(run.run_num()),
            Err(_) => name.parse::<JobName>().ok().map(|job| job.0),
        },
        _ => None,
    };
    Some(number.and_then(|number| i64::try_from(number).ok()).map_or(value, Scalar::Int))
}

fn compare(a: Option<&Scalar>, b: Option<&Scalar>, descending: bool) -> Ordering {
    let rank = |value: Option<&Scalar>| match value {
        None => 2,
        Some(Scalar::Float(x)) if x.is_nan() => 1,
        Some(_) => 0,
    };
    let (Some(x), Some(y)) = (a, b) else { return rank(a).cmp(&rank(b)) };
    if rank(a) != rank(b) {
        return rank(a).cmp(&rank(b));
    }
    if descending { y.order(x) } else { x.order(y) }
}

/// The rows of each value of a field, in the order in which the values are first met; rows without a value
/// come last, under an empty title.
pub(super) fn group<'a>(
    rows: &[&'a dyn Row],
    field: &str,
    title: impl Fn(&Scalar) -> String,
) -> Vec<(String, Vec<&'a dyn Row>)> {
    let mut groups: IndexMap<String, Vec<&dyn Row>> = IndexMap::new();
    let mut without = Vec::new();
    for row in rows {
        match row.field(field) {
            Some(value) => groups.entry(title(&value)).or_default().push(*row),
            None => without.push(*row),
        }
    }
    let last = (!without.is_empty()).then(|| (String::new(), without));
    groups.into_iter().chain(last).collect()
}

/// The keys with their fields resolved.
pub(super) fn resolve(
    keys: &[Sort],
    rows: &[&dyn Row],
) -> Result<Vec<(String, Kind, bool)>, super::ReportError> {
    keys.iter()
        .map(|key| {
            let field = columns::field(&key.column, rows)?;
            let kind = columns::kind(&field, rows);
            Ok((field, kind, key.descending))
        })
        .collect()
}
