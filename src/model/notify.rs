//! Of which ends somebody is told.

use serde::{Deserialize, Serialize};

use super::Status;

/// Of which ends of a job somebody is told: each level includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Of nothing.
    #[default]
    None,
    /// That of the whole job.
    Job,
    /// That of each run that failed, too.
    Failure,
    /// That of every run, too.
    End,
    /// A word this version does not know, which tells of nothing.
    #[serde(other)]
    Unknown,
}

impl Level {
    /// The words, as written in a configuration.
    pub const WORDS: &'static [&'static str] = &["none", "job", "failure", "end"];

    /// The meaning of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "job" => Some(Self::Job),
            "failure" => Some(Self::Failure),
            "end" => Some(Self::End),
            _ => None,
        }
    }

    /// Whether the end of the whole job is told.
    pub const fn tells_jobs(self) -> bool {
        matches!(self, Self::Job | Self::Failure | Self::End)
    }

    /// Whether the end of one of several runs is told.
    pub const fn tells_run(self, status: Status) -> bool {
        match self {
            Self::None | Self::Job | Self::Unknown => false,
            Self::Failure => status.is_failure(),
            Self::End => status.is_final(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves C11: what is told when.
    #[rstest]
    #[case("none", false, &[])]
    #[case("job", true, &[])]
    #[case("failure", true, &[Status::Error, Status::Aborted, Status::Lost])]
    #[case("end", true, &[Status::Completed, Status::Error, Status::Cancelled, Status::Aborted, Status::Lost])]
    fn each_level_tells_more(#[case] word: &str, #[case] jobs: bool, #[case] runs: &[Status]) {
        let level = Level::from_word(word).unwrap();
        assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{word}\""));
        assert!(Level::WORDS.contains(&word));
        let told: Vec<_> = Status::ALL.into_iter().filter(|status| level.tells_run(*status)).collect();
        assert_eq!((level.tells_jobs(), told.as_slice()), (jobs, runs));
    }

    #[test]
    fn a_word_of_another_version_tells_nothing() {
        let level: Level = serde_json::from_str("\"always\"").unwrap();
        assert!(!level.tells_jobs() && !level.tells_run(Status::Error));
    }
}
