//! What is deleted, restored and copied.

use rstest::rstest;

use super::*;
use crate::model::Status;
use crate::store::{Gone, StoreError};

// Proves B41, C12.
#[rstest]
fn the_trash_gives_back_what_it_got(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let submitted = store.submit(&submission("ws1", 2)).unwrap();
    let runs = paths("ws1", &submitted);
    store.trash_runs(&runs[..1]).unwrap();
    assert!(matches!(store.run(&runs[0]), Err(StoreError::Missing { what: "run", .. })));
    assert_eq!(store.job(submitted.job).unwrap().run_count, 1);
    store.restore_runs(&runs[..1]).unwrap();
    assert_eq!(store.run(&runs[0]).unwrap().path(), runs[0]);
    assert_eq!(store.job(submitted.job).unwrap().run_count, 2);
    assert!(store.delete_workspace("ws1").is_err());
    let seen = store.stamp().unwrap();
    store.trash_runs(&runs).unwrap();
    store.delete_workspace("ws1").unwrap();
    assert_eq!(store.jobs(None, None).unwrap(), []);
    let changes = store.changes(seen, 100).unwrap();
    assert!(changes.gone.contains(&Gone::Job(submitted.job)) && changes.jobs.is_empty(), "{changes:?}");

    // The workspace comes back with the first of its runs, and so does the job.
    store.restore_runs(&runs[..1]).unwrap();
    assert_eq!(store.workspaces().unwrap()[0].run_count, 1);
    assert_eq!(store.jobs(None, None).unwrap()[0].run_count, 1);
    let changes = store.changes(seen, 100).unwrap();
    assert_eq!(changes.gone, [Gone::Run(runs[1].clone())]);
    assert_eq!((changes.runs.len(), changes.jobs.len(), changes.workspaces), (1, 1, true));

    let soon = || Time::now().plus(Duration::from_secs(1));
    let emptied = store.empty_trash(soon()).unwrap();
    assert_eq!(emptied.runs.iter().map(Run::path).collect::<Vec<_>>(), runs[1..]);
    assert_eq!(emptied.jobs, [], "the other run may be wanted again");
    store.trash_runs(&runs[..1]).unwrap();
    let emptied = store.empty_trash(soon()).unwrap();
    assert_eq!(emptied.jobs.iter().map(|job| job.job_id).collect::<Vec<_>>(), [submitted.job]);
    assert_eq!(store.trash().unwrap(), []);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves C12, C10: a job keeps its status when its runs are deleted, for jobs that come after it.
#[rstest]
fn a_job_without_runs_stays_what_it_was(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let submitted = store.submit(&family("ws1", 1)).unwrap();
    let runs = paths("ws1", &submitted);
    store.change_runs(&[to(&runs[0], Status::Completed)]).unwrap();
    store.trash_runs(&runs).unwrap();
    assert_eq!(store.job(submitted.job).unwrap().job_status, Status::Completed);
    let parent = RunPath::new("ws1", submitted.parent.unwrap());
    assert_eq!(store.run(&parent).unwrap().status, Status::Completed);
}

// Proves B41: a copy is counted where it belongs.
#[rstest]
fn a_copy_is_one_more_run_of_its_job(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let submitted = store.submit(&submission("ws1", 1)).unwrap();
    let run = paths("ws1", &submitted).remove(0);
    store.change_runs(&[to(&run, Status::Completed)]).unwrap();
    assert!(store.copy_run(&run, "ws2").is_err());
    store.create_workspace(&Workspace { ws: "ws2".into(), ..Workspace::default() }).unwrap();
    let copy = RunPath::new("ws2", store.copy_run(&run, "ws2").unwrap());
    assert_eq!(store.job(submitted.job).unwrap().completed_runs, 2);
    assert_eq!(store.events(&copy).unwrap().last().unwrap().event, "copied");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    store.trash_runs(&[run, copy]).unwrap();
    assert_eq!(store.job(submitted.job).unwrap().run_count, 0);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
