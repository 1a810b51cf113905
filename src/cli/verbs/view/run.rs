//! `xt view run`.

use super::record::RunArgs;
use crate::cli::out::Out;
use crate::cli::page::Page;
use crate::model::Values;
use crate::ops::view::run::{AttemptSummary, RunPage, page};
use crate::ops::{Context, Result};
use crate::report::shape;

/// Files that are listed; `--json` lists all.
const MOST_FILES: usize = 20;

/// Shows a run.
pub fn run(ctx: &Context, args: &RunArgs, out: &mut Out) -> Result<()> {
    let run = args.find(ctx)?;
    let found = page(ctx, &run.path())?;
    if out.json() {
        return out.document(&found);
    }
    let mut page = Page::new(out.paint());
    head(&found, &mut page);
    attempts(&found, &mut page);
    code(&found, &mut page);
    values("Hyperparameters", &found.run.hparams, &mut page);
    values("Metrics (latest)", &found.run.metrics, &mut page);
    values("Tags", &found.run.tags, &mut page);
    files(&found, &mut page);
    page.show(out)
}

fn head(found: &RunPage, page: &mut Page) {
    let run = &found.run;
    page.head(&run.path().to_string(), run.status, &found.standing);
    page.row("why", run.end_reason.as_deref().unwrap_or_default());
    page.row("waits for", &found.waits_for.as_ref().map(ToString::to_string).unwrap_or_default());
    page.row("about", run.description.as_deref().unwrap_or_default());
    page.row("experiment", &run.exper_name);
    page.row("job", &run.job_id.to_string());
    page.row("resumes", run.resume_name.as_deref().unwrap_or_default());
    if let Some(repeat) = run.repeat {
        page.row("stands for", &shape::counted(repeat, "run"));
    }
    let queued = run.queue_duration.map(|seconds| format!("after {} in the queue", shape::duration(seconds)));
    let ran = run.run_duration.map(|seconds| format!("after {}", shape::duration(seconds)));
    page.moment("submitted", Some(run.create_time), &format!("by {}", run.username));
    page.moment("started", run.start_time, &queued.unwrap_or_default());
    page.moment("ended", run.end_time, &ran.unwrap_or_default());
    page.row("on", run.box_name.as_deref().unwrap_or_default());
    let gpus: Vec<_> = run.gpu_ids.iter().map(ToString::to_string).collect();
    page.row("GPUs", &gpus.join(", "));
    if run.priority != 0 {
        page.row("priority", &run.priority.to_string());
    }
    if let Some(minutes) = found.launch.max_minutes {
        page.row("time limit", &shape::duration(minutes * 60.0));
    }
}

fn attempts(found: &RunPage, page: &mut Page) {
    if found.attempts.len() < 2 && found.launch.max_retries == 0 {
        return;
    }
    page.section("Attempts");
    for attempt in &found.attempts {
        page.row(&attempt.attempt.to_string(), &summary(attempt));
    }
    page.row("retries", &format!("{} of {} used", found.run.charged, found.launch.max_retries));
}

fn summary(attempt: &AttemptSummary) -> String {
    let mut text = match attempt.end.as_deref() {
        Some("retry") => "failed and was tried again".to_owned(),
        Some(status) => status.to_owned(),
        None => "running".to_owned(),
    };
    if let Some(code) = attempt.exit_code {
        text = format!("{text}, exit code {code}");
    }
    if let (Some(start), Some(end)) = (attempt.start_time, attempt.end_time) {
        text = format!("{text}, after {}", shape::duration(end.since(start).as_secs_f64()));
    }
    attempt.reason.as_ref().map_or(text.clone(), |reason| format!("{text}: {reason}"))
}

fn code(found: &RunPage, page: &mut Page) {
    let (run, code) = (&found.run, &found.provenance);
    page.section("Command");
    page.line(&shape::command(&run.command));
    page.row("script", run.path.as_deref().unwrap_or(&run.script));
    if found.jobless {
        page.row(
            "job",
            "its record cannot be read, and with it how the run is started: run `xt check store`",
        );
        return;
    }
    page.row("directory", &found.launch.submit_dir.to_string_lossy());
    let snapshot = found.launch.snapshot.as_ref();
    page.row(
        "code",
        &snapshot.map_or_else(
            || "not taken along: it runs in that directory".to_owned(),
            |snapshot| {
                let hash = snapshot.hash.get(..12).unwrap_or(&snapshot.hash);
                format!(
                    "{}, {}, snapshot {hash}",
                    shape::counted(snapshot.files, "file"),
                    shape::bytes(snapshot.bytes)
                )
            },
        ),
    );
    page.row("git", &code.commit().unwrap_or_default());
    page.row("interpreter", code.interpreter.as_deref().unwrap_or_default());
    page.row("from", &code.host);
}

fn values(title: &str, values: &Values, page: &mut Page) {
    let shown = values.iter().filter(|(name, _)| !name.starts_with('$'));
    if shown.clone().next().is_some() {
        page.section(title);
    }
    for (name, value) in shown {
        let text = value.to_string();
        page.row(name, if text.is_empty() { "+" } else { &text });
    }
}

fn files(found: &RunPage, page: &mut Page) {
    if found.files.is_empty() {
        return;
    }
    page.section("Files");
    page.line(&found.folder);
    for file in found.files.iter().take(MOST_FILES) {
        page.row(&shape::bytes(file.size), &file.path);
    }
    if found.more_files {
        page.line("… and more than are listed here");
    } else if let Some(more) = found.files.len().checked_sub(MOST_FILES).filter(|more| *more > 0) {
        page.line(&format!("… and {}", shape::counted(more as u64, "more file")));
    }
}
