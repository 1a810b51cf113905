//! A shell where a run is: in the directory it works in, or with the files it left.

use std::path::PathBuf;

use crate::model::RunPath;
use crate::node::attempt::Attempt;
use crate::ops::{Context, OpsError, Result};

/// A shell to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    /// The program.
    pub program: String,
    /// Where it starts.
    pub directory: PathBuf,
    /// What is set for it, besides the person's own environment.
    pub environment: Vec<(&'static str, String)>,
    /// The run has ended: what lies there is the record of it.
    pub ended: bool,
}

/// Finds out where a run's shell is to start.
pub fn plan(ctx: &Context, path: &RunPath) -> Result<Shell> {
    let run = ctx.records.run(path)?;
    let files = ctx.layout.run_files(&run.ws, run.run_name);
    let attempt = Attempt::at(ctx.layout.attempt(&run.run_guid, run.attempt));
    let working = run.status.is_active().then(|| attempt.spec().map(|spec| spec.directory));
    let directory = match working {
        // Without a `.` at its end.
        Some(Ok(directory)) => directory.components().collect(),
        Some(Err(_)) => {
            let place = run.box_name.as_deref().unwrap_or("another machine");
            return Err(OpsError::Refused(format!(
                "{path} works on {place}, not here: its directory is there"
            )));
        }
        None => files.clone(),
    };
    if !directory.is_dir() {
        let why = if run.status.is_waiting() { "has not started yet" } else { "left no files" };
        return Err(OpsError::Refused(format!("{path} {why}: there is no directory for a shell")));
    }
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    // Not the ids by which the processes of a run are told: the end of the run would end the shell.
    let environment = vec![
        ("XT_RUN_NAME", run.run_name.to_string()),
        ("XT_WORKSPACE_NAME", run.ws.clone()),
        ("XT_EXPERIMENT_NAME", run.exper_name.clone()),
        ("XT_JOB_ID", run.job_id.to_string()),
        ("XT_RUN_FILES", text(files)),
        ("XT_OUTPUT_DIR", text(attempt.output())),
    ];
    let program = std::env::var("SHELL").ok().filter(|shell| !shell.is_empty());
    let program = program.unwrap_or_else(|| "/bin/sh".to_owned());
    Ok(Shell { program, directory, environment, ended: run.status.is_final() })
}

#[cfg(test)]
mod tests {
    // Proves B34 (a shell in the run's directory).
    use super::*;
    use crate::model::Status;
    use crate::ops::testing::World;

    #[test]
    fn a_shell_starts_where_the_run_is() {
        let world = World::new();
        let run = world.single("ws1");
        let error = plan(&world.ctx, &run).unwrap_err().to_string();
        assert_eq!(error, "ws1/run1 has not started yet: there is no directory for a shell");
        world.set(&run, Status::Completed);
        let shell = plan(&world.ctx, &run).unwrap();
        assert_eq!((shell.directory, shell.ended), (world.ctx.layout.run_files("ws1", run.run), true));
        assert!(shell.environment.contains(&("XT_RUN_NAME", "run1".into())));
        assert!(!shell.environment.iter().any(|(name, _)| *name == "XT_RUN_GUID"));
    }

    #[test]
    fn the_directory_of_an_active_run_is_its_working_directory() {
        let world = World::new();
        let run = world.single("ws1");
        world.set(&run, Status::Running);
        let error = plan(&world.ctx, &run).unwrap_err().to_string();
        assert!(error.contains("not here"), "{error}");
        let record = world.ctx.records.run(&run).unwrap();
        let work = world.folder.path().join("work");
        std::fs::create_dir(&work).unwrap();
        let spec = crate::node::attempt::Spec {
            run_guid: record.run_guid.clone(),
            attempt: 1,
            command: vec![],
            directory: work.clone(),
            environment: vec![],
            umask: 0o022,
            tty: false,
            limit: None,
            grace: 1.0,
        };
        Attempt::at(world.ctx.layout.attempt(&record.run_guid, 1)).write_spec(&spec).unwrap();
        assert_eq!(plan(&world.ctx, &run).unwrap().directory, work);
    }
}
