//! What a run is given, takes along, and leaves; how searches go; xt's own inner workings.

use super::words::{AggregateDest, CodeZip, Console, EarlyPolicy, MirrorDest, Monitor, SearchType};
use super::{IDLE, Key, Kind, Rule};
use crate::model::notify::Level;

const TRANSFER: Kind = Kind::Choice(&["none", "download", "mount"]);

pub(super) const GENERAL: Key = Key::new(
    "general",
    Kind::Keys(&[
        Key::new(
            "username",
            Kind::Text,
            r#""$username""#,
            "who runs are recorded for; `$username` is the login name",
        ),
        Key::new("workspace", Kind::Text, "ws1", "workspace to work in"),
        Key::new("experiment", Kind::Text, "exper1", "experiment that new runs belong to"),
        Key::new("monitor", Kind::Choice(Monitor::WORDS), "none", "console a new run is watched in"),
        Key::new("attach", Kind::Bool, "false", "watch a new run as with `monitor: same`"),
        Key::new("feedback", Kind::Bool, "true", "show the progress of transfers").with(IDLE),
        Key::new("distributed", Kind::Bool, "false", "the nodes of a job train one model together")
            .with(IDLE),
        Key::new(
            "env-vars",
            Kind::Variables,
            "{}",
            "environment variables for every run; `$env:NAME` and the like are resolved",
        ),
        Key::new(
            "pass-env",
            Kind::TextList,
            "[]",
            "variables of your environment that runs receive even if they look like secrets",
        ),
        Key::new("python-client", Kind::Bool, "true", "let Python scripts `import xt` without installing it"),
        Key::new("max-retries", Kind::Int { min: 0, max: 1000 }, "0", "times a failed run is started again"),
        Key::new(
            "retry-delay",
            Kind::Seconds,
            "1",
            "seconds before the first retry; each further one waits twice as long",
        ),
        Key::new("retry-delay-max", Kind::Seconds, "300", "the longest wait before a retry, in seconds"),
        Key::new("kill-grace", Kind::Seconds, "10", "seconds a cancelled run has to end by itself"),
        Key::new("lost-after", Kind::Minutes, "30", "minutes of silence after which a run counts as lost")
            .with(IDLE),
        Key::new(
            "primary-metric",
            Kind::Text,
            "test-acc",
            "metric that searches, early stopping and roll-ups go by",
        ),
        Key::new("maximize-metric", Kind::Bool, "true", "whether more of the primary metric is better"),
        Key::new("step-name", Kind::Text, "step", "name of the metric that counts steps").with(IDLE),
        Key::new(
            "authentication",
            Kind::Choice(&["auto", "browser", "device-code"]),
            "auto",
            "how to log in to Azure",
        )
        .with(IDLE),
        Key::new("azure-tenant-id", Kind::Text, "", "Azure tenant, where one is needed").with(IDLE),
        Key::new("xt-team-name", Kind::Text, "", "team whose experiments are shown together").with(IDLE),
        Key::ignored("advanced-mode", Kind::Bool),
        Key::ignored("conda-packages", Kind::TextList),
        Key::ignored("direct-run", Kind::Bool),
        Key::ignored("pip-packages", Kind::TextList),
        Key::ignored("quick-start", Kind::Bool),
        Key::ignored("remote-control", Kind::Bool),
        Key::ignored("run-cache-dir", Kind::Text),
    ]),
    "",
    "who works where, and what holds for every run",
);

pub(super) const NOTIFY: Key = Key::new(
    "notify",
    Kind::Keys(&[
        Key::new(
            "on",
            Kind::Choice(Level::WORDS),
            "failure",
            "what is told: `job`: the end of a job; `failure`: each failed run too; `end`: each run's end too",
        ),
        Key::new(
            "command",
            Kind::Text,
            "",
            "shell command that is told: XT_EVENT, XT_STATUS, … are set, a JSON document is its input",
        )
        .with(&[Rule::Trusted]),
        Key::new("url", Kind::Secret, "", "address that is told, by an HTTP POST of that JSON document")
            .with(&[Rule::Trusted]),
    ]),
    "",
    "who is told when runs end; `xt notify test` tries it",
);

pub(super) const CODE: Key = Key::new(
    "code",
    Kind::Keys(&[
        Key::new(
            "code-dirs",
            Kind::Patterns,
            r#"["$scriptdir/**"]"#,
            "folders of the snapshot; `$scriptdir` is the script's own",
        ),
        Key::new("code-upload", Kind::Bool, "true", "take a snapshot of the code"),
        Key::new(
            "code-omit",
            Kind::Patterns,
            r#"[".git", "__pycache__"]"#,
            "names and patterns left out; `.git` always is",
        ),
        Key::new("code-zip", Kind::Choice(CodeZip::WORDS), "fast", "how the stored snapshot is zipped")
            .with(IDLE),
        Key::new("working-dir", Kind::Text, ".", "folder to start the script in, within the snapshot"),
        Key::new(
            "max-size",
            Kind::POSITIVE,
            "500",
            "megabytes a snapshot may have: a guard against the wrong folder",
        ),
        Key::ignored("xtlib-upload", Kind::Bool),
    ]),
    "",
    "the snapshot of your code that each job runs",
);

pub(super) const AFTER_FILES: Key = Key::new(
    "after-files",
    Kind::Keys(&[
        Key::new("after-dirs", Kind::Patterns, r#"["output/**"]"#, "files to keep when a run has ended"),
        Key::new("after-upload", Kind::Bool, "true", "keep them"),
        Key::new("after-omit", Kind::Patterns, r#"[".git", "__pycache__"]"#, "names and patterns left out"),
    ]),
    "",
    "the files a run leaves",
);

pub(super) const DATA: Key = Key::new(
    "data",
    Kind::Keys(&[
        Key::new("data-local", Kind::Text, r#""""#, "local folder of the data"),
        Key::new("data-share-path", Kind::Text, r#""""#, "path of the data in the share `data`"),
        Key::new("data-action", TRANSFER, "none", "how a run gets the data"),
        Key::new("data-upload", Kind::Bool, "false", "upload `data-local` with each job"),
        Key::new("data-omit", Kind::TextList, "[]", "names and patterns left out"),
        Key::new("data-writable", Kind::Bool, "false", "mount it writable"),
    ]),
    "",
    "the data that runs read",
)
.with(IDLE);

pub(super) const MODEL: Key = Key::new(
    "model",
    Kind::Keys(&[
        Key::new("model-local", Kind::Text, r#""""#, "local folder of the model"),
        Key::new("model-share-path", Kind::Text, r#""""#, "path of the model in the share `models`"),
        Key::new("model-action", TRANSFER, "none", "how a run gets the model"),
        Key::new("model-writable", Kind::Bool, "false", "mount it writable"),
    ]),
    "",
    "the model that runs start from",
)
.with(IDLE);

pub(super) const LOGGING: Key = Key::new(
    "logging",
    Kind::Keys(&[
        Key::new("log", Kind::Bool, "true", "record what runs log").with(IDLE),
        Key::new(
            "mirror-files",
            Kind::TextList,
            r#"["logs/**"]"#,
            "files copied to the store while a run goes on",
        )
        .with(IDLE),
        Key::new("mirror-dest", Kind::Choice(MirrorDest::WORDS), "storage", "where they are copied to")
            .with(IDLE),
        Key::new(
            "notes",
            Kind::Choice(&["none", "before", "after", "all"]),
            "none",
            "when to ask for a job's description",
        )
        .with(IDLE),
        Key::new(
            "load-interval",
            Kind::Seconds,
            "5",
            "seconds between measurements of a run and its machine (CPU, memory, GPU); 0: none",
        ),
        Key::ignored("grok-server", Kind::Text),
    ]),
    "",
    "what is recorded while a run goes on",
);

pub(super) const HYPERPARAMETER_SEARCH: Key = Key::new(
    "hyperparameter-search",
    Kind::Keys(&[
        Key::new("search-type", Kind::Choice(SearchType::WORDS), "random", "how points are chosen"),
        Key::new(
            "option-prefix",
            Kind::Text,
            r#""--""#,
            "what scripts' options begin with; null: pass no options",
        )
        .with(&[Rule::Unsettable]),
        Key::new("hp-config", Kind::Text, r#""""#, "file that lists hyperparameters and their ranges"),
        Key::new(
            "fn-generated-config",
            Kind::Text,
            "config.yaml",
            "file each run finds its hyperparameters in; empty: none",
        ),
        Key::new("concurrent", Kind::POSITIVE, "1", "runs at the same time on a node"),
        Key::new("max-runs", Kind::POSITIVE, "", "runs of a search in all; unset: as many as it has points"),
        Key::new("max-minutes", Kind::Minutes, "", "minutes a search may take"),
        Key::new(
            "aggregate-dest",
            Kind::Choice(AggregateDest::WORDS),
            "job",
            "what the runs of a search are gathered under",
        ),
        Key::ignored("max-concurrent-runs", Kind::Int { min: 0, max: i64::MAX }),
        Key::ignored("search-rollup", Kind::Text),
    ]),
    "",
    "how hyperparameters are searched",
)
.with(IDLE);

pub(super) const EARLY_STOPPING: Key = Key::new(
    "early-stopping",
    Kind::Keys(&[
        Key::new(
            "early-policy",
            Kind::Choice(EarlyPolicy::WORDS),
            "none",
            "which rule ends unpromising runs",
        ),
        Key::new("delay-evaluation", Kind::COUNT, "10", "reports of the metric before the first decision"),
        Key::new("evaluation-interval", Kind::POSITIVE, "1", "reports of the metric between decisions"),
        Key::new("slack-factor", Kind::Number, "0", "bandit: how far behind the best, as a ratio"),
        Key::new("slack-amount", Kind::Number, "0", "bandit: how far behind the best, as an amount"),
        Key::new(
            "truncation-percentage",
            Kind::Number,
            "5",
            "truncation: percentage of runs ended at each decision",
        ),
    ]),
    "",
    "when unpromising runs of a search are ended",
)
.with(IDLE);

pub(super) const COMMANDS: Key = Key::new(
    "commands",
    Kind::TextList,
    "[]",
    "commands of a job, one run each, for `xt run --multi-commands`",
)
.with(IDLE);

pub(super) const AML_OPTIONS: Key = Key::new(
    "aml-options",
    Kind::Keys(&[
        Key::new("use-gpu", Kind::Bool, "true", "use the GPUs of the nodes"),
        Key::new("framework", Kind::Text, "pytorch", "framework of the environment"),
        Key::new("fw-version", Kind::Text, r#""1.2""#, "its version"),
        Key::new("user-managed", Kind::Bool, "false", "the environment is ready as it is"),
        Key::new(
            "distributed-training",
            Kind::Choice(&["mpi", "gloo", "nccl"]),
            "mpi",
            "back end of distributed training",
        ),
        Key::new("max-seconds", Kind::Seconds, "", "seconds a run may take"),
        Key::ignored("use-docker", Kind::Bool),
    ]),
    "",
    "options of Azure ML",
)
.with(IDLE);

pub(super) const INTERNAL: Key = Key::new(
    "internal",
    Kind::Keys(&[
        Key::new("console", Kind::Choice(Console::WORDS), "normal", "how much xt says").with(IDLE),
        Key::new("stack-trace", Kind::Bool, "false", "show the causes of an error in full").with(IDLE),
        Key::new("pip-freeze", Kind::Bool, "false", "record the installed packages before and after a setup")
            .with(IDLE),
        Key::new(
            "controller-idle",
            Kind::Seconds,
            "30",
            "seconds a controller stays when it has nothing to do",
        ),
        Key::new("heartbeat", Kind::Seconds, "5", "seconds between a controller's signs of life"),
        Key::ignored("auto-start", Kind::Bool),
        Key::ignored("raise", Kind::Bool),
        Key::ignored("show-controller", Kind::Bool),
    ]),
    "",
    "xt's inner workings",
);
