//! Pictures on a screen of cells.
//!
//! | file | what |
//! | --- | --- |
//! | [`way`] | by which protocol a terminal shows pictures, as far as it is known |
//! | [`means`] | all that decides what a picture looks like on a terminal |
//! | [`canvas`] | the room there is for a picture, and a picture drawn for it |
//!
//! A picture is scaled and encoded for its room once, in a task. The cells that come of it are copied into
//! each frame, so a frame in which the picture is as it was sends nothing.

mod canvas;
mod means;
mod way;

pub use canvas::{Canvas, Cells, forget};
pub use means::Means;
pub use way::{Pictures, Way, Ways};
