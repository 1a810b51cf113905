//! The interface to the records, whatever keeps them.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use super::{Result, RunKey, RunQuery};
use crate::model::metric::{Numbers, Point, Series};
use crate::model::node::Heartbeat;
use crate::model::{
    Event, Experiment, Job, JobName, Run, RunName, RunPath, Scalar, Status, Time, Values, Workspace,
};

/// A job and its runs, to be recorded in one step.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Chosen by the client: submitting the same token again answers the same names and records nothing.
    pub token: String,
    /// The job; its name and number are given by the store.
    pub job: Job,
    /// The runs; their names are given by the store. With `parent` they are children of one further run.
    pub runs: Vec<NewRun>,
    /// The record of the parent, when the runs are children.
    pub parent: Option<NewRun>,
}

/// A run to be recorded, with the first events of its life.
#[derive(Clone, Debug, Default)]
pub struct NewRun {
    /// The run, without name and number.
    pub run: Run,
    /// Its first events.
    pub events: Vec<Event>,
}

/// The names that a submission got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The job.
    pub job: JobName,
    /// The parent, if the runs are its children.
    pub parent: Option<RunName>,
    /// The runs that execute something.
    pub runs: Vec<RunName>,
}

/// An end that is to be told. It is recorded in the transaction that records the end itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Its number, in the order of the ends.
    pub id: i64,
    /// The job.
    pub job: JobName,
    /// The run that ended; of a whole job, its run if it has only one.
    pub run: Option<RunPath>,
    /// The whole job has ended.
    pub whole: bool,
    /// How it ended.
    pub status: Status,
}

/// A change of a run's record, applied only while the run is as the writer last saw it.
#[derive(Clone, Debug)]
pub struct RunChange {
    /// The run.
    pub run: RunPath,
    /// The run must be in one of these statuses (empty: any).
    pub expect: Vec<Status>,
    /// The run must be at this attempt.
    pub expect_attempt: Option<u32>,
    /// What changes.
    pub patch: RunPatch,
    /// Events to append.
    pub events: Vec<Event>,
}

/// What changes in a run's record; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunPatch {
    /// The new status.
    pub status: Option<Status>,
    /// The attempt's number.
    pub attempt: Option<u32>,
    /// The machine.
    pub box_name: Option<String>,
    /// When the present attempt started (the first one sets `start_time` too).
    pub attempt_time: Option<Time>,
    /// When it ended; sets `run_duration` and `end_id` too.
    pub end_time: Option<Time>,
    /// The exit code.
    pub exit_code: Option<Option<i32>>,
    /// The signal.
    pub signal: Option<Option<i32>>,
    /// Why it ended.
    pub end_reason: Option<Option<String>>,
    /// The bytes its last attempt wrote to the console.
    pub console_bytes: Option<Option<u64>>,
    /// Restarts so far.
    pub restarts: Option<u32>,
    /// Restarts charged so far.
    pub charged: Option<u32>,
    /// Failures of its node in a row.
    pub node_failures: Option<u32>,
    /// Not to be started before.
    pub not_before: Option<Option<Time>>,
    /// When somebody asked to cancel it.
    pub cancel_time: Option<Time>,
    /// Its GPUs.
    pub gpu_ids: Option<Vec<u32>>,
    /// The description.
    pub description: Option<Option<String>>,
    /// Hyperparameters to set.
    pub hparams: Values,
    /// Tags to set; [`Scalar::Null`] is a tag without a value.
    pub tags: Values,
    /// Tags to remove.
    pub clear_tags: Vec<String>,
}

/// One metric value to append.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPoint {
    /// The metric.
    pub name: String,
    /// The step, if the script gave one.
    pub step: Option<f64>,
    /// When it was logged.
    pub time: Time,
    /// The value.
    pub value: Scalar,
    /// Points with the same number come from the same log call; counted from 0 within the batch.
    pub call: u64,
}

/// What a run said since the last batch, recorded in one step together with how far its files were read, so
/// that nothing is lost or counted twice whenever the reader dies.
#[derive(Clone, Debug)]
pub struct MetricBatch {
    /// The run.
    pub run: RunPath,
    /// The file that was read.
    pub source: String,
    /// The batch holds what stood between these byte offsets. One that was taken in before changes nothing; any other is
    /// refused if the store is not at `from`.
    pub from: u64,
    /// See `from`.
    pub to: u64,
    /// Metric values, in order.
    pub points: Vec<NewPoint>,
    /// Hyperparameters.
    pub hparams: Values,
    /// Tags.
    pub tags: Values,
    /// The script's own events.
    pub events: Vec<Event>,
}

/// How many points of each metric of a run somebody has seen; none of those that are not named.
pub type Seen = std::collections::HashMap<String, u64>;

/// What was measured of a run and its machine at one moment. It is no metric of the run's: it shows in no list of
/// metrics, and keeping it is no change of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadSample {
    /// The run.
    pub run: RunPath,
    /// When it was measured.
    pub time: Time,
    /// The series of [`crate::model::load`], with their values.
    pub values: Vec<(String, Scalar)>,
}

/// What there is of a run's metric history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histories {
    /// How many log calls have been taken in: points of later ones may come while one reads.
    pub calls: u64,
    /// The metrics, in the order they came.
    pub names: Vec<String>,
}

/// What was forgotten when the trash was emptied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Emptied {
    /// The runs.
    pub runs: Vec<Run>,
    /// Jobs that have no run left, neither in a workspace nor in the trash.
    pub jobs: Vec<Job>,
}

/// Documents that cannot be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unreadable {
    /// What is known of such runs besides.
    pub runs: Vec<Run>,
    /// Such jobs, and what is in place of their documents.
    pub jobs: Vec<(JobName, Vec<u8>)>,
}

/// What a store had to be asked again, and the time that was lost with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retries {
    /// How often.
    pub times: u64,
    /// How long.
    pub lost: Duration,
}

impl Retries {
    /// What has come since.
    #[must_use]
    pub const fn since(self, before: Self) -> Self {
        Self { times: self.times.saturating_sub(before.times), lost: self.lost.saturating_sub(before.lost) }
    }
}

/// Something that is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// A run was deleted.
    Run(RunPath),
    /// A job was deleted.
    Job(JobName),
    /// A workspace was deleted.
    Workspace(String),
}

/// What changed since a stamp.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Ask again with this stamp.
    pub stamp: i64,
    /// Runs as they are now.
    pub runs: Vec<Run>,
    /// Jobs as they are now.
    pub jobs: Vec<Job>,
    /// Things that were deleted.
    pub gone: Vec<Gone>,
    /// A workspace was created, deleted or renamed.
    pub workspaces: bool,
    /// There is more: ask again at once.
    pub more: bool,
}

/// Waits for changes.
pub trait Watch: Send {
    /// Waits until something may have changed (true) or the time is over (false). Without a time it waits
    /// for ever; it costs no wake-ups while nothing changes.
    fn wait(&mut self, timeout: Option<Duration>) -> Result<bool>;

    /// Wakes for writes to a file of this machine too, such as the output of a run.
    fn also(&mut self, file: &std::path::Path) -> Result<()>;
}

/// The records: documents and their changes. Calls may block; every write is one transaction.
pub trait Records: Send + Sync {
    /// Creates a workspace.
    fn create_workspace(&self, workspace: &Workspace) -> Result<()>;
    /// All workspaces, by name, with their counts.
    fn workspaces(&self) -> Result<Vec<Workspace>>;
    /// The experiments of one workspace or of all, by name, with their counts.
    fn experiments(&self, ws: Option<&str>) -> Result<Vec<Experiment>>;
    /// Records a job and its runs in one step; on disk when it returns. The workspace is created if need be.
    fn submit(&self, submission: &Submission) -> Result<Submitted>;

    /// A job.
    fn job(&self, job: JobName) -> Result<Job>;
    /// Jobs of a workspace (or of all), the latest first.
    fn jobs(&self, ws: Option<&str>, limit: Option<usize>) -> Result<Vec<Job>>;
    /// Changes a job's document in one step: `change` gets it and answers whether it is to be written.
    fn change_job(&self, job: JobName, change: &mut dyn FnMut(&mut Job) -> bool) -> Result<Job>;

    /// A run.
    fn run(&self, path: &RunPath) -> Result<Run>;
    /// The runs a query asks for, in its order.
    fn runs(&self, query: &RunQuery) -> Result<Vec<Run>>;
    /// The keys of the runs a query asks for, in its order: what a long list is made of.
    fn run_index(&self, query: &RunQuery) -> Result<Vec<RunKey>>;
    /// The runs of some keys, in the order of the keys; deleted ones are left out.
    fn runs_at(&self, ids: &[i64]) -> Result<Vec<(i64, Run)>>;
    /// The names of runs by key, from the columns beside their documents; without those that are not there any more.
    fn run_names_at(&self, ids: &[i64]) -> Result<Vec<(i64, RunPath)>>;
    /// The events of a run.
    fn events(&self, path: &RunPath) -> Result<Vec<Event>>;
    /// Which metrics of a run have a history.
    fn histories(&self, path: &RunPath) -> Result<Histories>;
    /// What follows the first `seen` points of a metric's history, as many as lie together; nothing at its end.
    fn block(&self, path: &RunPath, metric: &str, seen: u64) -> Result<Vec<Point>>;
    /// The history of the named metrics, or of all when `names` is empty, at once: for what is known to be short.
    fn metrics(&self, path: &RunPath, names: &[String]) -> Result<Vec<Series>> {
        let logged = self.histories(path)?.names;
        let wanted: Vec<_> = if names.is_empty() { logged } else { names.to_vec() };
        let mut found = Vec::new();
        for name in wanted {
            let mut points = Vec::new();
            loop {
                let more = self.block(path, &name, points.len() as u64)?;
                if more.is_empty() {
                    break;
                }
                points.extend(more);
            }
            found.extend((!points.is_empty()).then_some(Series { name, points }));
        }
        Ok(found)
    }
    /// The history of the named metrics, or of all when `names` is empty, as columns of numbers, for charts: of
    /// each without the first `seen` points, at a cost that hardly depends on their number. A metric that has
    /// no other points is left out.
    fn numbers(&self, path: &RunPath, names: &[String], seen: &Seen) -> Result<Vec<Numbers>>;

    /// Up to `limit` ends that are to be told, the oldest first.
    fn endings(&self, limit: usize) -> Result<Vec<Ending>>;
    /// Forgets ends that have been told, and says so in the events of runs, in one transaction. Runs that are gone
    /// are passed over.
    fn told(&self, endings: &[i64], events: &[(RunPath, Event)]) -> Result<()>;

    /// Applies changes in one transaction; tells of each whether its conditions held.
    fn change_runs(&self, changes: &[RunChange]) -> Result<Vec<bool>>;
    /// How far the files of a run have been taken in.
    fn ingested(&self, path: &RunPath) -> Result<Vec<(String, u64)>>;
    /// Takes in what runs said, all batches in one transaction.
    fn ingest(&self, batches: &[MetricBatch]) -> Result<()>;

    /// Keeps what was measured of some runs, all in one transaction. Runs that are gone are passed over.
    fn keep_load(&self, samples: &[LoadSample]) -> Result<()>;
    /// What was measured while a run ran, from its sample number `from` on ([`Point::index`], from 0): series by
    /// series, in blocks, so that a month takes no more memory than an hour.
    fn load(&self, path: &RunPath, from: u64, take: &mut dyn FnMut(&str, Vec<Point>)) -> Result<()>;

    /// Up to `limit` jobs that have runs waiting, released and with their dependencies met, by priority, then
    /// by age; the jobs in `without` are passed over.
    fn startable_jobs(&self, without: &[JobName], limit: usize) -> Result<Vec<JobName>>;
    /// Up to `limit` runs of a job that may start now, in their order. None waits for its retry longer than
    /// `longest`: one that would has seen the clock set back. Runs whose records cannot be read are left out.
    fn startable_runs(&self, job: JobName, now: Time, longest: Duration, limit: usize) -> Result<Vec<Run>>;
    /// The earliest moment after another one at which a waiting run's retry is due.
    fn next_due(&self, after: Time) -> Result<Option<Time>>;
    /// Runs that a machine has claimed and that have not ended.
    fn active_runs(&self) -> Result<Vec<Run>>;
    /// Waiting or active runs somebody asked to cancel.
    fn cancelled_runs(&self) -> Result<Vec<Run>>;
    /// Whether anything waits, is active, or is to be told, in the whole store.
    fn has_work(&self) -> Result<bool>;

    /// Renews a controller's sign of life.
    fn beat(&self, heartbeat: &Heartbeat) -> Result<()>;
    /// The signs of life of all controllers.
    fn heartbeats(&self) -> Result<Vec<Heartbeat>>;

    /// Moves runs to the trash; their files are the caller's business.
    fn trash_runs(&self, runs: &[RunPath]) -> Result<()>;
    /// The trash: what was deleted, when, and its document.
    fn trash(&self) -> Result<Vec<(Time, Run)>>;
    /// Brings runs back from the trash; a workspace that was deleted meanwhile comes back with them.
    fn restore_runs(&self, runs: &[RunPath]) -> Result<()>;
    /// Forgets what is in the trash since before a moment, and the jobs that then have no run left.
    fn empty_trash(&self, before: Time) -> Result<Emptied>;
    /// Deletes a workspace whose runs are all gone; its jobs are kept, unseen, for the runs in the trash.
    fn delete_workspace(&self, ws: &str) -> Result<()>;
    /// Records a copy of a run that has ended, with its events and metric history, in another workspace. The
    /// copy is one more run of the same job.
    fn copy_run(&self, from: &RunPath, to_ws: &str) -> Result<RunName>;

    /// What had to be asked again since the store was opened.
    fn retries(&self) -> Retries {
        Retries::default()
    }
    /// Whether other machines write to it too, which can tell no controller here that they did.
    fn is_shared(&self) -> bool {
        false
    }

    /// The stamp of the last change.
    fn stamp(&self) -> Result<i64>;
    /// What changed since a stamp, at a cost proportional to the change; at most `limit` documents.
    fn changes(&self, since: i64, limit: usize) -> Result<Changes>;
    /// Something to wait on for changes.
    fn watch(&self) -> Result<Box<dyn Watch>>;

    /// Looks for damage and contradictions; each finding is one line.
    fn check(&self) -> Result<Vec<String>>;
    /// Runs and jobs whose documents cannot be read, those in the trash excepted.
    fn unreadable(&self) -> Result<Unreadable>;
    /// Writes the document of a job anew that cannot be read, from what is known besides; its waiting runs end.
    /// False when there is nothing to do.
    fn rebuild_job(&self, job: JobName) -> Result<bool>;
    /// The hashes that the documents of jobs name, the readable ones and the others, except of some jobs.
    fn hashes(&self, without: &BTreeSet<JobName>) -> Result<HashSet<String>>;
    /// Writes a consistent copy of the records while they are in use.
    fn backup(&self, to: &std::path::Path) -> Result<()>;
}
