//! What every verb works with: the configuration, the store, this machine.

use std::sync::Arc;

use crate::config::{Config, Home};
use crate::node::control::{self, Request};
use crate::node::{Layout, process};
use crate::ops::{OpsError, Result};
use crate::store::files::private_folder;
use crate::store::mongo::{Mongo, owner};
use crate::store::sqlite::{Durability, Sqlite};
use crate::store::{Records, StoreError, Submission, Submitted};

/// What a verb has recorded, and the controller does the rest of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<T> {
    /// The verb's answer.
    pub answer: T,
    /// Why no controller does it yet, if so. It stands all the same: the next command starts one.
    pub warning: Option<String>,
}

/// The surroundings of a verb; cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The merged configuration.
    pub config: Arc<Config>,
    /// xt's own folders.
    pub home: Arc<Home>,
    /// Where the node and the store keep what.
    pub layout: Arc<Layout>,
    /// The records.
    pub records: Arc<dyn Records>,
    /// This machine's name.
    pub box_name: String,
    /// Who is asking.
    pub username: String,
}

impl Context {
    /// Opens the store that the configuration names, that of the home unless it names one, and makes it on first use. A face promises people that what they ordered is
    /// on disk; a controller can find out again what it wrote, and needs no disk to wait for.
    pub fn open(home: Home, config: Config, durability: Durability) -> Result<Self> {
        home.create()?;
        let layout = Layout::new(&home.data, &home.cache, &home.runtime);
        let database = layout.records();
        if let Some(folder) = database.parent() {
            private_folder(folder)?;
        }
        let records: Arc<dyn Records> = match config.mongo().map_err(refused)? {
            None => Arc::new(Sqlite::open(database, durability)?),
            Some(address) => {
                let folder = database.parent().unwrap_or(&home.data);
                Arc::new(Mongo::open(&address.resolve().map_err(refused)?, &owner(folder)?)?)
            }
        };
        let username = config.general.username.clone();
        Ok(Self {
            config: Arc::new(config),
            home: Arc::new(home),
            layout: Arc::new(layout),
            records,
            box_name: process::host_name(),
            username,
        })
    }

    /// The workspace that is meant when none is named.
    pub fn workspace(&self, named: Option<&str>) -> String {
        named.map_or_else(|| self.config.general.workspace.clone(), str::to_owned)
    }

    /// Tells the controller of this machine that there is something to do, and starts it if need be.
    pub fn wake(&self) -> Result<()> {
        Ok(control::wake(&self.layout, &Request::Wake)?)
    }

    /// The answer of a verb whose work stands in the records, after telling the controller. That may fail, and is
    /// then no failure of the verb: what is recorded is done whatever becomes of this process.
    pub fn recorded<T>(&self, answer: T) -> Recorded<T> {
        let warning = self.wake().err().map(|error| {
            format!(
                "this is recorded, but its controller could not be started: {error}; it starts with the next xt command"
            )
        });
        Recorded { answer, warning }
    }

    /// Records a job and its runs, and tells the controller. When the disk fails or somebody keeps the store locked,
    /// nobody knows whether it was recorded: it is asked once more with the same token, which records nothing twice.
    pub fn submit(&self, submission: &Submission) -> Result<Recorded<Submitted>> {
        let submitted = once_more(|| self.records.submit(submission))?;
        Ok(self.recorded(submitted))
    }

    /// Starts a controller when there is work and none to do it: after a crash, a reboot, a kill.
    pub fn ensure_controller(&self) -> Result<()> {
        if self.records.has_work()? { self.wake() } else { Ok(()) }
    }
}

/// A mistake of the configuration.
fn refused(error: impl std::fmt::Display) -> OpsError {
    OpsError::Refused(error.to_string())
}

fn once_more<T>(mut ask: impl FnMut() -> std::result::Result<T, StoreError>) -> Result<T> {
    match ask() {
        Err(StoreError::Busy { .. } | StoreError::Disk { .. } | StoreError::Throttled { .. }) => Ok(ask()?),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P1, P7: a submit whose answer was lost is repeated, and recorded once; what is refused is not asked again.
    #[test]
    fn a_lost_answer_is_asked_for_again() {
        let world = crate::ops::testing::World::new();
        let job = crate::model::Job { ws_name: "ws1".into(), exper_name: "e".into(), ..Default::default() };
        let submission = Submission { token: "one".into(), job, runs: Vec::new(), parent: None };
        let path = || std::path::PathBuf::from("records.db");
        let mut answers = vec![StoreError::Disk { path: path(), detail: "I/O error".into() }];
        let submitted = once_more(|| {
            let answer = world.ctx.records.submit(&submission);
            answers.pop().map_or(answer, Err)
        });
        assert_eq!(submitted.unwrap().job, crate::model::JobName(1));
        assert_eq!(world.ctx.records.jobs(None, None).unwrap().len(), 1);
        for (error, asked) in [(StoreError::Full { path: path() }, 1), (StoreError::Busy { path: path() }, 2)]
        {
            let (mut count, mut error) = (0, Some(error));
            let answer = once_more(|| {
                count += 1;
                error.take().map_or(Ok(()), Err)
            });
            assert_eq!((count, answer.is_ok()), (asked, asked == 2));
        }
    }
}
