//! The executor: effects become tasks in lanes, results become messages.
//!
//! Lane *list*: of each kind the latest question alone is answered. Lane *control*: verbs on the same target
//! one after the other, on different ones side by side. Lane *logs*: one task an open log. A task that
//! panics is a result like another.

use std::collections::HashMap;
use std::sync::Arc;

use crossbeam_channel::Sender;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, spawn_blocking};

use super::super::TuiError;
use super::super::app::effect::{List, ListKind, LogRequest, Target, Verb};
use super::super::app::message::{ListAnswer, ListData};
use super::super::app::runs::Counts;
use super::super::app::{Effect, Msg, TaskId};
use super::{attach, log_task, verbs};
use crate::model::RunPath;
use crate::ops::Context;
use crate::store;

/// The name of the executor's threads.
pub const THREAD: &str = "xt-task";

/// Requests to a log that may wait.
const LOG_REQUESTS: usize = 64;

/// The executor.
pub struct Executor {
    /// Dropped last, and without waiting for what still runs: quitting waits for nothing.
    runtime: Option<Runtime>,
    context: Context,
    control: Sender<Msg>,
    data: Sender<Msg>,
    lists: HashMap<ListKind, watch::Sender<Option<List>>>,
    /// The last verb on each target: its receiver closes when it is done.
    busy: HashMap<Target, watch::Receiver<()>>,
    log: Option<mpsc::Sender<LogRequest>>,
}

impl Executor {
    /// Starts it.
    pub fn start(context: &Context, control: Sender<Msg>, data: Sender<Msg>) -> Result<Self, TuiError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(THREAD)
            .enable_time()
            .build()
            .map_err(TuiError::terminal("start the executor"))?;
        let kinds = [ListKind::Tree, ListKind::Jobs, ListKind::Index, ListKind::Rows];
        let lists = kinds.map(|kind| (kind, list_lane(runtime.handle(), kind, context, &data))).into();
        Ok(Self {
            runtime: Some(runtime),
            context: context.clone(),
            control,
            data,
            lists,
            busy: HashMap::new(),
            log: None,
        })
    }

    /// Begins to carry an effect out; returns at once.
    pub fn run(&mut self, effect: Effect) {
        match effect {
            Effect::List(list) => {
                if let Some(lane) = self.lists.get(&list.kind()) {
                    lane.send_replace(Some(list));
                }
            }
            Effect::Control { task, verb } => self.control(task, verb),
            Effect::Log(request) => self.log(request),
            // The UI thread's own.
            Effect::Terminal(_) => {}
        }
    }

    /// Gives the terminal to a run's console until the person comes back.
    pub fn attach(&self, run: &RunPath) -> Result<(), String> {
        attach::session(&self.context, run).map_err(|error| error.to_string())
    }

    fn control(&mut self, task: TaskId, verb: Verb) {
        let Some(runtime) = &self.runtime else { return };
        let (done, doing) = watch::channel(());
        self.busy.retain(|_, busy| busy.has_changed().is_ok());
        let targets = verb.targets();
        let before: Vec<_> =
            targets.into_iter().filter_map(|target| self.busy.insert(target, doing.clone())).collect();
        let (context, control) = (self.context.clone(), self.control.clone());
        runtime.spawn(async move {
            for mut busy in before {
                // It closes when that verb is done, however it ended.
                while busy.changed().await.is_ok() {}
            }
            let title = verb.title();
            let result = spawn_blocking(move || verbs::execute(&context, verb)).await;
            let result = result.unwrap_or_else(|error| Err(panicked(&title, error)));
            drop(done);
            send(control, Msg::Task { task, result }).await;
        });
    }

    fn log(&mut self, request: LogRequest) {
        let Some(runtime) = &self.runtime else { return };
        match request {
            LogRequest::Open { generation, source } => {
                let (sender, requests) = mpsc::channel(LOG_REQUESTS);
                // The task of the log before ends when nobody can ask it any more.
                self.log = Some(sender);
                let (context, data) = (self.context.clone(), self.data.clone());
                runtime.spawn(async move {
                    let outlet = log_task::Outlet { generation, data };
                    let task = tokio::spawn(log_task::run(context, source, requests, outlet.clone()));
                    if let Err(error) = task.await {
                        outlet.failed(panicked("read the log", error)).await;
                    }
                });
            }
            LogRequest::Close => self.log = None,
            request => {
                // A log that cannot keep up with a person's keys is asked again after the next one.
                if let Some(log) = &self.log {
                    let _ = log.try_send(request);
                }
            }
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A lane that answers the latest question.
fn list_lane(
    handle: &Handle,
    kind: ListKind,
    context: &Context,
    data: &Sender<Msg>,
) -> watch::Sender<Option<List>> {
    let (sender, mut questions) = watch::channel(None::<List>);
    let (records, data) = (context.records.clone(), data.clone());
    handle.spawn(async move {
        while questions.changed().await.is_ok() {
            let Some(list) = questions.borrow_and_update().clone() else { continue };
            let generation = list_generation(&list);
            let records = Arc::clone(&records);
            let read = spawn_blocking(move || read(&*records, list)).await;
            let result = match read {
                Ok(Ok(data)) => Ok(data),
                Ok(Err(error)) => Err(error.to_string()),
                Err(error) => Err(panicked("read a list", error)),
            };
            send(data.clone(), Msg::List(ListAnswer { generation, kind, result })).await;
        }
    });
    sender
}

const fn list_generation(list: &List) -> super::super::app::Generation {
    match list {
        List::Tree(generation)
        | List::Jobs { generation, .. }
        | List::Index { generation, .. }
        | List::Rows { generation, .. } => *generation,
    }
}

fn read(records: &dyn store::Records, list: List) -> store::Result<ListData> {
    match list {
        List::Tree(_) => Ok(ListData::Tree(records.workspaces()?, records.experiments(None)?)),
        List::Jobs { ws, limit, .. } => Ok(ListData::Jobs(records.jobs(Some(&ws), Some(limit))?)),
        List::Index { query, all, .. } => {
            let keys = records.run_index(&query)?;
            let counts = match all {
                Some(all) => Counts::of(&records.run_index(&all)?),
                None => Counts::of(&keys),
            };
            Ok(ListData::Index { keys, counts })
        }
        List::Rows { ids, .. } => {
            let runs = records.runs_at(&ids)?;
            Ok(ListData::Rows(runs.into_iter().map(|(id, run)| (id, Arc::new(run))).collect()))
        }
    }
}

/// Sends from a thread that may wait: the channel is bounded, and its reader may be away for hours (attached
/// to a run).
pub async fn send(channel: Sender<Msg>, msg: Msg) {
    let _ = spawn_blocking(move || channel.send(msg)).await;
}

/// What is told of a task that panicked.
fn panicked(doing: &str, error: JoinError) -> String {
    let what = match error.try_into_panic() {
        Ok(payload) => payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default(),
        Err(error) => error.to_string(),
    };
    format!("could not {doing}: an error in xt itself ({what})")
}
