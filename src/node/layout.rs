//! Where a node keeps what.

use std::path::{Path, PathBuf};

use crate::model::RunName;

/// The folders of a node and of the store it works for.
///
/// ```text
/// <data>/store/records.db          records
/// <data>/store/files/…             files, laid out as XTLib's blobs
/// <data>/node/controller.lock      held by the controller: pid, start, boot
/// <data>/node/controller.log       what the controller did
/// <data>/node/jobs/<guid>/env.json the submitter's environment (0600)
/// <data>/node/runs/<guid>/<n>/     attempt n of a run
/// <cache>/python/<version>/xt.py   the Python client
/// <runtime>/controller.sock        where the controller listens
/// ```
#[derive(Clone, Debug)]
pub struct Layout {
    data: PathBuf,
    cache: PathBuf,
    runtime: PathBuf,
}

impl Layout {
    /// The layout under a home's folders.
    pub fn new(data: impl Into<PathBuf>, cache: impl Into<PathBuf>, runtime: impl Into<PathBuf>) -> Self {
        Self { data: data.into(), cache: cache.into(), runtime: runtime.into() }
    }

    /// The records' database.
    pub fn records(&self) -> PathBuf {
        self.data.join("store/records.db")
    }

    /// The root of the store's files.
    pub fn files(&self) -> PathBuf {
        self.data.join("store/files")
    }

    /// The node's own folder.
    pub fn node(&self) -> PathBuf {
        self.data.join("node")
    }

    /// The controller's lock.
    pub fn lock(&self) -> PathBuf {
        self.node().join("controller.lock")
    }

    /// The controller's log.
    pub fn log(&self) -> PathBuf {
        self.node().join("controller.log")
    }

    /// Where the controller listens.
    pub fn socket(&self) -> PathBuf {
        self.runtime.join("controller.sock")
    }

    /// The submitter's environment for a job.
    pub fn job_env(&self, job_guid: &str) -> PathBuf {
        self.node().join("jobs").join(job_guid).join("env.json")
    }

    /// The attempts of a run.
    pub fn run(&self, run_guid: &str) -> PathBuf {
        self.node().join("runs").join(run_guid)
    }

    /// One attempt of a run.
    pub fn attempt(&self, run_guid: &str, attempt: u32) -> PathBuf {
        self.run(run_guid).join(attempt.to_string())
    }

    /// The folder that goes on `PYTHONPATH`.
    pub fn python(&self) -> PathBuf {
        self.cache.join("python").join(env!("CARGO_PKG_VERSION"))
    }

    /// A run's folder among the store's files.
    pub fn run_files(&self, ws: &str, run: RunName) -> PathBuf {
        self.files().join(ws).join("runs").join(run.to_string())
    }

    /// A job's folder among the store's files.
    pub fn job_files(&self, job: crate::model::JobName) -> PathBuf {
        self.files().join("xt-store-info/jobs").join(job.to_string())
    }

    /// The folder of the runtime files.
    pub fn runtime(&self) -> &Path {
        &self.runtime
    }
}
