//! Submits, and what their runs make of jobs and parents.

use super::super::*;
use super::*;
use crate::model::Status;

// Proves C10, N1: a long chain falls as a whole, each job of it looked at once.
#[test]
fn a_long_chain_of_jobs_falls_with_the_first() {
    const LENGTH: u32 = 1500;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let first = store.submit(&submission("ws1", 1)).unwrap();
    for before in 1..u64::from(LENGTH) {
        let mut next = submission("ws1", 1);
        next.job.after = vec![JobName(before)];
        store.submit(&next).unwrap();
    }
    let count = |sql: &str| store.read(|db| Ok(db.query_row(sql, [], |row| row.get::<_, u32>(0))?)).unwrap();
    assert_eq!(count("SELECT COUNT(*) FROM dependencies"), LENGTH - 1);
    store.change_runs(&[to(&paths("ws1", &first)[0], Status::Error)]).unwrap();
    assert_eq!(count("SELECT COUNT(*) FROM jobs WHERE status = 'aborted' AND waiting = 0"), LENGTH - 1);
    assert_eq!(count("SELECT COUNT(*) FROM dependencies"), 0);
    assert!(!store.has_work().unwrap());
}
