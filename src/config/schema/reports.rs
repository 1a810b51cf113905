//! Lists, exploration, and what is handed to other viewers.

use super::{IDLE, Key, Kind};

const LAST: Key = Key::new("last", Kind::POSITIVE, "25", "how many of the newest are listed");
const MAX_WIDTH: Key =
    Key::new("max-width", Kind::Int { min: 3, max: 1000 }, "30", "the widest a column may be");
const PRECISION: Key =
    Key::new("precision", Kind::Int { min: 1, max: 17 }, "4", "significant digits of numbers");
const UPPERCASE: Key = Key::new("uppercase-hdr", Kind::Bool, "true", "headings in capitals");
const RIGHT_ALIGN: Key =
    Key::new("right-align-numeric", Kind::Bool, "true", "numbers at the right of their columns").with(IDLE);
const ELLIPSES: Key =
    Key::new("truncate-with-ellipses", Kind::Bool, "true", "mark what was cut with `...`").with(IDLE);
const REVERSE: Key = Key::new("reverse", Kind::Bool, "false", "turn the order round");
const SORT: Key = Key::new("sort", Kind::Text, "name", "column to sort by");
const COLUMNS: &str =
    "columns, each `name`, `name=HEADING`, `name:format` or `name=HEADING:format`; `*` for all of a family";

pub(super) const RUN_REPORTS: Key = Key::new(
    "run-reports",
    Kind::Keys(&[
        Key::new(
            "columns",
            Kind::TextList,
            r#"["run", "status", "job", "experiment", "created", "duration", "hparams.*", "metrics.*", "tags.*"]"#,
            COLUMNS,
        ),
        SORT,
        REVERSE,
        LAST,
        Key::new("group", Kind::Text, r#""""#, "column to group by"),
        Key::new("number-groups", Kind::Bool, "false", "number the groups"),
        Key::new("status", Kind::Text, r#""""#, "list only runs of this status"),
        Key::new(
            "report-rollup",
            Kind::Bool,
            "false",
            "show metrics where the primary one was best, not the last",
        ),
        MAX_WIDTH,
        PRECISION,
        UPPERCASE,
        RIGHT_ALIGN,
        ELLIPSES,
    ]),
    "",
    "what `xt list runs` shows",
);

pub(super) const JOB_REPORTS: Key = Key::new(
    "job-reports",
    Kind::Keys(&[
        Key::new(
            "columns",
            Kind::TextList,
            r#"["job", "status", "workspace", "experiment", "created", "runs", "queued:$bz", "running:$bz", "completed:$bz", "failed:$bz", "cancelled:$bz", "command", "description", "tags.*"]"#,
            COLUMNS,
        ),
        SORT,
        REVERSE,
        LAST,
        MAX_WIDTH,
        PRECISION,
        UPPERCASE,
        RIGHT_ALIGN,
        ELLIPSES,
    ]),
    "",
    "what `xt list jobs` shows",
);

pub(super) const HYPERPARAMETER_EXPLORER: Key = Key::new(
    "hyperparameter-explorer",
    Kind::Keys(&[
        Key::new("steps-name", Kind::Text, "steps", "hyperparameter that says how many steps are to be run"),
        Key::new("step-name", Kind::Text, "", "metric that counts steps; unset: `general.step-name`"),
        Key::new(
            "log-interval-name",
            Kind::Text,
            "LOG_INTERVAL",
            "hyperparameter that says how often metrics are logged",
        ),
        Key::new("time-name", Kind::Text, "sec", "metric that measures time"),
        Key::new("sample-efficiency-name", Kind::Text, "SE", "metric of sample efficiency"),
        Key::new("success-rate-name", Kind::Text, "RSR", "metric of the success rate"),
        Key::new("hx-cache-dir", Kind::Path, "", "folder for the explorer's cache; unset: xt's own"),
    ]),
    "",
    "which names the hyperparameter explorer goes by",
)
.with(IDLE);

pub(super) const TENSORBOARD: Key = Key::new(
    "tensorboard",
    Kind::Keys(&[
        Key::new(
            "template",
            Kind::Text,
            r#""{workspace}_{run}_{logdir}""#,
            "name of each run's log folder; columns in braces",
        ),
        Key::new("interval", Kind::Seconds, "10", "seconds between looks for new log files"),
    ]),
    "",
    "how runs appear in TensorBoard",
)
.with(IDLE);
