//! A small world for tests: records in memory, a log, and a way to see a screen as text with its styles.

mod answers;
mod curves;
mod lanes;
mod log;
mod picture;
mod records;
mod screen;
mod world;

pub use curves::news;
pub use lanes::Lane;
pub use picture::canvas;
pub use records::{at, run};
pub use screen::{draw, dump, glyphs, styles};
pub use world::World;
