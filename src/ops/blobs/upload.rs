//! `xt upload`: files, folders and what matches a pattern, into the store.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;
use tempfile::TempDir;

use crate::config::patterns::Patterns;
use crate::model::names::check_workspace;
use crate::ops::save::destination;
use crate::ops::{Context, OpsError, Result, workspace};
use crate::store::StoreError;
use crate::store::blobs::{Address, Blob, Depth, Entry, Files, Upload, Watch};
use crate::store::folder::md5_of;

use super::{Root, archive, glob, is_pattern, target};

/// Left out of folders, whatever else is.
const GIT: &str = ".git";

/// What to upload, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Files, folders (with all that is in them), patterns with `*`, `?`, `**`.
    pub from: Vec<String>,
    /// The path in the store; without it, that of the same name.
    pub to: Option<String>,
    /// Only what is missing there or differs by size or contents.
    pub update: bool,
    /// Names and patterns that are left out; `.git` is always among them.
    pub omit: Vec<String>,
    /// As one archive.
    pub zip: bool,
    /// The contents of an archive.
    pub unzip: bool,
}

/// What would be uploaded.
#[derive(Debug)]
pub struct Plan {
    /// Files and the blobs they become.
    pub uploads: Vec<Upload>,
    /// The bytes of the files.
    pub bytes: u64,
    /// Files that are there already, and the same.
    pub same: u64,
    /// The archive that they become together.
    pub zip: Option<Address>,
    files: Arc<dyn Files>,
    /// Where an archive was unpacked, for as long as the plan is kept.
    _unpacked: Option<TempDir>,
}

/// Finds the files that are meant; there must be some.
pub fn plan(root: &Root, ask: &Ask) -> Result<Plan> {
    let (mut uploads, mut unpacked) = (Vec::new(), None);
    if ask.unzip {
        let [archive] = ask.from.as_slice() else {
            return Err(OpsError::Refused("--unzip takes one archive".to_owned()));
        };
        let folder = temporary()?;
        for (name, from) in archive::unpack(&destination(archive, ""), folder.path())? {
            uploads.push(Upload { from, to: target(root, as_folder(ask.to.as_deref()).as_deref(), &name)? });
        }
        unpacked = Some(folder);
    } else {
        let files = found(ask)?;
        let several = ask.from.len() > 1 || files.iter().any(|file| file.inside);
        let to = if several && !ask.zip { as_folder(ask.to.as_deref()) } else { ask.to.clone() };
        let zip = ask.zip.then(|| target(root, ask.to.as_deref(), &archive_name(ask)));
        if let Some(zip) = zip.transpose()? {
            let name = |file: Found| Upload { from: file.path, to: zip.with_path(file.name) };
            let uploads: Vec<_> = files.into_iter().map(name).collect();
            let bytes = bytes(&uploads)?;
            let files = Arc::clone(&root.files);
            return Ok(Plan { uploads, bytes, same: 0, zip: Some(zip), files, _unpacked: None });
        }
        for file in files {
            uploads.push(Upload { to: target(root, to.as_deref(), &file.name)?, from: file.path });
        }
    }
    let before = uploads.len();
    if ask.update {
        uploads = changed(&*root.files, uploads)?;
    }
    let same = (before - uploads.len()) as u64;
    Ok(Plan {
        bytes: bytes(&uploads)?,
        uploads,
        same,
        zip: None,
        files: Arc::clone(&root.files),
        _unpacked: unpacked,
    })
}

impl Plan {
    /// How many requests had to be made once more.
    pub fn retries(&self) -> u64 {
        self.files.retries()
    }
}

/// Uploads it. A workspace that is not there yet is made, as a submit makes it.
pub fn execute(ctx: &Context, plan: &Plan, done: Watch<'_>) -> Result<()> {
    let files = &plan.files;
    if let Some(to) = &plan.zip {
        let folder = temporary()?;
        let packed = folder.path().join("archive.zip");
        archive::pack(plan.uploads.iter().map(|file| (file.to.path.as_str(), file.from.as_path())), &packed)?;
        files.upload(&[Upload { from: packed, to: to.clone() }], done)?;
    } else {
        files.upload(&plan.uploads, done)?;
    }
    let container = plan.uploads.first().map(|file| file.to.container.as_str());
    let Some(ws) = container.filter(|name| check_workspace(name).is_ok()) else { return Ok(()) };
    match workspace::create(ctx, ws, None) {
        Ok(_) | Err(OpsError::Store(StoreError::Exists { .. })) => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) fn temporary() -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("xt-").tempdir();
    folder.map_err(OpsError::io("create", std::env::temp_dir()))
}

/// A target that is to be a folder.
fn as_folder(to: Option<&str>) -> Option<String> {
    to.map(|to| if matches!(to, "." | "") { String::new() } else { format!("{}/", to.trim_end_matches('/')) })
}

/// The archive's name when none is said: that of the file or folder.
fn archive_name(ask: &Ask) -> String {
    let first = ask.from.first().filter(|from| ask.from.len() == 1 && !is_pattern(from));
    let name = first.and_then(|from| destination(from, "").canonicalize().ok());
    let name = name.as_ref().and_then(|path| path.file_name()?.to_str()).unwrap_or("files");
    format!("{name}.zip")
}

fn bytes(uploads: &[Upload]) -> Result<u64> {
    let size = |file: &Upload| Ok(file.from.metadata().map_err(OpsError::io("read", &file.from))?.len());
    uploads.iter().map(size).sum()
}

/// A file here and its name there.
struct Found {
    path: PathBuf,
    name: String,
    /// It was found in a folder or by a pattern, not named itself.
    inside: bool,
}

/// The files that words mean.
fn found(ask: &Ask) -> Result<Vec<Found>> {
    let omit = ask.omit.iter().map(String::as_str).chain([GIT]);
    let omit = Patterns::of_names(omit).map_err(|error| OpsError::Refused(error.to_string()))?;
    let mut all = Vec::new();
    for word in &ask.from {
        let before = all.len();
        if is_pattern(word) {
            let plain = word.find(['*', '?']).and_then(|wild| word.get(..wild)).unwrap_or_default();
            let (start, _) =
                plain.rsplit_once('/').unwrap_or((if plain.starts_with('/') { "/" } else { "." }, ""));
            let pattern =
                glob(word.get(plain.rfind('/').map_or(0, |slash| slash + 1)..).unwrap_or_default())?;
            let start = destination(start, "");
            walk(&start, &omit, &mut |path, name| {
                if pattern.is_match(&name) {
                    all.push(Found { path, name, inside: true });
                }
            })?;
            if all.len() == before {
                return Err(OpsError::Refused(format!(
                    "no file matches `{word}`; a folder's own files: FOLDER/**"
                )));
            }
            continue;
        }
        let path = destination(word, "");
        let meta = path.metadata().map_err(OpsError::io("read", &path))?;
        if meta.is_file() {
            all.push(Found { name: name_of(&path)?, path, inside: false });
        } else if meta.is_dir() {
            // Like `cp -r`: into the folder that is said, else into one of the same name.
            let head = if ask.to.is_some() && ask.from.len() == 1 || ask.zip {
                String::new()
            } else {
                name_of(&path)? + "/"
            };
            walk(&path, &omit, &mut |path, name| {
                all.push(Found { path, name: format!("{head}{name}"), inside: true });
            })?;
            if all.len() == before {
                return Err(OpsError::Refused(format!("the folder {} has no files", path.display())));
            }
        } else {
            return Err(OpsError::Refused(format!("{} is no file and no folder", path.display())));
        }
    }
    Ok(all)
}

/// The last step of a path, also of `.` and `..`.
fn name_of(path: &Path) -> Result<String> {
    let real = path.canonicalize().map_err(OpsError::io("read", path))?;
    let own = path.file_name().or(real.file_name()).and_then(|name| name.to_str());
    own.map(str::to_owned).ok_or_else(|| {
        OpsError::Refused(format!("{} has a name that is no text: no blob can be called so", path.display()))
    })
}

/// The files below a folder by name, in order. Links are not followed.
fn walk(folder: &Path, omit: &Patterns, each: &mut dyn FnMut(PathBuf, String)) -> Result<()> {
    let (omit, base) = (omit.clone(), folder.to_owned());
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .follow_links(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| {
            let inside = entry.path().strip_prefix(&base).unwrap_or(entry.path());
            !omit.matches(inside) && !entry.file_name().to_string_lossy().starts_with(".xt-part-")
        })
        .build();
    for entry in walk {
        let entry =
            entry.map_err(|error| OpsError::Refused(format!("cannot read {}: {error}", folder.display())))?;
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let Some(name) = inside.to_str() else {
            return Err(OpsError::Refused(format!(
                "{} has a name that is no text: no blob can be called so; leave it out with --omit",
                entry.path().display()
            )));
        };
        each(entry.path().to_owned(), name.to_owned());
    }
    Ok(())
}

/// Those that are missing there, or are others by size or contents.
fn changed(files: &dyn Files, uploads: Vec<Upload>) -> Result<Vec<Upload>> {
    let mut there: HashMap<String, Blob> = HashMap::new();
    if let Some(first) = uploads.first() {
        let folder = common_folder(uploads.iter().map(|file| file.to.path.as_str()));
        files.list(&first.to.with_path(folder), Depth::All, &mut |entry| {
            if let Entry::Blob(blob) = entry {
                there.insert(blob.path.clone(), blob);
            }
            Ok(())
        })?;
    }
    let mut changed = Vec::new();
    for file in uploads {
        let same = match there.get(&file.to.path) {
            Some(blob) => is_same(files, &file.to, blob, &file.from)?,
            None => false,
        };
        if !same {
            changed.push(file);
        }
    }
    Ok(changed)
}

/// The folder that all paths have in common, with its `/`.
fn common_folder<'a>(mut paths: impl Iterator<Item = &'a str>) -> String {
    let mut common = paths.next().unwrap_or_default();
    for path in paths {
        let same = common.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
        let end = (0..=same).rev().find(|end| common.is_char_boundary(*end)).unwrap_or(0);
        common = common.get(..end).unwrap_or_default();
    }
    common.rfind('/').and_then(|slash| common.get(..=slash)).unwrap_or_default().to_owned()
}

/// Whether a blob and a file have the same contents. Without a sum of the blob nobody knows, and they count as others.
pub(super) fn is_same(files: &dyn Files, at: &Address, blob: &Blob, file: &Path) -> Result<bool> {
    let Ok(meta) = file.symlink_metadata() else { return Ok(false) };
    if !meta.is_file() || meta.len() != blob.size {
        return Ok(false);
    }
    let sum = match blob.md5 {
        Some(sum) => Some(sum),
        None => files.md5(at)?,
    };
    Ok(sum.is_some_and(|sum| md5_of(file).is_ok_and(|own| own == sum)))
}

#[cfg(test)]
mod tests {
    use super::super::{Place, root};
    use super::*;
    use crate::ops::testing::World;
    use rstest::rstest;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// What a command would upload as: the names of the blobs.
    fn names(world: &World, from: &[&str], to: Option<&str>, change: fn(&mut Ask)) -> Result<Vec<String>> {
        let here = world.folder.path().join("here");
        std::fs::create_dir_all(here.join("data/.git")).unwrap();
        std::fs::create_dir_all(here.join("data/deep")).unwrap();
        for name in ["a.py", "b.py", "c.txt", "data/x", "data/deep/y", "data/.git/config"] {
            std::fs::write(here.join(name), name).unwrap();
        }
        let from: Vec<_> = from.iter().map(|word| here.join(word).to_str().unwrap().to_owned()).collect();
        let mut ask = Ask { from, to: to.map(str::to_owned), ..Ask::default() };
        change(&mut ask);
        let root = root(&world.ctx, &Place::default()).unwrap();
        let plan = plan(&root, &ask)?;
        let all =
            plan.zip.iter().chain(plan.uploads.iter().map(|file| &file.to).filter(|_| plan.zip.is_none()));
        Ok(all.map(|at| at.path.strip_prefix("__ws__/").unwrap().to_owned()).collect())
    }

    // Proves A9, B23: where files go, and that `.git` stays out whatever else is left out.
    #[rstest]
    #[case(&["a.py"], None, &["a.py"])]
    #[case(&["a.py"], Some("x.py"), &["x.py"])]
    #[case(&["a.py"], Some("sub/"), &["sub/a.py"])]
    #[case(&["a.py"], Some("."), &["a.py"])]
    #[case(&["a.py", "c.txt"], Some("sub"), &["sub/a.py", "sub/c.txt"])]
    #[case(&["*.py"], Some("."), &["a.py", "b.py"])]
    #[case(&["data"], None, &["data/deep/y", "data/x"])]
    #[case(&["data"], Some("mine"), &["mine/deep/y", "mine/x"])]
    #[case(&["data/**"], Some("mine"), &["mine/deep/y", "mine/x"])]
    #[case(&["data/*"], None, &["x"])]
    fn files_go_where_they_are_said_to(
        #[case] from: &[&str],
        #[case] to: Option<&str>,
        #[case] expected: &[&str],
    ) {
        let world = World::new();
        assert_eq!(names(&world, from, to, |_| {}).unwrap(), expected);
    }

    #[test]
    fn what_is_left_out_and_packed() {
        let world = World::new();
        let omitted = names(&world, &["data"], None, |ask| ask.omit = words(&["deep"])).unwrap();
        assert_eq!(omitted, ["data/x"]);
        assert_eq!(names(&world, &["data"], None, |ask| ask.zip = true).unwrap(), ["data.zip"]);
        assert_eq!(names(&world, &["data"], Some("a/b.zip"), |ask| ask.zip = true).unwrap(), ["a/b.zip"]);
        for (wrong, why) in [("none", "cannot read"), ("*.none", "no file matches")] {
            let told = names(&world, &[wrong], None, |_| {}).unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
        }
        assert!(names(&world, &["a.py"], Some("../x"), |_| {}).is_err());
    }

    // Proves B14: only what is missing or differs by size or contents.
    #[test]
    fn an_update_sends_what_differs() {
        let world = World::new();
        let root = root(&world.ctx, &Place::default()).unwrap();
        names(&world, &["data"], None, |_| {}).unwrap();
        let here = world.folder.path().join("here");
        let ask = Ask {
            from: words(&[here.to_str().unwrap()]),
            to: Some(".".into()),
            update: true,
            ..Ask::default()
        };
        let update = || {
            let plan = plan(&root, &ask).unwrap();
            execute(&world.ctx, &plan, &mut |_| {}).unwrap();
            let sent = plan.uploads.iter().map(|file| file.to.path.clone()).collect::<Vec<_>>();
            (sent, plan.same)
        };
        assert_eq!(update().0.len(), 5);
        assert_eq!(update(), (vec![], 5));
        std::fs::write(here.join("a.py"), "A.py").unwrap();
        std::fs::write(here.join("data/x"), "longer").unwrap();
        assert_eq!(update(), (words(&["__ws__/a.py", "__ws__/data/x"]), 3));
    }
}
