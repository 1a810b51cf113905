//! Leaders: parents with a script of their own, which runs before their children may start.
//!
//! Until it has completed the children are `created`, which no controller starts. What becomes of them is written
//! in the transaction that records the script's end, so that no controller need remember it.

use std::borrow::Cow;

use rusqlite::Connection;

use super::row::{Answer, RUN_COLUMNS, append_events, readable_run, run, run_id, signed, update_run};
use crate::model::{Event, Run, RunPath, Status, Time};
use crate::store::{RunChange, RunPatch};

/// What a change of a run means for a leader. One whose script has completed is a parent from then on, and under way
/// until its children have ended; one whose script has failed says what that means.
pub fn change<'a>(run: &mut Run, patch: &'a RunPatch) -> Cow<'a, RunPatch> {
    match patch.status {
        Some(Status::Completed) if run.leads => {
            run.leads = false;
            let under_way = Some(Status::Running);
            Cow::Owned(RunPatch { status: under_way, end_time: None, exit_code: Some(None), ..patch.clone() })
        }
        Some(status) if run.leads && status.is_failure() => {
            let why = patch.end_reason.clone().flatten();
            let why = why.unwrap_or_else(|| "its parent script failed".to_owned());
            let end_reason = Some(Some(format!("{why}; its runs do not start")));
            Cow::Owned(RunPatch { end_reason, ..patch.clone() })
        }
        _ => Cow::Borrowed(patch),
    }
}

/// The changes of the children that waited for a leader which waits no more: they may start, or never will.
pub fn follow(db: &Connection, leader: &RunPath) -> Answer<Vec<RunChange>> {
    let record = run(db, run_id(db, leader)?)?;
    let now = Time::now();
    let (status, reason) = match record.status {
        _ if !record.leads => (Status::Queued, None),
        Status::Cancelled => {
            (Status::Cancelled, Some(format!("{}, its parent, was cancelled before it started", leader.run)))
        }
        failed => {
            let code = record.exit_code.map(|code| format!(" (exit code {code})")).unwrap_or_default();
            let reason = format!("the parent script of {} ended with status {failed}{code}", leader.run);
            (Status::Aborted, Some(reason))
        }
    };
    let event = match &reason {
        None => Event::at(now, "queued", []),
        Some(reason) => {
            let data = [("status", status.word().into()), ("reason", reason.as_str().into())];
            Event::at(now, "ended", data)
        }
    };
    let change = |child: Run| RunChange {
        run: child.path(),
        expect: vec![Status::Created],
        expect_attempt: None,
        patch: RunPatch {
            status: Some(status),
            end_time: reason.is_some().then_some(now),
            end_reason: reason.clone().map(Some),
            ..RunPatch::default()
        },
        events: vec![event.clone()],
    };
    // A damaged record must not keep the others waiting.
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs JOIN run_docs ON run_docs.id = runs.id
         WHERE job = ?1 AND status = 'created' AND family = 'child' ORDER BY num"
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query([signed(record.job_id.0)])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.extend(readable_run(row)?.map(change));
    }
    Ok(changes)
}

/// Whether a leader is what its children are: only while its own script has not started, and all of them have been
/// ended. One that runs its script for nobody is asked to end.
pub fn gives_way(db: &Connection, id: i64, leader: &mut Run, children: Status, stamp: i64) -> Answer<bool> {
    if !children.is_final() || leader.status.is_final() {
        return Ok(false);
    }
    if leader.status.is_waiting() {
        return Ok(true);
    }
    if leader.cancel_time.is_none() {
        let now = Time::now();
        leader.cancel_time = Some(now);
        update_run(db, id, leader, stamp)?;
        append_events(db, id, &[Event::at(now, "cancel-requested", [("reason", "no run is left".into())])])?;
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::model::{Job, JobName};
    use crate::store::sqlite::{Durability, Sqlite};
    use crate::store::{Kind, NewRun, Records, RunQuery, Submission};

    const LEADER: &str = "run1";

    /// A leader with two children, which wait.
    fn led(folder: &tempfile::TempDir) -> Sqlite {
        let store = Sqlite::open(folder.path().join("records.db"), Durability::System).unwrap();
        let job = Job { ws_name: "ws1".into(), exper_name: "exper1".into(), ..Job::default() };
        let new = |leads| NewRun {
            run: Run { is_parent: leads, leads, ws: "ws1".into(), ..Run::default() },
            events: Vec::new(),
        };
        let (parent, runs) = (Some(new(true)), vec![new(false); 2]);
        store.submit(&Submission { token: "1".into(), job, runs, parent }).unwrap();
        store
    }

    fn path(name: &str) -> RunPath {
        RunPath::new("ws1", name.parse().unwrap())
    }

    fn to(store: &Sqlite, name: &str, patch: RunPatch) {
        let run = path(name);
        let change = RunChange { run, expect: vec![], expect_attempt: None, patch, events: vec![] };
        assert_eq!(store.change_runs(&[change]).unwrap(), [true]);
    }

    fn status(status: Status) -> RunPatch {
        let end_time = status.is_final().then(Time::now);
        RunPatch { status: Some(status), end_time, ..RunPatch::default() }
    }

    fn start(store: &Sqlite) {
        let attempt_time = Some(Time::now());
        let running = RunPatch {
            attempt: Some(1),
            box_name: Some("here".into()),
            attempt_time,
            ..status(Status::Running)
        };
        to(store, LEADER, running);
    }

    fn statuses(store: &Sqlite) -> Vec<Status> {
        let mut runs = store.runs(&RunQuery::default()).unwrap();
        runs.sort_by_key(|run| run.run_num);
        assert_eq!(store.check().unwrap(), Vec::<String>::new());
        runs.iter().map(|run| run.status).chain([store.job(JobName(1)).unwrap().job_status]).collect()
    }

    fn startable(store: &Sqlite) -> Vec<String> {
        let longest = std::time::Duration::from_secs(1);
        let runs = store.startable_runs(JobName(1), Time::now(), longest, 9).unwrap();
        runs.iter().map(|run| run.run_name.to_string()).collect()
    }

    // Proves A4: the parent first, and then its children; in between it is under way and no controller's.
    #[test]
    fn children_start_when_their_parents_script_has_completed() {
        let folder = tempfile::tempdir().unwrap();
        let store = led(&folder);
        assert_eq!(statuses(&store), [Status::Queued, Status::Created, Status::Created, Status::Queued]);
        assert_eq!(startable(&store), [LEADER]);
        start(&store);
        assert_eq!(startable(&store), Vec::<String>::new());
        let of = |kind| store.runs(&RunQuery { kind, ..RunQuery::default() }).unwrap().len();
        assert_eq!((of(Kind::Leaf), of(Kind::Counted), of(Kind::Parent)), (3, 2, 1));
        assert_eq!(store.active_runs().unwrap().len(), 1);
        assert_eq!(statuses(&store)[3], Status::Running);
        to(&store, LEADER, RunPatch { exit_code: Some(Some(0)), ..status(Status::Completed) });
        assert_eq!(statuses(&store), [Status::Running, Status::Queued, Status::Queued, Status::Queued]);
        assert_eq!(startable(&store), ["run1.1", "run1.2"]);
        assert!(store.active_runs().unwrap().is_empty());
        let parent = store.run(&path(LEADER)).unwrap();
        assert_eq!(
            (parent.leads, parent.end_time, parent.end_id, parent.exit_code),
            (false, None, None, None)
        );
        assert!(parent.executes());
        to(&store, "run1.1", status(Status::Completed));
        to(&store, "run1.2", status(Status::Error));
        assert_eq!(statuses(&store), [Status::Error, Status::Completed, Status::Error, Status::Error]);
        assert!(!store.has_work().unwrap());
        assert_eq!((of(Kind::Leaf), of(Kind::Counted), of(Kind::Parent)), (2, 2, 1));
    }

    // Proves A4, C5: what becomes of the children of a parent whose script did not complete, and that both say why.
    #[rstest]
    #[case(Status::Error, Status::Aborted, "ended with status error (exit code 3)")]
    #[case(Status::Lost, Status::Aborted, "ended with status lost")]
    #[case(Status::Aborted, Status::Aborted, "ended with status aborted")]
    #[case(Status::Cancelled, Status::Cancelled, "was cancelled before it started")]
    fn children_of_a_parent_that_failed_never_start(
        #[case] own: Status,
        #[case] children: Status,
        #[case] reason: &str,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = led(&folder);
        start(&store);
        let exit_code = (own == Status::Error).then_some(Some(3));
        to(&store, LEADER, RunPatch { exit_code, ..status(own) });
        let (parent, child) = (store.run(&path(LEADER)).unwrap(), store.run(&path("run1.2")).unwrap());
        assert_eq!(statuses(&store)[..3], [own, children, children]);
        assert!(child.end_reason.unwrap().contains(reason));
        let said = parent.end_reason.unwrap_or_default();
        assert_eq!(said.ends_with("its runs do not start"), own.is_failure(), "{said}");
        assert!(store.job(JobName(1)).unwrap().end_time.is_some());
        assert!(!store.has_work().unwrap());
    }

    // Proves A4: a parent's script is not run for nobody.
    #[test]
    fn a_parent_without_children_left_does_not_run_its_script() {
        let folder = tempfile::tempdir().unwrap();
        let store = led(&folder);
        to(&store, "run1.1", status(Status::Cancelled));
        assert_eq!(startable(&store), [LEADER]);
        to(&store, "run1.2", status(Status::Cancelled));
        assert_eq!(statuses(&store), [Status::Cancelled; 4]);
        assert_eq!(startable(&store), Vec::<String>::new());

        let folder = tempfile::tempdir().unwrap();
        let store = led(&folder);
        start(&store);
        to(&store, "run1.1", status(Status::Cancelled));
        assert!(store.cancelled_runs().unwrap().is_empty());
        to(&store, "run1.2", status(Status::Cancelled));
        assert_eq!(store.cancelled_runs().unwrap()[0].path(), path(LEADER));
        // It may end by itself before it is told.
        to(&store, LEADER, status(Status::Completed));
        assert_eq!(statuses(&store), [Status::Cancelled; 4]);
        assert!(!store.has_work().unwrap());
    }
}
