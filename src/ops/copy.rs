//! `xt copy run`: a run with its history and files, once more in another workspace.

use crate::model::{Run, RunPath};
use crate::ops::files::{FilesLock, places};
use crate::ops::{Context, OpsError, Result, select};
use crate::store::files::{copy_folder, private_folder, remove_folder};

/// A run and its copy.
pub type Copied = (RunPath, RunPath);

/// Copies runs that have ended to a workspace that exists; each gets the next name there.
pub fn execute(ctx: &Context, names: &[String], ws: Option<&str>, to_ws: &str) -> Result<Vec<Copied>> {
    let runs = select::runs(ctx, names, ws)?;
    runs.iter().try_for_each(refuse)?;
    // The store answers an unknown name with the nearest one.
    ctx.records.experiments(Some(to_ws))?;
    let _lock = FilesLock::moving(ctx)?;
    runs.iter().map(|run| copy(ctx, run, to_ws)).collect()
}

fn refuse(run: &Run) -> Result<()> {
    let path = run.path();
    if run.is_parent {
        return Err(OpsError::Refused(format!(
            "{path} stands for its children: copy them, as in `xt copy run {path}.*`"
        )));
    }
    if run.status.is_waiting() || run.status.is_active() {
        return Err(OpsError::Refused(format!("{path} is {}: copy it when it has ended", run.status)));
    }
    Ok(())
}

/// The files are copied under another name first, so that a copy that fails leaves no record behind.
fn copy(ctx: &Context, run: &Run, to_ws: &str) -> Result<Copied> {
    let Some((from, _)) = places(&ctx.layout, run) else {
        return Err(OpsError::Refused(format!(
            "the record of {} names a workspace that cannot be",
            run.path()
        )));
    };
    let folder = ctx.layout.files().join(to_ws).join("runs");
    private_folder(&folder)?;
    let part = folder.join(format!(".{}.part", uuid::Uuid::new_v4()));
    let copied = copy_folder(&from, &part, &mut |_| {})
        .and_then(|()| ctx.records.copy_run(&run.path(), to_ws))
        .inspect_err(|_| drop(remove_folder(&part)))?;
    let to = ctx.layout.run_files(to_ws, copied);
    if part.exists() {
        std::fs::rename(&part, &to).map_err(OpsError::io("create", &to))?;
    }
    Ok((run.path(), RunPath::new(to_ws, copied)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;
    use crate::ops::testing::World;
    use crate::ops::workspace;

    // Proves B41: a copy is whole, and a thing of its own.
    #[test]
    fn a_copy_has_files_of_its_own() {
        let world = World::new();
        let ctx = &world.ctx;
        workspace::create(ctx, "other", None).unwrap();
        world.family("ws1", 2);
        world.end_all();
        let copied = execute(ctx, &["run1.*".to_owned()], None, "other").unwrap();
        let shown: Vec<_> = copied.iter().map(|(from, to)| format!("{from} {to}")).collect();
        assert_eq!(shown, ["ws1/run1.1 other/run1", "ws1/run1.2 other/run2"]);
        let console = |ws: &str, run: &str| {
            ctx.layout.files().join(ws).join("runs").join(run).join("after/output/console.txt")
        };
        std::fs::write(console("ws1", "run1.2"), "changed").unwrap();
        assert_eq!(std::fs::read_to_string(console("other", "run2")).unwrap(), "output of ws1/run1.2\n");
        assert_eq!(ctx.records.run(&copied[1].1).unwrap().status, Status::Completed);
        assert_eq!(crate::ops::files::run_folders(&ctx.layout.files()).count(), 4);
        assert_eq!(ctx.records.check().unwrap(), Vec::<String>::new());
    }

    // Proves B40.
    #[test]
    fn what_cannot_be_copied_is_refused_before_anything_is_touched() {
        let world = World::new();
        let ctx = &world.ctx;
        workspace::create(ctx, "other", None).unwrap();
        world.family("ws1", 1);
        let told = |name: &str, ws: &str| execute(ctx, &[name.to_owned()], None, ws).unwrap_err().to_string();
        assert_eq!(told("run1.1", "other"), "ws1/run1.1 is queued: copy it when it has ended");
        world.end_all();
        assert!(told("run1", "other").contains("`xt copy run ws1/run1.*`"));
        assert_eq!(told("run1.1", "othr"), "there is no workspace `othr`; did you mean `other`?");
        assert!(!ctx.layout.files().join("othr").exists());
    }
}
