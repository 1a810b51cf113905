//! A home of its own in which the program is tried, and from which it is cleared away without a trace.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::config::{self, Home, Sources};
use crate::node::Layout;
use crate::node::lock::ControllerLock;
use crate::node::places;
use crate::node::process::{self, Identity};
use crate::ops::{Context, OpsError, Result};
use crate::store::files::{folders, private_folder};
use crate::store::sqlite::Durability;

/// What does not come within this time does not come.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often something that is awaited is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// The name of every such home begins with this, and goes on with the process it belongs to.
const PREFIX: &str = "quicktest-";

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    /// Its exit status.
    pub status: Option<i32>,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: String,
}

/// The home; it is cleared away when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    root: TempDir,
    home: Home,
    layout: Layout,
}

impl Sandbox {
    /// Makes a home in the cache folder.
    pub fn new(home: &Home) -> Result<Self> {
        private_folder(&home.cache)?;
        clear_left_over(&home.cache);
        let root = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir_in(&home.cache)
            .map_err(OpsError::io("create a folder in", &home.cache))?;
        private_folder(&root.path().join("project"))?;
        let home = Home::below(&root.path().join("home"));
        let layout = Layout::new(&home.data, &home.cache, &home.runtime);
        Ok(Self { root, home, layout })
    }

    /// The directory in which commands are given.
    pub fn project(&self) -> PathBuf {
        self.root.path().join("project")
    }

    /// The store of this home, for what no command can do.
    pub fn context(&self) -> std::result::Result<Context, String> {
        let config = config::load(&Sources::default()).config;
        Context::open(self.home.clone(), config, Durability::System).map_err(|error| error.to_string())
    }

    /// Gives a command to the program.
    pub fn xt(&self, words: &[&str]) -> std::result::Result<Answer, String> {
        let told = |error: std::io::Error| format!("xt {}: {error}", words.join(" "));
        let (out, err) = (self.root.path().join("stdout"), self.root.path().join("stderr"));
        let mut command = Command::new(process::own_program());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("XT_") {
                command.env_remove(name);
            }
        }
        command.args(words).current_dir(self.project()).env("XT_HOME", self.root.path().join("home"));
        // It is tried however busy the machine is.
        command.env(places::VARIABLE, self.root.path().join("machine"));
        command.stdin(Stdio::null());
        command.stdout(File::create(&out).map_err(told)?).stderr(File::create(&err).map_err(told)?);
        let mut child = command.spawn().map_err(told)?;
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(told)? {
                break status;
            }
            if Instant::now() > deadline {
                let _ = child.kill().and_then(|()| child.wait());
                return Err(format!("xt {} has not ended within {} s", words.join(" "), PATIENCE.as_secs()));
            }
            sleep(LOOK);
        };
        let stderr = fs::read(&err).map_err(told)?;
        Ok(Answer {
            status: status.code(),
            stdout: fs::read(&out).map_err(told)?,
            stderr: String::from_utf8_lossy(&stderr).trim().to_owned(),
        })
    }

    /// Gives a command that must succeed; answers its standard output.
    pub fn done(&self, words: &[&str]) -> std::result::Result<Vec<u8>, String> {
        let answer = self.xt(words)?;
        match answer.status {
            Some(0) => Ok(answer.stdout),
            _ => Err(format!("xt {} ended with {:?}: {}", words.join(" "), answer.status, answer.stderr)),
        }
    }

    /// Gives a command that must succeed, and answers its JSON.
    pub fn json(&self, words: &[&str]) -> std::result::Result<Value, String> {
        let answer = self.done(words)?;
        serde_json::from_slice(&answer).map_err(|error| {
            format!("xt {} answered no JSON ({error}): {}", words.join(" "), String::from_utf8_lossy(&answer))
        })
    }

    /// Submits a command; answers the run's name.
    pub fn submit(&self, words: &[&str]) -> std::result::Result<String, String> {
        let answer = self.json(&[&["run", "--json"], words].concat())?;
        let name = answer.pointer("/runs/0").and_then(Value::as_str);
        name.map(str::to_owned).ok_or_else(|| format!("the submit named no run: {answer}"))
    }

    /// Waits until something holds.
    pub fn until(
        what: &str,
        mut holds: impl FnMut() -> std::result::Result<bool, String>,
    ) -> std::result::Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while !holds()? {
            if Instant::now() > deadline {
                return Err(format!("{what} did not happen within {} s", PATIENCE.as_secs()));
            }
            sleep(LOOK);
        }
        Ok(())
    }

    /// Ends what still runs of this home; answers what could not be ended.
    pub fn clear(&self) -> std::result::Result<(), String> {
        end(&self.layout)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.clear();
    }
}

/// Ends the controller of a home and all attempts it has started.
fn end(layout: &Layout) -> std::result::Result<(), String> {
    if let Some(controller) = ControllerLock::holder(&layout.lock()) {
        controller.signal(Signal::TERM);
        if Sandbox::until("the controller's end", || Ok(!controller.is_alive())).is_err() {
            controller.signal(Signal::KILL);
        }
    }
    for (guid, folder) in folders(&layout.node().join("runs")) {
        for (attempt, _) in folders(&folder) {
            let Ok(attempt) = attempt.parse() else { continue };
            process::kill_all(|| process::of_attempt(&guid, attempt));
            Sandbox::until("the end of a run's processes", || {
                Ok(process::of_attempt(&guid, attempt).is_empty())
            })?;
        }
    }
    Ok(())
}

/// Clears away the homes of quick tests that were killed.
fn clear_left_over(cache: &Path) {
    for (name, folder) in folders(cache) {
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse().ok());
        if owner.is_some_and(|pid: u32| Identity::of(pid).is_none()) {
            let home = Home::below(&folder.join("home"));
            let _ = end(&Layout::new(&home.data, &home.cache, &home.runtime));
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves B3: what a killed quick test left behind goes with the next one, and what one that lives needs stays.
    #[test]
    fn homes_of_killed_tests_are_cleared_away() {
        let root = tempfile::tempdir().unwrap();
        let own = format!("{PREFIX}{}-abc", std::process::id());
        let names = [own.as_str(), "quicktest-4294967295-abc", "quicktest-notes", "python"];
        for name in names {
            private_folder(&root.path().join(name).join("home/data/node/runs/0-1/1")).unwrap();
        }
        let sandbox =
            Sandbox::new(&Home { cache: root.path().to_owned(), ..Home::below(root.path()) }).unwrap();
        let mut left: Vec<_> = folders(root.path()).map(|(name, _)| name).collect();
        left.sort();
        let fresh = sandbox.root.path().file_name().unwrap().to_str().unwrap().to_owned();
        let mut expected = vec![own, fresh, "quicktest-notes".to_owned(), "python".to_owned()];
        expected.sort();
        assert_eq!(left, expected);
        drop(sandbox);
        assert_eq!(folders(root.path()).count(), 3);
    }
}
