//! Who gets which places, and who waits.

use super::*;
use crossbeam_channel::{Receiver, RecvTimeoutError, unbounded};
use rstest::rstest;

fn machine(folder: &tempfile::TempDir, slots: u32, gpus: u32) -> (Machine, Receiver<Message>) {
    let (sender, messages) = unbounded();
    (Machine::new(Some(slots), Some(gpus), &Places::at(folder.path()), &sender), messages)
}

/// One pass in which a run is tried.
fn pass(machine: &mut Machine, run: &str, wanted: Gpus) -> std::result::Result<Vec<u32>, Lack> {
    machine.begin();
    let taken = machine.take(run, wanted);
    machine.end();
    taken
}

/// Waits for a lock that somebody lets go, as long as the controller would.
fn hear(machine: &mut Machine, messages: &Receiver<Message>) {
    match messages.recv_deadline(machine.again(Instant::now()).unwrap()) {
        Ok(Message::Granted(lock, file)) => machine.granted(lock, file),
        Err(RecvTimeoutError::Timeout) => {}
        _ => panic!("nothing else is told"),
    }
}

/// Hears what has come: a lock that nobody takes out of the channel is held there.
fn drain(machine: &mut Machine, messages: &Receiver<Message>) {
    while let Ok(Message::Granted(lock, file)) = messages.try_recv() {
        machine.granted(lock, file);
    }
}

// Proves C10: GPUs are divided, and nobody shares one unasked.
#[test]
fn five_runs_never_share_a_gpu_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut machine, _messages) = machine(&folder, 5, 2);
    assert_eq!(machine.take("a", Gpus::Auto), Ok(vec![0]));
    assert_eq!(machine.take("b", Gpus::Auto), Ok(vec![1]));
    assert_eq!(machine.take("c", Gpus::Auto), Err(Lack::Gpus));
    assert_eq!((machine.gpus_taken(), machine.gpus_of("b")), (2, [1].as_slice()));
    assert_eq!(machine.take("d", Gpus::Count(0)), Ok(vec![]));
    assert_eq!(machine.take("e", Gpus::Shared), Ok(vec![]));
    machine.release("b");
    assert_eq!(machine.take("f", Gpus::Count(2)), Err(Lack::Gpus));
    assert_eq!(machine.take("f", Gpus::Count(1)), Ok(vec![1]));
    assert_eq!(machine.free_slots(), 1);
    assert_eq!(machine.shortages(), [], "others have nothing");
}

#[rstest]
#[case(None, Some(4), (4, 4))]
#[case(Some(7), Some(4), (7, 4))]
#[case(Some(0), Some(0), (1, 0))]
fn slots_follow_the_gpus_unless_told(
    #[case] slots: Option<u32>,
    #[case] gpus: Option<u32>,
    #[case] expected: (u32, u32),
) {
    assert_eq!(counts(slots, gpus), expected);
    assert!(counts(None, Some(0)).0 >= 1);
}

// Proves C10: what one controller has no other gets, and whoever waits hears when it is free.
#[rstest]
#[case(4, 1, Gpus::Auto, Lack::Gpus, "1 GPU; 1 of 1 is taken by others on this machine")]
#[case(4, 2, Gpus::Count(2), Lack::Gpus, "2 GPUs; 2 of 2 are taken by others on this machine")]
#[case(1, 0, Gpus::Auto, Lack::Slot, "1 slot; 1 of 1 is taken by others on this machine")]
fn a_place_is_one_controllers(
    #[case] slots: u32,
    #[case] gpus: u32,
    #[case] wanted: Gpus,
    #[case] lack: Lack,
    #[case] told: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    let (mut mine, _) = machine(&folder, slots, gpus);
    let (mut other, messages) = machine(&folder, slots, gpus);
    assert_eq!(pass(&mut mine, "a", wanted), Ok((0..mine.gpus_for(wanted)).collect()));
    assert_eq!(pass(&mut other, "b", wanted), Err(lack));
    assert_eq!(other.shortages().iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
    assert!(other.again(Instant::now()).is_some());
    mine.release("a");
    while pass(&mut other, "b", wanted).is_err() {
        hear(&mut other, &messages);
    }
    assert_eq!(other.shortages(), []);
}

// Proves C10: with a long queue of one's own one does not keep the place from others who wait for it, and a
// large run is not passed by for ever by small ones.
#[test]
fn who_waited_longest_is_next() {
    let folder = tempfile::tempdir().unwrap();
    let (mut mine, my_messages) = machine(&folder, 9, 2);
    let (mut other, messages) = machine(&folder, 9, 2);
    assert_eq!(pass(&mut mine, "a1", Gpus::Auto), Ok(vec![0]));
    assert_eq!(pass(&mut mine, "a2", Gpus::Auto), Ok(vec![1]));
    assert_eq!(pass(&mut other, "b", Gpus::Count(2)), Err(Lack::Gpus));
    mine.release("a1");
    assert_eq!(pass(&mut mine, "a3", Gpus::Auto), Err(Lack::Gpus), "it is the other's turn");
    let told = mine.shortages()[0].to_string();
    assert_eq!(told, "1 GPU; others on this machine waited first");
    mine.release("a2");
    while pass(&mut other, "b", Gpus::Count(2)).is_err() {
        hear(&mut other, &messages);
        drain(&mut mine, &my_messages);
    }
    while mine.shortages()[0].others.is_none() {
        hear(&mut mine, &my_messages);
        assert_eq!(pass(&mut mine, "a3", Gpus::Auto), Err(Lack::Gpus));
    }
    // Now it waits for the places.
    assert_eq!(mine.shortages()[0].others, Some(2));
    assert_eq!(pass(&mut other, "c", Gpus::Count(1)), Err(Lack::Gpus));
    other.release("b");
    while pass(&mut mine, "a3", Gpus::Auto).is_err() {
        hear(&mut mine, &my_messages);
        drain(&mut other, &messages);
    }
    assert_eq!(pass(&mut other, "d", Gpus::Shared), Ok(vec![]), "who needs none passes by");
}

// Proves C10: to be second for a slot is not to lose one's turn for a GPU.
#[test]
fn a_delay_costs_no_turn() {
    let folder = tempfile::tempdir().unwrap();
    let (mut mine, my_messages) = machine(&folder, 9, 1);
    let (mut other, messages) = machine(&folder, 9, 1);
    assert_eq!(pass(&mut mine, "a", Gpus::Auto), Ok(vec![0]));
    assert_eq!(pass(&mut other, "b", Gpus::Auto), Err(Lack::Gpus));
    mine.begin();
    assert_eq!(mine.take("c", Gpus::Shared), Ok(vec![]));
    assert_eq!(pass(&mut other, "b", Gpus::Auto), Err(Lack::Slot));
    mine.end();
    mine.release("a");
    assert!(pass(&mut mine, "d", Gpus::Auto).is_err());
    while pass(&mut other, "b", Gpus::Auto).is_err() {
        hear(&mut other, &messages);
        // A turn it is given it passes on with its next pass.
        drain(&mut mine, &my_messages);
        assert!(pass(&mut mine, "d", Gpus::Auto).is_err());
    }
}

// Proves C10: of a user with many slots and one with few, each gets his own number.
#[test]
fn who_allows_himself_more_leaves_the_others_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let (mut many, _many) = machine(&folder, 4, 0);
    let (mut few, _few) = machine(&folder, 2, 0);
    for run in ["a", "b"] {
        assert!(pass(&mut many, run, Gpus::Auto).is_ok());
    }
    for run in ["c", "d"] {
        assert!(pass(&mut few, run, Gpus::Auto).is_ok());
    }
    assert_eq!(pass(&mut many, "e", Gpus::Auto), Err(Lack::Slot), "four run in all");
}

// Proves C6, C10: after a controller's death the places are with the shims, and those of a run that had none
// yet are taken again.
#[test]
fn a_controller_goes_and_the_places_stay_with_the_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (mut first, _messages) = machine(&folder, 3, 2);
    assert_eq!(pass(&mut first, "a", Gpus::Auto), Ok(vec![0]));
    assert_eq!(pass(&mut first, "b", Gpus::Auto), Ok(vec![1]));
    let shim = first.locks("a").unwrap();
    assert_eq!(shim.len(), 2);
    first.handed_over("a");
    assert!(first.secure("a"), "it knows that the shim has them");
    drop(first);
    let (mut other, _other) = machine(&folder, 3, 2);
    assert_eq!(pass(&mut other, "c", Gpus::Count(1)), Ok(vec![1]), "that run had no shim");
    let (mut next, _next) = machine(&folder, 3, 2);
    next.adopt("a", &[0]);
    next.adopt("b", &[1]);
    assert!(!next.secure("b"));
    assert!(!next.secure("a"), "its shim has it");
    other.release("c");
    assert!(next.secure("b") && next.secure("b"));
    assert_eq!(next.locks("b").unwrap().len(), 2);
    drop(shim);
    assert!(next.secure("a"));
}

// Proves C10: what is configured later holds from then on, and ends nothing.
#[test]
fn a_machine_grows_and_shrinks() {
    let folder = tempfile::tempdir().unwrap();
    let (mut machine, _messages) = machine(&folder, 1, 1);
    assert_eq!(pass(&mut machine, "a", Gpus::Auto), Ok(vec![0]));
    assert!(!machine.has_room());
    machine.resize(Some(3), Some(2));
    assert_eq!(pass(&mut machine, "b", Gpus::Auto), Ok(vec![1]));
    machine.resize(Some(1), Some(1));
    assert!(!machine.has_room());
    machine.release("a");
    assert!(!machine.has_room(), "one runs yet");
    machine.release("b");
    assert_eq!(pass(&mut machine, "c", Gpus::Auto), Ok(vec![0]));
}

#[test]
fn what_is_in_the_way_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("xt-gpu-0.lock")).unwrap();
    let (mut machine, _messages) = machine(&folder, 2, 1);
    assert_eq!(pass(&mut machine, "a", Gpus::Auto), Err(Lack::Gpus));
    let told = machine.shortages()[0].to_string();
    assert!(told.starts_with("1 GPU; /") && told.contains("is in the way"), "{told}");
}
