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
