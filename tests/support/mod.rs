//! What the tests that drive the real program share: a home of its own for each test, waiting for a condition,
//! and the certainty that nothing is left running.

#![allow(dead_code, reason = "no test uses all of it")]

mod clean;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use xt::model::{Event, Job, Run, RunPath, Status, Time};
use xt::node::attempt::{Attempt, write_json};
use xt::node::lock::ControllerLock;
use xt::node::process::{Identity, host_name};
use xt::node::{Layout, process};
use xt::store::files::private_folder;
use xt::store::sqlite::{Durability, Sqlite};
use xt::store::{NewRun, Records, RunChange, RunPatch, RunQuery, Submission};

/// How long anything may take that is sure to happen: generous, for it is only waited for when it does not.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What differs from the defaults: a controller that has nothing to do leaves soon, for the test waits for that;
/// retries and cancels take their time in miniature.
pub const CONFIG: &str = "\
internal: {controller-idle: 0.3}
boxes: {local: {max-runs: 4}}
general: {retry-delay: 0.05, kill-grace: 0.3}
";

/// Waits until `look` finds something, and fails when it does not find it in time. The one place where tests wait.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// The size of a test: small in the ordinary run, full with `XT_SOAK=1`.
pub fn size(small: usize, full: usize) -> usize {
    if std::env::var_os("XT_SOAK").is_some() { full } else { small }
}

/// Tells that a test cannot be made here, so that nobody takes it for passed. On CI that is a failure.
pub fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "cannot be tested here: {why}");
    eprintln!("SKIPPED: {why}");
}

/// Reproducible chance (`SplitMix64`); `XT_SEED` repeats a run.
pub struct Chance(u64);

impl Chance {
    pub fn new() -> Self {
        let seed = std::env::var("XT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_724);
        eprintln!("XT_SEED={seed}");
        Self(seed)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    /// Lets a random moment pass, to strike at a random point of what goes on elsewhere.
    pub fn moment(&mut self, limit: Duration) {
        let micros = self.below(u64::try_from(limit.as_micros()).unwrap());
        std::thread::park_timeout(Duration::from_micros(micros));
    }
}

/// The interpreter itself: the one on PATH may be a wrapper that takes ten times as long to start.
pub fn python() -> &'static str {
    static PYTHON: OnceLock<String> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let output =
            Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    })
}

/// A home of xt's and a project folder, which go with the test.
///
/// A test that passes must leave no process behind; one that fails has its processes ended.
pub struct Home {
    root: PathBuf,
    folder: Option<tempfile::TempDir>,
    environment: Vec<(String, String)>,
}

impl Home {
    /// A home below the folder for temporary files.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("xt-").tempdir().unwrap();
        let mut home = Self::at(folder.path().join("home"));
        home.folder = Some(folder);
        home
    }

    /// A home in a folder of the caller's.
    pub fn at(root: PathBuf) -> Self {
        let home = Self { root, folder: None, environment: Vec::new() };
        fs::create_dir_all(home.project()).unwrap();
        home.configure(CONFIG);
        home
    }

    /// The same home with a variable in the environment of everything that is started in it.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes the user's configuration.
    pub fn configure(&self, text: &str) {
        let file = xt::config::Home::below(&self.root).config_file();
        private_folder(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// `XT_HOME`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder commands are typed in.
    pub fn project(&self) -> PathBuf {
        self.root.with_extension("project")
    }

    /// A file of the project.
    pub fn file(&self, name: &str) -> PathBuf {
        self.project().join(name)
    }

    /// Writes a file of the project.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// What a file of the project holds; nothing when there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// Where the node keeps what.
    pub fn layout(&self) -> Layout {
        let home = xt::config::Home::below(&self.root);
        Layout::new(home.data, home.cache, home.runtime)
    }

    /// A command line of xt's.
    pub fn xt<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.command(env!("CARGO_BIN_EXE_xt"), arguments)
    }

    /// A command line in the home's environment.
    pub fn command<S: AsRef<std::ffi::OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.project()).stdin(Stdio::null());
        clean::at_home(&mut command, &self.root, &self.root.join("machine"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command line to its end.
    pub fn output<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        self.xt(arguments).output().unwrap()
    }

    /// Runs a command line that must succeed; answers its output.
    pub fn ok<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command line that must fail with exit status 1; answers what it says.
    pub fn fails<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        let output = self.output(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Submits; answers the runs.
    pub fn submit(&self, words: &[&str]) -> Vec<RunPath> {
        let arguments = ["run", "--json"].iter().chain(words);
        submitted(&self.ok(arguments))
    }

    /// Submits one run.
    pub fn run(&self, words: &[&str]) -> RunPath {
        self.submit(words).remove(0)
    }

    /// Starts a controller.
    pub fn node(&self) -> Child {
        self.xt(["node"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// The records.
    pub fn records(&self) -> Sqlite {
        private_folder(self.layout().records().parent().unwrap()).unwrap();
        Sqlite::open(self.layout().records(), Durability::System).unwrap()
    }

    /// A run's record.
    pub fn record(&self, path: &RunPath) -> Run {
        self.records().run(path).unwrap()
    }

    /// The directory of an attempt.
    pub fn attempt(&self, run: &Run, attempt: u32) -> Attempt {
        Attempt::at(self.layout().attempt(&run.run_guid, attempt))
    }

    /// A file among those that are kept of a run.
    pub fn kept(&self, path: &RunPath, file: &str) -> PathBuf {
        self.layout().run_files(&path.ws, path.run).join(file)
    }

    /// The console of a run that has ended.
    pub fn console(&self, path: &RunPath) -> Vec<u8> {
        fs::read(self.kept(path, "after/output/console.txt")).unwrap()
    }

    /// Waits until a run has a status.
    pub fn until_is(&self, path: &RunPath, status: Status) -> Run {
        let records = self.records();
        until(&format!("{path} is {status}"), || {
            let run = records.run(path).unwrap();
            assert!(!run.status.is_final() || run.status == status, "it ended otherwise: {run:?}");
            (run.status == status).then_some(run)
        })
    }

    /// Waits until a run has ended; answers how.
    pub fn until_is_final(&self, path: &RunPath) -> Status {
        let records = self.records();
        until(&format!("{path} has ended"), || {
            let status = records.run(path).unwrap().status;
            status.is_final().then_some(status)
        })
    }

    /// Waits until every run has ended.
    pub fn until_all_ended(&self) -> Vec<Run> {
        let records = self.records();
        until("every run has ended", || {
            let runs = records.runs(&RunQuery::default()).unwrap();
            runs.iter().all(|run| run.status.is_final()).then_some(runs)
        })
    }

    /// Waits until a file of the project is there.
    pub fn until_file(&self, name: &str) {
        until(&format!("{name} is there"), || self.file(name).exists().then_some(()));
    }

    /// The controller that is there.
    pub fn controller(&self) -> Option<Identity> {
        ControllerLock::holder(&self.layout().lock())
    }

    /// Kills the controller that is there; false when there is none.
    pub fn kill_controller(&self) -> bool {
        self.controller().is_some_and(|controller| kill(&controller))
    }

    /// Records runs of a command as a submit does, without telling anybody.
    pub fn enqueue(&self, commands: &[Vec<String>], change: impl FnOnce(&mut Job)) -> Vec<RunPath> {
        let mut job = Job {
            ws_name: "ws1".to_owned(),
            exper_name: "exper1".to_owned(),
            job_guid: uuid::Uuid::new_v4().to_string(),
            started: Time::now(),
            ..Job::default()
        };
        job.launch.submit_dir = self.project();
        job.launch.umask = 0o022;
        job.launch.kill_grace = 0.2;
        change(&mut job);
        let new = |command: &Vec<String>| NewRun {
            run: Run {
                ws: job.ws_name.clone(),
                exper_name: job.exper_name.clone(),
                run_guid: uuid::Uuid::new_v4().to_string(),
                create_time: job.started,
                command: command.clone(),
                ..Run::default()
            },
            events: vec![Event::now("created", [])],
        };
        let environment = self.layout().job_env(&job.job_guid);
        private_folder(environment.parent().unwrap()).unwrap();
        let home = self.root.to_string_lossy().into_owned();
        let path = std::env::var("PATH").unwrap();
        write_json(&environment, &[("XT_HOME", &home), ("PATH", &path)]).unwrap();
        let runs = commands.iter().map(new).collect();
        let submission = Submission { token: job.job_guid.clone(), job, runs, parent: None };
        let submitted = self.records().submit(&submission).unwrap();
        submitted.runs.into_iter().map(|run| RunPath::new("ws1", run)).collect()
    }

    /// Records what a controller records when it claims a waiting run; answers the run as it is then.
    pub fn claim(&self, path: &RunPath) -> Run {
        let records = self.records();
        let attempt = records.run(path).unwrap().attempt + 1;
        self.change(
            path,
            RunPatch {
                status: Some(Status::Spawning),
                attempt: Some(attempt),
                box_name: Some(host_name()),
                ..RunPatch::default()
            },
        );
        records.run(path).unwrap()
    }

    /// Changes a run's record.
    pub fn change(&self, path: &RunPath, patch: RunPatch) {
        let change =
            RunChange { run: path.clone(), expect: vec![], expect_attempt: None, patch, events: vec![] };
        assert_eq!(self.records().change_runs(&[change]).unwrap(), [true]);
    }

    /// The processes that belong to this home.
    pub fn processes(&self) -> BTreeSet<u32> {
        bearing(&format!("XT_HOME={}", self.root.display()))
    }

    /// Looks for contradictions in the records.
    pub fn assert_sound(&self) {
        assert_eq!(self.records().check().unwrap(), Vec::<String>::new());
    }
}

/// Does something when it is left, also by a panic.
pub struct OnDrop<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.layout().log()).unwrap_or_default();
            let tail: Vec<_> = log.lines().rev().take(40).collect();
            eprintln!("the controller's last words:");
            tail.iter().rev().for_each(|line| eprintln!("  {line}"));
            process::kill_all(|| self.processes());
        } else {
            until("no process is left", || self.processes().is_empty().then_some(()));
        }
        let _ = fs::remove_dir_all(self.project());
    }
}

/// The runs in the answer of `xt run --json`.
pub fn submitted(answer: &str) -> Vec<RunPath> {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let names = answer["runs"].as_array().unwrap();
    names.iter().map(|name| RunPath::new("ws1", name.as_str().unwrap().parse().unwrap())).collect()
}

/// Kills a process; false when it was gone.
pub fn kill(process: &Identity) -> bool {
    process.signal(rustix::process::Signal::KILL)
}

/// The processes with an entry in their environment.
pub fn bearing(entry: &str) -> BTreeSet<u32> {
    let own = std::process::id();
    let pids = fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| *pid != own)
        .filter(|pid| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|other| other == entry.as_bytes())
        })
        .collect()
}

/// A shell command as a run's command.
pub fn sh(script: &str) -> Vec<String> {
    vec!["/bin/sh".to_owned(), "-c".to_owned(), script.to_owned()]
}

/// The files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found
}

/// The permissions of a file or folder.
pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}
