//! The controller: claims runs, starts shims, and records what becomes of them.
//!
//! One thread owns the state and the decisions ([`Controller`]); five helpers do what takes long and report
//! back by messages: `starter` prepares attempts and starts shims, `follower` takes in what runs say,
//! `finisher` collects files, `sampler` measures the load, `teller` tells people what has ended. All that matters is in the records or in the attempts'
//! directories before anything depends on it, so the process may die between any two steps.

mod claim;
mod finisher;
mod follower;
mod life;
mod listener;
mod machine;
mod outcome;
mod pool;
mod sampler;
mod settings;
mod starter;
mod teller;

use std::collections::HashMap;
use std::fs::File;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use tracing::{debug, error, info, warn};

pub use self::settings::{Settings, Watch};

use self::machine::Machine;
use self::outcome::Outcome;
use super::attempt::{Attempt, Started};
use super::control::{self, Request};
use super::places::{Lock, Places};
use super::process::Identity;
use super::{Layout, NodeError, Result};
use crate::model::load::Load;
use crate::model::node::{Heartbeat, Shortage};
use crate::model::{Event, JobName, Run, RunPath, Status, Time};
use crate::store::{Records, RunChange, RunPatch};

/// How often attempts are looked at whose shims cannot be heard (adopted ones, or after a lost message).
const LOOK: Duration = Duration::from_secs(1);

/// What reaches the controller's thread.
pub(super) enum Message {
    /// A request from outside.
    Request(Request),
    /// A child of this process has ended, or somebody wants this one to end.
    Signal(i32),
    /// A shim was started.
    Spawned(Child),
    /// An attempt could not be prepared.
    StartFailed(String, NodeError),
    /// An attempt's last words are recorded and its files collected.
    Finished(String),
    /// The load was measured.
    Sampled(Load),
    /// What was due has been told; the rest is due later.
    Told(Option<Duration>),
    /// A lock that was waited for.
    Granted(Lock, Result<Option<File>>),
}

/// A run that occupies this machine.
struct Active {
    path: RunPath,
    job: JobName,
    attempt: u32,
    charged: u32,
    directory: Attempt,
    phase: Phase,
    started: Option<Started>,
    /// The shim was told to end the run.
    told: bool,
    /// When the starter was asked to start it.
    ordered: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// Claimed; its shim has not reported yet.
    Starting,
    Running,
    /// It has ended, and its files are being collected.
    Finishing(Outcome),
}

impl Active {
    /// The change that records the start of the attempt.
    fn start_change(&self, started: &Started) -> RunChange {
        RunChange {
            run: self.path.clone(),
            expect: vec![Status::Spawning],
            expect_attempt: Some(self.attempt),
            patch: RunPatch {
                status: Some(Status::Running),
                attempt_time: Some(started.time),
                ..RunPatch::default()
            },
            events: vec![Event::at(started.time, "started", [("attempt", self.attempt.into())])],
        }
    }
}

/// Runs the controller until it has had nothing to do for a while. Answers at once when this machine has one.
pub fn run(layout: &Layout, records: Arc<dyn Records>, settings: Settings, watch: Watch) -> Result<()> {
    super::attempt::private_folder(&layout.node())?;
    super::attempt::private_folder(layout.runtime())?;
    let Some(lock) = control::take_over(layout)? else { return Ok(()) };
    info!(version = control::VERSION, pid = std::process::id(), "controller starts");
    let (sender, messages) = unbounded();
    listener::catch_signals(sender.clone())?;
    let follower = follower::start(Arc::clone(&records), finisher::start(layout.clone(), sender.clone()));
    let mut controller = Controller {
        machine: Machine::new(settings.slots, settings.gpus, &Places::of_this_machine(), &sender),
        starter: starter::start(layout.clone(), Arc::clone(&records), sender.clone()),
        sampler: sampler::start(layout, Arc::clone(&records), sender.clone()),
        teller: teller::start(settings.box_name.clone(), Arc::clone(&records), sender.clone()),
        layout: layout.clone(),
        records,
        settings,
        watch,
        follower,
        shims: Vec::new(),
        orders_to_tell: 0,
        tell_at: None,
        active: HashMap::new(),
        outbox: Vec::new(),
        started: Time::now(),
        load: None,
        sampled: None,
        next_beat: Instant::now(),
        look: true,
        looked: Time::default(),
        again: None,
        leaving: false,
        told_trouble: false,
        shortages: Vec::new(),
    };
    controller.adopt()?;
    loop {
        let listener = listener::listen(layout, sender.clone())?;
        controller.tell();
        controller.work(&messages);
        // Nobody can connect any more; whoever was answered before has his request in the channel.
        listener.close(layout);
        if controller.leaving || !controller.take_in(&messages) && !controller.has_work() {
            break;
        }
        controller.look = true;
    }
    controller.beat(true);
    info!("controller ends");
    drop(lock);
    Ok(())
}

struct Controller {
    layout: Layout,
    records: Arc<dyn Records>,
    settings: Settings,
    watch: Watch,
    machine: Machine,
    starter: Sender<starter::Order>,
    follower: Sender<follower::Order>,
    sampler: Sender<sampler::Order>,
    teller: Sender<teller::Order>,
    /// Orders to the teller that are not carried out yet.
    orders_to_tell: u32,
    /// When the next one is due.
    tell_at: Option<Instant>,
    /// Shims that are children of this process.
    shims: Vec<Child>,
    /// By the run's unique id.
    active: HashMap<String, Active>,
    /// Changes the records have not taken yet.
    outbox: Vec<RunChange>,
    started: Time,
    /// The load as it was last measured, while anything is active.
    load: Option<Load>,
    /// When it was last ordered to be measured.
    sampled: Option<Instant>,
    /// When the next sign of life is due.
    next_beat: Instant,
    /// The records may hold new work.
    look: bool,
    /// When they were last looked at for that.
    looked: Time,
    /// When to look again, after they could not be looked at.
    again: Option<Instant>,
    leaving: bool,
    told_trouble: bool,
    /// What runs wait for that others on the machine have.
    shortages: Vec<Shortage>,
}

impl Controller {
    /// Takes over the runs a controller before this one looked after.
    fn adopt(&mut self) -> Result<()> {
        for run in self.records.active_runs(&self.settings.box_name)? {
            info!(run = %run.path(), attempt = run.attempt, "adopted");
            self.machine.adopt(&run.run_guid, &run.gpu_ids);
            self.enter(&run);
        }
        Ok(())
    }

    fn enter(&mut self, run: &Run) {
        let active = Active {
            path: run.path(),
            job: run.job_id,
            attempt: run.attempt,
            charged: run.charged,
            directory: Attempt::at(self.layout.attempt(&run.run_guid, run.attempt)),
            phase: if run.status == Status::Running { Phase::Running } else { Phase::Starting },
            started: None,
            told: false,
            ordered: None,
        };
        self.active.insert(run.run_guid.clone(), active);
        self.inspect(&run.run_guid);
    }

    /// Works until there has been nothing to do for a while, or somebody wants this process to end.
    fn work(&mut self, messages: &Receiver<Message>) {
        let mut next_look = Instant::now();
        self.next_beat = Instant::now();
        let mut idle_since = Instant::now();
        loop {
            self.flush();
            let now = Instant::now();
            if self.look || self.again.is_some_and(|again| again <= now) {
                self.look = false;
                self.looked = Time::now();
                self.take_settings();
                let done = self.cancel().and_then(|()| self.claim());
                self.again = self.machine.again(now);
                if let Err(error) = done {
                    self.again = Some(now + LOOK);
                    self.trouble(&error);
                }
                self.flush();
            }
            if self.leaving {
                return;
            }
            if self.tell_at.is_some_and(|due| due <= now) {
                self.tell();
            }
            if self.is_in_use() || !self.outbox.is_empty() || self.is_telling() {
                idle_since = now;
            } else if now.duration_since(idle_since) >= self.settings.idle {
                return;
            }
            let next_sample = self.sample(now);
            if now >= self.next_beat && self.is_in_use() {
                self.beat(false);
                self.next_beat = now + self.settings.heartbeat;
            }
            if now >= next_look {
                self.active.keys().cloned().collect::<Vec<_>>().iter().for_each(|guid| self.inspect(guid));
                self.take_settings();
                next_look = now + LOOK;
            }
            let mut until = if self.is_in_use() {
                next_sample.unwrap_or(next_look).min(next_look).min(self.next_beat)
            } else {
                idle_since + self.settings.idle
            };
            // What was due when the records were last looked at waits for something else: that will be heard of.
            let time = Time::now();
            if let Ok(Some(due)) = self.records.next_due(self.looked.min(time)) {
                let wait = due.since(time);
                until = until.min(now + wait);
                self.look |= wait.is_zero();
            }
            if !self.outbox.is_empty() {
                until = until.min(now + LOOK);
            }
            until = [self.again, self.tell_at].into_iter().flatten().fold(until, Instant::min);
            if self.look {
                self.take_in(messages);
                continue;
            }
            match messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) => {
                    self.handle(message);
                    self.take_in(messages);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Takes in all that has come, so that what follows is one transaction; false when there was nothing.
    fn take_in(&mut self, messages: &Receiver<Message>) -> bool {
        let mut any = false;
        while let Ok(message) = messages.try_recv() {
            self.handle(message);
            any = true;
        }
        any
    }

    fn has_work(&self) -> bool {
        !self.active.is_empty() || !self.outbox.is_empty() || self.records.has_work().unwrap_or(true)
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Request(Request::Wake) => {
                self.look = true;
                // What waited may have been ended by whoever calls.
                self.tell();
            }
            Message::Request(Request::Attempt { run_guid, attempt }) => {
                if self.active.get(&run_guid).is_some_and(|active| active.attempt == attempt) {
                    self.inspect(&run_guid);
                }
            }
            Message::Request(Request::Leave { version }) => {
                info!(version, "a later controller takes over");
                self.leaving = true;
            }
            Message::Signal(signal) if signal == signal_hook::consts::SIGCHLD => {
                self.reap();
            }
            Message::Spawned(shim) => {
                self.shims.push(shim);
                self.reap();
            }
            Message::Signal(signal) => {
                info!(signal, "asked to end; the runs go on");
                self.leaving = true;
            }
            Message::StartFailed(guid, error) => self.start_failed(&guid, &error),
            Message::Finished(guid) => self.finished(&guid),
            Message::Sampled(load) => {
                self.load = Some(load);
                // Whoever watches hears of it.
                self.next_beat = Instant::now();
            }
            Message::Told(again) => self.has_told(again),
            Message::Granted(lock, file) => {
                self.machine.granted(lock, file);
                self.look = true;
            }
        }
    }

    /// Takes the exit statuses of shims; those of other children are for who started them.
    fn reap(&mut self) {
        self.shims.retain_mut(|shim| matches!(shim.try_wait(), Ok(None)));
    }

    /// Whether somebody would miss a sign of life.
    fn is_in_use(&self) -> bool {
        !self.active.is_empty() || !self.shortages.is_empty()
    }

    /// Takes over settings that have changed. What cannot be understood leaves the last ones in force.
    fn take_settings(&mut self) {
        match (self.watch)() {
            None => {}
            Some(Err(error)) => warn!(%error, "the configuration is broken: the settings stay as they were"),
            Some(Ok(settings)) if settings == self.settings => {}
            Some(Ok(settings)) => {
                info!(?settings, "the settings have changed");
                self.machine.resize(settings.slots, settings.gpus);
                self.settings = settings;
                self.look = true;
            }
        }
    }

    /// Tells those who look what runs wait for, when that has changed.
    fn tell_shortages(&mut self) {
        let shortages = self.machine.shortages();
        if shortages != self.shortages {
            for shortage in &shortages {
                if shortage.trouble.is_some() {
                    warn!("runs wait for {shortage}");
                } else {
                    debug!("runs wait for {shortage}");
                }
            }
            self.shortages = shortages;
            self.beat(false);
        }
    }

    /// Ends what somebody asked to cancel.
    fn cancel(&mut self) -> Result<()> {
        for run in self.records.cancelled_runs()? {
            match self.active.get_mut(&run.run_guid) {
                None if run.status.is_waiting() => self.outbox.push(Outcome::cancelled_while_waiting(&run)),
                None => {}
                Some(active) if active.told => {}
                Some(active) => {
                    if let Some(started) = &active.started {
                        active.told = true;
                        info!(run = %active.path, "cancelled");
                        started.shim.signal(rustix::process::Signal::TERM);
                    }
                }
            }
        }
        Ok(())
    }

    /// Records what has changed, in one transaction. What the records do not take now is kept and tried
    /// again: nothing is forgotten for an outage of the store.
    fn flush(&mut self) {
        if self.outbox.is_empty() {
            return;
        }
        match self.records.change_runs(&self.outbox) {
            Ok(_) => {
                let ended = |change: &RunChange| change.patch.status.is_some_and(Status::is_final);
                if self.outbox.drain(..).any(|change| ended(&change)) {
                    self.tell();
                }
                self.told_trouble = false;
            }
            Err(error) if error.is_passing() => self.trouble(&error.into()),
            Err(error) => {
                // One of them is for a run that was deleted meanwhile: the others must not suffer.
                self.trouble(&error.into());
                for change in std::mem::take(&mut self.outbox) {
                    match self.records.change_runs(std::slice::from_ref(&change)) {
                        Ok(_) => {}
                        Err(error) if error.is_passing() => self.outbox.push(change),
                        Err(error) => error!(run = %change.run, %error, "a change is given up"),
                    }
                }
                self.tell();
            }
        }
    }

    /// Renews the sign of life.
    fn beat(&mut self, gone: bool) {
        let own = Identity::own();
        let heartbeat = Heartbeat {
            box_name: self.settings.box_name.clone(),
            pid: own.pid,
            pid_start: own.start,
            boot_id: own.boot,
            version: control::VERSION.to_owned(),
            started: self.started,
            time: Time::now(),
            interval: self.settings.heartbeat.as_secs_f64(),
            active: u32::try_from(self.active.len()).unwrap_or(u32::MAX),
            slots: self.machine.slots(),
            gpus: self.machine.gpus(),
            gpus_taken: self.machine.gpus_taken(),
            machine: self.load.clone(),
            load: sysinfo::System::load_average().map_or(0.0, |load| load.one),
            gone: gone && self.active.is_empty(),
            shortages: self.shortages.clone(),
        };
        if let Err(error) = self.records.beat(&heartbeat) {
            self.trouble(&error.into());
        }
    }

    /// Tells of trouble in the controller's log, once until it is over.
    fn trouble(&mut self, error: &NodeError) {
        if !self.told_trouble {
            warn!(%error, "trouble");
            self.told_trouble = true;
        }
    }
}
