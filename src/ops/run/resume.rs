//! `--resume-name`: the earlier run that a run goes on from.

use crate::model::RunPath;
use crate::model::names::visible;
use crate::ops::{Context, OpsError, Result, select};

/// The name of the run that is to be resumed, which must be in the workspace and have run something: its files are
/// read from there.
pub fn resumed(ctx: &Context, name: &str, ws: &str) -> Result<String> {
    let path = RunPath::parse(name.trim(), ws)?;
    if path.ws != ws {
        return Err(OpsError::Refused(format!(
            "{} is not in the workspace {}, and a run resumes one of its own: `xt copy run` brings it there",
            visible(&path.to_string()),
            visible(ws)
        )));
    }
    let run = select::run(ctx, name, Some(ws))?;
    if !run.executes() {
        let name = run.run_name;
        return Err(OpsError::Refused(format!("{name} stands for its children: resume one of {name}.*")));
    }
    Ok(run.run_name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;

    // Proves A6 (what is resumed exists and has files).
    #[test]
    fn what_is_resumed_is_a_run_of_the_workspace() {
        let world = World::new();
        world.single("ws1");
        world.family("ws1", 2);
        let said = |name: &str| resumed(&world.ctx, name, "ws1").map_err(|error| error.to_string());
        assert_eq!(said("run1"), Ok("run1".to_owned()));
        assert_eq!(said("ws1/run2.1"), Ok("run2.1".to_owned()));
        assert_eq!(said("run3"), Err("there is no run `ws1/run3`; did you mean `ws1/run2`?".to_owned()));
        assert_eq!(said("run2"), Err("run2 stands for its children: resume one of run2.*".to_owned()));
        assert!(said("far/run1").is_err_and(|error| error.contains("`xt copy run` brings it there")));
        assert!(said("train").is_err_and(|error| error.contains("is no run")));
    }
}
