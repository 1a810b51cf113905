//! What comes back from the executor.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::compare;
use super::super::detail::Shown;
use super::super::dialog::Overlay;
use super::super::effect::{Effect, Generation, ListKind, Target, TaskId, TerminalRequest};
use super::super::message::{Done, ListAnswer, ListData, Planned};
use super::super::model::{Model, Severity, TaskState};
use super::log;
use crate::log::sanitize;
use crate::model::Status;
use crate::model::node::Heartbeat;
use crate::store::{Changes, Gone};

/// An answer to a list's question; one to an older question is dropped.
pub fn list(model: &mut Model, answer: ListAnswer) {
    if answer.generation != latest(model, answer.kind) {
        return;
    }
    model.dirty = true;
    model.under_way.answered(answer.kind);
    match answer.result {
        Ok(ListData::Tree(workspaces, experiments)) => {
            let first = !model.tree.loaded;
            model.tree.set(workspaces, experiments);
            if model.scope.ws.as_ref().is_none_or(|ws| !model.tree.workspaces.iter().any(|w| w.ws == *ws)) {
                choose_workspace(model);
            } else if let Some(ws) = model.scope.ws.clone().filter(|_| first) {
                model.tree.select_name(&ws, None);
                model.tree.set_open(true);
            }
        }
        Ok(ListData::Jobs(jobs)) => {
            let ws = model.scope.ws.clone();
            model.jobs.set(ws, jobs);
        }
        Ok(ListData::Index { keys, counts }) => {
            let query = model.query();
            if model.runs.query.as_ref() != Some(&query) {
                model.runs.query = Some(query);
            }
            model.runs.set_keys(&keys, counts);
        }
        Ok(ListData::Rows(docs)) => {
            let height = model.runs_height();
            model.runs.take_docs(docs, height);
        }
        Ok(ListData::Page(page)) => model.detail.take(page),
        Ok(ListData::Marks(names)) => model.runs.take_names(names),
        Ok(ListData::Looked(looked)) => super::files::looked(model, *looked),
        Ok(ListData::Picture(shown)) => picture(model, Ok(shown)),
        Err(why) if answer.kind == ListKind::Picture => picture(model, Err(why)),
        Ok(ListData::About(about)) => {
            if let Some(Overlay::Sheet(sheet)) = &mut model.overlay {
                sheet.take(&about, model.now);
            }
        }
        Err(why) if answer.kind == ListKind::About => {
            if let Some(Overlay::Sheet(sheet)) = &mut model.overlay {
                sheet.failed = Some(why);
            }
        }
        Ok(ListData::Preview(ends)) => preview(model, Ok(ends)),
        Err(why) if answer.kind == ListKind::Preview => preview(model, Err(why)),
        Ok(ListData::Nodes(nodes)) => model.nodes.set(nodes),
        Ok(ListData::Load(curves)) => {
            // The run may not be the selected one any more.
            let run = model.detail.load.run().and_then(|run| model.runs.doc_at(run));
            let started = run.and_then(|run| run.start_time);
            model.detail.take_load(curves, started);
        }
        Ok(ListData::Metrics(news)) if answer.kind == ListKind::Overlaid => model.compare.board.take(news),
        Ok(ListData::Metrics(news)) => model.board.take(news),
        Ok(ListData::Trends(trends)) => model.trends.take(trends),
        Ok(ListData::Compare { runs, left_out }) => {
            model.compare.take(runs);
            if left_out > 0 {
                let said = format!("the first {} are compared, {left_out} are left out", compare::MOST);
                model.tell(Severity::Warning, &said);
            }
        }
        Err(why) if answer.kind == ListKind::Metrics => model.board.fail(why),
        Err(why) if answer.kind == ListKind::Overlaid => model.compare.board.fail(why),
        Err(why) if answer.kind == ListKind::Compare => model.compare.fail(why),
        // The table does without.
        Err(_) if answer.kind == ListKind::Trends => model.trends.fail(),
        Err(why) if answer.kind == ListKind::Load => model.detail.load.failed = Some(why),
        Err(why) if answer.kind == ListKind::Page => model.detail.failed = Some(why),
        Err(why) => {
            match answer.kind {
                ListKind::Index => model.runs.failed = Some(why.clone()),
                ListKind::Rows => model.runs.fail_docs(),
                ListKind::Marks => model.runs.to_mark.clear(),
                _ => {}
            }
            model.tell(Severity::Error, &why);
        }
    }
}

/// The picture that is open.
fn picture(model: &mut Model, read: Result<Option<Arc<Shown>>, String>) {
    if let Some(picture) = &mut model.detail.picture {
        picture.take(read);
    }
}

/// What the command being typed would end.
fn preview(model: &mut Model, ends: Result<Vec<Planned>, String>) {
    if let Some(Overlay::Prompt(prompt)) = &mut model.overlay
        && prompt.preview.generation == Some(model.generations.preview)
    {
        prompt.preview.ends = Some(ends);
    }
}

fn latest(model: &Model, kind: ListKind) -> Generation {
    match kind {
        ListKind::Tree => model.generations.tree,
        ListKind::Jobs => model.generations.jobs,
        ListKind::Index => model.generations.index,
        ListKind::Rows => model.generations.rows,
        ListKind::Marks => model.generations.marks,
        ListKind::Look => model.generations.look,
        ListKind::Picture => model.generations.picture,
        ListKind::About => model.generations.about,
        ListKind::Page => model.generations.page,
        ListKind::Preview => model.generations.preview,
        ListKind::Nodes => model.generations.nodes,
        ListKind::Load => model.generations.load,
        ListKind::Metrics => model.generations.metrics,
        ListKind::Overlaid => model.generations.overlaid,
        ListKind::Trends => model.generations.trends,
        ListKind::Compare => model.generations.compare,
    }
}

/// At the start, and when its own is gone: the workspace something happened in last.
fn choose_workspace(model: &mut Model) {
    let latest = model.tree.workspaces.iter().max_by_key(|ws| ws.last_time.max(Some(ws.create_time)));
    let name = latest.map(|workspace| workspace.ws.clone());
    if let Some(ws) = &name {
        model.tree.select_name(ws, None);
        model.tree.set_open(true);
    }
    super::navigate::set_scope(model, name, None, None);
}

/// The records changed: what is at hand is replaced, and what may have moved is read again.
pub fn changed(model: &mut Model, changes: Changes, effects: &mut Vec<Effect>) {
    model.dirty = true;
    let ordered = model.sort.is_some() || model.filter.filter.is_some();
    model.runs.try_again();
    for run in changes.runs {
        let here = model.scope.ws.as_ref() == Some(&run.ws);
        let path = run.path();
        if !model.watched.is_empty() {
            ended(model, &Target::Run(path.clone()), run.status, effects);
        }
        let before = model.runs.doc_at(&path).map(|old| (old.status, old.attempt));
        let after = (run.status, run.attempt);
        model.board.changed(&path);
        model.trends.changed(&path);
        model.compare.changed(&run);
        let moved = model.runs.take_change(run);
        model.stale.tree |= moved;
        model.stale.index |= here && (moved || ordered);
        model.detail.stale |= model.detail.is_of(&path);
        // What was measured last may have come after the last sign of life.
        model.detail.load.stale |= model.detail.load.run() == Some(&path);
        model.nodes.stale |= moved;
        if before.is_some_and(|before| before != after) {
            log::reopen(model, &path, before.is_some_and(|(_, attempt)| attempt != after.1));
        }
    }
    let job_changed = !changes.jobs.is_empty();
    let reads = model.under_way.jobs.is_under_way();
    for job in changes.jobs {
        ended(model, &Target::Job(job.job_id), job.job_status, effects);
        let here = model.scope.ws.as_ref() == Some(&job.ws_name);
        model.stale.jobs |= model.jobs.take_change(job, reads) && here;
    }
    let mut gone_runs = HashSet::new();
    for gone in changes.gone {
        model.stale.tree = true;
        match gone {
            Gone::Run(path) => {
                model.stale.index |= model.scope.ws.as_ref() == Some(&path.ws);
                gone_runs.insert(path);
            }
            Gone::Job(_) => model.stale.jobs = true,
            Gone::Workspace(_) => {}
        }
    }
    if !gone_runs.is_empty() {
        model.runs.forget(&gone_runs);
    }
    model.stale.tree |= changes.workspaces;
    if let Some(Overlay::Sheet(sheet)) = &mut model.overlay {
        sheet.stale |= model.stale.tree || job_changed;
    }
}

/// Controllers gave signs of life: they have measured something, too.
pub fn heartbeats(model: &mut Model, beats: Vec<Heartbeat>) {
    model.heartbeats = beats;
    model.nodes.stale = true;
    let selected = model.runs.selected();
    model.detail.load.stale |= selected.is_some_and(|run| run.status.is_active());
    // They tell what is short, too.
    model.detail.stale |= selected.is_some_and(|run| run.status.is_waiting());
    model.dirty = true;
}

/// Tells aloud that something watched has ended.
fn ended(model: &mut Model, target: &Target, status: Status, effects: &mut Vec<Effect>) {
    if status.is_final() && model.watched.remove(target) {
        let said = format!("{target}: {status}");
        let severity = if status == Status::Completed { Severity::Good } else { Severity::Warning };
        model.tell(severity, &said);
        effects.push(Effect::Terminal(TerminalRequest::Notify(said)));
    }
}

/// A task's turn has come.
pub fn task_begun(model: &mut Model, id: TaskId) {
    if let Some(task) = model.tasks.iter_mut().find(|task| task.id == id && task.state.is_open()) {
        task.state = TaskState::Running;
        model.dirty = true;
    }
}

/// A task tells how far it is.
pub fn task_progress(model: &mut Model, id: TaskId, progress: (u64, u64)) {
    if let Some(task) = model.tasks.iter_mut().find(|task| task.id == id && task.state.is_open()) {
        task.progress = Some(progress);
        model.dirty = true;
    }
}

/// A task that was to be stopped works on.
pub fn unstoppable(model: &mut Model, id: TaskId) {
    if let Some(task) = model.tasks.iter().find(|task| task.id == id && task.state.is_open()) {
        let said = format!("`{}` is being done and cannot be stopped; its result will be told", task.title);
        model.tell(Severity::Warning, &said);
    }
}

/// A task ended.
pub fn task(model: &mut Model, id: TaskId, result: Result<Done, String>, effects: &mut Vec<Effect>) {
    model.dirty = true;
    let now = model.now;
    let (state, targets) = match model.tasks.iter_mut().find(|task| task.id == id) {
        Some(task) => {
            task.ended = Some(now);
            (&mut task.state, task.targets.clone())
        }
        None => return,
    };
    match result {
        Ok(Done::Shell { run, shell }) => {
            *state = TaskState::Done("started".to_owned());
            effects.push(Effect::Terminal(TerminalRequest::Shell { run, shell }));
        }
        Ok(Done::Copied(path)) => {
            *state = TaskState::Done("opened in the editor".to_owned());
            super::files::copied(path, effects);
        }
        Ok(Done::Exists { run, file, path }) => {
            *state = TaskState::Failed(format!("{} is there already, and is as it was", path.display()));
            super::files::exists(model, run, file, path);
        }
        Ok(Done::Stopped) => {
            *state = TaskState::Stopped;
            forget_pending(model, &targets);
        }
        Ok(Done::Said(said)) => {
            let said = sanitize(&said).into_owned();
            *state = TaskState::Done(said.clone());
            model.tell(Severity::Good, &said);
        }
        Ok(Done::Plan(plan)) => {
            *state = TaskState::Done(format!("{} found", plan.len()));
            if let Some(Overlay::Confirm(confirm)) = &mut model.overlay
                && confirm.task == Some(id)
            {
                confirm.planned = Some(plan);
            }
        }
        Err(why) => {
            let why = sanitize(&why).into_owned();
            *state = TaskState::Failed(why.clone());
            forget_pending(model, &targets);
            if matches!(&model.overlay, Some(Overlay::Confirm(confirm)) if confirm.task == Some(id)) {
                model.overlay = None;
            }
            model.tell(Severity::Error, &why);
        }
    }
}

/// Nothing is being done to these any more.
fn forget_pending(model: &mut Model, targets: &[Target]) {
    for target in targets {
        if let Target::Run(path) = target {
            model.runs.pending.remove(path);
        }
    }
}
