//! Series of metrics made drawable. No UI.

mod sparkline;

pub use sparkline::sparkline;
