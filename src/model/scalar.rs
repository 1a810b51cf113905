//! The values that scripts log: hyperparameters, metrics, tags.

use std::cmp::Ordering;
use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Named values in the order they were first logged.
pub type Values = IndexMap<String, Scalar>;

/// Named values in one text, to be searched: `lr=0.1 best`; none if there are none.
pub fn words(values: &Values) -> Option<String> {
    let word = |(name, value): (&String, &Scalar)| match value {
        Scalar::Null => name.clone(),
        value => format!("{name}={value}"),
    };
    (!values.is_empty()).then(|| values.iter().map(word).collect::<Vec<_>>().join(" "))
}

/// One logged value.
///
/// JSON has no word for the numbers that training meets when it diverges: `NaN` and the infinities are kept
/// as the strings `"NaN"`, `"Infinity"` and `"-Infinity"` and read back as numbers.
#[derive(Clone, Debug)]
pub enum Scalar {
    /// Nothing: a tag without a value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number, `NaN` and the infinities included.
    Float(f64),
    /// A text.
    Text(String),
    /// A list or a map, as its JSON text.
    Json(String),
}

impl Scalar {
    /// What a word on the command line means: `true`, `3`, `.5`, `NaN`, `none`, else the text itself.
    pub fn from_word(word: &str) -> Self {
        match word {
            "true" | "True" => return Self::Bool(true),
            "false" | "False" => return Self::Bool(false),
            "null" | "none" | "None" => return Self::Null,
            _ => {}
        }
        if let Ok(int) = word.parse::<i64>() {
            return Self::Int(int);
        }
        // Rust reads words such as "inf" and "infinity" as numbers; so do Python and this.
        match word.parse::<f64>() {
            Ok(number) => Self::Float(number),
            Err(_) => Self::Text(word.to_owned()),
        }
    }

    /// The value as a number; truth values count as 0 and 1.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Bool(b) => Some(f64::from(u8::from(*b))),
            #[allow(clippy::cast_precision_loss, reason = "a metric is a double everywhere else too")]
            Self::Int(i) => Some(*i as f64),
            Self::Float(f) => Some(*f),
            Self::Null | Self::Text(_) | Self::Json(_) => None,
        }
    }

    /// A total order: nothing < numbers (`NaN` last among them) < texts.
    pub fn order(&self, other: &Self) -> Ordering {
        let rank = |value: &Self| match value {
            Self::Null => 0,
            Self::Bool(_) | Self::Int(_) | Self::Float(_) => 1,
            Self::Text(_) | Self::Json(_) => 2,
        };
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Text(a) | Self::Json(a), Self::Text(b) | Self::Json(b)) => a.cmp(b),
            _ => match (self.as_f64(), other.as_f64()) {
                (Some(a), Some(b)) if a.is_nan() || b.is_nan() => a.is_nan().cmp(&b.is_nan()),
                (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
                _ => rank(self).cmp(&rank(other)),
            },
        }
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(i) => write!(f, "{i}"),
            Self::Float(x) if x.is_nan() => f.write_str("NaN"),
            Self::Float(x) if x.is_infinite() => f.write_str(if *x > 0.0 { "Infinity" } else { "-Infinity" }),
            Self::Float(x) => write!(f, "{x}"),
            Self::Text(text) | Self::Json(text) => f.write_str(text),
        }
    }
}

impl From<Value> for Scalar {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(b),
            Value::Number(number) => match number.as_i64() {
                Some(int) => Self::Int(int),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => match text.as_str() {
                "NaN" => Self::Float(f64::NAN),
                "Infinity" => Self::Float(f64::INFINITY),
                "-Infinity" => Self::Float(f64::NEG_INFINITY),
                _ => Self::Text(text),
            },
            other => Self::Json(other.to_string()),
        }
    }
}

impl From<&Scalar> for Value {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Null => Self::Null,
            Scalar::Bool(b) => Self::Bool(*b),
            Scalar::Int(i) => Self::from(*i),
            Scalar::Float(x) if x.is_finite() => Self::from(*x),
            Scalar::Float(_) => Self::String(scalar.to_string()),
            Scalar::Text(text) => Self::String(text.clone()),
            Scalar::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| Self::String(text.clone())),
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::Int(i) => serializer.serialize_i64(*i),
            Self::Float(x) if x.is_finite() => serializer.serialize_f64(*x),
            Self::Float(_) => serializer.collect_str(self),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Json(_) => Value::from(self).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves A6 (hyperparameters and metrics of any value).
    #[test]
    fn numbers_without_a_json_word_survive_a_round_trip() {
        for word in ["NaN", "Infinity", "-Infinity", "1", "-0.5", "true", "adam", "1e-9"] {
            let scalar = Scalar::from_word(word);
            let text = serde_json::to_string(&scalar).unwrap();
            let back: Scalar = serde_json::from_str(&text).unwrap();
            assert_eq!(scalar, back, "{word}");
            assert_eq!(scalar.to_string(), back.to_string());
        }
    }

    #[test]
    fn the_order_is_total() {
        let words = ["none", "-Infinity", "-1", "0", "0.5", "true", "2", "Infinity", "NaN", "abc", "b"];
        let scalars: Vec<_> = words.iter().map(|word| Scalar::from_word(word)).collect();
        for (i, a) in scalars.iter().enumerate() {
            for (j, b) in scalars.iter().enumerate() {
                assert_eq!(a.order(b), i.cmp(&j), "{} {}", words[i], words[j]);
            }
        }
    }

    #[test]
    fn nested_values_are_kept_as_json() {
        let scalar: Scalar = serde_json::from_str(r#"{"a":[1,2]}"#).unwrap();
        assert_eq!(serde_json::to_string(&scalar).unwrap(), r#"{"a":[1,2]}"#);
    }
}
