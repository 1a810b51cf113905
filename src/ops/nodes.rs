//! The machines: what their controllers look after, and how busy they are.

use std::collections::HashMap;

use crate::model::node::Heartbeat;
use crate::model::{Run, Status, Time};
use crate::node::lock::ControllerLock;
use crate::node::process::Identity;
use crate::ops::{Context, Result};
use crate::store::{Kind, RunQuery};

/// How a machine's controller stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// No controller has ever been heard of.
    Never,
    /// It works.
    Working,
    /// It has ended because there was nothing to do.
    Idle,
    /// There is work for it on this machine, and no such process.
    Gone,
    /// It has been silent for too long.
    Lost,
}

impl Contact {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "never seen",
            Self::Working => "ok",
            Self::Idle => "idle",
            Self::Gone => "no controller",
            Self::Lost => "lost contact",
        }
    }
}

/// A machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its name in the records.
    pub name: String,
    /// Where it is reached, for boxes of the configuration.
    pub address: String,
    /// How its controller stands.
    pub contact: Contact,
    /// The controller's process, where it is this machine's.
    pub process: Option<Identity>,
    /// The controller's last sign of life.
    pub beat: Option<Heartbeat>,
    /// What runs there.
    pub runs: Vec<Run>,
}

impl Node {
    /// The last sign of life, while it tells of the present.
    pub fn present(&self) -> Option<&Heartbeat> {
        self.beat.as_ref().filter(|_| self.contact == Contact::Working)
    }
}

/// The machines of the configuration and those that have given a sign of life.
pub fn nodes(ctx: &Context) -> Result<Vec<Node>> {
    let now = Time::now();
    let process = ControllerLock::holder(&ctx.layout.lock());
    let mut named = Vec::new();
    for (name, entry) in &ctx.config.boxes {
        // `local` is this machine, whatever it is called in the records.
        let own = if name == "local" { &ctx.box_name } else { name };
        named.push((own.clone(), entry.address.clone()));
    }
    let mut beats: HashMap<_, _> =
        ctx.records.heartbeats()?.into_iter().map(|beat| (beat.box_name.clone(), beat)).collect();
    let mut strangers: Vec<_> =
        beats.keys().filter(|name| named.iter().all(|(known, _)| known != *name)).cloned().collect();
    strangers.sort();
    named.extend(strangers.into_iter().map(|name| (name, String::new())));
    let query = RunQuery {
        statuses: Status::ALL.into_iter().filter(|status| status.is_active()).collect(),
        kind: Kind::Leaf,
        ..RunQuery::default()
    };
    let mut active = HashMap::<String, Vec<Run>>::new();
    for run in ctx.records.runs(&query)? {
        active.entry(run.box_name.clone().unwrap_or_default()).or_default().push(run);
    }
    let node = |(name, address): (String, String)| {
        let beat = beats.remove(&name);
        let runs = active.remove(&name).unwrap_or_default();
        let process = process.clone().filter(|_| name == ctx.box_name);
        let contact = contact(beat.as_ref(), (name == ctx.box_name).then_some(process.is_some()), now);
        Node { name, address, contact, process, beat, runs }
    };
    Ok(named.into_iter().map(node).collect())
}

/// How a controller stands, by its sign of life, and on this machine by the process table.
fn contact(beat: Option<&Heartbeat>, alive: Option<bool>, now: Time) -> Contact {
    match (beat, alive) {
        (_, Some(true)) => Contact::Working,
        (None, _) => Contact::Never,
        (Some(beat), _) if beat.gone => Contact::Idle,
        (Some(_), Some(false)) => Contact::Gone,
        (Some(beat), None) if beat.lost_contact(now) => Contact::Lost,
        (Some(_), None) => Contact::Working,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;
    use rstest::rstest;
    use std::time::Duration;

    // Proves B31, C7: what a machine's controller does is told by evidence.
    #[rstest]
    #[case(None, None, Contact::Never)]
    #[case(None, Some(true), Contact::Working)]
    #[case(Some((0, false)), None, Contact::Working)]
    #[case(Some((31, false)), None, Contact::Lost)]
    #[case(Some((31, false)), Some(true), Contact::Working)]
    #[case(Some((0, false)), Some(false), Contact::Gone)]
    #[case(Some((99, true)), Some(false), Contact::Idle)]
    #[case(Some((99, true)), None, Contact::Idle)]
    fn contact_by_evidence(
        #[case] beat: Option<(u64, bool)>,
        #[case] alive: Option<bool>,
        #[case] expected: Contact,
    ) {
        let time = Time::from_micros(1_000_000);
        let now = time.plus(Duration::from_secs(beat.map_or(0, |(silent, _)| silent)));
        let beat = beat.map(|(_, gone)| Heartbeat { time, gone, ..Heartbeat::default() });
        assert_eq!(contact(beat.as_ref(), alive, now), expected);
    }

    #[test]
    fn machines_are_those_of_the_configuration_and_those_heard_of() {
        let world = World::new();
        let run = world.single("ws1");
        world.set(&run, Status::Running);
        for name in ["vm2", "vm1", &world.ctx.box_name] {
            let time = Time::now();
            let beat =
                Heartbeat { box_name: name.to_owned(), time, gone: name == "vm1", ..Heartbeat::default() };
            world.ctx.records.beat(&beat).unwrap();
        }
        let found = nodes(&world.ctx).unwrap();
        let told: Vec<_> = found.iter().map(|node| (node.name.as_str(), node.contact)).collect();
        let own = world.ctx.box_name.as_str();
        assert_eq!(told, [(own, Contact::Gone), ("vm1", Contact::Idle), ("vm2", Contact::Working)]);
        assert!(found[0].present().is_none() && found[2].present().is_some());
    }
}
