//! `xt view run`: a run, its attempts, its files.

use serde::Serialize;
use serde_json::Value;

use crate::model::job::{Launch, Provenance};
use crate::model::node::Shortage;
use crate::model::{Event, Job, Run, RunPath, Time};
use crate::ops::standing::{self, Surroundings};
use crate::ops::view::listing::{self, FileSummary, Stamp};
use crate::ops::{Context, Result};

/// Everything about a run; as JSON, its record with what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunPage {
    /// Its record.
    #[serde(flatten)]
    pub run: Run,
    /// Where it stands, in the words of a list.
    #[serde(skip)]
    pub standing: String,
    /// What it waits for that others on the machine have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<Shortage>,
    /// Its attempts.
    pub attempts: Vec<AttemptSummary>,
    /// The record of its job cannot be read: what follows of how it is started and where it came from is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub jobless: bool,
    /// How it is started.
    pub launch: Launch,
    /// Where its code came from.
    pub provenance: Provenance,
    /// The folder of its files.
    pub folder: String,
    /// The files that are there.
    pub files: Vec<FileSummary>,
    /// There are more files than are listed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more_files: bool,
    /// While this is the same, so are the files.
    #[serde(skip)]
    pub stamp: Stamp,
}

/// One attempt, from the events.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AttemptSummary {
    /// Its number, from 1.
    pub attempt: u64,
    /// When its script started.
    pub start_time: Option<Time>,
    /// When it ended.
    pub end_time: Option<Time>,
    /// `retry` when it was tried again, else the status the run ended with.
    pub end: Option<String>,
    /// The script's exit code.
    pub exit_code: Option<i64>,
    /// Why it ended.
    pub reason: Option<String>,
}

impl RunPage {
    /// Why a run that has not started has not: `waits for 1 GPU; …`, `held`, `after job3`. Where nothing else keeps
    /// it, runs that came before it do.
    pub fn awaited(&self) -> Option<String> {
        let said = match &self.waits_for {
            Some(shortage) => format!("waits for {shortage}"),
            None if self.standing == self.run.status.word() => "waits for its turn".to_owned(),
            None => self.standing.clone(),
        };
        self.run.status.is_waiting().then_some(said)
    }
}

/// Collects it.
pub fn page(ctx: &Context, path: &RunPath) -> Result<RunPage> {
    page_again(ctx, path, None)
}

/// Collects it once more: files that nobody can have changed since are not looked for again.
pub fn page_again(ctx: &Context, path: &RunPath, known: Option<&RunPage>) -> Result<RunPage> {
    let run = ctx.records.run(path)?;
    let now = Time::now();
    let around = Surroundings::of(ctx, std::slice::from_ref(&run), now)?;
    let job = standing::job(ctx, run.job_id)?;
    let jobless = job.is_none();
    let Job { launch, provenance, .. } = job.unwrap_or_default();
    let folder = ctx.layout.run_files(&run.ws, run.run_name);
    let stamp = Stamp::of(&run, &folder);
    let (files, more_files) = match known.filter(|known| known.run.path() == *path && known.stamp == stamp) {
        Some(known) => (known.files.clone(), known.more_files),
        None => listing::files(&folder),
    };
    Ok(RunPage {
        standing: around.of_run(&run, now),
        waits_for: around.awaited(&run, now).cloned(),
        attempts: attempts(&ctx.records.events(path)?),
        jobless,
        launch,
        provenance,
        folder: folder.to_string_lossy().into_owned(),
        files,
        more_files,
        stamp,
        run,
    })
}

/// The attempts that the events of a run tell of.
pub fn attempts(events: &[Event]) -> Vec<AttemptSummary> {
    let mut attempts: Vec<AttemptSummary> = Vec::new();
    for event in events {
        let Some(number) = event.data.get("attempt").and_then(Value::as_u64) else { continue };
        if !matches!(event.event.as_str(), "started" | "retry" | "ended") {
            continue;
        }
        let place = attempts.iter().position(|attempt| attempt.attempt == number);
        let place = place.unwrap_or_else(|| {
            attempts.push(AttemptSummary { attempt: number, ..AttemptSummary::default() });
            attempts.len() - 1
        });
        let Some(attempt) = attempts.get_mut(place) else { continue };
        if event.event == "started" {
            attempt.start_time = Some(event.time);
            continue;
        }
        let text = |name| event.data.get(name).and_then(Value::as_str).map(str::to_owned);
        attempt.end_time = Some(event.time);
        attempt.end = if event.event == "retry" { Some("retry".to_owned()) } else { text("status") };
        attempt.exit_code = event.data.get("exit_code").and_then(Value::as_i64);
        attempt.reason = text("reason");
    }
    attempts
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P8: a job that cannot be read hides none of its runs.
    #[test]
    fn a_run_is_seen_without_its_job() {
        let world = crate::ops::testing::World::new();
        let path = world.single("ws1");
        assert!(!page(&world.ctx, &path).unwrap().jobless);
        world.damage("UPDATE jobs SET doc = '{'");
        let page = page(&world.ctx, &path).unwrap();
        assert!(page.jobless && page.run.path() == path);
    }

    // Proves A11, B3 (what became of each attempt).
    #[test]
    fn attempts_are_told_by_the_events() {
        let at = |second: i64| Time::from_micros(second * 1_000_000);
        let events = [
            Event::at(at(0), "queued", []),
            Event::at(at(1), "started", [("attempt", 1.into())]),
            Event::at(at(2), "attempt", [("attempt", "not a number".into())]),
            Event::at(at(3), "retry", [("attempt", 1.into()), ("exit_code", 7.into())]),
            Event::at(at(4), "started", [("attempt", 2.into())]),
            Event::at(
                at(9),
                "ended",
                [("attempt", 2.into()), ("status", "aborted".into()), ("reason", "late".into())],
            ),
        ];
        let told = attempts(&events);
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].end.as_deref(), told[0].exit_code), (Some("retry"), Some(7)));
        assert_eq!((told[1].start_time, told[1].end_time), (Some(at(4)), Some(at(9))));
        assert_eq!(told[1].reason.as_deref(), Some("late"));
    }
}
