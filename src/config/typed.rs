//! The configuration in force as typed structs: what code asks for every day.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use super::diagnostic::{quoted, suggest};
use super::schema;
pub use super::schema::words::{
    AggregateDest, CodeZip, Console, EarlyPolicy, MirrorDest, Monitor, Os, SearchType,
};
use super::secret::Secret;
use super::tree::{Node, Value};
use crate::model::notify::Level;

/// The configuration in force: sections that the code uses as typed fields, everything by [`get`](Self::get).
#[derive(Clone, Debug)]
pub struct Config {
    /// `general`.
    pub general: General,
    /// `notify`.
    pub notify: Notify,
    /// `xt-services`.
    pub xt_services: XtServices,
    /// `external-services` that keep files, by name.
    pub storages: IndexMap<String, StorageService>,
    /// `code`.
    pub code: Code,
    /// `after-files`.
    pub after_files: AfterFiles,
    /// `logging`.
    pub logging: Logging,
    /// `boxes`, by name.
    pub boxes: IndexMap<String, BoxConfig>,
    /// `compute-targets`, by name.
    pub compute_targets: IndexMap<String, ComputeTarget>,
    /// `setups`, by name.
    pub setups: IndexMap<String, Setup>,
    /// `hyperparameter-search`.
    pub hyperparameter_search: HyperparameterSearch,
    /// `early-stopping`.
    pub early_stopping: EarlyStopping,
    /// `run-reports`.
    pub run_reports: Reports,
    /// `job-reports`.
    pub job_reports: Reports,
    /// `internal`.
    pub internal: Internal,
    pub(super) tree: Node,
}

/// Who works where, and what holds for every run.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent settings of the file")]
pub struct General {
    /// Who runs are recorded for.
    pub username: String,
    /// Workspace to work in.
    pub workspace: String,
    /// Experiment that new runs belong to.
    pub experiment: String,
    /// Where a new run is watched.
    pub monitor: Monitor,
    /// Whether transfers show their progress.
    pub feedback: bool,
    /// Whether the nodes of a job train one model together.
    pub distributed: bool,
    /// Environment variables for every run; to be resolved when one is started.
    pub env_vars: IndexMap<String, Secret>,
    /// Variables of the user's environment that runs receive even if they look like secrets.
    pub pass_env: Vec<String>,
    /// Whether Python scripts can import xt's client.
    pub python_client: bool,
    /// Times a failed run is started again.
    pub max_retries: u32,
    /// Wait before the first retry.
    pub retry_delay: Duration,
    /// The longest wait before a retry.
    pub retry_delay_max: Duration,
    /// What a cancelled run has to end by itself.
    pub kill_grace: Duration,
    /// Silence after which a run counts as lost.
    pub lost_after: Duration,
    /// Metric that searches, early stopping and roll-ups go by.
    pub primary_metric: String,
    /// Whether more of the primary metric is better.
    pub maximize_metric: bool,
    /// Metric that counts steps.
    pub step_name: String,
}

/// Who is told when runs end.
#[derive(Clone, Debug)]
pub struct Notify {
    /// Of which ends, unless a submit says otherwise.
    pub on: Level,
    /// Shell command that is told; it may hold what is nobody else's business.
    pub command: Option<Secret>,
    /// Address that is told by an HTTP POST.
    pub url: Option<Secret>,
}

/// Which services xt itself uses; nothing means the embedded store.
#[derive(Clone, Debug)]
pub struct XtServices {
    /// External service that keeps files.
    pub storage: Option<String>,
    /// External service that keeps records.
    pub mongo: Option<String>,
    /// External service that keeps credentials.
    pub vault: Option<String>,
    /// Compute target, or box, where runs go unless told otherwise.
    pub target: String,
}

/// A service that keeps files.
#[derive(Clone, Debug)]
pub struct StorageService {
    /// Its name in the configuration, which is the account's unless something else says otherwise.
    pub name: String,
    /// How it is reached.
    pub provider: String,
    /// Folder of a `store-file`.
    pub path: Option<PathBuf>,
    /// The account's key.
    pub key: Option<Secret>,
    /// A shared access signature.
    pub sas: Option<Secret>,
    /// Address and credential in one.
    pub connection_string: Option<Secret>,
    /// Address of the account, where it is not the public one.
    pub endpoint: Option<String>,
}

/// The snapshot of code that each job runs.
#[derive(Clone, Debug)]
pub struct Code {
    /// Folders and patterns, with `$scriptdir` for the script's own folder.
    pub code_dirs: Vec<String>,
    /// Whether to take a snapshot.
    pub code_upload: bool,
    /// Names and patterns left out; `.git` is always among them.
    pub code_omit: Vec<String>,
    /// How the stored snapshot is packed.
    pub code_zip: CodeZip,
    /// Folder to start the script in, within the snapshot.
    pub working_dir: String,
    /// Bytes a snapshot may have.
    pub max_size: u64,
}

/// The files a run leaves.
#[derive(Clone, Debug)]
pub struct AfterFiles {
    /// Patterns of files to keep.
    pub after_dirs: Vec<String>,
    /// Whether to keep them.
    pub after_upload: bool,
    /// Names and patterns left out.
    pub after_omit: Vec<String>,
}

/// What is recorded while a run goes on.
#[derive(Clone, Debug)]
pub struct Logging {
    /// Whether what runs log is recorded.
    pub log: bool,
    /// Patterns of files to mirror.
    pub mirror_files: Vec<String>,
    /// Where they are mirrored to.
    pub mirror_dest: MirrorDest,
    /// Time between measurements of a run and its machine; zero: none.
    pub load_interval: Duration,
}

/// A machine that can run jobs.
#[derive(Clone, Debug)]
pub struct BoxConfig {
    /// Its name in the configuration.
    pub name: String,
    /// Host to reach by ssh.
    pub address: String,
    /// Operating system.
    pub os: Os,
    /// Which entry of `script-launch-prefix` starts scripts.
    pub box_class: Option<String>,
    /// Runs at the same time; nothing: chosen from CPUs and GPUs.
    pub max_runs: Option<u32>,
    /// GPUs to share out; nothing: as found.
    pub gpus: Option<u32>,
    /// Stores to download or mount there.
    pub actions: Vec<String>,
    /// Which entry of `setups` prepares it.
    pub setup: Option<String>,
    /// Configuration file for ssh.
    pub ssh_config: Option<PathBuf>,
    /// Folder on the box for xt's own files.
    pub home: Option<String>,
}

impl BoxConfig {
    /// Whether it is this machine.
    pub fn is_local(&self) -> bool {
        is_this_machine(&self.address)
    }
}

/// Where jobs can run.
#[derive(Clone, Debug)]
pub struct ComputeTarget {
    /// Its name in the configuration.
    pub name: String,
    /// `pool`, or the name of an external service.
    pub service: String,
    /// Names of boxes.
    pub boxes: Vec<String>,
    /// Which entry of `setups` prepares each node.
    pub setup: Option<String>,
    /// Which entry of `dockers` to run in.
    pub docker: Option<String>,
    /// How many nodes a job gets.
    pub nodes: u32,
    /// Whether nodes may be preempted.
    pub low_pri: bool,
}

/// How a node is prepared.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Shell command that activates the environment.
    pub activate: Option<String>,
    /// Packages to install with conda.
    pub conda_packages: Vec<String>,
    /// Packages to install with pip.
    pub pip_packages: Vec<String>,
}

/// How hyperparameters are searched.
#[derive(Clone, Debug)]
pub struct HyperparameterSearch {
    /// How points are chosen.
    pub search_type: SearchType,
    /// What scripts' options begin with; nothing: pass no options.
    pub option_prefix: Option<String>,
    /// File that lists hyperparameters and their ranges; empty: none.
    pub hp_config: String,
    /// File each run finds its hyperparameters in; empty: none.
    pub fn_generated_config: String,
    /// Runs at the same time on a node.
    pub concurrent: u32,
    /// Runs in all; nothing: as many as there are points.
    pub max_runs: Option<u32>,
    /// Time a search may take.
    pub max_minutes: Option<Duration>,
    /// What the runs are gathered under.
    pub aggregate_dest: AggregateDest,
}

/// When unpromising runs of a search are ended.
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    /// Which rule.
    pub early_policy: EarlyPolicy,
    /// Reports of the metric before the first decision.
    pub delay_evaluation: u32,
    /// Reports of the metric between decisions.
    pub evaluation_interval: u32,
    /// Bandit: how far behind the best, as a ratio.
    pub slack_factor: f64,
    /// Bandit: how far behind the best, as an amount.
    pub slack_amount: f64,
    /// Truncation: percentage of runs ended at each decision.
    pub truncation_percentage: f64,
}

/// What a list shows.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent settings of the file")]
pub struct Reports {
    /// Columns, in the language `name=HEADING:format`.
    pub columns: Vec<String>,
    /// Column to sort by.
    pub sort: String,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// How many of the newest are listed.
    pub last: u32,
    /// Column to group by; runs only.
    pub group: Option<String>,
    /// Whether groups are numbered; runs only.
    pub number_groups: bool,
    /// Only runs of this status; runs only.
    pub status: Option<String>,
    /// Whether metrics are those where the primary one was best; runs only.
    pub report_rollup: bool,
    /// The widest a column may be, in cells.
    pub max_width: u32,
    /// Significant digits of numbers.
    pub precision: u32,
    /// Whether headings are in capitals.
    pub uppercase_hdr: bool,
    /// Whether numbers stand at the right.
    pub right_align_numeric: bool,
    /// Whether what was cut is marked.
    pub truncate_with_ellipses: bool,
}

/// xt's inner workings.
#[derive(Clone, Debug)]
pub struct Internal {
    /// How much xt says.
    pub console: Console,
    /// Whether errors show their causes in full.
    pub stack_trace: bool,
    /// Whether installed packages are recorded around a setup.
    pub pip_freeze: bool,
    /// How long a controller stays when it has nothing to do.
    pub controller_idle: Duration,
    /// Time between a controller's signs of life.
    pub heartbeat: Duration,
}

/// There is no target or box of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no compute target and no box named {shown}{hint}", shown = quoted(.name), hint = hint(.suggestion.as_deref()))]
pub struct UnknownTarget {
    /// The name asked for.
    pub name: String,
    /// The name that was probably meant.
    pub suggestion: Option<String>,
}

/// `xt-services.storage` names no service that keeps files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`xt-services.storage` names {}, and no external service of `type: storage` is called so{}",
    quoted(.name),
    .suggestion.as_ref().map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
)]
pub struct UnknownStorage {
    /// The name asked for.
    pub name: String,
    /// The name that was probably meant.
    pub suggestion: Option<String>,
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || "; `xt list targets` names them".to_owned(),
        |word| format!("; did you mean `{word}`?"),
    )
}

impl Config {
    /// Any value by its path, such as `tensorboard.interval` or `boxes.vm10.address`; nothing if there is no such
    /// key or entry, [`Value::Null`] if it is not set.
    pub fn get(&self, path: &str) -> Option<&Value> {
        let (steps, _) = schema::resolve(path).ok()?;
        steps.into_iter().try_fold(&self.tree.value, |value, step| Some(&value.as_map()?.get(step)?.value))
    }

    /// The service that keeps files; nothing means the embedded store.
    pub fn storage(&self) -> Result<Option<&StorageService>, UnknownStorage> {
        let Some(name) = &self.xt_services.storage else { return Ok(None) };
        self.storages.get(name).map(Some).ok_or_else(|| UnknownStorage {
            name: name.clone(),
            suggestion: suggest(name, self.storages.keys().map(String::as_str)),
        })
    }

    /// The target of that name; the name of a box stands for a pool of that box alone.
    pub fn target(&self, name: &str) -> Result<ComputeTarget, UnknownTarget> {
        if let Some(target) = self.compute_targets.get(name) {
            return Ok(target.clone());
        }
        let Some(found) = self.box_named(name) else {
            let known = self.compute_targets.keys().chain(self.boxes.keys()).map(String::as_str);
            return Err(UnknownTarget { name: name.to_owned(), suggestion: suggest(name, known) });
        };
        Ok(ComputeTarget {
            name: name.to_owned(),
            service: "pool".to_owned(),
            boxes: vec![name.to_owned()],
            setup: found.setup.clone(),
            docker: None,
            nodes: 1,
            low_pri: false,
        })
    }

    /// The box of that name; the names of this machine stand for `local`.
    pub fn box_named(&self, name: &str) -> Option<&BoxConfig> {
        self.boxes.get(name).or_else(|| self.boxes.get("local").filter(|_| is_this_machine(name)))
    }
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}
