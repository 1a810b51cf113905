//! What changes the world, and what it is done to.

use std::path::PathBuf;

use crate::model::names::visible;
use crate::model::{JobName, RunPath};
use crate::ops::rerun::Changes;
use crate::tui::app::act::Act;
use crate::tui::app::tagging::Tagging;

/// What a verb acts on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A run.
    Run(RunPath),
    /// A job with all its runs.
    Job(JobName),
    /// Runs or jobs by a range or a wildcard: a plan turns it into those it stands for, and only they are acted on.
    Named(String),
    /// A file of the person's.
    File(PathBuf),
}

impl Target {
    /// The run, if it is one.
    pub const fn run(&self) -> Option<&RunPath> {
        if let Self::Run(run) = self { Some(run) } else { None }
    }

    /// Its name for somebody who looks at a workspace: a run of another one bears that one's name too.
    pub fn seen_from(&self, ws: Option<&str>) -> String {
        match self {
            Self::Run(path) if Some(path.ws.as_str()) != ws => visible(&path.to_string()),
            other => other.to_string(),
        }
    }

    /// The job, if it is one.
    pub const fn job(&self) -> Option<JobName> {
        if let Self::Job(job) = self { Some(*job) } else { None }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run(path) => write!(f, "{}", path.run),
            Self::Job(job) => write!(f, "{job}"),
            Self::File(path) => write!(f, "{}", visible(&path.to_string_lossy())),
            Self::Named(word) => f.write_str(word.rsplit('/').next().unwrap_or(word)),
        }
    }
}

/// Something that changes the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// Find out what something would be done to; changes nothing.
    Plan {
        /// What is to be done.
        act: Act,
        /// To what.
        targets: Vec<Target>,
    },
    /// End runs and jobs.
    Cancel {
        /// The frozen set the person has agreed to.
        targets: Vec<Target>,
    },
    /// Start runs again.
    Rerun {
        /// The runs.
        runs: Vec<RunPath>,
        /// What is to be other than it was.
        changes: Box<Changes>,
    },
    /// Put runs into the trash.
    Delete {
        /// The frozen set the person has agreed to.
        runs: Vec<RunPath>,
    },
    /// Change tags and notes.
    Tag {
        /// Of these.
        targets: Vec<Target>,
        /// What is to become of them.
        asked: Tagging,
    },
    /// Keep jobs from starting more runs, or let them go.
    Hold {
        /// The jobs.
        jobs: Vec<JobName>,
        /// Keep them.
        hold: bool,
    },
    /// Give jobs a priority.
    Priority {
        /// The jobs.
        jobs: Vec<JobName>,
        /// Higher starts first.
        priority: i64,
    },
    /// Save a file of a run.
    SaveFile {
        /// The run.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
        /// Where to, in the person's words.
        to: String,
        /// The person agreed that what is there is replaced.
        overwrite: bool,
    },
    /// Find out where a shell of a run is to start; the terminal goes to it then.
    Shell(RunPath),
    /// Copy a file of a run, for the editor.
    TakeCopy {
        /// The run.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
    },
}

impl Verb {
    /// What it acts on, for the order of tasks.
    pub fn targets(&self) -> Vec<Target> {
        match self {
            Self::Plan { .. } | Self::Shell(_) | Self::TakeCopy { .. } => Vec::new(),
            Self::SaveFile { to, .. } => vec![Target::File(to.into())],
            Self::Cancel { targets } | Self::Tag { targets, .. } => targets.clone(),
            Self::Rerun { runs, .. } | Self::Delete { runs } => {
                runs.iter().cloned().map(Target::Run).collect()
            }
            Self::Hold { jobs, .. } | Self::Priority { jobs, .. } => {
                jobs.iter().copied().map(Target::Job).collect()
            }
        }
    }

    /// Whether it changes anything.
    pub const fn writes(&self) -> bool {
        match self {
            // What a person saves is theirs: nothing of the runs is changed.
            Self::Plan { .. } | Self::SaveFile { .. } | Self::TakeCopy { .. } => false,
            // A shell can do anything to what it finds.
            Self::Cancel { .. }
            | Self::Shell(_)
            | Self::Rerun { .. }
            | Self::Delete { .. }
            | Self::Tag { .. }
            | Self::Hold { .. }
            | Self::Priority { .. } => true,
        }
    }

    /// Whether it can be stopped while it works: it does so much that it looks for that.
    pub const fn stoppable(&self) -> bool {
        match self {
            Self::SaveFile { .. } | Self::TakeCopy { .. } => true,
            Self::Rerun { runs, .. } => runs.len() > 1,
            _ => false,
        }
    }

    /// What it is called while it is done.
    pub fn title(&self) -> String {
        match self {
            Self::Plan { targets, .. } => format!("look at {}", names(targets)),
            Self::Cancel { .. } => format!("cancel {}", names(&self.targets())),
            Self::Rerun { .. } => format!("rerun {}", names(&self.targets())),
            Self::Delete { .. } => format!("delete {}", names(&self.targets())),
            Self::Tag { .. } => format!("tag {}", names(&self.targets())),
            Self::Hold { hold, .. } => {
                format!("{} {}", if *hold { "hold" } else { "release" }, names(&self.targets()))
            }
            Self::Priority { priority, .. } => format!("priority {priority} for {}", names(&self.targets())),
            Self::SaveFile { run, file, .. } => format!("save {} of {}", visible(file), run.run),
            Self::Shell(run) => format!("shell in {}", run.run),
            Self::TakeCopy { run, file } => format!("copy {} of {}", visible(file), run.run),
        }
    }
}

/// A few targets by name, many by number.
pub fn names(targets: &[Target]) -> String {
    match targets {
        [] => "nothing".to_owned(),
        [one] => one.to_string(),
        [one, two] => format!("{one} and {two}"),
        many if many.iter().all(|target| matches!(target, Target::Job(_))) => format!("{} jobs", many.len()),
        many => format!("{} runs", many.len()),
    }
}
