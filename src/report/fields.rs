//! What rows can be made of: the standard fields of runs, jobs, workspaces and experiments.

use crate::model::{Experiment, Job, Run, Scalar, Time, Values, Workspace};

/// Something a report can have in a row.
pub trait Row {
    /// The value of a field, by the name the records give it or an alias.
    fn field(&self, name: &str) -> Option<Scalar>;
    /// The names under `hparams`, `metrics` or `tags`, in their order.
    fn names_under(&self, prefix: &str) -> Vec<&str>;
    /// The standard fields of rows of this kind.
    fn fields(&self) -> &'static [Known];
}

/// The prefixes of what scripts log, in the order in which a bare name is looked for.
pub(super) const LOGGED: [&str; 3] = ["hparams.", "metrics.", "tags."];

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whatever its type says.
    Value,
    /// A status word.
    Status,
    /// A moment, in RFC 3339.
    Time,
    /// Seconds.
    Duration,
    /// The name of a run or a job: sorted by its number.
    Name,
}

/// A standard field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name in the records.
    pub name: &'static str,
    /// Other names people may use, XTLib's first.
    pub aliases: &'static [&'static str],
    /// What it holds.
    pub kind: Kind,
}

impl Known {
    /// The record's name and its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

const fn known(name: &'static str, aliases: &'static [&'static str], kind: Kind) -> Known {
    Known { name, aliases, kind }
}

/// The standard fields of a run.
pub const RUN: &[Known] = &[
    known("run_name", &["run", "name"], Kind::Name),
    known("ws", &["workspace"], Kind::Value),
    known("exper_name", &["experiment"], Kind::Value),
    known("job_id", &["job"], Kind::Name),
    known("status", &[], Kind::Status),
    known("create_time", &["created"], Kind::Time),
    known("start_time", &["started"], Kind::Time),
    known("end_time", &["ended"], Kind::Time),
    known("last_time", &["last", "changed"], Kind::Time),
    known("run_duration", &["duration"], Kind::Duration),
    known("queue_duration", &["queued"], Kind::Duration),
    known("compute", &["target"], Kind::Value),
    known("service_type", &["service"], Kind::Value),
    known("box_name", &["box"], Kind::Value),
    known("node_index", &["node"], Kind::Value),
    known("username", &["user"], Kind::Value),
    known("from_computer_name", &["from_computer", "from"], Kind::Value),
    known("description", &[], Kind::Value),
    known("script", &[], Kind::Value),
    known("path", &[], Kind::Value),
    known("command", &["cmd"], Kind::Value),
    known("app_name", &["app"], Kind::Value),
    known("exit_code", &[], Kind::Value),
    known("signal", &[], Kind::Value),
    known("end_reason", &["reason"], Kind::Value),
    known("restarts", &["retries"], Kind::Value),
    known("attempt", &[], Kind::Value),
    known("priority", &[], Kind::Value),
    known("repeat", &[], Kind::Value),
    known("search_type", &["search"], Kind::Value),
    known("search_style", &[], Kind::Value),
    known("run_index", &["index"], Kind::Value),
    known("resume_name", &[], Kind::Value),
    known("run_num", &[], Kind::Value),
    known("run_guid", &["guid"], Kind::Value),
    known("end_id", &[], Kind::Value),
    known("is_parent", &["parent"], Kind::Value),
    known("is_child", &["child"], Kind::Value),
    known("is_outer", &["outer"], Kind::Value),
];

/// The standard fields of a job.
pub const JOB: &[Known] = &[
    known("job_id", &["job", "name"], Kind::Name),
    known("ws_name", &["workspace", "ws"], Kind::Value),
    known("exper_name", &["experiment"], Kind::Value),
    known("job_status", &["status"], Kind::Status),
    known("started", &["created", "create_time"], Kind::Time),
    known("end_time", &["ended"], Kind::Time),
    known("compute", &["target"], Kind::Value),
    known("username", &["user"], Kind::Value),
    known("description", &[], Kind::Value),
    known("run_count", &["runs"], Kind::Value),
    known("queued_runs", &["queued"], Kind::Value),
    known("running_runs", &["running"], Kind::Value),
    known("completed_runs", &["completed"], Kind::Value),
    known("error_runs", &["failed", "error"], Kind::Value),
    known("cancelled_runs", &["cancelled"], Kind::Value),
    known("node_count", &["nodes"], Kind::Value),
    known("search_style", &["search"], Kind::Value),
    known("schedule", &[], Kind::Value),
    known("concurrent", &[], Kind::Value),
    known("hold", &[], Kind::Value),
    known("priority", &[], Kind::Value),
    known("xt_cmd", &["cmd", "command"], Kind::Value),
    known("resume_name", &[], Kind::Value),
    known("parent_script", &[], Kind::Value),
    known("primary_metric", &[], Kind::Value),
    known("git_commit", &["commit"], Kind::Value),
    known("git_branch", &["branch"], Kind::Value),
    known("job_num", &[], Kind::Value),
    known("job_guid", &["guid"], Kind::Value),
];

/// The standard fields of a workspace.
pub const WORKSPACE: &[Known] = &[
    known("ws", &["workspace", "name"], Kind::Value),
    known("description", &[], Kind::Value),
    known("create_time", &["created"], Kind::Time),
    known("username", &["user"], Kind::Value),
    known("run_count", &["runs"], Kind::Value),
    known("running", &[], Kind::Value),
    known("failed", &["error"], Kind::Value),
    known("last_time", &["last", "changed"], Kind::Time),
];

/// The standard fields of an experiment.
pub const EXPERIMENT: &[Known] = &[
    known("exper_name", &["experiment", "name"], Kind::Value),
    known("ws", &["workspace"], Kind::Value),
    known("run_count", &["runs"], Kind::Value),
    known("running", &[], Kind::Value),
    known("failed", &["error"], Kind::Value),
    known("last_time", &["last", "changed"], Kind::Time),
];

impl Row for Run {
    fn field(&self, name: &str) -> Option<Scalar> {
        self.field(name).or_else(|| self.field(record_name(RUN, name)))
    }

    fn names_under(&self, prefix: &str) -> Vec<&str> {
        match prefix {
            "hparams" => keys(&self.hparams),
            "metrics" => keys(&self.metrics),
            "tags" => keys(&self.tags),
            _ => Vec::new(),
        }
    }

    fn fields(&self) -> &'static [Known] {
        RUN
    }
}

impl Row for Job {
    fn field(&self, name: &str) -> Option<Scalar> {
        if let Some(tag) = name.strip_prefix("tags.") {
            return self.tags.get(tag).cloned();
        }
        match record_name(JOB, name) {
            "job_id" => Some(Scalar::Text(self.job_id.to_string())),
            "ws_name" => text(&self.ws_name),
            "exper_name" => text(&self.exper_name),
            "job_status" => text(self.job_status.word()),
            "started" => time(self.started),
            "end_time" => self.end_time.and_then(time),
            "compute" => text(&self.compute),
            "username" => text(&self.username),
            "description" => self.description.as_deref().and_then(text),
            "run_count" => count(self.run_count),
            "queued_runs" => count(self.queued_runs),
            "running_runs" => count(self.running_runs),
            "completed_runs" => count(self.completed_runs),
            "error_runs" => count(self.error_runs),
            "cancelled_runs" => count(self.cancelled_runs),
            "node_count" => count(self.node_count),
            "search_style" => text(&self.search_style),
            "schedule" => text(&self.schedule),
            "resume_name" => self.resume_name.as_deref().and_then(text),
            "parent_script" => self.parent_script.as_deref().and_then(text),
            "concurrent" => self.concurrent.and_then(count),
            "hold" => Some(Scalar::Bool(self.hold)),
            "priority" => Some(Scalar::Int(self.priority)),
            "xt_cmd" => text(&self.xt_cmd),
            "primary_metric" => text(&self.primary_metric),
            "git_commit" => self.provenance.git_commit.as_deref().and_then(text),
            "git_branch" => self.provenance.git_branch.as_deref().and_then(text),
            "job_num" => count(self.job_num),
            "job_guid" => text(&self.job_guid),
            _ => self.extra.get(name).cloned().map(Scalar::from),
        }
    }

    fn names_under(&self, prefix: &str) -> Vec<&str> {
        if prefix == "tags" { keys(&self.tags) } else { Vec::new() }
    }

    fn fields(&self) -> &'static [Known] {
        JOB
    }
}

impl Row for Workspace {
    fn field(&self, name: &str) -> Option<Scalar> {
        match record_name(WORKSPACE, name) {
            "ws" => text(&self.ws),
            "description" => text(&self.description),
            "create_time" => time(self.create_time),
            "username" => text(&self.username),
            other => standing(other, [self.run_count, self.running, self.failed], self.last_time),
        }
    }

    fn names_under(&self, _prefix: &str) -> Vec<&str> {
        Vec::new()
    }

    fn fields(&self) -> &'static [Known] {
        WORKSPACE
    }
}

impl Row for Experiment {
    fn field(&self, name: &str) -> Option<Scalar> {
        match record_name(EXPERIMENT, name) {
            "exper_name" => text(&self.exper_name),
            "ws" => text(&self.ws),
            other => standing(other, [self.run_count, self.running, self.failed], self.last_time),
        }
    }

    fn names_under(&self, _prefix: &str) -> Vec<&str> {
        Vec::new()
    }

    fn fields(&self) -> &'static [Known] {
        EXPERIMENT
    }
}

/// The name the records give a field that is called by an alias; other names stay as they are.
pub fn record_name<'a>(fields: &[Known], name: &'a str) -> &'a str {
    fields.iter().find(|known| known.aliases.contains(&name)).map_or(name, |known| known.name)
}

fn keys(values: &Values) -> Vec<&str> {
    values.keys().map(String::as_str).collect()
}

/// The fields that tell how things stand in a workspace or an experiment.
fn standing(name: &str, [runs, running, failed]: [u64; 3], last: Option<Time>) -> Option<Scalar> {
    match name {
        "run_count" => count(runs),
        "running" => count(running),
        "failed" => count(failed),
        "last_time" => last.and_then(time),
        _ => None,
    }
}

/// An empty text is no value.
fn text(text: &str) -> Option<Scalar> {
    (!text.is_empty()).then(|| Scalar::Text(text.to_owned()))
}

#[allow(clippy::unnecessary_wraps, reason = "beside `text`, in the arms of one match")]
fn time(time: Time) -> Option<Scalar> {
    Some(Scalar::Text(time.to_string()))
}

#[allow(clippy::unnecessary_wraps, reason = "beside `text`, in the arms of one match")]
fn count(number: u64) -> Option<Scalar> {
    i64::try_from(number).ok().map(Scalar::Int)
}
