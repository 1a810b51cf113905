//! The life of an attempt as the controller sees it: from its directory to the records.

use std::time::{Duration, Instant};

use tracing::{error, info};

use super::outcome::{End, Outcome};
use super::{Active, Controller, Phase, finisher, follower, starter};
use crate::model::job::Launch;
use crate::model::{Event, Status};
use crate::node::attempt::State;
use crate::node::{NodeError, Result};
use crate::store::Records;

/// An order of which nothing was heard is given again after this.
const ORDER_AGAIN: Duration = Duration::from_secs(30);

impl Controller {
    /// Looks how an attempt stands and goes on from there; called any number of times.
    pub(super) fn inspect(&mut self, guid: &str) {
        let Some(active) = self.active.get_mut(guid) else { return };
        if matches!(active.phase, Phase::Finishing(_)) {
            return;
        }
        match active.directory.state() {
            Err(error) => self.trouble(&error),
            // It has been started: another start would be a second copy of it.
            Ok(State::Fresh) if active.phase == Phase::Running => self.ended(guid, End::DirectoryGone),
            Ok(State::Fresh) => self.start(guid),
            Ok(State::Alive(None)) => {}
            Ok(State::Alive(Some(started))) => {
                let is_new = active.started.is_none();
                active.started = Some(started);
                if is_new {
                    self.running(guid);
                }
            }
            Ok(State::Ended(started, exit)) => {
                active.started = active.started.take().or(started);
                self.ended(guid, End::Seen(&exit));
            }
            Ok(State::Lost(started)) => {
                active.started = active.started.take().or(started);
                self.ended(guid, End::ShimKilled);
            }
        }
    }

    /// Hands a claimed attempt to the starter. Starting it twice does no harm: the second shim finds it taken.
    fn start(&mut self, guid: &str) {
        let Some(active) = self.active.get_mut(guid) else { return };
        let is_ordered = active.ordered.is_some_and(|ordered| ordered.elapsed() < ORDER_AGAIN);
        if is_ordered || active.not_before.is_some_and(|moment| Instant::now() < moment) {
            return;
        }
        // It was claimed by a controller that died before its shim had started, and others have its places now.
        if !self.machine.secure(guid) {
            return;
        }
        let order = self.records.run(&active.path).map_err(NodeError::from).and_then(|run| {
            let locks = self.machine.locks(guid).map_err(NodeError::system("copy the locks of a run"))?;
            Ok(starter::Order { run, attempt: active.directory.clone(), locks })
        });
        match order {
            Ok(order) => {
                active.ordered = Some(Instant::now());
                let _ = self.starter.send(order);
            }
            Err(error) => self.trouble(&error),
        }
    }

    /// The shim has reported: the script runs.
    fn running(&mut self, guid: &str) {
        let Some(active) = self.active.get_mut(guid) else { return };
        let Some(started) = &active.started else { return };
        self.machine.handed_over(guid);
        if active.phase == Phase::Starting {
            active.phase = Phase::Running;
            self.outbox.push(active.start_change(started));
        }
        let order = follower::Order::Follow(follower::Source {
            run_guid: guid.to_owned(),
            run: active.path.clone(),
            directory: active.directory.clone(),
        });
        let _ = self.follower.send(order);
        // A cancel may have come while it was being started.
        self.look = true;
    }

    /// The attempt is over: decides what that means, and has its words and files collected.
    fn ended(&mut self, guid: &str, end: End<'_>) {
        if !end.is_supervised() {
            // Nobody else gets its GPUs while what is left of it is ended.
            self.machine.secure(guid);
        }
        let Some(active) = self.active.get_mut(guid) else { return };
        let launch = match launch(self.records.as_ref(), active) {
            Ok(launch) => launch,
            Err(error) => return self.trouble(&error),
        };
        let outcome = Outcome::of(end, &launch, active.spent, active.started.as_ref());
        if active.phase == Phase::Starting {
            // It came and went between two looks: its start is recorded all the same.
            self.outbox.extend(active.started.as_ref().map(|started| active.start_change(started)));
        }
        active.phase = Phase::Finishing(outcome.clone());
        let _ = self.follower.send(follower::Order::Finish(Box::new(finisher::Remains {
            source: follower::Source {
                run_guid: guid.to_owned(),
                run: active.path.clone(),
                directory: active.directory.clone(),
            },
            attempt: active.attempt,
            is_last: outcome.is_final(),
            completed: outcome.status() == Status::Completed,
            supervised: end.is_supervised(),
            launch,
        })));
    }

    /// Records the end of an attempt, and frees its place.
    pub(super) fn finished(&mut self, guid: &str, events: Vec<Event>) {
        let Some(active) = self.active.remove(guid) else { return };
        let Phase::Finishing(outcome) = active.phase else { return };
        info!(run = %active.path, attempt = active.attempt, status = %outcome.status(), "ended");
        self.machine.release(guid);
        let mut change = outcome.change(&active.path, active.attempt);
        let retries = self.records.retries().since(active.retries);
        let told = (retries.times > 0).then(|| {
            info!(run = %active.path, times = retries.times, lost = ?retries.lost, "the store was asked again");
            let seconds = retries.lost.as_secs_f64();
            Event::now("store-retries", [("times", retries.times.into()), ("seconds", seconds.into())])
        });
        change.events.splice(..0, events.into_iter().chain(told));
        self.outbox.push(change);
        self.look = true;
    }

    /// An attempt could not be prepared. What may pass is waited for; the rest is a failure of the node.
    pub(super) fn start_failed(&mut self, guid: &str, error: &NodeError) {
        self.trouble(error);
        let Some(active) = self.active.get_mut(guid) else { return };
        let now = Instant::now();
        active.ordered = None;
        if let Some(wait) = active.patience.after(error.outlook(), now) {
            // It is ordered again when it is looked at then.
            active.not_before = Some(now + wait);
            return;
        }
        let launch = match launch(self.records.as_ref(), active) {
            Ok(launch) => launch,
            Err(error) => return self.trouble(&error),
        };
        let Some(active) = self.active.remove(guid) else { return };
        self.machine.release(guid);
        let outcome = Outcome::not_prepared(error, &launch, active.spent);
        self.outbox.push(outcome.change(&active.path, active.attempt));
        self.look = true;
    }
}

/// What the job of a run wants; an error when that can be read later. A job that cannot be read any more asks for
/// nothing: its runs end all the same.
fn launch(records: &dyn Records, active: &Active) -> Result<Launch> {
    match records.job(active.job) {
        Ok(job) => Ok(job.launch),
        Err(error) if error.is_passing() => Err(error.into()),
        Err(error) => {
            error!(run = %active.path, %error, "ends without what its job wants");
            Ok(Launch::default())
        }
    }
}
