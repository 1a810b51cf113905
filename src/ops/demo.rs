//! `xt demo`, `xt create demo`: a project that trains on a small data set, and a sweep of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Scalar, Values};
use crate::ops::run::{self, Request, find_program};
use crate::ops::{Context, OpsError, Result};
use crate::store::Submitted;
use crate::store::code::write_whole;
use crate::store::files::private_folder;

/// The workspace of the demo.
pub const WORKSPACE: &str = "demo";
/// Its experiment.
pub const EXPERIMENT: &str = "sweep";

/// The project's files.
const FILES: [(&str, &str); 6] = [
    ("README.md", include_str!("../../assets/demo/README.md")),
    ("train.py", include_str!("../../assets/demo/train.py")),
    ("network.py", include_str!("../../assets/demo/network.py")),
    ("sweep.txt", include_str!("../../assets/demo/sweep.txt")),
    ("data/digits.txt", include_str!("../../assets/demo/data/digits.txt")),
    ("data/make_digits.py", include_str!("../../assets/demo/data/make_digits.py")),
];

/// Writes the project to a folder for reading and playing; files that are there and differ are not touched
/// unless they may be overwritten. Answers where it is.
pub fn write(folder: &Path, overwrite: bool) -> Result<PathBuf> {
    let folder = std::path::absolute(folder).map_err(OpsError::io("find", folder))?;
    let differs = |name: &str, text: &str| {
        let path = folder.join(name);
        path.exists() && fs::read(path).is_ok_and(|bytes| bytes != text.as_bytes())
    };
    let changed: Vec<_> =
        FILES.iter().filter(|(name, text)| differs(name, text)).map(|(name, _)| *name).collect();
    if !overwrite && !changed.is_empty() {
        return Err(OpsError::Refused(format!(
            "{} has other files of these names: {}; name another folder, or replace them with --overwrite",
            folder.display(),
            changed.join(", ")
        )));
    }
    for (name, text) in FILES {
        let path = folder.join(name);
        if !path.exists() || changed.contains(&name) {
            write_whole(&path, text.as_bytes())?;
        }
    }
    Ok(folder)
}

/// What the demo submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// Its job and runs.
    pub submitted: Submitted,
    /// Where its project is.
    pub folder: PathBuf,
    /// What the person should know.
    pub notes: Vec<String>,
}

/// Submits the sweep of the demo, once more when it was submitted before.
pub fn execute(ctx: &Context) -> Result<Demo> {
    if find_program("python3").is_none() {
        return Err(OpsError::Refused(
            "the demo needs python3 and nothing else, and there is none on PATH: install it (apt install python3) and try again"
                .into(),
        ));
    }
    private_folder(&ctx.home.data)?;
    let folder = write(&ctx.home.data.join("demo"), true)?;
    let tags: Values = [("demo".to_owned(), Scalar::Null)].into_iter().collect();
    let request = Request {
        words: vec!["sweep.txt".to_owned()],
        directory: folder.clone(),
        workspace: Some(WORKSPACE.to_owned()),
        experiment: Some(EXPERIMENT.to_owned()),
        description: Some("which learning rate reads digits best?".to_owned()),
        tags,
        multi_commands: true,
        concurrent: Some(2),
        xt_cmd: "xt demo".to_owned(),
        ..Request::default()
    };
    let plan = run::plan(ctx, &request)?;
    let mut notes = plan.notes.clone();
    let submitted = run::execute(ctx, plan)?;
    notes.extend(submitted.warning);
    Ok(Demo { submitted: submitted.answer, folder, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files below a folder of the assets.
    fn assets(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        entries.flat_map(|path| if path.is_dir() { assets(&path) } else { vec![path] }).collect()
    }

    // Proves C2: the program carries the whole project.
    #[test]
    fn every_file_of_the_project_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("my/demo");
        write(&to, false).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
        let files: Vec<_> = assets(&root)
            .into_iter()
            .filter(|path| !path.to_string_lossy().contains("__pycache__"))
            .collect();
        assert_eq!(files.len(), FILES.len());
        for file in files {
            let written = to.join(file.strip_prefix(&root).unwrap());
            assert_eq!(fs::read(&written).unwrap(), fs::read(&file).unwrap(), "{}", written.display());
        }
    }

    #[test]
    fn changed_files_are_kept_unless_they_may_go() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), false).unwrap();
        write(folder.path(), false).unwrap();
        let train = folder.path().join("train.py");
        fs::write(&train, "mine").unwrap();
        fs::remove_file(folder.path().join("sweep.txt")).unwrap();
        let error = write(folder.path(), false).unwrap_err().to_string();
        assert!(error.contains("names: train.py;"), "{error}");
        assert!(!folder.path().join("sweep.txt").exists(), "nothing is written half");
        write(folder.path(), true).unwrap();
        assert_ne!(fs::read_to_string(&train).unwrap(), "mine");
    }
}
