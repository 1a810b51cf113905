//! Machines and the sign of life of their controllers.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Time;
use super::load::Load;

/// After this silence a node with active runs is shown as *lost contact*, or after so many of its signs of life that
/// did not come, whichever is longer.
const LOST_CONTACT: Duration = Duration::from_secs(30);
const MISSED: f64 = 3.0;

/// A controller's sign of life, renewed while it has active runs; a document of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Heartbeat {
    /// The machine's name.
    pub box_name: String,
    /// The controller's process id.
    pub pid: u32,
    /// When that process started, in clock ticks since boot: with the boot id it makes the pid unmistakable.
    pub pid_start: u64,
    /// Identifies this boot of the machine.
    pub boot_id: String,
    /// The controller's version of xt.
    pub version: String,
    /// When the controller started.
    pub started: Time,
    /// The last sign of life.
    pub time: Time,
    /// Seconds between two of them.
    pub interval: f64,
    /// Runs it looks after now.
    pub active: u32,
    /// How many runs it lets run at once.
    pub slots: u32,
    /// GPUs it divides.
    pub gpus: u32,
    /// Those of them that runs have.
    pub gpus_taken: u32,
    /// Load average over one minute.
    pub load: f64,
    /// The load of the machine, once it has been measured; nothing is measured while nothing is active.
    pub machine: Option<Load>,
    /// Whether it has said goodbye: it ended on purpose, with nothing left to do.
    pub gone: bool,
    /// What its runs wait for because others on the machine have it, at most one for each kind of place.
    pub shortages: Vec<Shortage>,
}

/// What a run needs of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Room to run at all.
    #[default]
    Slot,
    /// A GPU of its own.
    Gpu,
}

impl Place {
    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::Gpu => "GPU",
        }
    }
}

impl fmt::Display for Place {
    /// Its name in files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slot => "slot",
            Self::Gpu => "gpu",
        })
    }
}

/// Places that runs wait for although the runs of their own store leave them enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shortage {
    /// Of what.
    pub place: Place,
    /// How many the next run needs.
    pub wanted: u32,
    /// How many others have; nothing while somebody else waits for one too, and before.
    pub others: Option<u32>,
    /// How many there are.
    pub all: u32,
    /// Why some cannot be had by anybody.
    pub trouble: Option<String>,
}

impl fmt::Display for Shortage {
    /// `1 GPU; 2 of 2 are taken by others on this machine`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, all, .. } = self;
        let plural = if *wanted == 1 { "" } else { "s" };
        write!(f, "{wanted} {}{plural}", self.place.title())?;
        match self.others {
            Some(0) => {}
            Some(1) => write!(f, "; 1 of {all} is taken by others on this machine")?,
            Some(others) => write!(f, "; {others} of {all} are taken by others on this machine")?,
            None => f.write_str("; others on this machine waited first")?,
        }
        self.trouble.as_ref().map_or(Ok(()), |trouble| write!(f, "; {trouble}"))
    }
}

impl Heartbeat {
    /// Whether the controller has been silent for too long while it should be heard.
    pub fn lost_contact(&self, now: Time) -> bool {
        let missed = Duration::try_from_secs_f64(self.interval * MISSED).unwrap_or_default();
        !self.gone && now.since(self.time) > LOST_CONTACT.max(missed)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    // Proves A11: silence is judged by how often the controller speaks.
    #[rstest]
    #[case(5.0, 29, false)]
    #[case(5.0, 31, true)]
    #[case(60.0, 61, false)]
    #[case(60.0, 179, false)]
    #[case(60.0, 181, true)]
    #[case(0.0, 31, true)]
    #[case(f64::NAN, 31, true)]
    fn silence_is_measured_by_the_interval(#[case] interval: f64, #[case] silence: i64, #[case] lost: bool) {
        let beat = Heartbeat { time: Time::from_micros(0), interval, ..Heartbeat::default() };
        assert_eq!(beat.lost_contact(Time::from_micros(silence * 1_000_000)), lost);
        assert!(!Heartbeat { gone: true, ..beat }.lost_contact(Time::from_micros(i64::MAX)));
    }
}
