//! Jobs that come after others.

use crate::model::{Event, Job, JobName, Run, Status, Time};
use crate::store::{RunChange, RunPatch, StoreError};

/// How it stands with the jobs that a job comes after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Some have not ended.
    Open,
    /// All have completed.
    Met,
    /// One has ended otherwise; a line about it.
    Failed(String),
}

/// How it stands with them, by the status of each; one that is no more is in nobody's way.
pub fn standing<E>(
    dependent: &Job,
    mut status: impl FnMut(JobName) -> Result<Option<Status>, E>,
) -> Result<Standing, E> {
    let mut standing = Standing::Met;
    for name in &dependent.after {
        match status(*name)? {
            None | Some(Status::Completed) => {}
            Some(status) if status.is_final() => {
                let reason = format!("{name}, which it comes after, ended with status {status}");
                return Ok(Standing::Failed(reason));
            }
            Some(_) => standing = Standing::Open,
        }
    }
    Ok(standing)
}

/// Whether a job that is new must wait for one of a status; one after a job that has failed is refused.
pub fn waits(needed: JobName, status: Status) -> Result<bool, StoreError> {
    match status {
        Status::Completed => Ok(false),
        status if status.is_final() => {
            let hint = format!(" with status {status}: a job after it would never start");
            Err(StoreError::Exists { what: "job", name: needed.to_string(), hint })
        }
        _ => Ok(true),
    }
}

/// The end of a run that will never start.
pub fn abort(run: &Run, reason: &str, now: Time) -> RunChange {
    RunChange {
        run: run.path(),
        expect: Vec::new(),
        expect_attempt: None,
        patch: RunPatch {
            status: Some(Status::Aborted),
            end_time: Some(now),
            end_reason: Some(Some(reason.to_owned())),
            ..RunPatch::default()
        },
        events: vec![Event::at(now, "ended", [("status", "aborted".into()), ("reason", reason.into())])],
    }
}
