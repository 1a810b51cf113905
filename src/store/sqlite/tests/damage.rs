//! Records that cannot be read.

use super::super::*;
use super::*;
use crate::model::Status;
use crate::store::StoreError;

// Proves P8: one corrupt record is told, and the others are listed.
#[test]
fn a_corrupt_record_does_not_hide_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let runs = paths("ws1", &store.submit(&submission("ws1", 3)).unwrap());
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    raw.execute("UPDATE run_docs SET doc = '{\"ws\": 7' WHERE id = 2", []).unwrap();
    let listed = store.runs(&RunQuery::default()).unwrap();
    assert_eq!(listed.len(), 3);
    assert!(listed[1].end_reason.as_deref().unwrap().contains("xt check store"));
    assert!(matches!(store.run(&runs[1]), Err(StoreError::Corrupt { .. })));
    assert_eq!(store.check().unwrap().len(), 1);
}

// Proves P8: one that cannot be read is passed over.
#[test]
fn a_corrupt_record_keeps_no_other_run_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let job = store.submit(&submission("ws1", 3)).unwrap().job;
    store
        .write(
            |tx| Ok(tx.execute("UPDATE run_docs SET doc = '{' WHERE id = (SELECT MIN(id) FROM runs)", [])?),
        )
        .unwrap();
    let names = |limit| {
        let runs = store.startable_runs(job, Time::now(), Duration::ZERO, limit).unwrap();
        runs.iter().map(|run| run.run_name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(1), ["run2"]);
    assert_eq!(names(9), ["run2", "run3"]);
}

/// Puts something else in place of a run's document, or of a job's.
fn damage(store: &Sqlite, sql: &str) {
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    assert!(raw.execute(sql, []).unwrap() > 0);
}

// Proves P8, C12: a controller is not needed for what nobody can read, whatever is in its place.
#[rstest::rstest]
#[case("UPDATE run_docs SET doc = '{'")]
#[case("UPDATE run_docs SET doc = x'ff00'")]
#[case("DELETE FROM run_docs")]
#[case("UPDATE jobs SET doc = '[]'")]
#[case("UPDATE jobs SET doc = x'ff00'")]
#[case("UPDATE runs SET status = 'running', box = 'here'; UPDATE run_docs SET doc = '{'")]
#[case("UPDATE runs SET cancelled = 1; UPDATE run_docs SET doc = '{'")]
fn what_cannot_be_read_is_no_work(#[case] sql: &str) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.submit(&submission("ws1", 1)).unwrap();
    assert!(store.has_work().unwrap());
    rusqlite::Connection::open(store.path()).unwrap().execute_batch(sql).unwrap();
    assert!(!store.has_work().unwrap());
    assert_eq!(store.runs(&RunQuery::default()).unwrap().len(), 1);
    assert_eq!(store.jobs(None, None).unwrap().len(), 1);
    assert_eq!(store.changes(0, 9).unwrap().runs.len(), 1);
    assert!(store.check().unwrap().iter().any(|finding| finding.contains("--repair")));
    store.submit(&submission("ws1", 1)).unwrap();
    assert!(store.has_work().unwrap());
}

// Proves P8, C12: a run that cannot be read goes to the trash as it is, comes back, and is forgotten with its job.
#[test]
fn an_unreadable_run_goes_to_the_trash_and_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let submitted = store.submit(&submission("ws1", 2)).unwrap();
    let runs = paths("ws1", &submitted);
    damage(&store, "UPDATE run_docs SET doc = '{\"ws\": 7' WHERE id = 1");
    let error = store.run(&runs[0]).unwrap_err().to_string();
    assert!(error.starts_with("the record of ws1/run1 cannot be read"), "{error}");
    let known = store.unreadable().unwrap().runs.remove(0);
    assert_eq!((known.job_id, known.exper_name.as_str(), known.is_outer), (submitted.job, "exper1", true));

    store.trash_runs(&runs[..1]).unwrap();
    assert_eq!(store.job(submitted.job).unwrap().queued_runs, 1);
    assert_eq!(store.unreadable().unwrap(), Unreadable::default());
    assert!(store.trash().unwrap()[0].1.unreadable);
    store.restore_runs(&runs[..1]).unwrap();
    assert_eq!(store.job(submitted.job).unwrap().queued_runs, 2);
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    let doc: String = raw.query_row("SELECT doc FROM run_docs WHERE id = 1", [], |row| row.get(0)).unwrap();
    assert_eq!(doc, "{\"ws\": 7");

    damage(&store, "UPDATE jobs SET doc = ''");
    store.trash_runs(&runs).unwrap();
    let emptied = store.empty_trash(Time::now().plus(Duration::from_secs(1))).unwrap();
    assert_eq!((emptied.runs.len(), emptied.jobs.len()), (2, 1));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves P8: neither a parent nor a job after others that cannot be read keeps what others do from being recorded.
#[test]
fn unreadable_relatives_keep_nothing_from_being_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let submitted = store.submit(&family("ws1", 1)).unwrap();
    let mut after = submission("ws1", 1);
    after.job.after = vec![submitted.job];
    let after = store.submit(&after).unwrap().job;
    let mut last = submission("ws1", 1);
    last.job.after = vec![after];
    let last = store.submit(&last).unwrap();
    damage(&store, "UPDATE run_docs SET doc = '{' WHERE id = (SELECT id FROM runs WHERE family = 'parent')");
    damage(&store, "UPDATE jobs SET doc = '{' WHERE num = 2");
    let child = paths("ws1", &submitted).remove(0);
    assert_eq!(store.change_runs(&[to(&child, Status::Completed)]).unwrap(), [true]);
    let parent = store.runs(&RunQuery::default()).unwrap().remove(0);
    assert_eq!((parent.status, parent.is_parent, parent.unreadable), (Status::Completed, true, true));
    assert!(!store.startable_jobs(&[], 9).unwrap().contains(&last.job), "what it waits for has not ended");

    // Of a job that can never start, the runs that can be read are told so.
    let first = store.submit(&submission("ws2", 1)).unwrap();
    let mut second = submission("ws2", 2);
    second.job.after = vec![first.job];
    let second = paths("ws2", &store.submit(&second).unwrap());
    damage(&store, "UPDATE run_docs SET doc = '{' WHERE id = (SELECT MAX(id) FROM runs)");
    let first = paths("ws2", &first).remove(0);
    assert_eq!(store.change_runs(&[to(&first, Status::Error)]).unwrap(), [true]);
    assert_eq!(store.run(&second[0]).unwrap().status, Status::Aborted);
}

// Proves P8, C12: a job is written anew from its runs; what waited ends, and what ended stays.
#[test]
fn an_unreadable_job_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let submitted = store.submit(&submission("ws1", 3)).unwrap();
    let runs = paths("ws1", &submitted);
    store.change_runs(&[to(&runs[0], Status::Completed), to(&runs[1], Status::Running)]).unwrap();
    assert!(!store.rebuild_job(submitted.job).unwrap());
    damage(&store, "UPDATE jobs SET doc = 'null'");
    assert_eq!(store.unreadable().unwrap().jobs, [(submitted.job, b"null".to_vec())]);
    assert!(store.rebuild_job(submitted.job).unwrap());
    let job = store.job(submitted.job).unwrap();
    let counts = (job.run_count, job.queued_runs, job.running_runs, job.completed_runs, job.error_runs);
    assert_eq!(
        (counts, job.job_status, job.exper_name.as_str()),
        ((3, 0, 1, 1, 1), Status::Running, "exper1")
    );
    assert!(store.run(&runs[2]).unwrap().end_reason.unwrap().contains("the record of its job"));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves P8: a check counts for itself.
#[rstest::rstest]
#[case("run_count")]
#[case("queued_runs")]
#[case("running_runs")]
#[case("completed_runs")]
#[case("error_runs")]
#[case("cancelled_runs")]
fn a_check_finds_every_wrong_count(#[case] field: &str) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let runs = paths("ws1", &store.submit(&submission("ws1", 4)).unwrap());
    let ends = [Status::Running, Status::Completed, Status::Error, Status::Cancelled];
    let changes: Vec<_> = runs.iter().zip(ends).map(|(run, status)| to(run, status)).collect();
    store.change_runs(&changes).unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    damage(&store, &format!("UPDATE jobs SET doc = json_set(doc, '$.{field}', 7)"));
    let findings = store.check().unwrap();
    assert!(findings.len() == 1 && findings[0].starts_with("job1: it counts "), "{findings:?}");
}

// Proves P8: only what is gone or cannot be read is passed over; when the database itself does not answer, nothing of
// the change is kept. (A table that is not there stands for a lock, a full disk, a broken page.)
#[test]
fn a_database_that_does_not_answer_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let runs = paths("ws1", &store.submit(&submission("ws1", 2)).unwrap());
    let raw = rusqlite::Connection::open(store.path()).unwrap();
    raw.execute_batch("ALTER TABLE jobs RENAME TO elsewhere").unwrap();
    let change = store.change_runs(&[to(&runs[0], Status::Completed)]);
    assert!(matches!(change, Err(StoreError::Database { .. })), "{change:?}");
    assert_eq!(store.run(&runs[0]).unwrap().status, Status::Queued);
    raw.execute_batch("ALTER TABLE runs RENAME TO missing").unwrap();
    let told = store.told(&[1], &[(runs[0].clone(), Event::now("notified", []))]);
    assert!(matches!(told, Err(StoreError::Database { .. })), "{told:?}");
}
