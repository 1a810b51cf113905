//! The code in the store that no job needs any more.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::PathBuf;

use crate::model::{JobName, Run, Time};
use crate::node::Layout;
use crate::ops::files::trash;
use crate::ops::{Context, OpsError, Result};
use crate::store::RunQuery;
use crate::store::code::Objects;
use crate::store::collect::{Unneeded, hashes_in, remove};

/// Where the documents of jobs are kept that could not be read, until the trash is emptied. No workspace has a
/// name like that.
pub fn quarantine(layout: &Layout) -> PathBuf {
    trash(layout).join(".records")
}

/// What would be collected if some runs of the trash were forgotten; the jobs in `kept` have others there.
pub fn unneeded(
    ctx: &Context,
    forgotten: &[Run],
    kept: &BTreeSet<JobName>,
    before: Time,
) -> Result<Vec<Unneeded>> {
    let mut gone = BTreeSet::new();
    for job in forgotten.iter().map(|run| run.job_id).collect::<BTreeSet<_>>().difference(kept) {
        let query = RunQuery { jobs: vec![*job], first: Some(1), ..RunQuery::default() };
        if ctx.records.run_index(&query)?.is_empty() {
            gone.insert(*job);
        }
    }
    Ok(Objects::new(&ctx.layout.files()).unneeded(&named(ctx, &gone)?, before)?)
}

/// Removes what no job needs; answers how many files, and their bytes. Nothing while a submit is under way: its
/// code would look like nobody's.
pub fn collect(ctx: &Context, before: Time) -> Result<Option<(usize, u64)>> {
    let objects = Objects::new(&ctx.layout.files());
    let Some(alone) = objects.hold_alone()? else { return Ok(None) };
    let files = objects.unneeded(&named(ctx, &BTreeSet::new())?, before)?;
    let bytes = remove(&alone, &files)?;
    Ok(Some((files.len(), bytes)))
}

/// The hashes that jobs name, those whose documents were put away included: somebody may want to mend one.
fn named(ctx: &Context, without: &BTreeSet<JobName>) -> Result<HashSet<String>> {
    let mut named = ctx.records.hashes(without)?;
    for entry in fs::read_dir(quarantine(&ctx.layout)).into_iter().flatten().flatten() {
        let path = entry.path();
        named.extend(hashes_in(&fs::read(&path).map_err(OpsError::io("read", &path))?));
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::job::Snapshot;
    use crate::ops::testing::World;
    use crate::ops::{delete, trash as verb};
    use crate::store::code::{Entry, Manifest};

    /// Stores a snapshot of some files; answers its hash.
    fn store(objects: &Objects, texts: &[&str]) -> String {
        let entry = |text: &&str| Entry {
            path: PathBuf::from(*text),
            hash: objects.put_bytes(text.as_bytes()).unwrap(),
            size: text.len() as u64,
            executable: false,
        };
        objects.put_manifest(&Manifest { files: texts.iter().map(entry).collect() }).unwrap()
    }

    /// Gives a run's job its code.
    fn give(world: &World, run: &crate::model::RunPath, hash: &str) -> JobName {
        let job = world.ctx.records.run(run).unwrap().job_id;
        let mut change = |job: &mut crate::model::Job| {
            job.launch.snapshot = Some(Snapshot { hash: hash.to_owned(), ..Snapshot::default() });
            true
        };
        world.ctx.records.change_job(job, &mut change).unwrap();
        job
    }

    fn delete(world: &World, name: &str) {
        let target = delete::Target::Runs { names: vec![name.to_owned()], ws: None };
        delete::execute(&world.ctx, &delete::plan(&world.ctx, &target).unwrap()).unwrap();
    }

    fn empty(world: &World) -> verb::Emptied {
        verb::empty(&world.ctx, &verb::plan_emptying(&world.ctx, None).unwrap(), &mut |_| {}).unwrap()
    }

    fn stored(world: &World) -> Vec<PathBuf> {
        let objects = Objects::new(&world.ctx.layout.files());
        let all = objects.unneeded(&HashSet::new(), Time::from_micros(i64::MAX)).unwrap();
        all.into_iter().map(|file| file.path).collect()
    }

    // Proves C12: what goes is what no job names any more, as the plan told it, and nothing that is shared.
    #[test]
    fn code_goes_with_the_last_job_that_needs_it() {
        let world = World::new();
        let objects = Objects::new(&world.ctx.layout.files());
        let (old, new) = (store(&objects, &["shared", "old"]), store(&objects, &["shared", "new"]));
        give(&world, &world.single("ws1"), &old);
        give(&world, &world.single("ws1"), &new);
        world.end_all();
        let all = stored(&world);
        assert_eq!(all.len(), 5);
        // A submit that was killed leaves the like of this.
        let part = world.ctx.layout.files().join("xt-store-info/objects/.tmpAbC.copy");
        fs::write(&part, "part").unwrap();
        let orphan = store(&objects, &["orphan"]);

        let plan = verb::plan_emptying(&world.ctx, None).unwrap();
        assert_eq!(plan.code.len(), 3, "the part, the orphan and its list: {:?}", plan.code);
        let hour = std::time::Duration::from_hours(1);
        assert_eq!(verb::plan_emptying(&world.ctx, Some(hour)).unwrap().code, [], "all of it is young");
        delete(&world, "run1");
        let plan = verb::plan_emptying(&world.ctx, None).unwrap();
        let bytes: u64 = plan.code.iter().map(|file| file.bytes).sum();
        assert_eq!(plan.code.len(), 5, "the old file and list too: {:?}", plan.code);
        let emptied = empty(&world);
        assert_eq!((emptied.code, emptied.code_left), (5, false));
        assert!(emptied.bytes >= bytes);
        assert_eq!(
            objects.manifest(&new).unwrap().files.iter().filter(|file| objects.has(&file.hash)).count(),
            2
        );
        assert!(objects.manifest(&old).is_err() && objects.manifest(&orphan).is_err() && !part.exists());
        assert_eq!(stored(&world).len(), 3);
    }

    // Proves C12, P1: a submit between its code and its job keeps that code, be it as old as it may.
    #[test]
    fn a_submit_under_way_keeps_its_code() {
        let world = World::new();
        let objects = Objects::new(&world.ctx.layout.files());
        store(&objects, &["found"]);
        let submit = objects.hold().unwrap();
        assert!(
            objects.has(blake3::hash(b"found").to_hex().as_str()),
            "it finds what is there, stores nothing"
        );
        let emptied = empty(&world);
        assert_eq!((emptied.code, emptied.code_left, stored(&world).len()), (0, true, 2));
        let hash = store(&objects, &["found"]);
        give(&world, &world.single("ws1"), &hash);
        drop(submit);
        let emptied = empty(&world);
        assert_eq!((emptied.code, emptied.code_left, stored(&world).len()), (0, false, 2));
    }

    // Proves C12, P1: the same with submits and emptyings at random points of each other.
    #[test]
    fn submits_and_emptyings_at_once_lose_no_code() {
        let world = World::new();
        let files = world.ctx.layout.files();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    empty(&world);
                }
            });
            for _ in 0..40 {
                let objects = Objects::new(&files);
                let held = objects.hold().unwrap();
                let hash = store(&objects, &["a", "b"]);
                let run = world.single("ws1");
                give(&world, &run, &hash);
                drop(held);
                let manifest = objects.manifest(&hash).unwrap();
                assert!(manifest.files.iter().all(|file| objects.has(&file.hash)));
                world.set(&run, crate::model::Status::Completed);
                delete(&world, &run.run.to_string());
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        empty(&world);
        assert_eq!(stored(&world), Vec::<PathBuf>::new());
    }

    // Proves C12, P8: a document that cannot be read names its code all the same, where it is and put away.
    #[test]
    fn a_damaged_job_keeps_its_code_until_the_trash_is_emptied() {
        let world = World::new();
        let hash = store(&Objects::new(&world.ctx.layout.files()), &["needed"]);
        let job = give(&world, &world.single("ws1"), &hash);
        world.end_all();
        world.damage("UPDATE jobs SET doc = substr(doc, 1, length(doc) - 1)");
        assert_eq!(empty(&world).code, 0);
        let repaired = crate::ops::repair::execute(&world.ctx).unwrap();
        assert_eq!(repaired.rebuilt, [job.to_string()]);
        assert_eq!(world.ctx.records.job(job).unwrap().launch.snapshot, None);
        let day = std::time::Duration::from_hours(24);
        let plan = verb::plan_emptying(&world.ctx, Some(day)).unwrap();
        verb::empty(&world.ctx, &plan, &mut |_| {}).unwrap();
        assert_eq!(stored(&world).len(), 2, "its document is still there to be mended");
        assert_eq!(empty(&world).code, 2);
    }
}
