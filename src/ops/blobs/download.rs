//! `xt download`: blobs, folders of them and what matches a pattern, onto this machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ops::save::destination;
use crate::ops::{OpsError, Result};
use crate::store::Files;
use crate::store::blobs::{Download, Watch, below};

use super::upload::{is_same, temporary};
use super::{Root, archive, matching, nothing};

/// What to download, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Ask {
    /// A blob, a folder or a pattern; empty for everything.
    pub from: String,
    /// The file or folder here; without it, one of the same name in this folder.
    pub to: Option<String>,
    /// Only what is missing here or differs by size or contents.
    pub update: bool,
    /// As they are at one moment, though they are being written to.
    pub snapshot: bool,
    /// Into one archive.
    pub zip: bool,
    /// The contents of an archive.
    pub unzip: bool,
}

/// What would be downloaded.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Blobs and the files they become.
    pub downloads: Vec<Download>,
    /// Their bytes.
    pub bytes: u64,
    /// Blobs that are here already, and the same.
    pub same: u64,
    /// Blobs whose names lead out of the folder: they are left.
    pub refused: Vec<String>,
    /// The file, folder or archive that is made here.
    pub to: PathBuf,
    how: How,
    snapshot: bool,
    files: Arc<dyn Files>,
}

/// What becomes of what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Plain,
    /// It is packed.
    Packed,
    /// It is an archive, and its contents are wanted.
    Unpacked,
}

impl Plan {
    /// Nothing yet, into a folder.
    pub fn into(folder: &Path, files: Arc<dyn Files>) -> Self {
        Self {
            downloads: Vec::new(),
            bytes: 0,
            same: 0,
            refused: Vec::new(),
            to: folder.to_owned(),
            how: How::Plain,
            snapshot: false,
            files,
        }
    }

    /// How many requests had to be made once more.
    pub fn retries(&self) -> u64 {
        self.files.retries()
    }

    /// Adds the blobs of a place to what goes into a folder.
    pub fn add(&mut self, root: &Root, folder: &Path) -> Result<()> {
        let found = matching(root, "")?;
        for blob in &found.blobs {
            match below(folder, found.name(blob)) {
                Some(to) => {
                    self.bytes += blob.size;
                    let from = found.base.with_path(&blob.path);
                    self.downloads.push(Download { from, blob: blob.clone(), to });
                }
                None => self.refused.push(blob.path.clone()),
            }
        }
        Ok(())
    }
}

/// Finds the blobs that are meant; there must be some.
pub fn plan(root: &Root, ask: &Ask) -> Result<Plan> {
    let found = matching(root, &ask.from)?;
    if found.blobs.is_empty() {
        return Err(nothing(root, &ask.from));
    }
    let how = match (ask.zip, ask.unzip) {
        (true, _) => How::Packed,
        (_, true) => How::Unpacked,
        _ => How::Plain,
    };
    if how == How::Unpacked && !found.single {
        return Err(OpsError::Refused(format!("--unzip takes one archive, and `{}` is no blob", ask.from)));
    }
    let first = found.blobs.first().map(|blob| found.name(blob)).unwrap_or_default();
    let to = match how {
        How::Packed => {
            let own = if found.single {
                first
            } else {
                ask.from.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
            };
            let own = if own.is_empty() || super::is_pattern(own) { "files" } else { own };
            destination(ask.to.as_deref().unwrap_or("."), &format!("{own}.zip"))
        }
        How::Plain if found.single => destination(ask.to.as_deref().unwrap_or("."), first),
        // A folder is meant itself, whether it is there or not.
        _ => destination(ask.to.as_deref().unwrap_or("."), ""),
    };
    let mut plan = Plan { how, snapshot: ask.snapshot, ..Plan::into(&to, Arc::clone(&root.files)) };
    for blob in &found.blobs {
        let from = found.base.with_path(&blob.path);
        let name = found.name(blob);
        let target = match how {
            How::Plain if found.single => below("".as_ref(), name).map(|_| plan.to.clone()),
            How::Plain => below(&plan.to, name),
            How::Packed | How::Unpacked => below("".as_ref(), name),
        };
        let Some(to) = target else {
            plan.refused.push(blob.path.clone());
            continue;
        };
        if ask.update && how == How::Plain && is_same(&*root.files, &from, blob, &to)? {
            plan.same += 1;
            continue;
        }
        plan.bytes += blob.size;
        plan.downloads.push(Download { from, blob: blob.clone(), to });
    }
    Ok(plan)
}

/// Downloads it.
pub fn execute(plan: &Plan, done: Watch<'_>) -> Result<()> {
    let files = &plan.files;
    if plan.how == How::Plain {
        return Ok(files.download(&plan.downloads, plan.snapshot, done)?);
    }
    let folder = temporary()?;
    let inside = |file: &Download| Download { to: folder.path().join(&file.to), ..file.clone() };
    let here: Vec<_> = plan.downloads.iter().map(inside).collect();
    files.download(&here, plan.snapshot, done)?;
    if plan.how == How::Unpacked {
        return here.iter().try_for_each(|file| archive::unpack(&file.to, &plan.to).map(drop));
    }
    let packed = temporary_beside(&plan.to)?;
    let names = plan.downloads.iter().zip(&here);
    archive::pack(
        names.filter_map(|(file, here)| Some((file.to.to_str()?, here.to.as_path()))),
        packed.path(),
    )?;
    packed.persist(&plan.to).map(drop).map_err(|error| OpsError::io("create", &plan.to)(error.error))
}

/// A file that gets its name when it is whole.
fn temporary_beside(to: &Path) -> Result<tempfile::NamedTempFile> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(OpsError::io("create", folder))?;
    tempfile::NamedTempFile::new_in(folder).map_err(OpsError::io("write in", folder))
}

#[cfg(test)]
mod tests {
    use super::super::{Place, root};
    use super::*;
    use crate::ops::testing::World;

    struct Here {
        world: World,
        root: Root,
    }

    impl Here {
        fn new() -> Self {
            let world = World::new();
            let root = root(&world.ctx, &Place::default()).unwrap();
            for name in ["a.txt", "deep/b.txt", "deep/er/c.txt"] {
                world.ctx.files().unwrap().put(&root.join(name), name.as_bytes()).unwrap();
            }
            Self { world, root }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.world.folder.path().join(name)
        }

        fn ask(&self, from: &str, to: &str, change: fn(&mut Ask)) -> Ask {
            let to = Some(self.path(to).to_str().unwrap().to_owned());
            let mut ask = Ask { from: from.to_owned(), to, ..Ask::default() };
            change(&mut ask);
            ask
        }

        fn get(&self, from: &str, to: &str, change: fn(&mut Ask)) -> Plan {
            let plan = plan(&self.root, &self.ask(from, to, change)).unwrap();
            execute(&plan, &mut |_| {}).unwrap();
            plan
        }

        fn text(&self, name: &str) -> String {
            std::fs::read_to_string(self.path(name)).unwrap()
        }
    }

    // Proves A9: a blob, a folder and a pattern, each where it is said to go.
    #[test]
    fn blobs_come_where_they_are_said_to() {
        let here = Here::new();
        here.get("a.txt", "x.txt", |_| {});
        assert_eq!(here.text("x.txt"), "a.txt");
        std::fs::create_dir(here.path("folder")).unwrap();
        here.get("deep/b.txt", "folder", |_| {});
        assert_eq!(here.text("folder/b.txt"), "deep/b.txt");
        here.get("deep", "new/one", |_| {});
        assert_eq!(here.text("new/one/er/c.txt"), "deep/er/c.txt");
        here.get("**/*.txt", "all", |_| {});
        assert_eq!(here.text("all/deep/er/c.txt"), "deep/er/c.txt");
        let told = plan(&here.root, &here.ask("none", "x", |_| {})).unwrap_err().to_string();
        assert_eq!(told, "no blob matches `none` of the workspace ws1; `xt list blobs` tells what there is");
    }

    // Proves B14, B19: only what differs; packed, and unpacked again.
    #[test]
    fn updates_and_archives() {
        let here = Here::new();
        assert_eq!(here.get("", "all", |ask| ask.update = true).downloads.len(), 3);
        std::fs::write(here.path("all/a.txt"), "other").unwrap();
        let again = here.get("", "all", |ask| ask.update = true);
        assert_eq!((again.downloads.len(), again.same), (1, 2));
        assert_eq!(here.text("all/a.txt"), "a.txt");
        here.get("deep", "packed.zip", |ask| ask.zip = true);
        let packed = here.path("packed.zip");
        let unpacked = archive::unpack(&packed, &here.path("un")).unwrap();
        assert_eq!(unpacked.len(), 2);
        assert_eq!(here.text("un/er/c.txt"), "deep/er/c.txt");
        let bytes = std::fs::read(packed).unwrap();
        here.world.ctx.files().unwrap().put(&here.root.join("p.zip"), &bytes).unwrap();
        here.get("p.zip", "back", |ask| ask.unzip = true);
        assert_eq!(here.text("back/b.txt"), "deep/b.txt");
    }
}
