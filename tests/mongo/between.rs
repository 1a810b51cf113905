//! What others do between two steps of somebody, and steps that are the last.

use std::sync::Arc;

use mongodb::bson::{Document, doc};
use xt::model::{Event, RunPath, Scalar, Status, Time, Values};
use xt::store::mongo::Mongo;
use xt::store::{LoadSample, MetricBatch, NewPoint, Records, RunQuery};

use crate::faults::behind;
use crate::proxy::{Fault, Proxy};
use crate::{change, collection, paths, server, submission};

/// Does something, once, when a command comes that begins so.
fn at(
    command: &'static str,
    act: impl FnOnce() -> Option<Fault> + Send,
) -> impl FnMut(&str) -> Option<Fault> {
    let mut act = Some(act);
    move |asked| asked.starts_with(command).then(|| act.take())?.and_then(|act| act())
}

/// A store with a run that has ended and said something.
fn with_a_run(url: &str) -> (Arc<Mongo>, RunPath) {
    let store = Mongo::open(url, "home").unwrap();
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    store.change_runs(&[change(&run, Status::Queued, Status::Completed)]).unwrap();
    store.ingest(&[said(&run, 0)]).unwrap();
    (Arc::new(store), run)
}

/// A store with a run, and another way to it, on which nobody answers once a command has come.
fn left_at(url: &str, command: &'static str) -> (Mongo, Proxy, Mongo) {
    let direct = Mongo::open(url, "home").unwrap();
    direct.submit(&submission("ws1", 1)).unwrap();
    let (proxy, store) = behind(url, at(command, || Some(Fault::Leave)));
    proxy.strike(true);
    (direct, proxy, store)
}

/// A value of a metric, as a run says it.
fn said(run: &RunPath, from: u64) -> MetricBatch {
    let point =
        NewPoint { name: "loss".into(), step: None, time: Time::now(), value: Scalar::Int(1), call: 0 };
    MetricBatch {
        run: run.clone(),
        source: "events.jsonl".into(),
        from,
        to: from + 1,
        points: vec![point],
        hparams: Values::new(),
        tags: Values::new(),
        events: Vec::new(),
    }
}

fn tag(run: &RunPath) -> xt::store::RunChange {
    let mut tag = change(run, Status::Completed, Status::Completed);
    (tag.patch.status, tag.patch.end_time) = (None, None);
    tag.patch.tags.insert("best".into(), Scalar::Null);
    tag
}

/// The documents of a workspace.
fn documents(url: &str, ws: &str) -> Vec<Document> {
    collection(url, ws).find(doc! {}).run().unwrap().collect::<Result<_, _>>().unwrap()
}

/// The last stamp that was taken.
fn last_stamp(url: &str) -> i64 {
    let counter = collection(url, "__xt_counters__").find_one(doc! { "_id": "stamp" }).run().unwrap();
    counter.unwrap().get_i64("value").unwrap() - 1
}

// Proves P1: a submit that is put down stands, whatever becomes of the network then; whoever finishes it writes under a
// stamp that those who watch have not passed.
#[test]
fn a_submit_that_was_put_down_stands() {
    let url = server::database();
    let (direct, proxy, store) = left_at(&url, "insert ws1");
    let cut = submission("ws1", 2);
    let submitted = store.submit(&cut).unwrap();
    proxy.strike(false);
    assert_eq!(direct.jobs(None, None).unwrap().len(), 1, "what is half written is nobody's job");
    assert!(direct.has_work().unwrap(), "somebody must finish it");
    let before = last_stamp(&url);
    assert_eq!(direct.submit(&cut).unwrap(), submitted);
    assert_eq!(direct.runs(&RunQuery::default()).unwrap().len(), 3);
    let job = collection(&url, "__jobs__").find_one(doc! { "_id": "job2" }).run().unwrap().unwrap();
    assert!(job.get_i64("_xt_stamp").unwrap() > before, "{job}");
    assert_eq!(direct.check().unwrap(), Vec::<String>::new());
}

// Proves P1, A1: who cannot know whether a submit was recorded says so, and repeating it records nothing twice.
#[test]
fn a_submit_that_may_stand_is_told_as_such() {
    let url = server::database();
    let (direct, proxy, store) = left_at(&url, "insert __xt_submits__");
    let submission = submission("ws1", 2);
    let error = store.submit(&submission).unwrap_err();
    assert!(error.to_string().contains("may have been recorded"), "{error}");
    assert!(error.is_passing(), "{error:?}");
    proxy.strike(false);
    assert_eq!(paths("ws1", &store.submit(&submission).unwrap())[1].to_string(), "ws1/run3");
    assert_eq!(direct.jobs(None, None).unwrap().len(), 2);
}

// Proves R5, P4: a sample whose answer was lost is there, and readable.
#[test]
fn load_whose_answer_was_lost_is_kept() {
    let url = server::database();
    let (direct, run) = with_a_run(&url);
    let (proxy, store) = behind(&url, at("update __xt_load__", || Some(Fault::Lose)));
    let sample = |value| LoadSample {
        run: run.clone(),
        time: Time::now(),
        values: vec![("system.cpu".to_owned(), Scalar::Int(value))],
    };
    direct.keep_load(&[sample(1)]).unwrap();
    proxy.strike(true);
    store.keep_load(&[sample(2)]).unwrap();
    assert_eq!(proxy.struck(), 1);
    direct.keep_load(&[sample(3)]).unwrap();
    let mut kept = Vec::new();
    direct.load(&run, 0, &mut |_, points| kept.extend(points.into_iter().map(|point| point.value))).unwrap();
    assert_eq!(kept, [Scalar::Int(1), Scalar::Int(2), Scalar::Int(3)]);
}

// Proves C12: what is restored while the trash is emptied keeps all it had.
#[rstest::rstest]
#[case::before_it_is_marked("update __xt_trash__", true)]
#[case::before_anything_is_deleted("delete __xt_blocks__", false)]
fn emptying_spares_what_is_restored_meanwhile(#[case] command: &'static str, #[case] in_time: bool) {
    let url = server::database();
    let (direct, run) = with_a_run(&url);
    direct.trash_runs(std::slice::from_ref(&run)).unwrap();
    let (other, path) = (Arc::clone(&direct), run.clone());
    let (proxy, store) = behind(
        &url,
        at(command, move || {
            // Once it is being emptied there is nothing to restore.
            assert_eq!(other.restore_runs(&[path]).is_ok(), in_time);
            None
        }),
    );
    proxy.strike(true);
    let emptied = store.empty_trash(Time::now().plus(std::time::Duration::from_secs(1))).unwrap();
    assert_eq!(direct.run(&run).is_ok(), in_time);
    if in_time {
        assert_eq!(emptied.runs, []);
        assert_eq!(direct.metrics(&run, &[]).unwrap()[0].points.len(), 1);
    } else {
        assert_eq!(emptied.runs[0].path(), run);
    }
    assert_eq!(direct.trash().unwrap(), []);
    assert_eq!(direct.check().unwrap(), Vec::<String>::new());
}

// Proves C12: what is written to a run while it is deleted comes back with it.
#[test]
fn what_is_written_while_a_run_is_deleted_goes_with_it() {
    let url = server::database();
    let (direct, run) = with_a_run(&url);
    let (other, path) = (Arc::clone(&direct), run.clone());
    let (proxy, store) = behind(
        &url,
        at("delete ws1", move || {
            assert_eq!(other.change_runs(&[tag(&path)]).unwrap(), [true]);
            None
        }),
    );
    proxy.strike(true);
    store.trash_runs(std::slice::from_ref(&run)).unwrap();
    assert!(direct.run(&run).is_err());
    direct.restore_runs(std::slice::from_ref(&run)).unwrap();
    assert!(direct.run(&run).unwrap().tags.contains_key("best"));
}

// Proves C12: who is slow to delete a run does not delete it when it was restored since.
#[test]
fn a_run_that_was_restored_meanwhile_stays() {
    let url = server::database();
    let (direct, run) = with_a_run(&url);
    let (other, path) = (Arc::clone(&direct), run.clone());
    let (proxy, store) = behind(
        &url,
        at("delete ws1", move || {
            other.restore_runs(&[path]).unwrap();
            None
        }),
    );
    proxy.strike(true);
    store.trash_runs(std::slice::from_ref(&run)).unwrap();
    assert_eq!(direct.run(&run).unwrap().path(), run);
    assert_eq!(direct.trash().unwrap(), []);
    let changes = direct.changes(0, 100).unwrap();
    assert_eq!((changes.runs.len(), changes.gone), (1, Vec::new()));
    assert_eq!(direct.check().unwrap(), Vec::<String>::new());
}

// Proves C11: what was told is noted once, though the answer was lost and it is noted again.
#[test]
fn what_was_told_is_noted_once() {
    let url = server::database();
    let (store, run) = with_a_run(&url);
    let told = |channel: &str| Event::at(Time::from_micros(7), "notified", [("channel", channel.into())]);
    let events = [(run.clone(), told("command")), (run.clone(), told("address"))];
    store.told(&[], &events).unwrap();
    store.told(&[], &events).unwrap();
    let noted = store.events(&run).unwrap().into_iter().filter(|event| event.event == "notified").count();
    assert_eq!(noted, 2);
}

// Proves R2, P1: those who watch look back so far as a change may take to be written, so many changes are written under
// stamps of their own.
#[test]
fn many_changes_are_made_in_portions() {
    let url = server::database();
    let store = Mongo::open(&url, "home").unwrap();
    let runs = paths("ws1", &store.submit(&submission("ws1", 250)).unwrap());
    let stamps = |documents: Vec<Document>| {
        let stamps = documents.iter().map(|run| run.get_i64("_xt_stamp").unwrap());
        stamps.collect::<std::collections::BTreeSet<_>>().len()
    };
    let changes: Vec<_> = runs.iter().map(|run| change(run, Status::Queued, Status::Cancelled)).collect();
    assert_eq!(store.change_runs(&changes).unwrap(), vec![true; 250]);
    assert!(stamps(documents(&url, "ws1")) >= 3);
    store.trash_runs(&runs).unwrap();
    assert!(stamps(documents(&url, "__xt_gone__")) >= 3);
    let job = store.jobs(None, None).unwrap();
    assert_eq!((job[0].run_count, job[0].job_status), (0, Status::Cancelled));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves P4, P8: what a run says may be more than a server holds: that is told once, and what comes after it is taken in.
#[test]
fn what_is_too_large_is_told_and_the_rest_is_taken_in() {
    let url = server::database();
    let (store, run) = with_a_run(&url);
    let large = "x".repeat(9 << 20);
    let batch = |from, hparam: &str, event: &str| MetricBatch {
        hparams: [("text".to_owned(), Scalar::Text(hparam.into()))].into_iter().collect(),
        events: vec![Event::now("said", [("text", event.into())])],
        ..said(&run, from)
    };
    store.ingest(&[batch(1, &large, &large)]).unwrap();
    store.ingest(&[batch(2, &large, "a")]).unwrap();
    store.ingest(&[batch(3, "b", "c")]).unwrap();
    assert_eq!(store.ingested(&run).unwrap()[0].1, 4);
    let known = store.run(&run).unwrap();
    assert_eq!(known.hparams["text"], Scalar::Text("b".into()));
    assert_eq!(store.metrics(&run, &[]).unwrap()[0].points.len(), 2, "the first, and the last");
    let events = store.events(&run).unwrap();
    let told = |word: &str| events.iter().filter(|event| event.event == word).count();
    assert_eq!((told("not-taken-in"), told("said")), (2, 2), "{events:?}");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves B41: the record of a job that does not even say where it belongs is written anew.
#[test]
fn a_job_without_a_workspace_is_written_anew() {
    let url = server::database();
    let (store, _) = with_a_run(&url);
    let job = doc! { "$set": { "ws_name": 5, "job_status": [] }, "$unset": { "_xt_workspaces": "" } };
    collection(&url, "__jobs__").update_one(doc! { "_id": "job1" }, job).run().unwrap();
    let broken = store.unreadable().unwrap().jobs.remove(0).0;
    assert!(store.rebuild_job(broken).unwrap());
    assert_eq!(store.unreadable().unwrap().jobs, []);
    let job = store.job(broken).unwrap();
    assert_eq!((job.ws_name.as_str(), job.completed_runs), ("ws1", 1));
}
