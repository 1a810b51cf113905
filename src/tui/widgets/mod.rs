//! Pieces the panes are drawn with; they know nothing of the model.

pub mod field;
pub mod frame;
pub mod text;
