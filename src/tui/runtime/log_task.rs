//! The task of an open log: answers requests, follows growth, counts lines while nothing else is to do.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::Sender;
use notify::Watcher;
use tokio::sync::{Notify, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use super::super::app::effect::{LogRequest, LogSource};
use super::super::app::message::LogEvent;
use super::super::app::{Generation, Msg};
use super::executor::send;
use super::log_reader::LogReader;
use super::verbs;
use crate::log::{Direction, Found, Searcher, Source, line_at};
use crate::ops::Context;

/// The least time between two looks at a log that grows: twenty frames a second are enough for the eye and
/// the line.
const PAUSE: Duration = Duration::from_millis(50);

/// Between two looks where the system does not tell of changes.
const POLL: Duration = Duration::from_millis(500);

/// Lines that are read when a log is opened.
const FIRST: usize = 400;

/// Bytes a search looks through before it asks whether it is still wanted.
const SEARCH_STEP: u64 = 8 << 20;

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
    mut requests: mpsc::Receiver<LogRequest>,
    outlet: Outlet,
) {
    let Some((reader, first)) = opened(&context, &source, &mut requests, &outlet).await else { return };
    let wake = Arc::new(Notify::new());
    outlet.send(first).await;
    let mut task = Follow {
        wake: Arc::clone(&wake),
        // Without a watch the log is looked at now and then.
        watcher: watch(reader.source().path(), wake).ok(),
        reader: Some(reader),
        searches: Arc::new(AtomicU64::new(0)),
        outlet,
    };
    if let Err(error) = task.serve(&mut requests).await {
        task.outlet.failed(format!("cannot read the log: {error}")).await;
    }
    task.searches.fetch_add(1, Ordering::Relaxed);
}

/// Opens a log; one that does not exist yet is waited for, for a run that has said nothing has none. Nothing
/// when it cannot be read, cannot come to be here, or nobody asks any more.
async fn opened(
    context: &Context,
    source: &LogSource,
    requests: &mut mpsc::Receiver<LogRequest>,
    outlet: &Outlet,
) -> Option<(LogReader, LogEvent)> {
    let wake = Arc::new(Notify::new());
    let mut watcher = None;
    loop {
        let (context, source) = (context.clone(), source.clone());
        let path = match spawn_blocking(move || open(&context, &source)).await {
            Ok(Ok(opened)) => return Some(opened),
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
        if watcher.is_none() {
            outlet.send(LogEvent::Missing).await;
            // Looked for once more after this: it may have come before the watch.
            watcher = Some(watch(path.parent()?, Arc::clone(&wake)).ok()?);
            continue;
        }
        tokio::select! {
            () = wake.notified() => {}
            request = requests.recv() => {
                request?;
            }
        }
    }
}

/// Why there is no log.
enum Closed {
    /// It does not exist yet; this is where it would be.
    Missing(PathBuf),
    Failed(String),
}

fn open(context: &Context, source: &LogSource) -> Result<(LogReader, LogEvent), Closed> {
    let path = verbs::log_path(context, source).map_err(Closed::Failed)?;
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Closed::Missing(path.clone()),
        _ => Closed::Failed(format!("cannot read {}: {error}", path.display())),
    };
    let mut reader = LogReader::open(&path).map_err(failed)?;
    let first = reader.end(FIRST).map_err(failed)?;
    Ok((reader, first))
}

/// Tells of changes of a file, or in a folder.
fn watch(path: &Path, wake: Arc<Notify>) -> notify::Result<notify::RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Our own reading is no change.
        if event.map_or(true, |event| !event.kind.is_access()) {
            wake.notify_one();
        }
    })?;
    watcher.watch(path, notify::RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

struct Follow {
    wake: Arc<Notify>,
    watcher: Option<notify::RecommendedWatcher>,
    /// Away only while a blocking call has it.
    reader: Option<LogReader>,
    /// The number of the latest search: older ones end.
    searches: Arc<AtomicU64>,
    outlet: Outlet,
}

impl Follow {
    async fn serve(&mut self, requests: &mut mpsc::Receiver<LogRequest>) -> io::Result<()> {
        let mut next_look = Instant::now();
        let mut look_at = self.watcher.is_none().then(|| next_look + POLL);
        loop {
            let counts = self.reader.as_ref().is_some_and(LogReader::counts);
            tokio::select! {
                biased;
                request = requests.recv() => match request {
                    Some(request) => self.answer(request).await?,
                    None => return Ok(()),
                },
                () = self.wake.notified(), if look_at.is_none() => look_at = Some(next_look.max(Instant::now())),
                () = sleep_until(look_at.unwrap_or(next_look)), if look_at.is_some() => {
                    for event in self.with_reader(LogReader::growth).await? {
                        self.outlet.send(event).await;
                    }
                    next_look = Instant::now() + PAUSE;
                    look_at = self.watcher.is_none().then(|| Instant::now() + POLL);
                }
                () = std::future::ready(()), if counts => {
                    let event = self.with_reader(LogReader::count).await?;
                    self.outlet.send(event).await;
                }
            }
        }
    }

    async fn answer(&mut self, request: LogRequest) -> io::Result<()> {
        match request {
            LogRequest::Page { place, lines, .. } => {
                let event = self.with_reader(move |reader| reader.page(place, lines)).await?;
                self.outlet.send(event).await;
            }
            LogRequest::Search { pattern, from, forward, .. } => self.search(pattern, from, forward),
            // The executor's own.
            LogRequest::Open { .. } | LogRequest::Close => {}
        }
        Ok(())
    }

    /// Searches beside everything else.
    fn search(&self, pattern: String, from: u64, forward: bool) {
        let Some(source) = self.reader.as_ref().map(LogReader::source) else { return };
        let searches = Arc::clone(&self.searches);
        let mine = searches.fetch_add(1, Ordering::Relaxed) + 1;
        let outlet = self.outlet.clone();
        tokio::spawn(async move {
            let wanted = move || searches.load(Ordering::Relaxed) == mine;
            let found = spawn_blocking(move || search(&*source, &pattern, from, forward, &wanted)).await;
            match found {
                Ok(Ok(Outcome::At(line))) => outlet.send(LogEvent::Found(Some(line))).await,
                Ok(Ok(Outcome::Nowhere)) => outlet.send(LogEvent::Found(None)).await,
                // Nobody waits for it any more.
                Ok(Ok(Outcome::Unwanted)) => {}
                Ok(Err(why)) => outlet.failed(why).await,
                Err(error) => outlet.failed(error.to_string()).await,
            }
        });
    }

    async fn with_reader<T: Send + 'static>(
        &mut self,
        call: impl FnOnce(&mut LogReader) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let mut reader = self.reader.take().ok_or_else(|| io::Error::other("it is closed"))?;
        let called = spawn_blocking(move || {
            let answer = call(&mut reader);
            (reader, answer)
        });
        let (reader, answer) = called.await.map_err(io::Error::other)?;
        self.reader = Some(reader);
        answer
    }
}

/// What a search came to.
enum Outcome {
    /// The line that begins here has it.
    At(u64),
    /// No line in this direction has it.
    Nowhere,
    /// Another search has begun meanwhile.
    Unwanted,
}

/// Looks for a text line by line.
fn search(
    source: &dyn Source,
    pattern: &str,
    mut from: u64,
    forward: bool,
    wanted: &dyn Fn() -> bool,
) -> Result<Outcome, String> {
    let searcher = Searcher::literal(pattern).map_err(|error| error.to_string())?;
    let direction = if forward { Direction::Forward } else { Direction::Backward };
    let failed = |error: io::Error| format!("cannot search the log: {error}");
    while wanted() {
        match searcher.next_match(source, from, direction, SEARCH_STEP).map_err(failed)? {
            Found::Match(found) => {
                let line = line_at(source, found.offset).map_err(failed)?;
                return Ok(Outcome::At(line.map_or(found.offset, |line| line.start)));
            }
            Found::NotYet(next) => from = next,
            Found::End => return Ok(Outcome::Nowhere),
        }
    }
    Ok(Outcome::Unwanted)
}
