//! What the end of an attempt means for its run.

use std::time::Duration;

use serde_json::Value;

use crate::model::job::Launch;
use crate::model::retry::{Failure, MOST_NODE_FAILURES, Next, RetryPolicy, Spent};
use crate::model::{Event, Run, RunPath, Status, Time};
use crate::node::NodeError;
use crate::node::attempt::{Abandoned, Exit, Gap, Reason, Started};
use crate::node::process::boot_id;
use crate::store::{RunChange, RunPatch};

/// A run that was under way for so long is not what its node failed of.
const PROVEN: Duration = Duration::from_hours(1);

/// How an attempt came to its end.
#[derive(Clone, Copy, Debug)]
pub enum End<'a> {
    /// Its shim saw it.
    Seen(&'a Exit),
    /// Its shim was killed.
    ShimKilled,
    /// Its directory is gone, and with it every way to follow what still runs.
    DirectoryGone,
}

impl End<'_> {
    /// Whether nothing of the attempt is left.
    pub const fn is_supervised(&self) -> bool {
        matches!(self, Self::Seen(_))
    }
}

/// What becomes of a run after an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    next: Next,
    time: Time,
    code: Option<i32>,
    signal: Option<i32>,
    /// What the exit code does not say.
    reason: Option<String>,
    console_bytes: Option<u64>,
    /// What the attempts before it used up.
    spent: Spent,
    /// Processes that could not be ended.
    abandoned: Vec<Abandoned>,
    /// What its console lacks.
    gap: Option<Gap>,
}

impl Outcome {
    /// Decides by how the attempt came to its end.
    pub fn of(end: End<'_>, launch: &Launch, spent: Spent, started: Option<&Started>) -> Self {
        let ran = started.map_or(Duration::ZERO, |started| Time::now().since(started.time));
        let spent = if ran < PROVEN { spent } else { Spent { node_failures: 0, ..spent } };
        let rebooted = started.is_some_and(|started| started.shim.boot != boot_id());
        let exit = match end {
            End::Seen(exit) => exit,
            End::ShimKilled if rebooted => {
                return Self::lost("the machine was restarted while it ran", launch, spent);
            }
            End::ShimKilled => {
                return Self::lost(
                    "its supervisor was killed, and what was left of it was ended",
                    launch,
                    spent,
                );
            }
            End::DirectoryGone => {
                let why = "its folder below node/runs was removed, and what was left of it was ended";
                return Self::lost(why, launch, spent);
            }
        };
        let (next, reason) = match exit.reason {
            Reason::Exited if exit.code == 0 => (Next::End(Status::Completed), None),
            Reason::Exited => (policy(launch).after(Failure::Script, spent), exit.signal.map(signal_name)),
            Reason::NotStarted => (policy(launch).after(Failure::Script, spent), exit.detail.clone()),
            Reason::Cancelled => (Next::End(Status::Cancelled), Some("cancelled".to_owned())),
            Reason::TimeLimit => {
                let minutes = launch.max_minutes.unwrap_or_default();
                (Next::End(Status::Aborted), Some(format!("its time limit of {minutes} minutes was over")))
            }
        };
        Self {
            next,
            time: exit.time,
            code: Some(exit.code),
            signal: exit.signal,
            reason,
            console_bytes: Some(exit.console_bytes),
            spent,
            abandoned: exit.abandoned.clone(),
            gap: exit.gap.clone(),
        }
    }

    /// The node lost the attempt.
    fn lost(why: &str, launch: &Launch, spent: Spent) -> Self {
        Self::of_node(policy(launch).after(Failure::Node, spent), why.to_owned(), launch, spent)
    }

    /// A run whose attempt could not be prepared.
    pub fn not_prepared(error: &NodeError, launch: &Launch, spent: Spent) -> Self {
        let next = match error {
            // It does not come back.
            NodeError::NoEnvironment { .. } => Next::End(Status::Error),
            _ => policy(launch).after(Failure::Start, spent),
        };
        Self::of_node(next, error.to_string(), launch, spent)
    }

    fn of_node(next: Next, why: String, launch: &Launch, spent: Spent) -> Self {
        let is_given_up = launch.max_retries > 0 && spent.node_failures >= MOST_NODE_FAILURES;
        let reason = if is_given_up {
            format!(
                "{why}; this was the {}th time in a row, and it is not started again",
                spent.node_failures + 1
            )
        } else {
            why
        };
        Self {
            next,
            time: Time::now(),
            code: None,
            signal: None,
            reason: Some(reason),
            console_bytes: None,
            spent,
            abandoned: Vec::new(),
            gap: None,
        }
    }

    /// The end of a run that was cancelled before it started.
    pub fn cancelled_while_waiting(run: &Run) -> RunChange {
        Self::while_waiting(run, Status::Cancelled, "cancelled before it started")
    }

    /// The end of a run that can never start here.
    pub fn never_starts(run: &Run, why: &str) -> RunChange {
        Self::while_waiting(run, Status::Aborted, why)
    }

    fn while_waiting(run: &Run, status: Status, why: &str) -> RunChange {
        let now = Time::now();
        RunChange {
            run: run.path(),
            expect: vec![Status::Created, Status::Allocating, Status::Queued],
            expect_attempt: None,
            patch: RunPatch {
                status: Some(status),
                end_time: Some(now),
                end_reason: Some(Some(why.to_owned())),
                ..RunPatch::default()
            },
            events: vec![Event::at(now, "ended", [("status", status.word().into()), ("reason", why.into())])],
        }
    }

    /// Whether no further attempt follows.
    pub const fn is_final(&self) -> bool {
        matches!(self.next, Next::End(_))
    }

    /// The run's status after the attempt.
    pub const fn status(&self) -> Status {
        match self.next {
            Next::End(status) => status,
            Next::Retry { .. } => Status::Queued,
        }
    }

    /// The change of the run's record.
    pub fn change(&self, run: &RunPath, attempt: u32) -> RunChange {
        let mut patch = RunPatch {
            status: Some(self.status()),
            exit_code: Some(self.code),
            signal: Some(self.signal),
            end_reason: Some(self.reason.clone()),
            console_bytes: Some(self.console_bytes),
            gpu_ids: Some(Vec::new()),
            ..RunPatch::default()
        };
        let mut data = vec![
            ("status", Value::from(self.status().word())),
            ("exit_code", self.code.into()),
            ("attempt", attempt.into()),
        ];
        if let Some(reason) = &self.reason {
            data.push(("reason", reason.as_str().into()));
        }
        let event = match self.next {
            Next::End(_) => {
                patch.end_time = Some(self.time);
                Event::at(self.time, "ended", data)
            }
            Next::Retry { wait, charged } => {
                patch.not_before = Some(Some(Time::now().plus(wait)));
                // The attempt's number is the count of starts so far, hence of restarts when it starts again.
                patch.restarts = Some(attempt);
                patch.charged = Some(self.spent.charged + u32::from(charged));
                patch.node_failures = Some(if charged { 0 } else { self.spent.node_failures + 1 });
                data.push(("wait_seconds", wait.as_secs_f64().into()));
                data.push(("charged", charged.into()));
                Event::at(self.time, "retry", data)
            }
        };
        let abandoned = self.abandoned.iter().map(|Abandoned { pid, command }| {
            let data =
                [("attempt", attempt.into()), ("pid", (*pid).into()), ("command", command.as_str().into())];
            Event::at(self.time, "left-running", data)
        });
        let gap = self.gap.as_ref().map(|Gap { bytes, reason }| {
            let data =
                [("attempt", attempt.into()), ("bytes", (*bytes).into()), ("reason", reason.as_str().into())];
            Event::at(self.time, "console-gap", data)
        });
        RunChange {
            run: run.clone(),
            expect: vec![Status::Spawning, Status::Running],
            expect_attempt: Some(attempt),
            patch,
            events: abandoned.chain(gap).chain([event]).collect(),
        }
    }
}

fn policy(launch: &Launch) -> RetryPolicy {
    let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO);
    RetryPolicy {
        max_retries: launch.max_retries,
        base: seconds(launch.retry_delay),
        cap: seconds(launch.retry_delay_max),
    }
}

/// A signal in words.
fn signal_name(number: i32) -> String {
    match signal_hook::low_level::signal_name(number) {
        Some(name) => format!("ended by {name}"),
        None => format!("ended by signal {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::process::Identity;
    use rstest::rstest;

    fn exit(reason: Reason, code: i32) -> Exit {
        let (signal, detail, abandoned, gap) = (None, None, Vec::new(), None);
        Exit { reason, code, signal, detail, time: Time::now(), console_bytes: 0, abandoned, gap }
    }

    // Proves P6, P2: what could not be ended is named, and so is what is missing in the log.
    #[test]
    fn what_goes_on_and_what_is_missing_is_told_before_the_end() {
        let abandoned = vec![Abandoned { pid: 7, command: "sudo".into() }];
        let gap = Some(Gap { bytes: 9, reason: "no such file".into() });
        let exit = Exit { abandoned, gap, ..exit(Reason::Cancelled, 143) };
        let change = Outcome::of(End::Seen(&exit), &Launch::default(), Spent::default(), None)
            .change(&RunPath::new("ws1", crate::model::RunName::top(1)), 1);
        let told: Vec<_> = change.events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(told, ["left-running", "console-gap", "ended"]);
        assert_eq!(
            (&change.events[0].data["pid"], &change.events[0].data["command"]),
            (&7.into(), &"sudo".into())
        );
        assert_eq!(change.events[1].data["bytes"], 9);
    }

    // Proves B9, P5, C5.
    #[rstest]
    #[case(Reason::Exited, 0, 0, 0, Status::Completed)]
    #[case(Reason::Exited, 1, 0, 0, Status::Error)]
    #[case(Reason::Exited, 1, 2, 1, Status::Queued)]
    #[case(Reason::Exited, 1, 2, 2, Status::Error)]
    #[case(Reason::NotStarted, 127, 0, 0, Status::Error)]
    #[case(Reason::Cancelled, 143, 5, 0, Status::Cancelled)]
    #[case(Reason::Cancelled, 0, 5, 0, Status::Cancelled)]
    #[case(Reason::TimeLimit, 143, 5, 0, Status::Aborted)]
    fn an_exit_means_a_status(
        #[case] reason: Reason,
        #[case] code: i32,
        #[case] max_retries: u32,
        #[case] charged: u32,
        #[case] expected: Status,
    ) {
        let launch = Launch { max_retries, ..Launch::default() };
        assert_eq!(
            Outcome::of(End::Seen(&exit(reason, code)), &launch, Spent { charged, node_failures: 0 }, None)
                .status(),
            expected
        );
    }

    // Proves P5: what the node is to blame for is charged to nobody, and goes on for ever only if the run itself does.
    #[test]
    fn a_lost_supervisor_is_told_and_charged_to_nobody() {
        let launch = Launch { max_retries: 1, ..Launch::default() };
        let run = RunPath::new("ws1", crate::model::RunName::top(1));
        let spent = Spent { charged: 1, node_failures: 2 };
        let patch = Outcome::of(End::ShimKilled, &launch, spent, None).change(&run, 4).patch;
        assert_eq!((patch.charged, patch.node_failures, patch.restarts), (Some(1), Some(3), Some(4)));
        let outcome = Outcome::of(End::DirectoryGone, &Launch::default(), Spent::default(), None);
        assert_eq!(outcome.status(), Status::Lost);

        let spent = Spent { charged: 0, node_failures: MOST_NODE_FAILURES };
        let outcome = Outcome::of(End::ShimKilled, &launch, spent, None);
        assert_eq!(outcome.status(), Status::Lost);
        let told = outcome.change(&run, 11).patch.end_reason.flatten().unwrap();
        assert!(told.contains("11th time in a row"), "{told}");
        let time = Time::from_micros(Time::now().micros() - 3_600_000_000);
        let started = Started { shim: Identity::own(), script: None, time };
        let patch = Outcome::of(End::ShimKilled, &launch, spent, Some(&started)).change(&run, 11).patch;
        assert_eq!(
            (patch.status, patch.node_failures),
            (Some(Status::Queued), Some(1)),
            "it ran for an hour"
        );
    }

    // Proves P8: what cannot be prepared is the node's failure; what is gone for good is not tried again.
    #[test]
    fn a_start_that_fails_is_tried_again_when_that_was_asked_for() {
        let launch = Launch { max_retries: 1, ..Launch::default() };
        let run = RunPath::new("ws1", crate::model::RunName::top(1));
        let refused = NodeError::io("create", "/x")(std::io::ErrorKind::PermissionDenied.into());
        let gone = NodeError::NoEnvironment { run: run.clone() };
        let status = |error: &NodeError, launch: &Launch| {
            Outcome::not_prepared(error, launch, Spent::default()).status()
        };
        assert_eq!(status(&refused, &launch), Status::Queued);
        assert_eq!(status(&refused, &Launch::default()), Status::Error);
        assert_eq!(status(&gone, &launch), Status::Error);
    }
}
