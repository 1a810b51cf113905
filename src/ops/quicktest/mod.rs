//! `xt quicktest`: exercises this installation from end to end and says what works.
//!
//! It works in a home of its own, which it removes at the end, and by the program itself as a person uses it:
//! what it says holds for the commands he will give.

mod facts;
mod sandbox;
mod steps;

use std::time::Instant;

use serde::Serialize;

pub use self::facts::Fact;
use self::sandbox::Sandbox;
use crate::config::Home;
use crate::ops::Result;

/// How a step came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "status")]
pub enum Outcome {
    /// It works.
    Passed,
    /// It could not be tried.
    Skipped {
        /// Why.
        why: String,
    },
    /// It does not work.
    Failed {
        /// What happened.
        why: String,
        /// Where to look, or what to do.
        hint: &'static str,
    },
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// What was tried.
    pub name: &'static str,
    /// How it came out.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// What an installation can do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Nothing failed.
    pub ok: bool,
    /// What was tried.
    pub steps: Vec<Step>,
    /// What this machine has besides.
    pub facts: Vec<Fact>,
}

/// Tries everything; `seen` is told of each step as it is done.
pub fn execute(home: &Home, seen: &mut dyn FnMut(&Step)) -> Result<Report> {
    let mut sandbox = Sandbox::new(home)?;
    let mut steps = Vec::new();
    let mut useless = false;
    for trial in steps::TRIALS {
        let start = Instant::now();
        let outcome = if useless {
            Outcome::Skipped { why: "nothing works without a store".to_owned() }
        } else {
            (trial.run)(&mut sandbox).unwrap_or_else(|why| Outcome::Failed { why, hint: trial.hint })
        };
        let failed = matches!(outcome, Outcome::Failed { .. });
        // Without a store every further step would fail in the same words.
        useless |= failed && steps.is_empty();
        let step = Step { name: trial.name, outcome, seconds: start.elapsed().as_secs_f64() };
        seen(&step);
        steps.push(step);
    }
    let ok = !steps.iter().any(|step| matches!(step.outcome, Outcome::Failed { .. }));
    Ok(Report { ok, steps, facts: facts::all() })
}
