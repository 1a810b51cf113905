//! What runs say, taken in and read again.

use rstest::rstest;

use super::*;
use crate::model::Scalar;
use crate::store::NewPoint;

// Proves C6, P4: what a run said is counted once, however often it is reported.
#[rstest]
fn a_batch_is_taken_in_once(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    let point = |step: u32| NewPoint {
        name: "loss".into(),
        step: Some(step.into()),
        time: Time::now(),
        value: Scalar::Float(1.0 / f64::from(step + 1)),
        call: step.into(),
    };
    let batch = |from: u64, to: u64, points: Vec<NewPoint>| MetricBatch {
        points,
        hparams: [("lr".to_owned(), Scalar::Float(0.1))].into_iter().collect(),
        ..said(&run, from, to, vec![])
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
#[rstest]
#[case::all(0, 5001)]
#[case::within_the_first_block(100, 4901)]
#[case::at_the_end_of_a_block(4096, 905)]
#[case::within_the_last_block(5000, 1)]
fn numbers_come_without_those_that_were_seen(
    #[values(sqlite, mongo)] open: Open,
    #[case] seen: u64,
    #[case] left: usize,
) {
    let store = open();
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
    store.ingest(&[MetricBatch { points, ..said(&run, 0, 9, vec![]) }]).unwrap();
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
#[rstest]
fn numbers_go_on_after_batches_of_any_size(#[values(sqlite, mongo)] open: Open) {
    let store = open();
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

fn said(run: &RunPath, from: u64, to: u64, events: Vec<Event>) -> MetricBatch {
    MetricBatch {
        run: run.clone(),
        source: "a.jsonl".into(),
        from,
        to,
        points: Vec::new(),
        hparams: crate::model::Values::new(),
        tags: crate::model::Values::new(),
        events,
    }
}

// Proves C6, P4: a reader who is not where the records are is told so, and reads again from there: of one who went on
// behind a gap nothing would ever be taken in.
#[rstest]
#[case::part_of_it_was_taken_in(50, 150)]
#[case::something_between_is_missing(200, 300)]
fn a_batch_that_does_not_go_on_is_refused(
    #[values(sqlite, mongo)] open: Open,
    #[case] from: u64,
    #[case] to: u64,
) {
    let store = open();
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    let event = |name: &str| vec![Event::now(name, [])];
    store.ingest(&[said(&run, 0, 100, event("a"))]).unwrap();
    let error = store.ingest(&[said(&run, from, to, event("b"))]).unwrap_err();
    assert!(error.is_passing(), "{error}");
    assert_eq!(store.ingested(&run).unwrap(), [("a.jsonl".to_owned(), 100)]);
    store.ingest(&[said(&run, 100, to, event("c"))]).unwrap();
    let events: Vec<_> = store.events(&run).unwrap().into_iter().map(|event| event.event).collect();
    assert_eq!(events, ["created", "a", "c"]);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

// Proves A6, P9: names of any kind, and none.
#[rstest]
fn any_text_is_a_name(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    for (name, from) in ["", "%-", "%25-", "%", ".", "$", "a.b", "$set"].iter().zip(0_u64..) {
        let point = NewPoint {
            name: (*name).into(),
            step: None,
            time: Time::now(),
            value: Scalar::Int(from.cast_signed()),
            call: 0,
        };
        let value = || [((*name).to_owned(), Scalar::Int(from.cast_signed()))].into_iter().collect();
        let event = Event::now("said", [(*name, 1.into())]);
        let batch = said(&run, from, from + 1, vec![event]);
        store
            .ingest(&[MetricBatch { points: vec![point], hparams: value(), tags: value(), ..batch }])
            .unwrap();
        let known = store.run(&run).unwrap();
        for values in [&known.metrics, &known.hparams, &known.tags] {
            assert_eq!(values.get(*name), Some(&Scalar::Int(from.cast_signed())), "{name:?}");
        }
        assert_eq!(store.metrics(&run, &[(*name).to_owned()]).unwrap()[0].points.len(), 1, "{name:?}");
        assert!(store.events(&run).unwrap().last().unwrap().data.contains_key(*name), "{name:?}");
    }
    let mut tags = to(&run, Status::Running);
    (tags.patch.status, tags.patch.clear_tags) = (None, vec![String::new()]);
    store.change_runs(&[tags]).unwrap();
    assert!(!store.run(&run).unwrap().tags.contains_key(""));
}

// Proves P4, P8: a run may say more than a document of a server holds: it is all there, and its end is recorded.
#[rstest]
fn a_run_may_say_much(#[values(sqlite, mongo)] open: Open) {
    let store = open();
    let run = paths("ws1", &store.submit(&submission("ws1", 1)).unwrap()).remove(0);
    let text = "x".repeat(500_000);
    for from in 0..6 {
        let events = (0..6).map(|_| Event::now("said", [("text", text.as_str().into())])).collect();
        store.ingest(&[said(&run, from, from + 1, events)]).unwrap();
    }
    store.change_runs(&[to(&run, Status::Completed)]).unwrap();
    assert_eq!(store.events(&run).unwrap().len(), 37);
    store.create_workspace(&Workspace { ws: "ws2".into(), ..Workspace::default() }).unwrap();
    let copy = RunPath::new("ws2", store.copy_run(&run, "ws2").unwrap());
    assert_eq!(store.events(&copy).unwrap().len(), 38);
}
