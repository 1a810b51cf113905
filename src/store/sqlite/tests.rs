//! The embedded store against real files.

use std::sync::Arc;

use super::*;
use crate::model::{Scalar, Status};
use crate::store::{Gone, NewPoint, NewRun, RunPatch, SortKey, StoreError};

pub fn open(folder: &tempfile::TempDir) -> Sqlite {
    Sqlite::open(folder.path().join("records.db"), Durability::System).unwrap()
}

pub fn submission(ws: &str, runs: usize) -> Submission {
    let job = Job { ws_name: ws.into(), exper_name: "exper1".into(), started: Time::now(), ..Job::default() };
    let new = NewRun {
        run: Run { exper_name: "exper1".into(), create_time: Time::now(), ..Run::default() },
        events: vec![Event::now("created", [])],
    };
    let run = Run { ws: ws.into(), ..new.run.clone() };
    let new = NewRun { run, ..new };
    Submission { token: uuid::Uuid::new_v4().to_string(), job, runs: vec![new; runs], parent: None }
}

fn family(ws: &str, children: usize) -> Submission {
    let submission = submission(ws, children);
    let mut parent = submission.runs[0].clone();
    parent.run.is_parent = true;
    Submission { parent: Some(parent), ..submission }
}

fn to(path: &RunPath, status: Status) -> RunChange {
    let end_time = status.is_final().then(Time::now);
    RunChange {
        run: path.clone(),
        expect: vec![],
        expect_attempt: None,
        patch: RunPatch { status: Some(status), end_time, ..RunPatch::default() },
        events: vec![],
    }
}

pub fn paths(ws: &str, submitted: &Submitted) -> Vec<RunPath> {
    submitted.runs.iter().map(|run| RunPath::new(ws, *run)).collect()
}

// Proves A1, P1: a submit whose answer was lost is repeated without a second job.
#[test]
fn a_token_is_submitted_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let submission = family("ws1", 3);
    let first = store.submit(&submission).unwrap();
    assert_eq!(store.submit(&submission).unwrap(), first);
    assert_eq!(first.parent.unwrap().to_string(), "run1");
    assert_eq!(
        first.runs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["run1.1", "run1.2", "run1.3"]
    );
    assert_eq!(store.jobs(None, None).unwrap().len(), 1);
    assert_eq!(store.job(first.job).unwrap().run_count, 3);
}

// Proves A2 (rerun): a job made from one that has ended begins anew.
#[test]
fn a_job_begins_with_counts_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let first = store.submit(&submission("ws1", 2)).unwrap();
    let runs = paths("ws1", &first);
    store.change_runs(&[to(&runs[0], Status::Completed), to(&runs[1], Status::Error)]).unwrap();
    let mut again = submission("ws1", 1);
    again.job = store.job(first.job).unwrap();
    let job = store.job(store.submit(&again).unwrap().job).unwrap();
    assert_eq!((job.run_count, job.queued_runs, job.completed_runs, job.error_runs), (1, 1, 0, 0));
    assert_eq!((job.job_status, job.end_time), (Status::Queued, None));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves A1: many processes at once lose nothing (each thread has a store of its own, as a process has).
#[test]
fn a_hundred_submits_at_once_lose_nothing() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let threads: Vec<_> = (0..100)
        .map(|_| {
            let folder = Arc::clone(&folder);
            std::thread::spawn(move || open(&folder).submit(&submission("ws1", 1)).unwrap())
        })
        .collect();
    let mut jobs: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap().job.0).collect();
    jobs.sort_unstable();
    assert_eq!(jobs, (1..=100).collect::<Vec<_>>());
    let store = open(&folder);
    assert_eq!(store.runs(&RunQuery::default()).unwrap().len(), 100);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves A4: parents and jobs follow their runs.
#[test]
fn a_job_and_a_parent_are_what_their_runs_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let submitted = store.submit(&family("ws1", 2)).unwrap();
    let runs = paths("ws1", &submitted);
    let parent = RunPath::new("ws1", submitted.parent.unwrap());
    let status =
        |store: &Sqlite| (store.job(submitted.job).unwrap().job_status, store.run(&parent).unwrap().status);
    store.change_runs(&[to(&runs[0], Status::Running)]).unwrap();
    assert_eq!(status(&store), (Status::Running, Status::Running));
    store.change_runs(&[to(&runs[0], Status::Completed)]).unwrap();
    assert_eq!(status(&store), (Status::Running, Status::Running));
    store.change_runs(&[to(&runs[1], Status::Error)]).unwrap();
    assert_eq!(status(&store), (Status::Error, Status::Error));
    let job = store.job(submitted.job).unwrap();
    assert_eq!((job.queued_runs, job.running_runs, job.completed_runs, job.error_runs), (0, 0, 1, 1));
    assert!(job.end_time.is_some());
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves A4: a change is refused when the run is no longer as the writer saw it.
#[test]
fn conditions_guard_changes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let runs = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap());
    let claim = RunChange { expect: vec![Status::Queued], ..to(&runs[0], Status::Spawning) };
    assert_eq!(store.change_runs(&[claim.clone(), claim.clone()]).unwrap(), [true, false]);
    assert_eq!(store.change_runs(&[claim]).unwrap(), [false]);
    let old = RunChange { expect_attempt: Some(7), ..to(&runs[0], Status::Completed) };
    assert_eq!(store.change_runs(&[old]).unwrap(), [false]);
}

// Proves C10: `--after`.
#[test]
fn a_job_waits_for_its_dependencies_and_falls_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let first = store.submit(&submission("ws1", 1)).unwrap();
    let after = |job: JobName| {
        let mut submission = submission("ws1", 1);
        submission.job.after = vec![job];
        store.submit(&submission).unwrap()
    };
    let second = after(first.job);
    let third = after(second.job);
    let startable = |store: &Sqlite| store.startable_jobs(&[], 10).unwrap();
    assert_eq!(startable(&store), [first.job]);
    store.change_runs(&[to(&paths("ws1", &first)[0], Status::Completed)]).unwrap();
    assert_eq!(startable(&store), [second.job]);
    store.change_runs(&[to(&paths("ws1", &second)[0], Status::Error)]).unwrap();
    assert_eq!(startable(&store), []);
    assert_eq!(store.job(third.job).unwrap().job_status, Status::Aborted);
    let reason = store.run(&paths("ws1", &third)[0]).unwrap().end_reason.unwrap();
    assert_eq!(reason, "job2, which it comes after, ended with status error");
}

// Proves C6, P4: what a run said is counted once, however often it is reported.
#[test]
fn a_batch_is_taken_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    let point = |step: u32| NewPoint {
        name: "loss".into(),
        step: Some(step.into()),
        time: Time::now(),
        value: Scalar::Float(1.0 / f64::from(step + 1)),
        call: step.into(),
    };
    let batch = |from: u64, to: u64, points: Vec<NewPoint>| MetricBatch {
        run: run.clone(),
        source: "a.jsonl".into(),
        from,
        to,
        points,
        hparams: [("lr".to_owned(), Scalar::Float(0.1))].into_iter().collect(),
        tags: crate::model::Values::new(),
        events: vec![],
    };
    let first = batch(0, 100, (0..5000).map(point).collect());
    store.ingest(&[first.clone(), first.clone()]).unwrap();
    store.ingest(&[first]).unwrap();
    store.ingest(&[batch(100, 120, vec![point(0)])]).unwrap();
    let series = store.metrics(&run, &[]).unwrap();
    assert_eq!(series[0].points.len(), 5001);
    assert_eq!(series[0].points[5000].index, 5000);
    assert_eq!(store.ingested(&run).unwrap(), [("a.jsonl".to_owned(), 120)]);
    assert_eq!(store.run(&run).unwrap().metrics["loss"], Scalar::Float(1.0));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves C7, R5: a live chart asks for what is new.
#[rstest::rstest]
#[case::all(0, 5001)]
#[case::within_the_first_block(100, 4901)]
#[case::at_the_end_of_a_block(4096, 905)]
#[case::within_the_last_block(5000, 1)]
fn numbers_come_without_those_that_were_seen(#[case] seen: u64, #[case] left: usize) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    let point = |name: &str, step: u32, value: Scalar| NewPoint {
        name: name.into(),
        step: Some(step.into()),
        time: Time::from_micros(step.into()),
        value,
        call: step.into(),
    };
    let mut points: Vec<_> =
        (0..5001).map(|step| point("loss", step, Scalar::Float(f64::from(step) / 2.0))).collect();
    points.push(point("note", 7, Scalar::Text("warm".into())));
    let source = "a.jsonl".to_owned();
    let (hparams, tags) = (crate::model::Values::new(), crate::model::Values::new());
    let batch =
        MetricBatch { run: run.clone(), source, from: 0, to: 9, points, hparams, tags, events: vec![] };
    store.ingest(&[batch]).unwrap();
    let all = store.numbers(&run, &[], &Seen::from([("loss".to_owned(), seen)])).unwrap();
    let names: Vec<_> = all.iter().map(|numbers| numbers.name.as_str()).collect();
    assert_eq!(names, ["loss", "note"]);
    assert!(all[1].values[0].is_nan(), "a text is no number");
    let loss = &all[0];
    let first = f64::from(u32::try_from(seen).unwrap());
    assert_eq!((loss.len(), loss.steps[0], loss.values[0]), (left, first, first / 2.0));
    assert_eq!((loss.calls[0], loss.times[0]), (seen, Time::from_micros(seen.cast_signed())));
    let named = store.numbers(&run, &["loss".to_owned()], &Seen::from([("loss".to_owned(), 5001)])).unwrap();
    assert_eq!(named, []);
}

// Proves R5: where a reader goes on holds however the points came in.
#[test]
fn numbers_go_on_after_batches_of_any_size() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    let mut all = Vec::new();
    for (number, size) in (0_u64..).zip([1, 4094, 1, 1, 4095, 5000, 3, 9000, 1]) {
        let value = |i: u32| f64::from(i) + f64::from(u32::try_from(number).unwrap()) / 16.0;
        let point = |i: u32| NewPoint {
            name: "loss".into(),
            step: None,
            time: Time::from_micros(0),
            value: Scalar::Float(value(i)),
            call: i.into(),
        };
        all.extend((0..size).map(value));
        let batch = MetricBatch {
            run: run.clone(),
            source: "a.jsonl".into(),
            from: number,
            to: number + 1,
            points: (0..size).map(point).collect(),
            hparams: crate::model::Values::new(),
            tags: crate::model::Values::new(),
            events: vec![],
        };
        store.ingest(&[batch]).unwrap();
        for seen in [0, 1, 4095, 4096, 4097, 8192, all.len() - 1, all.len()] {
            let known = Seen::from([("loss".to_owned(), seen as u64)]);
            let read = store.numbers(&run, &["loss".to_owned()], &known).unwrap();
            let left = all.get(seen..).unwrap_or_default();
            assert_eq!(read.first().map_or(&[][..], |numbers| &numbers.values), left, "after {seen}");
        }
    }
}

// Proves A1, R2: the feed tells what changed and nothing else.
#[test]
fn the_feed_tells_changes_and_deletions() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
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

#[test]
fn a_feed_in_small_pieces_tells_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    for _ in 0..20 {
        store.submit(&submission("ws1", 3)).unwrap();
    }
    let (mut since, mut told) = (0, BTreeSet::new());
    loop {
        let changes = store.changes(since, 5).unwrap();
        told.extend(changes.runs.iter().map(Run::path));
        since = changes.stamp;
        if !changes.more {
            break;
        }
    }
    assert_eq!(told.len(), 60);
}

// Proves B41, C12.
#[test]
fn the_trash_gives_back_what_it_got() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
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
#[test]
fn a_job_without_runs_stays_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let submitted = store.submit(&family("ws1", 1)).unwrap();
    let runs = paths("ws1", &submitted);
    store.change_runs(&[to(&runs[0], Status::Completed)]).unwrap();
    store.trash_runs(&runs).unwrap();
    assert_eq!(store.job(submitted.job).unwrap().job_status, Status::Completed);
    let parent = RunPath::new("ws1", submitted.parent.unwrap());
    assert_eq!(store.run(&parent).unwrap().status, Status::Completed);
}

// Proves B41: a copy is counted where it belongs.
#[test]
fn a_copy_is_one_more_run_of_its_job() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
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

// Proves B40: unknown and confusable names.
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

// Proves P5, and that a clock set back makes no retry wait for ever; a retry that is due and may not start yet
// is told once.
#[test]
fn a_retry_waits_as_long_as_it_was_told_and_never_longer() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let submitted = store.submit(&submission("ws1", 1)).unwrap();
    let now = Time::now();
    let (second, longest) = (Duration::from_secs(1), Duration::from_mins(5));
    let patch = RunPatch { not_before: Some(Some(now.plus(second))), ..RunPatch::default() };
    let run = paths("ws1", &submitted).remove(0);
    store.change_runs(&[RunChange { patch, ..to(&run, Status::Queued) }]).unwrap();
    let may = |at: Time| !store.startable_runs(submitted.job, at, longest, 1).unwrap().is_empty();
    assert!(!may(now));
    assert!(may(now.plus(second)));
    let day = Duration::from_hours(24);
    assert!(may(Time::from_micros(now.micros() - i64::try_from(day.as_micros()).unwrap())));
    assert_eq!(store.next_due(now).unwrap(), Some(now.plus(second)));
    assert_eq!(store.next_due(now.plus(second)).unwrap(), None);
}

#[test]
fn names_are_guarded() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.submit(&submission("curious", 1)).unwrap();
    let error = store.submit(&submission("Curious", 1)).unwrap_err();
    assert!(error.to_string().contains("differs from it only in case"), "{error}");
    let error = store.experiments(Some("curios")).unwrap_err();
    assert_eq!(error.to_string(), "there is no workspace `curios`; did you mean `curious`?");
    assert!(store.submit(&submission("../evil", 1)).is_err());
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

// Proves A7: sorting puts runs without a value last in both directions.
#[test]
fn lists_are_sorted_and_cut() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
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

// Proves B41 (when anything last happened in a workspace): of any run, not of the youngest.
#[test]
fn a_workspace_changed_when_any_of_its_runs_did() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
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
