//! GPUs, as NVIDIA's driver tells of them. Its library is looked for when the controller starts to measure; where it
//! is not, there are no values and no error.

use std::ffi::OsStr;

use nvml_wrapper::Nvml;

use crate::model::load::GpuLoad;

/// The names of the library: the one that comes with every driver, and the one of its development files.
const LIBRARIES: [&str; 2] = ["libnvidia-ml.so.1", "libnvidia-ml.so"];

/// The driver's library, where there is one.
pub struct Gpus(Option<Nvml>);

impl Gpus {
    /// Loads the library.
    pub fn open() -> Self {
        Self(LIBRARIES.iter().find_map(|name| Nvml::builder().lib_path(OsStr::new(name)).init().ok()))
    }

    /// The load of each GPU.
    pub fn load(&self) -> Vec<GpuLoad> {
        let Some(nvml) = &self.0 else { return Vec::new() };
        let count = nvml.device_count().unwrap_or(0);
        (0..count).map(|id| load(nvml, id)).collect()
    }
}

/// What a GPU does not tell is left out: one that is divided (MIG) tells no utilisation, an old driver no memory.
fn load(nvml: &Nvml, id: u32) -> GpuLoad {
    let device = nvml.device_by_index(id).ok();
    let busy = device.as_ref().and_then(|device| device.utilization_rates().ok());
    let memory = device.as_ref().and_then(|device| device.memory_info().ok());
    GpuLoad {
        id,
        busy: busy.map(|busy| busy.gpu.into()),
        memory: memory.as_ref().map(|memory| memory.used),
        memory_total: memory.as_ref().map(|memory| memory.total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves C7: no GPU and no driver is no error.
    #[test]
    fn gpus_are_what_the_driver_tells_if_there_is_one() {
        let gpus = Gpus::open();
        let load = gpus.load();
        assert!(gpus.0.is_some() || load.is_empty());
        assert!(load.iter().all(|gpu| gpu.memory <= gpu.memory_total), "{load:?}");
    }
}
