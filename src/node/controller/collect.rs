//! Moves what an attempt leaves behind to where the store keeps it.
//!
//! Nothing that a script left is replaced, followed or dropped: two files of one name stay beside each other, a link
//! stays a link or becomes what it led to, and what cannot be moved stays in the run's folder and is told.

use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;

use super::finisher::Remains;
use crate::config::patterns::Patterns;
use crate::model::Event;
use crate::node::Layout;
use crate::node::attempt::Attempt;
use crate::store::error::Outlook;
use crate::store::files::{copy_entry, has_contents, move_entry, remove_folder};
use crate::store::{Result, StoreError};

/// How many files an event names.
const NAMED: usize = 10;

/// Where the console is kept. A script's own files of these names stand beside it.
const CONSOLE: &str = "output/console.txt";
const SIDECAR: &str = "output/console.idx";

/// What there is to tell of a collection.
#[derive(Debug, Default)]
pub struct Notes {
    /// Files that stand beside others of their name: where they were, and where they are.
    renamed: Vec<String>,
    /// What could not be collected, and why.
    missing: Vec<String>,
}

impl Notes {
    /// Notes what is missing.
    pub fn miss(&mut self, what: impl Into<String>) {
        self.missing.push(what.into());
    }

    /// As events of the run.
    pub fn events(&self, attempt: u32, folder: &Path) -> Vec<Event> {
        let event = |name, list: &[String]| {
            let mut told = list.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
            if list.len() > NAMED {
                told = format!("{told}; and {} more", list.len() - NAMED);
            }
            (!list.is_empty())
                .then(|| Event::now(name, [("attempt", attempt.into()), ("files", told.into())]))
        };
        let missing = event("files-missing", &self.missing).map(|mut event| {
            event.data.insert("left_in".to_owned(), folder.display().to_string().into());
            event
        });
        event("files-renamed", &self.renamed).into_iter().chain(missing).collect()
    }
}

/// Moves the files of an attempt. What was moved before is not there any more, so that it can be called again after
/// it was cut off. An error is one that may pass; what cannot be moved at all is noted.
pub fn collect(layout: &Layout, remains: &Remains, notes: &mut Notes) -> Result<()> {
    notes.missing.clear();
    let attempt = &remains.source.directory;
    let run = layout.run_files(&remains.source.run.ws, remains.source.run.run);
    let to = if remains.is_last {
        run.join("after")
    } else {
        run.join("attempts").join(remains.attempt.to_string())
    };
    // The console first: whatever the script's own files are like, it must be where it is looked for.
    for (file, name) in [(attempt.sidecar(), SIDECAR), (attempt.console(), CONSOLE)] {
        if file.exists() {
            move_entry(&file, &to.join(name))?;
        }
    }
    let mut collector = Collector { attempt, to: &to, notes, links: Vec::new() };
    collector.tree(&attempt.output(), Path::new("output"), None)?;
    let work = attempt.work();
    if remains.is_last && work.is_dir() {
        let launch = &remains.launch;
        let wanted = Patterns::of_paths(launch.after_files.iter().map(String::as_str));
        let omitted = Patterns::of_names(launch.after_omit.iter().map(String::as_str));
        match wanted.and_then(|wanted| Ok((wanted, omitted?))) {
            Ok(filter) => collector.tree(&work, Path::new(""), Some(filter))?,
            Err(error) => collector.notes.miss(error.to_string()),
        }
    }
    collector.links()?;
    // What is not collected has no other place.
    if remains.completed && notes.missing.is_empty() {
        match remove_folder(&work) {
            Err(error) if error.outlook() == Outlook::Stays => {
                tracing::warn!(run = %remains.source.run, %error, "its folder stays");
            }
            other => drop(other?),
        }
    }
    Ok(())
}

struct Collector<'a> {
    attempt: &'a Attempt,
    to: &'a Path,
    notes: &'a mut Notes,
    /// Links, which come last, and their places below `to`: by then it is known what they lead to.
    links: Vec<(PathBuf, PathBuf)>,
}

impl Collector<'_> {
    /// Moves the files of a folder: all, or those that are wanted and not omitted.
    fn tree(&mut self, from: &Path, to: &Path, filter: Option<(Patterns, Patterns)>) -> Result<()> {
        if !from.exists() {
            return Ok(());
        }
        let (wanted, omitted) = filter.unzip();
        let top = from.to_path_buf();
        let mut walk = WalkBuilder::new(from);
        walk.standard_filters(false).follow_links(false);
        walk.filter_entry(move |entry| {
            let inside = entry.path().strip_prefix(&top).unwrap_or(entry.path());
            omitted.as_ref().is_none_or(|omitted| !omitted.matches(inside))
        });
        for entry in walk.build() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let unread = error.into_io_error().unwrap_or_else(|| ErrorKind::Other.into());
                    self.note(to, Err(StoreError::io("read", from)(unread)))?;
                    continue;
                }
            };
            let Ok(inside) = entry.path().strip_prefix(from) else { continue };
            let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.matches(inside));
            match entry.file_type() {
                Some(kind) if kind.is_symlink() && is_wanted => {
                    self.links.push((entry.path().to_path_buf(), to.join(inside)));
                }
                Some(kind) if has_contents(kind) && is_wanted => {
                    let place = to.join(inside);
                    let moved = self.place(entry.path(), &place);
                    let moved =
                        moved.and_then(|target| target.map_or(Ok(()), |to| move_entry(entry.path(), &to)));
                    self.note(&place, moved)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes what cannot be done; what may pass is the caller's.
    fn note(&mut self, place: &Path, done: Result<()>) -> Result<()> {
        match done {
            Err(error) if error.outlook() == Outlook::Stays => {
                self.notes.miss(format!("{}: {error}", place.display()));
                Ok(())
            }
            other => other,
        }
    }

    /// Where a file goes: to its place, or beside what is there already. Nowhere when that is the same file, which
    /// was copied and not yet removed when somebody was cut off.
    fn place(&mut self, from: &Path, place: &Path) -> Result<Option<PathBuf>> {
        let place = out_of_the_way(place);
        let target = self.to.join(&place);
        if fs::symlink_metadata(&target).is_err() && !is_reserved(&place) {
            return Ok(Some(target));
        }
        if is_same(from, &target).map_err(StoreError::io("read", from))? {
            fs::remove_file(from).map_err(StoreError::io("remove", from))?;
            return Ok(None);
        }
        let mut names = (2..).map(|number| numbered(&place, number));
        let free = names.find(|name| fs::symlink_metadata(self.to.join(name)).is_err());
        let free = free.unwrap_or(place.clone());
        self.notes.renamed.push(format!("{} is {}", place.display(), free.display()));
        Ok(Some(self.to.join(free)))
    }

    /// Moves the links.
    fn links(&mut self) -> Result<()> {
        let links = std::mem::take(&mut self.links);
        let pending: HashSet<_> = links.iter().map(|(from, _)| from.clone()).collect();
        for (from, place) in &links {
            let moved = self.link(from, place, &pending);
            self.note(place, moved)?;
        }
        Ok(())
    }

    /// Moves a link. One that leads out of the run stays as it is and is not followed; one that leads to something
    /// that is kept leads there; one to a file that is not kept becomes that file.
    fn link(&mut self, from: &Path, place: &Path, pending: &HashSet<PathBuf>) -> Result<()> {
        let text = fs::read_link(from).map_err(StoreError::io("read", from))?;
        let leads_to = normal(&from.parent().unwrap_or(Path::new("/")).join(&text));
        let Some(target) = self.place(from, place)? else { return Ok(()) };
        let Some(kept) = self.kept(&leads_to) else { return move_entry(from, &target) };
        let folder = target.parent().unwrap_or(self.to);
        fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        if fs::symlink_metadata(&kept).is_ok() || pending.contains(&leads_to) {
            let text = relative(folder, &kept);
            std::os::unix::fs::symlink(text, &target).map_err(StoreError::io("create", &target))?;
        } else if leads_to.is_file() && self.is_inside(&leads_to) {
            let file = leads_to.canonicalize().map_err(StoreError::io("read", &leads_to))?;
            copy_entry(&file, &target).map_err(StoreError::io("copy", &leads_to))?;
        } else if leads_to.is_dir() && self.is_inside(&leads_to) {
            let what = format!("{} leads to {}, which is not kept", place.display(), text.display());
            self.notes.miss(what);
            return Ok(());
        } else {
            return move_entry(from, &target);
        }
        fs::remove_file(from).map_err(StoreError::io("remove", from))
    }

    /// Where something of the attempt's is kept, if it is.
    fn kept(&self, path: &Path) -> Option<PathBuf> {
        for (folder, place) in [(self.attempt.output(), "output"), (self.attempt.work(), "")] {
            for folder in [folder.canonicalize().ok(), Some(folder)].into_iter().flatten() {
                if let Ok(inside) = path.strip_prefix(&folder) {
                    return Some(self.to.join(place).join(inside));
                }
            }
        }
        None
    }

    /// Whether a file is the attempt's own, whatever links lead to it.
    fn is_inside(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.kept(&path).is_some())
    }
}

fn is_reserved(place: &Path) -> bool {
    [CONSOLE, SIDECAR].iter().any(|name| place == Path::new(name))
}

/// A folder cannot stand where the console is either.
fn out_of_the_way(place: &Path) -> PathBuf {
    for name in [CONSOLE, SIDECAR].map(Path::new) {
        match place.strip_prefix(name) {
            Ok(inside) if inside != Path::new("") => return numbered(name, 2).join(inside),
            _ => {}
        }
    }
    place.to_path_buf()
}

/// `output/console-2.txt` for `output/console.txt`.
fn numbered(place: &Path, number: u32) -> PathBuf {
    let mut name = place.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(end) = place.extension() {
        name.push(".");
        name.push(end);
    }
    place.with_file_name(name)
}

/// Whether two files have the same contents.
fn is_same(one: &Path, other: &Path) -> std::io::Result<bool> {
    let (Ok(meta), Ok(other_meta)) = (fs::symlink_metadata(one), fs::symlink_metadata(other)) else {
        return Ok(false);
    };
    if meta.is_symlink() && other_meta.is_symlink() {
        return Ok(fs::read_link(one)? == fs::read_link(other)?);
    }
    if !meta.is_file() || !other_meta.is_file() || meta.len() != other_meta.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (fs::File::open(one)?, fs::File::open(other)?);
    let (mut here, mut there) = (Vec::new(), Vec::new());
    loop {
        here.clear();
        there.clear();
        (&mut one).take(1 << 20).read_to_end(&mut here)?;
        (&mut other).take(1 << 20).read_to_end(&mut there)?;
        if here != there || here.is_empty() {
            return Ok(here == there);
        }
    }
}

/// A path without `.` and `..`, by its words alone.
fn normal(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(clean.pop()),
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}

/// The way from a folder to a file, both below a common one.
fn relative(folder: &Path, file: &Path) -> PathBuf {
    let common = folder.components().zip(file.components()).take_while(|(here, there)| here == there).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    up.chain(file.components().skip(common)).collect()
}

#[cfg(test)]
mod tests;
