//! `xt create workspace`, `xt delete workspace`.

use crate::model::names::check_workspace;
use crate::model::{Time, Workspace};
use crate::ops::files::{FilesLock, move_folder, remove_empty, trash};
use crate::ops::{Context, OpsError, Result, delete};
use crate::store::RunQuery;
use crate::store::files::folders;

/// Creates a workspace.
pub fn create(ctx: &Context, name: &str, description: Option<&str>) -> Result<Workspace> {
    check_workspace(name)?;
    let workspace = Workspace {
        ws: name.to_owned(),
        description: description.unwrap_or_default().to_owned(),
        create_time: Time::now(),
        username: ctx.username.clone(),
        ..Workspace::default()
    };
    ctx.records.create_workspace(&workspace)?;
    Ok(workspace)
}

/// The workspace that would be deleted, and the runs that would go to the trash.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The workspace.
    pub workspace: Workspace,
    /// How many experiments it has.
    pub experiments: usize,
    /// How many jobs it has.
    pub jobs: usize,
    /// Its runs.
    pub runs: delete::Plan,
}

/// Finds out what a workspace has; all of its runs must have ended.
pub fn plan(ctx: &Context, name: &str) -> Result<Plan> {
    // The store answers an unknown name with the nearest one.
    let experiments = ctx.records.experiments(Some(name))?.len();
    let known = ctx.records.workspaces()?.into_iter().find(|workspace| workspace.ws == name);
    let workspace =
        known.ok_or_else(|| OpsError::Missing { what: "workspace", name: name.to_owned(), nearest: None })?;
    let runs = ctx.records.runs(&RunQuery { ws: Some(name.to_owned()), ..RunQuery::default() })?;
    delete::refuse_unfinished(ctx, &runs)?;
    let jobs = ctx.records.jobs(Some(name), None)?.len();
    Ok(Plan { workspace, experiments, jobs, runs: delete::Plan { runs } })
}

/// Moves its runs to the trash and deletes the workspace; refused by the store when a run was submitted
/// meanwhile.
pub fn execute(ctx: &Context, plan: &Plan) -> Result<()> {
    let name = &plan.workspace.ws;
    delete::execute(ctx, &plan.runs)?;
    ctx.records.delete_workspace(name)?;
    let _lock = FilesLock::moving(ctx)?;
    let files = ctx.layout.files().join(name);
    for (part, folder) in folders(&files) {
        move_folder(&folder, &trash(&ctx.layout).join(name).join(part))?;
    }
    remove_empty(&files, &ctx.layout.files());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;
    use crate::ops::trash as verb;

    // Proves A1, C12, B40: a workspace goes with all it has, and comes back with the first of its runs.
    #[test]
    fn a_workspace_goes_and_comes_back() {
        let world = World::new();
        let ctx = &world.ctx;
        create(ctx, "curious", Some("what if")).unwrap();
        assert_eq!(ctx.records.workspaces().unwrap()[0].description, "what if");
        world.family("curious", 2);
        assert!(plan(ctx, "curious").unwrap_err().to_string().contains("have not ended"));
        world.end_all();
        let share = ctx.layout.files().join("curious/__ws__/notes");
        std::fs::create_dir_all(&share).unwrap();

        let plan_of = plan(ctx, "curious").unwrap();
        assert_eq!((plan_of.experiments, plan_of.jobs, plan_of.runs.count()), (1, 1, 2));
        execute(ctx, &plan_of).unwrap();
        assert_eq!(ctx.records.workspaces().unwrap(), []);
        assert!(!ctx.layout.files().join("curious").exists());

        verb::restore(ctx, &["curious/run1".to_owned()], None).unwrap();
        assert_eq!(world.names("curious"), ["run1", "run1.1", "run1.2"]);
        assert!(share.exists());
        assert_eq!(ctx.records.check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn emptying_takes_the_rest_of_a_deleted_workspace() {
        let world = World::new();
        let ctx = &world.ctx;
        create(ctx, "bare", None).unwrap();
        std::fs::create_dir_all(ctx.layout.files().join("bare/__ws__/notes")).unwrap();
        execute(ctx, &plan(ctx, "bare").unwrap()).unwrap();
        let rest = trash(&ctx.layout).join("bare");
        let day = std::time::Duration::from_hours(24);
        verb::empty(ctx, &verb::plan_emptying(ctx, Some(day)).unwrap(), &mut |_| {}).unwrap();
        assert!(rest.exists());
        verb::empty(ctx, &verb::plan_emptying(ctx, None).unwrap(), &mut |_| {}).unwrap();
        assert!(!rest.exists());
    }

    // Proves P9, B40: names are checked, unknown ones get a suggestion, and case alone makes no difference.
    #[test]
    fn names_are_checked() {
        let world = World::new();
        create(&world.ctx, "curious", None).unwrap();
        let told = |name: &str| create(&world.ctx, name, None).unwrap_err().to_string();
        assert!(told("a/b").starts_with("`a/b` cannot be the name of a workspace"));
        assert!(told("curious").starts_with("there is a workspace `curious` already"));
        assert!(told("Curious").contains("only in case"));
        let error = plan(&world.ctx, "curios").unwrap_err().to_string();
        assert_eq!(error, "there is no workspace `curios`; did you mean `curious`?");
    }
}
