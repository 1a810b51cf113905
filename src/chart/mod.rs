//! Series of metrics made drawable. No UI: faces give the cells their colours.
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`series`] | points in the order of x, with a [`pyramid`] of extremes: what is drawn costs the screen, not the history |
//! | [`curve`] | a series with name, colour and its [`smooth`]ed twin |
//! | [`scale`], [`ticks`] | linear and logarithmic axes, round values, labels |
//! | [`view`] | zoom, pan, fit, cursor |
//! | [`trace`], [`raster`] | points into columns, columns into Braille dots or signs |
//! | [`figure`] | a chart in cells, with axes |
//! | [`picture`] | charts as SVG and PNG |
//!
//! A live chart: [`Curve::extend`] with each batch, [`Chart::figure`] for each frame.

pub mod curve;
pub mod figure;
pub mod picture;
pub mod pyramid;
pub mod raster;
pub mod scale;
pub mod series;
pub mod smooth;
mod sparkline;
pub mod ticks;
pub mod trace;
pub mod view;

pub use curve::Curve;
pub use figure::{Area, Cell, Chart, Entry, Figure, Ink};
pub use raster::{Glyphs, sign};
pub use scale::{Scale, Spread};
pub use series::Series;
pub use sparkline::sparkline;
pub use ticks::Unit;
pub use view::{View, Window};
