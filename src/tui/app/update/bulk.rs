//! What is done to the selected thing or to all that are marked: frozen, listed, and agreed to before it is done.

use std::collections::HashSet;

use indexmap::IndexSet;

use super::super::act::Act;
use super::super::dialog::{Confirm, Overlay, Prompt, PromptKind};
use super::super::effect::{Effect, List, Target, Verb};
use super::super::layout::Pane;
use super::super::message::Planned;
use super::super::model::{Model, Severity};
use super::super::rerun::RerunForm;
use super::super::tagging::{TagForm, Tagging};
use super::{log, navigate, show};
use crate::model::{JobName, Run};
use crate::ops::rerun::Changes;

/// The jobs or runs a command is about: those that are marked, all of them, else the selected one; or why there are none.
pub fn targets(model: &Model) -> Result<Vec<Target>, &'static str> {
    let targets: Vec<Target> = if model.focus == Pane::Jobs {
        let marked = &model.jobs.marks;
        if marked.is_empty() {
            model.jobs.selected().map(|job| Target::Job(job.job_id)).into_iter().collect()
        } else {
            marked.iter().copied().map(Target::Job).collect()
        }
    } else {
        let marked = model.runs.marked()?;
        if marked.is_empty() {
            model.runs.selected().map(|run| Target::Run(run.path())).into_iter().collect()
        } else {
            marked.values().cloned().map(Target::Run).collect()
        }
    };
    if targets.is_empty() { Err("nothing is selected") } else { Ok(targets) }
}

/// The same; without any, a word about it.
pub fn some_targets(model: &mut Model) -> Option<Vec<Target>> {
    targets(model).map_err(|why| model.tell(Severity::Warning, why)).ok()
}

/// Starts a verb in the background.
pub fn start(model: &mut Model, verb: Verb, effects: &mut Vec<Effect>) {
    let task = model.begin_task(&verb);
    effects.push(Effect::Control { task, verb });
}

/// Opens the question. What is at hand of one run is shown at once; the rest is looked up.
pub fn ask(model: &mut Model, act: Act, targets: Vec<Target>, effects: &mut Vec<Effect>) {
    let planned = match (&act, targets.as_slice()) {
        (Act::Cancel, [Target::Run(path)]) => model.runs.doc_at(path).map(|run| {
            let detail = run.command.join(" ");
            vec![Planned { target: targets[0].clone(), status: Some(run.status), detail }]
        }),
        _ => None,
    };
    let task = planned.is_none().then(|| {
        let verb = Verb::Plan { act: act.clone(), targets: targets.clone() };
        let task = model.begin_task(&verb);
        effects.push(Effect::Control { task, verb });
        task
    });
    show(model, Overlay::Confirm(Confirm { act, targets, planned, task, scroll: 0 }));
}

/// The person said yes to exactly this.
pub fn confirmed(model: &mut Model, confirm: &Confirm, effects: &mut Vec<Effect>) {
    // The frozen set is what was listed: a job's runs, not whatever the job has by now.
    let planned = confirm.planned.as_deref().unwrap_or_default();
    if planned.is_empty() {
        return;
    }
    if let Some(word) = confirm.act.pending() {
        let cancels = confirm.act == Act::Cancel;
        let open = planned.iter().filter(|one| !cancels || one.is_open());
        for path in open.filter_map(|one| one.target.run()) {
            // It may have ended since it was looked up.
            let ended = model.runs.doc_at(path).is_some_and(|run| run.status.is_final());
            if !(cancels && ended) {
                model.runs.pending.insert(path.clone(), word);
            }
        }
    }
    unmark_these(model, planned.iter().map(|one| &one.target));
    match &confirm.act {
        Act::ReplaceByLog { log, path } => log::replace(model, *log, path.clone(), effects),
        act => act.verb(planned).into_iter().for_each(|verb| start(model, verb, effects)),
    }
}

/// What a verb was about is marked no longer; other marks stay.
fn unmark_these<'a>(model: &mut Model, targets: impl Iterator<Item = &'a Target>) {
    let mut runs = HashSet::new();
    for target in targets {
        match target {
            Target::Run(path) => drop(runs.insert(path.clone())),
            Target::Job(job) => drop(model.jobs.marks.shift_remove(job)),
            Target::Named(_) | Target::File(_) => {}
        }
    }
    if !model.runs.marks.is_empty() {
        model.runs.unmark_these(&runs);
    }
    model.dirty = true;
}

/// Ends the selected job, the marked runs, or the selected run, once agreed.
pub fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(targets) = some_targets(model) else { return };
    let ended = match targets.as_slice() {
        [Target::Job(job)] => {
            model.jobs.list.iter().find(|one| one.job_id == *job).is_some_and(|job| job.job_status.is_final())
        }
        [Target::Run(run)] if model.runs.marks.is_empty() => {
            model.runs.doc_at(run).is_some_and(|run| run.status.is_final())
        }
        _ => false,
    };
    if ended {
        return model.tell(Severity::Warning, &format!("{} has ended already", targets[0]));
    }
    ask(model, Act::Cancel, targets, effects);
}

/// Puts the marked runs, or the selected one, into the trash, once agreed.
pub fn delete(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(targets) = some_targets(model) {
        ask(model, Act::Delete, targets, effects);
    }
}

/// Opens the form to start the marked runs, or the selected one, again.
pub fn rerun(model: &mut Model) {
    let Some(targets) = some_targets(model) else { return };
    let at_hand = |target: &Target| model.runs.doc_at(target.run()?).cloned();
    let docs: Vec<_> = targets.iter().filter_map(at_hand).collect();
    let runs: Vec<&Run> = docs.iter().map(AsRef::as_ref).collect();
    if targets.len() == 1 && runs.is_empty() {
        return model.tell(Severity::Warning, "the run is still being read");
    }
    let job = runs.first().and_then(|run| model.jobs.list.iter().find(|job| job.job_id == run.job_id));
    let form = RerunForm::new(targets, &runs, job);
    show(model, Overlay::Rerun(Box::new(form)));
}

/// The form is filled in: one run starts again, several are listed first.
pub fn rerun_filled(model: &mut Model, targets: Vec<Target>, changes: Changes, effects: &mut Vec<Effect>) {
    match targets.as_slice() {
        [Target::Run(run)] => {
            let verb = Verb::Rerun { runs: vec![run.clone()], changes: Box::new(changes) };
            unmark_these(model, targets.iter());
            start(model, verb, effects);
        }
        _ => ask(model, Act::Rerun(Box::new(changes)), targets, effects),
    }
}

/// Opens the form for tags, on one of its lines.
pub fn edit_tags(model: &mut Model, line: usize) {
    let Some(targets) = some_targets(model) else { return };
    let mut form = TagForm::new(model, targets);
    form.fields.focus = line;
    show(model, Overlay::Tags(Box::new(form)));
}

/// Changes tags.
pub fn tag(model: &mut Model, targets: Vec<Target>, asked: Tagging, effects: &mut Vec<Effect>) {
    if !asked.is_empty() {
        start(model, Verb::Tag { targets, asked }, effects);
    }
}

/// Changes tags or the note as a typed line says.
pub fn tag_line(model: &mut Model, asked: Tagging, effects: &mut Vec<Effect>) -> Result<(), String> {
    tag(model, targets(model)?, asked, effects);
    Ok(())
}

/// The selected job, those that are marked, or those that are named.
pub fn jobs(model: &Model, names: &str) -> Result<Vec<JobName>, String> {
    let named: Result<Vec<JobName>, _> =
        crate::model::names::words(names.split_whitespace()).map(str::parse).collect();
    let named = named.map_err(|error| error.to_string())?;
    let jobs =
        if named.is_empty() { targets(model)?.iter().filter_map(Target::job).collect() } else { named };
    if jobs.is_empty() { Err("no job is selected".to_owned()) } else { Ok(jobs) }
}

/// Holds or releases jobs: one at once, several once agreed.
pub fn hold(model: &mut Model, names: &str, hold: bool, effects: &mut Vec<Effect>) -> Result<(), String> {
    let jobs = jobs(model, names)?;
    match jobs.as_slice() {
        [_] => start(model, Verb::Hold { jobs, hold }, effects),
        _ => ask(model, Act::Hold(hold), jobs.into_iter().map(Target::Job).collect(), effects),
    }
    Ok(())
}

/// Asks for the priority of the selected job or of those that are marked.
pub fn ask_priority(model: &mut Model) -> Result<(), String> {
    let jobs = jobs(model, "")?;
    let of_one = model.jobs.selected().map(|job| job.priority.to_string()).unwrap_or_default();
    show(model, Overlay::Prompt(Box::new(Prompt::new(PromptKind::Priority(jobs), &of_one))));
    Ok(())
}

/// Gives jobs a priority: one at once, several once agreed.
pub fn set_priority(
    model: &mut Model,
    jobs: Vec<JobName>,
    text: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let text = text.trim();
    let priority: i64 =
        text.parse().map_err(|_| format!("`{text}` is no priority: a whole number, higher first"))?;
    match jobs.as_slice() {
        [_] => start(model, Verb::Priority { jobs, priority }, effects),
        _ => ask(model, Act::Priority(priority), jobs.into_iter().map(Target::Job).collect(), effects),
    }
    Ok(())
}

/// Marks the selected thing or takes its mark away, and goes on.
pub fn mark(model: &mut Model) {
    if model.focus == Pane::Jobs {
        model.jobs.toggle_mark();
        model.jobs.cursor.step(1, &model.jobs.keys);
        navigate::scope_from_jobs(model);
    } else {
        model.runs.toggle_mark();
        navigate::step(model, Pane::Runs, 1);
    }
    model.dirty = true;
}

/// Removes all marks.
pub fn unmark(model: &mut Model) {
    model.runs.unmark_all();
    model.jobs.marks.clear();
    model.dirty = true;
}

/// Marks from the run that was marked last to the selected one.
pub fn mark_range(model: &mut Model, effects: &mut Vec<Effect>) {
    let ids = model.runs.range_from_anchor();
    mark_ids(model, ids, effects);
}

/// Marks the selected run, and the one it goes to.
pub fn mark_along(model: &mut Model, by: isize, effects: &mut Vec<Effect>) {
    let mut ids = model.runs.cursor.selected().into_iter().collect::<Vec<_>>();
    navigate::step(model, Pane::Runs, by);
    ids.extend(model.runs.cursor.selected());
    mark_ids(model, ids, effects);
}

/// Marks all runs that the filter lets through now; what comes later is not marked.
pub fn mark_all(model: &mut Model, effects: &mut Vec<Effect>) {
    let ids = model.runs.all_ids();
    mark_ids(model, ids, effects);
}

/// Marks runs: those at hand at once, the others when their names have been read.
fn mark_ids(model: &mut Model, ids: Vec<i64>, effects: &mut Vec<Effect>) {
    model.dirty = true;
    let ids: IndexSet<i64> = ids.into_iter().collect();
    let mut asks = false;
    for id in ids {
        match model.runs.doc(id).map(|run| run.path()) {
            Some(path) => drop(model.runs.marks.insert(id, path)),
            None => asks |= model.runs.to_mark.insert(id),
        }
    }
    model.runs.anchor = model.runs.cursor.selected();
    if asks {
        // Only the latest question is answered: it repeats what is still awaited.
        let ids = model.runs.to_mark.iter().copied().collect();
        let generation = model.generations.next();
        model.generations.marks = generation;
        effects.push(Effect::List(List::Marks { generation, ids }));
    }
}
