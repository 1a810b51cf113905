//! A patch, applied to a run.

use crate::model::{Run, Time};
use crate::store::RunPatch;

/// Changes the run. Its place in the order of ends is the store's to give: see [`wants_end_id`].
pub fn apply(run: &mut Run, patch: &RunPatch) {
    let RunPatch {
        status,
        attempt,
        box_name,
        attempt_time,
        end_time,
        exit_code,
        signal,
        end_reason,
        console_bytes,
        restarts,
        charged,
        node_failures,
        not_before,
        cancel_time,
        gpu_ids,
        description,
        hparams,
        tags,
        clear_tags,
    } = patch.clone();
    run.last_time = Time::now();
    set(&mut run.status, status);
    set(&mut run.attempt, attempt);
    set(&mut run.exit_code, exit_code);
    set(&mut run.signal, signal);
    set(&mut run.end_reason, end_reason);
    set(&mut run.console_bytes, console_bytes);
    set(&mut run.restarts, restarts);
    set(&mut run.charged, charged);
    set(&mut run.node_failures, node_failures);
    set(&mut run.not_before, not_before);
    set(&mut run.gpu_ids, gpu_ids);
    set(&mut run.description, description);
    run.box_name = box_name.or_else(|| run.box_name.take());
    run.cancel_time = cancel_time.or(run.cancel_time);
    if let Some(time) = attempt_time {
        run.attempt_time = Some(time);
        if run.start_time.is_none() {
            run.start_time = Some(time);
            run.queue_duration = Some(time.since(run.create_time).as_secs_f64());
        }
    }
    if let Some(time) = end_time {
        run.end_time = Some(time);
        run.run_duration = run.start_time.map(|start| time.since(start).as_secs_f64());
    }
    run.hparams.extend(hparams);
    run.tags.extend(tags);
    for tag in clear_tags {
        run.tags.shift_remove(&tag);
    }
}

/// Whether a run has ended and has no place yet in the order in which the runs of its workspace ended.
pub const fn wants_end_id(run: &Run) -> bool {
    run.status.is_final() && run.end_id.is_none()
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
