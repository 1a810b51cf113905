//! xt: a terminal cockpit for machine-learning experiments.
//!
//! One library, two faces. The floors, from the ground up (nothing imports upwards; `tests/house` holds it):
//!
//! | floor | modules |
//! | --- | --- |
//! | what exists | [`model`] |
//! | pure engines | [`config`], [`help`], [`log`], [`chart`], [`report`] |
//! | where it is kept, and what runs it | [`store`], and on it the [`node`] |
//! | one file a verb | [`ops`] |
//! | the faces | [`cli`], [`tui`] |

pub mod chart;
pub mod cli;
pub mod config;
pub mod help;
pub mod log;
pub mod model;
pub mod node;
pub mod ops;
pub mod report;
pub mod store;
pub mod tui;
