//! What every verb works with: the configuration, the store, this machine.

use std::sync::{Arc, OnceLock};

use crate::config::{Config, Home};
use crate::node::control::{self, Request};
use crate::node::{Layout, process};
use crate::ops::{OpsError, Result};
use crate::store::azure::{Azure, Limits};
use crate::store::files::private_folder;
use crate::store::folder::Folder;
use crate::store::mongo::{Mongo, owner};
use crate::store::sqlite::{Durability, Sqlite};
use crate::store::{Files, Records, StoreError, Submission, Submitted};

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
    /// The files, from when they are first asked for.
    files: Arc<OnceLock<Arc<dyn Files>>>,
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
            files: Arc::default(),
            box_name: process::host_name(),
            username,
        })
    }

    /// The files of workspaces and shares, where the configuration has them. A service is first reached when it is
    /// first asked something.
    pub fn files(&self) -> Result<Arc<dyn Files>> {
        if let Some(files) = self.files.get() {
            return Ok(Arc::clone(files));
        }
        let opened = self.open_files()?;
        // Two threads may open at once; one of the two is used by both.
        Ok(Arc::clone(self.files.get_or_init(|| opened)))
    }

    /// The files of runs and jobs: those that the node of this machine leaves beside the embedded records.
    pub fn node_files(&self) -> Arc<dyn Files> {
        Arc::new(Folder::new(self.layout.files()))
    }

    fn open_files(&self) -> Result<Arc<dyn Files>> {
        let service = self.config.storage().map_err(|error| OpsError::Refused(error.to_string()))?;
        let Some(service) = service else { return Ok(self.node_files()) };
        let refuse = |why: &str| OpsError::Refused(format!("the external service `{}` {why}", service.name));
        match service.provider.as_str() {
            "store-file" => {
                let folder =
                    service.path.as_ref().ok_or_else(|| refuse("needs a `path`: the folder of its files"))?;
                Ok(Arc::new(Folder::new(folder)))
            }
            "azure-blob" | "azure-blob-21" | "azure-blob-210" => {
                let azure = Azure::open(service, Limits::default(), &|name| std::env::var(name).ok())?;
                Ok(Arc::new(azure))
            }
            "" => Err(refuse("needs a `provider`: `azure-blob` or `store-file`")),
            other => Err(refuse(&format!(
                "has the provider `{other}`, and xt knows `azure-blob` and `store-file`"
            ))),
        }
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

    /// Records a job and its runs, and tells the controller. When the disk or the server fails or somebody keeps the store
    /// locked, nobody knows whether it was recorded: it is asked once more with the same token, which records nothing
    /// twice.
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
        // What the second failure says of the second try is no news of the first.
        Err(unsure @ StoreError::Unsure { .. }) => Ok(ask().map_err(|_| unsure)?),
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
        let failure = || StoreError::Unreachable { server: "host".into(), detail: "timeout".into() };
        let unsure = StoreError::Unsure { what: "it", look: "xt list jobs", source: Box::new(failure()) };
        let mut answers = vec![failure(), unsure];
        let told = once_more(|| Err::<(), _>(answers.pop().unwrap())).unwrap_err().to_string();
        assert!(answers.is_empty() && told.contains("it may have been recorded"), "{told}");
    }
}
