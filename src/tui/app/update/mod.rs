//! The one function that changes the model. Pure: what is to be done outside comes back as effects.

mod actions;
mod answers;
mod bulk;
mod charts;
mod files;
mod keys;
mod layout;
mod log;
mod mouse;
mod navigate;
mod over;
mod prompt;
mod settings;
mod settle;
mod tasks;
#[cfg(test)]
mod tests;

pub use actions::named_targets;

use super::dialog::Overlay;
use super::effect::Effect;
use super::message::{LogEvent, Msg};
use super::model::{Model, Severity};

/// Takes a message in and answers what is to be done.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::Clock { now, uptime } => clock(model, now, uptime),
        Msg::Key(event) => keys::key(model, event, &mut effects),
        Msg::Paste(text) => keys::paste(model, &text),
        Msg::Mouse(event) => mouse::mouse(model, event, &mut effects),
        Msg::Resize(width, height) => {
            model.size = (width, height);
            model.dirty = true;
        }
        Msg::Cell(cell) => model.means.cell = cell,
        Msg::Resumed { failed } => {
            if let Some(why) = failed {
                model.tell(Severity::Error, &why);
            }
            model.dirty = true;
        }
        Msg::Answer(answer) => settings::answer(model, answer, &mut effects),
        Msg::Keymap { loaded, again } => settings::keymap(model, *loaded, again),
        Msg::Theme { loaded, again } => settings::theme(model, *loaded, again, &mut effects),
        Msg::Terminate => model.quit = true,
        Msg::List(answer) => answers::list(model, answer),
        Msg::Changed(changes) => answers::changed(model, changes, &mut effects),
        Msg::WatchFailed(why) => {
            model.tell(Severity::Error, &format!("changes are no longer seen: {why}"));
        }
        Msg::WatchResumed => model.tell(Severity::Good, "changes are seen again"),
        Msg::Heartbeats(beats) => answers::heartbeats(model, beats),
        Msg::TaskBegun(task) => answers::task_begun(model, task),
        Msg::TaskProgress { task, done, all } => answers::task_progress(model, task, (done, all)),
        Msg::Unstoppable(task) => answers::unstoppable(model, task),
        Msg::Edited(text) => {
            if let Some(Overlay::Rerun(form)) = &mut model.overlay {
                form.edited(&text);
            }
            model.dirty = true;
        }
        Msg::CopyKept(path) => {
            let path = path.display();
            model.tell(
                Severity::Warning,
                &format!("the file of the run is as it was; your changes are in {path}"),
            );
        }
        Msg::Task { task, result } => answers::task(model, task, result, &mut effects),
        Msg::Log { generation, event } => {
            if generation == model.log.generation {
                log::news(model, event);
            } else if let LogEvent::Saved(saved) = event {
                log::saved_late(model, saved);
            }
        }
    }
    settle::settle(model, &mut effects);
    effects
}

/// Time has passed: toasts go, durations grow.
fn clock(model: &mut Model, now: crate::model::Time, uptime: std::time::Duration) {
    if model.next_change().is_some_and(|next| next <= uptime) {
        model.dirty = true;
    }
    model.nodes.stale |= model.nodes.due().is_some_and(|due| due <= uptime);
    (model.now, model.uptime) = (now, uptime);
    model.toasts.retain(|(_, until)| *until > uptime);
}

/// Shows something over the panes.
fn show(model: &mut Model, overlay: Overlay) {
    model.overlay = Some(overlay);
    model.dirty = true;
}
