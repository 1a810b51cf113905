//! What XTLib has written, and what it will read.

use mongodb::bson::{Document, doc};
use xt::model::{JobName, RunPath, Scalar, Status, Time, Values};
use xt::store::mongo::Mongo;
use xt::store::{MetricBatch, NewPoint, Records, RunQuery, Seen};

use crate::{collection, paths, server, submission};

fn run() -> Document {
    doc! {
        "_id": "run1", "ws": "ws1", "run_name": "run1", "run_num": 1_000_000, "description": "d",
        "run_guid": "57f6db2d-e272-4a4c-872d-ceed3e26a445",
        "exper_name": "exper1", "job_id": "job2", "node_index": null, "is_outer": true, "is_parent": false,
        "is_child": false, "from_ip": "192.0.2.2", "username": "me", "box_name": "vm", "script": null,
        "create_time": "2026-11-24T22:22:12.576512+00:00", "compute": null, "status": "running", "duration": 0,
        "log_records": [
            { "time": "2026-11-24T22:22:12.577827+00:00", "event": "created", "data": { "ws": "ws1" } },
            { "time": "2026-11-24T22:22:12.606560+00:00", "event": "metrics", "data": { "step": 0, "loss": 1.0 } },
            { "time": "2026-11-24T22:22:12.614175+00:00", "event": "metrics", "data": { "step": 1, "loss": 0.5, "acc": 0.1 } },
        ],
        "hparams": { "lr": 0.01, "opt": "adam" }, "last_time": "2026-11-24T22:22:12.630065+00:00",
        "metrics": { "step": 1, "loss": 0.5, "acc": 0.1 },
    }
}

/// A store as XTLib leaves it.
fn theirs() -> (String, Mongo) {
    let url = server::database();
    let counters = collection(&url, "ws_counters");
    counters.insert_one(doc! { "_id": "__jobs__", "next_job": 3 }).run().unwrap();
    counters.insert_one(doc! { "_id": "ws1", "next_run": 2, "next_end": 1, "next_child": {} }).run().unwrap();
    collection(&url, "__mongo_info__").insert_one(doc! { "_id": 1, "storage_version": "1" }).run().unwrap();
    collection(&url, "ws1").insert_one(run()).run().unwrap();
    let job = doc! {
        "_id": "job2", "job_num": 2, "ws_name": "ws1", "exper_name": "exper1", "job_status": "running", "hold": null,
        "run_count": 1, "running_runs": 1, "username": "me", "xt_cmd": "xt run train.py", "primary_metric": "test-acc",
        "pool_info": { "boxes": ["localhost"] }, "started": "2026-11-24T22:26:17.160918+00:00",
    };
    collection(&url, "__jobs__").insert_one(job).run().unwrap();
    let store = Mongo::open(&url, "home").unwrap();
    (url, store)
}

// Proves P11: a store of XTLib opens as it is.
#[test]
fn a_store_of_xtlib_is_read_as_it_is() {
    let (_, store) = theirs();
    let path = RunPath::new("ws1", "run1".parse().unwrap());
    assert_eq!(store.workspaces().unwrap()[0].run_count, 1);
    let run = store.run(&path).unwrap();
    assert_eq!((run.status, run.hparams["lr"].clone()), (Status::Running, Scalar::Float(0.01)));
    assert_eq!(store.runs(&RunQuery { ws: Some("ws1".into()), ..RunQuery::default() }).unwrap(), [run]);
    assert_eq!(store.job(JobName(2)).unwrap().xt_cmd, "xt run train.py");
    let histories = store.histories(&path).unwrap();
    assert_eq!((histories.calls, histories.names), (2, vec!["loss".to_owned(), "acc".to_owned()]));
    let loss = store.block(&path, "loss", 1).unwrap();
    assert_eq!((loss.len(), loss[0].step, loss[0].value.clone()), (1, Some(1.0), Scalar::Float(0.5)));
    let numbers = store.numbers(&path, &[], &Seen::from([("loss".to_owned(), 1)])).unwrap();
    assert_eq!(numbers[0].values, [0.5]);
    assert!(store.startable_jobs(&[], 9).unwrap().is_empty() && !store.has_work().unwrap());
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves P11: both write to it, numbers go on, and what xt does not know stays.
#[test]
fn numbers_go_on_and_foreign_fields_stay() {
    let (url, store) = theirs();
    let submitted = store.submit(&submission("ws1", 1)).unwrap();
    assert_eq!((submitted.job, submitted.runs[0].to_string().as_str()), (JobName(3), "run2"));
    let path = RunPath::new("ws1", "run1".parse().unwrap());
    let mut change = crate::change(&path, Status::Running, Status::Completed);
    change.patch.tags.insert("best.of$all".into(), Scalar::Bool(true));
    assert_eq!(store.change_runs(&[change]).unwrap(), [true]);
    let document = collection(&url, "ws1").find_one(doc! { "_id": "run1" }).run().unwrap().unwrap();
    assert_eq!(document.get_str("from_ip").unwrap(), "192.0.2.2");
    assert_eq!(document.get_array("log_records").unwrap().len(), 4);
    assert_eq!(document.get_document("tags").unwrap().keys().collect::<Vec<_>>(), ["best%2Eof%24all"]);
    assert!(store.run(&path).unwrap().tags.contains_key("best.of$all"));
    let job = collection(&url, "__jobs__").find_one(doc! { "_id": "job2" }).run().unwrap().unwrap();
    assert!(job.get_document("pool_info").is_ok());
    assert_eq!(store.job(JobName(2)).unwrap().job_status, Status::Completed);
}

// Proves R2: those who watch are told of what XTLib writes, although it stamps nothing.
#[test]
fn what_xtlib_has_written_is_told() {
    let (_, store) = theirs();
    let changes = store.changes(0, 100).unwrap();
    assert_eq!((changes.runs.len(), changes.jobs.len()), (1, 1));
    assert!(store.changes(changes.stamp, 100).unwrap().runs.is_empty());
}

// Proves A6: XTLib's readers find the first metrics where they look for them, and nobody counts them twice.
#[test]
fn the_first_metrics_are_mirrored() {
    let url = server::database();
    let store = Mongo::open(&url, "home").unwrap();
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    let point = |call: u32| NewPoint {
        name: "loss".into(),
        step: Some(f64::from(call)),
        time: Time::now(),
        value: Scalar::Float(f64::from(call)),
        call: call.into(),
    };
    for (from, calls) in [(0, 0..700), (1, 700..1500)] {
        let points = calls
            .clone()
            .map(|call| NewPoint { call: u64::from(call - calls.start), ..point(call) })
            .collect();
        let batch = MetricBatch {
            run: run.clone(),
            source: "a.jsonl".into(),
            from,
            to: from + 1,
            points,
            hparams: Values::new(),
            tags: Values::new(),
            events: Vec::new(),
        };
        store.ingest(&[batch]).unwrap();
    }
    let document = collection(&url, "ws1").find_one(doc! {}).run().unwrap().unwrap();
    let log = document.get_array("log_records").unwrap();
    let mirrored: Vec<_> = log
        .iter()
        .filter_map(|record| {
            record
                .as_document()
                .filter(|record| record.get_str("event").is_ok_and(|event| event == "metrics"))
        })
        .collect();
    assert_eq!(mirrored.len(), 1000);
    assert_eq!(mirrored[999].get_document("data").unwrap(), &doc! { "step": 999.0, "loss": 999.0 });
    assert_eq!(store.metrics(&run, &[]).unwrap()[0].points.len(), 1500);
    assert_eq!(store.events(&run).unwrap().len(), 1);
}

// Proves P11, B41: a job of XTLib's keeps its runs where they are when one of them is copied.
#[test]
fn a_copy_leaves_a_job_of_xtlib_where_it_was() {
    let (url, store) = theirs();
    store
        .create_workspace(&xt::model::Workspace { ws: "ws2".into(), ..xt::model::Workspace::default() })
        .unwrap();
    store.copy_run(&RunPath::new("ws1", "run1".parse().unwrap()), "ws2").unwrap();
    let job = collection(&url, "__jobs__").find_one(doc! { "_id": "job2" }).run().unwrap().unwrap();
    let mut workspaces: Vec<_> =
        job.get_array("_xt_workspaces").unwrap().iter().filter_map(|ws| ws.as_str()).collect();
    workspaces.sort_unstable();
    assert_eq!(workspaces, ["ws1", "ws2"]);
    assert_eq!(store.job(JobName(2)).unwrap().run_count, 2);
}
