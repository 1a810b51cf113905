//! `xt backup store`: a copy of records and files while they are in use.
//!
//! A backup is a folder with what `<data>/store` has. To restore one, put it there in a home of your own: an
//! `XT_HOME` whose `data/store` is the backup.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::model::{Event, Status, Time};
use crate::ops::files::FilesLock;
use crate::ops::{Context, OpsError, Result};
use crate::store::files::{copy_folder, private_folder, remove_folder};
use crate::store::sqlite::{Durability, Sqlite};
use crate::store::{Records, RunChange, RunPatch, RunQuery};

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Where it is.
    pub folder: PathBuf,
    /// Files besides the records.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Runs that were active: the backup has them as lost.
    pub active: u64,
    /// Jobs with runs that waited: the backup has them on hold.
    pub held: u64,
}

/// Makes a backup of records and files into a folder that does not exist yet, or is empty, while the store is
/// in use. `copied` is told the bytes of each file.
///
/// The records are copied first: a run that ends meanwhile is in the backup as it was before, and its files
/// are all there. Nothing of the backup runs by itself: what was active is lost there and what waited is held,
/// or it would run twice.
pub fn execute(ctx: &Context, folder: &Path, copied: &mut dyn FnMut(u64)) -> Result<Backup> {
    let folder = std::path::absolute(folder).map_err(OpsError::io("find", folder))?;
    refuse_target(ctx, &folder)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let part = folder.with_file_name(format!("{name}.{}.part", std::process::id()));
    let made = write(ctx, &part, copied).and_then(|backup| {
        fs::rename(&part, &folder).map_err(OpsError::io("create", &folder))?;
        Ok(Backup { folder, ..backup })
    });
    made.inspect_err(|_| drop(remove_folder(&part)))
}

fn refuse_target(ctx: &Context, folder: &Path) -> Result<()> {
    let store = ctx.layout.files();
    if store.parent().is_some_and(|store| folder.starts_with(store)) {
        return Err(OpsError::Refused(
            "a backup cannot lie inside the store it is made of: name a folder elsewhere".into(),
        ));
    }
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(OpsError::Refused(format!(
            "{} is not empty: name a folder that does not exist yet, for nothing is overwritten",
            folder.display()
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(OpsError::io("write a backup to", folder)(error)),
    }
}

fn write(ctx: &Context, part: &Path, copied: &mut dyn FnMut(u64)) -> Result<Backup> {
    private_folder(part)?;
    let _lock = FilesLock::backup(ctx)?;
    let records = part.join("records.db");
    ctx.records.backup(&records)?;
    let mut backup = Backup { folder: part.to_path_buf(), files: 0, bytes: 0, active: 0, held: 0 };
    copy_folder(&ctx.layout.files(), &part.join("files"), &mut |bytes| {
        backup.files += 1;
        backup.bytes += bytes;
        copied(bytes);
    })?;
    let store = Sqlite::open(&records, Durability::Disk)?;
    (backup.active, backup.held) = settle(&store)?;
    drop(store);
    // One call for all files, when the disk has them.
    let disk = File::open(part).map_err(OpsError::io("open", part))?;
    rustix::fs::syncfs(&disk).map_err(|error| OpsError::io("write", part)(error.into()))?;
    Ok(backup)
}

/// Puts the copied records to rest; answers how many runs were active and how many jobs had runs that waited.
fn settle(store: &Sqlite) -> Result<(u64, u64)> {
    let now = Time::now();
    let statuses = vec![Status::Spawning, Status::Running];
    let active = store.runs(&RunQuery { statuses: statuses.clone(), ..RunQuery::default() })?;
    let reason = "it was running when this backup was made";
    let lost: Vec<_> = active
        .iter()
        .filter(|run| (!run.is_parent || run.leads) && !run.unreadable)
        .map(|run| RunChange {
            run: run.path(),
            expect: statuses.clone(),
            expect_attempt: None,
            patch: RunPatch {
                status: Some(Status::Lost),
                end_time: Some(now),
                end_reason: Some(Some(reason.to_owned())),
                ..RunPatch::default()
            },
            events: vec![Event::at(now, "ended", [("status", "lost".into()), ("reason", reason.into())])],
        })
        .collect();
    store.change_runs(&lost)?;
    let mut held = 0;
    for job in store.jobs(None, None)?.iter().filter(|job| job.queued_runs > 0 && !job.hold) {
        store.change_job(job.job_id, &mut |job| {
            job.hold = true;
            true
        })?;
        held += 1;
    }
    Ok((lost.len() as u64, held))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Home, Sources, load};
    use crate::ops::console;
    use crate::ops::testing::World;

    // Proves C12: a backup is a store; nothing of it runs by itself; the original does not notice.
    #[test]
    fn a_backup_is_a_store_that_is_at_rest() {
        let world = World::new();
        let ctx = &world.ctx;
        let done = world.single("ws1");
        world.end_all();
        let active = world.single("ws1");
        world.set(&active, Status::Running);
        world.single("ws1");
        let home = world.folder.path().join("restored");
        let target = home.join("data/store");
        let mut bytes = 0;
        let made = execute(ctx, &target, &mut |size| bytes += size).unwrap();
        assert_eq!((made.files, made.bytes, made.active, made.held), (1, bytes, 1, 1));
        assert_eq!(ctx.records.run(&active).unwrap().status, Status::Running);

        let restored =
            Context::open(Home::below(&home), load(&Sources::default()).config, Durability::System).unwrap();
        let run = restored.records.run(&active).unwrap();
        assert_eq!(run.status, Status::Lost);
        assert_eq!(run.end_reason.unwrap(), "it was running when this backup was made");
        assert_eq!(restored.records.startable_jobs(&[], 10).unwrap(), []);
        let console = console::locate(&restored, &done, None).unwrap();
        assert_eq!(fs::read_to_string(console.log).unwrap(), "output of ws1/run1\n");
        assert_eq!(restored.records.check().unwrap(), Vec::<String>::new());
        let names: Vec<_> =
            fs::read_dir(home.join("data")).unwrap().flatten().map(|e| e.file_name()).collect();
        assert_eq!(names, ["store"], "no part of a folder is left");
    }

    // Proves C12, P8: nothing is overwritten, and nothing half is left.
    #[test]
    fn a_backup_overwrites_nothing() {
        let world = World::new();
        world.single("ws1");
        let told = |folder: &Path| execute(&world.ctx, folder, &mut |_| {}).unwrap_err().to_string();
        let taken = world.folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("mine"), "").unwrap();
        assert!(told(&taken).contains("is not empty"));
        assert!(told(&world.ctx.layout.files().join("inside")).contains("inside the store"));
        assert!(told(&taken.join("mine/deeper")).starts_with("cannot"));
        let empty = world.folder.path().join("empty");
        fs::create_dir(&empty).unwrap();
        execute(&world.ctx, &empty, &mut |_| {}).unwrap();
        assert!(empty.join("records.db").exists());
        assert_eq!(fs::read_dir(&taken).unwrap().count(), 1);
    }
}
