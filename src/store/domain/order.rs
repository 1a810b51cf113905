//! Lists of runs in memory: what matches, in which order, how many.

use crate::model::{Run, Scalar};
use crate::store::{RunKey, SortKey};

/// Runs that are looked at one after the other; of each what decides is kept, and nothing else.
pub struct Picked<'a> {
    order: &'a [SortKey],
    found: Vec<(Vec<Option<Scalar>>, RunKey)>,
}

impl<'a> Picked<'a> {
    /// An empty list that will have an order.
    pub const fn new(order: &'a [SortKey]) -> Self {
        Self { order, found: Vec::new() }
    }

    /// Takes a run in.
    pub fn take(&mut self, id: i64, run: &Run) {
        let fields = self.order.iter().map(|key| run.field(&key.field)).collect();
        self.found.push((fields, RunKey { id, status: run.status }));
    }

    /// The list. Runs that are equal by the order stay as they came.
    pub fn sorted(mut self) -> Vec<RunKey> {
        self.found.sort_by(|(a, _), (b, _)| {
            let pairs = a.iter().zip(b).zip(self.order);
            pairs
                .map(|((a, b), key)| compare(a.as_ref(), b.as_ref(), key.descending))
                .find(|o| o.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        self.found.into_iter().map(|(_, key)| key).collect()
    }
}

/// Sorting as lists do it: what has no value comes last in either direction.
fn compare(a: Option<&Scalar>, b: Option<&Scalar>, descending: bool) -> std::cmp::Ordering {
    match (a, b) {
        (Some(a), Some(b)) if descending => b.order(a),
        (Some(a), Some(b)) => a.order(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// Cuts a list to its beginning or its end.
pub fn ends(mut keys: Vec<RunKey>, first: Option<usize>, last: Option<usize>) -> Vec<RunKey> {
    if let Some(first) = first {
        keys.truncate(first);
    }
    if let Some(last) = last {
        keys.drain(..keys.len().saturating_sub(last));
    }
    keys
}
