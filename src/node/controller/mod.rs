//! The controller: claims runs, starts shims, and records what becomes of them.
//!
//! One thread owns the state and the decisions ([`Controller`]); five helpers do what takes long and report
//! back by messages: `starter` prepares attempts and starts shims, `follower` takes in what runs say,
//! `finisher` collects files, `sampler` measures the load, `teller` tells people what has ended. All that matters is
//! in the records or in the attempts' directories before anything depends on it, so the process may die between any
//! two steps.

mod claim;
mod collect;
mod faults;
mod finisher;
mod follower;
mod life;
mod listener;
mod machine;
mod outcome;
mod pool;
mod report;
mod sampler;
mod settings;
mod starter;
mod teller;
mod work;

use std::collections::HashMap;
use std::fs::File;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use tracing::info;

pub use self::settings::{Settings, Watch};

use self::machine::Machine;
use self::outcome::Outcome;
use super::attempt::{Attempt, Started};
use super::control::{self, Request};
use super::lock::ControllerLock;
use super::patience::Patience;
use super::places::{Lock, Places};
use super::{Layout, NodeError, Result};
use crate::model::load::Load;
use crate::model::node::Shortage;
use crate::model::retry::Spent;
use crate::model::{Event, JobName, Run, RunPath, Status, Time};
use crate::store::{Records, Retries, RunChange, RunPatch};

/// How often attempts are looked at whose shims cannot be heard (adopted ones, or after a lost message).
const LOOK: Duration = Duration::from_secs(1);

/// The longest wait before something is tried again.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

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
    /// An attempt's last words are recorded and its files collected; what there is to tell of that.
    Finished(String, Vec<Event>),
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
    spent: Spent,
    directory: Attempt,
    phase: Phase,
    started: Option<Started>,
    /// The shim was told to end the run.
    told: bool,
    /// When the starter was asked to start it.
    ordered: Option<Instant>,
    /// What comes of starts that fail.
    patience: Patience,
    /// Not to be ordered again before.
    not_before: Option<Instant>,
    /// What the store had to be asked again before this controller looked after it.
    retries: Retries,
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

/// Runs the controller that has the lock until it has had nothing to do for a while.
pub fn run(
    lock: ControllerLock,
    layout: &Layout,
    records: Arc<dyn Records>,
    settings: Settings,
    watch: Watch,
) -> Result<()> {
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
        claims_in_doubt: false,
        asked_others: Instant::now(),
        shortages: Vec::new(),
    };
    loop {
        controller.adopt()?;
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
    /// Claims failed, and nobody knows whether they were recorded.
    claims_in_doubt: bool,
    /// When the records were last looked at for what others want.
    asked_others: Instant,
    /// What runs wait for that others on the machine have.
    shortages: Vec<Shortage>,
}

impl Controller {
    /// Takes over the active runs that nobody looks after: those of a controller before this one, and those whose
    /// records could not be read then. What name the machine had does not matter: a store belongs to one machine.
    fn adopt(&mut self) -> Result<()> {
        // What ended a moment ago is not active any more.
        self.flush();
        if !self.outbox.is_empty() {
            return Ok(());
        }
        for run in self.records.active_runs()? {
            if self.active.contains_key(&run.run_guid) {
                continue;
            }
            info!(run = %run.path(), attempt = run.attempt, "adopted");
            if run.box_name.as_ref() != Some(&self.settings.box_name) {
                self.outbox.push(self.moved_here(&run));
            }
            self.machine.adopt(&run.run_guid, &run.gpu_ids);
            self.enter(&run);
        }
        Ok(())
    }

    /// The change that gives a run the present name of its machine: signs of life come under that.
    fn moved_here(&self, run: &Run) -> RunChange {
        RunChange {
            run: run.path(),
            expect: vec![Status::Spawning, Status::Running],
            expect_attempt: Some(run.attempt),
            patch: RunPatch { box_name: Some(self.settings.box_name.clone()), ..RunPatch::default() },
            events: Vec::new(),
        }
    }

    fn enter(&mut self, run: &Run) {
        let active = Active {
            path: run.path(),
            job: run.job_id,
            attempt: run.attempt,
            spent: Spent { charged: run.charged, node_failures: run.node_failures },
            directory: Attempt::at(self.layout.attempt(&run.run_guid, run.attempt)),
            phase: if run.status == Status::Running { Phase::Running } else { Phase::Starting },
            started: None,
            told: false,
            ordered: None,
            patience: Patience::new(LONGEST_WAIT),
            retries: self.records.retries(),
            not_before: None,
        };
        self.active.insert(run.run_guid.clone(), active);
        self.inspect(&run.run_guid);
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
            Message::Finished(guid, events) => self.finished(&guid, events),
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
}
