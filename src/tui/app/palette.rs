//! The command line's knowledge: what there is to complete with, what a command would do, what was typed before.

use std::sync::Arc;

use super::columns::{self, ColumnMenu};
use super::dialog::{Preview, Prompt, PromptKind};
use super::model::Model;
use crate::model::Run;
use crate::tui::command::{self, Argument, Entry, Invocation, Value};
use crate::tui::keymap;

/// So many lines are remembered.
pub const LINES: usize = 500;

/// Looks up what the line may become and what it would do.
pub fn refresh(model: &Model, prompt: &mut Prompt) {
    (prompt.choice, prompt.moved) = (0, false);
    if prompt.kind != PromptKind::Command {
        return;
    }
    let text = prompt.text();
    prompt.found = command::complete(&text, model.readonly, |entry| values(model, entry));
    let targets = match Invocation::parse(&text) {
        Ok(line) if line.entry.command.previews() && line.entry.allowed(model.readonly) => {
            super::update::named_targets(model, &line.argument).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    if targets != prompt.preview.targets {
        prompt.preview = Preview { targets, ..Preview::default() };
    }
}

/// What may follow a command, from what is at hand.
fn values(model: &Model, entry: &Entry) -> Vec<Value> {
    let value = |name: &str, doc: String| Value { name: name.to_owned(), doc };
    let plain = |name: &String| value(name, String::new());
    match entry.argument {
        Argument::None | Argument::Text => Vec::new(),
        Argument::Runs => {
            // A name means a run of this workspace; documents of the one before may still be at hand.
            let here = |run: &&Arc<Run>| !run.status.is_final() && Some(&run.ws) == model.scope.ws.as_ref();
            let mut runs: Vec<_> = model.runs.at_hand().filter(here).collect();
            runs.sort_by_key(|run| std::cmp::Reverse(run.run_num));
            let jobs = model.jobs.list.iter().filter(|job| !job.job_status.is_final());
            let runs = runs.into_iter().map(|run| {
                value(&run.run_name.to_string(), format!("{}  {}", run.status, run.command.join(" ")))
            });
            let jobs = jobs.map(|job| {
                value(&job.job_id.to_string(), format!("{}  {} runs", job.job_status, job.run_count))
            });
            runs.chain(jobs).collect()
        }
        Argument::Column => fields(model).map(|(field, heading)| value(&heading, field)).collect(),
        // The filter language knows what runs have been given by its own name alone.
        Argument::Filter => fields(model)
            .map(|(field, heading)| value(if field.contains('.') { &heading } else { &field }, String::new()))
            .collect(),
        Argument::Workspace => {
            let workspaces =
                model.tree.workspaces.iter().map(|ws| value(&ws.ws, format!("{} runs", ws.run_count)));
            let experiments = model.tree.experiments.iter().map(|experiment| {
                let name = format!("{}/{}", experiment.ws, experiment.exper_name);
                value(&name, format!("{} runs", experiment.run_count))
            });
            workspaces.chain(experiments).collect()
        }
        Argument::Topic => {
            crate::help::TOPICS.iter().map(|topic| value(topic.name, topic.summary())).collect()
        }
        Argument::Theme => model.themes.iter().map(plain).collect(),
        Argument::Keymap => keymap::Source::names().map(|name| value(name, String::new())).collect(),
    }
}

fn fields(model: &Model) -> impl Iterator<Item = (String, String)> {
    let menu = ColumnMenu::new(model);
    menu.fields.into_iter().map(|(field, _)| {
        let heading = columns::heading(&field).to_owned();
        (field, heading)
    })
}

/// The line that enter means: what was chosen, else what was typed. What is no whole command means the best that it
/// may become.
pub fn meant(prompt: &Prompt) -> String {
    let text = prompt.text();
    let chosen = prompt.found.get(prompt.choice).map(|found| found.line.clone());
    if is_chosen(prompt) { chosen.unwrap_or(text) } else { text }
}

/// Whether enter means what is chosen of the completions.
pub fn is_chosen(prompt: &Prompt) -> bool {
    let text = prompt.text();
    let whole = match Invocation::parse(&text) {
        Ok(line) => {
            let known = || prompt.found.iter().any(|found| found.line == text.trim());
            line.argument.is_empty() || !line.entry.argument.is_closed() || known()
        }
        Err(command::LineError::Unknown { .. }) => false,
        Err(command::LineError::Argument { .. }) => true,
    };
    prompt.moved || !whole
}

/// Remembers a line.
pub fn remember(history: &mut Vec<String>, line: &str) {
    let line = line.trim();
    if !line.is_empty() && history.last().is_none_or(|last| last != line) {
        history.push(line.to_owned());
    }
    let over = history.len().saturating_sub(LINES);
    history.drain(..over);
}

/// The line before (or after) the one that is shown, as in a shell; beyond the last one is an empty line.
/// Lines are remembered of commands alone.
pub fn walk(model: &Model, prompt: &mut Prompt, back: bool) {
    let lines = &model.history;
    if lines.is_empty() || prompt.kind != PromptKind::Command {
        return;
    }
    let at = prompt.walk.unwrap_or(lines.len());
    let at = if back { at.saturating_sub(1) } else { (at + 1).min(lines.len()) };
    let line = lines.get(at).map_or("", String::as_str);
    prompt.input = super::dialog::field(line);
    prompt.walk = Some(at).filter(|at| *at < lines.len());
    refresh(model, prompt);
}
