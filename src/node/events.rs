//! What scripts say: one JSON object a line, in a file per process (`xt help topics events`).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::{Event, RunPath, Scalar, Time, Values};
use crate::store::{MetricBatch, NewPoint};

/// A line longer than this is not taken in.
pub const LONGEST_LINE: usize = 16 << 20;

/// One line as scripts write it.
#[derive(Deserialize)]
struct Line {
    event: String,
    #[serde(default)]
    time: Option<f64>,
    #[serde(default)]
    step: Option<Value>,
    #[serde(default)]
    step_name: Option<String>,
    #[serde(default)]
    data: Map<String, Value>,
}

/// Reads the complete lines of a piece of a file into a batch; `bytes` ends with a newline.
///
/// A line that cannot be understood becomes an event of the run's log, and the rest goes on.
pub fn batch(run: &RunPath, source: &str, from: u64, bytes: &[u8]) -> MetricBatch {
    let mut batch = MetricBatch {
        run: run.clone(),
        source: source.to_owned(),
        from,
        to: from + bytes.len() as u64,
        points: Vec::new(),
        hparams: Values::new(),
        tags: Values::new(),
        events: Vec::new(),
    };
    let mut calls = 0;
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        let text = String::from_utf8_lossy(line);
        match serde_json::from_str::<Line>(&with_words_for_numbers(&text)) {
            Ok(line) => take(line, &mut batch, &mut calls),
            Err(error) => batch.events.push(unreadable(&text, &error.to_string())),
        }
    }
    batch
}

/// The event of a line that could not be understood.
pub fn unreadable(line: &str, why: &str) -> Event {
    let shown: String = line.chars().take(200).collect();
    Event::now("unreadable-line", [("line", shown.into()), ("why", why.into())])
}

fn take(line: Line, batch: &mut MetricBatch, calls: &mut u64) {
    let time = line.time.and_then(Time::from_seconds).unwrap_or_else(Time::now);
    let values = |data: Map<String, Value>| data.into_iter().map(|(name, value)| (name, Scalar::from(value)));
    match line.event.as_str() {
        "hparams" => batch.hparams.extend(values(line.data)),
        "tags" => batch.tags.extend(values(line.data)),
        "metrics" => {
            let named = line.step_name.as_deref().and_then(|name| line.data.get(name));
            let step = line.step.as_ref().or(named).cloned().map(Scalar::from).and_then(|step| step.as_f64());
            // XTLib's own bookkeeping, in scripts that were written for it.
            let own = |name: &str| matches!(name, "__index__" | "__step_name__");
            let points = values(line.data).filter(|(name, _)| !own(name));
            batch.points.extend(points.map(|(name, value)| NewPoint {
                name,
                step,
                time,
                value,
                call: *calls,
            }));
            *calls += 1;
        }
        _ => batch.events.push(Event { time, event: line.event, data: line.data }),
    }
}

/// JSON has no words for the numbers that Python writes as `NaN` and `Infinity`: they become texts, which
/// [`Scalar`] reads as the numbers they mean.
fn with_words_for_numbers(text: &str) -> Cow<'_, str> {
    if !text.contains("NaN") && !text.contains("Infinity") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if !in_string
            && let Some(word) =
                ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| rest.starts_with(word))
        {
            out.push('"');
            out.push_str(word);
            out.push('"');
            rest = &rest[word.len()..];
            continue;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> MetricBatch {
        batch(&RunPath::new("ws1", crate::model::RunName::top(1)), "a.jsonl", 10, text.as_bytes())
    }

    // Proves A6, P9 (hostile metrics).
    #[test]
    fn lines_become_values_points_and_events() {
        let batch = read(
            "{\"event\":\"hparams\",\"data\":{\"lr\":0.1,\"note\":\"NaN \\\" Infinity\"}}\n\
             {\"event\":\"metrics\",\"time\":1.5,\"step_name\":\"epoch\",\"data\":{\"epoch\":3,\"loss\":NaN,\"x\":-Infinity}}\n\
             \n\
             not json\n\
             {\"event\":\"metrics\",\"step\":4,\"data\":{\"loss\":\"high\",\"__index__\":1}}\n\
             {\"event\":\"saved\",\"data\":{\"path\":\"a\"}}\n\
             {\"event\":\"tags\",\"data\":{\"best\":null}}\n",
        );
        assert_eq!(batch.hparams["note"], Scalar::Text("NaN \" Infinity".into()));
        let points: Vec<_> =
            batch.points.iter().map(|p| (p.name.as_str(), p.step, p.value.to_string(), p.call)).collect();
        assert_eq!(
            points,
            [
                ("epoch", Some(3.0), "3".into(), 0),
                ("loss", Some(3.0), "NaN".into(), 0),
                ("x", Some(3.0), "-Infinity".into(), 0),
                ("loss", Some(4.0), "high".into(), 1),
            ]
        );
        assert_eq!(batch.points[0].time, Time::from_micros(1_500_000));
        let events: Vec<_> = batch.events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(events, ["unreadable-line", "saved"]);
        assert_eq!(batch.tags["best"], Scalar::Null);
        assert_eq!(batch.from, 10);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let path = RunPath::new("ws1", crate::model::RunName::top(1));
            let batch = batch(&path, "a", 0, &bytes);
            prop_assert_eq!(batch.to, bytes.len() as u64);
        }

        #[test]
        fn bare_words_are_quoted_and_strings_are_left(text in "[a-zA-Z\"\\\\ ]{0,20}") {
            let quoted = serde_json::to_string(&text).unwrap();
            let line = format!("{{\"a\":{quoted},\"b\":NaN}}");
            let value: Map<String, Value> = serde_json::from_str(&with_words_for_numbers(&line)).unwrap();
            prop_assert_eq!(value["a"].as_str(), Some(text.as_str()));
            prop_assert_eq!(value["b"].as_str(), Some("NaN"));
        }
    }
}
