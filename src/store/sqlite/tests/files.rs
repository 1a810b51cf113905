//! The files of the store: versions, damage to the whole, backups.

use super::super::*;
use super::*;
use crate::model::Status;
use crate::store::StoreError;

// Proves P11, C11: a store of the first version opens, and its ends are told from then on.
#[test]
fn a_store_of_the_first_version_is_brought_up_to_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(schema::MIGRATIONS[0]).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    drop(old);
    let store = Sqlite::open(&path, Durability::Disk).unwrap();
    assert_eq!(store.endings(9).unwrap(), []);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves P11, C10: what waits in a store of an earlier version goes on waiting for the same.
#[test]
fn what_waits_in_an_older_store_waits_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let first = store.submit(&submission("ws1", 1)).unwrap();
    let after = |job: JobName| {
        let mut next = submission("ws1", 1);
        next.job.after = vec![job];
        store.submit(&next).unwrap().job
    };
    let (second, third) = (after(first.job), after(first.job));
    let old = rusqlite::Connection::open(store.path()).unwrap();
    drop(store);
    old.execute_batch("DROP TABLE dependencies; CREATE INDEX jobs_waiting ON jobs (num) WHERE waiting = 1")
        .unwrap();
    old.execute("UPDATE jobs SET doc = x'ff00' WHERE num = ?1", [third.0.cast_signed()]).unwrap();
    old.pragma_update(None, "user_version", 2).unwrap();
    drop(old);
    let store = open(&folder);
    assert_eq!(store.startable_jobs(&[], 9).unwrap(), [first.job]);
    store.change_runs(&[to(&paths("ws1", &first)[0], Status::Completed)]).unwrap();
    assert_eq!(store.startable_jobs(&[], 9).unwrap(), [second]);
}

// Proves P11 (the other way round) and P8: stores that cannot be used say so.
#[test]
fn a_newer_store_and_a_damaged_one_are_refused_with_reason() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&folder));
    let path = folder.path().join("records.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Sqlite::open(&path, Durability::Disk).unwrap_err();
    assert!(error.to_string().contains("has version 99"), "{error}");

    let other = folder.path().join("other.db");
    std::fs::write(&other, vec![b'x'; 8192]).unwrap();
    let error = Sqlite::open(&other, Durability::Disk).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

// Proves C12: a backup taken while others write is whole.
#[test]
fn a_backup_opens_and_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.submit(&submission("ws1", 50)).unwrap();
    let to = folder.path().join("copy.db");
    store.backup(&to).unwrap();
    let copy = Sqlite::open(&to, Durability::Disk).unwrap();
    assert_eq!(copy.runs(&RunQuery::default()).unwrap(), store.runs(&RunQuery::default()).unwrap());
    assert_eq!(copy.check().unwrap(), Vec::<String>::new());
}
