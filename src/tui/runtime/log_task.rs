//! The task of an open log: answers requests, follows growth, and reads on in slices while nothing else is to do.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;
use notify::Watcher;
use tokio::sync::{Notify, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, sleep_until};

use super::super::app::effect::{LogRequest, LogSource};
use super::super::app::message::LogEvent;
use super::super::app::{Generation, Msg};
use super::drill::may_panic;
use super::executor::send;
use super::log_origin::{Closed, Origin};
use super::log_reader::LogReader;
use crate::ops::Context;

/// The least time between two looks at a log that grows: twenty frames a second are enough for the eye and
/// the line.
const PAUSE: Duration = Duration::from_millis(50);

/// Between two looks where the system does not tell of changes.
const POLL: Duration = Duration::from_millis(500);

/// Lines that are read when a log is opened.
const FIRST: usize = 400;

/// Where a log's events go.
#[derive(Clone)]
pub struct Outlet {
    /// Of which opening they are.
    pub generation: Generation,
    /// The channel.
    pub data: Sender<Msg>,
}

impl Outlet {
    async fn send(&self, event: LogEvent) {
        send(self.data.clone(), Msg::Log { generation: self.generation, event }).await;
    }

    /// Tells that the log cannot be read.
    pub async fn failed(&self, why: String) {
        self.send(LogEvent::Failed(why)).await;
    }
}

/// Serves a log until nobody can ask any more.
pub async fn run(
    context: Context,
    source: LogSource,
    mut requests: mpsc::UnboundedReceiver<LogRequest>,
    outlet: Outlet,
) {
    let Some(Opened { reader, first, asked }) = opened(&context, &source, &mut requests, &outlet).await
    else {
        return;
    };
    let wake = Arc::new(Notify::new());
    let origin = reader.origin();
    let (runs, left_out) = (origin.runs(), origin.left_out());
    outlet.send(LogEvent::Opened { runs, left_out, attempt: origin.attempt() }).await;
    outlet.send(first).await;
    let mut task = Follow {
        wake: Arc::clone(&wake),
        // Without a watch the log is looked at now and then.
        watcher: watch(&reader.origin().watched(), wake).ok().flatten(),
        reader: Some(reader),
        outlet,
    };
    if let Err(error) = task.serve(asked, &mut requests).await {
        task.outlet.failed(format!("cannot read the log: {error}")).await;
    }
}

/// A log that is open.
struct Opened {
    reader: LogReader,
    /// Its last lines.
    first: LogEvent,
    /// What was asked of it before it was there.
    asked: Vec<LogRequest>,
}

/// Opens a log; one that does not exist yet is waited for, for a run that has said nothing has none. Nothing
/// when it cannot be read, cannot come to be here, or nobody asks any more.
async fn opened(
    context: &Context,
    source: &LogSource,
    requests: &mut mpsc::UnboundedReceiver<LogRequest>,
    outlet: &Outlet,
) -> Option<Opened> {
    let wake = Arc::new(Notify::new());
    let (mut watcher, mut told) = (None, false);
    let mut asked = Vec::new();
    loop {
        let (context, source) = (context.clone(), source.clone());
        let path = match spawn_blocking(move || open(&context, &source)).await {
            Ok(Ok((reader, first))) => return Some(Opened { reader, first, asked }),
            Ok(Err(Closed::Missing(path))) => path,
            Ok(Err(Closed::Failed(why))) => {
                outlet.failed(why).await;
                return None;
            }
            Err(error) => {
                outlet.failed(error.to_string()).await;
                return None;
            }
        };
        if !told {
            told = true;
            outlet.send(LogEvent::Missing).await;
        }
        if watcher.is_none() {
            watcher = watch(&[path.parent()?.to_owned()], Arc::clone(&wake)).ok().flatten();
            if watcher.is_some() {
                // Looked for once more after this: it may have come before the watch.
                continue;
            }
        }
        // Where its folder cannot be watched, because it does not exist or the system has no watch left, the log is looked
        // for at intervals.
        tokio::select! {
            () = wake.notified() => {}
            () = sleep(POLL), if watcher.is_none() => {}
            request = requests.recv() => asked.push(request?),
        }
    }
}

fn open(context: &Context, source: &LogSource) -> Result<(LogReader, LogEvent), Closed> {
    let mut reader = LogReader::new(Origin::open(context, source)?);
    let first = reader.end(FIRST).map_err(|error| Closed::Failed(format!("cannot read the log: {error}")))?;
    Ok((reader, first))
}

/// Tells of changes of files, or in folders; nothing if there are none to be told of.
fn watch(paths: &[PathBuf], wake: Arc<Notify>) -> notify::Result<Option<notify::RecommendedWatcher>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut watcher = super::changes::watcher(move || wake.notify_one())?;
    for path in paths {
        watcher.watch(path, notify::RecursiveMode::NonRecursive)?;
    }
    Ok(Some(watcher))
}

struct Follow {
    wake: Arc<Notify>,
    watcher: Option<notify::RecommendedWatcher>,
    /// Away only while a blocking call has it.
    reader: Option<LogReader>,
    outlet: Outlet,
}

impl Follow {
    /// Answers what was asked before, and then what is asked, until nobody can ask any more.
    async fn serve(
        &mut self,
        asked: Vec<LogRequest>,
        requests: &mut mpsc::UnboundedReceiver<LogRequest>,
    ) -> io::Result<()> {
        for request in asked {
            self.tell(move |reader| reader.answer(request)).await?;
        }
        let mut next_look = Instant::now();
        // Something may have come after the log was opened and before the watch.
        let mut look_at = Some(next_look);
        loop {
            let works = self.reader.as_ref().is_some_and(LogReader::has_work);
            tokio::select! {
                biased;
                request = requests.recv() => match request {
                    Some(request) => self.tell(move |reader| reader.answer(request)).await?,
                    None => return self.finish_saving().await,
                },
                () = self.wake.notified(), if look_at.is_none() => look_at = Some(next_look.max(Instant::now())),
                () = sleep_until(look_at.unwrap_or(next_look)), if look_at.is_some() => {
                    self.tell(LogReader::look).await?;
                    next_look = Instant::now() + PAUSE;
                    look_at = self.pause().map(|pause| Instant::now() + pause);
                }
                () = std::future::ready(()), if works => self.tell(LogReader::work).await?,
            }
        }
    }

    /// A copy that is being saved is finished, though nobody looks at the log any more.
    async fn finish_saving(&mut self) -> io::Result<()> {
        while self.reader.as_ref().is_some_and(|reader| reader.save.is_some()) {
            self.tell(|reader| Ok(reader.go_on_saving())).await?;
        }
        Ok(())
    }

    /// How long until the next look; none where something else tells of changes, or none can come.
    fn pause(&self) -> Option<Duration> {
        let origin = self.reader.as_ref()?.origin();
        let told = self.watcher.is_some() || origin.is_over();
        (!told).then(|| if origin.is_behind() { PAUSE } else { POLL })
    }

    /// Has the reader do something, and tells what came of it.
    async fn tell(
        &mut self,
        call: impl FnOnce(&mut LogReader) -> io::Result<Vec<LogEvent>> + Send + 'static,
    ) -> io::Result<()> {
        let mut reader = self.reader.take().ok_or_else(|| io::Error::other("it is closed"))?;
        let called = spawn_blocking(move || {
            may_panic("log");
            let answer = call(&mut reader);
            (reader, answer)
        });
        let (reader, answer) = called.await.map_err(io::Error::other)?;
        self.reader = Some(reader);
        for event in answer? {
            self.outlet.send(event).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    // Proves A11, B43 (a log that is not there yet).
    use super::super::super::app::message::Saved;
    use super::super::verbs;
    use super::*;
    use crate::model::RunPath;
    use crate::ops::testing::World;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    /// The controller's log is opened, and what comes of that.
    struct Opening {
        world: World,
        log: PathBuf,
        asks: mpsc::UnboundedSender<LogRequest>,
        events: crossbeam_channel::Receiver<Msg>,
        _runtime: tokio::runtime::Runtime,
    }

    const GENERATION: Generation = Generation(7);

    impl Opening {
        fn of(text: Option<&str>) -> Self {
            let world = World::new();
            let log = verbs::controller_log(&world.ctx).log;
            std::fs::create_dir_all(log.parent().unwrap()).unwrap();
            if let Some(text) = text {
                std::fs::write(&log, text).unwrap();
            }
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
            let (asks, requests) = mpsc::unbounded_channel();
            let (data, events) = crossbeam_channel::unbounded();
            let outlet = Outlet { generation: GENERATION, data };
            runtime.spawn(run(world.ctx.clone(), LogSource::Controller, requests, outlet));
            Self { world, log, asks, events, _runtime: runtime }
        }

        fn next(&self) -> LogEvent {
            match self.events.recv_timeout(Duration::from_secs(30)).unwrap() {
                Msg::Log { event, .. } => event,
                other => panic!("{other:?}"),
            }
        }

        /// Goes on until it is so.
        fn until(&self, is_it: impl Fn(&LogEvent) -> bool) {
            while !is_it(&self.next()) {}
        }
    }

    #[test]
    fn a_file_that_takes_the_place_of_the_log_is_followed() {
        use std::io::Write as _;
        let opening = Opening::of(Some("the first\n"));
        opening.until(|event| matches!(event, LogEvent::Counted { complete: true, .. }));
        let other = opening.log.with_extension("new");
        std::fs::write(&other, "another\n").unwrap();
        std::fs::rename(&other, &opening.log).unwrap();
        opening.until(|event| *event == LogEvent::Restarted);
        opening.until(|event| matches!(event, LogEvent::Counted { complete: true, .. }));
        let mut file = std::fs::OpenOptions::new().append(true).open(&opening.log).unwrap();
        writeln!(file, "and it grows").unwrap();
        opening.until(|event| match event {
            LogEvent::Grown { lines, .. } => lines.iter().any(|line| line.text.text() == "and it grows"),
            _ => false,
        });
    }

    #[test]
    fn a_copy_is_finished_when_nobody_looks_at_the_log_any_more() {
        let text = "a line\n".repeat(1 << 20);
        let opening = Opening::of(Some(&text));
        let to = opening.world.ctx.home.config.with_file_name("copy.txt");
        let path = to.to_string_lossy().into_owned();
        let save = LogRequest::Save { generation: GENERATION, path: path.clone(), overwrite: false };
        opening.asks.send(save).unwrap();
        let Opening { asks, events, _runtime, world: _world, .. } = opening;
        drop(asks);
        let saved = events.iter().find_map(|msg| match msg {
            Msg::Log { event: LogEvent::Saved(saved), .. } => Some(saved),
            _ => None,
        });
        assert_eq!(saved, Some(Saved::Done(path)));
        assert_eq!(std::fs::read_to_string(to).unwrap(), text);
    }

    #[test]
    fn merged_logs_of_runs_that_are_over_are_not_looked_at_again() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("console.txt");
        std::fs::write(&log, "the end\n").unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let (is_over, located) = (Arc::clone(&over), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&located);
        let locate = move |_: &RunPath| {
            count.fetch_add(1, Ordering::SeqCst);
            let finished = is_over.load(Ordering::SeqCst);
            Ok(verbs::Console { log: log.clone(), sidecar: None, attempt: None, finished })
        };
        let locate = Arc::new(locate);
        let follow = || {
            let locate = Arc::clone(&locate);
            let runs = ["run1", "run2"].map(|run| RunPath::parse(run, "ws1").unwrap()).to_vec();
            let origin = Origin::merged(runs, Box::new(move |path| locate(path))).ok().unwrap();
            let (data, _) = crossbeam_channel::unbounded();
            let outlet = Outlet { generation: GENERATION, data };
            let reader = Some(LogReader::new(origin));
            Follow { wake: Arc::default(), watcher: None, reader, outlet }
        };
        assert!(follow().pause().is_some());
        over.store(true, Ordering::SeqCst);
        let mut ended = follow();
        assert_eq!(ended.pause(), None);
        // However often somebody looks, it is known of each run.
        let before = located.load(Ordering::SeqCst);
        ended.reader.as_mut().unwrap().look().unwrap();
        assert_eq!(located.load(Ordering::SeqCst), before);
    }

    #[test]
    fn what_is_asked_of_a_log_before_it_is_there_is_answered_when_it_comes() {
        let opening = Opening::of(None);
        let (asks, generation) = (opening.asks.clone(), GENERATION);
        assert_eq!(opening.next(), LogEvent::Missing);
        let filter = Some("ERROR".to_owned());
        asks.send(LogRequest::Filter { generation, number: Generation(9), filter }).unwrap();
        asks.send(LogRequest::Hits { generation, pattern: Some("two".into()) }).unwrap();
        // Of more requests than a bounded channel would hold, the last one is answered, too.
        (0..500).for_each(|line| asks.send(LogRequest::Number { generation, starts: vec![line] }).unwrap());
        std::fs::write(&opening.log, "one\nERROR two\n").unwrap();
        let (mut shown, mut hits, mut numbered) = (None, None, 0);
        while (shown, hits, numbered) != (Some(1), Some(1), 500) {
            match opening.next() {
                LogEvent::Filtered { shown: lines, complete: true, bounds, .. } => {
                    assert_eq!(bounds.filter, Generation(9));
                    shown = Some(lines);
                }
                LogEvent::Hits { count, complete: true, .. } => hits = Some(count),
                LogEvent::Numbered(_) => numbered += 1,
                _ => {}
            }
        }
    }
}
