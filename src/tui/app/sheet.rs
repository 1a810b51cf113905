//! A sheet over the panes: all about a workspace, an experiment or a job, line by line.

use super::detail::{Row, identities};
use super::dialog::room;
use super::list::Cursor;
use crate::model::job::Gpus;
use crate::model::names::visible;
use crate::model::{Experiment, Job, Status, Time, Workspace};
use crate::ops::view::{About, Subject, Thing};
use crate::report::shape;
use crate::tui::widgets::text;

/// An open sheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What it is about.
    pub subject: Subject,
    /// Its lines, once they have been read.
    pub rows: Vec<Row>,
    /// The selected line.
    pub cursor: Cursor<u64>,
    /// What tells the lines apart.
    keys: Vec<u64>,
    /// Why it cannot be read.
    pub failed: Option<String>,
    /// It has to be read again.
    pub stale: bool,
}

impl Sheet {
    /// A sheet that has to be read.
    pub fn new(subject: Subject) -> Self {
        let (rows, keys) = (Vec::new(), Vec::new());
        Self { subject, rows, keys, cursor: Cursor::default(), failed: None, stale: true }
    }

    /// What it is about, as its title.
    pub fn title(&self) -> String {
        match &self.subject {
            Subject::Workspace(ws) => format!("Workspace {}", visible(ws)),
            Subject::Experiment { ws, name } => format!("Experiment {}", visible(&format!("{ws}/{name}"))),
            Subject::Job(job) => format!("Job {job}"),
        }
    }

    /// Takes what was read.
    pub fn take(&mut self, about: &About, now: Time) {
        self.rows = rows(about, now);
        self.failed = None;
        self.keys = identities(&self.rows);
        self.cursor.refresh(&self.keys);
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize) {
        self.cursor.step(by, &self.keys);
    }

    /// What of the selected line is worth copying.
    pub fn selected(&self) -> Option<String> {
        self.rows.get(self.cursor.row()).map(Row::text)
    }

    /// Lines it would have with its border; no fewer while it is being read.
    pub fn height(&self) -> usize {
        const LEAST: usize = 8;
        self.rows.len().max(LEAST) + 2
    }

    /// Keeps the selected line on a screen of so many lines.
    pub fn scroll_into(&mut self, screen: u16) {
        self.cursor.scroll_into(room(screen).min(self.rows.len()), self.rows.len());
    }
}

/// The lines about a thing.
fn rows(about: &About, now: Time) -> Vec<Row> {
    let mut page = Page { rows: Vec::new(), now };
    match &about.thing {
        Thing::Workspace(workspace, experiments) => {
            page.workspace(workspace);
            page.statuses(&about.statuses);
            page.section("Experiments");
            for experiment in experiments {
                page.row(&experiment.exper_name, &standing(experiment));
            }
        }
        Thing::Experiment(experiment) => {
            page.row("workspace", &experiment.ws);
            page.moment("changed", experiment.last_time, "");
            page.statuses(&about.statuses);
        }
        Thing::Job(job) => {
            page.job(job);
            page.statuses(&about.statuses);
            page.settings(job);
            page.origin(job);
        }
    }
    // A section of which nothing is known says nothing.
    let empty = |at: usize| matches!(page.rows.get(at + 1), None | Some(Row::Section(_)));
    let keep =
        |(at, row): (usize, &Row)| (!matches!(row, Row::Section(_)) || !empty(at)).then(|| row.clone());
    page.rows.iter().enumerate().filter_map(keep).collect()
}

fn standing(experiment: &Experiment) -> String {
    let mut parts = vec![shape::counted(experiment.run_count, "run")];
    for (number, word) in [(experiment.running, "active"), (experiment.failed, "failed")] {
        if number > 0 {
            parts.push(format!("{} {word}", shape::count(number)));
        }
    }
    parts.join(", ")
}

/// Lines in the making. All texts are made visible: names come from anybody.
struct Page {
    rows: Vec<Row>,
    now: Time,
}

impl Page {
    fn section(&mut self, title: &'static str) {
        self.rows.push(Row::Section(title));
    }

    /// A name and its value; nothing, if there is no value.
    fn row(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.rows.push(Row::Pair { name: visible(name), value: visible(value) });
        }
    }

    fn moment(&mut self, name: &str, time: Option<Time>, by: &str) {
        let Some(time) = time else { return };
        let ago = text::duration(self.now.since(time).as_secs_f64());
        let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
        let stamp = jiff::Timestamp::from_microsecond(time.micros());
        let stamp =
            stamp.map_or_else(|_| time.to_string(), |stamp| stamp.strftime("%Y-%m-%d %H:%M:%S").to_string());
        self.row(name, &format!("{} ago{by}, {stamp} UTC", ago.trim_start()));
    }

    fn statuses(&mut self, statuses: &[(Status, u64)]) {
        self.section("Runs");
        for (status, number) in statuses {
            self.row(status.word(), &shape::count(*number));
        }
        if statuses.len() > 1 {
            self.row("all", &shape::count(statuses.iter().map(|(_, number)| number).sum()));
        }
    }

    fn workspace(&mut self, workspace: &Workspace) {
        self.row("about", &workspace.description);
        self.moment("created", Some(workspace.create_time), &workspace.username);
        self.moment("changed", workspace.last_time, "");
    }

    fn job(&mut self, job: &Job) {
        let held = job.hold && job.job_status.is_waiting();
        self.row("status", if held { "held" } else { job.job_status.word() });
        self.row("about", job.description.as_deref().unwrap_or_default());
        self.row("in", &format!("{}/{}", job.ws_name, job.exper_name));
        self.row("command", &job.xt_cmd);
        self.moment("submitted", Some(job.started), &job.username);
        self.moment("ended", job.end_time, "");
        let after: Vec<_> = job.after.iter().map(ToString::to_string).collect();
        self.row("after", &after.join(", "));
        self.row("resumes", job.resume_name.as_deref().unwrap_or_default());
        self.row("parent runs", job.parent_script.as_deref().unwrap_or_default());
        self.section("Tags");
        for (name, value) in &job.tags {
            self.row(name, &text::value(value));
        }
    }

    fn settings(&mut self, job: &Job) {
        let launch = &job.launch;
        self.section("Settings");
        self.row("target", &job.compute);
        self.row("at once", &job.concurrent.map(|most| shape::counted(most, "run")).unwrap_or_default());
        if job.priority != 0 {
            self.row("priority", &job.priority.to_string());
        }
        self.row(
            "GPUs",
            &match launch.gpus {
                Gpus::Auto => "one for each run where there are any".to_owned(),
                Gpus::Count(number) => format!("{number} for each run"),
                Gpus::Shared => "shared with others".to_owned(),
            },
        );
        let minutes = |minutes: f64| shape::duration(minutes * 60.0);
        self.row("time limit", &launch.max_minutes.map(minutes).unwrap_or_default());
        if launch.max_retries > 0 {
            let delay = shape::duration(launch.retry_delay);
            self.row("retries", &format!("{}, the first after {delay}", launch.max_retries));
        }
        self.row("terminal", if launch.tty { "each run has one" } else { "" });
        self.row("keeps", &launch.after_files.join(" "));
        self.row("leaves out", &launch.after_omit.join(" "));
    }

    fn origin(&mut self, job: &Job) {
        let (launch, from) = (&job.launch, &job.provenance);
        self.section("Code");
        self.row("directory", &launch.submit_dir.to_string_lossy());
        let snapshot = launch.snapshot.as_ref().map(|snapshot| {
            let hash = snapshot.hash.get(..12).unwrap_or(&snapshot.hash);
            format!("{}, {}, {hash}", shape::counted(snapshot.files, "file"), shape::bytes(snapshot.bytes))
        });
        self.row("snapshot", snapshot.as_deref().unwrap_or("none: it runs in that directory"));
        let commit = from.commit();
        self.row("commit", &commit.unwrap_or_default());
        self.row("interpreter", from.interpreter.as_deref().unwrap_or_default());
        self.row("from", &from.host);
        self.row("variables", &from.env_names.join(" "));
    }
}
