//! Blocks of metric history.

/// A block that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("a block of metric history cannot be read: {0}")]
pub struct SegmentError(pub String);
