//! A home and a project of a test's own, and the program in them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::clean::at_home;

/// A training script as people write them: it prints, logs, and warns.
const TRAIN: &str = r#"
import sys, xt
run = xt.Run()
args = dict(word.lstrip("-").split("=", 1) for word in sys.argv[1:] if "=" in word)
run.log_hparams({"lr": float(args.get("lr", "0.1")), "epochs": 3})
for epoch in range(3):
    run.log_metrics({"epoch": epoch, "loss": 1 / (epoch + 1), "acc": 0.5 + epoch / 10}, step_name="epoch")
    print("epoch", epoch, flush=True)
print("a warning", file=sys.stderr)
"#;

pub struct Xt {
    folder: tempfile::TempDir,
}

impl Xt {
    /// A fresh home, and a project with a `train.py`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("project")).unwrap();
        let xt = Self { folder };
        xt.write("train.py", TRAIN);
        xt
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.project().join(name), text).unwrap();
    }

    /// The program with these arguments, with nothing of the tester's own surroundings.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xt"));
        command.args(args).current_dir(self.project());
        at_home(&mut command, &self.home(), &self.folder.path().join("machine"));
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
            command.env_remove(name);
        }
        command.env("XT_CONFIG__internal__controller_idle", "0.2");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What it writes to standard output; it must succeed.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert!(output.status.success(), "xt {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same, and what it writes to standard error.
    pub fn ok_with_notes(&self, args: &[&str]) -> (String, String) {
        let output = self.output(args);
        assert!(output.status.success(), "xt {args:?}: {output:?}");
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// Its answer as JSON.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let args: Vec<_> = ["--json"].into_iter().chain(args.iter().copied()).collect();
        serde_json::from_str(&self.ok(&args)).unwrap()
    }

    /// What it writes to standard error when it fails, as it must; standard output must be empty.
    pub fn fails(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert_eq!(output.status.code(), Some(1), "xt {args:?}: {output:?}");
        assert!(output.stdout.is_empty(), "xt {args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// What it says about wrong usage.
    pub fn misused(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert_eq!(output.status.code(), Some(2), "xt {args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Submits and waits for the end, however it ends.
    pub fn run(&self, args: &[&str]) -> String {
        let args: Vec<_> = ["run", "--json"].into_iter().chain(args.iter().copied()).collect();
        let answer: serde_json::Value = serde_json::from_str(&self.ok(&args)).unwrap();
        let job = answer["job"].as_str().unwrap().to_owned();
        self.output(&["wait", &job]);
        job
    }
}

impl Drop for Xt {
    /// Leaves no process behind: everything is cancelled, and the controller has ended.
    fn drop(&mut self) {
        let lock = self.home().join("data/node/controller.lock");
        if !lock.exists() {
            return;
        }
        self.output(&["cancel", "all", "--yes"]);
        let jobs = self.output(&[
            "list",
            "jobs",
            "--all",
            "--status=queued,spawning,running",
            "--columns=job",
            "--json",
        ]);
        let jobs: serde_json::Value = serde_json::from_slice(&jobs.stdout).unwrap_or_default();
        for job in jobs.as_array().into_iter().flatten() {
            self.output(&["wait", job["job_id"].as_str().unwrap_or_default()]);
        }
        wait_for_unlock(&lock);
    }
}

/// The controller holds its lock as long as it lives.
fn wait_for_unlock(lock: &Path) {
    if let Ok(file) = File::open(lock) {
        let _ = file.lock_shared();
    }
}
