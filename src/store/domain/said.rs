//! What a run said, taken into its record.

use crate::model::metric::Point;
use crate::model::{Run, Time};
use crate::store::{MetricBatch, NewPoint, StoreError};

/// Whether a batch is to be taken in when its file was taken in so far: it was before, or it goes on from there. One that
/// does neither is refused, or its reader would go on behind what nobody has.
pub fn is_new(batch: &MetricBatch, at: u64) -> Result<bool, StoreError> {
    if at == batch.from || at >= batch.to {
        return Ok(at == batch.from);
    }
    let (run, file) = (batch.run.to_string(), batch.source.clone());
    Err(StoreError::Elsewhere { run, file, at, from: batch.from })
}

/// Takes the values of a batch into the record of its run: hyperparameters, tags, the latest value of each metric.
pub fn take(run: &mut Run, batch: &MetricBatch) {
    run.hparams.extend(batch.hparams.clone());
    run.tags.extend(batch.tags.clone());
    for (name, point) in latest(&batch.points) {
        if run.metrics.insert(name.to_owned(), point.value.clone()).is_none() {
            run.metric_names.push(name.to_owned());
        }
    }
    run.last_time = Time::now();
}

/// The last point of each metric.
pub fn latest(points: &[NewPoint]) -> indexmap::IndexMap<&str, &NewPoint> {
    points.iter().map(|point| (point.name.as_str(), point)).collect()
}

/// The points of each metric, when the run has logged so many times before.
pub fn by_metric(points: &[NewPoint], calls: u64) -> indexmap::IndexMap<&str, Vec<Point>> {
    let mut of_metric = indexmap::IndexMap::<&str, Vec<Point>>::new();
    for NewPoint { name, step, time, value, call } in points {
        let point = Point { index: calls + call, step: *step, value: value.clone(), time: *time };
        of_metric.entry(name).or_default().push(point);
    }
    of_metric
}
