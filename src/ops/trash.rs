//! `xt restore run`, `xt empty trash`.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::model::names::{Selector, nearest, words};
use crate::model::{Run, RunPath, Time};
use crate::ops::files::{FilesLock, attempts, move_folder, places, remove_empty, run_folders, trash};
use crate::ops::select::Matcher;
use crate::ops::{Context, OpsError, Result, code};
use crate::store::collect::Unneeded;
use crate::store::files::{folders, remove_folder};

/// Brings runs back by name, range or wildcard, with their files. A parent brings its children, a child its
/// parent, and all of them their workspace if that was deleted.
pub fn restore(ctx: &Context, names: &[String], ws: Option<&str>) -> Result<Vec<RunPath>> {
    let _lock = FilesLock::moving(ctx)?;
    let trashed: Vec<Run> = ctx.records.trash()?.into_iter().map(|(_, run)| run).collect();
    let runs = chosen(ctx, &trashed, names, ws)?;
    // Files first: a record that is back without them would claim what is not there.
    for (live, trashed) in runs.iter().filter_map(|run| places(&ctx.layout, run)) {
        move_folder(&trashed, &live)?;
        if let Some(folder) = trashed.parent() {
            remove_empty(folder, &trash(&ctx.layout));
        }
    }
    let paths: Vec<_> = runs.iter().map(|run| run.path()).collect();
    ctx.records.restore_runs(&paths)?;
    for ws in paths.iter().map(|path| path.ws.as_str()).collect::<BTreeSet<_>>() {
        restore_workspace_files(ctx, ws)?;
    }
    Ok(paths)
}

/// What a workspace had besides runs, when it was deleted as a whole.
fn restore_workspace_files(ctx: &Context, ws: &str) -> Result<()> {
    let from = trash(&ctx.layout).join(ws);
    for (name, folder) in folders(&from).filter(|(name, _)| name != "runs") {
        move_folder(&folder, &ctx.layout.files().join(ws).join(name))?;
    }
    remove_empty(&from, &trash(&ctx.layout));
    Ok(())
}

fn chosen<'a>(ctx: &Context, trashed: &'a [Run], names: &[String], ws: Option<&str>) -> Result<Vec<&'a Run>> {
    let mut chosen = BTreeSet::new();
    for word in words(names.iter().map(String::as_str)) {
        let (ws, name) = word
            .rsplit_once('/')
            .map_or_else(|| (ctx.workspace(ws), word), |(ws, name)| (ws.to_owned(), name));
        let matcher = Matcher::of(&Selector::run(name)?);
        let before = chosen.len();
        chosen.extend(
            trashed
                .iter()
                .filter(|run| run.ws == ws && matcher.is_match(run.run_num, &run.run_name))
                .map(|run| (&run.ws, run.run_name)),
        );
        if chosen.len() == before {
            let known: Vec<_> = trashed.iter().map(|run| run.path().to_string()).collect();
            let name = format!("{ws}/{name}");
            let nearest = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
            return Err(OpsError::Missing { what: "run in the trash", name, nearest });
        }
    }
    let family = |run: &&Run| {
        let parent = run.run_name.parent();
        let children = || {
            trashed.iter().filter(|child| child.ws == run.ws && child.run_name.parent() == Some(run.run_name))
        };
        chosen.contains(&(&run.ws, run.run_name))
            || parent.is_some_and(|parent| chosen.contains(&(&run.ws, parent)))
            || (run.is_parent && children().any(|child| chosen.contains(&(&child.ws, child.run_name))))
    };
    let mut runs: Vec<_> = trashed.iter().filter(family).collect();
    runs.sort_by(|a, b| (&a.ws, a.run_num).cmp(&(&b.ws, b.run_num)));
    Ok(runs)
}

/// What would be deleted for good: what lies in the trash since before a moment, and nothing that comes later.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    before: Time,
    /// The runs.
    pub runs: Vec<Run>,
    /// Files of code that no job needs then.
    pub code: Vec<Unneeded>,
}

/// Finds what lies in the trash for longer than an age; without one, all.
pub fn plan_emptying(ctx: &Context, older_than: Option<Duration>) -> Result<Plan> {
    let now = Time::now();
    let age = older_than.map_or(0, |age| i64::try_from(age.as_micros()).unwrap_or(i64::MAX));
    // What was deleted this very microsecond counts too when no age is asked for.
    let before = Time::from_micros(now.micros().saturating_sub(age).saturating_add(1));
    let (old, young): (Vec<_>, _) = ctx.records.trash()?.into_iter().partition(|(time, _)| *time < before);
    let runs: Vec<_> = old.into_iter().map(|(_, run)| run).collect();
    let kept = young.iter().map(|(_, run)| run.job_id).collect();
    let code = code::unneeded(ctx, &runs, &kept, before)?;
    Ok(Plan { before, runs, code })
}

/// What was deleted for good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emptied {
    /// The runs.
    pub runs: Vec<RunPath>,
    /// How many files of code that no job needs any more.
    pub code: usize,
    /// Such code may be left, for a submit was under way.
    pub code_left: bool,
    /// Bytes of all files.
    pub bytes: u64,
    /// What could not be removed, and why: nothing in the records speaks of it any more.
    pub left: Vec<String>,
}

impl Emptied {
    /// Removes a folder; one that stays keeps no other from being removed.
    fn remove(&mut self, folder: &Path) {
        match remove_folder(folder) {
            Ok(bytes) => self.bytes += bytes,
            Err(error) => self.left.push(error.to_string()),
        }
    }
}

/// Deletes for good: records, files, the attempts on this machine, and what was kept for jobs that have no
/// run left, and code that no job needs. `seen` is told of each run whose files are gone.
pub fn empty(ctx: &Context, plan: &Plan, seen: &mut dyn FnMut(&RunPath)) -> Result<Emptied> {
    let moving = FilesLock::moving(ctx)?;
    let forgotten = ctx.records.empty_trash(plan.before)?;
    let mut emptied = Emptied::default();
    for run in &forgotten.runs {
        let (live, trashed) = places(&ctx.layout, run).unzip();
        for folder in [live, trashed, attempts(&ctx.layout, run)].into_iter().flatten() {
            emptied.remove(&folder);
        }
        seen(&run.path());
        emptied.runs.push(run.path());
    }
    for job in &forgotten.jobs {
        emptied.remove(&ctx.layout.job_files(job.job_id));
        if crate::ops::files::is_plain(&job.job_guid)
            && let Some(folder) = ctx.layout.job_env(&job.job_guid).parent()
        {
            emptied.remove(folder);
        }
    }
    drop(moving);
    sweep(ctx, plan.before, &mut emptied)?;
    match code::collect(ctx, plan.before)? {
        Some((files, bytes)) => {
            emptied.code = files;
            emptied.bytes += bytes;
        }
        None => emptied.code_left = true,
    }
    Ok(emptied)
}

/// Removes from the trash's folder what no record there speaks of: left by an emptying that was cut off, or
/// by a workspace that had no runs.
fn sweep(ctx: &Context, before: Time, emptied: &mut Emptied) -> Result<()> {
    let _lock = FilesLock::sweeping(ctx)?;
    let root = trash(&ctx.layout);
    // Folders are looked at before records: a deletion records first and moves then.
    let (found, workspaces) = (run_folders(&root).collect::<Vec<_>>(), folders(&root).collect::<Vec<_>>());
    let left: BTreeSet<_> = ctx.records.trash()?.into_iter().map(|(_, run)| (run.ws, run.run_name)).collect();
    for (ws, run, folder) in found {
        if !left.contains(&(ws, run)) {
            emptied.remove(&folder);
        }
    }
    for (ws, folder) in workspaces {
        let modified = folder.metadata().and_then(|meta| meta.modified()).map(Time::from);
        if !left.iter().any(|(other, _)| *other == ws) && modified.is_ok_and(|modified| modified < before) {
            emptied.remove(&folder);
        }
    }
    Ok(())
}

/// Reads an age: `30d`, `12h`, `1w 2d`; a bare number counts days.
pub fn parse_age(text: &str) -> Result<Duration> {
    let wrong = || OpsError::Refused(format!("`{text}` is no age: write 30d, 12h or 2w"));
    let days = text.trim().parse::<u32>().map(|days| format!("{days}d"));
    let span: jiff::Span = days.as_deref().unwrap_or(text).trim().parse().map_err(|_| wrong())?;
    let relative = jiff::SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(relative).map_err(|_| wrong())?;
    Duration::try_from(duration).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;
    use crate::ops::delete::{self, Target};
    use crate::ops::testing::World;
    use rstest::rstest;

    fn delete(world: &World, name: &str) {
        let target = Target::Runs { names: vec![name.to_owned()], ws: None };
        delete::execute(&world.ctx, &delete::plan(&world.ctx, &target).unwrap()).unwrap();
    }

    fn restored(world: &World, name: &str) -> Vec<String> {
        let paths = restore(&world.ctx, &[name.to_owned()], None).unwrap();
        paths.iter().map(ToString::to_string).collect()
    }

    // Proves C12: deleted runs come back whole, families together.
    #[test]
    fn what_was_deleted_comes_back_with_its_files() {
        let world = World::new();
        world.family("ws1", 2);
        world.single("ws1");
        world.end_all();
        delete(&world, "run1");
        delete(&world, "run2");
        assert_eq!(world.ctx.records.trash().unwrap().len(), 4);
        let error = restore(&world.ctx, &["run7".to_owned()], None).unwrap_err().to_string();
        assert!(
            error.starts_with("there is no run in the trash `ws1/run7`; did you mean `ws1/run"),
            "{error}"
        );
        assert_eq!(restored(&world, "run1.2"), ["ws1/run1", "ws1/run1.2"]);
        assert_eq!(restored(&world, "run*"), ["ws1/run1.1", "ws1/run2"]);
        assert_eq!(world.names("ws1"), ["run1", "run1.1", "run1.2", "run2"]);
        let files = world.ctx.layout.files();
        assert!(files.join("ws1/runs/run1.2/after/output/console.txt").exists());
        assert!(run_folders(&trash(&world.ctx.layout)).next().is_none());
        assert_eq!(world.ctx.records.check().unwrap(), Vec::<String>::new());
    }

    // Proves C12: emptying takes all that no run needs, and nothing else.
    #[test]
    fn emptying_removes_what_was_planned_and_no_more() {
        let world = World::new();
        let first = world.single("ws1");
        let second = world.single("ws1");
        world.end_all();
        let layout = &world.ctx.layout;
        let run = |path| world.ctx.records.run(path).unwrap();
        let (gone, kept) = (run(&first), run(&second));
        let env = |run: &Run| layout.job_env(&world.ctx.records.job(run.job_id).unwrap().job_guid);
        let (gone_env, kept_env) = (env(&gone), env(&kept));
        std::fs::create_dir_all(layout.job_files(gone.job_id)).unwrap();

        delete(&world, "run1");
        assert!(plan_emptying(&world.ctx, Some(Duration::from_hours(1))).unwrap().runs.is_empty());
        let plan = plan_emptying(&world.ctx, None).unwrap();
        assert_eq!(plan.runs.len(), 1);
        delete(&world, "run2");
        // As if an emptying before this one had been cut off.
        std::fs::create_dir_all(trash(layout).join("ws1/runs/run99/after")).unwrap();
        let mut seen = Vec::new();
        let emptied = empty(&world.ctx, &plan, &mut |path| seen.push(path.clone())).unwrap();
        assert_eq!((&emptied.runs, &seen), (&vec![first.clone()], &vec![first]));
        assert!(emptied.bytes >= "output of ws1/run1\n".len() as u64);
        for (folder, exists) in [
            (trash(layout).join("ws1/runs/run1"), false),
            (trash(layout).join("ws1/runs/run99"), false),
            (layout.run(&gone.run_guid), false),
            (gone_env, false),
            (layout.job_files(gone.job_id), false),
            (trash(layout).join("ws1/runs/run2"), true),
            (layout.run(&kept.run_guid), true),
            (kept_env, true),
        ] {
            assert_eq!(folder.exists(), exists, "{}", folder.display());
        }
        assert_eq!(restored(&world, "run2"), ["ws1/run2"]);
    }

    // Proves C12, P10: a folder that cannot be removed keeps no other, and no environment with its secrets.
    #[test]
    fn what_cannot_be_removed_keeps_nothing_else() {
        let world = World::new();
        let paths = [world.single("ws1"), world.single("ws1")];
        world.end_all();
        let layout = &world.ctx.layout;
        let runs = paths.each_ref().map(|path| world.ctx.records.run(path).unwrap());
        let env = |run: &Run| layout.job_env(&world.ctx.records.job(run.job_id).unwrap().job_guid);
        let envs = runs.each_ref().map(env);
        assert!(envs.iter().all(|env| env.exists()));
        // A file where a folder should be is what not even root can remove as one.
        let stuck = layout.run(&runs[0].run_guid);
        std::fs::remove_dir_all(&stuck).unwrap();
        std::fs::write(&stuck, "").unwrap();
        delete(&world, "run1-run2");
        let emptied = empty(&world.ctx, &plan_emptying(&world.ctx, None).unwrap(), &mut |_| {}).unwrap();
        assert_eq!((emptied.runs.len(), emptied.left.len()), (2, 1));
        assert!(
            emptied.left[0].starts_with(&format!("cannot remove {}: ", stuck.display())),
            "{:?}",
            emptied.left
        );
        assert!(!layout.run(&runs[1].run_guid).exists());
        assert!(envs.iter().all(|env| !env.exists()));
    }

    // Proves P9: a record that names a path outside deletes nothing there.
    #[test]
    fn hostile_records_cannot_reach_outside() {
        let world = World::new();
        let evil = Run { ws: "../..".into(), run_guid: "../../victim".into(), ..Run::default() };
        assert_eq!(places(&world.ctx.layout, &evil), None);
        assert_eq!(attempts(&world.ctx.layout, &evil), None);
    }

    // Proves C12, P1: whatever step an emptying or deletion was cut off at, nothing comes back half.
    #[test]
    fn files_that_were_not_moved_yet_are_found_where_they_are() {
        let world = World::new();
        let path = world.single("ws1");
        world.set(&path, Status::Error);
        // The record went to the trash, and then the power went.
        world.ctx.records.trash_runs(std::slice::from_ref(&path)).unwrap();
        assert_eq!(restored(&world, "run1"), ["ws1/run1"]);
        world.ctx.records.trash_runs(&[path]).unwrap();
        empty(&world.ctx, &plan_emptying(&world.ctx, None).unwrap(), &mut |_| {}).unwrap();
        assert!(!world.ctx.layout.files().join("ws1/runs/run1").exists());
    }

    #[rstest]
    #[case("30d", Some(30 * 86400))]
    #[case("30", Some(30 * 86400))]
    #[case("12h", Some(12 * 3600))]
    #[case("1w 2d", Some(9 * 86400))]
    #[case("-3d", None)]
    #[case("soon", None)]
    #[case("", None)]
    fn ages(#[case] text: &str, #[case] seconds: Option<u64>) {
        assert_eq!(parse_age(text).ok().map(|age| age.as_secs()), seconds);
    }
}
