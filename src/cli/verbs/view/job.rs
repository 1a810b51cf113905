//! `xt view job`.

use crate::cli::out::Out;
use crate::cli::page::Page;
use crate::ops::list::Selection;
use crate::ops::{Context, Result, select};
use crate::report::shape;

/// Options of `xt view job`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt view job job1\n  $ xt view job job1 --json")]
pub struct Args {
    /// The job.
    job: String,
}

/// Shows a job and the last of its runs.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    let job = select::job(ctx, &args.job)?;
    if out.json() {
        return out.document(&job);
    }
    let mut page = Page::new(out.paint());
    let standing = if job.hold && job.job_status.is_waiting() { "held" } else { job.job_status.word() };
    page.head(&job.job_id.to_string(), job.job_status, standing);
    page.row("about", job.description.as_deref().unwrap_or_default());
    page.row("in", &format!("{}/{}", job.ws_name, job.exper_name));
    page.row("command", &job.xt_cmd);
    page.moment("submitted", Some(job.started), &format!("by {}", job.username));
    page.moment("ended", job.end_time, "");
    page.row("directory", &job.launch.submit_dir.to_string_lossy());
    let after: Vec<_> = job.after.iter().map(ToString::to_string).collect();
    page.row("after", &after.join(", "));
    page.row("resumes", job.resume_name.as_deref().unwrap_or_default());
    page.row("parent runs", job.parent_script.as_deref().unwrap_or_default());
    page.row("at once", &job.concurrent.map(|most| shape::counted(most, "run")).unwrap_or_default());
    page.row(
        "tags",
        &job.tags.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", "),
    );
    let counts = [
        ("waiting", job.queued_runs),
        ("active", job.running_runs),
        ("completed", job.completed_runs),
        ("failed", job.error_runs),
        ("cancelled", job.cancelled_runs),
    ];
    let counts = counts.iter().filter(|(_, number)| *number > 0);
    let counts: Vec<_> = counts.map(|(word, number)| format!("{} {word}", shape::count(*number))).collect();
    page.row("runs", &format!("{} ({})", shape::count(job.run_count), counts.join(", ")));
    page.section("Runs");
    page.show(out)?;
    let selection = Selection { ws: Some(job.ws_name), jobs: vec![job.job_id], ..Selection::default() };
    super::runs_below(ctx, &selection, out)
}
