//! Measures the load of the machine and of the runs on it, and keeps it with the runs.
//!
//! A sample is kept in one transaction or not at all, and never tried again: one may be missing after a kill or
//! while the disk is full, and none is there twice. A run that is over before the next measurement has none: a
//! thousand short runs cost nothing here.

mod gauges;
mod gpus;
mod tree;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, bounded};

use self::gauges::Gauges;
use self::gpus::Gpus;
use self::tree::{Processes, Usage};
use super::{Controller, Message, Phase};
use crate::model::load::{Load, TOTAL};
use crate::model::{RunPath, Scalar, Time};
use crate::node::Layout;
use crate::node::process::{Identity, is_own};
use crate::store::{LoadSample, Records};

/// A run to be measured.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The run's unique id.
    pub run_guid: String,
    /// The run.
    pub run: RunPath,
    /// The attempt that runs.
    pub attempt: u32,
    /// Its shim: the run's processes are those below it.
    pub shim: Identity,
    /// Its GPUs; when it has none of its own, those of the machine are measured.
    pub gpus: Vec<u32>,
}

/// Runs to be measured now.
pub struct Order {
    /// The usual time between orders.
    interval: Duration,
    watched: Vec<Watched>,
}

/// Starts the sampler. It measures when it is told which runs there are; one order can wait.
pub fn start(layout: &Layout, records: Arc<dyn Records>, sender: Sender<Message>) -> Sender<Order> {
    let (orders, receiver) = bounded::<Order>(1);
    let data = layout.node();
    std::thread::spawn(move || {
        let mut sampler = None;
        let mut told = false;
        for Order { interval, watched } in receiver {
            // Drivers are looked for when there is something to measure.
            let sampler = sampler.get_or_insert_with(|| Sampler::new(&data));
            let (load, samples) = sampler.measure(&watched, interval);
            let kept = if samples.is_empty() { Ok(()) } else { records.keep_load(&samples) };
            if let (Err(error), false) = (&kept, told) {
                tracing::warn!(%error, "measurements are lost");
            }
            // Once until it is over.
            told = kept.is_err();
            if sender.send(Message::Sampled(load)).is_err() {
                return;
            }
        }
    });
    orders
}

impl Controller {
    /// Has the load measured when that is due; answers when it is due next. With nothing active it never is.
    pub(super) fn sample(&mut self, now: Instant) -> Option<Instant> {
        if self.active.is_empty() {
            self.load = None;
            return None;
        }
        let Some(interval) = self.settings.sample else {
            self.load = None;
            return None;
        };
        if let Some(due) = self.sampled.map(|sampled| sampled + interval)
            && due > now
        {
            return Some(due);
        }
        let watched = self.active.iter().filter(|(_, active)| active.phase == Phase::Running);
        let watched = watched.filter_map(|(guid, active)| {
            Some(Watched {
                run_guid: guid.clone(),
                run: active.path.clone(),
                attempt: active.attempt,
                shim: active.started.as_ref()?.shim.clone(),
                gpus: self.machine.gpus_of(guid).to_vec(),
            })
        });
        let watched = watched.collect();
        if self.sampler.try_send(Order { interval, watched }).is_err() {
            // It is still at an earlier order, and nobody waits for it: what it said then is not the present.
            self.load = None;
        }
        self.sampled = Some(now);
        Some(now + interval)
    }
}

struct Sampler {
    gauges: Gauges,
    gpus: Gpus,
    /// What was known of each attempt when it was last measured.
    known: HashMap<(String, u32), Known>,
    /// When the last measurement was.
    last: Option<Instant>,
}

/// How far an attempt was when it was last measured.
#[derive(Clone, Copy)]
struct Known {
    at: Instant,
    /// Processor time used until then, in seconds.
    used: f64,
}

impl Sampler {
    fn new(data: &Path) -> Self {
        let (gauges, gpus) = (Gauges::new(data), Gpus::open());
        Self { gauges, gpus, known: HashMap::new(), last: None }
    }

    fn measure(&mut self, watched: &[Watched], interval: Duration) -> (Load, Vec<LoadSample>) {
        let now = Instant::now();
        // After a pause, the difference to the last measurement says nothing about now.
        let steady = self.last.is_some_and(|last| now.duration_since(last) < 2 * interval);
        let load = Load { gpus: self.gpus.load(), ..self.gauges.load(steady) };
        let processes =
            if watched.is_empty() { Processes::default() } else { Processes::read(Path::new("/proc")) };
        let time = Time::now();
        let mut known = HashMap::new();
        let mut samples = Vec::new();
        for one in watched {
            let Some(usage) = processes.below(&one.shim, is_own) else { continue };
            let key = (one.run_guid.clone(), one.attempt);
            let before = self.known.get(&key).copied();
            let since = before.or_else(|| self.begun(now, usage));
            let cpu = since.and_then(|since| cpu(since, now, usage));
            let values = values(&load, usage, cpu, &one.gpus, before.is_none());
            samples.push(LoadSample { run: one.run.clone(), time, values });
            known.insert(key, Known { at: now, used: usage.seconds });
        }
        self.known = known;
        self.last = Some(now);
        (load, samples)
    }

    /// What is taken for the measurement before the first: the start of an attempt that has started since the
    /// last time others were measured. Of one that has run for long it would be the mean of its whole life.
    fn begun(&self, now: Instant, usage: Usage) -> Option<Known> {
        let start = now.checked_sub(usage.age)?;
        self.last.is_some_and(|last| last < start).then_some(Known { at: start, used: 0.0 })
    }
}

/// Percent of one core that were used since the last measurement.
fn cpu(since: Known, now: Instant, usage: Usage) -> Option<f64> {
    let elapsed = now.duration_since(since.at).as_secs_f64();
    // Less than before: a child was not waited for, and took with it what it had used.
    (elapsed > 0.0).then(|| (usage.seconds - since.used).max(0.0) / elapsed * 100.0)
}

/// The values of a sample, as precise as they are worth: whole numbers and few digits take little room. What does
/// not change is said in the first one alone.
fn values(load: &Load, usage: Usage, cpu: Option<f64>, gpus: &[u32], first: bool) -> Vec<(String, Scalar)> {
    let bytes = |bytes: u64| Scalar::Int(i64::try_from(bytes).unwrap_or(i64::MAX));
    let tenths = |percent: f64| Scalar::Float((percent * 10.0).round() / 10.0);
    let mut values = Vec::new();
    let mut put = |name: &str, value: Option<Scalar>| {
        values.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("run.cpu", cpu.map(tenths));
    put("run.memory", Some(bytes(usage.memory)));
    put("run.processes", Some(Scalar::Int(usage.processes.into())));
    for gpu in load.gpus.iter().filter(|gpu| gpus.is_empty() || gpus.contains(&gpu.id)) {
        let id = gpu.id;
        put(&format!("gpu{id}.busy"), gpu.busy.map(tenths));
        put(&format!("gpu{id}.memory"), gpu.memory.map(bytes));
        put(&format!("gpu{id}.memory{TOTAL}"), gpu.memory_total.filter(|_| first).map(bytes));
    }
    put("box.cpu", load.cpu.map(tenths));
    put("box.memory", Some(bytes(load.memory)));
    put("box.load", Some(Scalar::Float(load.average)));
    put("box.disk.free", load.disk_free.map(bytes));
    put(&format!("box.memory{TOTAL}"), first.then(|| bytes(load.memory_total)));
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::load::GpuLoad;

    fn usage(seconds: f64) -> Usage {
        Usage { seconds, memory: 100, processes: 2, age: Duration::from_secs(4) }
    }

    fn gpu(id: u32) -> GpuLoad {
        GpuLoad { id, busy: Some(90.0), memory: Some(5), memory_total: Some(8) }
    }

    // Proves C7, C10: a run has its own GPUs, and constants once.
    #[test]
    fn a_sample_has_what_is_the_runs_and_says_constants_once() {
        let load = Load { cpu: None, gpus: vec![gpu(0), gpu(1)], ..Load::default() };
        let names = |gpus: &[u32], first| {
            let values = values(&load, usage(1.0), Some(50.0), gpus, first);
            values.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let with = |gpus: &[&'static str]| {
            [&["run.cpu", "run.memory", "run.processes"], gpus, &["box.memory", "box.load"]].concat()
        };
        assert_eq!(names(&[1], false), with(&["gpu1.busy", "gpu1.memory"]));
        let all = with(&["gpu0.busy", "gpu0.memory", "gpu1.busy", "gpu1.memory"]);
        assert_eq!(names(&[], false), all);
        let first = names(&[1], true);
        assert!(
            first.contains(&"box.memory.total".to_owned()) && first.contains(&"gpu1.memory.total".to_owned())
        );
    }

    #[test]
    fn processor_time_is_a_share_of_the_time_between() {
        let now = Instant::now();
        let since = Known { at: now, used: 3.0 };
        let after = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(cpu(since, after(2), usage(6.0)), Some(150.0));
        assert_eq!(cpu(since, after(2), usage(2.0)), Some(0.0));
        assert_eq!(cpu(since, now, usage(6.0)), None);
    }

    // Proves C7, P2: what ran before this controller did has no processor time until there are two measurements.
    #[test]
    fn only_the_young_are_measured_from_their_start() {
        let run = RunPath::new("ws1", crate::model::RunName::top(1));
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let shim = Identity::own();
        let watched = [Watched { run_guid: "a".into(), run, attempt: 1, shim, gpus: Vec::new() }];
        let mut sampler = Sampler::new(Path::new("/"));
        let interval = Duration::from_secs(1000);
        let mut names = || {
            let (load, samples) = sampler.measure(&watched, interval);
            let names: Vec<_> = samples[0].values.iter().map(|(name, _)| name.clone()).collect();
            (load.cpu.is_some(), names.iter().any(|name| name == "run.cpu"), samples[0].values.len())
        };
        let (first, second) = (names(), names());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!((first.0, first.1), (false, false));
        assert_eq!((second.0, second.1), (true, true));
        let ended = Watched { shim: Identity { start: 1, ..Identity::own() }, ..watched[0].clone() };
        assert_eq!(sampler.measure(&[ended], interval).1, []);
    }
}
