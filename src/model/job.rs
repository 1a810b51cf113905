//! Jobs: what one submit asked for.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::notify::Level;
use super::{Status, Time, Values};

/// The name of a job: `job7`. Jobs are numbered over all workspaces of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobName(pub u64);

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("job{}", self.0))
    }
}

/// A job: one submit, and the runs it made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Job {
    /// Its name.
    pub job_id: JobName,
    /// Its number.
    pub job_num: u64,
    /// Unique over all stores.
    pub job_guid: String,
    /// The workspace of its runs.
    pub ws_name: String,
    /// The experiment of its runs.
    pub exper_name: String,
    /// Who submitted it.
    pub username: String,
    /// The target's name.
    pub compute: String,
    /// Where it stands, from its runs.
    pub job_status: Status,
    /// How many runs it has (a parent is not counted).
    pub run_count: u64,
    /// Runs that wait.
    pub queued_runs: u64,
    /// Runs that are active.
    pub running_runs: u64,
    /// Runs that completed.
    pub completed_runs: u64,
    /// Runs that failed: error, aborted, lost.
    pub error_runs: u64,
    /// Runs that were cancelled.
    pub cancelled_runs: u64,
    /// How many nodes it asked for.
    pub node_count: u64,
    /// `single`, `repeat` or `multi`.
    pub search_style: String,
    /// `static` or `dynamic`.
    pub schedule: String,
    /// How many of its runs may be active at once; none is as many as the machine allows.
    pub concurrent: Option<u64>,
    /// Its runs wait until it is released.
    pub hold: bool,
    /// Runs of a higher priority start first.
    pub priority: i64,
    /// Jobs that must complete before its runs start.
    pub after: Vec<JobName>,
    /// Of which of its ends somebody is told.
    pub notify: Level,
    /// When it was submitted.
    pub started: Time,
    /// When its last run ended.
    pub end_time: Option<Time>,
    /// The command line that submitted it.
    pub xt_cmd: String,
    /// A line about it.
    pub description: Option<String>,
    /// The script that the parent of its runs runs before they start, with its arguments.
    pub parent_script: Option<String>,
    /// The run of its workspace that its runs resume.
    pub resume_name: Option<String>,
    /// The metric by which its runs are compared.
    pub primary_metric: String,
    /// Its tags.
    pub tags: Values,
    /// How its runs are started.
    pub launch: Launch,
    /// Where its code came from.
    pub provenance: Provenance,
    /// Fields of other versions, kept as they are.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How the runs of a job are started on a node; the command is each run's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Launch {
    /// The submitter's working directory.
    pub submit_dir: PathBuf,
    /// The submitter's umask.
    pub umask: u32,
    /// The code that was taken along; without it the script runs in the submitter's directory.
    pub snapshot: Option<Snapshot>,
    /// Where in the snapshot the script starts.
    pub working_dir: PathBuf,
    /// Ends a run after this many minutes.
    pub max_minutes: Option<f64>,
    /// How often a run that failed by its own fault is started again.
    pub max_retries: u32,
    /// Seconds before the first retry; each further one doubles it.
    pub retry_delay: f64,
    /// The longest such wait in seconds.
    pub retry_delay_max: f64,
    /// Seconds between asking a run to end and ending it.
    pub kill_grace: f64,
    /// GPUs each run gets for itself.
    pub gpus: Gpus,
    /// Each run has a terminal of its own, so that input can be sent to it.
    pub tty: bool,
    /// Patterns of files, relative to the run's directory, that are kept at the end.
    pub after_files: Vec<String>,
    /// Patterns of such files that are left out.
    pub after_omit: Vec<String>,
    /// Whether `import xt` works in Python scripts without installing anything.
    pub python_client: bool,
}

/// How GPUs are shared out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gpus {
    /// One for each run where the machine has any.
    #[default]
    Auto,
    /// So many for each run, nobody else's.
    Count(u32),
    /// Every GPU is visible, whoever else uses it.
    Shared,
}

impl fmt::Display for Gpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Count(number) => write!(f, "{number}"),
            Self::Shared => f.write_str("shared"),
        }
    }
}

/// What is no [`Gpus`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("write a number, `shared` or `auto`")]
pub struct GpusError;

impl FromStr for Gpus {
    type Err = GpusError;

    fn from_str(text: &str) -> Result<Self, GpusError> {
        match text {
            "auto" => Ok(Self::Auto),
            "shared" => Ok(Self::Shared),
            number => number.parse().map(Self::Count).map_err(|_| GpusError),
        }
    }
}

/// The code of a job as it was at the submit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// Hash of the list of files and their contents.
    pub hash: String,
    /// How many files.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// Where a job's code came from and what it met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// The git commit of the submitter's directory.
    pub git_commit: Option<String>,
    /// The branch.
    pub git_branch: Option<String>,
    /// Whether the working tree differed from the commit.
    pub git_dirty: bool,
    /// The hash of that difference among the store's objects; it is kept as `before/git.diff` too.
    pub git_diff: Option<String>,
    /// The interpreter's path, where the script has one.
    pub interpreter: Option<String>,
    /// The machine it was submitted from.
    pub host: String,
    /// Names (never values) of the environment variables that were passed on.
    pub env_names: Vec<String>,
}

impl Provenance {
    /// The commit with its branch, and whether the working tree differed from it; none outside git.
    pub fn commit(&self) -> Option<String> {
        let branch = self.git_branch.as_ref().map(|branch| format!(" on {branch}")).unwrap_or_default();
        let changed = if self.git_dirty { ", with changes" } else { "" };
        self.git_commit.as_ref().map(|commit| format!("{commit}{branch}{changed}"))
    }
}
