//! `xt check store --repair`: puts records away that cannot be read. Nothing of them is destroyed.

use serde::Serialize;

use crate::model::Time;
use crate::ops::code::quarantine;
use crate::ops::delete::{self, refuse_supervised};
use crate::ops::{Context, Result};
use crate::store::code::write_whole;

/// What was put away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// Runs that are in the trash now, as they were.
    pub trashed: Vec<String>,
    /// Jobs whose records were written anew from their runs; what was there before is in the trash's folder.
    pub rebuilt: Vec<String>,
    /// What could not be put away, and why.
    pub left: Vec<String>,
}

/// Moves unreadable runs to the trash, and writes unreadable jobs anew: their runs keep what they have, and those
/// that wait end, for how they are started is lost.
pub fn execute(ctx: &Context) -> Result<Repaired> {
    let found = ctx.records.unreadable()?;
    let mut repaired = Repaired::default();
    let mut plan = delete::Plan::default();
    for run in found.runs {
        match refuse_supervised(ctx, &run) {
            Ok(()) => plan.runs.push(run),
            Err(error) => repaired.left.push(error.to_string()),
        }
    }
    repaired.trashed = delete::execute(ctx, &plan)?.iter().map(ToString::to_string).collect();
    for (job, doc) in found.jobs {
        // It is safe on the disk before it is replaced.
        let name = format!("{job}-{}.json", Time::now().micros());
        write_whole(&quarantine(&ctx.layout).join(name), &doc)?;
        if ctx.records.rebuild_job(job)? {
            repaired.rebuilt.push(job.to_string());
        }
    }
    Ok(repaired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;
    use crate::node::attempt::{Attempt, Spec, Started};
    use crate::node::process::Identity;
    use crate::ops::testing::World;
    use crate::ops::{OpsError, check, trash};

    fn delete(world: &World, name: &str) -> Result<Vec<crate::model::RunPath>> {
        let target = delete::Target::Runs { names: vec![name.to_owned()], ws: None };
        delete::execute(&world.ctx, &delete::plan(&world.ctx, &target)?)
    }

    // Proves C12, P8: what cannot be read is told, put away with nothing lost, and then the store is sound.
    #[test]
    fn unreadable_records_are_put_away_and_nothing_is_lost() {
        let world = World::new();
        let ctx = &world.ctx;
        world.single("ws1");
        world.family("ws1", 2);
        world.damage("UPDATE run_docs SET doc = '{\"ws\"' WHERE id = 1");
        world.damage("UPDATE jobs SET doc = 'damaged' WHERE num = 2");
        let findings = check::execute(ctx, &mut |_| {}).unwrap().findings;
        assert!(
            findings.iter().any(|finding| finding.starts_with("ws1/run1: its record cannot be read")),
            "{findings:?}"
        );
        assert_eq!(findings.len(), 2);
        assert!(
            findings.iter().any(|finding| finding.starts_with("job2: its record cannot be read")),
            "{findings:?}"
        );

        let repaired = execute(ctx).unwrap();
        assert_eq!(
            repaired,
            Repaired { trashed: vec!["ws1/run1".into()], rebuilt: vec!["job2".into()], left: vec![] }
        );
        assert_eq!(world.names("ws1"), ["run2", "run2.1", "run2.2"]);
        assert_eq!(ctx.records.job(crate::model::JobName(2)).unwrap().error_runs, 2, "they can never start");
        assert_eq!(ctx.records.check().unwrap(), Vec::<String>::new());
        let kept: Vec<_> = std::fs::read_dir(quarantine(&ctx.layout)).unwrap().flatten().collect();
        assert_eq!(std::fs::read_to_string(kept[0].path()).unwrap(), "damaged");
        assert_eq!(execute(ctx).unwrap(), Repaired::default());
        assert_eq!(check::execute(ctx, &mut |_| {}).unwrap().findings, Vec::<String>::new());

        trash::restore(ctx, &["run1".to_owned()], None).unwrap();
        assert_eq!(ctx.records.unreadable().unwrap().runs.len(), 1);
    }

    // Proves P8: a waiting run that cannot be read can be deleted; one that runs is ended first.
    #[test]
    fn an_unreadable_run_is_deleted_unless_it_runs() {
        let world = World::new();
        let ctx = &world.ctx;
        world.single("ws1");
        let run = world.single("ws1");
        world.set(&run, Status::Running);
        let attempt = Attempt::at(ctx.layout.attempt(&ctx.records.run(&run).unwrap().run_guid, 1));
        let spec = Spec {
            run_guid: String::new(),
            attempt: 1,
            command: Vec::new(),
            directory: "/".into(),
            environment: vec![
                ("XT_RUN_NAME".into(), "run2".into()),
                ("XT_WORKSPACE_NAME".into(), "ws1".into()),
            ],
            umask: 0,
            tty: false,
            limit: None,
            grace: 0.0,
        };
        attempt.write_spec(&spec).unwrap();
        let lock = attempt.take().unwrap();
        attempt.write_started(&Started { shim: Identity::own(), script: None, time: Time::now() }).unwrap();
        world.damage("UPDATE run_docs SET doc = ''");

        assert_eq!(delete(&world, "run1").unwrap().len(), 1);
        let error = delete(&world, "run*").unwrap_err();
        assert!(
            matches!(&error, OpsError::Refused(why) if why.contains(&format!("`kill {}`", std::process::id()))),
            "{error}"
        );
        assert_eq!(execute(ctx).unwrap().left, [error.to_string()]);
        drop(lock);
        assert_eq!(delete(&world, "run2").unwrap().len(), 1);
    }

    // Proves P8: of many runs that are cancelled, one that cannot be read keeps none from it.
    #[test]
    fn a_cancel_passes_an_unreadable_run_over() {
        let world = World::new();
        world.single("ws1");
        world.single("ws1");
        world.damage("UPDATE run_docs SET doc = '' WHERE id = 1");
        let target = crate::ops::cancel::Target::Runs { names: vec!["run*".into()], ws: None };
        let plan = crate::ops::cancel::plan(&world.ctx, &[target]).unwrap();
        assert_eq!((plan.runs.len(), plan.unreadable.len()), (1, 1));
    }
}
