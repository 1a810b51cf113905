//! `xt view console`: where the output of a run is, and reading it.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::log::{Sidecar, Source, Stream};
use crate::model::{Run, RunPath};
use crate::node::attempt::Attempt;
use crate::ops::{Context, OpsError, Result};

/// The output of one attempt of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Console {
    /// The bytes.
    pub log: PathBuf,
    /// When each piece came, and from which stream.
    pub sidecar: PathBuf,
    /// It may still grow.
    pub live: bool,
    /// The attempt.
    pub attempt: u32,
}

/// Finds the output of a run: of its last attempt, or of the one asked for.
pub fn locate(ctx: &Context, path: &RunPath, attempt: Option<u32>) -> Result<Console> {
    let run = ctx.records.run(path)?;
    locate_of(ctx, &run, attempt)
}

/// See [`locate`], when the run is at hand.
pub fn locate_of(ctx: &Context, run: &Run, attempt: Option<u32>) -> Result<Console> {
    if !run.executes() {
        return Err(OpsError::Refused(format!(
            "{} has no output of its own: look at its children, {}.*",
            run.path(),
            run.run_name
        )));
    }
    let attempt = attempt.unwrap_or(run.attempt.max(1));
    if attempt == 0 || attempt > run.attempt.max(1) {
        return Err(OpsError::Refused(format!("{} has had {} attempts", run.path(), run.attempt)));
    }
    let directory = Attempt::at(ctx.layout.attempt(&run.run_guid, attempt));
    let files = ctx.layout.run_files(&run.ws, run.run_name);
    // In the order in which the file moves: whoever misses it at one place finds it at the next.
    let places = [
        (directory.console(), directory.sidecar(), true),
        at(&files.join("attempts").join(attempt.to_string()).join("output")),
        at(&files.join("after/output")),
    ];
    let found = places.iter().find(|(log, _, _)| log.exists());
    let (log, sidecar, live) = found.unwrap_or(&places[0]).clone();
    Ok(Console { log, sidecar, live: live && !run.status.is_final(), attempt })
}

/// The part of some bytes of a log that came from one stream, by its sidecar.
pub fn only(bytes: &[u8], range: Range<u64>, stream: Stream, sidecar: &dyn Source) -> io::Result<Vec<u8>> {
    let start = range.start;
    let mut wanted = Vec::new();
    for part in Sidecar::new(sidecar)?.ranges(stream, range)? {
        let part = part?;
        let at = |offset: u64| usize::try_from(offset.saturating_sub(start)).unwrap_or(usize::MAX);
        wanted.extend_from_slice(bytes.get(at(part.start)..at(part.end)).unwrap_or_default());
    }
    Ok(wanted)
}

fn at(folder: &Path) -> (PathBuf, PathBuf, bool) {
    (folder.join("console.txt"), folder.join("console.idx"), false)
}
