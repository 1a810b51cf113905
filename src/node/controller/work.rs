//! The controller's loop: what it does when, and what it waits for.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use tracing::{info, warn};

use super::outcome::Outcome;
use super::{Controller, LOOK, Message};
use crate::model::Time;
use crate::node::Result;

/// How often a controller with active runs looks for what somebody on another machine wants of it, such as a cancel.
const ASK_OTHERS: Duration = Duration::from_secs(5);

impl Controller {
    /// Works until there has been nothing to do for a while, or somebody wants this process to end.
    pub(super) fn work(&mut self, messages: &Receiver<Message>) {
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
                let done = self
                    .settle_claims()
                    .and_then(|()| self.cancel())
                    .and_then(|all| Ok(self.claim()? && all));
                self.again = self.machine.again(now);
                if !matches!(done, Ok(true)) {
                    self.again = Some(now + LOOK);
                }
                if let Err(error) = done {
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
                if self.records.is_shared() && now.duration_since(self.asked_others) >= ASK_OTHERS {
                    self.asked_others = now;
                    self.look = true;
                }
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

    pub(super) fn has_work(&self) -> bool {
        !self.active.is_empty() || !self.outbox.is_empty() || self.records.has_work().unwrap_or(true)
    }

    /// Takes over runs whose claim was recorded although that failed: a server may do what it is asked and not get to
    /// say so.
    fn settle_claims(&mut self) -> Result<()> {
        if self.claims_in_doubt && self.outbox.is_empty() {
            self.adopt()?;
            self.claims_in_doubt = false;
        }
        Ok(())
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

    /// Ends what somebody asked to cancel; false when some of it could not be told or recorded now.
    fn cancel(&mut self) -> Result<bool> {
        // What waits for the records may be these very ends.
        let can_record = self.outbox.is_empty();
        let mut all_told = can_record;
        for run in self.records.cancelled_runs()? {
            match self.active.get_mut(&run.run_guid) {
                None if run.status.is_waiting() && can_record => {
                    self.outbox.push(Outcome::cancelled_while_waiting(&run));
                }
                None => {}
                Some(active) if active.told => {}
                Some(active) => {
                    if let Some(started) = &active.started {
                        active.told = started.shim.signal(rustix::process::Signal::TERM);
                        all_told &= active.told;
                        info!(run = %active.path, told = active.told, "cancelled");
                    }
                }
            }
        }
        Ok(all_told)
    }
}
