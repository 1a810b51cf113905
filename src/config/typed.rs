//! The merged tree as typed structs: what code asks for every day.
//!
//! A value read here is always there and of its type: the tree has passed validation and every key has its
//! default. Types that can be unset are `Option`.

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

/// The configuration in force: sections that the code uses as typed fields, everything by [`get`](Self::get).
#[derive(Clone, Debug)]
pub struct Config {
    /// `general`.
    pub general: General,
    /// `xt-services`.
    pub xt_services: XtServices,
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
    tree: Node,
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

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || "; `xt list targets` names them".to_owned(),
        |word| format!("; did you mean `{word}`?"),
    )
}

impl Config {
    /// Reads the typed view from a complete tree.
    pub(super) fn new(tree: Node) -> Self {
        let section = |name| Reader::new(&tree, name);
        Self {
            general: general(section("general")),
            xt_services: xt_services(section("xt-services")),
            code: code(section("code")),
            after_files: after_files(section("after-files")),
            logging: logging(section("logging")),
            boxes: section("boxes").entries(box_config),
            compute_targets: section("compute-targets").entries(compute_target),
            setups: section("setups").entries(|_, reader| setup(reader)),
            hyperparameter_search: hyperparameter_search(section("hyperparameter-search")),
            early_stopping: early_stopping(section("early-stopping")),
            run_reports: reports(section("run-reports")),
            job_reports: reports(section("job-reports")),
            internal: internal(section("internal")),
            tree,
        }
    }

    /// Any value by its path, such as `tensorboard.interval` or `boxes.vm10.address`; nothing if there is no such
    /// key or entry, [`Value::Null`] if it is not set.
    pub fn get(&self, path: &str) -> Option<&Value> {
        let (steps, _) = schema::resolve(path).ok()?;
        steps.into_iter().try_fold(&self.tree.value, |value, step| Some(&value.as_map()?.get(step)?.value))
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

    pub(super) fn tree(&self) -> &Node {
        &self.tree
    }
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

fn general(section: Reader<'_>) -> General {
    let watched = if section.flag("attach") { Monitor::Same } else { Monitor::None };
    General {
        username: section.text("username"),
        workspace: section.text("workspace"),
        experiment: section.text("experiment"),
        monitor: section
            .word("monitor", Monitor::from_word)
            .filter(|m| *m != Monitor::None)
            .unwrap_or(watched),
        feedback: section.flag("feedback"),
        distributed: section.flag("distributed"),
        env_vars: section.secrets("env-vars"),
        pass_env: section.list("pass-env"),
        python_client: section.flag("python-client"),
        max_retries: section.count("max-retries"),
        retry_delay: section.seconds("retry-delay"),
        retry_delay_max: section.seconds("retry-delay-max"),
        kill_grace: section.seconds("kill-grace"),
        lost_after: section.minutes("lost-after"),
        primary_metric: section.text("primary-metric"),
        maximize_metric: section.flag("maximize-metric"),
        step_name: section.text("step-name"),
    }
}

fn xt_services(section: Reader<'_>) -> XtServices {
    XtServices {
        storage: section.some_text("storage"),
        mongo: section.some_text("mongo"),
        vault: section.some_text("vault"),
        target: section.text("target"),
    }
}

fn code(section: Reader<'_>) -> Code {
    const GIT: &str = ".git";
    let mut code_omit = section.list("code-omit");
    if !code_omit.iter().any(|name| name == GIT) {
        code_omit.insert(0, GIT.to_owned());
    }
    Code {
        code_dirs: section.list("code-dirs"),
        code_upload: section.flag("code-upload"),
        code_omit,
        code_zip: section.word("code-zip", CodeZip::from_word).unwrap_or(CodeZip::Fast),
        working_dir: section.text("working-dir"),
        max_size: u64::from(section.count("max-size")) * 1_000_000,
    }
}

fn after_files(section: Reader<'_>) -> AfterFiles {
    AfterFiles {
        after_dirs: section.list("after-dirs"),
        after_upload: section.flag("after-upload"),
        after_omit: section.list("after-omit"),
    }
}

fn logging(section: Reader<'_>) -> Logging {
    Logging {
        log: section.flag("log"),
        mirror_files: section.list("mirror-files"),
        mirror_dest: section.word("mirror-dest", MirrorDest::from_word).unwrap_or(MirrorDest::Storage),
    }
}

fn box_config(name: &str, entry: Reader<'_>) -> BoxConfig {
    BoxConfig {
        name: name.to_owned(),
        address: entry.text("address"),
        os: entry.word("os", Os::from_word).unwrap_or(Os::Linux),
        box_class: entry.some_text("box-class"),
        max_runs: entry.some_count("max-runs"),
        gpus: entry.some_count("gpus"),
        actions: entry.list("actions"),
        setup: entry.some_text("setup"),
        ssh_config: entry.some_text("ssh-config").map(PathBuf::from),
        home: entry.some_text("home"),
    }
}

fn compute_target(name: &str, entry: Reader<'_>) -> ComputeTarget {
    ComputeTarget {
        name: name.to_owned(),
        service: entry.text("service"),
        boxes: entry.list("boxes"),
        setup: entry.some_text("setup"),
        docker: entry.some_text("docker"),
        nodes: entry.count("nodes"),
        low_pri: entry.flag("low-pri"),
    }
}

fn setup(entry: Reader<'_>) -> Setup {
    Setup {
        activate: entry.some_text("activate"),
        conda_packages: entry.list("conda-packages"),
        pip_packages: entry.list("pip-packages"),
    }
}

fn hyperparameter_search(section: Reader<'_>) -> HyperparameterSearch {
    HyperparameterSearch {
        search_type: section.word("search-type", SearchType::from_word).unwrap_or(SearchType::Random),
        option_prefix: section.some_text("option-prefix"),
        hp_config: section.text("hp-config"),
        fn_generated_config: section.text("fn-generated-config"),
        concurrent: section.count("concurrent"),
        max_runs: section.some_count("max-runs"),
        max_minutes: section.is_set("max-minutes").then(|| section.minutes("max-minutes")),
        aggregate_dest: section
            .word("aggregate-dest", AggregateDest::from_word)
            .unwrap_or(AggregateDest::Job),
    }
}

fn early_stopping(section: Reader<'_>) -> EarlyStopping {
    EarlyStopping {
        early_policy: section.word("early-policy", EarlyPolicy::from_word).unwrap_or(EarlyPolicy::None),
        delay_evaluation: section.count("delay-evaluation"),
        evaluation_interval: section.count("evaluation-interval"),
        slack_factor: section.number("slack-factor"),
        slack_amount: section.number("slack-amount"),
        truncation_percentage: section.number("truncation-percentage"),
    }
}

fn reports(section: Reader<'_>) -> Reports {
    let word = |key| section.some_text(key).filter(|text| !text.is_empty());
    Reports {
        columns: section.list("columns"),
        sort: section.text("sort"),
        reverse: section.flag("reverse"),
        last: section.count("last"),
        group: word("group"),
        number_groups: section.flag("number-groups"),
        status: word("status"),
        report_rollup: section.flag("report-rollup"),
        max_width: section.count("max-width"),
        precision: section.count("precision"),
        uppercase_hdr: section.flag("uppercase-hdr"),
        right_align_numeric: section.flag("right-align-numeric"),
        truncate_with_ellipses: section.flag("truncate-with-ellipses"),
    }
}

fn internal(section: Reader<'_>) -> Internal {
    Internal {
        console: section.word("console", Console::from_word).unwrap_or(Console::Normal),
        stack_trace: section.flag("stack-trace"),
        pip_freeze: section.flag("pip-freeze"),
        controller_idle: section.seconds("controller-idle"),
        heartbeat: section.seconds("heartbeat"),
    }
}

/// Reads the keys of one section or entry.
#[derive(Clone, Copy)]
struct Reader<'a>(Option<&'a IndexMap<String, Node>>);

impl<'a> Reader<'a> {
    fn new(tree: &'a Node, section: &str) -> Self {
        Self(tree.value.as_map().and_then(|sections| sections.get(section)?.value.as_map()))
    }

    fn entries<T>(self, read: impl Fn(&str, Reader<'a>) -> T) -> IndexMap<String, T> {
        let entries = self.0.into_iter().flatten();
        entries.map(|(name, node)| (name.clone(), read(name, Reader(node.value.as_map())))).collect()
    }

    fn value(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key).map(|node| &node.value)
    }

    fn is_set(self, key: &str) -> bool {
        !matches!(self.value(key), None | Some(Value::Null))
    }

    fn some_text(self, key: &str) -> Option<String> {
        self.value(key)?.as_text().map(str::to_owned)
    }

    fn text(self, key: &str) -> String {
        self.some_text(key).unwrap_or_default()
    }

    fn word<T>(self, key: &str, meaning: impl Fn(&str) -> Option<T>) -> Option<T> {
        meaning(self.value(key)?.as_text()?)
    }

    fn flag(self, key: &str) -> bool {
        self.value(key).and_then(Value::as_bool).unwrap_or_default()
    }

    fn some_count(self, key: &str) -> Option<u32> {
        u32::try_from(self.value(key)?.as_int()?).ok()
    }

    fn count(self, key: &str) -> u32 {
        self.some_count(key).unwrap_or_default()
    }

    fn number(self, key: &str) -> f64 {
        self.value(key).and_then(Value::as_number).unwrap_or_default()
    }

    fn seconds(self, key: &str) -> Duration {
        Duration::try_from_secs_f64(self.number(key)).unwrap_or_default()
    }

    fn minutes(self, key: &str) -> Duration {
        self.seconds(key).saturating_mul(60)
    }

    fn list(self, key: &str) -> Vec<String> {
        self.value(key).and_then(Value::as_list).map(<[String]>::to_vec).unwrap_or_default()
    }

    fn secrets(self, key: &str) -> IndexMap<String, Secret> {
        let variables = self.value(key).and_then(Value::as_map).into_iter().flatten();
        variables
            .filter_map(|(name, node)| {
                let secret = match &node.value {
                    Value::Text(text) => Secret::inline(text),
                    Value::Secret(secret) => secret.clone(),
                    _ => return None,
                };
                Some((name.clone(), secret))
            })
            .collect()
    }
}
