//! Care of the store: check and backup.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::row::{Answer, RUN_COLUMNS, bytes, run_of_row, unsigned};
use crate::model::{Job, JobName, Run, Status};
use crate::store::collect::hashes_in;
use crate::store::domain::counts::Counts;
use crate::store::{StoreError, Unreadable, segment};

/// What to do about a record that cannot be read.
const CURE: &str = "`xt check store --repair` puts it away";

/// Looks for damage of the file, records that cannot be read, and counts that do not agree.
pub fn check(db: &Connection) -> Answer<Vec<String>> {
    let mut findings = Vec::new();
    let mut select = db.prepare("PRAGMA integrity_check(100)")?;
    for line in select.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            findings.push(format!("the database file: {line}"));
        }
    }
    check_runs(db, &mut findings)?;
    check_jobs(db, &mut findings)?;
    check_segments(db, &mut findings)?;
    Ok(findings)
}

fn check_runs(db: &Connection, findings: &mut Vec<String>) -> Answer<()> {
    let sql = "SELECT runs.ws, runs.name, runs.status, run_docs.doc, trashed IS NOT NULL FROM runs LEFT JOIN run_docs ON run_docs.id = runs.id";
    let mut select = db.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let name = format!("{}/{}", row.get::<_, String>(0)?, row.get::<_, String>(1)?);
        let (doc, is_put_away) = (bytes(row, 3)?, row.get::<_, bool>(4)?);
        if doc.is_empty() && !is_put_away {
            findings.push(format!("{name}: its record is missing; {CURE}"));
            continue;
        }
        match serde_json::from_slice::<Run>(doc) {
            Err(_) if is_put_away => {}
            Err(error) => findings.push(format!("{name}: its record cannot be read ({error}); {CURE}")),
            Ok(run) if run.status.word() != row.get::<_, String>(2)? => {
                findings.push(format!("{name}: its record says {} and the index does not", run.status));
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

fn check_jobs(db: &Connection, findings: &mut Vec<String>) -> Answer<()> {
    let mut select = db.prepare("SELECT num, doc FROM jobs")?;
    let mut count = db.prepare(
        "SELECT status, COUNT(*) FROM runs WHERE job = ?1 AND family NOT IN ('parent', 'leader') AND trashed IS NULL GROUP BY status",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let num: i64 = row.get(0)?;
        let name = JobName(unsigned(num));
        let job: Job = match serde_json::from_slice(bytes(row, 1)?) {
            Ok(job) => job,
            Err(error) => {
                findings.push(format!("{name}: its record cannot be read ({error}); {CURE}"));
                continue;
            }
        };
        let mut counts = Counts::default();
        let mut statuses = count.query([num])?;
        while let Some(row) = statuses.next()? {
            counts.count(row.get::<_, String>(0)?.parse().unwrap_or(Status::Unknown), row.get(1)?);
        }
        let mut counted = Job::default();
        counts.write(&mut counted);
        let told = |job: &Job| {
            format!(
                "{} runs, {} waiting, {} active, {} completed, {} failed, {} cancelled",
                job.run_count,
                job.queued_runs,
                job.running_runs,
                job.completed_runs,
                job.error_runs,
                job.cancelled_runs
            )
        };
        if told(&job) != told(&counted) {
            findings.push(format!("{name}: it counts {}, and has {}", told(&job), told(&counted)));
        }
    }
    Ok(())
}

fn check_segments(db: &Connection, findings: &mut Vec<String>) -> Answer<()> {
    let sql = "SELECT runs.ws, runs.name, names.name, segments.count, segments.data FROM segments
               LEFT JOIN runs ON runs.id = segments.run LEFT JOIN names ON names.id = segments.name";
    let mut select = db.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let text = |i| row.get::<_, Option<String>>(i).map(|text| text.unwrap_or_else(|| "?".to_owned()));
        let name = format!("{}/{} {}", text(0)?, text(1)?, text(2)?);
        match segment::decode(row.get_ref(4)?.as_blob().unwrap_or_default()) {
            Err(error) => findings.push(format!("{name}: {error}")),
            Ok(points) if points.len() as u64 != unsigned(row.get(3)?) => {
                findings.push(format!(
                    "{name}: a block has {} points and should have {}",
                    points.len(),
                    row.get::<_, i64>(3)?
                ));
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

/// Runs and jobs whose documents cannot be read.
pub fn unreadable(db: &Connection) -> Answer<Unreadable> {
    let mut found = Unreadable::default();
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs LEFT JOIN run_docs ON run_docs.id = runs.id
         WHERE trashed IS NULL ORDER BY ws, runs.num"
    );
    let mut select = db.prepare(&sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        found.runs.extend(Some(run_of_row(row)?.1).filter(|run| run.unreadable));
    }
    let mut select = db.prepare("SELECT num, doc FROM jobs ORDER BY num")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let doc = bytes(row, 1)?;
        if serde_json::from_slice::<Job>(doc).is_err() {
            found.jobs.push((JobName(unsigned(row.get(0)?)), doc.to_vec()));
        }
    }
    Ok(found)
}

/// The hashes in the documents of all jobs, whatever state the documents are in.
pub fn hashes(db: &Connection, without: &BTreeSet<JobName>) -> Answer<HashSet<String>> {
    let mut found = HashSet::new();
    let mut select = db.prepare("SELECT num, doc FROM jobs")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if !without.contains(&JobName(unsigned(row.get(0)?))) {
            found.extend(hashes_in(bytes(row, 1)?));
        }
    }
    Ok(found)
}

/// Copies the database page by page while others go on writing.
pub fn backup(db: &Connection, to: &Path) -> Answer<()> {
    let mut copy = Connection::open(to)
        .map_err(|error| StoreError::io("write the backup", to)(std::io::Error::other(error.to_string())))?;
    {
        let backup = Backup::new(db, &mut copy)?;
        backup.run_to_completion(1024, std::time::Duration::ZERO, None)?;
    }
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    Ok(())
}
