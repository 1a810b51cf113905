//! Lists and the feed of changes.

use rstest::rstest;

use super::*;
use crate::model::{Scalar, Status};
use crate::store::{Gone, SortKey};

// Proves A1, R2: the feed tells what changed and nothing else.
#[rstest]
fn the_feed_tells_changes_and_deletions(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let runs = paths("ws1", &store.submit(&submission("ws1", 3)).unwrap());
    let seen = store.changes(0, 1000).unwrap();
    assert_eq!((seen.runs.len(), seen.jobs.len(), seen.workspaces, seen.more), (3, 1, true, false));
    store.change_runs(&[to(&runs[1], Status::Running)]).unwrap();
    let seen = store.changes(seen.stamp, 1000).unwrap();
    assert_eq!((seen.runs.len(), seen.jobs.len(), seen.workspaces), (1, 1, false));
    assert_eq!(seen.runs[0].path(), runs[1]);
    store.trash_runs(&runs[..1]).unwrap();
    let after = store.changes(seen.stamp, 1000).unwrap();
    assert_eq!(after.gone, [Gone::Run(runs[0].clone())]);
    assert_eq!(store.changes(after.stamp, 1000).unwrap().runs.len(), 0);
    let mut watch = store.watch().unwrap();
    store.change_runs(&[to(&runs[2], Status::Running)]).unwrap();
    assert!(watch.wait(Some(Duration::from_secs(30))).unwrap());
}

// Proves R2: pieces end between stamps only, however many documents share one.
#[rstest]
#[case::few_of_each_stamp(&[3; 20])]
#[case::as_many_as_a_piece(&[5, 6])]
#[case::more_than_a_piece(&[7, 2, 40])]
#[case::more_after_less(&[2, 12])]
fn a_feed_in_small_pieces_tells_the_same(#[values(sqlite, mongo)] open: Open, #[case] submits: &[usize]) {
    let store = open();
    let (mut since, mut told) = (0, BTreeSet::new());
    let mut read = |store: &Store| {
        for _ in 0..100 {
            let changes = store.changes(since, 5).unwrap();
            told.extend(changes.runs.iter().map(Run::path));
            since = changes.stamp;
            if !changes.more {
                return told.len();
            }
        }
        panic!("it comes to no end");
    };
    for runs in submits {
        store.submit(&submission("ws1", *runs)).unwrap();
    }
    assert_eq!(read(&store), submits.iter().sum::<usize>());
    // What has been told is in no piece's way.
    for runs in submits {
        store.submit(&submission("ws1", *runs)).unwrap();
        read(&store);
    }
    assert_eq!(read(&store), 2 * submits.iter().sum::<usize>());
}

// Proves A7: sorting puts runs without a value last in both directions.
#[rstest]
fn lists_are_sorted_and_cut(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let mut submission = submission("ws1", 4);
    for (new, lr) in submission.runs.iter_mut().zip(["0.5", "NaN", "0.1"]) {
        new.run.hparams.insert("lr".into(), Scalar::from_word(lr));
    }
    store.submit(&submission).unwrap();
    let names = |field: &str, descending: bool, last: Option<usize>| {
        let sort = vec![SortKey { field: field.into(), descending }];
        let query = RunQuery { ws: Some("ws1".into()), sort, last, ..RunQuery::default() };
        store.runs(&query).unwrap().iter().map(|run| run.run_name.number).collect::<Vec<_>>()
    };
    for field in ["hparams.lr", "lr"] {
        assert_eq!(names(field, false, None), [3, 1, 2, 4]);
        assert_eq!(names(field, true, None), [2, 1, 3, 4]);
    }
    assert_eq!(names("run", true, Some(2)), [2, 1]);
}

// Proves B41 (when anything last happened in a workspace): of any run, not of the youngest.
#[rstest]
fn a_workspace_changed_when_any_of_its_runs_did(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    store.create_workspace(&Workspace { ws: "empty".into(), ..Workspace::default() }).unwrap();
    let old = paths("ws1", &store.submit(&submission("ws1", 2)).unwrap());
    let mut young = submission("ws1", 1);
    young.job.exper_name = "exper2".into();
    young.runs[0].run.exper_name = "exper2".into();
    let young = paths("ws1", &store.submit(&young).unwrap());
    let last = |path: &RunPath| store.run(path).map(|run| run.last_time.max(run.create_time)).ok();
    store.change_runs(&[to(&young[0], Status::Running)]).unwrap();
    store.change_runs(&[to(&old[0], Status::Running)]).unwrap();
    let told = || {
        let experiments = store.experiments(Some("ws1")).unwrap();
        let workspaces = store.workspaces().unwrap();
        assert_eq!(workspaces[0].last_time, None);
        (workspaces[1].last_time, experiments[0].last_time, experiments[1].last_time)
    };
    assert_eq!(told(), (last(&old[0]), last(&old[0]), last(&young[0])));
    store.trash_runs(&old[..1]).unwrap();
    assert_eq!(told(), (last(&young[0]), last(&old[1]), last(&young[0])));
    store.restore_runs(&old[..1]).unwrap();
    assert_eq!(told(), (last(&old[0]), last(&old[0]), last(&young[0])));
}
