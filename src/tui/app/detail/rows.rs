//! What stands in the tabs: rows made from a run's page.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::tab::Tab;
use super::Page;
use crate::model::load;
use crate::model::names::visible;
use crate::model::{Event, Time, Values};
use crate::ops::view::load::Curves;
use crate::tui::widgets::text;

/// A row of a tab.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A heading.
    Section(&'static str),
    /// Something that has a name.
    Pair {
        /// The name.
        name: String,
        /// What it is.
        value: String,
    },
    /// A file.
    File {
        /// Its path in the run's folder.
        path: String,
        /// Its size in bytes.
        size: u64,
    },
    /// Something that happened.
    Event {
        /// When.
        time: Time,
        /// What.
        event: String,
        /// Its particulars.
        data: String,
    },
}

impl Row {
    /// What of it is worth copying.
    pub fn text(&self) -> String {
        match self {
            Self::Section(title) => (*title).to_owned(),
            Self::Pair { value, .. } => value.clone(),
            Self::File { path, .. } => path.clone(),
            Self::Event { event, data, .. } => format!("{event} {data}").trim_end().to_owned(),
        }
    }
}

/// What tells rows apart, whatever they say by now: a name in its section, a path, an event.
pub fn identities(rows: &[Row]) -> Vec<u64> {
    let mut section = "";
    let identity = |row: &Row| {
        let mut hasher = DefaultHasher::new();
        match row {
            Row::Section(title) => {
                section = title;
                title.hash(&mut hasher);
            }
            Row::Pair { name, .. } => (section, name).hash(&mut hasher),
            Row::File { path, .. } => path.hash(&mut hasher),
            Row::Event { time, event, data } => (time.micros(), event, data).hash(&mut hasher),
        }
        hasher.finish()
    };
    rows.iter().map(identity).collect()
}

/// The rows of a tab.
pub fn rows(page: &Page, tab: Tab) -> Vec<Row> {
    match tab {
        Tab::Log | Tab::Node | Tab::Metrics => Vec::new(),
        Tab::Params => params(page),
        Tab::Files => files(page),
        Tab::Events => page.events.iter().map(event).chain(waits(page)).collect(),
    }
}

/// A row for each curve of a load.
pub fn load(curves: &Curves) -> Vec<Row> {
    curves.list.iter().map(|curve| pair(&load::label(&curve.name), &curve.text(curve.latest))).collect()
}

/// What a run that has not started waits for.
fn waits(page: &Page) -> Option<Row> {
    page.page.awaited().map(|said| pair("status", &said))
}

fn values(values: &Values) -> Vec<Row> {
    values.iter().map(|(name, value)| pair(name, &text::value(value))).collect()
}

fn files(page: &Page) -> Vec<Row> {
    let row = |file: &crate::ops::view::FileSummary| Row::File { path: visible(&file.path), size: file.size };
    let mut rows: Vec<Row> = page.page.files.iter().map(row).collect();
    if page.page.more_files {
        rows.push(Row::Section("and more than are listed here"));
    }
    rows
}

fn event(event: &Event) -> Row {
    let data: Vec<String> = event
        .data
        .iter()
        .map(|(name, value)| match value {
            serde_json::Value::String(value) => format!("{}={}", visible(name), visible(value)),
            value => format!("{}={}", visible(name), visible(&value.to_string())),
        })
        .collect();
    Row::Event { time: event.time, event: visible(&event.event), data: data.join(" ") }
}

/// What a run was started with, the most asked for first.
fn params(page: &Page) -> Vec<Row> {
    let (run, launch, from) = (&page.page.run, &page.page.launch, &page.page.provenance);
    let mut rows = Vec::new();
    let mut section = |title: &'static str, content: Vec<Row>| {
        if !content.is_empty() {
            rows.push(Row::Section(title));
            rows.extend(content);
        }
    };
    section("Now", waits(page).into_iter().collect());
    section("Hyperparameters", values(&run.hparams));
    section("Tags", values(&run.tags));
    let commit = from.commit();
    let command = crate::report::shape::command(&run.command);
    section(
        "Command",
        some([
            ("command", Some(command)),
            ("about", run.description.clone()),
            ("directory", Some(launch.submit_dir.to_string_lossy().into_owned())),
            ("interpreter", from.interpreter.clone()),
            ("commit", commit),
        ]),
    );
    let gpus = run.gpu_ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    section(
        "Where",
        some([
            ("job", Some(run.job_id.to_string())),
            ("experiment", Some(run.exper_name.clone())),
            ("box", run.box_name.clone()),
            ("gpus", Some(gpus)),
            ("submitted by", Some(format!("{} from {}", run.username, from.host))),
            ("folder", Some(page.page.folder.clone())),
        ]),
    );
    let attempt = |attempt: &crate::ops::view::AttemptSummary| {
        let code = attempt.exit_code.map(|code| format!("exit code {code}"));
        let parts = [attempt.end.clone(), code, attempt.reason.clone()];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        pair(&format!("attempt {}", attempt.attempt), &parts.join(" · "))
    };
    let attempts = page.page.attempts.iter().filter(|_| page.page.attempts.len() > 1).map(attempt);
    section("Attempts", attempts.collect());
    rows
}

/// The pairs that say something.
fn some<const N: usize>(pairs: [(&str, Option<String>); N]) -> Vec<Row> {
    let said = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
    said.filter(|(_, value)| !value.is_empty()).map(|(name, value)| pair(name, &value)).collect()
}

fn pair(name: &str, value: &str) -> Row {
    Row::Pair { name: visible(name), value: visible(value) }
}
