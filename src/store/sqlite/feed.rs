//! What changed since a stamp, and waiting for it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use rusqlite::{Connection, params};

use super::connection::bell;
use super::read::JOB_IS_SEEN;
use super::row::{Answer, JOB_COLUMNS, RUN_COLUMNS, job_of_row, run_of_row, unsigned};
use crate::model::{JobName, RunName, RunPath};
use crate::store::{Changes, Gone, Result, StoreError, Watch, wakes};

/// The stamp of the last change.
pub fn stamp(db: &Connection) -> Answer<i64> {
    Ok(db
        .prepare_cached("SELECT value FROM counters WHERE name = 'stamp'")?
        .query_row([], |row| row.get(0))?)
}

/// What changed since a stamp. Writes are one at a time here, so stamps appear in order, and the next stamp
/// is that of the last change told.
pub fn changes(db: &Connection, since: i64, limit: usize) -> Answer<Changes> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut changes = Changes { stamp: stamp(db)?, ..Changes::default() };
    // Documents of one transaction share a stamp: a cut may only fall between stamps, so the rest of the
    // stamp at which the limit falls is told as well.
    let sql = "SELECT stamp FROM (SELECT stamp FROM runs WHERE stamp > ?1 UNION ALL SELECT stamp FROM jobs WHERE stamp > ?1)
               ORDER BY stamp LIMIT 1 OFFSET ?2";
    if let Some(row) = db.prepare_cached(sql)?.query(params![since, most])?.next()? {
        changes.stamp = row.get(0)?;
        changes.more = true;
    }
    let upto = changes.stamp;

    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs LEFT JOIN run_docs ON run_docs.id = runs.id
         WHERE runs.stamp > ?1 AND runs.stamp <= ?2 AND trashed IS NULL ORDER BY runs.stamp"
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([since, upto])?;
    while let Some(row) = rows.next()? {
        changes.runs.push(run_of_row(row)?.1);
    }
    let sql = format!(
        "SELECT {JOB_COLUMNS} FROM jobs WHERE stamp > ?1 AND stamp <= ?2 AND {JOB_IS_SEEN} ORDER BY stamp"
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([since, upto])?;
    while let Some(row) = rows.next()? {
        changes.jobs.push(job_of_row(row)?);
    }
    let mut select = db.prepare_cached(
        "SELECT kind, ws, num FROM tombstones WHERE stamp > ?1 AND stamp <= ?2 ORDER BY stamp",
    )?;
    let mut rows = select.query([since, upto])?;
    while let Some(row) = rows.next()? {
        let (kind, ws, num): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let num = unsigned(num);
        changes.gone.push(match kind.as_str() {
            "run" => Gone::Run(RunPath::new(ws, RunName { number: num / 1_000_000, child: num % 1_000_000 })),
            "job" => Gone::Job(JobName(num)),
            _ => Gone::Workspace(ws),
        });
    }
    changes.workspaces = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM workspaces WHERE stamp > ?1 AND stamp <= ?2)")?
        .query_row([since, upto], |row| row.get(0))?
        || changes.gone.iter().any(|gone| matches!(gone, Gone::Workspace(_)));
    Ok(changes)
}

/// Waits for commits to the database; the kernel wakes it, so that it costs nothing in between.
pub struct FolderWatch {
    path: PathBuf,
    wakes: Receiver<()>,
    watcher: RecommendedWatcher,
}

impl FolderWatch {
    /// Watches the database's folder.
    pub fn new(database: &Path) -> Result<Self> {
        let folder = database.parent().unwrap_or(Path::new("."));
        // One waiting wake-up stands for any number of writes.
        let (wake, wakes) = sync_channel(1);
        let (home, bell) = (folder.to_owned(), bell(database));
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let written = event.is_ok_and(|event| {
                matches!(event.kind, EventKind::Modify(_) | EventKind::Create(_))
                    && event.paths.iter().any(|path| path.parent() != Some(&home) || *path == bell)
            });
            if written {
                let _ = wake.try_send(());
            }
        })
        .map_err(|error| failed(folder, error))?;
        watcher.watch(folder, RecursiveMode::NonRecursive).map_err(|error| failed(folder, error))?;
        Ok(Self { path: database.to_owned(), wakes, watcher })
    }
}

fn failed(path: &Path, error: notify::Error) -> StoreError {
    StoreError::io("watch", path)(std::io::Error::other(error))
}

impl Watch for FolderWatch {
    fn also(&mut self, file: &Path) -> Result<()> {
        self.watcher.watch(file, RecursiveMode::NonRecursive).map_err(|error| failed(file, error))
    }

    fn wait(&mut self, timeout: Option<Duration>) -> Result<bool> {
        wakes::wait(&self.wakes, timeout).map_err(StoreError::io("watch", &self.path))
    }
}
