//! Names in documents: a server gives `.` and `$` a meaning, and no name may hold a NUL.
//!
//! They are written as `%2E`, `%24` and `%00`, the empty name as `%-`, and `%` itself as `%25` where it would be read as
//! one of these. So nearly all names stand as they are, for `XTLib`'s readers too.

use mongodb::bson::{Bson, Document};
use serde_json::{Map, Number, Value};

const CODES: [(char, &str); 4] = [('%', "%25"), ('.', "%2E"), ('$', "%24"), ('\0', "%00")];

/// The empty name: no path of an update can name a field so.
const EMPTY: &str = "%-";

/// A name as it stands in documents.
pub fn escape(name: &str) -> String {
    match name {
        "" => return EMPTY.to_owned(),
        EMPTY => return EMPTY.replace('%', "%25"),
        _ => {}
    }
    let mut escaped = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        let code = CODES.iter().find(|(plain, _)| *plain == c).map(|(_, code)| *code);
        match code {
            Some(code) if c != '%' || CODES.iter().any(|(_, code)| name[at..].starts_with(code)) => {
                escaped += code;
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// The name that stands so in a document.
pub fn unescape(escaped: &str) -> String {
    if escaped == EMPTY {
        return String::new();
    }
    let mut name = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(at) = rest.find('%') {
        name += &rest[..at];
        rest = &rest[at..];
        let found = CODES.iter().find(|(_, code)| rest.starts_with(code));
        let (plain, length) = found.map_or(('%', 1), |(plain, code)| (*plain, code.len()));
        name.push(plain);
        rest = &rest[length..];
    }
    name + rest
}

/// A value for a document, names within it escaped.
pub fn to_bson(value: &Value) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Bool(flag) => Bson::Boolean(*flag),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Bson::Double(number.as_f64().unwrap_or(f64::NAN)), Bson::Int64)
        }
        Value::String(text) => Bson::String(text.clone()),
        Value::Array(items) => Bson::Array(items.iter().map(to_bson).collect()),
        Value::Object(map) => Bson::Document(to_document(map)),
    }
}

/// A map for a document.
pub fn to_document(map: &Map<String, Value>) -> Document {
    map.iter().map(|(name, value)| (escape(name), to_bson(value))).collect()
}

/// A value of a document. What JSON has no word for becomes a text.
pub fn to_json(bson: &Bson) -> Value {
    match bson {
        Bson::Null | Bson::Undefined => Value::Null,
        Bson::Boolean(flag) => Value::Bool(*flag),
        Bson::Int32(number) => Value::from(*number),
        Bson::Int64(number) => Value::from(*number),
        Bson::Double(number) => Number::from_f64(*number).map_or_else(
            || {
                Value::from(if number.is_nan() {
                    "NaN"
                } else if *number > 0.0 {
                    "Infinity"
                } else {
                    "-Infinity"
                })
            },
            Value::Number,
        ),
        Bson::String(text) => Value::String(text.clone()),
        Bson::Array(items) => Value::Array(items.iter().map(to_json).collect()),
        Bson::Document(document) => Value::Object(to_map(document)),
        Bson::DateTime(moment) => {
            let micros = moment.timestamp_millis().saturating_mul(1000);
            Value::String(crate::model::Time::from_micros(micros).to_string())
        }
        other => Value::String(other.to_string()),
    }
}

/// The map that a document stands for.
pub fn to_map(document: &Document) -> Map<String, Value> {
    document.iter().map(|(name, value)| (unescape(name), to_json(value))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[rstest::rstest]
    #[case("loss", "loss")]
    #[case("acc%", "acc%")]
    #[case("train.acc", "train%2Eacc")]
    #[case("$cost", "%24cost")]
    #[case("%2E", "%252E")]
    #[case("%25", "%2525")]
    #[case("", "%-")]
    #[case("%-", "%25-")]
    #[case("%-a", "%-a")]
    fn names_stand_as_they_are_where_they_can(#[case] name: &str, #[case] escaped: &str) {
        assert_eq!(escape(name), escaped);
        assert_eq!(unescape(escaped), name);
    }

    proptest! {
        // Proves A6 (metrics of any name), P9: what comes back is what went in, and no server gives it a meaning.
        #[test]
        fn names_come_back(name in "([a-c%.$\\x00éE2450-]|%2E|%25|%24|%00|%-){0,12}") {
            let escaped = escape(&name);
            prop_assert!(!escaped.is_empty());
            prop_assert!(!escaped.contains(['.', '$', '\0']), "{}", escaped);
            prop_assert_eq!(unescape(&escaped), name);
        }

        #[test]
        fn values_come_back(name in "[a.$%]{0,4}", number: f64, text in ".{0,8}", flag: bool, int: i64) {
            let value = serde_json::json!({
                (name.clone()): [number, text, null, { (name): flag, "int": int }]
            });
            prop_assert_eq!(to_json(&to_bson(&value)), value);
        }
    }
}
