//! The states of a run and of a job.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a run or a job stands. The words are `XTLib`'s, and `lost` is ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its record exists; nobody has been asked to run it yet.
    Created,
    /// A service is looking for a node.
    Allocating,
    /// It waits for its turn on a node.
    #[default]
    Queued,
    /// A controller has claimed it and is starting it.
    Spawning,
    /// Its script runs.
    Running,
    /// It ended by itself with exit code 0.
    Completed,
    /// It ended by itself with another exit code, or could not be started.
    Error,
    /// A person ended it.
    Cancelled,
    /// The system ended it: a time limit, a dependency that failed.
    Aborted,
    /// Its node is gone, on evidence; how it ended is not known.
    Lost,
    /// A word this version does not know.
    #[serde(other)]
    Unknown,
}

impl Status {
    /// Every status, in the order of a run's life.
    pub const ALL: [Self; 11] = [
        Self::Created,
        Self::Allocating,
        Self::Queued,
        Self::Spawning,
        Self::Running,
        Self::Completed,
        Self::Error,
        Self::Cancelled,
        Self::Aborted,
        Self::Lost,
        Self::Unknown,
    ];

    /// The word in the records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Allocating => "allocating",
            Self::Queued => "queued",
            Self::Spawning => "spawning",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
            Self::Aborted => "aborted",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }

    /// Still waiting for a node.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Created | Self::Allocating | Self::Queued)
    }

    /// Occupies a node: its script runs or is being started.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Spawning | Self::Running)
    }

    /// Nothing more will happen to it by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Error | Self::Cancelled | Self::Aborted | Self::Lost)
    }

    /// Ended in a way a person will want to know about.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Error | Self::Aborted | Self::Lost)
    }

    /// The status of a parent or a job, from how many of its runs stand where.
    ///
    /// Active while any run is, waiting while any waits, and then the worst that happened to a run.
    pub fn of_group(members: impl IntoIterator<Item = Self>) -> Self {
        let (mut active, mut waiting, mut ended) = (None, None, None);
        let severity = |status: Self| match status {
            Self::Completed => 0,
            Self::Cancelled => 1,
            Self::Aborted => 2,
            Self::Lost => 3,
            _ => 4,
        };
        for status in members {
            if status.is_active() {
                active = active.max(Some(status));
            } else if status.is_final() {
                ended = Some(match ended {
                    Some(worst) if severity(worst) >= severity(status) => worst,
                    _ => status,
                });
            } else {
                waiting = waiting.max(Some(status));
            }
        }
        match (active, waiting, ended) {
            // Between two of its runs a group is under way, not back in the queue.
            (None, Some(_), Some(_)) => Self::Running,
            (Some(status), _, _) | (None, Some(status), None) | (None, None, Some(status)) => status,
            (None, None, None) => Self::Created,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A word that is no status.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{word}` is no status: use one of {}", Status::ALL.map(Status::word).join(", "))]
pub struct UnknownStatus {
    /// The word.
    pub word: String,
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.word() == word)
            .ok_or_else(|| UnknownStatus { word: word.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves A1, C5 (honest states).
    #[test]
    fn words_round_trip_and_foreign_words_are_unknown() {
        for status in Status::ALL {
            assert_eq!(status.word().parse::<Status>().unwrap(), status);
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{status}\""));
        }
        assert_eq!(serde_json::from_str::<Status>("\"exploded\"").unwrap(), Status::Unknown);
        assert!("exploded".parse::<Status>().is_err());
    }

    #[rstest]
    #[case(&[], Status::Created)]
    #[case(&[Status::Queued, Status::Queued], Status::Queued)]
    #[case(&[Status::Queued, Status::Completed], Status::Running)]
    #[case(&[Status::Spawning, Status::Queued], Status::Spawning)]
    #[case(&[Status::Running, Status::Error], Status::Running)]
    #[case(&[Status::Completed, Status::Completed], Status::Completed)]
    #[case(&[Status::Completed, Status::Error, Status::Cancelled], Status::Error)]
    #[case(&[Status::Completed, Status::Cancelled], Status::Cancelled)]
    fn a_group_is_what_its_members_are(#[case] members: &[Status], #[case] expected: Status) {
        assert_eq!(Status::of_group(members.iter().copied()), expected);
    }
}
