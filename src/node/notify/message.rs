//! What is told: one document, and the same as variables and as a line of text.

use serde::Serialize;

use crate::model::names::visible;
use crate::model::{Job, JobName, Run, RunName, Status, Time};
use crate::report::shape;

/// The longest reason that is told, in characters: it may hold a script's own words.
const LONGEST: usize = 500;

/// How many names of runs are told at most.
const NAMES: usize = 20;

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// One of a job's runs has ended.
    RunEnded,
    /// Some of a job's runs have ended.
    RunsEnded,
    /// A job has ended.
    JobEnded,
    /// Nothing: somebody tries whether he is told.
    Test,
}

impl Event {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RunEnded => "run-ended",
            Self::RunsEnded => "runs-ended",
            Self::JobEnded => "job-ended",
            Self::Test => "test",
        }
    }
}

/// A message. Fields that do not apply are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// What has happened.
    pub event: Event,
    /// All of it in one line, under the name by which chats look for it.
    pub text: String,
    /// When the message was made.
    pub time: Time,
    /// The workspace.
    pub workspace: String,
    /// The experiment.
    pub experiment: String,
    /// The job.
    pub job: JobName,
    /// The run, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunName>,
    /// How it ended; of several, the worst.
    pub status: Status,
    /// The run's exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// What the exit code does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long it took, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// The line about the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who submitted it.
    pub username: String,
    /// The machine.
    #[serde(rename = "box")]
    pub box_name: String,
    /// Where the job's runs stand.
    pub runs: Runs,
    /// How many runs this message is about, where it is several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<usize>,
    /// Their names, or the first of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<RunName>,
}

/// Where the runs of a job stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Runs {
    /// All.
    pub total: u64,
    /// Those that wait or are active.
    pub open: u64,
    /// Those that completed.
    pub completed: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were cancelled.
    pub cancelled: u64,
}

impl Message {
    /// The end of one run.
    pub fn of_run(job: &Job, run: &Run, box_name: &str) -> Self {
        let own = Self::about_run(Self::of(Event::RunEnded, job, run.status, box_name), run);
        let text = format!("{} ({}): {}", visible(&run.path().to_string()), job.job_id, own.particulars());
        Self { text, ..own }
    }

    /// The end of several runs.
    pub fn of_runs(job: &Job, ended: &[(RunName, Status)], box_name: &str) -> Self {
        let status = Status::of_group(ended.iter().map(|(_, status)| *status));
        let names = ended.iter().map(|(run, _)| *run).take(NAMES).collect();
        let own = Self::of(Event::RunsEnded, job, status, box_name);
        let failed = ended.iter().filter(|(_, status)| status.is_failure()).count();
        let told = if failed == ended.len() { String::new() } else { format!(", {failed} of them failed") };
        let text = format!(
            "{}/{}: {} more runs have ended{told}; {}",
            visible(&job.ws_name),
            job.job_id,
            ended.len(),
            own.runs.line()
        );
        Self { text, ended: Some(ended.len()), names, ..own }
    }

    /// The end of a job; `run` is the one it has, if it is one.
    pub fn of_job(job: &Job, run: Option<&Run>, box_name: &str) -> Self {
        let own = Self::of(Event::JobEnded, job, job.job_status, box_name);
        let Some(run) = run else {
            let duration = job.end_time.map(|end| end.since(job.started).as_secs_f64());
            let own = Self { duration, ..own };
            let place = format!("{}/{}", visible(&job.ws_name), job.job_id);
            return Self { text: format!("{place}: {}; {}", own.particulars(), own.runs.line()), ..own };
        };
        let own = Self::about_run(own, run);
        let text = format!("{} ({}): {}", visible(&run.path().to_string()), job.job_id, own.particulars());
        Self { text, ..own }
    }

    /// A message for whoever tries.
    pub fn test(workspace: &str, username: &str, box_name: &str) -> Self {
        let job = Job {
            ws_name: workspace.to_owned(),
            username: username.to_owned(),
            run_count: 1,
            completed_runs: 1,
            ..Job::default()
        };
        let text = format!("a test of xt's messages from {}", visible(box_name));
        Self { text, ..Self::of(Event::Test, &job, Status::Completed, box_name) }
    }

    fn of(event: Event, job: &Job, status: Status, box_name: &str) -> Self {
        Self {
            event,
            text: String::new(),
            time: Time::now(),
            workspace: job.ws_name.clone(),
            experiment: job.exper_name.clone(),
            job: job.job_id,
            run: None,
            status,
            exit_code: None,
            reason: None,
            duration: None,
            description: job.description.clone().map(short),
            username: job.username.clone(),
            box_name: box_name.to_owned(),
            runs: Runs {
                total: job.run_count,
                open: job.queued_runs + job.running_runs,
                completed: job.completed_runs,
                failed: job.error_runs,
                cancelled: job.cancelled_runs,
            },
            ended: None,
            names: Vec::new(),
        }
    }

    fn about_run(own: Self, run: &Run) -> Self {
        Self {
            run: Some(run.run_name),
            status: run.status,
            exit_code: run.exit_code,
            reason: run.end_reason.clone().map(short),
            duration: run.run_duration,
            ..own
        }
    }

    /// How it ended, in words.
    fn particulars(&self) -> String {
        let code = self.exit_code.filter(|code| *code != 0).map(|code| format!("exit code {code}"));
        let reason = self.reason.as_deref().map(visible);
        let after = self.duration.map(|seconds| format!("after {}", shape::duration(seconds)));
        let parts = [Some(self.status.to_string()), code, reason, after];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The variables of a command that is told.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("XT_EVENT", self.event.word().to_owned()),
            ("XT_TEXT", self.text.clone()),
            ("XT_WORKSPACE_NAME", self.workspace.clone()),
            ("XT_JOB_ID", self.job.to_string()),
            ("XT_STATUS", self.status.to_string()),
        ];
        variables.extend(self.run.map(|run| ("XT_RUN_NAME", run.to_string())));
        variables.extend(self.exit_code.map(|code| ("XT_EXIT_CODE", code.to_string())));
        variables.extend(self.reason.clone().map(|reason| ("XT_REASON", reason)));
        variables.extend(self.duration.map(|seconds| ("XT_DURATION", format!("{seconds:.3}"))));
        // The system's strings end at a NUL, and a record may hold one.
        for (_, value) in &mut variables {
            value.retain(|c| c != '\0');
        }
        variables
    }
}

impl Runs {
    fn line(self) -> String {
        let mut parts = vec![format!("{} of {} completed", self.completed, self.total)];
        for (count, what) in [(self.failed, "failed"), (self.cancelled, "cancelled"), (self.open, "to come")]
        {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        parts.join(", ")
    }
}

/// A text of a bounded length.
fn short(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        let (ws_name, exper_name) = ("ws1".to_owned(), "exper1".to_owned());
        let (run_count, completed_runs, error_runs, queued_runs) = (9, 3, 5, 1);
        Job {
            job_id: JobName(7),
            ws_name,
            exper_name,
            run_count,
            completed_runs,
            error_runs,
            queued_runs,
            ..Job::default()
        }
    }

    fn failed() -> Run {
        Run {
            ws: "ws1".to_owned(),
            run_name: "run4.2".parse().unwrap(),
            status: Status::Error,
            exit_code: Some(3),
            end_reason: Some("it \u{1b}[31mbroke\0".to_owned()),
            run_duration: Some(12.0),
            ..Run::default()
        }
    }

    // Proves C11: who is told gets what he needs, and no escape sequences in his chat.
    #[test]
    fn a_run_is_told_in_full() {
        let message = Message::of_run(&job(), &failed(), "box1");
        assert!(message.text.starts_with("ws1/run4.2 (job7): error, exit code 3, it "), "{}", message.text);
        assert!(!message.text.contains(['\u{1b}', '\0']));
        let variables = message.variables();
        let of = |name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str());
        assert_eq!((of("XT_EVENT"), of("XT_RUN_NAME")), (Some("run-ended"), Some("run4.2")));
        assert_eq!((of("XT_EXIT_CODE"), of("XT_DURATION")), (Some("3"), Some("12.000")));
        assert_eq!(of("XT_REASON"), Some("it \u{1b}[31mbroke"));
        let document = serde_json::to_value(&message).unwrap();
        assert_eq!((&document["event"], &document["job"]), (&"run-ended".into(), &"job7".into()));
        assert_eq!(document["runs"]["failed"], 5);
        assert_eq!(document.get("names"), None);
    }

    #[test]
    fn several_are_told_with_their_number() {
        let ended: Vec<_> = (1..=300).map(|n| (RunName::top(n), Status::Error)).collect();
        let message = Message::of_runs(&job(), &ended, "box1");
        assert_eq!(message.text, "ws1/job7: 300 more runs have ended; 3 of 9 completed, 5 failed, 1 to come");
        assert_eq!((message.ended, message.names.len()), (Some(300), NAMES));
        assert_eq!(message.status, Status::Error);
    }

    #[test]
    fn a_job_is_told_with_its_counts_or_with_its_only_run() {
        let job = Job { job_status: Status::Error, ..job() };
        let whole = Message::of_job(&job, None, "box1");
        assert_eq!(whole.text, "ws1/job7: error; 3 of 9 completed, 5 failed, 1 to come");
        let only = Message::of_job(&job, Some(&failed()), "box1");
        assert_eq!((only.event, only.exit_code), (Event::JobEnded, Some(3)));
    }

    // Proves P9: a script's words are bounded.
    #[test]
    fn a_reason_has_an_end() {
        let run = Run { end_reason: Some("ä".repeat(1 << 20)), ..failed() };
        assert!(Message::of_run(&job(), &run, "box1").text.len() < 4 * LONGEST);
    }
}
