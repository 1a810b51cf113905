//! What is done to things once a person has seen which ones, and agreed.

use super::effect::{Generation, Target, Verb, names};
use super::message::Planned;
use crate::model::RunPath;
use crate::ops::rerun::Changes;

/// Something that asks first.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// End runs and jobs.
    Cancel,
    /// Put runs into the trash.
    Delete,
    /// Start runs again, all with the same changes.
    Rerun(Box<Changes>),
    /// Keep jobs from starting more, or let them go.
    Hold(bool),
    /// Give jobs a priority.
    Priority(i64),
    /// Save a file of a run in place of another one.
    Replace {
        /// The run.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
    },
    /// Save this opened log in place of a file.
    ReplaceByLog {
        /// Which opening.
        log: Generation,
        /// The file.
        path: String,
    },
}

impl Act {
    /// What it does, in a word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Cancel => "kill",
            Self::Delete => "delete",
            Self::Rerun(_) => "rerun",
            Self::Hold(true) => "hold",
            Self::Hold(false) => "release",
            Self::Priority(_) => "set",
            Self::Replace { .. } | Self::ReplaceByLog { .. } => "replace",
        }
    }

    /// The question about these, to somebody who looks at a workspace.
    pub fn question(&self, targets: &[Target], ws: Option<&str>) -> String {
        let names = match targets {
            [one] => one.seen_from(ws),
            many => names(many),
        };
        match self {
            Self::Cancel => format!("Kill {names}?"),
            Self::Delete => format!("Delete {names}?"),
            Self::Rerun(_) => format!("Run {names} again?"),
            Self::Hold(true) => format!("Hold {names}?"),
            Self::Hold(false) => format!("Release {names}?"),
            Self::Priority(priority) => format!("Priority {priority} for {names}?"),
            Self::Replace { .. } | Self::ReplaceByLog { .. } => "Replace this file?".to_owned(),
        }
    }

    /// What a person should know before they agree.
    pub fn note(&self, targets: &[Target]) -> &'static str {
        match self {
            Self::Cancel if targets.iter().any(|target| matches!(target, Target::Job(_))) => {
                "waiting runs will not start"
            }
            Self::Delete => "into the trash: xt restore run",
            _ => "",
        }
    }

    /// What is said when there is nothing to do.
    pub const fn nothing(&self) -> &'static str {
        match self {
            Self::Cancel => "nothing of it is running or waiting",
            _ => "there is nothing to do",
        }
    }

    /// What is shown of a run while it is done.
    pub const fn pending(&self) -> Option<&'static str> {
        match self {
            Self::Cancel => Some("cancelling"),
            Self::Delete => Some("deleting"),
            _ => None,
        }
    }

    /// What is to be done to what the person has seen; nothing, if that is the matter of the open log.
    pub fn verb(&self, planned: &[Planned]) -> Option<Verb> {
        let targets: Vec<Target> = planned.iter().map(|one| one.target.clone()).collect();
        let runs = || targets.iter().filter_map(|target| target.run().cloned()).collect();
        let jobs = || targets.iter().filter_map(Target::job).collect();
        let verb = match self {
            Self::Cancel => Verb::Cancel { targets },
            Self::Delete => Verb::Delete { runs: runs() },
            Self::Rerun(changes) => Verb::Rerun { runs: runs(), changes: changes.clone() },
            Self::Hold(hold) => Verb::Hold { jobs: jobs(), hold: *hold },
            Self::Priority(priority) => Verb::Priority { jobs: jobs(), priority: *priority },
            Self::Replace { run, file } => {
                let path = targets.iter().find_map(|target| match target {
                    Target::File(path) => Some(path.to_string_lossy().into_owned()),
                    _ => None,
                });
                let (run, file, to) = (run.clone(), file.clone(), path.unwrap_or_default());
                Verb::SaveFile { run, file, to, overwrite: true }
            }
            Self::ReplaceByLog { .. } => return None,
        };
        Some(verb)
    }
}
