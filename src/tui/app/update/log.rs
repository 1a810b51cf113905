//! The log tab: its commands, what it asks for, and the news of it.

use super::super::act::Act;
use super::super::dialog::{Confirm, Overlay, Prompt, PromptKind};
use super::super::effect::{Effect, Generation, Goal, LogRequest, LogSource, Place, Target, TerminalRequest};
use super::super::log::{Jump, LogLine};
use super::super::message::{LogEvent, Planned, Saved};
use super::super::model::{Model, Severity};
use super::super::tab::Tab;
use super::actions::toggle;
use super::{navigate, show};
use crate::log::Searcher;
use crate::model::RunPath;
use crate::model::names::visible;
use crate::tui::command::{Command, LogCommand};

/// How many lines are read at a time.
const PAGE: usize = 400;

/// How many lines are printed on the plain screen at the most.
const PRINTED: usize = 1000;

/// Does what a command says.
pub fn perform(model: &mut Model, command: LogCommand, effects: &mut Vec<Effect>) {
    match command {
        LogCommand::Follow => navigate::set_follow(model, !model.log.follows()),
        LogCommand::Wrap => {
            model.log.column = 0;
            toggle(model, |model| &mut model.log.wrap);
        }
        LogCommand::Times => toggle(model, |model| &mut model.log.times),
        LogCommand::Numbers => toggle(model, |model| &mut model.log.numbers),
        LogCommand::Search => ask(model, PromptKind::Search, ""),
        LogCommand::SearchNext => look_for(model, Goal::Hit, true, effects),
        LogCommand::SearchPrevious => look_for(model, Goal::Hit, false, effects),
        LogCommand::Filter => ask(model, PromptKind::Lines, ""),
        LogCommand::ErrorNext => look_for(model, Goal::Error, true, effects),
        LogCommand::ErrorPrevious => look_for(model, Goal::Error, false, effects),
        LogCommand::Jump => ask(model, PromptKind::Jump, ""),
        LogCommand::Copy => copy(model, effects),
        LogCommand::Save => {
            let (log, name) = (model.log.generation, file_name(model));
            ask(model, PromptKind::Save(log), &name);
        }
        LogCommand::Print => print(model, effects),
        LogCommand::AttemptNext => step_attempt(model, true),
        LogCommand::AttemptPrevious => step_attempt(model, false),
        LogCommand::Merge => merge(model),
    }
}

/// Does what a typed command says; nothing if it takes no argument.
pub fn perform_with(
    model: &mut Model,
    command: LogCommand,
    text: &str,
    effects: &mut Vec<Effect>,
) -> Option<Result<(), String>> {
    Some(match command {
        LogCommand::Search => search(model, text, effects),
        LogCommand::Filter => filter(model, text, effects),
        LogCommand::Jump => jump(model, text, effects),
        LogCommand::Save => save(model, model.log.generation, text, effects),
        _ => return None,
    })
}

fn ask(model: &mut Model, kind: PromptKind, text: &str) {
    show(model, Overlay::Prompt(Box::new(Prompt::new(kind, text))));
}

fn request(effects: &mut Vec<Effect>, request: LogRequest) {
    effects.push(Effect::Log(request));
}

/// Searches for a pattern; for none, the search is over.
pub fn search(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let pattern = Some(text.to_owned()).filter(|text| !text.is_empty());
    if let Some(pattern) = &pattern {
        Searcher::pattern(pattern).map_err(|error| error.to_string())?;
    }
    model.log.set_search(pattern.clone());
    model.dirty = true;
    let searches = pattern.is_some();
    request(effects, LogRequest::Hits { generation: model.log.generation, pattern });
    if searches {
        // At the end of a log one looks for what happened before.
        let forward = !model.log.follows();
        look_for(model, Goal::Hit, forward, effects);
    }
    Ok(())
}

/// Goes to the next hit or error, from the line gone to last, or from the screen.
fn look_for(model: &mut Model, goal: Goal, forward: bool, effects: &mut Vec<Effect>) {
    if goal == Goal::Hit && model.log.search.is_none() {
        let how = model.hint(Command::Log(LogCommand::Search), "searches");
        return model.tell(Severity::Warning, &format!("nothing to search for yet{how}"));
    }
    let (width, height) = model.log_size();
    let from = model.log.look_from(goal, forward, width, height);
    model.log.seeking = Some(goal);
    request(effects, LogRequest::Find { generation: model.log.generation, goal, from, forward });
    model.dirty = true;
}

/// Shows only the lines that match; for an empty pattern, all.
pub fn filter(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let filter = Some(text.to_owned()).filter(|text| !text.is_empty() && text != "!");
    let (size, number) = (model.log_size(), model.generations.next());
    model.log.set_filter(filter.clone(), number, size)?;
    request(effects, LogRequest::Filter { generation: model.log.generation, number, filter });
    model.dirty = true;
    Ok(())
}

/// Goes to a line or a time.
pub fn jump(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let jump = Jump::parse(text)
        .ok_or_else(|| format!("`{}` is no place: a line (42) or a time (14:30, -10m)", text.trim()))?;
    let (width, height) = model.log_size();
    let here = if model.log.follows() {
        model.log.lines.iter().rev().find_map(|line| line.time)
    } else {
        model.log.seen(width, height).find_map(|line| line.time)
    };
    let to = jump.resolve(&model.log.clock, here)?;
    model.log.jumping = true;
    request(effects, LogRequest::Jump { generation: model.log.generation, to });
    navigate::show_tab(model, Tab::Log);
    Ok(())
}

/// Saves the lines of an opened log that are shown; a file that is there already stays.
pub fn save(
    model: &Model,
    generation: Generation,
    path: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let path = path.trim().to_owned();
    if path.is_empty() {
        return Err("which file? type its name".into());
    }
    if model.log.filter.as_ref().is_some_and(|filter| !filter.complete) {
        return Err("the filter is still at work: try again in a moment".into());
    }
    if generation != model.log.generation {
        return Err("another log is open now: leave this line, and save that one if you mean it".into());
    }
    request(effects, LogRequest::Save { generation, path, overwrite: false });
    Ok(())
}

/// There is a file of this name already: whether it is to be replaced is the person's to say.
fn exists(model: &mut Model, path: &str) {
    let targets = vec![Target::File(path.into())];
    let detail = format!("with {}", file_name(model));
    let planned = vec![Planned { target: targets[0].clone(), status: None, detail }];
    let act = Act::ReplaceByLog { log: model.log.generation, path: path.to_owned() };
    let planned = Some(planned);
    model.questions.push_back(Overlay::Confirm(Confirm { act, targets, planned, task: None, scroll: 0 }));
}

/// The person agreed that the opened log replaces a file.
pub fn replace(model: &mut Model, generation: Generation, path: String, effects: &mut Vec<Effect>) {
    if generation == model.log.generation {
        request(effects, LogRequest::Save { generation, path, overwrite: true });
    } else {
        model.tell(Severity::Warning, &format!("another log is open now: {} is as it was", visible(&path)));
    }
}

/// A name for the saved log: of what it is.
fn file_name(model: &Model) -> String {
    let log = &model.log;
    let what = match &log.source {
        Some(LogSource::Run(path)) => path.run.to_string(),
        Some(LogSource::Attempt(path, attempt)) => format!("{}-attempt{attempt}", path.run),
        Some(LogSource::Job { job, .. }) => job.to_string(),
        Some(LogSource::Runs(_)) => "runs".to_owned(),
        Some(LogSource::Controller) => "controller".to_owned(),
        Some(LogSource::File { path, .. }) => {
            path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
        }
        None => "log".to_owned(),
    };
    let part = if log.filter.is_some() { "-lines" } else { "" };
    format!("{what}{part}.log")
}

/// Copies the line that was gone to, if it is seen; else all that are.
fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    let (width, height) = model.log_size();
    let seen: Vec<&LogLine> = model.log.seen(width, height).collect();
    let current = seen.iter().find(|line| Some(line.start) == model.log.current);
    let (text, said) = if let Some(line) = current {
        (line.text.text(), "copied the line".to_owned())
    } else {
        let lines: Vec<String> = seen.iter().map(|line| line.text.text()).collect();
        (lines.join("\n"), format!("copied {} lines", seen.len()))
    };
    if !text.is_empty() {
        model.tell(Severity::Good, &said);
        effects.push(Effect::Terminal(TerminalRequest::Copy(text)));
    }
}

/// Prints the lines up to the last one seen, with their colours, on the plain screen.
fn print(model: &Model, effects: &mut Vec<Effect>) {
    let (width, height) = model.log_size();
    let (first, _) = model.log.first_seen(width, height);
    let end = first + model.log.seen(width, height).count();
    let lines = model.log.lines.iter().take(end).skip(end.saturating_sub(PRINTED));
    let lines = lines.map(|line| line.text.clone()).collect();
    effects.push(Effect::Terminal(TerminalRequest::Print(lines)));
}

/// Shows the log of another attempt of the run.
fn step_attempt(model: &mut Model, forward: bool) {
    let Some((LogSource::Run(path) | LogSource::Attempt(path, _), (attempt, all))) =
        model.log.source.clone().zip(model.log.attempt)
    else {
        return model.tell(Severity::Warning, "attempts are of one run: select it");
    };
    if all == 0 {
        return model.tell(Severity::Warning, &format!("{} was not started yet", path.run));
    }
    let wanted = if forward { attempt + 1 } else { attempt.saturating_sub(1) };
    if wanted == 0 || wanted > all {
        let which = if forward { "last" } else { "first" };
        return model.tell(Severity::Warning, &format!("this is the {which} attempt of {}", path.run));
    }
    // The last one goes on to the next by itself.
    model.log.pinned = (wanted < all).then_some(LogSource::Attempt(path, wanted));
    model.dirty = true;
}

/// Shows the logs of the marked runs in one, or those of the selected run's job; or again only one.
fn merge(model: &mut Model) {
    if let Err(why) = model.runs.marked() {
        return model.tell(Severity::Warning, why);
    }
    let is_merged = matches!(model.log.pinned, Some(LogSource::Runs(_) | LogSource::Job { .. }));
    model.log.pinned = if is_merged {
        None
    } else if model.runs.marks.len() > 1 {
        Some(LogSource::Runs(model.runs.marks.values().cloned().collect()))
    } else {
        let job = match model.focus {
            super::super::Pane::Jobs => model.jobs.selected().map(|job| (job.ws_name.clone(), job.job_id)),
            _ => model.runs.selected().map(|run| (run.ws.clone(), run.job_id)),
        };
        job.map(|(ws, job)| LogSource::Job { ws, job })
    };
    model.controller_log = false;
    navigate::show_tab(model, Tab::Log);
}

/// One step back within the log; answers whether there was one.
pub fn back(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    if model.log.filter.is_some() {
        return filter(model, "", effects).is_ok();
    }
    if model.log.search.is_some() {
        return search(model, "", effects).is_ok();
    }
    false
}

/// A click on a row of the log: the line is the current one.
pub fn click(model: &mut Model, row: usize) {
    let (width, height) = model.log_size();
    let above = usize::from(model.areas().inner(super::super::Pane::Detail).height) - height;
    let line = row.checked_sub(above).and_then(|row| model.log.line_in_row(row, width, height));
    if let Some(start) = line.map(|line| line.start) {
        model.log.current = Some(start);
    }
}

/// News of the open log.
pub fn news(model: &mut Model, event: LogEvent) {
    model.dirty = true;
    let (width, height) = model.log_size();
    if let LogEvent::Page { .. } = event {
        let goes = model.log.jump;
        model.log.take(event);
        if let (Some(Place::Around(at)), None) = (goes, model.log.jump) {
            model.log.arrive(at, width, height);
        }
        return;
    }
    let shown = match &event {
        // The person has gone elsewhere meanwhile, or looks for something else.
        LogEvent::Found { goal, .. } if model.log.seeking != Some(*goal) => return,
        LogEvent::Jumped { .. } if !model.log.jumping => return,
        LogEvent::Found { goal: Goal::Hit, line: None } => {
            let pattern = model.log.search.as_ref().map(|search| search.pattern.clone()).unwrap_or_default();
            model.tell(Severity::Warning, &format!("`{pattern}` is not found in this direction"));
            None
        }
        LogEvent::Found { goal: Goal::Error, line: None } => {
            model.tell(Severity::Warning, "no error is found in this direction");
            None
        }
        LogEvent::Found { line, .. } => *line,
        LogEvent::Jumped { at, note } => {
            if let Some(note) = note {
                model.tell(Severity::Warning, note);
            }
            *at
        }
        LogEvent::Failed(why) => {
            model.tell(Severity::Error, why);
            None
        }
        LogEvent::Saved(saved) => {
            told_saved(model, saved);
            None
        }
        _ => None,
    };
    model.log.take(event);
    if let Some(at) = shown {
        model.log.show(at, width, height);
    }
}

fn told_saved(model: &mut Model, saved: &Saved) {
    match saved {
        Saved::Done(path) => model.tell(Severity::Good, &format!("saved {path}")),
        Saved::Failed(why) => model.tell(Severity::Error, why),
        Saved::Exists(path) => exists(model, path),
    }
}

/// A log that is not open any more was saved, or not.
pub fn saved_late(model: &mut Model, saved: Saved) {
    let saved = match saved {
        // Nobody could say yes any more.
        Saved::Exists(path) => {
            Saved::Failed(format!("there is {path} already: the log that was open is not saved"))
        }
        saved => saved,
    };
    model.dirty = true;
    told_saved(model, &saved);
}

/// The log that is to be shown.
fn wanted(model: &Model) -> Option<LogSource> {
    if model.controller_log {
        return Some(LogSource::Controller);
    }
    match (&model.log.pinned, model.runs.selected()) {
        (Some(source @ (LogSource::Runs(_) | LogSource::Job { .. })), _) => Some(source.clone()),
        _ if model.runs.is_empty() => None,
        (Some(source @ (LogSource::Attempt(path, _) | LogSource::File { run: path, .. })), Some(run))
            if *path == run.path() =>
        {
            Some(source.clone())
        }
        (_, Some(run)) => Some(LogSource::Run(run.path())),
        // It is being read.
        (_, None) => model.log.source.clone(),
    }
}

/// Asks for what the log tab lacks.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    match wanted(model) {
        Some(source) if model.log.source.as_ref() != Some(&source) => {
            let generation = model.generations.next();
            let is_file = matches!(source, LogSource::File { .. });
            if matches!(source, LogSource::Run(_) | LogSource::Controller) {
                model.log.pinned = None;
            }
            model.log.open(source.clone(), generation);
            if is_file {
                // A file is read from its beginning.
                model.log.go_to_start();
            }
            request(effects, LogRequest::Open { generation, source });
            if let Some(filter) = &model.log.filter {
                let (number, filter) = (model.log.filter_number, Some(filter.text.clone()));
                request(effects, LogRequest::Filter { generation, number, filter });
            }
            if let Some(search) = &model.log.search {
                request(effects, LogRequest::Hits { generation, pattern: Some(search.pattern.clone()) });
            }
        }
        None if model.log.source.is_some() => {
            let generation = model.generations.next();
            model.log.close(generation);
            request(effects, LogRequest::Close);
        }
        _ => {}
    }
    let (width, height) = model.log_size();
    let generation = model.log.generation;
    if let Some(place) = model.log.wanted(width, height) {
        model.log.asked = Some(place);
        request(effects, LogRequest::Page { generation, place, lines: PAGE });
    }
    let starts = model.log.unnumbered(width, height);
    if !starts.is_empty() {
        model.log.asked_numbers = true;
        request(effects, LogRequest::Number { generation, starts });
    }
}

/// A run has another attempt, or has come to something: its log may be there now.
pub fn reopen(model: &mut Model, run: &RunPath, other_attempt: bool) {
    use super::super::log::State;
    let absent = matches!(model.log.state, State::Missing | State::Failed(_));
    if model.log.is_of(run) && (other_attempt || absent) {
        model.log.source = None;
    }
}
