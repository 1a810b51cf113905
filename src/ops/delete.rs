//! `xt delete run`, `xt delete experiment`: into the trash, from which they can be restored.

use crate::model::names::{Selector, nearest};
use crate::model::{Run, RunPath};
use crate::node::attempt::{Attempt, State};
use crate::ops::files::{FilesLock, move_folder, places, remove_empty};
use crate::ops::{Context, OpsError, Result, select};
use crate::store::files::folders;
use crate::store::{Kind, RunQuery};

/// What to delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Runs by name, range, wildcard; a parent takes its children along.
    Runs {
        /// The names.
        names: Vec<String>,
        /// The workspace of names without one.
        ws: Option<String>,
    },
    /// All runs of an experiment.
    Experiment {
        /// Its name.
        name: String,
        /// Its workspace.
        ws: Option<String>,
    },
}

/// The runs that would be deleted, and no others: what is submitted later stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The runs, by workspace and number.
    pub runs: Vec<Run>,
}

impl Plan {
    /// How many of the runs execute something (parents are not counted).
    pub fn count(&self) -> usize {
        self.runs.iter().filter(|run| !run.is_parent).count()
    }
}

/// Finds the runs that are meant; all of them must have ended.
pub fn plan(ctx: &Context, target: &Target) -> Result<Plan> {
    let mut runs = match target {
        Target::Runs { names, ws } => {
            let runs = select::runs_or_rest(ctx, names, ws.as_deref())?;
            with_children(ctx, runs)?
        }
        Target::Experiment { name, ws } => of_experiment(ctx, name, &ctx.workspace(ws.as_deref()))?,
    };
    runs.sort_by(|a, b| (&a.ws, a.run_num).cmp(&(&b.ws, b.run_num)));
    runs.dedup_by(|a, b| a.path() == b.path());
    refuse_unfinished(ctx, &runs)?;
    Ok(Plan { runs })
}

fn with_children(ctx: &Context, mut runs: Vec<Run>) -> Result<Vec<Run>> {
    let parents: Vec<_> = runs.iter().filter(|run| run.is_parent).map(Run::path).collect();
    for parent in parents {
        let (first, last) = (parent.run.child(1), parent.run.child(999_999));
        runs.extend(ctx.records.runs(&RunQuery {
            ws: Some(parent.ws),
            names: vec![Selector::Numbers(first.run_num(), last.run_num())],
            ..RunQuery::default()
        })?);
    }
    Ok(runs)
}

fn of_experiment(ctx: &Context, name: &str, ws: &str) -> Result<Vec<Run>> {
    let runs = ctx.records.runs(&RunQuery {
        ws: Some(ws.to_owned()),
        experiments: vec![name.to_owned()],
        kind: Kind::All,
        ..RunQuery::default()
    })?;
    if runs.is_empty() {
        let known = ctx.records.experiments(Some(ws))?;
        let nearest = nearest(name, known.iter().map(|known| known.exper_name.as_str())).map(str::to_owned);
        return Err(OpsError::Missing { what: "experiment", name: format!("{ws}/{name}"), nearest });
    }
    Ok(runs)
}

/// Refuses runs that wait or are active; a parent is what its children are. One whose record cannot be read will
/// never start, and only its supervisor can tell whether it is still there.
pub(super) fn refuse_unfinished(ctx: &Context, runs: &[Run]) -> Result<()> {
    let open =
        |run: &&Run| (!run.is_parent || run.leads) && (run.status.is_waiting() || run.status.is_active());
    for run in runs.iter().filter(open).filter(|run| run.unreadable) {
        refuse_supervised(ctx, run)?;
    }
    let unfinished: Vec<_> = runs.iter().filter(open).filter(|run| !run.unreadable).collect();
    let (Some(first), more) = (unfinished.first(), unfinished.len().saturating_sub(1)) else {
        return Ok(());
    };
    let (path, status) = (first.path(), first.status);
    Err(OpsError::Refused(if more == 0 {
        format!("{path} is {status}: cancel it first, with `xt cancel run {path}`")
    } else {
        format!("{path} is {status}, and {more} more have not ended: cancel them first, with `xt cancel run`")
    }))
}

/// Refuses a run whose record cannot be read while an attempt of it is alive on this machine: its directory says
/// whose it is.
pub(super) fn refuse_supervised(ctx: &Context, run: &Run) -> Result<()> {
    let runs = folders(&ctx.layout.node().join("runs"));
    for (_, folder) in runs.flat_map(|(_, folder)| folders(&folder)) {
        let attempt = Attempt::at(folder);
        let Ok(State::Alive(started)) = attempt.state() else { continue };
        let Ok(spec) = attempt.spec() else { continue };
        let has = |name: &str, value: &str| {
            spec.environment.iter().any(|(own, found)| own == name && found == value)
        };
        if has("XT_RUN_NAME", &run.run_name.to_string()) && has("XT_WORKSPACE_NAME", &run.ws) {
            let how = started.map_or("try again in a moment".to_owned(), |started| {
                format!("end it first, with `kill {}`", started.shim.pid)
            });
            return Err(OpsError::Refused(format!(
                "{} is running, though its record cannot be read: {how}",
                run.path()
            )));
        }
    }
    Ok(())
}

/// Moves the planned runs to the trash: their records in one step, then their files.
pub fn execute(ctx: &Context, plan: &Plan) -> Result<Vec<RunPath>> {
    let _lock = FilesLock::moving(ctx)?;
    let paths: Vec<_> = plan.runs.iter().map(Run::path).collect();
    if !paths.is_empty() {
        ctx.records.trash_runs(&paths)?;
    }
    for (live, trashed) in plan.runs.iter().filter_map(|run| places(&ctx.layout, run)) {
        move_folder(&live, &trashed)?;
        if let Some(folder) = live.parent() {
            remove_empty(folder, &ctx.layout.files());
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;
    use crate::ops::files::trash;
    use crate::ops::testing::World;
    use crate::store::StoreError;

    fn runs(names: &[&str]) -> Target {
        Target::Runs { names: names.iter().map(|name| (*name).to_owned()).collect(), ws: None }
    }

    // Proves B41, C12: a parent takes its children along, and files follow their records.
    #[test]
    fn runs_and_their_files_go_to_the_trash() {
        let world = World::new();
        world.family("ws1", 2);
        world.single("ws1");
        world.end_all();
        let files = world.ctx.layout.files();
        assert!(files.join("ws1/runs/run1.2/after/output/console.txt").exists());

        let plan = plan(&world.ctx, &runs(&["run1"])).unwrap();
        let names: Vec<_> = plan.runs.iter().map(|run| run.run_name.to_string()).collect();
        assert_eq!(names, ["run1", "run1.1", "run1.2"]);
        assert_eq!(plan.count(), 2);
        execute(&world.ctx, &plan).unwrap();
        assert!(!files.join("ws1/runs/run1.2").exists());
        assert!(files.join("ws1/runs/run2").exists());
        assert!(trash(&world.ctx.layout).join("ws1/runs/run1.2/after/output/console.txt").exists());
        assert_eq!(world.names("ws1"), ["run2"]);
    }

    // Proves B40, C12: what is planned is what is deleted, and nothing that may still do something.
    #[test]
    fn active_runs_are_refused_and_later_ones_stay() {
        let world = World::new();
        let first = world.single("ws1");
        let told = |target| plan(&world.ctx, &target).unwrap_err().to_string();
        let experiment = |name: &str| Target::Experiment { name: name.to_owned(), ws: None };
        world.set(&first, Status::Running);
        assert_eq!(
            told(runs(&["run1"])),
            "ws1/run1 is running: cancel it first, with `xt cancel run ws1/run1`"
        );
        world.single("ws1");
        assert!(told(experiment("exper1")).contains("and 1 more have not ended"));
        assert_eq!(told(experiment("exper2")), "there is no experiment `ws1/exper2`; did you mean `exper1`?");
        assert!(told(runs(&["run9"])).starts_with("there is no run `ws1/run9`; did you mean `ws1/run"));
        world.end_all();
        let plan = plan(&world.ctx, &experiment("exper1")).unwrap();
        world.single("ws1");
        execute(&world.ctx, &plan).unwrap();
        assert_eq!(world.names("ws1"), ["run3"]);
    }

    #[test]
    fn a_backup_under_way_refuses_a_move_before_anything_is_touched() {
        let world = World::new();
        world.single("ws1");
        world.end_all();
        let plan = plan(&world.ctx, &runs(&["run1"])).unwrap();
        let backup = FilesLock::backup(&world.ctx).unwrap();
        let error = execute(&world.ctx, &plan).unwrap_err().to_string();
        assert!(error.starts_with("a backup of the store is being made"), "{error}");
        assert_eq!(world.names("ws1"), ["run1"]);
        drop(backup);
        execute(&world.ctx, &plan).unwrap();
        let again = execute(&world.ctx, &plan).unwrap_err();
        assert!(matches!(again, OpsError::Store(StoreError::Missing { what: "run", .. })), "{again}");
    }
}
