//! The files of workspaces, experiments, jobs, runs and shares, and the verbs on them.
//!
//! | what | container | path |
//! | --- | --- | --- |
//! | a workspace | `<ws>` | `__ws__/` |
//! | an experiment | `<ws>` | `experiments/<experiment>/` |
//! | a run | `<ws>` | `runs/<run>/` |
//! | a job | `xt-store-info` | `jobs/<job>/` |
//! | a share | `xts-<share>-xts` | |
//!
//! The files of runs and jobs lie where the node leaves them; all others where the configuration has them.

pub mod archive;
pub mod delete;
pub mod download;
pub mod list;
pub mod upload;

use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use crate::model::RunPath;
use crate::model::names::{check_experiment, check_workspace, visible};
use crate::ops::{Context, OpsError, Result, select, share};
use crate::store::Files;
use crate::store::blobs::{Address, Blob, Depth, Entry, INFO, below};

/// Whose files are meant: of the workspace, unless one of the others is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The workspace; the usual one if none is named.
    pub workspace: Option<String>,
    /// A run.
    pub run: Option<String>,
    /// A job.
    pub job: Option<String>,
    /// An experiment.
    pub experiment: Option<String>,
    /// A share.
    pub share: Option<String>,
}

/// Where the files of a place are.
#[derive(Clone, Debug)]
pub struct Root {
    /// What keeps them.
    pub files: Arc<dyn Files>,
    /// The folder of all of them; its path ends with `/` or is empty.
    pub at: Address,
    /// What it is, for messages: "the run ws1/run3".
    pub name: String,
    /// The run, if it is one's.
    pub run: Option<RunPath>,
}

impl Root {
    /// Where a path below it is.
    pub fn join(&self, path: &str) -> Address {
        self.at.with_path(format!("{}{path}", self.at.path))
    }
}

/// Finds the files of a place; what is named must exist.
pub fn root(ctx: &Context, place: &Place) -> Result<Root> {
    let root = |files, container: &str, path: String, name: String| {
        let at = Address::new(container, path);
        Root { files, at, name, run: None }
    };
    if let Some(name) = &place.share {
        let container = share::existing(ctx, name)?;
        return Ok(root(ctx.files()?, &container, String::new(), format!("the share {name}")));
    }
    if let Some(name) = &place.job {
        let job = select::job(ctx, name)?.job_id;
        return Ok(root(ctx.node_files(), INFO, format!("jobs/{job}/"), format!("the job {job}")));
    }
    let ws = ctx.workspace(place.workspace.as_deref());
    if let Some(name) = &place.run {
        let path = select::run(ctx, name, Some(&ws))?.path();
        let inside = format!("runs/{}/", path.run);
        let root = root(ctx.node_files(), &path.ws, inside, format!("the run {path}"));
        return Ok(Root { run: Some(path), ..root });
    }
    check_workspace(&ws)?;
    if let Some(name) = &place.experiment {
        check_experiment(name)?;
        let told = format!("the experiment {ws}/{}", visible(name));
        return Ok(root(ctx.files()?, &ws, format!("experiments/{name}/"), told));
    }
    Ok(root(ctx.files()?, &ws, "__ws__/".to_owned(), format!("the workspace {ws}")))
}

/// Blobs that a path or a pattern means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The folder that their names are told from; its path ends with `/` or is empty.
    pub base: Address,
    /// The blobs, in the order of their paths.
    pub blobs: Vec<Blob>,
    /// The path was that of a blob, not of a folder and no pattern.
    pub single: bool,
}

impl Matched {
    /// A blob's name, from the folder.
    pub fn name<'a>(&self, blob: &'a Blob) -> &'a str {
        blob.path.strip_prefix(&self.base.path).unwrap_or(&blob.path)
    }
}

/// Whether a path has wildcards.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?'])
}

/// The blobs a path means: that blob, all of that folder, or what matches `*`, `?` and `**`. None is an error of
/// nobody's; the path itself must lead nowhere else.
pub fn matching(root: &Root, path: &str) -> Result<Matched> {
    let files = &root.files;
    let path = clean(path)?;
    if !is_pattern(path) && !path.is_empty() {
        let at = root.join(path);
        if let Some(blob) = files.stat(&at)? {
            let folder = at.path.rfind('/').and_then(|slash| at.path.get(..=slash)).unwrap_or_default();
            return Ok(Matched { base: at.with_path(folder), blobs: vec![blob], single: true });
        }
    }
    let (folder, matcher) = split(path)?;
    let base = root.join(&folder);
    let mut blobs = Vec::new();
    files.list(&base, Depth::All, &mut |entry| {
        if let Entry::Blob(blob) = entry {
            let inside = blob.path.strip_prefix(&root.at.path).unwrap_or_default();
            if matcher.as_ref().is_none_or(|matcher| matcher.is_match(inside)) {
                blobs.push(blob);
            }
        }
        Ok(())
    })?;
    Ok(Matched { base, blobs, single: false })
}

/// The folder that a path or pattern is about, with its `/`, and what its blobs must match.
fn split(path: &str) -> Result<(String, Option<GlobMatcher>)> {
    if !is_pattern(path) {
        let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
        return Ok((folder, None));
    }
    let plain = path.find(['*', '?']).and_then(|wild| path.get(..wild)).unwrap_or_default();
    let folder = plain.rfind('/').and_then(|slash| plain.get(..=slash)).unwrap_or_default();
    Ok((folder.to_owned(), Some(glob(path)?)))
}

/// A pattern in which `*` and `?` stay within a folder, `**` does not, and all else is meant as it is.
pub(super) fn glob(pattern: &str) -> Result<GlobMatcher> {
    let mut text = String::new();
    for c in pattern.chars() {
        if matches!(c, '[' | ']' | '{' | '}' | '!' | '\\') {
            text.extend(['[', c, ']']);
        } else {
            text.push(c);
        }
    }
    let glob = GlobBuilder::new(&text).literal_separator(true).backslash_escape(false).build();
    let glob = glob.map_err(|error| {
        OpsError::Refused(format!("the pattern `{}` cannot be read: {}", visible(pattern), error.kind()))
    })?;
    Ok(glob.compile_matcher())
}

/// A path as people write it, without `./` before and `/` after it; empty for everything.
fn clean(path: &str) -> Result<&str> {
    let mut path = path.trim_end_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    if matches!(path, "" | ".") {
        return Ok("");
    }
    if below("".as_ref(), path).is_some() {
        return Ok(path);
    }
    Err(OpsError::Refused(format!(
        "`{}` is no path of a blob: it must lead down, without `..`, empty steps or a `/` before it",
        visible(path)
    )))
}

/// Where something of this name goes: to the path that is said, into the folder if it is said to be one.
pub(super) fn target(root: &Root, to: Option<&str>, name: &str) -> Result<Address> {
    let path = match to {
        None | Some("." | "./" | "") => name.to_owned(),
        Some(to) if to.ends_with('/') => format!("{}/{name}", clean(to)?),
        Some(to) => clean(to)?.to_owned(),
    };
    if is_pattern(&path) && to.is_some() {
        return Err(OpsError::Refused(format!("`{}` cannot be a target: it has wildcards", visible(&path))));
    }
    Ok(root.join(&path))
}

/// Says that nothing was found, and where.
pub(super) fn nothing(root: &Root, path: &str) -> OpsError {
    let what = if path.is_empty() {
        "there are no blobs".to_owned()
    } else {
        format!("no blob matches `{}`", visible(path))
    };
    OpsError::Refused(format!("{what} of {}; `xt list blobs` tells what there is", root.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;
    use rstest::rstest;

    // Proves A9: each place has its container and folder, as XTLib has them.
    #[test]
    fn places_lie_where_xtlib_has_them() {
        let world = World::new();
        let run = world.family("ws2", 1).remove(0);
        let at = |change: fn(&mut Place)| {
            let mut place = Place { workspace: Some("ws2".to_owned()), ..Place::default() };
            change(&mut place);
            root(&world.ctx, &place).map(|root| root.at.to_string()).map_err(|error| error.to_string())
        };
        assert_eq!(at(|_| {}).unwrap(), "ws2/__ws__/");
        assert_eq!(run.to_string(), "ws2/run1.1");
        assert_eq!(at(|place| place.run = Some("run1.1".into())).unwrap(), "ws2/runs/run1.1/");
        assert_eq!(at(|place| place.job = Some("job1".into())).unwrap(), "xt-store-info/jobs/job1/");
        assert_eq!(at(|place| place.experiment = Some("e 1".into())).unwrap(), "ws2/experiments/e 1/");
        assert!(at(|place| place.experiment = Some("../x".into())).is_err());
        assert!(at(|place| place.workspace = Some("xt-store-info".into())).is_err());
        assert!(at(|place| place.run = Some("run9".into())).unwrap_err().contains("there is no run"));
        let told = at(|place| place.share = Some("data".into())).unwrap_err();
        assert_eq!(told, "there is no share `data`");
        share::create(&world.ctx, "data").unwrap();
        assert_eq!(at(|place| place.share = Some("data".into())).unwrap(), "xts-data-xts/");
    }

    // Proves A9, P9: `*` stays within a folder, `**` does not, and nothing leads elsewhere.
    #[rstest]
    #[case("", &["a.py", "b/c.py", "b/d/[x].py"])]
    #[case(".", &["a.py", "b/c.py", "b/d/[x].py"])]
    #[case("**", &["a.py", "b/c.py", "b/d/[x].py"])]
    #[case("*.py", &["a.py"])]
    #[case("b", &["c.py", "d/[x].py"])]
    #[case("./b/", &["c.py", "d/[x].py"])]
    #[case("b/**", &["c.py", "d/[x].py"])]
    #[case("b/*", &["c.py"])]
    #[case("**/[x].py", &["b/d/[x].py"])]
    #[case("b/c.py", &["c.py"])]
    #[case("b/?.py", &["c.py"])]
    #[case("none", &[])]
    fn patterns_mean(#[case] path: &str, #[case] expected: &[&str]) {
        let world = World::new();
        let root = root(&world.ctx, &Place::default()).unwrap();
        for name in ["a.py", "b/c.py", "b/d/[x].py"] {
            world.ctx.files().unwrap().put(&root.join(name), b"x").unwrap();
        }
        let found = matching(&root, path).unwrap();
        let names: Vec<_> = found.blobs.iter().map(|blob| found.name(blob)).collect();
        assert_eq!(names, expected);
        for wrong in ["../x", "/etc", "a//b", "b/../../x"] {
            let told = matching(&root, wrong).unwrap_err().to_string();
            assert!(told.contains("is no path of a blob"), "{told}");
        }
    }
}
