//! The places of one kind, slots or GPUs, as one controller among several on the machine takes them.
//!
//! Whoever takes places has the *turn* while he does, a lock like theirs. As long as there are enough, that is all,
//! and it costs a few system calls. Who does not find enough keeps the turn until he does, and others wait for the
//! turn: so nobody is passed by for ever, whatever he needs, by users with many small runs. Who was waited for takes
//! what one run needs and then lets the others go first. Nobody who has the turn for slots waits for anything but
//! slots, so no two can wait for each other.

use std::collections::BTreeSet;
use std::fs::File;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::{LOOK, Message};
use crate::model::node::{Place, Shortage};
use crate::node::Result;
use crate::node::places::{Lock, Places};

/// How long somebody who has been waited for lets others go first: time enough for the kernel to wake them.
const AFTER_YOU: Duration = Duration::from_millis(5);

/// How many locks are waited for at a time, each by a thread that sleeps in the kernel. The others are looked at
/// again every [`LOOK`].
const MOST_AWAITED: usize = 16;

/// Places with their locks.
pub type Held = Vec<(u32, File)>;

/// The places of one kind.
#[derive(Debug)]
pub struct Pool {
    place: Place,
    locks: Places,
    messages: Sender<Message>,
    all: BTreeSet<u32>,
    /// Those that no run of this controller is known to have.
    free: BTreeSet<u32>,
    turn: Option<File>,
    /// The turn was waited for, or others had to wait for it.
    contended: bool,
    after_you: Option<Instant>,
    /// What threads wait for.
    awaited: BTreeSet<Lock>,
    /// Why no more could be taken in this pass.
    lack: Option<Lack>,
    /// The last thing that was wrong with a lock.
    trouble: Option<String>,
}

/// Why places cannot be had now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// Not so many of the wanted ones could be locked: some others have, and some nobody can have.
    Taken { wanted: u32, missed: u32 },
    /// Others have the turn; so many are wanted.
    Turn(u32),
    /// Others go first for a moment.
    AfterYou,
}

impl Pool {
    /// A pool of the places from 0.
    pub fn new(place: Place, count: u32, locks: Places, messages: Sender<Message>) -> Self {
        let all: BTreeSet<_> = (0..count).collect();
        Self {
            place,
            locks,
            messages,
            free: all.clone(),
            all,
            turn: None,
            contended: false,
            after_you: None,
            awaited: BTreeSet::new(),
            lack: None,
            trouble: None,
        }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.all.len()).unwrap_or(u32::MAX)
    }

    /// Changes how many there are; those that runs have are theirs until they end.
    pub fn resize(&mut self, count: u32, taken: &[u32]) {
        self.all = (0..count).collect();
        self.free = self.all.iter().copied().filter(|number| !taken.contains(number)).collect();
    }

    /// Whether this pass has found that others have what is wanted.
    pub const fn is_exhausted(&self) -> bool {
        self.lack.is_some()
    }

    /// Takes so many places; `None` when there are not enough now.
    pub fn take(&mut self, count: usize) -> Option<Held> {
        if count == 0 {
            return Some(Held::new());
        }
        if self.lack.is_some() || self.free.len() < count {
            return None;
        }
        let wanted = u32::try_from(count).unwrap_or(u32::MAX);
        if let Err(lack) = self.take_turn(wanted) {
            self.lack = Some(lack);
            return None;
        }
        let (mut held, mut missed) = (Held::new(), Vec::new());
        for number in self.in_order() {
            match self.locks.try_lock(Lock::Place(self.place, number)) {
                Ok(Some(file)) => held.push((number, file)),
                Ok(None) => missed.push(number),
                Err(error) => self.trouble = Some(error.to_string()),
            }
            if held.len() == count {
                return Some(self.taken(held));
            }
        }
        self.lack = Some(Lack::Taken { wanted, missed: u32::try_from(missed.len()).unwrap_or(u32::MAX) });
        self.contended = true;
        for number in missed {
            self.wait_for(Lock::Place(self.place, number));
        }
        None
    }

    /// The free ones, those to be tried first first. Of slots that is the highest: a user who allows himself more
    /// than others leaves theirs to them.
    fn in_order(&self) -> Vec<u32> {
        let numbers = self.free.iter().copied();
        if self.place == Place::Slot { numbers.rev().collect() } else { numbers.collect() }
    }

    fn taken(&mut self, held: Held) -> Held {
        self.free.retain(|number| held.iter().all(|(own, _)| own != number));
        if self.contended {
            self.turn = None;
            self.contended = false;
            self.after_you = Some(Instant::now() + AFTER_YOU);
            self.lack = Some(Lack::AfterYou);
        }
        held
    }

    /// Takes back these very places for a run that has been given them before; `None` when somebody else has one.
    pub fn take_again(&mut self, numbers: &[u32]) -> Option<Held> {
        let lock =
            |number: &u32| Some((*number, self.locks.try_lock(Lock::Place(self.place, *number)).ok()??));
        numbers.iter().map(lock).collect()
    }

    /// Notes that a run has these.
    pub fn note_taken(&mut self, numbers: &[u32]) {
        self.free.retain(|number| !numbers.contains(number));
    }

    /// Notes that a run has these no more.
    pub fn note_free(&mut self, numbers: &[u32]) {
        self.free.extend(numbers.iter().filter(|number| self.all.contains(number)));
    }

    /// Begins a pass over what waits.
    pub fn begin(&mut self) {
        self.lack = None;
        self.trouble = None;
    }

    /// Whether others go first, if only for a moment.
    pub const fn is_delayed(&self) -> bool {
        matches!(self.lack, Some(Lack::Turn(_) | Lack::AfterYou))
    }

    /// Ends the pass: who waits for places keeps the turn, also when a delay kept him from trying.
    pub fn end(&mut self, delayed: bool) {
        let waits_on = delayed && self.contended && self.lack.is_none();
        if !waits_on && !matches!(self.lack, Some(Lack::Taken { .. })) {
            self.turn = None;
            self.contended = false;
        }
    }

    /// When to begin the next pass, whatever happens until then.
    pub fn again(&self, now: Instant) -> Option<Instant> {
        match self.lack? {
            Lack::Taken { .. } | Lack::Turn(_) => Some(now + LOOK),
            Lack::AfterYou => self.after_you,
        }
    }

    /// What is wanted and cannot be had, as the last pass found, when so many are taken by the controller's own runs.
    pub fn shortage(&self, own: u32) -> Option<Shortage> {
        let (wanted, others) = match self.lack? {
            // Among those that could not be locked are slots of runs that were adopted.
            Lack::Taken { wanted, missed } => (wanted, Some(missed.min(self.len().saturating_sub(own)))),
            Lack::Turn(wanted) => (wanted, None),
            Lack::AfterYou => return None,
        };
        let Self { place, trouble, .. } = self;
        Some(Shortage { place: *place, wanted, others, all: self.len(), trouble: trouble.clone() })
    }

    /// A lock that was waited for is there.
    pub fn granted(&mut self, lock: Lock, file: Result<Option<File>>) {
        self.awaited.remove(&lock);
        // A place is let go again and taken by the next pass, if it is still wanted: nobody else has the turn.
        if let (Lock::Turn(_), Ok(Some(turn))) = (lock, file) {
            self.turn = Some(turn);
            self.contended = true;
        }
    }

    fn take_turn(&mut self, wanted: u32) -> std::result::Result<(), Lack> {
        if self.turn.is_some() {
            return Ok(());
        }
        let turn = Lock::Turn(self.place);
        if self.awaited.contains(&turn) {
            return Err(Lack::Turn(wanted));
        }
        if self.after_you.take_if(|until| *until <= Instant::now()).is_none() && self.after_you.is_some() {
            return Err(Lack::AfterYou);
        }
        match self.locks.try_lock(turn) {
            Ok(Some(file)) => {
                self.turn = Some(file);
                Ok(())
            }
            Ok(None) => {
                self.wait_for(turn);
                Err(Lack::Turn(wanted))
            }
            Err(error) => {
                self.trouble = Some(error.to_string());
                Err(Lack::Taken { wanted, missed: 0 })
            }
        }
    }

    /// Has a thread wait for a lock. It cannot be called off: a lock that is not wanted any more is let go when it
    /// comes.
    fn wait_for(&mut self, lock: Lock) {
        if self.awaited.len() >= MOST_AWAITED || !self.awaited.insert(lock) {
            return;
        }
        let (locks, messages) = (self.locks.clone(), self.messages.clone());
        let wait = move || {
            let _ = messages.send(Message::Granted(lock, locks.lock(lock)));
        };
        // Without a thread there is still the next look.
        if thread::Builder::new().name("await-place".into()).stack_size(128 << 10).spawn(wait).is_err() {
            self.awaited.remove(&lock);
        }
    }
}
