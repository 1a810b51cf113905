//! Tells whom the user named that runs have ended.
//!
//! What is to be told is in the records from the moment the end itself is, and is forgotten there when it has been
//! told: a controller that dies in between leaves it to the next one, which may tell it again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, bounded};

use super::{Controller, Message};
use crate::model::{Event, JobName, RunPath};
use crate::node::notify::{self, Channels, FULL, Ledger, Matter, Output, Planned};
use crate::node::patience::Patience;
use crate::store::error::Outlook;
use crate::store::{Records, Result};

/// The longest wait before records are tried again that could not be read or written.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Tells what is due, with the channels as they are now configured.
pub struct Order {
    channels: Channels,
}

/// Starts the teller. One order can wait: it takes in all there is.
pub fn start(box_name: String, records: Arc<dyn Records>, sender: Sender<Message>) -> Sender<Order> {
    let (orders, receiver) = bounded::<Order>(1);
    std::thread::spawn(move || {
        let mut teller = Teller { box_name, records, ledger: Ledger::default(), told: Vec::new() };
        let mut patience = Patience::new(LONGEST_WAIT);
        for order in receiver {
            let again = match teller.work(&order.channels) {
                Ok(again) => {
                    patience = Patience::new(LONGEST_WAIT);
                    again
                }
                Err(error) => {
                    tracing::warn!(%error, "ends cannot be told or forgotten now");
                    patience.after(Outlook::Passes, Instant::now())
                }
            };
            if sender.send(Message::Told(again)).is_err() {
                return;
            }
        }
    });
    orders
}

impl Controller {
    /// Has told what is to be told.
    pub(super) fn tell(&mut self) {
        self.tell_at = None;
        let channels = self.settings.notify.clone();
        // When one waits already, it will find what this one would.
        if self.teller.try_send(Order { channels }).is_ok() {
            self.orders_to_tell += 1;
        }
    }

    /// An order has been carried out; the rest is due later.
    pub(super) fn has_told(&mut self, again: Option<Duration>) {
        self.orders_to_tell -= 1;
        if self.orders_to_tell == 0 {
            self.tell_at = again.map(|wait| Instant::now() + wait);
        }
    }

    /// Whether there is something to tell, now or later.
    pub(super) const fn is_telling(&self) -> bool {
        self.orders_to_tell > 0 || self.tell_at.is_some()
    }
}

struct Teller {
    box_name: String,
    records: Arc<dyn Records>,
    ledger: Ledger,
    /// What has been told and the records have not forgotten yet: it is not told again.
    told: Vec<Told>,
}

/// A message that is out.
struct Told {
    endings: Vec<i64>,
    events: Vec<(RunPath, Event)>,
}

impl Teller {
    /// Tells what is due, message by message; answers when more is.
    fn work(&mut self, channels: &Channels) -> Result<Option<Duration>> {
        loop {
            let forgotten = self.forget();
            let mut endings = self.records.endings(FULL)?;
            endings.retain(|ending| self.told.iter().all(|told| !told.endings.contains(&ending.id)));
            if channels.is_empty() && !endings.is_empty() {
                // There is nobody any more.
                let all: Vec<_> = endings.iter().map(|ending| ending.id).collect();
                self.records.told(&all, &[])?;
                continue;
            }
            let (due, again) = self.ledger.plan(&endings, Instant::now());
            if due.is_empty() {
                return forgotten.map(|()| again);
            }
            for planned in due {
                self.tell(channels, &planned)?;
            }
        }
    }

    /// Has the records forget what has been told.
    fn forget(&mut self) -> Result<()> {
        let mut done = Ok(());
        let records = &self.records;
        self.told.retain(|Told { endings, events }| {
            let forgotten = match records.told(endings, events) {
                // One of the runs is gone: the rest is forgotten all the same.
                Err(error) if !error.is_passing() => records.told(endings, &[]),
                other => other,
            };
            let is_known = forgotten.is_err();
            if is_known {
                done = forgotten;
            }
            is_known
        });
        done
    }

    fn tell(&mut self, channels: &Channels, planned: &Planned) -> Result<()> {
        let mut events = Vec::new();
        match self.message(planned) {
            Ok(Some((message, run))) => {
                for told in channels.tell(&message, notify::Patience::default(), Output::Nowhere) {
                    let (job, channel) = (planned.job, told.channel);
                    let event = match told.result {
                        Ok(()) => {
                            tracing::info!(%job, event = message.event.word(), channel, "told");
                            Event::now("notified", [("channel", channel.into())])
                        }
                        Err(error) => {
                            tracing::warn!(%job, event = message.event.word(), channel, %error, "not told");
                            let error = error.to_string();
                            Event::now(
                                "not-notified",
                                [("channel", channel.into()), ("reason", error.into())],
                            )
                        }
                    };
                    events.extend(run.clone().map(|run| (run, event)));
                }
            }
            Ok(None) => {}
            Err(error) if error.is_passing() => return Err(error),
            // Nothing is known of it any more.
            Err(error) => tracing::warn!(job = %planned.job, %error, "not told"),
        }
        self.told.push(Told { endings: planned.endings.clone(), events });
        Ok(())
    }

    /// What is said, and the run that it is about when it is one.
    fn message(&self, planned: &Planned) -> Result<Option<(notify::Message, Option<RunPath>)>> {
        let of_job = |name: JobName| self.records.job(name);
        let machine = &self.box_name;
        Ok(match &planned.matter {
            Matter::Runs(runs) if runs.is_empty() => None,
            Matter::Run(path) => {
                let (job, run) = (of_job(planned.job)?, self.records.run(path)?);
                Some((notify::Message::of_run(&job, &run, machine), Some(path.clone())))
            }
            Matter::Runs(runs) => {
                let ended: Vec<_> = runs.iter().map(|(path, status)| (path.run, *status)).collect();
                Some((notify::Message::of_runs(&of_job(planned.job)?, &ended, machine), None))
            }
            Matter::Job(path) => {
                let run = path.as_ref().map(|path| self.records.run(path)).transpose()?;
                Some((notify::Message::of_job(&of_job(planned.job)?, run.as_ref(), machine), path.clone()))
            }
        })
    }
}
