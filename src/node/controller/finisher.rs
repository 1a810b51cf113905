//! Collects what an attempt leaves behind: its console, its output, the files its job wants kept.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{Sender, unbounded};
use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;

use super::Message;
use super::follower::Source;
use crate::model::job::Launch;
use crate::node::Layout;
use crate::store::StoreError;
use crate::store::code::move_file;

/// How long to wait before a full disk is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// An attempt that has ended.
#[derive(Clone, Debug)]
pub struct Remains {
    /// Whose it is.
    pub source: Source,
    /// The attempt's number.
    pub attempt: u32,
    /// No further attempt follows.
    pub is_last: bool,
    /// The run completed, so that nobody will want to look into its directory.
    pub completed: bool,
    /// The shim saw its end; otherwise something of it may still run.
    pub supervised: bool,
    /// What its job wants kept.
    pub launch: Launch,
}

/// Starts the finisher.
pub fn start(layout: Layout, sender: Sender<Message>) -> Sender<Remains> {
    let (remains, receiver) = unbounded::<Remains>();
    std::thread::spawn(move || {
        for remains in receiver {
            if let Err(error) = patiently(|| collect(&layout, &remains)) {
                tracing::error!(run = %remains.source.run, %error, "its files are not all collected");
            }
            if sender.send(Message::Finished(remains.source.run_guid)).is_err() {
                return;
            }
        }
    });
    remains
}

/// A full disk is waited for, and no other error.
fn patiently(mut work: impl FnMut() -> Result<(), StoreError>) -> Result<(), StoreError> {
    loop {
        match work() {
            Err(error) if error.is_passing() => std::thread::sleep(RETRY),
            other => return other,
        }
    }
}

/// Moves the files of an attempt to where the store keeps them. What was moved before is not there any
/// more, so that it can be called again after it was cut off.
fn collect(layout: &Layout, remains: &Remains) -> Result<(), StoreError> {
    let directory = &remains.source.directory;
    let run = layout.run_files(&remains.source.run.ws, remains.source.run.run);
    let to = if remains.is_last {
        run.join("after")
    } else {
        run.join("attempts").join(remains.attempt.to_string())
    };
    // The console first: whatever the script's own files are like, it must be where it is looked for.
    for (file, name) in
        [(directory.sidecar(), "output/console.idx"), (directory.console(), "output/console.txt")]
    {
        if file.exists() {
            move_file(&file, &to.join(name))?;
        }
    }
    move_tree(&directory.output(), &to.join("output"))?;
    if directory.work().is_dir() && remains.is_last {
        keep_wanted(&directory.work(), &to, &remains.launch)?;
    }
    if remains.completed {
        let work = directory.work();
        if work.exists() {
            fs::remove_dir_all(&work).map_err(StoreError::io("remove", &work))?;
        }
    }
    Ok(())
}

/// Moves all files of a folder, whatever they are called.
fn move_tree(from: &Path, to: &Path) -> Result<(), StoreError> {
    if !from.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(from).map_err(StoreError::io("read", from))? {
        let entry = entry.map_err(StoreError::io("read", from))?;
        let target = to.join(entry.file_name());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            move_tree(&entry.path(), &target)?;
        } else {
            move_file(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Moves the files of the run's directory that its job wants kept.
fn keep_wanted(work: &Path, to: &Path, launch: &Launch) -> Result<(), StoreError> {
    let wanted = globs(&launch.after_files);
    let omitted = globs(&launch.after_omit);
    let walk = WalkBuilder::new(work).standard_filters(false).follow_links(false).build();
    for entry in walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
        let Ok(path) = entry.path().strip_prefix(work) else { continue };
        if wanted.is_match(path) && !omitted.is_match(path) {
            move_file(entry.path(), &to.join(path))?;
        }
    }
    Ok(())
}

/// Patterns that cannot be read match nothing; the configuration's check tells of them.
fn globs(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        if let Ok(glob) = Glob::new(pattern) {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}
