//! What the controller tells: the records what becomes of runs, and whoever looks that it lives.

use tracing::{debug, error, warn};

use super::Controller;
use crate::model::node::Heartbeat;
use crate::model::{Status, Time};
use crate::node::NodeError;
use crate::node::control;
use crate::node::process::Identity;
use crate::store::RunChange;

impl Controller {
    /// Records what has changed, in one transaction. What the records do not take now is kept and tried
    /// again: nothing is forgotten for an outage of the store. Answers whether it took all of it.
    pub(super) fn flush(&mut self) -> bool {
        if self.outbox.is_empty() {
            return true;
        }
        match self.records.change_runs(&self.outbox) {
            Ok(_) => {
                let ended = |change: &RunChange| change.patch.status.is_some_and(Status::is_final);
                if self.outbox.drain(..).any(|change| ended(&change)) {
                    self.tell();
                }
                self.told_trouble = false;
                true
            }
            Err(error) if error.is_passing() => {
                self.trouble(&error.into());
                false
            }
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
                false
            }
        }
    }

    /// Renews the sign of life.
    pub(super) fn beat(&mut self, gone: bool) {
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
    pub(super) fn trouble(&mut self, error: &NodeError) {
        if !self.told_trouble {
            warn!(%error, "trouble");
            self.told_trouble = true;
        }
    }

    /// Tells those who look what runs wait for, when that has changed.
    pub(super) fn tell_shortages(&mut self) {
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
}
