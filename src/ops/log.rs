//! `xt log`: what a shell script tells about its run. Opens no store: a line in a file is all.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use serde_json::{Map, Value};

use crate::model::{Scalar, Time};
use crate::node::events::LONGEST_LINE;
use crate::node::process;
use crate::ops::{OpsError, Result};

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Values of metrics, and the step they belong to.
    Metric,
    /// Hyperparameters.
    Hparam,
    /// Tags, with or without a value.
    Tag,
    /// An event of the script's own, with its particulars.
    Event,
}

/// Names of events that mean something else in the file.
const TAKEN: [&str; 3] = ["hparams", "metrics", "tags"];

/// Tells the run this process belongs to; false when it belongs to none, and nothing is told.
pub fn execute(kind: Kind, words: &[String]) -> Result<bool> {
    // What is wrong with the words is told outside a run too: that is where people try their scripts.
    let line = line(kind, words, Time::now())?;
    match std::env::var_os("XT_EVENTS").filter(|folder| !folder.is_empty()) {
        None => Ok(false),
        Some(folder) => append(Path::new(&folder), &line).map(|()| true),
    }
}

/// The line for some words: `loss=0.3 step=5`, `best`, `saved path=model.pt`.
fn line(kind: Kind, words: &[String], time: Time) -> Result<String> {
    let mut words = words;
    let event = match kind {
        Kind::Metric => "metrics",
        Kind::Hparam => "hparams",
        Kind::Tag => "tags",
        Kind::Event => {
            let (name, rest) = words.split_first().ok_or_else(|| {
                OpsError::Refused("which event? name one: `xt log event saved path=model.pt`".into())
            })?;
            if TAKEN.contains(&name.as_str()) || name.is_empty() || name.contains('=') {
                return Err(OpsError::Refused(format!(
                    "`{name}` cannot be the name of an event: write a word of your own, and then name=value"
                )));
            }
            words = rest;
            name
        }
    };
    let mut data = Map::new();
    let mut step = None;
    for word in words {
        let (name, value) = pair(kind, word)?;
        if kind == Kind::Metric && name == "step" {
            let number = value.as_f64().filter(|step| step.is_finite());
            let wrong = || OpsError::Refused(format!("`{word}` is no step: write step= and a number"));
            step = Some(number.map(|_| Value::from(&value)).ok_or_else(wrong)?);
        } else {
            data.insert(name.to_owned(), Value::from(&value));
        }
    }
    if data.is_empty() && kind != Kind::Event {
        return Err(OpsError::Refused(
            "nothing to log: write name=value, as in `xt log metric loss=0.3 step=5`".into(),
        ));
    }
    #[allow(clippy::cast_precision_loss, reason = "microseconds of our days fit into a double")]
    let seconds = time.micros() as f64 / 1e6;
    let mut record = serde_json::json!({ "event": event, "time": seconds, "data": data });
    if let (Some(step), Some(record)) = (step, record.as_object_mut()) {
        record.insert("step".to_owned(), step);
    }
    let line = format!("{record}\n");
    if line.len() > LONGEST_LINE {
        return Err(OpsError::Refused("this is longer than the 16 MiB that a line may have".into()));
    }
    Ok(line)
}

fn pair(kind: Kind, word: &str) -> Result<(&str, Scalar)> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Scalar::from_word(value)),
        None if kind == Kind::Tag => (word, Scalar::Null),
        None => return Err(OpsError::Refused(format!("`{word}` has no value: write {word}=VALUE"))),
    };
    if name.is_empty() {
        return Err(OpsError::Refused(format!("`{word}` has no name: write name=value")));
    }
    Ok((name, value))
}

/// Appends a line with one write, to one file for all shells of a machine: thousands of calls would leave
/// thousands of files otherwise.
fn append(folder: &Path, line: &str) -> Result<()> {
    let path = folder.join(format!("{}-shell.jsonl", process::host_name().replace('/', "_")));
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o666);
    let mut file = options.open(&path).map_err(OpsError::io("write to", &path))?;
    // A line that a full disk broke off is ended first, so that it does not take this one with it. Should
    // another process be in the middle of its write, this makes an empty line, which nobody minds.
    let length = file.metadata().map_err(OpsError::io("read", &path))?.len();
    let mut last = [b'\n'];
    if length > 0 {
        let _ = file.read_exact_at(&mut last, length - 1);
    }
    let line = if last == [b'\n'] { line.to_owned() } else { format!("\n{line}") };
    match file.write(line.as_bytes()) {
        Ok(written) if written == line.len() => Ok(()),
        Ok(_) => Err(OpsError::io("write to", &path)(std::io::ErrorKind::StorageFull.into())),
        Err(error) => Err(OpsError::io("write to", &path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RunName, RunPath};
    use crate::node::events::batch;
    use crate::store::MetricBatch;
    use rstest::rstest;

    fn told(kind: Kind, text: &str) -> Result<String> {
        let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        line(kind, &words, Time::from_micros(1_500_000))
    }

    /// What the controller makes of it.
    fn taken(kind: Kind, text: &str) -> MetricBatch {
        let line = told(kind, text).unwrap();
        batch(&RunPath::new("ws1", RunName::top(1)), "a.jsonl", 0, line.as_bytes())
    }

    // Proves A6: what a shell script says is what the controller hears.
    #[test]
    fn words_become_what_the_controller_reads() {
        let metrics = taken(Kind::Metric, "loss=0.3 acc=NaN step=5");
        let points: Vec<_> =
            metrics.points.iter().map(|p| (p.name.as_str(), p.step, p.value.to_string())).collect();
        assert_eq!(points, [("loss", Some(5.0), "0.3".into()), ("acc", Some(5.0), "NaN".into())]);
        assert_eq!(metrics.points[0].time, Time::from_micros(1_500_000));
        let hparams = taken(Kind::Hparam, "lr=.1 step=7 note=a=b").hparams;
        assert_eq!(hparams["step"], Scalar::Int(7));
        assert_eq!(hparams["note"], Scalar::Text("a=b".into()));
        let tags = taken(Kind::Tag, "best owner=me").tags;
        assert_eq!((&tags["best"], &tags["owner"]), (&Scalar::Null, &Scalar::Text("me".into())));
        let event = &taken(Kind::Event, "saved path=model.pt").events[0];
        assert_eq!((event.event.as_str(), &event.data["path"]), ("saved", &Value::from("model.pt")));
    }

    #[rstest]
    #[case(Kind::Metric, "", "nothing to log")]
    #[case(Kind::Metric, "step=3", "nothing to log")]
    #[case(Kind::Metric, "loss", "`loss` has no value: write loss=VALUE")]
    #[case(Kind::Metric, "loss=1 step=three", "`step=three` is no step")]
    #[case(Kind::Metric, "loss=1 step=NaN", "`step=NaN` is no step")]
    #[case(Kind::Hparam, "=1", "`=1` has no name")]
    #[case(Kind::Event, "", "which event?")]
    #[case(Kind::Event, "metrics a=1", "`metrics` cannot be the name of an event")]
    fn what_cannot_be_told_is_refused(#[case] kind: Kind, #[case] text: &str, #[case] why: &str) {
        let error = told(kind, text).unwrap_err().to_string();
        assert!(error.starts_with(why), "{error}");
    }

    // Proves A6, P8: lines of many writers never mix, and a broken one takes none with it.
    #[test]
    fn lines_are_whole_whoever_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{}-shell.jsonl", process::host_name()));
        std::fs::write(&path, "{\"event\":\"metr").unwrap();
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let folder = folder.path();
                scope.spawn(move || {
                    for step in 0..50 {
                        let words = [format!("loss{writer}={step}"), format!("step={step}")];
                        append(folder, &line(Kind::Metric, &words, Time::now()).unwrap()).unwrap();
                    }
                });
            }
        });
        let run = RunPath::new("ws1", RunName::top(1));
        let batch = batch(&run, "a.jsonl", 0, &std::fs::read(&path).unwrap());
        assert_eq!((batch.points.len(), batch.events.len()), (400, 1));
    }
}
