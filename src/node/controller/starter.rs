//! Prepares attempts and starts their shims.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use crossbeam_channel::{Sender, unbounded};

use super::Message;
use crate::model::job::Gpus;
use crate::model::{Job, JobName, Run};
use crate::node::attempt::{Attempt, Spec, read_json};
use crate::node::{Layout, NodeError, Result, inherit, process};
use crate::store::Records;
use crate::store::code::Objects;
use crate::store::files::private_folder;

/// What to start.
pub struct Order {
    /// The run, as it is claimed.
    pub run: Run,
    /// The attempt's directory.
    pub attempt: Attempt,
    /// The locks of its places, for the shim to hold.
    pub locks: Vec<File>,
}

/// Starts the thread that starts attempts, one after the other.
pub fn start(layout: Layout, records: Arc<dyn Records>, sender: Sender<Message>) -> Sender<Order> {
    let (orders, receiver) = unbounded::<Order>();
    std::thread::spawn(move || {
        let mut starter = Starter { layout, records, job: None };
        for order in receiver {
            let message = match starter.start(&order) {
                Ok(None) => continue,
                Ok(Some(shim)) => Message::Spawned(shim),
                Err(error) => Message::StartFailed(order.run.run_guid, error),
            };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    orders
}

/// Names and values.
type Environment = Vec<(String, String)>;

struct Starter {
    layout: Layout,
    records: Arc<dyn Records>,
    /// The job of the last run, which is often that of the next.
    job: Option<(JobName, Job, Environment)>,
}

impl Starter {
    /// Starts the shim; nothing when the attempt has one.
    fn start(&mut self, order: &Order) -> Result<Option<Child>> {
        let Order { run, attempt, locks } = order;
        if attempt.folder().join("lock").exists() {
            return Ok(None);
        }
        attempt.create()?;
        let (job, environment) = self.job(run)?;
        let directory = self.directory(&job, attempt)?;
        let spec = Spec {
            run_guid: run.run_guid.clone(),
            attempt: run.attempt,
            command: run.command.clone(),
            directory,
            environment: self.environment(run, &job, attempt, environment),
            umask: job.launch.umask,
            tty: job.launch.tty,
            limit: job.launch.max_minutes.map(|minutes| minutes * 60.0),
            grace: job.launch.kill_grace,
        };
        attempt.write_spec(&spec)?;
        spawn_shim(attempt.folder(), locks).map(Some)
    }

    /// The job of a run, and the environment it was submitted in.
    fn job(&mut self, run: &Run) -> Result<(Job, Environment)> {
        if let Some((known, job, environment)) = &self.job
            && *known == run.job_id
        {
            return Ok((job.clone(), environment.clone()));
        }
        let job = self.records.job(run.job_id)?;
        let environment: Environment = read_json(&self.layout.job_env(&job.job_guid))?
            .ok_or_else(|| NodeError::NoEnvironment { run: run.path() })?;
        self.archive_code(&job);
        self.job = Some((run.job_id, job.clone(), environment.clone()));
        Ok((job, environment))
    }

    /// Keeps the code as the zip archive that XTLib's tools look for; a run does not wait for it to succeed.
    fn archive_code(&self, job: &Job) {
        let before = self.layout.job_files(job.job_id).join("before");
        let zip = before.join("code/xt_code.zip");
        let Some(snapshot) = job.launch.snapshot.as_ref().filter(|_| !zip.exists()) else { return };
        let objects = Objects::new(&self.layout.files());
        let archive = || {
            if let Some(diff) = &job.provenance.git_diff {
                objects.copy(diff, &before.join("git.diff"))?;
            }
            objects.zip(&objects.manifest(&snapshot.hash)?, &zip)
        };
        if let Err(error) = archive() {
            tracing::warn!(job = %job.job_id, %error, "its code is not archived");
        }
    }

    /// Where the script starts: in its own copy of the code, or in the submitter's directory when none was
    /// taken.
    fn directory(&self, job: &Job, attempt: &Attempt) -> Result<PathBuf> {
        let Some(snapshot) = &job.launch.snapshot else {
            return Ok(job.launch.submit_dir.clone());
        };
        let work = attempt.work();
        if !work.exists() {
            // Made under another name and renamed, so that a copy that was cut off is never taken for whole.
            let part = work.with_extension("part");
            let _ = fs::remove_dir_all(&part);
            private_folder(&part)?;
            let objects = Objects::new(&self.layout.files());
            objects.materialise(&objects.manifest(&snapshot.hash)?, &part)?;
            fs::rename(&part, &work).map_err(NodeError::io("create", &work))?;
        }
        Ok(work.join(&job.launch.working_dir))
    }

    fn environment(&self, run: &Run, job: &Job, attempt: &Attempt, submitted: Environment) -> Environment {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut own = vec![
            ("XT_RUN_NAME", run.run_name.to_string()),
            ("XT_WORKSPACE_NAME", run.ws.clone()),
            ("XT_EXPERIMENT_NAME", run.exper_name.clone()),
            ("XT_JOB_ID", run.job_id.to_string()),
            ("XT_NODE_ID", format!("node{}", run.node_index)),
            (process::RUN_GUID, run.run_guid.clone()),
            ("XT_RUN_INDEX", run.run_index.to_string()),
            ("XT_USERNAME", run.username.clone()),
            ("XT_BOX_NAME", run.box_name.clone().unwrap_or_default()),
            ("XT_TARGET_NAME", run.compute.clone()),
            (process::ATTEMPT, run.attempt.to_string()),
            ("XT_OUTPUT_DIR", text(&attempt.output())),
            ("XT_EVENTS", text(&attempt.events())),
            ("XT_RUN_FILES", text(&self.layout.run_files(&run.ws, run.run_name))),
            ("XT_SUBMIT_DIR", text(&job.launch.submit_dir)),
            ("XT_EXE", text(&process::own_program())),
            // A log that appears in blocks of 4 KiB is no live log.
            ("PYTHONUNBUFFERED", "1".to_owned()),
        ];
        own.extend(run.resume_name.clone().map(|name| ("XT_RESUME_NAME", name)));
        let mut environment = submitted;
        // On a machine with GPUs a run sees its own and no others; on one without there is nothing to hide.
        let has_gpus = !run.gpu_ids.is_empty() || Path::new("/dev/nvidia0").exists();
        if job.launch.gpus != Gpus::Shared && has_gpus {
            let ids: Vec<_> = run.gpu_ids.iter().map(ToString::to_string).collect();
            own.push(("CUDA_VISIBLE_DEVICES", ids.join(",")));
            // CUDA would number the fastest first; drivers and xt go by the bus.
            own.push(("CUDA_DEVICE_ORDER", "PCI_BUS_ID".to_owned()));
        }
        if job.launch.python_client {
            let client = text(&self.layout.python());
            let path =
                environment.iter().find(|(name, _)| name == "PYTHONPATH").map(|(_, value)| value.clone());
            // Behind the user's own entries: a module of his own of that name wins.
            let path = path
                .filter(|path| !path.is_empty())
                .map_or(client.clone(), |path| format!("{path}:{client}"));
            own.push(("PYTHONPATH", path));
        }
        environment.retain(|(name, _)| own.iter().all(|(ours, _)| ours != name));
        environment.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
        environment
    }
}

/// Starts the shim. It makes a session of its own as its first act, so that it outlives this process and hears
/// none of its signals; done here, between fork and exec, it would cost a copy of this process's page tables.
fn spawn_shim(folder: &Path, locks: &[File]) -> Result<Child> {
    let mut command = Command::new(process::own_program());
    command.arg("shim").arg(folder).current_dir("/");
    command.stdin(inherit::hand_down(locks)?).stdout(Stdio::null()).stderr(Stdio::null());
    process::set_apart(&mut command);
    command.spawn().map_err(NodeError::io("start the supervisor of", folder))
}
