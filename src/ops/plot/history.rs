//! The history of metrics as it is read for curves: one that is damaged is no reason to do without the others.

use std::collections::HashMap;

use crate::model::RunPath;
use crate::model::metric::Numbers;
use crate::ops::{Context, Result};
use crate::store::{Seen, StoreError};

/// A metric's history, or why it cannot be read.
pub type History = std::result::Result<Numbers, String>;

/// The histories of some metrics of a run by their names, without the points that were seen; those without points are
/// left out. Fails where nothing of the run can be read.
pub fn histories(
    ctx: &Context,
    run: &RunPath,
    names: &[String],
    seen: &Seen,
) -> Result<HashMap<String, History>> {
    match (ctx.records.numbers(run, names, seen), names) {
        (Ok(all), _) => Ok(all.into_iter().map(|numbers| (numbers.name.clone(), Ok(numbers))).collect()),
        (Err(StoreError::Segment(error)), [name]) => {
            let why = format!("{error}: run `xt check store`");
            Ok(HashMap::from([(name.clone(), Err(why))]))
        }
        // One of them is damaged: each for itself.
        (Err(StoreError::Segment(_)), [_, _, ..]) => {
            let one = |name| histories(ctx, run, std::slice::from_ref(name), seen);
            let all: Vec<_> = names.iter().map(one).collect::<Result<_>>()?;
            Ok(all.into_iter().flatten().collect())
        }
        (Err(error), _) => Err(error.into()),
    }
}
