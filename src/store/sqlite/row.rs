//! Documents to rows and back: the one place that knows how a run lies in the tables.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use super::connection::Failure;
use crate::model::{Event, Job, JobName, Run, RunName, RunPath, Scalar, Status, Time};
use crate::store::StoreError;

pub type Answer<T> = Result<T, Failure>;

/// Numbers in the tables are signed; ours are counters far below the limit.
pub const fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// See [`signed`].
pub const fn unsigned(number: i64) -> u64 {
    number.cast_unsigned()
}

/// The next value of a counter, from 1.
pub fn count(db: &Connection, name: &str) -> Answer<u64> {
    let sql = "INSERT INTO counters VALUES (?1, 2) ON CONFLICT (name) DO UPDATE SET value = value + 1
               RETURNING value - 1";
    Ok(unsigned(db.prepare_cached(sql)?.query_row([name], |row| row.get(0))?))
}

/// The stamp of a change that is being written.
pub fn next_stamp(db: &Connection) -> Answer<i64> {
    let sql = "UPDATE counters SET value = value + 1 WHERE name = 'stamp' RETURNING value";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The id of a run, unless it is in the trash.
pub fn run_id(db: &Connection, path: &RunPath) -> Answer<i64> {
    let sql = "SELECT id FROM runs WHERE ws = ?1 AND num = ?2 AND trashed IS NULL";
    let id =
        db.prepare_cached(sql)?.query_row(params![path.ws, signed(path.run.run_num())], |row| row.get(0));
    id.optional()?.ok_or_else(|| missing_run(db, path))
}

/// Says what exactly is missing, and what is near it.
fn missing_run(db: &Connection, path: &RunPath) -> Failure {
    if let Err(failure) = require_workspace(db, &path.ws) {
        return failure;
    }
    StoreError::Missing { what: "run", name: path.to_string(), nearest: None }.into()
}

/// Answers an error with the nearest name when there is no such workspace.
pub fn require_workspace(db: &Connection, ws: &str) -> Answer<()> {
    let names = db
        .prepare_cached("SELECT name FROM workspaces ORDER BY name")?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    if names.iter().any(|name| name == ws) {
        return Ok(());
    }
    let nearest = crate::model::names::nearest(ws, names.iter().map(String::as_str)).map(str::to_owned);
    Err(StoreError::Missing { what: "workspace", name: ws.to_owned(), nearest }.into())
}

/// A document, or an error that says whose it is.
pub fn parse<T: DeserializeOwned>(name: impl FnOnce() -> String, doc: &[u8]) -> Answer<T> {
    serde_json::from_slice(doc)
        .map_err(|error| StoreError::Corrupt { name: name(), detail: error.to_string() }.into())
}

/// What was asked for, or nothing if it is gone or its record cannot be read: nobody else's work fails for that.
/// Any other answer of the database is an error, for what is skipped then would be skipped for good.
pub fn unless_lost<T>(answer: Answer<T>) -> Answer<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Store(StoreError::Missing { .. } | StoreError::Corrupt { .. })) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The bytes of a document: what is damaged may be no text any more, or nothing at all.
pub fn bytes<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a [u8], rusqlite::Error> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        _ => &[],
    })
}

/// A document's text.
pub fn text<T: serde::Serialize>(name: impl FnOnce() -> String, document: &T) -> Answer<String> {
    serde_json::to_string(document)
        .map_err(|error| StoreError::Corrupt { name: name(), detail: error.to_string() }.into())
}

/// The name that is the number of a row.
pub const fn run_name(num: i64) -> RunName {
    let num = unsigned(num);
    RunName { number: num / 1_000_000, child: num % 1_000_000 }
}

/// The run of a row of [`RUN_COLUMNS`].
///
/// One damaged record must not hide the others of a list: such a run shows what its columns say, and why.
pub fn run_of_row(row: &Row<'_>) -> Result<(i64, Run), rusqlite::Error> {
    let id = row.get(0)?;
    let (ws, num, status): (String, i64, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let why = match (serde_json::from_slice::<Run>(bytes(row, 4)?), bytes(row, 4)?) {
        (Ok(run), _) => return Ok((id, run)),
        (_, []) => "it is missing".to_owned(),
        (Err(error), _) => error.to_string(),
    };
    let (run_name, num) = (run_name(num), unsigned(num));
    let family: String = row.get(7)?;
    let run = Run {
        ws,
        run_name,
        run_num: num,
        job_id: JobName(unsigned(row.get(5)?)),
        exper_name: row.get(6)?,
        is_parent: matches!(family.as_str(), "parent" | "leader"),
        leads: family == "leader",
        is_child: family == "child",
        is_outer: family != "child",
        username: row.get(8)?,
        box_name: row.get(9)?,
        create_time: Time::from_micros(row.get(10)?),
        status: status.parse().unwrap_or(Status::Unknown),
        end_reason: Some(format!("its record cannot be read ({why}): run `xt check store`")),
        unreadable: true,
        ..Run::default()
    };
    Ok((id, run))
}

/// The run of such a row, if its record can be read.
pub fn readable_run(row: &Row<'_>) -> Result<Option<Run>, rusqlite::Error> {
    Ok(serde_json::from_slice(bytes(row, 4)?).ok())
}

/// The columns that [`run_of_row`] reads.
pub const RUN_COLUMNS: &str = "runs.id, runs.ws, runs.num, runs.status, run_docs.doc, runs.job, runs.exper, \
                               runs.family, runs.username, runs.box, runs.create_time";

/// The job of a row of [`JOB_COLUMNS`]. As with runs, a damaged record must not hide the others of a list.
pub fn job_of_row(row: &Row<'_>) -> Result<Job, rusqlite::Error> {
    let why = match serde_json::from_slice(bytes(row, 4)?) {
        Ok(job) => return Ok(job),
        Err(error) => error,
    };
    let job_num = unsigned(row.get(0)?);
    let (ws_name, exper_name, status): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(Job {
        job_id: JobName(job_num),
        job_num,
        ws_name,
        exper_name,
        job_status: status.parse().unwrap_or(Status::Unknown),
        description: Some(format!("its record cannot be read ({why}): run `xt check store`")),
        ..Job::default()
    })
}

/// The columns that [`job_of_row`] reads.
pub const JOB_COLUMNS: &str = "num, ws, exper, status, doc";

/// A run by its id; a damaged record is an error here, for it is about to be changed or shown alone.
pub fn run(db: &Connection, id: i64) -> Answer<Run> {
    let sql = "SELECT doc FROM run_docs WHERE id = ?1";
    let doc = db.prepare_cached(sql)?.query_row([id], |row| Ok(bytes(row, 0)?.to_vec())).optional()?;
    match doc {
        Some(doc) => parse(|| name_of(db, id), &doc),
        None => Err(StoreError::Corrupt { name: name_of(db, id), detail: "it is missing".into() }.into()),
    }
}

fn name_of(db: &Connection, id: i64) -> String {
    let sql = "SELECT ws || '/' || name FROM runs WHERE id = ?1";
    db.query_row(sql, [id], |row| row.get(0)).unwrap_or_else(|_| format!("run with id {id}"))
}

/// A run by its id, or what is known of it when its record cannot be read: for what must go on all the same.
pub fn run_or_rest(db: &Connection, id: i64) -> Answer<Run> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs LEFT JOIN run_docs ON run_docs.id = runs.id WHERE runs.id = ?1"
    );
    Ok(db.prepare_cached(&sql)?.query_row([id], |row| Ok(run_of_row(row)?.1))?)
}

/// The word of a run's place in its family. A leader is started as other runs are, and not counted among them.
const fn family(run: &Run) -> &'static str {
    if run.is_parent && run.leads {
        "leader"
    } else if run.is_parent {
        "parent"
    } else if run.is_child {
        "child"
    } else {
        "single"
    }
}

/// Writes a new run: its row, document, values and events.
pub fn insert_run(db: &Connection, run: &Run, events: &[Event], stamp: i64) -> Answer<i64> {
    let sql =
        "INSERT INTO runs (ws, num, name, job, exper, status, family, username, box, compute, service_type,
                 create_time, start_time, end_time, not_before, cancelled, stamp)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    db.prepare_cached(sql)?.execute(params![
        run.ws,
        signed(run.run_num),
        run.run_name.to_string(),
        signed(run.job_id.0),
        run.exper_name,
        run.status.word(),
        family(run),
        run.username,
        run.box_name,
        run.compute,
        run.service_type,
        run.create_time.micros(),
        run.start_time.map(Time::micros),
        run.end_time.map(Time::micros),
        run.not_before.map(Time::micros),
        run.cancel_time.is_some(),
        stamp,
    ])?;
    let id = db.last_insert_rowid();
    let doc = text(|| run.path().to_string(), run)?;
    db.prepare_cached("INSERT INTO run_docs VALUES (?1, ?2)")?.execute(params![id, doc])?;
    let mut values = ValueWriter::new(db)?;
    for (prefix, map) in [("hparams", &run.hparams), ("metrics", &run.metrics), ("tags", &run.tags)] {
        for (name, value) in map {
            values.put(id, &format!("{prefix}.{name}"), value)?;
        }
    }
    append_events(db, id, events)?;
    Ok(id)
}

/// Writes a run that changed: its row and document. Values are the caller's, who knows which changed.
pub fn update_run(db: &Connection, id: i64, run: &Run, stamp: i64) -> Answer<()> {
    let sql =
        "UPDATE runs SET exper = ?2, status = ?3, box = ?4, start_time = ?5, end_time = ?6, not_before = ?7,
                 cancelled = ?8, stamp = ?9, family = ?10 WHERE id = ?1";
    db.prepare_cached(sql)?.execute(params![
        id,
        run.exper_name,
        run.status.word(),
        run.box_name,
        run.start_time.map(Time::micros),
        run.end_time.map(Time::micros),
        run.not_before.map(Time::micros),
        run.cancel_time.is_some(),
        stamp,
        family(run),
    ])?;
    let doc = text(|| run.path().to_string(), run)?;
    db.prepare_cached("UPDATE run_docs SET doc = ?2 WHERE id = ?1")?.execute(params![id, doc])?;
    Ok(())
}

/// Writes a job that changed.
pub fn update_job(db: &Connection, job: &Job, stamp: i64) -> Answer<()> {
    let sql = "UPDATE jobs SET status = ?2, hold = ?3, queued = ?4, priority = ?5, stamp = ?6, doc = ?7 WHERE num = ?1";
    db.prepare_cached(sql)?.execute(params![
        signed(job.job_num),
        job.job_status.word(),
        job.hold,
        signed(job.queued_runs),
        job.priority,
        stamp,
        text(|| job.job_id.to_string(), job)?,
    ])?;
    Ok(())
}

/// A job by its name.
pub fn job(db: &Connection, name: JobName) -> Answer<Job> {
    let sql = "SELECT doc FROM jobs WHERE num = ?1";
    let doc =
        db.prepare_cached(sql)?.query_row([signed(name.0)], |row| Ok(bytes(row, 0)?.to_vec())).optional()?;
    match doc {
        Some(doc) => parse(|| name.to_string(), &doc),
        None => Err(StoreError::Missing { what: "job", name: name.to_string(), nearest: None }.into()),
    }
}

/// Appends events to a run's log of events.
pub fn append_events(db: &Connection, id: i64, events: &[Event]) -> Answer<()> {
    let mut insert =
        db.prepare_cached("INSERT INTO events (run, time, event, data) VALUES (?1, ?2, ?3, ?4)")?;
    for event in events {
        let data = text(|| format!("event {}", event.event), &event.data)?;
        insert.execute(params![id, event.time.micros(), event.event, data])?;
    }
    Ok(())
}

/// The ids of names, remembered over one transaction.
pub struct Names<'a> {
    insert: CachedStatement<'a>,
    select: CachedStatement<'a>,
    known: HashMap<String, i64>,
}

impl<'a> Names<'a> {
    pub fn new(db: &'a Connection) -> Answer<Self> {
        Ok(Self {
            insert: db.prepare_cached("INSERT INTO names (name) VALUES (?1) RETURNING id")?,
            select: db.prepare_cached("SELECT id FROM names WHERE name = ?1")?,
            known: HashMap::new(),
        })
    }

    /// The id of a name, new ones are entered.
    pub fn id(&mut self, name: &str) -> Answer<i64> {
        if let Some(id) = self.known.get(name) {
            return Ok(*id);
        }
        let found = self.select.query_row([name], |row| row.get(0)).optional()?;
        let id = match found {
            Some(id) => id,
            None => self.insert.query_row([name], |row| row.get(0))?,
        };
        self.known.insert(name.to_owned(), id);
        Ok(id)
    }
}

/// Writes the side table of hyperparameters, metrics and tags.
pub struct ValueWriter<'a> {
    names: Names<'a>,
    put: CachedStatement<'a>,
    remove: CachedStatement<'a>,
}

impl<'a> ValueWriter<'a> {
    pub fn new(db: &'a Connection) -> Answer<Self> {
        let put = "INSERT INTO run_values VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT DO UPDATE SET kind = excluded.kind, num = excluded.num, text = excluded.text";
        Ok(Self {
            names: Names::new(db)?,
            put: db.prepare_cached(put)?,
            remove: db.prepare_cached("DELETE FROM run_values WHERE name = ?1 AND run = ?2")?,
        })
    }

    /// Sets a value by its full name (`hparams.lr`).
    pub fn put(&mut self, run: i64, name: &str, value: &Scalar) -> Answer<()> {
        let kind = match value {
            Scalar::Null => 0,
            Scalar::Bool(_) => 1,
            Scalar::Int(_) => 2,
            Scalar::Float(_) => 3,
            Scalar::Text(_) => 4,
            Scalar::Json(_) => 5,
        };
        let text = match value {
            Scalar::Text(text) | Scalar::Json(text) => Some(text),
            _ => None,
        };
        // The database keeps NaN as NULL; `kind` tells it from no number.
        self.put.execute(params![self.names.id(name)?, run, kind, value.as_f64(), text])?;
        Ok(())
    }

    /// Removes a value.
    pub fn remove(&mut self, run: i64, name: &str) -> Answer<()> {
        self.remove.execute(params![self.names.id(name)?, run])?;
        Ok(())
    }
}
