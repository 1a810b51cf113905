//! The few events of a run's life.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Time;

/// One entry of a run's log of events (`XTLib`'s `log_records`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened.
    pub time: Time,
    /// What happened: `created`, `cmd`, `queued`, `started`, `ended`, …, or a name the script chose.
    pub event: String,
    /// Its particulars.
    #[serde(default)]
    pub data: Map<String, Value>,
}

impl Event {
    /// An event that happens now.
    pub fn now(event: &str, data: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        Self::at(Time::now(), event, data)
    }

    /// An event at a given moment.
    pub fn at(time: Time, event: &str, data: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        Self {
            time,
            event: event.to_owned(),
            data: data.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        }
    }
}
