//! The machine's places for runs, and its GPUs.

use std::collections::HashMap;
use std::fs::File;
use std::time::Instant;

use crossbeam_channel::Sender;

use super::Message;
use super::pool::{Held, Pool};
use crate::model::job::Gpus;
use crate::model::node::{Place, Shortage};
use crate::node::Result;
use crate::node::places::{Lock, Places};

/// How many locks are held here at a time for runs whose shims have not taken them over: each is an open file.
const MOST_LOCKS: usize = 256;

/// Slots and GPUs, divided among the runs of all jobs, and among all stores and users of the machine.
#[derive(Debug)]
pub struct Machine {
    slots: Pool,
    gpus: Pool,
    taken: HashMap<String, Taken>,
    /// How many locks are held here.
    locks: usize,
}

/// What a run has.
#[derive(Debug, Default)]
struct Taken {
    /// Its slot; not known of a run that was adopted.
    slot: Vec<u32>,
    gpus: Vec<u32>,
    /// The locks of all that, as long as they are held here too.
    slot_lock: Vec<File>,
    gpu_locks: Vec<File>,
}

/// What a run has to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A slot.
    Slot,
    /// GPUs.
    Gpus,
}

impl Machine {
    /// A machine with as many slots and GPUs as told, or as found.
    pub fn new(slots: Option<u32>, gpus: Option<u32>, locks: &Places, messages: &Sender<Message>) -> Self {
        let (slots, gpus) = counts(slots, gpus);
        let pool = |place, count| Pool::new(place, count, locks.clone(), messages.clone());
        Self {
            slots: pool(Place::Slot, slots),
            gpus: pool(Place::Gpu, gpus),
            taken: HashMap::new(),
            locks: 0,
        }
    }

    /// Changes what there is. Runs that have more than there is now keep it until they end.
    pub fn resize(&mut self, slots: Option<u32>, gpus: Option<u32>) {
        let (slots, gpus) = counts(slots, gpus);
        let all = |of: fn(&Taken) -> &Vec<u32>| self.taken.values().flat_map(of).copied().collect::<Vec<_>>();
        let (own_slots, own_gpus) = (all(|taken| &taken.slot), all(|taken| &taken.gpus));
        self.slots.resize(slots, &own_slots);
        self.gpus.resize(gpus, &own_gpus);
    }

    /// How many runs fit at once.
    pub fn slots(&self) -> u32 {
        self.slots.len()
    }

    /// How many GPUs are divided.
    pub fn gpus(&self) -> u32 {
        self.gpus.len()
    }

    /// How many GPUs runs have.
    pub fn gpus_taken(&self) -> u32 {
        u32::try_from(self.taken.values().map(|taken| taken.gpus.len()).sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// The GPUs of a run.
    pub fn gpus_of(&self, run: &str) -> &[u32] {
        self.taken.get(run).map_or(&[], |taken| taken.gpus.as_slice())
    }

    /// How many more runs fit, for all this controller knows.
    pub fn free_slots(&self) -> usize {
        if self.slots.is_exhausted() || self.locks >= MOST_LOCKS {
            return 0;
        }
        usize::try_from(self.slots()).unwrap_or(usize::MAX).saturating_sub(self.taken.len())
    }

    /// Whether one more run fits.
    pub fn has_room(&self) -> bool {
        self.free_slots() > 0
    }

    /// How many GPUs a run gets for itself.
    pub fn gpus_for(&self, wanted: Gpus) -> u32 {
        match wanted {
            Gpus::Auto => u32::from(self.gpus() > 0),
            Gpus::Count(count) => count,
            Gpus::Shared => 0,
        }
    }

    /// Begins a pass over the runs that wait.
    pub fn begin(&mut self) {
        self.slots.begin();
        self.gpus.begin();
    }

    /// Ends the pass.
    pub fn end(&mut self) {
        self.gpus.end(self.slots.is_delayed());
        self.slots.end(false);
    }

    /// When to begin the next pass at the latest, while something waits for what others have.
    pub fn again(&self, now: Instant) -> Option<Instant> {
        let times = [self.slots.again(now), self.gpus.again(now)];
        times.into_iter().flatten().min()
    }

    /// What runs wait for that others have, as the last pass found.
    pub fn shortages(&self) -> Vec<Shortage> {
        let own = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let gpus = own(self.taken.values().map(|taken| taken.gpus.len()).sum());
        [self.slots.shortage(own(self.taken.len())), self.gpus.shortage(gpus)].into_iter().flatten().collect()
    }

    /// A lock that was waited for is there.
    pub fn granted(&mut self, lock: Lock, file: Result<Option<File>>) {
        let (Lock::Place(place, _) | Lock::Turn(place)) = lock;
        match place {
            Place::Slot => self.slots.granted(lock, file),
            Place::Gpu => self.gpus.granted(lock, file),
        }
    }

    /// Gives a run a slot and its GPUs, or says what it has to wait for.
    pub fn take(&mut self, run: &str, wanted: Gpus) -> std::result::Result<Vec<u32>, Lack> {
        let count = usize::try_from(self.gpus_for(wanted)).map_err(|_| Lack::Gpus)?;
        if !self.has_room() {
            return Err(Lack::Slot);
        }
        let slot = self.slots.take(1).ok_or(Lack::Slot)?;
        let Some(gpus) = self.gpus.take(count) else {
            // Runs without GPUs pass by meanwhile.
            let numbers: Vec<_> = slot.iter().map(|(number, _)| *number).collect();
            self.slots.note_free(&numbers);
            return Err(Lack::Gpus);
        };
        let numbers = gpus.iter().map(|(number, _)| *number).collect();
        self.hold(run, slot, gpus);
        Ok(numbers)
    }

    fn hold(&mut self, run: &str, slot: Held, gpus: Held) {
        self.locks += slot.len() + gpus.len();
        let (slot, slot_lock) = slot.into_iter().unzip();
        let (gpus, gpu_locks) = gpus.into_iter().unzip();
        self.taken.insert(run.to_owned(), Taken { slot, gpus, slot_lock, gpu_locks });
    }

    /// Notes what a run had before this controller knew of it. Its shim has the locks.
    pub fn adopt(&mut self, run: &str, gpus: &[u32]) {
        self.gpus.note_taken(gpus);
        self.taken.insert(run.to_owned(), Taken { gpus: gpus.to_vec(), ..Taken::default() });
    }

    /// Sees to it that the locks of a run are held here: those of a run that was adopted may be lost with the
    /// controller that had them. False while others have what is the run's.
    pub fn secure(&mut self, run: &str) -> bool {
        let Some(taken) = self.taken.get(run) else { return false };
        // Whose slot is known got it from here, and has it, or its shim has.
        if !taken.slot.is_empty() {
            return true;
        }
        let numbers = taken.gpus.clone();
        let slot = (0..self.slots()).rev().find_map(|number| self.slots.take_again(&[number]));
        let (Some(slot), Some(gpus)) = (slot, self.gpus.take_again(&numbers)) else { return false };
        let own: Vec<_> = slot.iter().map(|(number, _)| *number).collect();
        self.slots.note_taken(&own);
        self.hold(run, slot, gpus);
        true
    }

    /// Copies of the locks of a run, for its shim.
    pub fn locks(&self, run: &str) -> std::io::Result<Vec<File>> {
        let taken = self.taken.get(run);
        let locks = taken.into_iter().flat_map(|taken| taken.slot_lock.iter().chain(&taken.gpu_locks));
        locks.map(File::try_clone).collect()
    }

    /// The shim of a run has taken over. The locks of its GPUs are held here too, for should it be killed, what is
    /// left of its run still uses them.
    pub fn handed_over(&mut self, run: &str) {
        if let Some(taken) = self.taken.get_mut(run) {
            self.locks -= taken.slot_lock.len();
            taken.slot_lock.clear();
        }
    }

    /// Takes back what a run had.
    pub fn release(&mut self, run: &str) {
        let Some(taken) = self.taken.remove(run) else { return };
        self.locks -= taken.slot_lock.len() + taken.gpu_locks.len();
        for lock in taken.slot_lock.iter().chain(&taken.gpu_locks) {
            // The shim has a copy of it for as long as it takes to end.
            let _ = lock.unlock();
        }
        self.slots.note_free(&taken.slot);
        self.gpus.note_free(&taken.gpus);
    }
}

/// How many slots and GPUs there are: as told, or one slot for each GPU, or one for each core.
fn counts(slots: Option<u32>, gpus: Option<u32>) -> (u32, u32) {
    let gpus = gpus.unwrap_or_else(count_gpus);
    let cores =
        std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    (slots.unwrap_or(if gpus == 0 { cores } else { gpus }).max(1), gpus)
}

/// The GPUs the driver shows as devices.
fn count_gpus() -> u32 {
    let devices = std::fs::read_dir("/dev").into_iter().flatten().flatten();
    let is_gpu = |name: &str| {
        name.strip_prefix("nvidia")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    let count = devices.filter(|entry| entry.file_name().to_str().is_some_and(is_gpu)).count();
    u32::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
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
}
