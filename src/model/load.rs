//! The load of a machine and of the runs on it: what is measured, and what it is called.

use serde::{Deserialize, Serialize};

/// The load of a machine at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Load {
    /// How busy its cores are, in percent of all of them; none right after a pause in the measuring.
    pub cpu: Option<f64>,
    /// Load average over one minute.
    pub average: f64,
    /// Bytes of memory in use.
    pub memory: u64,
    /// Bytes of memory it has.
    pub memory_total: u64,
    /// Bytes free on the disk of xt's data.
    pub disk_free: Option<u64>,
    /// Its GPUs, as far as their driver tells.
    pub gpus: Vec<GpuLoad>,
}

/// The load of a GPU, as far as its driver tells: not every one tells everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GpuLoad {
    /// Its number on the machine.
    pub id: u32,
    /// How busy it is, in percent.
    pub busy: Option<f64>,
    /// Bytes of its memory in use.
    pub memory: Option<u64>,
    /// Bytes of memory it has.
    pub memory_total: Option<u64>,
}

impl Load {
    /// How busy its GPUs are on average, in percent.
    pub fn gpus_busy(&self) -> Option<f64> {
        let busy: Vec<f64> = self.gpus.iter().filter_map(|gpu| gpu.busy).collect();
        let count = u32::try_from(busy.len()).ok().filter(|count| *count > 0)?;
        Some(busy.iter().sum::<f64>() / f64::from(count))
    }
}

/// What the values of a series mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Percent.
    Percent,
    /// Bytes.
    Bytes,
    /// Things that are counted.
    Count,
    /// A plain number.
    Number,
}

/// The series that are kept with a run. Those of a GPU are called `gpu0.busy`, `gpu0.memory`, …
const SERIES: [(&str, &str, Unit); 7] = [
    ("run.cpu", "run cpu", Unit::Percent),
    ("run.memory", "run memory", Unit::Bytes),
    ("run.processes", "run processes", Unit::Count),
    ("box.cpu", "box cpu", Unit::Percent),
    ("box.memory", "box memory", Unit::Bytes),
    ("box.load", "box load", Unit::Number),
    ("box.disk.free", "disk free", Unit::Bytes),
];

/// The end of the names of series that tell how much there is at all of what another series measures.
pub const TOTAL: &str = ".total";

/// What a series is called for people: `run cpu`, `gpu 0 memory`.
pub fn label(series: &str) -> String {
    if let Some((_, label, _)) = SERIES.iter().find(|(name, _, _)| *name == series) {
        return (*label).to_owned();
    }
    match series.strip_prefix("gpu").and_then(|rest| rest.split_once('.')) {
        Some((id, "busy")) => format!("gpu {id}"),
        Some((id, what)) => format!("gpu {id} {what}"),
        None => series.to_owned(),
    }
}

/// The place of a series among others: the run's own, the GPUs, the rest of the machine.
pub fn rank(series: &str) -> usize {
    let known = SERIES.iter().position(|(name, _, _)| *name == series).unwrap_or(SERIES.len());
    match series.split_once('.') {
        Some(("run", _)) => known,
        Some((gpu, _)) if gpu.starts_with("gpu") => SERIES.len(),
        _ => SERIES.len() + 1 + known,
    }
}

/// What the values of a series mean.
pub fn unit(series: &str) -> Unit {
    let known = SERIES.iter().find(|(name, _, _)| *name == series).map(|(_, _, unit)| *unit);
    known.unwrap_or_else(|| {
        let series = series.strip_suffix(TOTAL).unwrap_or(series);
        match series.rsplit('.').next() {
            Some("busy") => Unit::Percent,
            Some("memory") => Unit::Bytes,
            _ => Unit::Number,
        }
    })
}

/// The most that a series can reach, where that holds on every machine. A run has 100 % of each core it keeps busy.
pub fn ceiling(series: &str) -> Option<f64> {
    (unit(series) == Unit::Percent && series != "run.cpu").then_some(100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves C7 (each quantity by name, unit and scale).
    #[rstest]
    #[case("run.cpu", "run cpu", Unit::Percent, None)]
    #[case("box.cpu", "box cpu", Unit::Percent, Some(100.0))]
    #[case("gpu11.busy", "gpu 11", Unit::Percent, Some(100.0))]
    #[case("gpu0.memory", "gpu 0 memory", Unit::Bytes, None)]
    #[case("box.memory.total", "box.memory.total", Unit::Bytes, None)]
    #[case("of.a.later.xt", "of.a.later.xt", Unit::Number, None)]
    fn series_have_names_units_and_scales(
        #[case] series: &str,
        #[case] name: &str,
        #[case] means: Unit,
        #[case] most: Option<f64>,
    ) {
        assert_eq!((label(series).as_str(), unit(series), ceiling(series)), (name, means, most));
    }

    #[test]
    fn a_runs_own_comes_first_and_its_machine_last() {
        let mut series = ["box.cpu", "gpu1.busy", "x", "run.memory", "gpu0.busy", "box.load", "run.cpu"];
        series.sort_by_key(|series| rank(series));
        assert_eq!(series, ["run.cpu", "run.memory", "gpu1.busy", "gpu0.busy", "box.cpu", "box.load", "x"]);
    }
}
