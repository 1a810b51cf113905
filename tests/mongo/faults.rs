//! A network and a server that fail.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::doc;
use mongodb::sync::Client;
use xt::model::{Scalar, Status, Time, Values};
use xt::store::mongo::Mongo;
use xt::store::{MetricBatch, NewPoint, Records, Result, RunChange, RunQuery};

use crate::proxy::{Fault, Proxy};
use crate::support::{Chance, size};
use crate::{change, paths, server, submission};

/// Asks until the store answers, as a controller does.
fn insist<T>(mut ask: impl FnMut() -> Result<T>) -> T {
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(error) => assert!(error.is_passing(), "{error}"),
        }
    }
}

/// A store whose questions go through a proxy, which decides about each of them once it strikes.
pub fn behind(url: &str, decide: impl FnMut(&str) -> Option<Fault> + Send + 'static) -> (Proxy, Mongo) {
    let (host, database) = url.strip_prefix("mongodb://").unwrap().split_once('/').unwrap();
    let proxy = Proxy::new(host, decide);
    let options = "directConnection=true&serverSelectionTimeoutMS=1500";
    let store = Mongo::open(&format!("mongodb://{}/{database}?{options}", proxy.address()), "home").unwrap();
    (proxy, store)
}

// Proves P1, P4: through a network that drops, delays, truncates and loses answers, nothing is lost and nothing doubled.
#[test]
fn nothing_is_lost_or_doubled_by_a_network_that_fails() {
    let url = server::database();
    let mut chance = Chance::new();
    let decide = move |_: &str| {
        let fault = [Fault::Drop, Fault::Delay, Fault::Truncate, Fault::Lose]
            [usize::try_from(chance.below(4)).unwrap()];
        (chance.below(100) < 6).then_some(fault)
    };
    let (proxy, store) = behind(&url, decide);
    proxy.strike(true);
    let jobs = size(4, 40);
    for number in 0..jobs {
        let submission = submission("ws1", 3);
        let runs = paths("ws1", &insist(|| store.submit(&submission)));
        for (from, to) in [(Status::Queued, Status::Spawning), (Status::Spawning, Status::Running)] {
            let changes: Vec<RunChange> = runs.iter().map(|run| change(run, from, to)).collect();
            assert_eq!(insist(|| store.change_runs(&changes)), [true; 3], "{to} in job {number}");
        }
        for run in &runs {
            say(&store, run, 20);
        }
        let changes: Vec<_> =
            runs.iter().map(|run| change(run, Status::Running, Status::Completed)).collect();
        assert_eq!(insist(|| store.change_runs(&changes)), [true; 3]);
    }
    proxy.strike(false);
    assert!(proxy.struck() > 10, "only {} faults", proxy.struck());
    assert!(store.retries().times > 0);

    let direct = Mongo::open(&url, "home").unwrap();
    let runs = direct.runs(&RunQuery::default()).unwrap();
    assert_eq!(runs.len(), jobs * 3);
    for run in &runs {
        let path = run.path();
        let events: Vec<_> = direct.events(&path).unwrap().into_iter().map(|event| event.event).collect();
        assert_eq!(events, ["created", "spawning", "running", "completed"], "{path}");
        let series = direct.metrics(&path, &[]).unwrap();
        let values: Vec<_> = series[0].points.iter().map(|point| point.index).collect();
        assert_eq!(values, (0..20).collect::<Vec<_>>(), "{path}");
    }
    let mut ends: Vec<_> = runs.iter().map(|run| run.end_id.unwrap()).collect();
    ends.sort_unstable();
    ends.dedup();
    assert_eq!(ends.len(), runs.len(), "each has a place of its own in the order of ends");
    for job in direct.jobs(None, None).unwrap() {
        assert_eq!((job.completed_runs, job.run_count, job.job_status), (3, 3, Status::Completed));
    }
    assert_eq!(direct.check().unwrap(), Vec::<String>::new());
    assert!(!direct.has_work().unwrap());
}

/// What a run says, in batches of one, each of which is repeated until it is taken in.
fn say(store: &Mongo, run: &xt::model::RunPath, points: u64) {
    loop {
        let at = insist(|| store.ingested(run)).first().map_or(0, |(_, at)| *at);
        if at == points {
            return;
        }
        let point =
            NewPoint { name: "loss".into(), step: None, time: Time::now(), value: Scalar::Int(1), call: 0 };
        let batch = MetricBatch {
            run: run.clone(),
            source: "events.jsonl".into(),
            from: at,
            to: at + 1,
            points: vec![point],
            hparams: Values::new(),
            tags: Values::new(),
            events: Vec::new(),
        };
        insist(|| store.ingest(std::slice::from_ref(&batch)));
    }
}

// Proves P1: of many that claim a run at once one gets it.
#[test]
fn a_run_is_claimed_by_one_of_many() {
    let url = server::database();
    let store = Mongo::open(&url, "home").unwrap();
    let runs = Arc::new(paths("ws1", &store.submit(&submission("ws1", 6)).unwrap()));
    let claimants: Vec<_> = (0..6)
        .map(|_| {
            let (url, runs) = (url.clone(), Arc::clone(&runs));
            std::thread::spawn(move || {
                let store = Mongo::open(&url, "home").unwrap();
                let claims: Vec<_> =
                    runs.iter().map(|run| change(run, Status::Queued, Status::Spawning)).collect();
                store.change_runs(&claims).unwrap()
            })
        })
        .collect();
    let won: Vec<Vec<bool>> = claimants.into_iter().map(|claimant| claimant.join().unwrap()).collect();
    for run in 0..6 {
        assert_eq!(won.iter().filter(|won| won[run]).count(), 1, "{won:?}");
    }
    let job = store.jobs(None, None).unwrap().remove(0);
    assert_eq!((job.queued_runs, job.running_runs), (0, 6));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// Lets the server answer the next commands of one client with an error.
fn fail(client: &str, code: i32, commands: &[&str], times: i32) {
    let data = doc! { "failCommands": commands, "errorCode": code, "appName": client };
    let command = doc! { "configureFailPoint": "failCommand", "mode": { "times": times }, "data": data };
    Client::with_uri_str(server::server()).unwrap().database("admin").run_command(command).run().unwrap();
}

// Proves B21, P4: a server that refuses for a while (Cosmos DB's 429 and 16500, a primary that steps down) is asked
// again, and it is counted.
#[rstest::rstest]
#[case::throttled(16500)]
#[case::too_many_requests(429)]
#[case::not_primary(10107)]
#[case::shutting_down(91)]
fn what_deserves_it_is_asked_again(#[case] code: i32) {
    let client = format!("xt-test-{}", uuid::Uuid::new_v4().simple());
    let store = Mongo::open(&format!("{}?appName={client}", server::database()), "home").unwrap();
    fail(&client, code, &["update", "insert", "findAndModify"], 6);
    let submission = submission("ws1", 2);
    let submitted = store.submit(&submission).unwrap();
    assert_eq!(store.run_index(&RunQuery::default()).unwrap().len(), 2);
    let retries = store.retries();
    assert!(retries.times > 0 && retries.lost > Duration::ZERO, "{retries:?}");
    assert_eq!(store.submit(&submission).unwrap(), submitted);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves P4: what will not get better is not asked again.
#[test]
fn what_stays_refused_is_told_at_once() {
    let client = format!("xt-test-{}", uuid::Uuid::new_v4().simple());
    let store = Mongo::open(&format!("{}?appName={client}", server::database()), "home").unwrap();
    fail(&client, 13, &["find"], 1);
    let error = store.workspaces().unwrap_err();
    assert!(!error.is_passing() && error.to_string().contains("refuses the credentials"), "{error}");
    assert_eq!(store.retries().times, 0);
}

// Proves P1: a submit that was cut off after it was put down is finished by whoever repeats it.
#[test]
fn a_submit_that_was_cut_off_is_finished_by_its_token() {
    let client = format!("xt-test-{}", uuid::Uuid::new_v4().simple());
    let url = server::database();
    let store = Mongo::open(&format!("{url}?appName={client}"), "home").unwrap();
    store.submit(&submission("ws1", 1)).unwrap();
    let cut = submission("ws1", 2);
    // The first insert puts the submit down, the second one would write its runs.
    let data = doc! { "failCommands": ["insert"], "errorCode": 13, "appName": &client };
    let command = doc! { "configureFailPoint": "failCommand", "mode": { "skip": 1 }, "data": data };
    let admin = Client::with_uri_str(server::server()).unwrap().database("admin");
    admin.run_command(command).run().unwrap();
    let told = store.submit(&cut).unwrap();
    admin.run_command(doc! { "configureFailPoint": "failCommand", "mode": "off" }).run().unwrap();
    assert_eq!(store.jobs(None, None).unwrap().len(), 1, "what is half written is nobody's job");
    assert!(store.has_work().unwrap(), "somebody must finish it");
    let submitted = store.submit(&cut).unwrap();
    assert_eq!(submitted, told);
    assert_eq!(
        paths("ws1", &submitted).iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["ws1/run2", "ws1/run3"]
    );
    assert_eq!(store.runs(&RunQuery::default()).unwrap().len(), 3);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
