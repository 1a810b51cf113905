//! The history of metrics.

use serde::Serialize;

use super::{Scalar, Time};

/// One value of one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Which log call of the run it came with, counted from 0: points of one call share it.
    #[serde(skip)]
    pub index: u64,
    /// The step the script gave (an epoch, an iteration), if it gave one.
    pub step: Option<f64>,
    /// The value.
    pub value: Scalar,
    /// When it was logged.
    pub time: Time,
}

/// The points of one metric of a run, in the order of their log calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The metric's name, as the script gave it.
    pub name: String,
    /// Its points.
    pub points: Vec<Point>,
}

/// The same as columns of numbers, from which charts are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// The metric's name, as the script gave it.
    pub name: String,
    /// The log call of each point ([`Point::index`]).
    pub calls: Vec<u64>,
    /// The step of each point, `NaN` where the script gave none.
    pub steps: Vec<f64>,
    /// When each was logged.
    pub times: Vec<Time>,
    /// The value of each, `NaN` where it is no number.
    pub values: Vec<f64>,
}

impl Numbers {
    /// How many points there are.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no point.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Forgets the points before this one.
    pub fn forget_before(&mut self, first: usize) {
        let first = first.min(self.len());
        self.calls.drain(..first);
        self.steps.drain(..first);
        self.times.drain(..first);
        self.values.drain(..first);
    }
}
