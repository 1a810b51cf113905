//! Submits, and what their runs make of jobs and parents.

use rstest::rstest;

use super::*;
use crate::model::Status;
use crate::store::RunPatch;

// Proves A1, P1: a submit whose answer was lost is repeated without a second job.
#[rstest]
fn a_token_is_submitted_once(#[values(sqlite, mongo)] open: Open) {
    let store = open();
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
#[rstest]
fn a_job_begins_with_counts_of_its_own(#[values(sqlite, mongo)] open: Open) {
    let store = open();
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
#[rstest]
fn a_hundred_submits_at_once_lose_nothing(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let threads: Vec<_> = (0..100)
        .map(|_| {
            let store = store.again();
            std::thread::spawn(move || store.submit(&submission("ws1", 1)).unwrap())
        })
        .collect();
    let mut jobs: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap().job.0).collect();
    jobs.sort_unstable();
    assert_eq!(jobs, (1..=100).collect::<Vec<_>>());
    assert_eq!(store.runs(&RunQuery::default()).unwrap().len(), 100);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves A4: parents and jobs follow their runs.
#[rstest]
fn a_job_and_a_parent_are_what_their_runs_are(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let submitted = store.submit(&family("ws1", 2)).unwrap();
    let runs = paths("ws1", &submitted);
    let parent = RunPath::new("ws1", submitted.parent.unwrap());
    let status =
        |store: &Store| (store.job(submitted.job).unwrap().job_status, store.run(&parent).unwrap().status);
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
#[rstest]
fn conditions_guard_changes(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let runs = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap());
    let claim = RunChange { expect: vec![Status::Queued], ..to(&runs[0], Status::Spawning) };
    assert_eq!(store.change_runs(&[claim.clone(), claim.clone()]).unwrap(), [true, false]);
    assert_eq!(store.change_runs(&[claim]).unwrap(), [false]);
    let old = RunChange { expect_attempt: Some(7), ..to(&runs[0], Status::Completed) };
    assert_eq!(store.change_runs(&[old]).unwrap(), [false]);
}

// Proves C10: `--after`.
#[rstest]
fn a_job_waits_for_its_dependencies_and_falls_with_them(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let first = store.submit(&submission("ws1", 1)).unwrap();
    let after = |job: JobName| {
        let mut submission = submission("ws1", 1);
        submission.job.after = vec![job];
        store.submit(&submission).unwrap()
    };
    let second = after(first.job);
    let third = after(second.job);
    let startable = |store: &Store| store.startable_jobs(&[], 10).unwrap();
    assert_eq!(startable(&store), [first.job]);
    store.change_runs(&[to(&paths("ws1", &first)[0], Status::Completed)]).unwrap();
    assert_eq!(startable(&store), [second.job]);
    store.change_runs(&[to(&paths("ws1", &second)[0], Status::Error)]).unwrap();
    assert_eq!(startable(&store), []);
    assert_eq!(store.job(third.job).unwrap().job_status, Status::Aborted);
    let reason = store.run(&paths("ws1", &third)[0]).unwrap().end_reason.unwrap();
    assert_eq!(reason, "job2, which it comes after, ended with status error");
}

// Proves C10: a job that is forgotten is in nobody's way.
#[rstest]
fn a_job_that_is_forgotten_is_waited_for_no_longer(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let first = store.submit(&submission("ws1", 1)).unwrap();
    let mut second = submission("ws1", 1);
    second.job.after = vec![first.job];
    let second = store.submit(&second).unwrap();
    store.trash_runs(&paths("ws1", &first)).unwrap();
    assert_eq!(store.startable_jobs(&[], 10).unwrap(), []);
    store.empty_trash(Time::now().plus(Duration::from_secs(1))).unwrap();
    assert_eq!(store.startable_jobs(&[], 10).unwrap(), [second.job]);
}

// Proves P5, and that a clock set back makes no retry wait for ever; a retry that is due and may not start yet
// is told once.
#[rstest]
fn a_retry_waits_as_long_as_it_was_told_and_never_longer(#[values(sqlite, mongo)] open: Open) {
    let store = open();
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

// Proves B40: unknown and confusable names.
#[rstest]
fn names_are_guarded(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    store.submit(&submission("curious", 1)).unwrap();
    let error = store.submit(&submission("Curious", 1)).unwrap_err();
    assert!(error.to_string().contains("differs from it only in case"), "{error}");
    let error = store.experiments(Some("curios")).unwrap_err();
    assert_eq!(error.to_string(), "there is no workspace `curios`; did you mean `curious`?");
    assert!(store.submit(&submission("../evil", 1)).is_err());
}
