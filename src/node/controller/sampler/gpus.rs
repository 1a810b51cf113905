//! GPUs, as NVIDIA's driver tells of them. Its library is looked for when the controller starts to measure; where it
//! is not, there are no values and no error.

use std::ffi::OsStr;

use nvml_wrapper::{Nvml, error::NvmlError};

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

    /// The load of each GPU; one that does not answer is left out.
    pub fn load(&self) -> Vec<GpuLoad> {
        let Some(nvml) = &self.0 else { return Vec::new() };
        let count = nvml.device_count().unwrap_or(0);
        (0..count).filter_map(|id| load(nvml, id).ok()).collect()
    }
}

fn load(nvml: &Nvml, id: u32) -> Result<GpuLoad, NvmlError> {
    let device = nvml.device_by_index(id)?;
    let (busy, memory) = (device.utilization_rates()?.gpu, device.memory_info()?);
    Ok(GpuLoad { id, busy: busy.into(), memory: memory.used, memory_total: memory.total })
}
