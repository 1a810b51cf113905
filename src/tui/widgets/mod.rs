//! Pieces the panes are drawn with.

pub mod overlay;
pub mod text;
