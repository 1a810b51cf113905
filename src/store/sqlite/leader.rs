//! Leaders, and what becomes of their children in the transaction that records the end of their script.

use rusqlite::Connection;

use super::row::{Answer, RUN_COLUMNS, append_events, readable_run, run, run_id, signed, update_run};
use crate::model::{Run, RunPath, Status, Time};
use crate::store::RunChange;
use crate::store::domain::leader;
use crate::store::domain::parent::{self, Lead};

/// The changes of the children that waited for a leader which waits no more: they may start, or never will.
pub fn follow(db: &Connection, path: &RunPath) -> Answer<Vec<RunChange>> {
    let record = run(db, run_id(db, path)?)?;
    let now = Time::now();
    // A damaged record must not keep the others waiting.
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs JOIN run_docs ON run_docs.id = runs.id
         WHERE job = ?1 AND status = 'created' AND family = 'child' ORDER BY num"
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([signed(record.job_id.0)])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.extend(readable_run(row)?.map(|child| leader::follow(&record, &child, now)));
    }
    Ok(changes)
}

/// Whether a leader is what its children are: only while its own script has not started, and all of them have been
/// ended. One that runs its script for nobody is asked to end.
pub fn gives_way(db: &Connection, id: i64, leader: &mut Run, children: Status, stamp: i64) -> Answer<bool> {
    match parent::lead(leader, children) {
        Lead::Keeps => Ok(false),
        Lead::GivesWay => Ok(true),
        Lead::IsCancelled => {
            let event = parent::cancel(leader, Time::now());
            update_run(db, id, leader, stamp)?;
            append_events(db, id, &[event])?;
            Ok(false)
        }
    }
}
