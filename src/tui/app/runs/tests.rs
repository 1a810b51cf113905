// Proves S3, S6, S7 (only what is near the screen is loaded; selection by identity).
use super::*;

fn keys(ids: impl IntoIterator<Item = i64>) -> Vec<RunKey> {
    ids.into_iter().map(|id| RunKey { id, status: Status::Completed }).collect()
}

fn docs(ids: &[i64]) -> Vec<(i64, Arc<Run>)> {
    ids.iter()
        .map(|id| {
            let mut run = Run { ws: "ws".into(), ..Run::default() };
            run.run_name = crate::model::RunName::top(id.unsigned_abs());
            run.hparams.insert("lr".into(), Scalar::Int(*id));
            run.hparams.insert("seed".into(), Scalar::Int(7));
            run.metrics.insert("epoch".into(), Scalar::Int(1));
            run.metrics.insert("loss".into(), Scalar::Float(0.5));
            (*id, Arc::new(run))
        })
        .collect()
}

#[test]
fn only_documents_near_the_screen_are_asked_for_and_kept() {
    let mut runs = Runs::default();
    runs.set_keys(&keys(0..100_000), Counts::default());
    let wanted = runs.missing(20);
    assert_eq!(wanted, (0..40).collect::<Vec<_>>());
    assert!(runs.missing(20).is_empty(), "they have been asked for");
    runs.take_docs(docs(&wanted), 20);
    for row in (500..100_000).step_by(500) {
        runs.select(row);
        runs.cursor.scroll_into(20, 100_000);
        let wanted = runs.missing(20);
        assert!(!wanted.is_empty() && wanted.len() <= 60);
        runs.take_docs(docs(&wanted), 20);
    }
    assert!(runs.docs.len() <= KEPT && runs.by_path.len() == runs.docs.len());
}

#[test]
fn columns_are_what_differs_and_what_is_measured() {
    let mut runs = Runs::default();
    runs.set_keys(&keys(0..5), Counts::default());
    runs.take_docs(docs(&[0, 1, 2]), 20);
    runs.settle_columns(20);
    assert_eq!(runs.columns.hparams, ["lr"]);
    assert_eq!(runs.columns.metrics, ["loss"]);
}

#[test]
fn the_newest_active_run_is_selected_once() {
    let mut runs = Runs::default();
    let mut list = keys([9, 8, 7]);
    list[1].status = Status::Running;
    runs.set_keys(&list, Counts::of(&list));
    assert_eq!(runs.cursor.selected(), Some(8));
    list.insert(0, RunKey { id: 10, status: Status::Running });
    runs.set_keys(&list, Counts::of(&list));
    assert_eq!(runs.cursor.selected(), Some(8));
}

#[test]
fn a_waiting_run_makes_room_for_the_first_that_runs_until_the_person_moves() {
    let mut list = keys([9, 8, 7]);
    for key in &mut list {
        key.status = Status::Queued;
    }
    let mut runs = Runs::default();
    runs.set_keys(&list, Counts::of(&list));
    assert_eq!(runs.cursor.selected(), Some(9));
    let mut moved = Runs::default();
    moved.set_keys(&list, Counts::of(&list));
    moved.step(2);
    list[1].status = Status::Running;
    runs.set_keys(&list, Counts::of(&list));
    moved.set_keys(&list, Counts::of(&list));
    assert_eq!((runs.cursor.selected(), moved.cursor.selected()), (Some(8), Some(7)));
}

#[test]
fn where_a_run_stands_is_known_of_its_document_while_that_is_at_hand() {
    let mut runs = Runs::default();
    runs.set_keys(&keys(0..1_000), Counts::default());
    let at = |status| Run { status, ..(*docs(&[7])[0].1).clone() };
    assert!(runs.take_change(at(Status::Running)));
    assert!(!runs.take_change(at(Status::Running)), "it stands where it stood");
    runs.take_docs(vec![(7, Arc::new(at(Status::Running)))], 10);
    assert!(runs.take_change(at(Status::Queued)));
    // The person goes far away, and the document with them.
    runs.select(900);
    runs.cursor.scroll_into(10, runs.len());
    runs.take_docs(docs(&(100..900).collect::<Vec<_>>()), 10);
    assert!(runs.doc(7).is_none());
    assert!(runs.take_change(at(Status::Running)), "it ran before it waited");
}

#[test]
fn what_is_pending_ends_when_the_records_say_so() {
    let mut runs = Runs::default();
    runs.set_keys(&keys([1]), Counts::default());
    let (id, run) = docs(&[1]).remove(0);
    runs.take_docs(vec![(id, run.clone())], 5);
    runs.pending.insert(run.path(), "cancelling");
    assert!(runs.take_change(Run { status: Status::Running, ..(*run).clone() }));
    assert!(!runs.take_change(Run { status: Status::Running, ..(*run).clone() }), "it runs still");
    assert!(runs.pending.contains_key(&run.path()));
    runs.take_change(Run { status: Status::Cancelled, ..(*run).clone() });
    assert!(runs.pending.is_empty());
}
