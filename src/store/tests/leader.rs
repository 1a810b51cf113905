//! Parents with a script of their own.

use rstest::rstest;

use super::*;

const LEADER: &str = "run1";

/// A leader with two children, which wait.
fn led(open: Open) -> Store {
    let store = open();
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

fn to(store: &Store, name: &str, patch: RunPatch) {
    let run = path(name);
    let change = RunChange { run, expect: vec![], expect_attempt: None, patch, events: vec![] };
    assert_eq!(store.change_runs(&[change]).unwrap(), [true]);
}

fn status(status: Status) -> RunPatch {
    let end_time = status.is_final().then(Time::now);
    RunPatch { status: Some(status), end_time, ..RunPatch::default() }
}

fn start(store: &Store) {
    let attempt_time = Some(Time::now());
    let running =
        RunPatch { attempt: Some(1), box_name: Some("here".into()), attempt_time, ..status(Status::Running) };
    to(store, LEADER, running);
}

fn statuses(store: &Store) -> Vec<Status> {
    let mut runs = store.runs(&RunQuery::default()).unwrap();
    runs.sort_by_key(|run| run.run_num);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    runs.iter().map(|run| run.status).chain([store.job(JobName(1)).unwrap().job_status]).collect()
}

fn startable(store: &Store) -> Vec<String> {
    let longest = Duration::from_secs(1);
    let runs = store.startable_runs(JobName(1), Time::now(), longest, 9).unwrap();
    runs.iter().map(|run| run.run_name.to_string()).collect()
}

// Proves A4: the parent first, and then its children; in between it is under way and no controller's.
#[rstest]
fn children_start_when_their_parents_script_has_completed(#[values(sqlite, mongo)] open: Open) {
    let store = led(open);
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
    assert_eq!((parent.leads, parent.end_time, parent.end_id, parent.exit_code), (false, None, None, None));
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
    #[values(sqlite, mongo)] open: Open,
    #[case] own: Status,
    #[case] children: Status,
    #[case] reason: &str,
) {
    let store = led(open);
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
#[rstest]
fn a_parent_without_children_left_does_not_run_its_script(#[values(sqlite, mongo)] open: Open) {
    let store = led(open);
    to(&store, "run1.1", status(Status::Cancelled));
    assert_eq!(startable(&store), [LEADER]);
    to(&store, "run1.2", status(Status::Cancelled));
    assert_eq!(statuses(&store), [Status::Cancelled; 4]);
    assert_eq!(startable(&store), Vec::<String>::new());

    let store = led(open);
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
