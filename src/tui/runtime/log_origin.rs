//! Where the bytes of an open log come from: one file, or those of several runs merged by time.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::app::effect::LogSource;
use super::verbs::{self, Console};
use crate::log::{FileSource, FileState, Merged, Part, SharedSource, Sidecar, Source, Stamp};
use crate::model::RunPath;
use crate::ops::Context;

/// The most runs that are merged: each is an open file or two.
pub const MOST_RUNS: usize = 300;

/// Between two looks for what became of merged runs.
const REFRESH: Duration = Duration::from_secs(1);

/// How much of new output is merged in one step.
const MERGE_STEP: u64 = 64 << 20;

/// The bytes of an open log, and what is known of them.
pub enum Origin {
    /// One file.
    One(One),
    /// Several runs.
    Many(Box<Many>),
}

/// One file.
pub struct One {
    log: SharedSource,
    /// The same, where it is a file whose name may come to mean another one.
    file: Option<Arc<FileSource>>,
    sidecar: Option<SharedSource>,
    sidecar_path: Option<PathBuf>,
    attempt: Option<(u32, u32)>,
}

/// Several runs.
pub struct Many {
    merged: Merged,
    runs: Vec<MergedRun>,
    /// The run of each part.
    owners: Vec<usize>,
    left_out: usize,
    refreshed: Option<Instant>,
    locate: Locate,
    /// Something is still to be merged.
    behind: bool,
}

/// Says where the output of a run is.
pub type Locate = Box<dyn Fn(&RunPath) -> Result<Console, String> + Send>;

fn locate(context: &Context) -> Locate {
    let context = context.clone();
    Box::new(move |run| verbs::console_of(&context, run, None))
}

struct MergedRun {
    path: RunPath,
    part: Option<usize>,
    attempt: u32,
    finished: bool,
}

/// Why there is no log.
pub enum Closed {
    /// It does not exist yet; this is where it would be.
    Missing(PathBuf),
    /// It cannot be read.
    Failed(String),
}

impl Origin {
    /// Opens a log.
    pub fn open(context: &Context, source: &LogSource) -> Result<Self, Closed> {
        let place = match source {
            LogSource::Runs(runs) => return Self::merged(runs.clone(), locate(context)),
            LogSource::Job { ws, job } => {
                let runs = verbs::runs_of_job(context, ws, *job).map_err(Closed::Failed)?;
                return Self::merged(runs, locate(context));
            }
            LogSource::Run(path) => verbs::console_of(context, path, None),
            LogSource::Attempt(path, attempt) => verbs::console_of(context, path, Some(*attempt)),
            LogSource::Controller => Ok(verbs::controller_log(context)),
            LogSource::File { path, .. } => {
                Ok(Console { log: path.clone(), sidecar: None, attempt: None, finished: false })
            }
        };
        let place = place.map_err(Closed::Failed)?;
        Self::at(&place).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Closed::Missing(place.log.clone()),
            _ => Closed::Failed(format!("cannot read {}: {error}", place.log.display())),
        })
    }

    /// The file that a place names.
    pub fn at(place: &Console) -> io::Result<Self> {
        One::open(place).map(Self::One)
    }

    /// The files of some runs, merged. `locate` says where each of them is, again and again.
    pub fn merged(runs: Vec<RunPath>, locate: Locate) -> Result<Self, Closed> {
        Many::open(runs, locate)
    }

    /// The bytes.
    pub fn source(&self) -> &dyn Source {
        match self {
            Self::One(one) => &*one.log,
            Self::Many(many) => &many.merged,
        }
    }

    /// The files and folders whose changes tell of more.
    pub fn watched(&self) -> Vec<PathBuf> {
        match self {
            // The folder: another file may get the name, and nothing tells of that in a watch of the one before.
            Self::One(one) => {
                one.file.iter().filter_map(|file| file.path().parent()).map(Path::to_owned).collect()
            }
            // What they are changes: they are looked at now and then.
            Self::Many(_) => Vec::new(),
        }
    }

    /// Whether the name of the file means another file now; that one is opened.
    pub fn replaced(&mut self) -> io::Result<bool> {
        let Self::One(One { log, file: Some(file), .. }) = self else { return Ok(false) };
        if file.state()? != FileState::Replaced {
            return Ok(false);
        }
        let opened = Arc::new(FileSource::open(file.path())?);
        (*log, *file) = (opened.clone(), opened);
        Ok(true)
    }

    /// Takes in what came of merged runs. Answers whether there is more of it.
    pub fn advance(&mut self) -> io::Result<bool> {
        match self {
            Self::One(one) => {
                // A sidecar comes after the first bytes.
                if one.sidecar.is_none() {
                    one.sidecar = one.sidecar_path.as_ref().and_then(shared);
                }
                Ok(false)
            }
            Self::Many(many) => many.advance(),
        }
    }

    /// Whether something known is still to be merged.
    pub const fn is_behind(&self) -> bool {
        matches!(self, Self::Many(many) if many.behind)
    }

    /// Whether nothing will be added to merged runs, and all they have said is merged: nobody has to look again.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Many(many) if !many.behind && many.runs.iter().all(|run| run.finished))
    }

    /// The names of merged runs.
    pub fn runs(&self) -> Vec<String> {
        match self {
            Self::One(_) => Vec::new(),
            Self::Many(many) => many.runs.iter().map(|run| run.path.run.to_string()).collect(),
        }
    }

    /// How many runs are too many to be merged, too.
    pub const fn left_out(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Many(many) => many.left_out,
        }
    }

    /// Which attempt of how many it is of.
    pub const fn attempt(&self) -> Option<(u32, u32)> {
        match self {
            Self::One(one) => one.attempt,
            Self::Many(_) => None,
        }
    }

    /// Which of the merged runs wrote the byte at `offset`.
    pub fn run_at(&self, offset: u64) -> Option<usize> {
        match self {
            Self::One(_) => None,
            Self::Many(many) => many.owners.get(many.merged.origin(offset)?.0).copied(),
        }
    }

    /// The stamp of the byte at `offset`, and up to where it holds for all bytes.
    pub fn stamp(&self, offset: u64) -> io::Result<(Option<Stamp>, u64)> {
        match self {
            Self::One(One { sidecar: Some(sidecar), .. }) => {
                let chunk = Sidecar::new(&**sidecar)?.chunk(offset)?;
                Ok(chunk.map_or((None, offset), |(stamp, next)| (stamp, next.unwrap_or(u64::MAX))))
            }
            Self::One(_) => Ok((None, u64::MAX)),
            Self::Many(many) => Ok((many.merged.stamp(offset)?, offset)),
        }
    }

    /// Where the first line is that was written at a time or later; an error if no times are known.
    pub fn offset_at(&self, micros: i64) -> io::Result<Result<Option<u64>, &'static str>> {
        match self {
            Self::One(One { sidecar: Some(sidecar), .. }) => {
                Sidecar::new(&**sidecar)?.offset_at(micros).map(Ok)
            }
            Self::One(_) => Ok(Err("when the lines of this log were written is not known")),
            Self::Many(many) => many.merged.offset_at(micros).map(Ok),
        }
    }
}

fn shared(path: &PathBuf) -> Option<SharedSource> {
    FileSource::open(path).ok().map(|file| Arc::new(file) as SharedSource)
}

impl One {
    fn open(place: &Console) -> io::Result<Self> {
        let file = Arc::new(FileSource::open(&place.log)?);
        Ok(Self {
            log: Arc::clone(&file) as SharedSource,
            file: Some(file),
            sidecar: place.sidecar.as_ref().and_then(shared),
            sidecar_path: place.sidecar.clone(),
            attempt: place.attempt,
        })
    }
}

impl Many {
    fn open(mut runs: Vec<RunPath>, locate: Locate) -> Result<Origin, Closed> {
        let left_out = runs.len().saturating_sub(MOST_RUNS);
        runs.drain(..left_out);
        let run = |path| MergedRun { path, part: None, attempt: 0, finished: false };
        let mut many = Self {
            merged: Merged::default(),
            runs: runs.into_iter().map(run).collect(),
            owners: Vec::new(),
            left_out,
            refreshed: None,
            locate,
            behind: true,
        };
        many.advance().map_err(|error| Closed::Failed(format!("cannot read the logs: {error}")))?;
        Ok(Origin::Many(Box::new(many)))
    }

    fn advance(&mut self) -> io::Result<bool> {
        if self.refreshed.is_none_or(|last| last.elapsed() >= REFRESH) {
            self.refresh();
        }
        self.behind = !self.merged.extend(MERGE_STEP)?;
        Ok(self.behind)
    }

    /// Logs that have come to be, attempts that have followed, runs that have ended.
    fn refresh(&mut self) {
        self.refreshed = Some(Instant::now());
        for (number, run) in self.runs.iter_mut().enumerate().filter(|(_, run)| !run.finished) {
            // A run that cannot be read now is looked for again.
            let Ok(place) = (self.locate)(&run.path) else { continue };
            let attempt = place.attempt.map_or(1, |(attempt, _)| attempt);
            let known = run.part.filter(|_| run.attempt == attempt);
            if let (None, Ok(log)) = (known, FileSource::open(&place.log)) {
                if let Some(before) = run.part {
                    self.merged.finish(before);
                }
                (run.part, run.attempt) = (Some(self.merged.parts()), attempt);
                let sidecar = place.sidecar.as_ref().and_then(shared);
                self.merged.add(Part { log: Arc::new(log), sidecar, finished: false });
                self.owners.push(number);
            }
            if place.finished {
                run.finished = true;
                if let Some(part) = run.part {
                    self.merged.finish(part);
                }
            }
        }
    }
}
