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

fn load(nvml: &Nvml, id: u32) -> GpuLoad {
    let device = nvml.device_by_index(id).ok();
    let busy = device.as_ref().and_then(|device| device.utilization_rates().ok());
    let memory = device.as_ref().and_then(|device| device.memory_info().ok());
    told(id, busy.map(|busy| busy.gpu), memory.map(|memory| (memory.used, memory.total)))
}

/// What a GPU does not tell is left out: one that is divided (MIG) tells no utilisation, an old driver no memory.
fn told(id: u32, busy: Option<u32>, memory: Option<(u64, u64)>) -> GpuLoad {
    let (memory, memory_total) = memory.unzip();
    GpuLoad { id, busy: busy.map(Into::into), memory, memory_total }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves C7: what a GPU does not tell is nothing, and no zero.
    #[test]
    fn what_a_gpu_does_not_tell_is_left_out() {
        let all = GpuLoad { id: 1, busy: Some(98.0), memory: Some(3), memory_total: Some(8) };
        assert_eq!(told(1, Some(98), Some((3, 8))), all);
        let divided = GpuLoad { busy: None, ..all.clone() };
        assert_eq!(told(1, None, Some((3, 8))), divided);
        assert_eq!(told(1, Some(98), None), GpuLoad { memory: None, memory_total: None, ..all });
    }

    // Proves C7: no driver is no error.
    #[test]
    fn without_a_driver_there_are_no_gpus() {
        assert_eq!(Gpus(None).load(), []);
    }
}
