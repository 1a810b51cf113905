//! Lists and the feed of changes.

use super::super::*;
use super::*;

// Proves S6: the names of many runs are read without their documents.
#[test]
fn names_are_read_from_the_columns_and_only_of_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let runs = paths("ws1", &store.submit(&submission("ws1", 3)).unwrap());
    let ids: Vec<i64> = store.run_index(&RunQuery::default()).unwrap().iter().map(|key| key.id).collect();
    store.trash_runs(&runs[..1]).unwrap();
    tamper(store.path(), "DELETE FROM run_docs");
    let named = store.run_names_at(&ids).unwrap();
    assert!(named.iter().all(|(id, _)| ids.contains(id)));
    let named: BTreeSet<RunPath> = named.into_iter().map(|(_, path)| path).collect();
    assert_eq!(named, runs[1..].iter().cloned().collect());
}
