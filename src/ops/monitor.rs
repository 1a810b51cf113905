//! `xt monitor`: the output of runs as it comes, until they end.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::log::{FileSource, Source, Stream};
use crate::model::{Run, RunPath, Time};
use crate::ops::{Context, OpsError, Result, console, select};
use crate::store::Watch;

/// Output is looked at this often even if nothing was heard of it: not every file system tells.
const LOOK: Duration = Duration::from_secs(1);
/// While something is awaited, its controller is looked for this often: it may have been killed.
const CARE: Duration = Duration::from_secs(5);
/// What is read at a time.
const BLOCK: usize = 64 << 10;

/// What a follower has to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Output, as it was written.
    Output(Vec<u8>),
    /// The run failed and is tried again: this attempt's output follows.
    Attempt(u32),
    /// The run has ended, and everything it wrote has been told.
    Ended(Box<Run>),
}

/// Where to begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// At the first byte.
    #[default]
    Start,
    /// So many lines before the end.
    Last(u64),
}

/// Follows the output of one run through its attempts.
#[derive(Debug)]
pub struct Follower {
    path: RunPath,
    attempt: u32,
    log: Option<FileSource>,
    sidecar: Option<FileSource>,
    offset: u64,
    from: From,
    only: Option<Stream>,
    done: bool,
    /// A file or folder that tells of more, and is not watched yet.
    to_watch: Option<PathBuf>,
    /// The folder in which the output is awaited.
    awaited: Option<PathBuf>,
}

impl Follower {
    /// Follows a run, from its present attempt on; only one of its streams, if that is wanted.
    pub fn new(run: &Run, from: From, only: Option<Stream>) -> Self {
        Self {
            path: run.path(),
            attempt: run.attempt.max(1),
            log: None,
            sidecar: None,
            offset: 0,
            from,
            only,
            done: false,
            to_watch: None,
            awaited: None,
        }
    }

    /// Reads what one attempt of a run has written so far, the last one if none is named, and no more.
    pub fn so_far(
        ctx: &Context,
        run: &Run,
        attempt: Option<u32>,
        from: From,
        only: Option<Stream>,
    ) -> Result<Self> {
        let mut follower = Self::new(run, from, only);
        follower.attempt = console::locate_of(ctx, run, attempt)?.attempt;
        Ok(follower)
    }

    /// Whether its end has been told.
    pub const fn is_done(&self) -> bool {
        self.done
    }

    /// What is new; `None` when nothing is.
    pub fn next(&mut self, ctx: &Context) -> Result<Option<Piece>> {
        if self.done {
            return Ok(None);
        }
        // The record is read before the file: what an ended run wrote is all there by then.
        let run = ctx.records.run(&self.path)?;
        if let Some(bytes) = self.read(ctx, &run)? {
            return Ok(Some(Piece::Output(bytes)));
        }
        if run.attempt > self.attempt {
            self.attempt += 1;
            (self.log, self.sidecar, self.offset, self.from) = (None, None, 0, From::Start);
            return Ok(Some(Piece::Attempt(self.attempt)));
        }
        if run.status.is_final() {
            self.done = true;
            return Ok(Some(Piece::Ended(Box::new(run))));
        }
        Ok(None)
    }

    fn read(&mut self, ctx: &Context, run: &Run) -> Result<Option<Vec<u8>>> {
        if self.log.is_none() {
            self.open(ctx, run)?;
        }
        let Some(log) = &self.log else { return Ok(None) };
        let failed = || OpsError::io("read", log.path());
        let mut buffer = vec![0; BLOCK];
        loop {
            let read = log.read_full_at(self.offset, &mut buffer).map_err(failed())?;
            if read == 0 {
                return Ok(None);
            }
            let range = self.offset..self.offset + read as u64;
            self.offset = range.end;
            buffer.truncate(read);
            let Some(only) = self.only else { return Ok(Some(buffer)) };
            let wanted = match &self.sidecar {
                Some(sidecar) => console::only(&buffer, range, only, sidecar).map_err(failed())?,
                None => buffer.clone(),
            };
            if !wanted.is_empty() {
                return Ok(Some(wanted));
            }
            buffer.resize(BLOCK, 0);
        }
    }

    /// Opens the output; a run that has not started has none yet.
    fn open(&mut self, ctx: &Context, run: &Run) -> Result<()> {
        if run.attempt < self.attempt {
            return Ok(());
        }
        let place = console::locate_of(ctx, run, Some(self.attempt))?;
        let log = match FileSource::open(&place.log) {
            Ok(log) => log,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // A script that has said nothing yet has no output: where it will come is watched, once.
                let folder = place.log.parent().filter(|folder| folder.is_dir());
                if self.awaited.as_deref() != folder {
                    self.awaited = folder.map(Path::to_path_buf);
                    self.to_watch.clone_from(&self.awaited);
                }
                return Ok(());
            }
            Err(error) => return Err(OpsError::io("read", &place.log)(error)),
        };
        if let From::Last(lines) = self.from {
            let start = crate::log::start_of_last_lines(&log, lines, u64::MAX);
            self.offset = start.map_err(OpsError::io("read", &place.log))?;
        }
        self.sidecar = FileSource::open(&place.sidecar).ok();
        self.log = Some(log);
        self.to_watch = Some(place.log);
        Ok(())
    }
}

/// Follows several runs at once, and waits for what comes.
pub struct Monitor {
    followers: Vec<Follower>,
    open: VecDeque<usize>,
    watch: Box<dyn Watch>,
    cared: Instant,
    /// When the watcher leaves, whatever still runs.
    until: Option<Instant>,
    /// Nothing was new at the last look.
    idle: bool,
}

impl Monitor {
    /// Follows the runs that names of runs and jobs mean; a parent stands for its children.
    ///
    /// After `escape` the watcher leaves, and is not kept waiting any longer.
    pub fn new(
        ctx: &Context,
        runs: &[Run],
        from: From,
        only: Option<Stream>,
        escape: Option<Duration>,
    ) -> Result<Self> {
        let followers: Vec<_> = runs.iter().map(|run| Follower::new(run, from, only)).collect();
        let open = (0..followers.len()).collect();
        let now = Instant::now();
        // A time beyond the clock's end is never.
        let until = escape.and_then(|escape| now.checked_add(escape));
        Ok(Self { followers, open, watch: ctx.records.watch()?, cared: now, until, idle: false })
    }

    /// What is new of any of the runs, and which of them it is by its place in the list; `None` when nothing
    /// is: then the caller shows what it has, and the next call waits for more.
    ///
    /// When all have ended, [`Monitor::is_done`].
    pub fn next(&mut self, ctx: &Context) -> Result<Option<(usize, Piece)>> {
        if std::mem::take(&mut self.idle) {
            let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
            self.watch.wait(Some(left.map_or(LOOK, |left| left.min(LOOK))))?;
            if self.cared.elapsed() > CARE {
                self.cared = Instant::now();
                ctx.ensure_controller()?;
            }
        }
        for _ in 0..self.open.len() {
            let Some(index) = self.open.pop_front() else { break };
            let Some(follower) = self.followers.get_mut(index) else { continue };
            let piece = follower.next(ctx)?;
            let to_watch = follower.to_watch.take();
            if let Some(file) = &to_watch {
                // Where it cannot be watched it is looked at now and then.
                let _ = self.watch.also(file);
            }
            if !follower.is_done() {
                self.open.push_back(index);
            }
            if let Some(piece) = piece {
                return Ok(Some((index, piece)));
            }
            if to_watch.is_some() {
                // It may have grown between the look and the watch.
                return Ok(None);
            }
        }
        self.idle = !self.is_done();
        Ok(None)
    }

    /// Whether it is time to leave, and some of the runs still go on. Of runs that have ended the rest is told
    /// first: that takes no waiting.
    pub fn is_to_leave(&self, ctx: &Context) -> Result<bool> {
        if self.until.is_none_or(|until| until > Instant::now()) {
            return Ok(false);
        }
        for follower in self.open.iter().filter_map(|index| self.followers.get(*index)) {
            if !ctx.records.run(&follower.path)?.status.is_final() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether all runs have ended and everything has been told.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }
}

/// The runs that execute something, of names of runs and jobs: a parent and a job stand for theirs.
pub fn runs(ctx: &Context, names: &[String], ws: Option<&str>) -> Result<Vec<Run>> {
    select::leaves(ctx, names, ws)
}

/// How a run ended, in a sentence: `completed in 3s`, `error 1 after 2m10s: out of memory`.
pub fn ending(run: &Run) -> String {
    let around = crate::ops::standing::Surroundings::default();
    let now = Time::now();
    let mut text = around.of_run(run, now);
    if let Some(seconds) = run.duration(now) {
        text = format!("{text} after {}", crate::report::shape::duration(seconds));
    }
    match run.end_reason.as_deref().filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{text}: {}", crate::model::names::visible(reason)),
        None => text,
    }
}
