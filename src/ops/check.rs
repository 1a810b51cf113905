//! `xt check store`: looks for damage and for what belongs to nobody.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::model::names::check_workspace;
use crate::model::{JobName, Run, RunName, Time};
use crate::ops::files::{run_folders, trash};
use crate::ops::{Context, OpsError, Result, console};
use crate::store::code::Objects;
use crate::store::files::folders;
use crate::store::{RunQuery, StoreError};

/// What a check looked at and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Runs, those in the trash included.
    pub runs: u64,
    /// Contents of code files, each read and compared with its hash.
    pub objects: u64,
    /// What is wrong; one line each.
    pub findings: Vec<String>,
}

/// Runs that are read at a time.
const PAGE: usize = 1000;

/// A submit writes these files before its record: younger ones are nobody's yet, and that is no finding.
const UNBORN: Duration = Duration::from_hours(1);

/// Looks for damage of records and files, and for what belongs to nobody; changes nothing. `seen` is told how
/// many things have been looked at.
pub fn execute(ctx: &Context, seen: &mut dyn FnMut(u64)) -> Result<Checked> {
    let mut checked = Checked { findings: ctx.records.check()?, ..Checked::default() };
    let found = Found::look(ctx);
    let known = Known::read(ctx, &mut checked, seen)?;
    found.compare(&known, &mut checked.findings);
    check_code(ctx, &mut checked, seen)?;
    Ok(checked)
}

/// The folders there are. They are listed before the records are read: a controller records a run first and
/// makes its folder then.
struct Found {
    workspaces: Vec<(String, PathBuf)>,
    runs: Vec<(String, RunName, PathBuf)>,
    trashed: Vec<(String, RunName, PathBuf)>,
    attempts: Vec<(String, PathBuf)>,
    environments: Vec<(String, PathBuf)>,
}

impl Found {
    fn look(ctx: &Context) -> Self {
        let layout = &ctx.layout;
        let files = layout.files();
        Self {
            workspaces: folders(&files).filter(|(ws, _)| check_workspace(ws).is_ok()).collect(),
            runs: run_folders(&files).collect(),
            trashed: run_folders(&trash(layout)).collect(),
            attempts: folders(&layout.node().join("runs")).collect(),
            environments: folders(&layout.node().join("jobs")).collect(),
        }
    }

    fn compare(&self, known: &Known, findings: &mut Vec<String>) {
        let mut lost = |folder: &Path, what: &str| {
            findings.push(format!("{}: {what}; it can be deleted", folder.display()));
        };
        for (ws, folder) in &self.workspaces {
            if !known.workspaces.contains(ws) && !known.trashed.iter().any(|(other, _)| other == ws) {
                lost(folder, "there is no such workspace");
            }
        }
        for (ws, run, folder) in &self.runs {
            // A deletion that was cut off leaves the files of a trashed run where they were.
            let key = (ws.clone(), *run);
            if known.workspaces.contains(ws) && !known.runs.contains(&key) && !known.trashed.contains(&key) {
                lost(folder, "there is no such run");
            }
        }
        for (ws, run, folder) in &self.trashed {
            if !known.trashed.contains(&(ws.clone(), *run)) {
                lost(folder, "there is no such run in the trash");
            }
        }
        // Whose these are, only the records could say.
        if known.unreadable {
            return;
        }
        for (guid, folder) in &self.attempts {
            if !known.run_guids.contains(guid) {
                lost(folder, "the run of these attempts is no more");
            }
        }
        for (guid, folder) in &self.environments {
            let modified = folder.metadata().and_then(|meta| meta.modified()).map(Time::from);
            let is_old = modified.is_ok_and(|modified| Time::now().since(modified) > UNBORN);
            if is_old && !known.job_guids.contains(guid) {
                lost(folder, "the job of this environment is no more");
            }
        }
    }
}

/// What the records know.
#[derive(Default)]
struct Known {
    workspaces: HashSet<String>,
    runs: HashSet<(String, RunName)>,
    trashed: HashSet<(String, RunName)>,
    run_guids: HashSet<String>,
    job_guids: HashSet<String>,
    /// Something else is known that cannot be read.
    unreadable: bool,
}

impl Known {
    fn read(ctx: &Context, checked: &mut Checked, seen: &mut dyn FnMut(u64)) -> Result<Self> {
        let mut known = Self::default();
        let mut jobs = BTreeSet::new();
        known.workspaces.extend(ctx.records.workspaces()?.into_iter().map(|workspace| workspace.ws));
        let index = ctx.records.run_index(&RunQuery::default())?;
        for page in index.chunks(PAGE) {
            let ids: Vec<_> = page.iter().map(|key| key.id).collect();
            for (_, run) in ctx.records.runs_at(&ids)? {
                checked.findings.extend(check_console(ctx, &run));
                jobs.insert(run.job_id);
                known.unreadable |= run.unreadable;
                known.run_guids.insert(run.run_guid);
                known.runs.insert((run.ws, run.run_name));
                checked.runs += 1;
            }
            seen(page.len() as u64);
        }
        for (_, run) in ctx.records.trash()? {
            jobs.insert(run.job_id);
            known.unreadable |= run.unreadable;
            known.run_guids.insert(run.run_guid);
            known.trashed.insert((run.ws, run.run_name));
            checked.runs += 1;
        }
        jobs.extend(ctx.records.jobs(None, None)?.iter().map(|job| job.job_id));
        for name in jobs {
            check_job(ctx, name, &mut known, &mut checked.findings);
        }
        Ok(known)
    }
}

/// The job of a run, and its list of code files.
fn check_job(ctx: &Context, name: JobName, known: &mut Known, findings: &mut Vec<String>) {
    let job = match ctx.records.job(name) {
        Ok(job) => job,
        // The records tell of those themselves.
        Err(StoreError::Corrupt { .. }) => return known.unreadable = true,
        Err(_) => return findings.push(format!("{name}: its record is missing")),
    };
    known.job_guids.insert(job.job_guid);
    let Some(snapshot) = job.launch.snapshot else { return };
    let objects = Objects::new(&ctx.layout.files());
    match objects.manifest(&snapshot.hash) {
        Err(error) => findings.push(format!("{name}: {error}")),
        Ok(manifest) => {
            let missing = manifest.files.iter().filter(|file| !objects.has(&file.hash));
            findings.extend(
                missing.map(|file| format!("{name}: its code file {} is missing", file.path.display())),
            );
        }
    }
}

/// Whether as many bytes of a run's output are kept as it wrote.
fn check_console(ctx: &Context, run: &Run) -> Option<String> {
    let wrote = run.console_bytes.filter(|_| run.status.is_final())?;
    let log = console::locate_of(ctx, run, None).ok()?.log;
    // A run that says nothing leaves no file.
    let kept = fs::metadata(log).map(|meta| meta.len()).unwrap_or_default();
    (kept != wrote)
        .then(|| format!("{}: {kept} bytes of its output are kept, and it wrote {wrote}", run.path()))
}

/// Reads the contents of all code files and compares them with their hashes.
fn check_code(ctx: &Context, checked: &mut Checked, seen: &mut dyn FnMut(u64)) -> Result<()> {
    for (head, folder) in folders(&ctx.layout.files().join("xt-store-info/objects")) {
        for entry in fs::read_dir(&folder).map_err(OpsError::io("read", &folder))?.flatten() {
            let path = entry.path();
            let name = format!("{head}{}", entry.file_name().to_string_lossy());
            let mut hasher = blake3::Hasher::new();
            let read = File::open(&path).and_then(|mut file| std::io::copy(&mut file, &mut hasher));
            match read {
                Err(error) => checked.findings.push(format!("{}: {error}", path.display())),
                Ok(_) if hasher.finalize().to_hex().as_str() != name => checked.findings.push(format!(
                    "{}: its contents are not those it was stored with; jobs with this file do not start right",
                    path.display()
                )),
                Ok(_) => {}
            }
            checked.objects += 1;
            seen(1);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;
    use crate::store::code::{Entry, Manifest};

    fn findings(world: &World) -> Vec<String> {
        execute(&world.ctx, &mut |_| {}).unwrap().findings
    }

    // Proves C12: each kind of damage is told, and a sound store has none.
    #[test]
    fn damage_is_told_and_nothing_else() {
        let world = World::new();
        let ctx = &world.ctx;
        world.family("ws1", 2);
        let run = world.single("ws1");
        world.end_all();
        world.single("ws1");
        let files = ctx.layout.files();
        let objects = Objects::new(&files);
        let hash = objects.put_bytes(b"print(1)").unwrap();
        let file = |path: &str, hash: String| Entry { path: path.into(), hash, size: 8, executable: false };
        let gone = Manifest { files: vec![file("a.py", hash.clone()), file("b.py", "0".repeat(64))] };
        let manifest = objects.put_manifest(&gone).unwrap();
        let mut looked = 0;
        let checked = execute(ctx, &mut |things| looked += things).unwrap();
        assert_eq!(checked, Checked { runs: 5, objects: 1, findings: vec![] });
        assert_eq!(looked, 6);

        let output = ctx.layout.run_files("ws1", run.run).join("after/output/console.txt");
        fs::remove_file(&output).unwrap();
        let object = files.join("xt-store-info/objects").join(&hash[..2]).join(&hash[2..]);
        fs::write(&object, "print(2)").unwrap();
        for orphan in ["ws1/runs/run77", ".trash/ws1/runs/run78", "nowhere/runs/run1"] {
            fs::create_dir_all(files.join(orphan)).unwrap();
        }
        fs::create_dir_all(ctx.layout.run("0-1-2")).unwrap();
        let job = ctx.records.jobs(None, Some(1)).unwrap().remove(0);
        ctx.records
            .change_job(job.job_id, &mut |job| {
                job.launch.snapshot =
                    Some(crate::model::job::Snapshot { hash: manifest.clone(), ..Default::default() });
                true
            })
            .unwrap();
        let told = findings(&world).join("\n");
        for expected in [
            "ws1/run2: 0 bytes of its output are kept, and it wrote 19",
            "print(2)",
            "ws1/runs/run77: there is no such run; it can be deleted",
            ".trash/ws1/runs/run78: there is no such run in the trash",
            "nowhere: there is no such workspace",
            "node/runs/0-1-2: the run of these attempts is no more",
            "job3: its code file b.py is missing",
        ] {
            let expected = expected.replace("print(2)", &format!("{}: its contents", object.display()));
            assert!(told.contains(&expected), "{expected} in\n{told}");
        }
        assert_eq!(told.lines().count(), 7, "{told}");
    }
}
