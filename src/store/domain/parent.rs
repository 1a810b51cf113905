//! Parents: they are what their children are.

use super::patch::apply;
use crate::model::{Event, Run, Status, Time};
use crate::store::RunPatch;

/// Where a parent stands by its children, and by the script it had of its own, which has completed.
pub fn status(parent: &Run, children: impl IntoIterator<Item = Status>) -> Status {
    let own = (parent.attempt > 0 && !parent.leads).then_some(Status::Completed);
    Status::of_group(children.into_iter().chain(own))
}

/// What a leader does about where its children stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// It is what its own script is.
    Keeps,
    /// It becomes what its children are: its script has not started, and all of them have been ended.
    GivesWay,
    /// It is asked to end, for it runs its script for nobody.
    IsCancelled,
}

/// Decides about a leader.
pub const fn lead(leader: &Run, children: Status) -> Lead {
    if !children.is_final() || leader.status.is_final() {
        Lead::Keeps
    } else if leader.status.is_waiting() {
        Lead::GivesWay
    } else if leader.cancel_time.is_none() {
        Lead::IsCancelled
    } else {
        Lead::Keeps
    }
}

/// Asks a leader to end; answers the event of it.
pub fn cancel(leader: &mut Run, now: Time) -> Event {
    leader.cancel_time = Some(now);
    Event::at(now, "cancel-requested", [("reason", "no run is left".into())])
}

/// Puts a parent where its children stand; answers the event of it, if it changes.
pub fn settle(parent: &mut Run, status: Status, now: Time) -> Option<Event> {
    if parent.status == status {
        return None;
    }
    let started = !status.is_waiting() && parent.start_time.is_none();
    let patch = RunPatch {
        status: Some(status),
        attempt_time: started.then_some(now),
        end_time: status.is_final().then_some(now),
        ..RunPatch::default()
    };
    apply(parent, &patch);
    if !status.is_final() {
        parent.end_time = None;
        parent.run_duration = None;
    }
    Some(Event::at(now, "status-change", [("status", status.word().into())]))
}
