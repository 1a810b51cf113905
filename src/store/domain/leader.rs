//! Leaders: parents with a script of their own, which runs before their children may start.
//!
//! Until it has completed the children are `created`, which no controller starts. What becomes of them is recorded
//! with the script's end, so that no controller need remember it.

use std::borrow::Cow;

use crate::model::{Event, Run, Status, Time};
use crate::store::{RunChange, RunPatch};

/// What a change of a run means for a leader. One whose script has completed is a parent from then on, and under way
/// until its children have ended; one whose script has failed says what that means.
pub fn change<'a>(run: &mut Run, patch: &'a RunPatch) -> Cow<'a, RunPatch> {
    match patch.status {
        Some(Status::Completed) if run.leads => {
            run.leads = false;
            let under_way = Some(Status::Running);
            Cow::Owned(RunPatch { status: under_way, end_time: None, exit_code: Some(None), ..patch.clone() })
        }
        Some(status) if run.leads && status.is_failure() => {
            let why = patch.end_reason.clone().flatten();
            let why = why.unwrap_or_else(|| "its parent script failed".to_owned());
            let end_reason = Some(Some(format!("{why}; its runs do not start")));
            Cow::Owned(RunPatch { end_reason, ..patch.clone() })
        }
        _ => Cow::Borrowed(patch),
    }
}

/// What becomes of a child that waited for a leader which waits no more: it may start, or never will.
pub fn follow(leader: &Run, child: &Run, now: Time) -> RunChange {
    let name = leader.run_name;
    let (status, reason) = match leader.status {
        _ if !leader.leads => (Status::Queued, None),
        Status::Cancelled => {
            (Status::Cancelled, Some(format!("{name}, its parent, was cancelled before it started")))
        }
        failed => {
            let code = leader.exit_code.map(|code| format!(" (exit code {code})")).unwrap_or_default();
            let reason = format!("the parent script of {name} ended with status {failed}{code}");
            (Status::Aborted, Some(reason))
        }
    };
    let event = match &reason {
        None => Event::at(now, "queued", []),
        Some(reason) => {
            let data = [("status", status.word().into()), ("reason", reason.as_str().into())];
            Event::at(now, "ended", data)
        }
    };
    RunChange {
        run: child.path(),
        expect: vec![Status::Created],
        expect_attempt: None,
        patch: RunPatch {
            status: Some(status),
            end_time: reason.is_some().then_some(now),
            end_reason: reason.map(Some),
            ..RunPatch::default()
        },
        events: vec![event],
    }
}
