//! Runs: one execution of one command, with its attempts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::scalar::words;
use super::{JobName, RunName, RunPath, Scalar, Status, Time, Values};

/// A run as the records keep it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a field of the records")]
pub struct Run {
    /// Its workspace.
    pub ws: String,
    /// Its name, unique in the workspace.
    pub run_name: RunName,
    /// Its place in the order of all runs: the number times 1,000,000 plus the child's.
    pub run_num: u64,
    /// Unique over all stores.
    pub run_guid: String,
    /// A line about it.
    pub description: Option<String>,
    /// Its experiment.
    pub exper_name: String,
    /// The job it belongs to.
    pub job_id: JobName,
    /// The node of the job it ran on.
    pub node_index: u64,
    /// It stands for its children, and runs nothing itself but the script it may have for all of them.
    pub is_parent: bool,
    /// A parent that runs a script of its own before its children start, and has not completed it.
    pub leads: bool,
    /// It is the child of another run.
    pub is_child: bool,
    /// It is nobody's child.
    pub is_outer: bool,
    /// The machine it was submitted from.
    pub from_computer_name: String,
    /// Who submitted it.
    pub username: String,
    /// The machine it runs on, once one has claimed it.
    pub box_name: Option<String>,
    /// The program: `python`, `bash`, …
    pub app_name: Option<String>,
    /// The target's name.
    pub compute: String,
    /// The kind of target: `local`, `pool`, …
    pub service_type: String,
    /// How its parameters were chosen, in a search.
    pub search_type: Option<String>,
    /// `single`, `repeat` or `multi`.
    pub search_style: String,
    /// How many times its command is repeated by its parent.
    pub repeat: Option<u64>,
    /// Its place among the runs of its job, from 0.
    pub run_index: u64,
    /// The script's name.
    pub script: String,
    /// The script's full path on the submitter's machine.
    pub path: Option<String>,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// When it was submitted.
    pub create_time: Time,
    /// When its first attempt started.
    pub start_time: Option<Time>,
    /// When its last attempt started.
    pub attempt_time: Option<Time>,
    /// When it ended.
    pub end_time: Option<Time>,
    /// Seconds it waited for its start.
    pub queue_duration: Option<f64>,
    /// Seconds from its start to its end.
    pub run_duration: Option<f64>,
    /// Where it stands.
    pub status: Status,
    /// The script's exit code.
    pub exit_code: Option<i32>,
    /// The signal that ended the script.
    pub signal: Option<i32>,
    /// Why it ended, where the exit code does not say it.
    pub end_reason: Option<String>,
    /// How many times it was started again.
    pub restarts: u32,
    /// How many of these count against `max_retries`.
    pub charged: u32,
    /// How many attempts in a row, up to the last one, ended because their node failed.
    pub node_failures: u32,
    /// The number of its present (or last) attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// It does not start before this moment (the wait before a retry).
    pub not_before: Option<Time>,
    /// When somebody asked to cancel it.
    pub cancel_time: Option<Time>,
    /// The GPUs it has.
    pub gpu_ids: Vec<u32>,
    /// Runs of a higher priority start first.
    pub priority: i64,
    /// Its place in the order in which the runs of the workspace ended, from 1.
    pub end_id: Option<u64>,
    /// The last change of this record.
    pub last_time: Time,
    /// The bytes its last attempt wrote to the console, once it has ended.
    pub console_bytes: Option<u64>,
    /// The run of its workspace that it resumes.
    pub resume_name: Option<String>,
    /// The names of its metrics, in the order they came.
    pub metric_names: Vec<String>,
    /// Its hyperparameters.
    pub hparams: Values,
    /// The latest value of each metric.
    pub metrics: Values,
    /// Its tags.
    pub tags: Values,
    /// Its record cannot be read: what stands here is what the store knows of it besides.
    #[serde(skip)]
    pub unreadable: bool,
    /// Fields of other versions, kept as they are.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Run {
    /// Its workspace and name.
    pub fn path(&self) -> RunPath {
        RunPath::new(self.ws.clone(), self.run_name)
    }

    /// Whether it runs something itself, or has: all do but parents without a script of their own.
    pub const fn executes(&self) -> bool {
        !self.is_parent || self.leads || self.attempt > 0
    }

    /// Seconds it has run: until its end, or until `now` while it is active.
    pub fn duration(&self, now: Time) -> Option<f64> {
        let start = self.start_time?;
        if self.run_duration.is_some() {
            return self.run_duration;
        }
        let end = self.end_time.unwrap_or(now);
        self.status.is_active().then(|| end.since(start).as_secs_f64())
    }

    /// A field by its name in the records, for filters, columns and sorting: `status`, `hparams.lr`,
    /// `metrics.acc`, `tags.best`; a bare `lr` or `acc` finds a hyperparameter, then a metric.
    pub fn field(&self, name: &str) -> Option<Scalar> {
        let text = |s: &str| Some(Scalar::Text(s.to_owned()));
        let time = |t: Time| Some(Scalar::Text(t.to_string()));
        #[allow(clippy::cast_possible_wrap, reason = "counters stay far below 2^63")]
        let count = |n: u64| Some(Scalar::Int(n as i64));
        match name {
            "ws" | "workspace" => text(&self.ws),
            "run" | "run_name" => text(&self.run_name.to_string()),
            "run_num" => count(self.run_num),
            "run_guid" => text(&self.run_guid),
            "description" => self.description.as_deref().and_then(text),
            "exper_name" | "experiment" => text(&self.exper_name),
            "job_id" | "job" => text(&self.job_id.to_string()),
            "node_index" | "node" => count(self.node_index),
            "is_parent" => Some(Scalar::Bool(self.is_parent)),
            "is_child" => Some(Scalar::Bool(self.is_child)),
            "is_outer" => Some(Scalar::Bool(self.is_outer)),
            "from_computer_name" => text(&self.from_computer_name),
            "username" => text(&self.username),
            "box_name" | "box" => self.box_name.as_deref().and_then(text),
            "app_name" => self.app_name.as_deref().and_then(text),
            "compute" | "target" => text(&self.compute),
            "service_type" => text(&self.service_type),
            "search_type" => self.search_type.as_deref().and_then(text),
            "search_style" => text(&self.search_style),
            "repeat" => self.repeat.and_then(count),
            "run_index" => count(self.run_index),
            "script" => text(&self.script),
            "path" => self.path.as_deref().and_then(text),
            "command" => text(&self.command.join(" ")),
            "hparams" => words(&self.hparams).map(Scalar::Text),
            "tags" => words(&self.tags).map(Scalar::Text),
            "create_time" | "created" => time(self.create_time),
            "start_time" | "started" => self.start_time.and_then(time),
            "end_time" | "ended" => self.end_time.and_then(time),
            "last_time" => time(self.last_time),
            "queue_duration" | "queued" => self.queue_duration.map(Scalar::Float),
            "run_duration" | "duration" => self.duration(Time::now()).map(Scalar::Float),
            "status" => text(self.status.word()),
            "exit_code" => self.exit_code.map(|code| Scalar::Int(code.into())),
            "signal" => self.signal.map(|signal| Scalar::Int(signal.into())),
            "end_reason" => self.end_reason.as_deref().and_then(text),
            "restarts" | "retries" => count(self.restarts.into()),
            "attempt" => count(self.attempt.into()),
            "priority" => Some(Scalar::Int(self.priority)),
            "resume_name" => self.resume_name.as_deref().and_then(text),
            "end_id" => self.end_id.and_then(count),
            _ => self.logged(name).or_else(|| self.extra.get(name).cloned().map(Scalar::from)),
        }
    }

    /// A hyperparameter, metric or tag by its full or bare name.
    fn logged(&self, name: &str) -> Option<Scalar> {
        let found = match name.split_once('.') {
            Some(("hparams", key)) => self.hparams.get(key),
            Some(("metrics", key)) => self.metrics.get(key),
            Some(("tags", key)) => self.tags.get(key),
            _ => None,
        };
        found.or_else(|| self.hparams.get(name)).or_else(|| self.metrics.get(name)).cloned()
    }
}
