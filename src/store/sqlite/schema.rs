//! The tables of the embedded store, and how they came to be, version by version.

/// The migrations: number `n` of this list leads from version `n` to version `n + 1`. They are never edited
/// once released; a change of the tables is a further one.
pub const MIGRATIONS: &[&str] = &[V1, V2, V3];

/// Documents are kept as JSON; what lists filter and sort by stands beside them in columns and in
/// `run_values`. `runs` is narrow so that a scan of 100,000 of them reads a few megabytes: their documents
/// are in a table of their own.
const V1: &str = "
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES ('stamp', 0), ('next_job', 1);

-- Two workspaces may not differ in case alone: their folders could not on every file system.
CREATE TABLE workspaces (
    name  TEXT PRIMARY KEY COLLATE NOCASE,
    stamp INTEGER NOT NULL,
    doc   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE jobs (
    num      INTEGER PRIMARY KEY,
    ws       TEXT NOT NULL,
    exper    TEXT NOT NULL,
    status   TEXT NOT NULL,
    hold     INTEGER NOT NULL,
    -- 1 while a job it comes after has not completed.
    waiting  INTEGER NOT NULL,
    queued   INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    token    TEXT NOT NULL UNIQUE,
    stamp    INTEGER NOT NULL,
    doc      TEXT NOT NULL
);
CREATE INDEX jobs_startable ON jobs (priority DESC, num) WHERE hold = 0 AND waiting = 0 AND queued > 0;
CREATE INDEX jobs_waiting ON jobs (num) WHERE waiting = 1;
CREATE INDEX jobs_stamp ON jobs (stamp);
CREATE INDEX jobs_ws ON jobs (ws, num);

CREATE TABLE runs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    ws           TEXT NOT NULL,
    num          INTEGER NOT NULL,
    name         TEXT NOT NULL,
    job          INTEGER NOT NULL,
    exper        TEXT NOT NULL,
    status       TEXT NOT NULL,
    -- 'parent', 'child' or 'single'; 'leader' is a parent whose own script has not completed
    family       TEXT NOT NULL,
    username     TEXT NOT NULL,
    box          TEXT,
    compute      TEXT NOT NULL,
    service_type TEXT NOT NULL,
    create_time  INTEGER NOT NULL,
    start_time   INTEGER,
    end_time     INTEGER,
    not_before   INTEGER,
    cancelled    INTEGER NOT NULL DEFAULT 0,
    -- The moment it was deleted, while it is in the trash.
    trashed      INTEGER,
    -- Log calls taken in so far.
    calls        INTEGER NOT NULL DEFAULT 0,
    stamp        INTEGER NOT NULL,
    UNIQUE (ws, num)
);
CREATE INDEX runs_list ON runs (ws, trashed, num, status, family);
CREATE INDEX runs_count ON runs (ws, trashed, family, exper, status, stamp);
CREATE INDEX runs_job ON runs (job, status, num);
CREATE INDEX runs_stamp ON runs (stamp);
CREATE INDEX runs_active ON runs (box) WHERE status IN ('spawning', 'running');
CREATE INDEX runs_due ON runs (not_before) WHERE not_before IS NOT NULL AND status = 'queued';
CREATE INDEX runs_cancelled ON runs (id)
    WHERE cancelled = 1 AND status IN ('created', 'allocating', 'queued', 'spawning', 'running');

CREATE TABLE run_docs (
    id  INTEGER PRIMARY KEY,
    doc TEXT NOT NULL
);

-- Names of hyperparameters, metrics and tags with their prefix: 'hparams.lr'.
CREATE TABLE names (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
-- kind: 0 nothing, 1 truth value, 2 whole number, 3 double (num is NULL for NaN), 4 text, 5 JSON
CREATE TABLE run_values (
    name INTEGER NOT NULL,
    run  INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    num  REAL,
    text TEXT,
    PRIMARY KEY (name, run)
) WITHOUT ROWID;
CREATE INDEX run_values_run ON run_values (run);

CREATE TABLE events (
    id    INTEGER PRIMARY KEY,
    run   INTEGER NOT NULL,
    time  INTEGER NOT NULL,
    event TEXT NOT NULL,
    data  TEXT NOT NULL
);
CREATE INDEX events_run ON events (run);

-- Metric history in the blocks of `store::segment`.
CREATE TABLE segments (
    id    INTEGER PRIMARY KEY,
    run   INTEGER NOT NULL,
    name  INTEGER NOT NULL,
    count INTEGER NOT NULL,
    data  BLOB NOT NULL
);
CREATE INDEX segments_run ON segments (run, name, id);

-- How far the files in which a run speaks were taken in.
CREATE TABLE sources (
    run    INTEGER NOT NULL,
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (run, source)
) WITHOUT ROWID;

CREATE TABLE heartbeats (
    box TEXT PRIMARY KEY,
    doc TEXT NOT NULL
) WITHOUT ROWID;

-- What is no more, for those who watch.
CREATE TABLE tombstones (
    stamp INTEGER NOT NULL,
    kind  TEXT NOT NULL,
    ws    TEXT NOT NULL,
    num   INTEGER NOT NULL
);
CREATE INDEX tombstones_stamp ON tombstones (stamp);
";

/// Ends that are to be told, written with what they tell of and gone when it is told.
const V2: &str = "
CREATE TABLE endings (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    job    INTEGER NOT NULL,
    -- The run that ended; of a whole job, its run if it has only one.
    run    INTEGER,
    -- 1 for the end of a whole job.
    whole  INTEGER NOT NULL,
    status TEXT NOT NULL
);
";

/// For each job the jobs that wait for it, so that whoever records its end looks at these and no others.
const V3: &str = "
CREATE TABLE dependencies (
    needed INTEGER NOT NULL,
    -- One with `waiting = 1`; all its rows go when it waits no more.
    job    INTEGER NOT NULL,
    PRIMARY KEY (needed, job)
) WITHOUT ROWID;
CREATE INDEX dependencies_job ON dependencies (job);
INSERT OR IGNORE INTO dependencies
    SELECT CAST(substr(needed.value, 4) AS INTEGER), jobs.num
    FROM jobs, json_each(CASE WHEN typeof(doc) = 'text' AND json_valid(doc) THEN doc ELSE '{}' END, '$.after') needed
    WHERE waiting = 1;
DROP INDEX jobs_waiting;
";
