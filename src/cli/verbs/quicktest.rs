//! `xt quicktest`.

use crate::cli::out::Out;
use crate::cli::startup::Startup;
use crate::model::Status;
use crate::model::names::visible;
use crate::ops::Result;
use crate::ops::quicktest::{self, Outcome, Step};
use crate::report::Role;

/// Options of `xt quicktest`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It works in a home of its own, which it removes at the end; your store is not touched. The exit status is 1\nwhen anything failed.\n\nExamples:\n  $ xt quicktest\n  $ xt quicktest --json"
)]
pub struct Args {}

/// Tries everything, and tells of each step as it is done.
pub fn run(startup: &Startup, out: &mut Out) -> Result<u8> {
    let home = startup.home()?;
    let mut told = Ok(());
    let report = quicktest::execute(&home, &mut |step| {
        if !out.json() && told.is_ok() {
            told = tell(step, out).and_then(|()| out.flush());
        }
    })?;
    told?;
    if out.json() {
        out.document(&report)?;
    } else {
        for fact in &report.facts {
            out.line(&format!("{} {}", if fact.found { "·" } else { "–" }, visible(&fact.text)))?;
        }
        out.line(if report.ok { "this installation works" } else { "this installation has problems" })?;
    }
    Ok(u8::from(!report.ok))
}

fn tell(step: &Step, out: &mut Out) -> Result<()> {
    let (mark, status) = match step.outcome {
        Outcome::Passed => ("✓", Status::Completed),
        Outcome::Skipped { .. } => ("–", Status::Cancelled),
        Outcome::Failed { .. } => ("✗", Status::Error),
    };
    let paint = out.paint();
    let mut line = String::new();
    paint.write(&mut line, Role::Status(status), mark);
    line.push(' ');
    line.push_str(step.name);
    paint.write(&mut line, Role::Muted, &format!("  {:.1} s", step.seconds));
    out.line(&line)?;
    match &step.outcome {
        Outcome::Passed => Ok(()),
        Outcome::Skipped { why } => out.line(&format!("    skipped: {why}")),
        Outcome::Failed { why, hint } => {
            why.lines().try_for_each(|line| out.line(&format!("    {}", visible(line))))?;
            out.line(&format!("    {hint}"))
        }
    }
}
