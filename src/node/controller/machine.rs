//! The machine's places for runs, and its GPUs.

use std::collections::{BTreeSet, HashMap};

use crate::model::job::Gpus;

/// Slots and GPUs, divided among the runs of all jobs.
#[derive(Debug)]
pub struct Machine {
    slots: u32,
    gpus: BTreeSet<u32>,
    free: BTreeSet<u32>,
    taken: HashMap<String, Vec<u32>>,
}

impl Machine {
    /// A machine with as many slots and GPUs as told, or as found.
    pub fn new(slots: Option<u32>, gpus: Option<u32>) -> Self {
        let gpus: BTreeSet<_> = (0..gpus.unwrap_or_else(count_gpus)).collect();
        let cores =
            std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
        let found = if gpus.is_empty() { cores } else { u32::try_from(gpus.len()).unwrap_or(u32::MAX) };
        let slots = slots.unwrap_or(found).max(1);
        Self { slots, free: gpus.clone(), gpus, taken: HashMap::new() }
    }

    /// How many runs fit at once.
    pub const fn slots(&self) -> u32 {
        self.slots
    }

    /// How many GPUs are divided.
    pub fn gpus(&self) -> u32 {
        u32::try_from(self.gpus.len()).unwrap_or(u32::MAX)
    }

    /// How many GPUs runs have.
    pub fn gpus_taken(&self) -> u32 {
        u32::try_from(self.gpus.len() - self.free.len()).unwrap_or(u32::MAX)
    }

    /// The GPUs of a run.
    pub fn gpus_of(&self, run: &str) -> &[u32] {
        self.taken.get(run).map_or(&[], Vec::as_slice)
    }

    /// How many more runs fit.
    pub fn free_slots(&self) -> usize {
        usize::try_from(self.slots).unwrap_or(usize::MAX).saturating_sub(self.taken.len())
    }

    /// Whether one more run fits.
    pub fn has_room(&self) -> bool {
        self.free_slots() > 0
    }

    /// How many GPUs a run gets for itself.
    pub fn gpus_for(&self, wanted: Gpus) -> u32 {
        match wanted {
            Gpus::Auto => u32::from(!self.gpus.is_empty()),
            Gpus::Count(count) => count,
            Gpus::Shared => 0,
        }
    }

    /// Gives a run a slot and its GPUs; `None` when it has to wait.
    pub fn take(&mut self, run: &str, wanted: Gpus) -> Option<Vec<u32>> {
        let count = usize::try_from(self.gpus_for(wanted)).ok()?;
        if !self.has_room() || self.free.len() < count {
            return None;
        }
        let own: Vec<_> = self.free.iter().copied().take(count).collect();
        self.free.retain(|gpu| !own.contains(gpu));
        self.taken.insert(run.to_owned(), own.clone());
        Some(own)
    }

    /// Notes what a run had before this controller knew of it.
    pub fn adopt(&mut self, run: &str, gpus: &[u32]) {
        self.free.retain(|gpu| !gpus.contains(gpu));
        self.taken.insert(run.to_owned(), gpus.to_vec());
    }

    /// Takes back what a run had.
    pub fn release(&mut self, run: &str) {
        for gpu in self.taken.remove(run).unwrap_or_default() {
            if self.gpus.contains(&gpu) {
                self.free.insert(gpu);
            }
        }
    }
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

    // Proves C10: GPUs are divided, and nobody shares one unasked.
    #[test]
    fn five_runs_never_share_a_gpu_unasked() {
        let mut machine = Machine::new(Some(5), Some(2));
        assert_eq!(machine.take("a", Gpus::Auto), Some(vec![0]));
        assert_eq!(machine.take("b", Gpus::Auto), Some(vec![1]));
        assert_eq!(machine.take("c", Gpus::Auto), None);
        assert_eq!((machine.gpus_taken(), machine.gpus_of("b")), (2, [1].as_slice()));
        assert_eq!(machine.take("d", Gpus::Count(0)), Some(vec![]));
        assert_eq!(machine.take("e", Gpus::Shared), Some(vec![]));
        machine.release("b");
        assert_eq!(machine.take("f", Gpus::Count(2)), None);
        assert_eq!(machine.take("f", Gpus::Count(1)), Some(vec![1]));
        assert_eq!(machine.free_slots(), 1);
    }

    #[test]
    fn slots_follow_the_gpus_unless_told() {
        assert_eq!(Machine::new(None, Some(4)).slots(), 4);
        assert!(Machine::new(None, Some(0)).slots() >= 1);
        let mut machine = Machine::new(Some(1), Some(0));
        machine.adopt("a", &[]);
        assert_eq!(machine.take("b", Gpus::Auto), None);
    }
}
