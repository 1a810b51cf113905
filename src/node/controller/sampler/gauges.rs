//! The machine as a whole.

use std::path::{Path, PathBuf};

use sysinfo::System;

use crate::model::load::Load;

/// Reads the machine's load.
pub struct Gauges {
    /// None where the system does not tell.
    system: Option<System>,
    /// Where xt keeps its data.
    data: PathBuf,
}

impl Gauges {
    /// Gauges of this machine.
    pub fn new(data: &Path) -> Self {
        Self { system: System::new().ok(), data: data.to_owned() }
    }

    /// The load now. How busy the cores are is the difference to the last call, and left out unless that was a
    /// moment ago.
    pub fn load(&mut self, steady: bool) -> Load {
        let disk = rustix::fs::statvfs(&self.data).ok();
        let mut load = Load {
            average: System::load_average().map_or(0.0, |load| load.one),
            disk_free: disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
            ..Load::default()
        };
        if let Some(system) = &mut self.system {
            system.refresh_cpu_usage();
            system.refresh_memory();
            load.cpu = steady.then(|| f64::from(system.global_cpu_usage()));
            (load.memory, load.memory_total) = (system.used_memory(), system.total_memory());
        }
        load
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves C7 (the load of the machine).
    #[test]
    fn a_machine_has_memory_and_a_disk() {
        let mut gauges = Gauges::new(Path::new("/"));
        let load = gauges.load(false);
        assert!(load.cpu.is_none() && load.memory > 0 && load.memory <= load.memory_total);
        assert!(load.disk_free.is_some());
        assert!(gauges.load(true).cpu.is_some_and(|cpu| (0.0..=100.0).contains(&cpu)));
        assert!(Gauges::new(Path::new("/no/such/place")).load(false).disk_free.is_none());
    }
}
