//! The machine's places for runs, and its GPUs.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

use crossbeam_channel::Sender;

use super::Message;
use super::pool::{Held, Pool};
use crate::model::job::Gpus;
use crate::model::node::{Place, Shortage};
use crate::node::Result;
use crate::node::hardware::count_gpus;
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
    let gpus = gpus.unwrap_or_else(|| count_gpus(Path::new("/dev")));
    let cores =
        std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    (slots.unwrap_or(if gpus == 0 { cores } else { gpus }).max(1), gpus)
}

#[cfg(test)]
mod tests;
