//! `xt extract`: all files of runs and jobs, to look into elsewhere. The plan is one of a download.

use std::path::Path;

use crate::model::names::words;
use crate::ops::blobs::download::Plan;
use crate::ops::blobs::{Place, root};
use crate::ops::select::is_job;
use crate::ops::{Context, OpsError, Result, select};
use crate::store::RunQuery;

/// Finds the files of runs and jobs: each goes into a folder of its own name. A job brings its runs along, and a
/// parent its children.
pub fn plan(ctx: &Context, names: &[String], ws: Option<&str>, folder: &Path) -> Result<Plan> {
    let (jobs, runs): (Vec<_>, Vec<_>) =
        words(names.iter().map(String::as_str)).map(str::to_owned).partition(|name| is_job(name));
    let mut plan = Plan::into(folder, ctx.node_files());
    let mut wanted = select::leaves(ctx, &runs, ws)?;
    wanted.extend(select::runs(ctx, &runs, ws)?);
    for job in select::jobs(ctx, &jobs)? {
        let query = RunQuery { jobs: vec![job.job_id], kind: crate::store::Kind::All, ..RunQuery::default() };
        wanted.extend(ctx.records.runs(&query)?);
        let place = Place { job: Some(job.job_id.to_string()), ..Place::default() };
        plan.add(&root(ctx, &place)?, &folder.join(job.job_id.to_string()))?;
    }
    wanted.sort_by(|a, b| (&a.ws, a.run_num).cmp(&(&b.ws, b.run_num)));
    wanted.dedup_by(|a, b| a.path() == b.path());
    let several = wanted.iter().any(|run| Some(&run.ws) != wanted.first().map(|first| &first.ws));
    for run in &wanted {
        let place = Place {
            workspace: Some(run.ws.clone()),
            run: Some(run.run_name.to_string()),
            ..Place::default()
        };
        // Runs of several workspaces may have the same names.
        let above = if several { folder.join(&run.ws) } else { folder.to_owned() };
        plan.add(&root(ctx, &place)?, &above.join(run.run_name.to_string()))?;
    }
    if plan.downloads.is_empty() {
        return Err(OpsError::Refused("these have no files yet: a run's files come when it ends".to_owned()));
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;

    // Proves A9, B18: all files of one run, of a family, of a job.
    #[test]
    fn everything_of_runs_and_jobs_comes_along() {
        let world = World::new();
        world.family("ws1", 2);
        world.single("ws1");
        let ctx = &world.ctx;
        let to = world.folder.path().join("to");
        let names = |words: &[&str]| -> Result<Vec<String>> {
            let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            let plan = plan(ctx, &words, None, &to)?;
            let name = |file: &crate::store::blobs::Download| {
                file.to.strip_prefix(&to).unwrap().to_str().unwrap().to_owned()
            };
            Ok(plan.downloads.iter().map(name).collect())
        };
        assert!(names(&["run2"]).unwrap_err().to_string().contains("have no files yet"));
        world.end_all();
        let console = |run: &str| format!("{run}/after/output/console.txt");
        assert_eq!(names(&["run2"]).unwrap(), [console("run2")]);
        assert_eq!(names(&["run1"]).unwrap(), [console("run1.1"), console("run1.2")]);
        let job = root(ctx, &Place { job: Some("job1".into()), ..Place::default() }).unwrap();
        ctx.files().unwrap().put(&job.join("before/git.diff"), b"+").unwrap();
        let all = ["job1/before/git.diff".to_owned(), console("run1.1"), console("run1.2")];
        assert_eq!(names(&["job1"]).unwrap(), all);
        let plan = plan(ctx, &["job1".to_owned()], None, &to).unwrap();
        crate::ops::blobs::download::execute(&plan, &mut |_| {}).unwrap();
        assert_eq!(std::fs::read_to_string(to.join(console("run1.2"))).unwrap(), "output of ws1/run1.2\n");
    }
}
