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
    time: Option<Value>,
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
        match read(&text) {
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

/// Reads a line. Python writes what JSON cannot say or its readers cannot hold: `NaN`, and integers of any
/// length. In metrics such an integer is the nearest double; elsewhere (a seed of 128 bits) every digit counts.
fn read(text: &str) -> serde_json::Result<Line> {
    let line = match serde_json::from_str(text) {
        Ok(line) => line,
        Err(_) => serde_json::from_str::<Line>(&with_words_for_numbers(text, Long::Nearest))?,
    };
    if line.event == "metrics" {
        return Ok(line);
    }
    match with_words_for_numbers(text, Long::Digits) {
        Cow::Borrowed(_) => Ok(line),
        Cow::Owned(text) => serde_json::from_str(&text),
    }
}

fn take(line: Line, batch: &mut MetricBatch, calls: &mut u64) {
    let seconds = line.time.map(Scalar::from).and_then(|time| time.as_f64());
    let time = seconds.and_then(Time::from_seconds).unwrap_or_else(Time::now);
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

/// What becomes of an integer that no machine word holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Long {
    /// The nearest double, which may be infinite.
    Nearest,
    /// A text of its digits.
    Digits,
}

/// JSON has no words for the numbers that Python writes as `NaN` and `Infinity`, and its readers none for those
/// beyond the doubles: they become texts, which [`Scalar`] reads as the numbers they mean.
fn with_words_for_numbers(text: &str, long: Long) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut in_string, mut escaped) = (false, false);
    // What stands before this is in `out`.
    let mut copied = 0;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'-' | b'0'..=b'9' | b'N' | b'I' => {
                let word = word_at(&text[at..]);
                if let Some(means) = in_words(word, long) {
                    out.push_str(&text[copied..at]);
                    out.push('"');
                    out.push_str(means);
                    out.push('"');
                    copied = at + word.len();
                }
                at += word.len().max(1);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The letters, digits and signs of a number or a word.
fn word_at(text: &str) -> &str {
    let end =
        text.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-')));
    &text[..end.unwrap_or(text.len())]
}

/// What is written in place of a word that JSON cannot say; nothing if it can.
fn in_words(word: &str, long: Long) -> Option<&str> {
    if matches!(word, "NaN" | "Infinity" | "-Infinity") {
        return Some(word);
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if long == Long::Digits && is_whole && word.parse::<i64>().is_err() {
        return Some(word);
    }
    match word.parse::<f64>() {
        Ok(number) if number == f64::INFINITY => Some("Infinity"),
        Ok(number) if number == f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken(text: &str) -> MetricBatch {
        batch(&RunPath::new("ws1", crate::model::RunName::top(1)), "a.jsonl", 10, text.as_bytes())
    }

    // Proves A6, P9 (hostile metrics).
    #[test]
    fn lines_become_values_points_and_events() {
        let batch = taken(
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

    // Proves A6: an integer beyond every machine word costs neither its line nor, where it is a name, its digits.
    #[test]
    fn numbers_of_any_length_leave_the_rest_of_their_line_alone() {
        let (seed, huge) = ("123456789012345678901234567890", "9".repeat(400));
        let batch = taken(&format!(
            "{{\"event\":\"hparams\",\"data\":{{\"seed\":{seed},\"huge\":-{huge},\"lr\":1e999,\"u\":18446744073709551615,\"n\":7}}}}\n\
             {{\"event\":\"metrics\",\"step\":{huge},\"time\":1e999,\"data\":{{\"a\":{seed},\"b\":{huge},\"c\":-{huge},\"d\":0.5,\"list\":[{huge},NaN]}}}}\n\
             {{\"event\":\"metrics\",\"time\":\"soon\",\"data\":{{\"d\":0.25}}}}\n\
             {{\"event\":\"saved\",\"data\":{{\"bytes\":{seed}}}}}\n"
        ));
        let told: Vec<_> = batch.hparams.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let digits = format!("huge=-{huge}");
        assert_eq!(told, [&format!("seed={seed}"), &digits, "lr=Infinity", "u=18446744073709551615", "n=7"]);
        let points: Vec<_> =
            batch.points.iter().map(|point| format!("{}={}", point.name, point.value)).collect();
        let list = "list=[\"Infinity\",\"NaN\"]";
        assert_eq!(
            points,
            ["a=123456789012345680000000000000", "b=Infinity", "c=-Infinity", "d=0.5", list, "d=0.25"]
        );
        assert_eq!(batch.points[0].step, Some(f64::INFINITY));
        assert_eq!(batch.events[0].data["bytes"], seed);
        assert_eq!(batch.events.len(), 1);
    }

    proptest! {
        // Proves P9: whatever else stands in the file, each line is taken for what it is, and none hides another.
        #[test]
        fn any_bytes_are_taken_and_lines_beside_them_too(
            lines in prop::collection::vec(
                prop_oneof![
                    Just((br#"{"event":"metrics","data":{"loss":1}}"#.to_vec(), "metrics")),
                    Just((br#"{"event":"hello"}"#.to_vec(), "hello")),
                    Just((b" \t".to_vec(), "")),
                    prop::collection::vec(any::<u8>().prop_filter("one line", |byte| *byte != b'\n'), 0..60)
                        .prop_map(|bytes| ([b"}", &bytes[..]].concat(), "unreadable-line")),
                ],
                0..12,
            ),
        ) {
            let path = RunPath::new("ws1", crate::model::RunName::top(1));
            let bytes = lines.iter().flat_map(|(line, _)| [line, &b"\n"[..]].concat()).collect::<Vec<_>>();
            let batch = batch(&path, "a", 0, &bytes);
            prop_assert_eq!(batch.to, bytes.len() as u64);
            let kinds: Vec<_> = lines.iter().map(|(_, kind)| *kind).filter(|kind| !kind.is_empty()).collect();
            let events = kinds.iter().filter(|kind| **kind != "metrics").copied().collect::<Vec<_>>();
            prop_assert_eq!(batch.events.iter().map(|event| event.event.as_str()).collect::<Vec<_>>(), events);
            let calls = batch.points.iter().map(|point| point.call).collect::<Vec<_>>();
            let metrics = kinds.iter().filter(|kind| **kind == "metrics").count() as u64;
            prop_assert_eq!(calls, (0..metrics).collect::<Vec<_>>());
        }

        #[test]
        fn bare_words_are_quoted_and_strings_are_left(text in "[a-zA-Z\"\\\\ ]{0,20}") {
            let quoted = serde_json::to_string(&text).unwrap();
            let line = format!("{{\"a\":{quoted},\"b\":NaN}}");
            let words = with_words_for_numbers(&line, Long::Nearest);
            let value: Map<String, Value> = serde_json::from_str(&words).unwrap();
            prop_assert_eq!(value["a"].as_str(), Some(text.as_str()));
            prop_assert_eq!(value["b"].as_str(), Some("NaN"));
        }
    }
}
