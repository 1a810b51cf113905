//! The background tasks: stopping them, and clearing away those that have ended.

use super::super::effect::Effect;
use super::super::model::{Model, Severity};

/// Stops the selected task: one that waits never begins, one that works ends where it can.
pub fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.selected_task() {
        Some(task) if task.state.is_open() => {
            effects.push(Effect::Stop { task: task.id, stoppable: task.stoppable });
        }
        Some(task) => {
            let said = format!("`{}` has ended already", task.title);
            model.tell(Severity::Warning, &said);
        }
        None => {}
    }
}

/// Forgets the tasks that have ended.
pub fn clear(model: &mut Model) {
    model.tasks.retain(|task| task.state.is_open());
    model.dirty = true;
}
