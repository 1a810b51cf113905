//! Where code comes from: commit, difference, interpreter, machine.

use std::path::Path;
use std::process::{Command, Stdio};

use super::command::find_program;
use super::environment::Environment;
use crate::model::Job;
use crate::model::job::Provenance;
use crate::ops::Result;
use crate::store::code::Objects;

/// A difference larger than this is not kept: it is data, not code.
const MOST: usize = 32 << 20;

/// What is known of a directory and a command at the submit.
pub fn of(directory: &Path, words: &[String], environment: &Environment) -> Provenance {
    let status = git(directory, &["status", "--porcelain=v2", "--branch", "--untracked-files=no"]);
    let status = status.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let header = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix("# branch.")?.strip_prefix(name));
        line.map(|value| value.trim().to_owned()).filter(|value| !value.starts_with('('))
    };
    let is_python =
        words.first().is_some_and(|word| Path::new(word).extension().is_some_and(|end| end == "py"));
    let program = if is_python { Some("python3") } else { words.first().map(String::as_str) };
    Provenance {
        git_commit: header("oid"),
        git_branch: header("head"),
        git_dirty: status.lines().any(|line| !line.starts_with('#')),
        git_diff: None,
        interpreter: program.and_then(find_program).map(|path| path.to_string_lossy().into_owned()),
        host: crate::node::process::host_name(),
        env_names: environment.names(),
    }
}

/// Keeps how the working tree differs from its commit; answers the difference's hash.
pub fn keep_diff(job: &Job, objects: &Objects) -> Result<Option<String>> {
    if !job.provenance.git_dirty {
        return Ok(None);
    }
    let diff = git(&job.launch.submit_dir, &["diff", "HEAD", "--no-ext-diff", "--no-textconv"]);
    Ok(diff.filter(|diff| diff.len() <= MOST).map(|diff| objects.put_bytes(&diff)).transpose()?)
}

/// What git answers; nothing where there is no git or no repository.
///
/// The repository's own configuration may not name programs to run: a clone is not to be trusted.
fn git(directory: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    // Starting git only to hear that there is no repository costs as much as the rest of a submit.
    if !directory.ancestors().any(|folder| folder.join(".git").exists()) {
        return None;
    }
    let output = Command::new("git")
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}
