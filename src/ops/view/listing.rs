//! The files of a run: as many as a person looks through, read again only when something changed.

use std::path::Path;
use std::time::SystemTime;

use ignore::WalkBuilder;
use serde::Serialize;

use crate::model::{Run, Status};

/// A run has so many files listed at the most.
const MOST_FILES: usize = 1000;

/// And so many files and folders are looked at for that: a tree of empty folders has an end, too.
const MOST_ENTRIES: usize = 20_000;

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileSummary {
    /// Its path in the run's folder.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
}

/// What tells that the files of a run may be others than before: files come when an attempt ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    attempt: u32,
    status: Status,
    folders: [Option<SystemTime>; 3],
}

impl Stamp {
    /// The stamp of a run's folder now.
    pub fn of(run: &Run, folder: &Path) -> Self {
        let modified = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
        let folders = [modified(folder), modified(&folder.join("after")), modified(&folder.join("attempts"))];
        Self { attempt: run.attempt, status: run.status, folders }
    }
}

/// Lists the files in a folder, by path, and tells whether there are more.
pub fn files(folder: &Path) -> (Vec<FileSummary>, bool) {
    files_among(folder, MOST_ENTRIES)
}

/// The same, after a look at no more than so many files and folders.
fn files_among(folder: &Path, most: usize) -> (Vec<FileSummary>, bool) {
    let (mut files, mut entries, mut more) = (Vec::new(), 0, false);
    for entry in WalkBuilder::new(folder).standard_filters(false).follow_links(false).build().flatten() {
        entries += 1;
        if entries > most {
            more = true;
            break;
        }
        let Ok(inside) = entry.path().strip_prefix(folder) else { continue };
        let Some(meta) = entry.metadata().ok().filter(std::fs::Metadata::is_file) else { continue };
        if files.len() == MOST_FILES {
            more = true;
            break;
        }
        files.push(FileSummary { path: inside.to_string_lossy().into_owned(), size: meta.len() });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    (files, more)
}

#[cfg(test)]
mod tests {
    // Proves S6 (a run with very many files costs no more than what is shown of it), B31.
    use super::*;

    #[test]
    fn no_more_is_listed_than_a_person_looks_through() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for number in 0..3 {
            std::fs::write(folder.path().join(format!("b/{number}")), "four").unwrap();
        }
        let (found, more) = files(folder.path());
        let names: Vec<_> = found.iter().map(|file| (file.path.as_str(), file.size)).collect();
        assert_eq!((names, more), (vec![("b/0", 4), ("b/1", 4), ("b/2", 4)], false));
        for number in 0..=MOST_FILES {
            std::fs::write(folder.path().join(format!("{number}")), "").unwrap();
        }
        let (found, more) = files(folder.path());
        assert_eq!((found.len(), more), (MOST_FILES, true));
        assert_eq!(files(&folder.path().join("none")), (vec![], false));
    }

    #[test]
    fn a_tree_of_empty_folders_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..10 {
            std::fs::create_dir(folder.path().join(number.to_string())).unwrap();
        }
        // The folder itself is one of them.
        assert_eq!(files_among(folder.path(), 10), (vec![], true));
        assert_eq!(files_among(folder.path(), 11), (vec![], false));
    }

    #[test]
    fn a_stamp_changes_with_the_attempt_and_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let run = Run { attempt: 1, ..Run::default() };
        let stamp = Stamp::of(&run, folder.path());
        assert_eq!(Stamp::of(&run, folder.path()), stamp);
        assert_ne!(Stamp::of(&Run { attempt: 2, ..run.clone() }, folder.path()), stamp);
        std::fs::create_dir(folder.path().join("after")).unwrap();
        assert_ne!(Stamp::of(&run, folder.path()), stamp);
    }
}
