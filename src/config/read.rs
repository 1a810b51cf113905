//! Fills the typed structs from the merged tree.
//!
//! A value read here is always there and of its type: the tree has passed validation and every key has its
//! default. What can be unset is an `Option`; the other fallbacks are never reached.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use super::secret::Secret;
use super::tree::{Node, Value};
use super::typed::{
    AfterFiles, AggregateDest, BoxConfig, Code, CodeZip, ComputeTarget, Config, Console, EarlyPolicy,
    EarlyStopping, General, HyperparameterSearch, Internal, Logging, MirrorDest, Monitor, Notify, Os,
    Reports, SearchType, Setup, StorageService, XtServices,
};
use crate::model::notify::Level;

impl Config {
    /// Reads the typed view from a complete tree.
    pub(super) fn new(tree: Node) -> Self {
        let section = |name| Reader::new(&tree, name);
        Self {
            general: general(section("general")),
            notify: notify(section("notify")),
            xt_services: xt_services(section("xt-services")),
            storages: storages(section("external-services")),
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

fn notify(section: Reader<'_>) -> Notify {
    Notify {
        on: section.word("on", Level::from_word).unwrap_or_default(),
        command: section
            .some_text("command")
            .filter(|line| !line.is_empty())
            .map(|line| Secret::inline(&line)),
        url: section.secret("url"),
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

fn storages(section: Reader<'_>) -> IndexMap<String, StorageService> {
    let services = section.entries(|name, entry| {
        (entry.text("type") == "storage").then(|| StorageService {
            name: name.to_owned(),
            provider: entry.text("provider"),
            path: entry.some_text("path").map(PathBuf::from),
            key: entry.secret("key"),
            sas: entry.secret("sas"),
            connection_string: entry.secret("connection-string"),
            endpoint: entry.some_text("endpoint"),
        })
    });
    services.into_iter().filter_map(|(name, service)| Some((name, service?))).collect()
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
        load_interval: section.seconds("load-interval"),
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
    // Only lists of runs have these.
    let word = |key| section.knows(key).then(|| section.text(key)).filter(|text| !text.is_empty());
    let flag = |key| section.knows(key) && section.flag(key);
    Reports {
        columns: section.list("columns"),
        sort: section.text("sort"),
        reverse: section.flag("reverse"),
        last: section.count("last"),
        group: word("group"),
        number_groups: flag("number-groups"),
        status: word("status"),
        report_rollup: flag("report-rollup"),
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
        let node = self.0.and_then(|keys| keys.get(key));
        debug_assert!(node.is_some(), "the schema has no key `{key}` here");
        node.map(|node| &node.value)
    }

    /// Whether the schema has this key here.
    fn knows(self, key: &str) -> bool {
        self.0.is_some_and(|keys| keys.contains_key(key))
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

    fn secret(self, key: &str) -> Option<Secret> {
        self.value(key).and_then(Value::as_secret).cloned()
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
