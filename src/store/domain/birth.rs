//! New jobs and runs as they are recorded.

use crate::model::{Job, JobName, Run, RunName, Status, Time, Workspace};
use crate::store::{NewRun, Submission};

/// The job of a submission under its number, with counts of its own: one that is made from another begins anew.
pub fn job(submission: &Submission, number: u64) -> Job {
    let runs = submission.runs.len() as u64;
    Job {
        job_num: number,
        job_id: JobName(number),
        run_count: runs,
        queued_runs: runs,
        running_runs: 0,
        completed_runs: 0,
        error_runs: 0,
        cancelled_runs: 0,
        end_time: None,
        job_status: Status::Queued,
        ..submission.job.clone()
    }
}

/// What the runs of a submission begin as; those that come after their parent's own script may not start yet.
pub fn status(submission: &Submission) -> Status {
    let led = submission.parent.as_ref().is_some_and(|parent| parent.run.leads);
    if led { Status::Created } else { Status::Queued }
}

/// A run with its name and place.
pub fn run(job: &Job, new: &NewRun, name: RunName, status: Status) -> Run {
    Run {
        ws: job.ws_name.clone(),
        run_name: name,
        run_num: name.run_num(),
        job_id: job.job_id,
        is_child: name.child > 0,
        is_outer: name.child == 0,
        status,
        last_time: job.started,
        ..new.run.clone()
    }
}

/// A copy of a run for another workspace, under a name of that workspace.
pub fn copy(original: Run, to_ws: &str, name: RunName) -> Run {
    Run {
        ws: to_ws.to_owned(),
        run_name: name,
        run_num: name.run_num(),
        run_guid: uuid::Uuid::new_v4().to_string(),
        is_child: false,
        is_outer: true,
        end_id: None,
        last_time: Time::now(),
        // What it resumed stays behind, and its name may mean another run there.
        resume_name: None,
        ..original
    }
}

/// A workspace that comes to be with the first runs that go to it.
pub fn workspace(ws: &str, username: &str) -> Workspace {
    Workspace {
        ws: ws.to_owned(),
        create_time: Time::now(),
        username: username.to_owned(),
        ..Workspace::default()
    }
}
