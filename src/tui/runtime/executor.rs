//! The executor: effects become tasks in lanes, results become messages.
//!
//! Lane *list*: of each kind the latest question alone is answered. Lane *control*: verbs on the same target
//! one after the other, on different ones side by side. Lane *logs*: one task an open log. A task that
//! panics is a result like another.

use std::collections::HashMap;
use std::sync::Arc;

use crossbeam_channel::Sender;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::super::TuiError;
use super::super::app::act::Act;
use super::super::app::compare::MOST;
use super::super::app::detail::{Page, Shown};
use super::super::app::effect::{Compared, List, ListKind, LogRequest, Verb};
use super::super::app::message::{Done, ListAnswer, ListData, Looked};
use super::super::app::runs::Counts;
use super::super::app::{Effect, Generation, Msg, TaskId};
use super::super::picture::Canvas;
use super::drill::may_panic;
use super::lanes::{Latest, Turns, panic_text};
use super::progress::{Progress, Switches};
use super::{attach, log_task, plans, verbs};
use crate::model::RunPath;
use crate::ops::plot::Trend;
use crate::ops::plot::follow::{self, News, Question};
use crate::ops::view::picture::Picture;
use crate::ops::{self, Context, OpsError};
use crate::store::StoreError;

/// The name of the executor's threads.
pub const THREAD: &str = "xt-task";

/// The answer to what would change something when nothing may.
const REFUSED: &str = "xt was started with --readonly: nothing is changed";

/// The executor.
pub struct Executor {
    /// Dropped last, and without waiting for what still runs: quitting waits for nothing.
    runtime: Option<Runtime>,
    context: Context,
    /// Nothing may be changed.
    readonly: bool,
    control: Sender<Msg>,
    data: Sender<Msg>,
    lists: HashMap<ListKind, Latest<List>>,
    turns: Turns,
    switches: Switches,
    /// Small requests, of which each kind waits for its answer before it is made again.
    log: Option<mpsc::UnboundedSender<LogRequest>>,
}

impl Executor {
    /// Starts it. With `readonly` it refuses every verb that changes something, whoever asks.
    pub fn start(
        context: &Context,
        readonly: bool,
        control: Sender<Msg>,
        data: Sender<Msg>,
    ) -> Result<Self, TuiError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(THREAD)
            .enable_time()
            .build()
            .map_err(TuiError::terminal("start the executor"))?;
        let kinds = [
            ListKind::Tree,
            ListKind::Jobs,
            ListKind::Index,
            ListKind::Rows,
            ListKind::Marks,
            ListKind::Look,
            ListKind::Picture,
            ListKind::About,
            ListKind::Page,
            ListKind::Preview,
            ListKind::Nodes,
            ListKind::Load,
            ListKind::Metrics,
            ListKind::Overlaid,
            ListKind::Trends,
            ListKind::Compare,
        ];
        let lists = kinds.map(|kind| (kind, list_lane(runtime.handle(), kind, context, &data))).into();
        Ok(Self {
            runtime: Some(runtime),
            context: context.clone(),
            readonly,
            control,
            data,
            lists,
            turns: Turns::default(),
            switches: Switches::default(),
            log: None,
        })
    }

    /// Begins to carry an effect out; returns at once.
    pub fn run(&mut self, effect: Effect) {
        match effect {
            Effect::List(list) => {
                if let Some(lane) = self.lists.get(&list.kind()) {
                    lane.ask(list);
                }
            }
            Effect::Control { task, verb } => self.control(task, verb),
            Effect::Stop { task, stoppable } => self.stop(task, stoppable),
            Effect::Log(request) => self.log(request),
            // The UI thread's own.
            Effect::Terminal(_) | Effect::Theme(_) | Effect::Keymap(_) | Effect::Ground(_) => {}
        }
    }

    /// Does something that nobody waits for.
    pub fn aside(&self, does: impl FnOnce() + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn_blocking(does);
        }
    }

    /// Gives the terminal to a run's console until the person comes back, or `ends` says so.
    pub fn attach(&self, run: &RunPath, dot: &str, ends: &mut dyn FnMut() -> bool) -> Result<(), String> {
        attach::session(&self.context, run, dot, ends).map_err(|error| error.to_string())
    }

    fn control(&mut self, task: TaskId, verb: Verb) {
        let Some(runtime) = &self.runtime else { return };
        let mut turn = self.turns.take(verb.targets());
        let (context, control, readonly) = (self.context.clone(), self.control.clone(), self.readonly);
        let switch = self.switches.add(task);
        runtime.spawn(async move {
            tokio::select! {
                () = turn.comes() => {}
                () = switch.stopped() => {}
            }
            if !switch.begin() {
                drop(turn);
                return send(control, Msg::Task { task, result: Ok(Done::Stopped) }).await;
            }
            send(control.clone(), Msg::TaskBegun(task)).await;
            let title = verb.title();
            let mut progress = Progress::new(task, switch, control.clone());
            let execute = move || {
                may_panic("verb");
                if readonly && verb.writes() {
                    Err(REFUSED.to_owned())
                } else {
                    verbs::execute(&context, verb, &mut progress)
                }
            };
            let result = spawn_blocking(execute).await;
            let result = result.unwrap_or_else(|error| Err(panic_text(&title, error)));
            drop(turn);
            send(control, Msg::Task { task, result }).await;
        });
    }

    /// Stops a task that waits, or asks one that works to end.
    fn stop(&self, task: TaskId, stoppable: bool) {
        let Some(switch) = self.switches.of(task) else { return };
        if !switch.stop() && !stoppable {
            let _ = self.control.try_send(Msg::Unstoppable(task));
        }
    }

    fn log(&mut self, request: LogRequest) {
        let Some(runtime) = &self.runtime else { return };
        match request {
            LogRequest::Open { generation, source } => {
                let (sender, requests) = mpsc::unbounded_channel();
                // The task of the log before ends when nobody can ask it any more.
                self.log = Some(sender);
                let (context, data) = (self.context.clone(), self.data.clone());
                runtime.spawn(async move {
                    let outlet = log_task::Outlet { generation, data };
                    let task = tokio::spawn(log_task::run(context, source, requests, outlet.clone()));
                    if let Err(error) = task.await {
                        outlet.failed(panic_text("read the log", error)).await;
                    }
                });
            }
            LogRequest::Close => self.log = None,
            request => {
                if let Some(log) = &self.log {
                    // A log that cannot be read any more has said so.
                    let _ = log.send(request);
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

/// A lane that answers the latest question of a kind.
fn list_lane(handle: &Handle, kind: ListKind, context: &Context, data: &Sender<Msg>) -> Latest<List> {
    let context = context.clone();
    let (answers, panics) = (data.clone(), data.clone());
    let answer = move |generation, result| Msg::List(ListAnswer { generation, result, kind });
    Latest::start(
        handle,
        move |list: List| {
            let generation = list.generation();
            let result = read(&context, list).map_err(|error| error.to_string());
            // Without a reader the UI has ended.
            let _ = answers.send(answer(generation, result));
        },
        move |list, error| {
            let _ = panics.send(answer(list.generation(), Err(panic_text("read a list", error))));
        },
    )
}

fn read(context: &Context, list: List) -> ops::Result<ListData> {
    let records = &context.records;
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
        List::About { subject, .. } => Ok(ListData::About(Box::new(ops::view::about(context, &subject)?))),
        List::Marks { ids, .. } => Ok(ListData::Marks(records.run_names_at(&ids)?)),
        List::Look { run, file, .. } => {
            let look = ops::view::file::look(context, &run, &file)?;
            Ok(ListData::Looked(Box::new(Looked { run, file, look })))
        }
        List::Picture { generation, run, file, canvas, known } => {
            let read = ops::view::picture::read(context, &run, &file, known.as_ref())?;
            let shown = read.map(|picture| shown(picture, &canvas, generation)).transpose();
            Ok(ListData::Picture(shown.map_err(OpsError::Refused)?.map(Arc::new)))
        }
        List::Preview { targets, .. } => Ok(ListData::Preview(plans::plan(context, &Act::Cancel, &targets)?)),
        List::Nodes(_) => {
            may_panic("list");
            Ok(ListData::Nodes(ops::nodes::nodes(context)?))
        }
        List::Load { run, known, .. } => Ok(ListData::Load(Arc::new(known.read_on(context, &run)?))),
        List::Metrics { questions, overlaid, .. } => {
            Ok(ListData::Metrics(metrics(context, &questions, overlaid)?))
        }
        List::Trends { wanted, .. } => {
            let read = |(run, metric, known): (RunPath, String, Trend)| {
                let trend = if_there(known.read_on(context, &run, &metric))?.unwrap_or(known);
                Ok((run, metric, trend))
            };
            Ok(ListData::Trends(wanted.into_iter().map(read).collect::<ops::Result<_>>()?))
        }
        List::Compare { of, .. } => compare(context, of),
        List::Page { run, known, .. } => {
            let known = known.as_ref().map(|known| &known.page);
            let (page, events) = (ops::view::run::page_again(context, &run, known)?, records.events(&run)?);
            Ok(ListData::Page(Arc::new(Page { page, events })))
        }
    }
}

/// Draws a picture. Its number, which a terminal keeps it under, has three bytes: they are a colour.
fn shown(picture: Picture, canvas: &Canvas, generation: Generation) -> Result<Shown, String> {
    let Picture { image, kind, version } = picture;
    let number = u32::try_from(generation.0 % 0xff_ffff).unwrap_or(0) + 1;
    let (pixels, cells) = (image.dimensions(), canvas.draw(image, number)?);
    Ok(Shown { kind, version, pixels, canvas: *canvas, cells })
}

/// What was read of one of several runs; nothing if it was deleted meanwhile, which is no reason to do without the others.
fn if_there<T>(read: ops::Result<T>) -> ops::Result<Option<T>> {
    match read {
        Err(OpsError::Store(StoreError::Missing { what: "run" | "workspace", .. })) => Ok(None),
        read => read.map(Some),
    }
}

/// What is new of the metrics of runs. Of several, one that is not there any more is one without points.
fn metrics(context: &Context, questions: &[Question], overlaid: bool) -> ops::Result<Vec<News>> {
    let mut all = Vec::new();
    for question in questions {
        let news = follow::news(context, question);
        let news = if overlaid { if_there(news)? } else { Some(news?) };
        all.extend(news.unwrap_or_else(|| question.nothing().collect()));
    }
    Ok(all)
}

fn compare(context: &Context, of: Compared) -> ops::Result<ListData> {
    let records = &context.records;
    let mut ids: Vec<i64> = match of {
        Compared::Ids(ids) => ids,
        Compared::Found(query) => records.run_index(&query)?.into_iter().map(|key| key.id).collect(),
    };
    let left_out = ids.len().saturating_sub(MOST);
    ids.truncate(MOST);
    let runs = records.runs_at(&ids)?.into_iter().map(|(_, run)| Arc::new(run)).collect();
    Ok(ListData::Compare { runs, left_out })
}

/// Sends from a thread that may wait: the channel is bounded, and its reader may be away for hours (attached
/// to a run).
pub async fn send(channel: Sender<Msg>, msg: Msg) {
    let _ = spawn_blocking(move || channel.send(msg)).await;
}

#[cfg(test)]
mod tests {
    // Proves C7, P9 (what cannot be read is told, and is no curve without points).
    use super::*;
    use crate::model::{Scalar, Time};
    use crate::ops::plot::follow::Points;
    use crate::ops::testing::World;
    use crate::store::{MetricBatch, NewPoint};
    use crate::tui::app::Generation;

    /// A run that has logged three values.
    fn logged(world: &World) -> RunPath {
        let run = world.single("ws1");
        let point = |call: u32| NewPoint {
            name: "loss".into(),
            step: None,
            time: Time::from_micros(call.into()),
            value: Scalar::Float(call.into()),
            call: call.into(),
        };
        let batch = MetricBatch {
            run: run.clone(),
            source: "a.jsonl".into(),
            from: 0,
            to: 3,
            points: (0..3).map(point).collect(),
            hparams: crate::model::Values::new(),
            tags: crate::model::Values::new(),
            events: Vec::new(),
        };
        world.ctx.records.ingest(&[batch]).unwrap();
        run
    }

    #[test]
    fn of_several_runs_one_is_deleted_one_damaged_and_the_others_are_drawn() {
        let world = World::new();
        let (damaged, here, gone) = (logged(&world), logged(&world), logged(&world));
        world.ctx.records.trash_runs(std::slice::from_ref(&gone)).unwrap();
        let generation = Generation(1);
        let question = |run: &RunPath| Question {
            run: run.clone(),
            started: Time::default(),
            attempt: 1,
            look: follow::Look::default(),
            metrics: vec![("loss".into(), 0)],
            others: 0,
        };
        let questions = vec![question(&damaged), question(&here), question(&gone)];
        let metrics = || List::Metrics { generation, questions: questions.clone(), overlaid: true };
        let ListData::Metrics(news) = read(&world.ctx, metrics()).unwrap() else { panic!("no metrics") };
        assert_eq!(news.iter().map(|news| news.count).collect::<Vec<_>>(), [3, 3, 0]);
        let wanted = [&damaged, &here, &gone].map(|run| (run.clone(), "loss".to_owned(), Trend::default()));
        let trends = || List::Trends { generation, wanted: wanted.to_vec() };
        let ListData::Trends(read_on) = read(&world.ctx, trends()).unwrap() else { panic!("no curves") };
        assert_eq!(read_on.iter().map(|(_, _, trend)| trend.values.len()).collect::<Vec<_>>(), [3, 3, 0]);
        world.damage("UPDATE segments SET data = x'ff00ff' WHERE run = (SELECT MIN(run) FROM segments)");
        let ListData::Metrics(news) = read(&world.ctx, metrics()).unwrap() else { panic!("no metrics") };
        assert!(matches!(&news[0].points, Points::Damaged(why) if why.contains("xt check store")));
        assert_eq!(news.iter().map(|news| news.count).collect::<Vec<_>>(), [0, 3, 0]);
        let ListData::Trends(read_on) = read(&world.ctx, trends()).unwrap() else { panic!("no curves") };
        let told = read_on.iter().map(|(_, _, trend)| (trend.damaged, trend.values.len()));
        assert_eq!(told.collect::<Vec<_>>(), [(true, 0), (false, 3), (false, 0)]);
        // No other error is taken for damage.
        world.damage("DROP TABLE segments");
        assert!(read(&world.ctx, metrics()).is_err());
        assert!(read(&world.ctx, trends()).is_err());
    }
}
